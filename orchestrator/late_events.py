"""Agents and providers that are told of a moment later, as they are by then.

Operations may change what an agent has many hundred times a second, and an event shows all that it has. So
whoever changes is told of once in a while, however often it changes, and telling takes a small part of the
event loop. It must not know how an event is made, or who is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from orchestrator.state import Agent, Provider, ProviderKey

WAIT_SECONDS = 0.1
"""From a change to the event that tells of it; what changes meanwhile is told together."""

SLICE_SECONDS = 0.002
"""Of the event loop's time for such events at once."""

REST = 29
"""After a slice comes a rest of so many times what it took: a thirtieth of the event loop goes to it at most.
Of an agent with a thousand volumes it is told some five times a second then, while they are made."""

Subject = Agent | Provider


class LateEvents:
    """Those that are to be told of. `tell` is called with each, and with the moment at which it changed last:
    it may find that there is nothing to tell.

    Bounded by what there is: an entity waits once, however often it changes.
    """

    def __init__(self, tell: Callable[[Subject, int], None]) -> None:
        self._tell = tell
        self._due: dict[str | ProviderKey, tuple[Subject, int]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._rest = 0.0

    def __len__(self) -> int:
        return len(self._due)

    def put(self, subject: Subject, moment: int) -> None:
        """It is different. Nothing is told before the event loop had other turns."""
        self._due[_key(subject)] = subject, moment
        if self._timer is None:
            wait = max(WAIT_SECONDS, self._rest)
            self._timer = asyncio.get_running_loop().call_later(wait, self._tell_some)

    def is_told(self, subject: Subject) -> None:
        """It was told of, as it is now, or is there no more."""
        self._due.pop(_key(subject), None)

    def _tell_some(self) -> None:
        loop = asyncio.get_running_loop()
        begin = now = loop.time()
        while self._due and now - begin < SLICE_SECONDS:
            self._tell(*self._due.pop(next(iter(self._due))))
            now = loop.time()
        self._rest = (now - begin) * REST
        self._timer = loop.call_later(self._rest, self._tell_some) if self._due else None


def _key(subject: Subject) -> str | ProviderKey:
    return subject.agent_id if isinstance(subject, Agent) else subject.key
