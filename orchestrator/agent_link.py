"""The socket that agents dial: frames in, messages out, and who has fallen silent.

An edge: it turns bytes into messages and back, and connections into sessions. What messages mean
is the business of `agents`.
"""

from __future__ import annotations

import asyncio
import logging

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.errors import WireError
from api.wire.frames import FrameDecoder, encode_frame
from api.wire.v1 import link
from orchestrator.agents import Agents, RegistrationRefused
from store.port import StoreFailed

log = logging.getLogger(__name__)

CONNECTIONS_LIMIT = 15_000
"""Open connections; a further one is closed at once and the agent backs off."""

SEND_BUFFER_LIMIT = 64 * 2**20
"""Bytes that may wait for one agent; beyond it the agent is taken for lost and its link is closed."""

REGISTER_SECONDS = 10.0
"""A connection that has not registered by then is closed."""

READ_BYTES = 256 * 1024

TOGETHER = 4
"""Messages of one agent that are taken in before others have their turn. What many have in common is done
for all in one go (a write, a send); without turns a burst would stay one and wait for itself all the way."""


class AgentConnection:
    """One agent's link. It is a `Session` for messages to the agent."""

    def __init__(self, agents: Agents, epoch: int, heartbeat_interval: float, timeout: float) -> None:
        self._agents = agents
        self._epoch = epoch
        self._heartbeat_interval = heartbeat_interval
        self._timeout = timeout
        self._agent_id: str | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._frames: list[bytes] = []
        self._closed = False

    def send(self, message: link.OrchestratorMessage) -> None:
        """Queue a message. A link whose agent reads too slowly is closed."""
        if self._closed or self._writer is None:
            return
        if not self._frames:
            asyncio.get_running_loop().call_soon(self._flush)
        self._frames.append(encode_frame(encode_msgpack(message)))

    def _flush(self) -> None:
        """All that was said in one turn of the event loop goes out in one write."""
        frames, self._frames = self._frames, []
        if self._writer is None or not frames:
            return
        self._writer.write(b"".join(frames))
        if self._writer.transport.get_write_buffer_size() > SEND_BUFFER_LIMIT:
            self.close(f"more than {SEND_BUFFER_LIMIT} bytes wait for it")

    def close(self, reason: str) -> None:
        """End the link. Nothing that it still receives is taken in."""
        if not self._closed:
            self._closed = True
            log.info("closing the link of agent %s: %s", self._agent_id or "(none yet)", reason)
            if self._writer is not None:
                self._flush()
                self._writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Until either side ends the link or the agent falls silent."""
        self._writer = writer
        heartbeats = asyncio.ensure_future(self._heartbeats())
        try:
            await self._receive(reader)
        except (OSError, TimeoutError) as error:
            log.info("link of agent %s: %s", self._agent_id, error or "nothing was heard of it in time")
        except StoreFailed as error:  # the journal has told the daemon, which stops
            log.warning("link of agent %s: it cannot be registered: %s", self._agent_id, error)
        except WireError as error:
            log.warning("agent %s sent what cannot be read: %s", self._agent_id, error)
        finally:
            heartbeats.cancel()
            self._closed = True
            writer.close()
            if self._agent_id is not None:
                self._agents.disconnected(self._agent_id, self)

    def _is_open(self) -> bool:
        return not self._closed

    async def _receive(self, reader: asyncio.StreamReader) -> None:
        frames = FrameDecoder()
        while self._is_open():
            limit = self._timeout if self._agent_id is not None else REGISTER_SECONDS
            async with asyncio.timeout(limit):
                data = await reader.read(READ_BYTES)
            if not data:
                return
            for number, frame in enumerate(frames.feed(data), start=1):
                if not self._is_open():
                    return
                await self._take(decode_msgpack(link.AgentMessage, frame))
                if number % TOGETHER == 0:
                    await asyncio.sleep(0)

    async def _take(self, message: link.AgentMessage) -> None:
        if isinstance(message.register, link.AgentMessageRegister):
            if self._agent_id is None:
                await self._register(message.register)
            else:
                self.close("it registered twice")
        elif self._agent_id is not None:
            self._agents.message(self._agent_id, message)
        else:
            self.close("its first message was not REGISTER")

    async def _register(self, call: link.AgentMessageRegister) -> None:
        if isinstance(call.highest_epoch, int) and call.highest_epoch > self._epoch:
            self._refuse(f"epoch {self._epoch} is over: the agent has seen epoch {call.highest_epoch}")
            return
        try:
            self._agent_id = await self._agents.register(call, self)
        except RegistrationRefused as refusal:
            self._refuse(str(refusal), gone=refusal.gone)

    def _refuse(self, reason: str, *, gone: bool = False) -> None:
        refused = link.OrchestratorMessageRefused(message=reason)
        if gone:
            refused.permanent = refused.gone = True
        self.send(
            link.OrchestratorMessage(
                type=link.OrchestratorMessageType.REFUSED, epoch=self._epoch, refused=refused
            )
        )
        self.close(reason)

    async def _heartbeats(self) -> None:
        heartbeat = link.OrchestratorMessage(
            type=link.OrchestratorMessageType.HEARTBEAT,
            epoch=self._epoch,
            heartbeat=link.OrchestratorMessageHeartbeat(),
        )
        while True:
            await asyncio.sleep(self._heartbeat_interval)
            if self._agent_id is not None:
                self.send(heartbeat)


class AgentLink:
    """Listens for agents."""

    def __init__(self, agents: Agents, epoch: int, *, heartbeat_interval: float, timeout: float) -> None:
        self._agents = agents
        self._epoch = epoch
        self._heartbeat_interval = heartbeat_interval
        self._timeout = timeout
        self._server: asyncio.Server | None = None
        self._connections: set[AgentConnection] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port (a free one when `port` is 0)."""
        self._server = await asyncio.start_server(self._connected, host, port, backlog=1024)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def stop(self) -> None:
        """Close every link. Agents go on by themselves and dial again."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.close("the orchestrator is stopping")

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= CONNECTIONS_LIMIT:
            writer.close()
            return
        connection = AgentConnection(self._agents, self._epoch, self._heartbeat_interval, self._timeout)
        self._connections.add(connection)
        try:
            await connection.serve(reader, writer)
        finally:
            self._connections.discard(connection)
