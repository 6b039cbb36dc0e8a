"""Answers that are not made of entities: quota, weights, roles, maintenance, profiles, who
leads.

They are asked for like any operator asks, time and again while somebody follows, and seldom when that takes
long. It decides nothing, and opens no socket.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from api.wire.content import JSON, encode
from api.wire.v1 import master
from orchestrator.replies import Answer, Reply
from store.port import StoreFailed

log = logging.getLogger(__name__)

T = master.CallType

FOLLOWED: Final = (
    T.GET_MASTER,
    T.GET_QUOTA,
    T.GET_WEIGHTS,
    T.GET_MAINTENANCE_SCHEDULE,
    T.GET_MAINTENANCE_STATUS,
    T.GET_PROFILES,
    T.GET_ROLES,
)
"""The calls whose answers are told to followers; last what takes longest."""

SHARE: Final = 0.05
"""Of the event loop's time that making one document anew and anew may take: those that take long are made
seldom, and standbys say that they are older."""

FIRST_SECONDS: Final = 0.25
"""How long the first answer to a follower waits for them; what is not made by then is told in a later one."""

MAX_BYTES: Final = 16 * 2**20
"""Of one document; a longer one is not told, and standbys send who asks for it to the leader."""


@dataclass(frozen=True, slots=True)
class Made:
    """`began`: when it was asked for; it is of no earlier moment. `due`: when it is asked for again."""

    body: bytes
    began: float
    due: float


class Documents:
    """Keeps them. `clock`: seconds, steady."""

    def __init__(self, ask: Callable[[master.Call], Awaitable[Reply]], clock: Callable[[], float]) -> None:
        self._ask = ask
        self._clock = clock
        self._making: asyncio.Task[None] | None = None
        self.made: dict[T, Made] = {}
        """A body stays the same object while it says the same."""

    async def refresh(self) -> None:
        """Begin to make what is due; the first time wait for it, `FIRST_SECONDS` at most."""
        if self._making is None or self._making.done():
            self._making = asyncio.ensure_future(self._make())
        if not self.made:
            await asyncio.wait({self._making}, timeout=FIRST_SECONDS)

    async def _make(self) -> None:
        for call in FOLLOWED:
            last = self.made.get(call)
            began = self._clock()
            if last is not None and began < last.due:
                continue
            try:
                answer = await self._ask(master.Call(type=call))
            except StoreFailed:
                return
            except Exception:
                log.exception("%s cannot be told to standbys: report this", call)
                continue
            ended = self._clock()
            body = _body(call, answer)
            if len(body) > MAX_BYTES:
                self.made.pop(call, None)
                continue
            same = last is not None and last.body == body
            kept = last.body if last is not None and same else body
            self.made[call] = Made(kept, began, ended + (ended - began) / SHARE)


def _body(call: T, reply: Reply) -> bytes:
    assert isinstance(reply, Answer)
    assert reply.message is not None
    return encode(getattr(reply.message, call.lower()), JSON)
