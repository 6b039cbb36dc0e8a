"""The port that agents dial, whoever leads: each is taken in by the leader, or told where that one is.

    REGISTER -> this process leads: `agent_link` takes the connection over
             -> another leads: REFUSED, with the address of that one's port
             -> nobody leads yet, or only the leader that this agent cannot reach: it waits here for a moment,
                so that ten thousand agents without a leader ask once, and are told in the moment there is one

It takes in nothing of what an agent says but which epoch it has seen.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET, UnsetType

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.errors import WireError
from api.wire.frames import FrameDecoder, encode_frame
from api.wire.message import Message
from api.wire.v1 import link
from orchestrator.agent_link import CONNECTIONS_LIMIT, REGISTER_SECONDS, AgentLink, listen
from orchestrator.unregistered import Unregistered

log = logging.getLogger(__name__)

UNLED_SECONDS: Final = 5.0
"""An agent waits so long for somebody to lead; then it is told that nobody does, and asks another."""

UNREACHED_SECONDS: Final = 2.0
"""So long for another leader than the one that it cannot reach; then it is told of that one again."""

UNREAD_BYTES: Final = 64 * 1024
"""What an agent may say after REGISTER before it is answered (it says nothing); then its connection ends."""

TOGETHER: Final = 64
"""Waiting agents that are answered, or handed to the leader, in one turn of the event loop."""


@dataclass(frozen=True, slots=True)
class KnownLeader:
    epoch: int
    address: str
    """host:port that agents dial"""


class _Hello(Message, kw_only=True):
    highest_epoch: int | UnsetType = UNSET
    lost_leader: bool | UnsetType = UNSET


class _First(Message, kw_only=True):
    """What is read of an agent's first message."""

    type: link.AgentMessageType
    register: _Hello | UnsetType = UNSET


class LinkFront:
    """Listens, from the start of the process to its end."""

    def __init__(self, limit: int = CONNECTIONS_LIMIT) -> None:
        """`limit`: connections that wait here at once."""
        self._limit = limit
        self._server: asyncio.AbstractServer | None = None
        self._agents: AgentLink | None = None
        self._leader: KnownLeader | None = None
        self._waiting: dict[_Waiting, None] = {}
        self.unregistered = Unregistered()
        self._to_look_at: deque[_Waiting] = deque()
        """Those that wait, after who leads was another."""
        self._is_looking = False

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (a free one when `port` is 0). Raises OSError."""
        self._server, bound = await listen(self._connection, host, port)
        return bound

    def stop(self) -> None:
        """Listen no more, and let those go that wait."""
        if self._server is not None:
            self._server.close()
        for waiting in tuple(self._waiting):
            waiting.close()

    def lead(self, agents: AgentLink) -> None:
        """This process leads: agents that come, and those that wait here, are its own."""
        self._set(agents, None)

    def follow(self, leader: KnownLeader | None) -> None:
        """This process does not lead; `leader` does, or nobody that is known."""
        self._set(None, leader)

    def _set(self, agents: AgentLink | None, leader: KnownLeader | None) -> None:
        self._agents, self._leader = agents, leader
        self._to_look_at = deque(self._waiting)
        if self._to_look_at and not self._is_looking:
            self._is_looking = True
            self._look()

    def _look(self) -> None:
        for _ in range(min(TOGETHER, len(self._to_look_at))):
            waiting = self._to_look_at.popleft()
            if waiting in self._waiting:
                self.consider(waiting)
        self._is_looking = bool(self._to_look_at)
        if self._is_looking:
            asyncio.get_running_loop().call_soon(self._look)

    def _connection(self) -> asyncio.Protocol:
        return _Waiting(self) if self._agents is None else self._agents.connection()

    # What those that wait tell it.

    def arrived(self, waiting: _Waiting) -> bool:
        """False when there are too many."""
        if len(self._waiting) >= self._limit:
            return False
        self._waiting[waiting] = None
        self.unregistered.opened(waiting)
        return True

    def gone(self, waiting: _Waiting) -> None:
        self._waiting.pop(waiting, None)
        self.unregistered.over(waiting)

    def consider(self, waiting: _Waiting) -> None:
        """Hand it to the leader, tell it who leads, or have it wait for that."""
        leader = self._leader
        if self._agents is not None:
            waiting.become(self._agents.connection())
        elif waiting.seen is None:
            pass  # it has not said yet who it is
        elif leader is not None and (leader.epoch > waiting.seen or not waiting.has_lost):
            waiting.refuse(leader)
        else:
            waiting.wait(UNLED_SECONDS if leader is None else UNREACHED_SECONDS)

    def give_up(self, waiting: _Waiting) -> None:
        """It waited long enough."""
        waiting.refuse(self._leader)


class _Waiting(asyncio.Protocol):
    """An agent's connection to an orchestrator that does not lead."""

    __slots__ = ("_begun", "_decoder", "_front", "_timer", "_transport", "_unread", "has_lost", "seen")

    def __init__(self, front: LinkFront) -> None:
        self._front = front
        self._decoder = FrameDecoder()
        self._begun = b""
        """All that it said; with a leader it is said to that one."""
        self._unread = 0
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.seen: int | None = None
        """The highest epoch that the agent knows; None before it registers."""
        self.has_lost = False
        """It cannot reach the leader of that epoch."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._front.arrived(self):
            self._timer = asyncio.get_running_loop().call_later(REGISTER_SECONDS, self.close)
        else:
            transport.close()

    def data_received(self, data: bytes) -> None:
        if self._transport is None:
            return
        self._begun += data
        self._front.unregistered.said(self, len(data))
        if self.seen is not None:
            self._unread += len(data)
            if self._unread > UNREAD_BYTES:
                log.warning("an agent goes on talking before it is answered: its connection is closed")
                self.close()
            return
        try:
            frames = self._decoder.feed(data)
            if frames:
                hello = decode_msgpack(_First, frames[0]).register
                if hello is UNSET:
                    raise WireError("its first message was not REGISTER")
                self.seen = hello.highest_epoch if isinstance(hello.highest_epoch, int) else 0
                self._front.unregistered.complete(self)
                self.has_lost = hello.lost_leader is True
                self._front.consider(self)
        except WireError as error:
            log.warning("an agent sent what cannot be read: %s", error)
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._let_go()

    def become(self, connection: asyncio.Protocol) -> None:
        """The leader takes it over, with all that was said on it."""
        transport = self._let_go()
        if transport is not None and not transport.is_closing():
            transport.resume_reading()
            transport.set_protocol(connection)
            connection.connection_made(transport)
            if self._begun:
                connection.data_received(self._begun)

    # See `unregistered.Stranger`.

    def hold(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def go_on(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    def drop(self, reason: str) -> None:
        log.debug("an agent's connection is closed: %s", reason)
        self.close()

    def refuse(self, leader: KnownLeader | None) -> None:
        """Say who leads, and end the connection."""
        if self._transport is not None:
            self._transport.write(encode_frame(encode_msgpack(_refusal(leader))))
        self.close()

    def wait(self, seconds: float) -> None:
        """To be given up after that, whatever it waited before."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._front.give_up, self)

    def close(self) -> None:
        transport = self._let_go()
        if transport is not None:
            transport.close()

    def _let_go(self) -> asyncio.Transport | None:
        transport, self._transport = self._transport, None
        if self._timer is not None:
            self._timer.cancel()
        self._front.gone(self)
        return transport


def _refusal(leader: KnownLeader | None) -> link.OrchestratorMessage:
    refused = link.OrchestratorMessageRefused(message="no orchestrator leads at present", standby=True)
    if leader is not None:
        refused.message, refused.leader = f"the leader is at {leader.address}", leader.address
    return link.OrchestratorMessage(
        type=link.OrchestratorMessageType.REFUSED, epoch=leader.epoch if leader else 0, refused=refused
    )
