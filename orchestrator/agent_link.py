"""The socket that agents dial: frames in, messages out, and who has fallen silent.

An edge: it turns bytes into messages and back, and connections into sessions. What messages mean
is the business of `agents`. There may be tens of thousands of connections: each is one small object, without
a task, a buffer or a timer of its own.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable
from typing import Final

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.errors import WireError
from api.wire.frames import FrameDecoder, encode_frame
from api.wire.registration import read_first
from api.wire.v1 import link
from orchestrator.admissions import Admissions
from orchestrator.agents import Agents, Registering, RegistrationRefused
from orchestrator.turns import Turns
from orchestrator.unregistered import Unregistered
from store.port import StoreFailed

log = logging.getLogger(__name__)

CONNECTIONS_LIMIT = 50_000
"""Open connections, if there are descriptors for so many; a further one is closed: its agent backs off."""

SEND_BUFFER_LIMIT = 64 * 2**20
"""Bytes that may wait for one agent; beyond it the agent is taken for lost and its link is closed."""

REGISTER_SECONDS = 10.0
"""A connection that has not sent its registration by then is closed. Who has sent it may have to wait longer
for its turn, and hears heartbeats meanwhile."""

TOGETHER = 4
"""Messages of one agent that are taken in before others have their turn. What many have in common is done
for all in one go (a write, a send); without turns a burst would stay one and wait for itself all the way.
While messages of an agent wait, nothing more is read of it."""

ACCEPTED_AT_ONCE: Final = 64
"""Connections that are taken in one turn of the event loop."""

BACKLOG: Final = 4_096
"""Connections that wait to be accepted, as far as the kernel allows; a further one is tried again by TCP."""

LOOKED_AT_ONCE: Final = 200
"""Agents that are looked at in one turn of the event loop; each may get a heartbeat."""

LATE_SECONDS: Final = 2.0
"""A look that comes so late finds nobody silent: it is this process that was."""

TOGETHER_SECONDS: Final = 0.005
"""Between two turns of that: who is due meanwhile is looked at together."""

LOOKS: Final = 4
"""So often in a heartbeat's interval it is looked whether an agent has fallen silent."""


async def listen(
    factory: Callable[[], asyncio.BaseProtocol], host: str, port: int
) -> tuple[asyncio.AbstractServer, int]:
    """Listen for agents; the server and the port (a free one when `port` is 0). Raises OSError."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(factory, host, port, backlog=ACCEPTED_AT_ONCE)
    for each in server.sockets:
        if hasattr(each, "fileno"):  # those of a simulated network have none
            listening = socket.socket(fileno=each.fileno())
            listening.listen(BACKLOG)
            listening.detach()
    bound: int = server.sockets[0].getsockname()[1]
    return server, bound


class AgentConnection(asyncio.Protocol):
    """One agent's link. It is a `Session` for messages to the agent."""

    __slots__ = (
        *("_agents", "_closed", "_decoder", "_flushing", "_is_paused", "_link", "_received", "_registering"),
        "_is_held",
        *("_taking", "_to_send", "_transport", "agent_id", "heard", "heartbeat_due"),
    )

    def __init__(self, agent_link: AgentLink, agents: Agents, now: float) -> None:
        self._link = agent_link
        self._agents = agents
        self._decoder = FrameDecoder()
        self._received: deque[bytes] = deque()
        self._to_send: list[bytes] = []
        self._transport: asyncio.Transport | None = None
        self._registering = False
        self._taking = self._flushing = self._is_paused = self._is_held = False
        self._closed = False
        self.agent_id: str | None = None
        self.heard = now
        """When something was last heard of it, by the event loop's time; before it is registered, since when
        it may say who it is."""
        self.heartbeat_due = now

    @property
    def waits(self) -> bool:
        """Whether it is not its fault that it is not registered: it asked, or is not read now."""
        return self._registering or self._is_held

    # See `unregistered.Stranger`.

    def hold(self) -> None:
        if self._transport is not None and not self._is_held:
            self._is_held = True
            self._transport.pause_reading()

    def go_on(self) -> None:
        if self._transport is not None and self._is_held:
            self._is_held, self.heard = False, asyncio.get_running_loop().time()
            self._transport.resume_reading()

    # What the rooms ask of it.

    def send(self, message: link.OrchestratorMessage) -> None:
        """Queue a message. A link whose agent reads too slowly is closed."""
        self.send_frame(encode_frame(encode_msgpack(message)))

    def send_frame(self, frame: bytes) -> None:
        """The same of one that is encoded."""
        if not self._closed and self._transport is not None:
            self._to_send.append(frame)
            if not self._flushing:
                self._flushing = True
                asyncio.get_running_loop().call_soon(self._flush)

    def close(self, reason: str) -> None:
        """End the link. Nothing that it still receives is taken in."""
        if not self._closed:
            self._closed = True
            log.info("closing the link of agent %s: %s", self.agent_id or "(none yet)", reason)
            if self._transport is not None:
                self._flush()
                self._transport.close()

    def abandon(self, reason: str) -> None:
        """End the link, and tell no room of it: there is no leader any more who has to know."""
        self.agent_id = None
        self._closed = True
        log.debug("closing a link: %s", reason)
        if self._transport is not None:
            self._flush()
            self._transport.close()

    def drop(self, reason: str) -> None:
        """End it without a word: what waits for the agent would not reach it."""
        if not self._closed:
            log.info("link of agent %s: %s", self.agent_id or "(none yet)", reason)
        self._closed = True
        if self._transport is not None:
            self._transport.abort()

    def _flush(self) -> None:
        """All that was said in one turn of the event loop goes out in one write."""
        self._flushing = False
        frames, self._to_send = self._to_send, []
        if self._transport is None or not frames:
            return
        self._transport.write(frames[0] if len(frames) == 1 else b"".join(frames))
        if not self._closed and self._transport.get_write_buffer_size() > SEND_BUFFER_LIMIT:
            self.drop(f"more than {SEND_BUFFER_LIMIT} bytes wait for it")

    # What the event loop tells it.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not self._link.opened(self):
            self._closed = True
            transport.close()

    def data_received(self, data: bytes) -> None:
        if self._closed:
            return
        if self.agent_id is not None:
            self.heard = asyncio.get_running_loop().time()
        else:
            self._link.unregistered.said(self, len(data))
        try:
            self._received += self._decoder.feed(data)
        except WireError as error:
            self._unreadable(error)
            return
        if not self._taking:
            self._take_some()
        if self._received and not self._is_paused and not self._is_held and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None and not self._closed:
            log.info("link of agent %s: %s", self.agent_id or "(none yet)", exc)
        self._closed, self._transport = True, None
        self._received.clear()
        self._link.unregistered.over(self)
        self._link.lost(self)
        if self.agent_id is not None:
            self._agents.disconnected(self.agent_id, self)

    # What the agent says.

    def _take_some(self) -> None:
        self._taking = False
        for _ in range(TOGETHER):
            late = self.agent_id is not None and self._link.turns.is_over  # who registers waits elsewhere
            if not self._received or self._registering or self._closed or late:
                break
            try:
                self._take(self._received.popleft())
            except WireError as error:
                self._unreadable(error)
            except Exception:  # a fault of ours: of this agent nothing more is taken in until it is back
                log.exception("a message of agent %s could not be taken in: report this", self.agent_id)
                self.close("its message could not be taken in")
        if self._registering or self._closed:
            return
        if self._received:
            self._taking = True
            self._link.turns.later(self._take_some)
        elif self._is_paused and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()

    def _take(self, frame: bytes) -> None:
        if self.agent_id is None:
            self._registering = True
            self._link.unregistered.complete(self)
            self._link.admissions.add(lambda: self._register(frame))
            return
        if frame == self._link.heard_last:
            return
        message = decode_msgpack(link.AgentMessage, frame)
        if message.type is link.AgentMessageType.HEARTBEAT:
            self._link.heard_last = frame
        elif isinstance(message.register, link.AgentMessageRegister):
            self.close("it registered twice")
        else:
            self._agents.message(self.agent_id, message)

    def _unreadable(self, error: WireError) -> None:
        log.warning("agent %s sent what cannot be read: %s", self.agent_id, error)
        self.close("it sent what cannot be read")

    def _register(self, frame: bytes) -> None:
        """Its turn has come to be admitted."""
        if self._closed:
            return
        try:
            call = read_first(frame)
            if call is None:
                self.close("its first message was not REGISTER")
            elif isinstance(call.highest_epoch, int) and call.highest_epoch > self._link.epoch:
                epochs = f"epoch {self._link.epoch} is over: the agent has seen epoch {call.highest_epoch}"
                self._refuse(epochs)
            else:
                registering = self._agents.admit(call, self)
                registering.durable.add_done_callback(lambda _: self._registered(registering))
        except RegistrationRefused as refusal:
            self._refuse(str(refusal), gone=refusal.gone, permanent=refusal.permanent)
        except WireError as error:
            self._unreadable(error)
        except Exception:
            log.exception("a registration failed: report this")
            self.close("its registration failed")

    def _registered(self, registering: Registering) -> None:
        self._registering = False
        self._link.unregistered.over(self)
        self.heard = asyncio.get_running_loop().time()  # it had nothing to say while it waited
        try:
            self.agent_id = self._agents.admitted(registering)
        except RegistrationRefused as refusal:
            self._refuse(str(refusal), gone=refusal.gone, permanent=refusal.permanent)
        except StoreFailed as error:  # the journal has told the daemon, which stops
            log.log(
                logging.DEBUG if self._closed else logging.WARNING, "an agent cannot be registered: %s", error
            )
            self.close("it cannot be registered")
        else:
            if self._transport is None:  # lost meanwhile
                self._agents.disconnected(self.agent_id, self)
            else:
                self._take_some()

    def _refuse(self, reason: str, *, gone: bool = False, permanent: bool = False) -> None:
        refused = link.OrchestratorMessageRefused(message=reason)
        if permanent:
            refused.permanent = True
        if gone:
            refused.gone = True
        self.send(
            link.OrchestratorMessage(
                type=link.OrchestratorMessageType.REFUSED, epoch=self._link.epoch, refused=refused
            )
        )
        self.close(reason)


class AgentLink:
    """All links, and the clockwork that looks after them."""

    def __init__(
        self,
        agents: Agents,
        epoch: int,
        *,
        heartbeat_interval: float,
        timeout: float,
        limit: int = CONNECTIONS_LIMIT,
    ) -> None:
        """Seconds; `limit`: connections at once."""
        self.epoch = epoch
        self._limit = limit
        self.admissions = Admissions()
        self.turns = Turns()
        self.unregistered = Unregistered()
        self._agents = agents
        self._interval = heartbeat_interval
        self._timeout = timeout
        self._heartbeat = encode_frame(
            encode_msgpack(
                link.OrchestratorMessage(
                    type=link.OrchestratorMessageType.HEARTBEAT,
                    epoch=epoch,
                    heartbeat=link.OrchestratorMessageHeartbeat(),
                )
            )
        )
        self.heard_last: bytes | None = None
        """A heartbeat as agents write it: they say nothing else most of the time, and all say it alike."""
        self._connections: set[AgentConnection] = set()
        self._to_look_at: deque[tuple[float, AgentConnection]] = deque()
        """When each is looked at next, earliest first: all wait equally long."""
        self._is_looking = False

    def connection(self) -> AgentConnection:
        """The protocol of a connection that an agent has opened."""
        return AgentConnection(self, self._agents, asyncio.get_running_loop().time())

    def close(self, reason: str) -> None:
        """This one leads no more: close every link. Agents go on by themselves and dial again."""
        self.admissions.clear()
        for connection in tuple(self._connections):
            connection.abandon(reason)

    # What connections tell it.

    def opened(self, connection: AgentConnection) -> bool:
        """False when there are too many."""
        if len(self._connections) >= self._limit:
            return False
        self._connections.add(connection)
        self.unregistered.opened(connection)
        self._to_look_at.append((connection.heard + self._interval / LOOKS, connection))
        connection.heartbeat_due = connection.heard + self._interval
        if not self._is_looking:
            self._is_looking = True
            asyncio.get_running_loop().call_later(self._interval / LOOKS, self._look)
        return True

    def lost(self, connection: AgentConnection) -> None:
        self._connections.discard(connection)

    # The clockwork.

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        left = LOOKED_AT_ONCE
        while left and self._to_look_at and self._to_look_at[0][0] <= now:
            left -= 1
            due, connection = self._to_look_at.popleft()
            if connection in self._connections:
                self._look_at(connection, now, is_late=now - due > LATE_SECONDS)
                self._to_look_at.append((now + self._interval / LOOKS, connection))
        self._is_looking = bool(self._to_look_at)
        if self._is_looking:
            loop.call_at(max(self._to_look_at[0][0], now + TOGETHER_SECONDS), self._look)

    def _look_at(self, connection: AgentConnection, now: float, *, is_late: bool) -> None:
        """`is_late`: this process stood still; what the agent said meanwhile may not be read yet."""
        is_here = connection.agent_id is not None
        waits = connection.waits
        if (
            not waits
            and not is_late
            and now - connection.heard > (self._timeout if is_here else REGISTER_SECONDS)
        ):
            connection.drop("nothing was heard of it in time")
        elif (is_here or waits) and now >= connection.heartbeat_due:
            connection.heartbeat_due = now + self._interval
            connection.send_frame(self._heartbeat)
