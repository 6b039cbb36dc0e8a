"""An agent that waits long for its turn to be registered: neither side gives up, under virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any, cast

from agent.link import Link
from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.frames import FrameDecoder, encode_frame
from api.wire.v1 import link, mesos
from orchestrator import messages
from orchestrator.agent_link import REGISTER_SECONDS, AgentLink
from orchestrator.agents import Agents, Registering
from orchestrator.unregistered import Unregistered
from orchestrator.withdrawal import ACTIVE
from tests.orchestrator.test_several import Host
from tests.simulation.loop import VirtualLoop

LONG = 6 * REGISTER_SECONDS
REGISTER = link.AgentMessage(
    type=link.AgentMessageType.REGISTER,
    register=link.AgentMessageRegister(agent_info=mesos.AgentInfo(hostname="host"), version="1"),
)
Told = link.OrchestratorMessageType


class Wire(asyncio.Transport):
    """What an orchestrator says on a link."""

    def __init__(self) -> None:
        super().__init__()
        self._frames = FrameDecoder()
        self.told: list[link.OrchestratorMessageType] = []
        self.is_ended = False
        self.is_read = True

    def write(self, data: Any) -> None:
        found = [decode_msgpack(link.OrchestratorMessage, each) for each in self._frames.feed(bytes(data))]
        self.told += [each.type for each in found]

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True

    def close(self) -> None:
        self.is_ended = True

    abort = close


class Busy:
    """Agents that are registered when this is told to."""

    def __init__(self) -> None:
        self.durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def admit(self, call: object, session: object) -> Registering:
        return Registering(cast("Any", None), self.durable)

    def admitted(self, registering: Registering) -> str:
        return "agent-1"


def played(story: Callable[[], Any]) -> None:
    loop = VirtualLoop()
    try:
        loop.run_until_complete(story())
    finally:
        loop.bury()
        loop.close()


def test_who_asked_to_be_registered_hears_heartbeats_and_is_not_dropped_before_or_after() -> None:
    async def story() -> None:
        agents, wire = Busy(), Wire()
        links = AgentLink(cast("Agents", agents), 1, heartbeat_interval=5.0, timeout=20.0)
        connection = links.connection()
        connection.connection_made(wire)
        connection.data_received(encode_frame(encode_msgpack(REGISTER)))
        await asyncio.sleep(LONG)
        assert not wire.is_ended
        assert wire.told.count(Told.HEARTBEAT) >= LONG / 5.0 - 2
        agents.durable.set_result(None)
        await asyncio.sleep(15.0)
        assert connection.agent_id == "agent-1"
        assert not wire.is_ended, "it had nothing to say while it waited"

    played(story)


def test_who_registers_when_very_much_waits_already_is_heard_afterwards() -> None:
    async def story() -> None:
        agents, silent, wire = Busy(), Wire(), Wire()
        links = AgentLink(cast("Agents", agents), 1, heartbeat_interval=5.0, timeout=20.0)
        links.unregistered = Unregistered(bytes_limit=10)
        links.connection().connection_made(silent)
        connection = links.connection()
        connection.connection_made(wire)
        connection.data_received(encode_frame(encode_msgpack(REGISTER)))
        agents.durable.set_result(None)
        await asyncio.sleep(1.0)
        assert connection.agent_id == "agent-1"
        assert wire.is_read, "else nothing is heard of it any more, and nobody misses it"

    played(story)


class Waited:
    """A connection to an orchestrator that says heartbeats for long, and then REGISTERED."""

    def __init__(self) -> None:
        self.connections = 0
        self.several = False
        self._answers = [messages.registered(1, "agent-1", 5.0, 20.0, ACTIVE)]

    async def connect(self) -> Waited:
        self.connections += 1
        self._until = asyncio.get_running_loop().time() + LONG
        return self

    async def send(self, *payloads: bytes) -> None:
        pass

    async def receive(self) -> bytes:
        if self._answers:
            await asyncio.sleep(5.0)
            if asyncio.get_running_loop().time() >= self._until:
                return encode_msgpack(self._answers.pop())
        else:
            await asyncio.sleep(5.0)
        return encode_msgpack(link.OrchestratorMessage(type=Told.HEARTBEAT, epoch=1))

    async def close(self) -> None:
        pass


def test_an_agent_waits_as_long_as_it_hears_heartbeats() -> None:
    async def story() -> None:
        waited = Waited()
        made = Link(cast("Any", waited), cast("Any", Host()), Random(1))
        running = asyncio.create_task(made.run())
        await asyncio.sleep(LONG + 20.0)
        assert (made.registrations, waited.connections) == (1, 1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    played(story)
