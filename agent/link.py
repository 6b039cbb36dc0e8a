"""The agent's side of its link to the orchestrator: register, stay in touch, come back.

    connect -> REGISTER -> REGISTERED -> everything the agent owes -> messages both ways
       ^                                                                    |
       +------------- wait (0.1 s doubling to 10 s, full jitter) <----------+  lost, silent, refused

With several orchestrators the next one is asked then, soon; one that does not lead says who does, and that
one is dialled at once.

The link keeps nothing that must survive: whatever has to reach the orchestrator is held by its
owner and stated again by `LinkHost.owe` after each registration. It does not understand tasks
or operations, and it opens no socket itself (`agent.connection`).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from msgspec import UnsetType

from agent.connection import Connection, ConnectionLost, Connector
from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.errors import WireError
from api.wire.v1 import link

if TYPE_CHECKING:
    import random  # noqa: TID251 - its type only

log = logging.getLogger(__name__)

Told = link.OrchestratorMessageType


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """Seconds, and what happens at each bound."""

    connect_timeout: float = 5.0
    """Nobody answered: tried again after the backoff."""
    register_timeout: float = 10.0
    """Nothing heard after REGISTER: the connection is closed and tried again."""
    first_backoff: float = 0.1
    max_backoff: float = 10.0
    """The wait before a new connection is a random part of a bound that doubles up to this."""
    refused_backoff: float = 60.0
    """After a refusal that the orchestrator calls permanent: someone has to change something first."""
    redirects: int = 3
    """In a row without a pause: orchestrators that name each other know nothing."""
    several_connect_timeout: float = 2.0
    """With several orchestrators: nobody answered, the next one is asked."""
    several_backoff: float = 0.5
    """With several, the longest bound of a wait, for a while…"""
    several_seconds: float = 60.0
    """…after the link was lost: as long as another one may be about to lead."""
    several_silence: float = 2.0
    """With several, heartbeats that may be missed before the leader counts as lost."""
    outbox: int = 10_000
    """Messages waiting to be sent. Beyond it the orchestrator is not reading: the connection is given
    up, and the next registration states everything again, so nothing is lost."""


class LinkHost(Protocol):
    """What the link asks of its agent."""

    def registration(self) -> link.AgentMessageRegister:
        """The agent as it is now, with every task it knows."""

    @property
    def highest_epoch(self) -> int:
        """The highest leadership obeyed so far; what is lower is refused."""

    async def registered(self, message: link.OrchestratorMessageRegistered, epoch: int) -> None:
        """Make the id, the epoch and what it has to do durable. `owe` follows."""

    def gone(self, why: str) -> None:
        """An operator removed this agent for good. There will be no registration any more."""

    def owe(self) -> None:
        """Send, or begin to send, all that the orchestrator has to be told after a registration."""

    def disconnected(self) -> None:
        """What is sent from here on goes nowhere, until `owe` is called again."""

    def received(self, message: link.OrchestratorMessage) -> None:
        """Take a message. It must not wait: the next one follows at once, in order."""


class StaleOrchestrator(Exception):
    """It speaks for a leadership that has been replaced; its messages must not be obeyed."""


class Refused(Exception):
    """The orchestrator does not take this agent; its message says who must act."""

    def __init__(self, message: str, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class Standby(Exception):
    """It does not lead. `leader`: who does, as HOST:PORT; empty when it does not know."""

    def __init__(self, message: str, leader: str) -> None:
        super().__init__(message)
        self.leader = leader


class Ended(Enum):
    """How an attempt ended."""

    LOST = auto()
    """There was nobody, or there is not any more."""
    REFUSED = auto()
    """Trying again soon cannot help."""
    REDIRECTED = auto()
    """Another one was named, and is dialled next."""


class Link:
    """Keeps one connection to the orchestrator, for as long as `run` runs."""

    def __init__(
        self,
        connector: Connector,
        host: LinkHost,
        rng: random.Random,
        limits: LinkLimits = LinkLimits(),
    ) -> None:
        self._connector = connector
        self._host = host
        self._rng = rng
        self._limits = limits
        self._outbox: _Outbox | None = None
        self._heartbeat = 5.0
        self._timeout = 20.0
        self._has_lost = False
        """Since it was registered last: the leader cannot be reached, or could not be."""
        self._lost_at = 0.0
        self.last_error: str | None = None
        """Why there is no connection, for those who look after this agent."""
        self.registrations = 0

    @property
    def connected(self) -> bool:
        """Whether messages that are sent now have somewhere to go."""
        return self._outbox is not None

    def send(self, message: link.AgentMessage) -> None:
        """Queue a message. Without a registration it is dropped: its owner states it again after one."""
        if self._outbox is not None:
            self._outbox.put(message)

    async def run(self) -> None:
        """Connect, serve, reconnect; for ever. Only cancellation ends it, or a failing store."""
        bound, redirects = self._limits.first_backoff, 0
        self._lost_at = asyncio.get_running_loop().time()
        while True:
            before = self.registrations
            ended = await self._attempt()
            if self.registrations > before:
                bound, redirects = self._limits.first_backoff, 0
            if ended is Ended.REDIRECTED and redirects < self._limits.redirects:
                redirects += 1
                continue
            redirects = 0
            await asyncio.sleep(self._pause(ended, bound))
            bound = min(self._limits.max_backoff, bound * 2)

    def _pause(self, ended: Ended, bound: float) -> float:
        if ended is Ended.REFUSED:
            return self._limits.refused_backoff
        away = asyncio.get_running_loop().time() - self._lost_at
        if self._connector.several and away < self._limits.several_seconds:
            bound = min(bound, self._limits.several_backoff)
        return self._rng.uniform(0.0, bound)

    async def _attempt(self) -> Ended:
        """One connection from its beginning to its end."""
        limits = self._limits
        patience = limits.several_connect_timeout if self._connector.several else limits.connect_timeout
        try:
            async with asyncio.timeout(patience):
                connection = await self._connector.connect()
        except (ConnectionLost, TimeoutError) as error:
            self._note(f"the orchestrator cannot be reached: {str(error) or 'no answer'}", logging.DEBUG)
            self._has_lost = True
            return Ended.LOST
        try:
            await self._serve(connection)
        except Refused as refusal:
            self._note(f"the orchestrator refuses this agent: {refusal}", logging.ERROR)
            return Ended.REFUSED if refusal.permanent else Ended.LOST
        except Standby as standby:
            self._note(f"the orchestrator does not lead: {standby}", logging.DEBUG)
            return self._redirected(standby.leader)
        except (ConnectionLost, TimeoutError, WireError, StaleOrchestrator) as error:
            self._note(
                f"the link to the orchestrator is lost: {str(error) or 'nothing heard'}", logging.WARNING
            )
            self._has_lost = True
        finally:
            if self._outbox is not None:
                self._outbox = None
                self._lost_at = asyncio.get_running_loop().time()
                self._host.disconnected()
            await connection.close()
        return Ended.LOST

    def _redirected(self, leader: str) -> Ended:
        try:
            self._connector.redirected(leader)
        except ValueError:  # none, or an address that nobody can dial
            return Ended.LOST
        return Ended.REDIRECTED

    async def _serve(self, connection: Connection) -> None:
        await self._register(connection)
        outbox = self._outbox = _Outbox(self._limits.outbox)
        self._host.owe()
        self.registrations += 1
        self.last_error, self._has_lost = None, False
        jobs = (
            asyncio.create_task(self._write(connection, outbox), name="link-write"),
            asyncio.create_task(self._read(connection), name="link-read"),
        )
        try:
            done, _ = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
            for job in done:
                job.result()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)

    async def _register(self, connection: Connection) -> None:
        """Introduce this agent and wait for the answer. Raises Refused, StaleOrchestrator, TimeoutError."""
        register = self._host.registration()
        if self._has_lost:
            register.lost_leader = True
        hello = link.AgentMessage(type=link.AgentMessageType.REGISTER, register=register)
        async with asyncio.timeout(self._limits.register_timeout):
            await connection.send(encode_msgpack(hello))
        answer = await self._answer(connection)
        if answer.type is Told.REFUSED:
            self._refused(answer.refused)
        registered = answer.registered
        if answer.type is not Told.REGISTERED or not isinstance(
            registered, link.OrchestratorMessageRegistered
        ):
            raise ConnectionLost(f"REGISTER was answered with {answer.type}")
        self._check_epoch(answer)
        await self._host.registered(registered, answer.epoch)
        self._heartbeat = max(0.01, registered.heartbeat_interval_seconds)
        self._timeout = max(self._heartbeat, registered.timeout_seconds)
        if self._connector.several:
            self._timeout = min(self._timeout, self._heartbeat * self._limits.several_silence)

    async def _answer(self, connection: Connection) -> link.OrchestratorMessage:
        """To REGISTER. Where many register at once, heartbeats come before it: it is not their turn yet."""
        while True:
            async with asyncio.timeout(self._limits.register_timeout):
                frame = await connection.receive()
            answer = decode_msgpack(link.OrchestratorMessage, frame)
            if answer.type is not Told.HEARTBEAT:
                return answer
            self._check_epoch(answer)

    def _refused(self, refused: link.OrchestratorMessageRefused | UnsetType) -> None:
        """Raises Refused, or Standby."""
        if not isinstance(refused, link.OrchestratorMessageRefused):
            raise Refused("no reason", permanent=False)
        if refused.standby is True:
            raise Standby(refused.message, refused.leader if isinstance(refused.leader, str) else "")
        if refused.gone is True:
            self._host.gone(refused.message)
        raise Refused(refused.message, refused.permanent is True)

    def _check_epoch(self, message: link.OrchestratorMessage) -> None:
        if message.epoch < self._host.highest_epoch:
            raise StaleOrchestrator(
                f"an orchestrator of epoch {message.epoch} spoke, and this agent obeys "
                f"epoch {self._host.highest_epoch}"
            )

    async def _write(self, connection: Connection, outbox: _Outbox) -> None:
        heartbeat = link.AgentMessage(
            type=link.AgentMessageType.HEARTBEAT, heartbeat=link.AgentMessageHeartbeat()
        )
        while True:
            messages = await outbox.take(self._heartbeat)
            frames = [encode_msgpack(message) for message in messages or (heartbeat,)]
            async with asyncio.timeout(self._timeout):
                await connection.send(*frames)

    async def _read(self, connection: Connection) -> None:
        while True:
            async with asyncio.timeout(self._timeout):
                frame = await connection.receive()
            message = decode_msgpack(link.OrchestratorMessage, frame)
            self._check_epoch(message)
            if message.type is not Told.HEARTBEAT:
                self._host.received(message)

    def _note(self, text: str, level: int) -> None:
        log.log(level, text)
        self.last_error = text


TOGETHER = 100
"""Messages that are written at once at most; the transport is waited for in between."""


class _Outbox:
    """Messages of one connection that wait to be sent, in order."""

    def __init__(self, limit: int) -> None:
        self._messages: deque[link.AgentMessage] = deque()
        self._limit = limit
        self._arrived = asyncio.Event()
        self._overflown = False

    def put(self, message: link.AgentMessage) -> None:
        if len(self._messages) >= self._limit:
            self._overflown = True
        else:
            self._messages.append(message)
        self._arrived.set()

    async def take(self, patience: float) -> list[link.AgentMessage]:
        """The next messages, so many as go out together; none when none came for `patience` seconds.

        Raises ConnectionLost when full.
        """
        while not self._messages and not self._overflown:
            self._arrived.clear()
            try:
                async with asyncio.timeout(patience):
                    await self._arrived.wait()
            except TimeoutError:
                return []
        if self._overflown:
            raise ConnectionLost(f"the orchestrator let {self._limit} messages wait")
        return [self._messages.popleft() for _ in range(min(TOGETHER, len(self._messages)))]
