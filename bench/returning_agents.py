"""Many agents in one process that come back by themselves, each with its tasks, on real links.

    python -m bench.returning_agents ADDRESSES FIRST COUNT TASKS FRAMEWORK SHARED

They speak the link as agents do: REGISTER with every task, then their own resources, heartbeats. A line of
JSON is printed each time all are registered: the epoch, when the first found the orchestrator, and when the
last was registered, by the machine's monotonic clock. When a link ends they look for the orchestrator at all
addresses (`host:port,host:port`): one connection for all of them tries, and once it is taken in, the others
follow within SPREAD_SECONDS. Attempts of thousands of agents at a closed port would be what is measured.

SHARED: 0 for a connection to each agent; else so many agents to a connection of `bench.shared_links`, for
more agents than a process may have descriptors. They keep nothing and start nothing. Not for use.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.frames import FrameDecoder, encode_frame
from api.wire.v1 import link, mesos, resource_provider
from bench.shared_links import ENDED, SharedDecoder, shared_frame

SPREAD_SECONDS = 0.2
LOOK_SECONDS = 0.02
AMOUNTS = {"cpus": 32.0, "mem": 65_536.0, "disk": 1_000_000.0}
TASK_AMOUNTS = {"cpus": 0.1, "mem": 32.0}
HEARTBEAT = encode_frame(encode_msgpack(link.AgentMessage(type=link.AgentMessageType.HEARTBEAT)))
Told = link.OrchestratorMessageType


class ReturningAgent:
    """One agent: what it says, and what it is told."""

    def __init__(self, number: int, tasks: int, framework_id: str) -> None:
        self.number = number
        self._tasks = tasks
        self._framework_id = framework_id
        self._register = b""
        self._totals = _totals()
        self._frame_for(None)
        self.epoch = 0

    @property
    def register(self) -> bytes:
        """The frame that begins its link."""
        return self._register

    def answers(self, payload: bytes) -> tuple[bytes, bool]:
        """What it says to a message, and whether that was its registration."""
        message = decode_msgpack(link.OrchestratorMessage, payload)
        if isinstance(message.registered, link.OrchestratorMessageRegistered):
            if not self.epoch:
                self._frame_for(message.registered.agent_id)
            self.epoch = message.epoch
            return self._totals, True
        if message.type is Told.REFUSED:
            raise ConnectionError(str(message.refused))
        return (HEARTBEAT if message.type is Told.HEARTBEAT else b""), False

    def _frame_for(self, agent_id: mesos.AgentID | None) -> None:
        can = mesos.AgentInfoCapabilityType
        info = mesos.AgentInfo(hostname=f"host-{self.number}", port=5051)
        if agent_id is not None:
            info.id = agent_id
        register = link.AgentMessageRegister(
            agent_info=info,
            version="1",
            address=f"10.0.{self.number >> 8 & 255}.{self.number & 255}:5051",
            isolation="process",
            capabilities=[
                mesos.AgentInfoCapability(type=each)
                for each in (can.MULTI_ROLE, can.HIERARCHICAL_ROLE, can.RESERVATION_REFINEMENT)
            ],
            tasks=[] if agent_id is None and not self._framework_id else self._reported(agent_id),
        )
        message = link.AgentMessage(type=link.AgentMessageType.REGISTER, register=register)
        self._register = encode_frame(encode_msgpack(message))

    def _reported(self, agent_id: mesos.AgentID | None) -> list[mesos.Task]:
        resources = [
            mesos.Resource(
                name=name,
                type=mesos.ValueType.SCALAR,
                scalar=mesos.ValueScalar(value=amount),
                allocation_info=mesos.ResourceAllocationInfo(role="bench"),
            )
            for name, amount in TASK_AMOUNTS.items()
        ]
        labels = mesos.Labels(labels=[mesos.Label(key="service", value=f"bench-{self.number % 100}")])
        return [
            mesos.Task(
                name=f"service-{number}",
                task_id=mesos.TaskID(value=f"service-{self.number}-{number}"),
                framework_id=mesos.FrameworkID(value=self._framework_id),
                agent_id=agent_id or mesos.AgentID(value=""),
                state=mesos.TaskState.TASK_RUNNING,
                resources=resources,
                labels=labels,
                user="root",
            )
            for number in range(self._tasks)
        ]


def _totals() -> bytes:
    resources = [
        mesos.Resource(name=name, type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=amount))
        for name, amount in AMOUNTS.items()
    ]
    update = resource_provider.CallUpdateState(
        resources=resources, resource_version_uuid=mesos.UUID(value=os.urandom(16))
    )
    said = link.AgentMessageUpdateProvider(update_state=update)
    message = link.AgentMessage(type=link.AgentMessageType.UPDATE_PROVIDER, update_provider=said)
    return encode_frame(encode_msgpack(message))


class Host:
    """All agents of this process, and where they find their orchestrator."""

    def __init__(self, addresses: list[tuple[str, int]], agents: list[ReturningAgent], shared: int) -> None:
        self._addresses = addresses
        self._agents = agents
        self._size = shared or 1
        self._groups = [agents[at : at + self._size] for at in range(0, len(agents), self._size)]
        self._found: asyncio.Future[tuple[str, int]] | None = None
        self._connected = 0.0
        self.shared = bool(shared)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for group in self._groups:
                tasks.create_task(self._keep(group))

    def registered(self, agent: ReturningAgent) -> None:
        """One more has registered."""
        self._missing.discard(agent)
        if not self._missing and self._connected:
            epoch = agent.epoch
            print(
                json.dumps({"epoch": epoch, "connected": self._connected, "done": time.monotonic()}),
                flush=True,
            )
            self._connected = 0.0

    async def _keep(self, group: list[ReturningAgent]) -> None:
        """A link for these agents, again and again."""
        loop = asyncio.get_running_loop()
        while True:
            place = await self._place()
            await asyncio.sleep(random.uniform(0.0, SPREAD_SECONDS))
            try:
                _, line = await loop.create_connection(lambda: Line(self, group), *place)
            except OSError:
                continue
            await line.ended

    async def _place(self) -> tuple[str, int]:
        """Where an orchestrator takes agents; one looks for all."""
        if self._found is None:
            self._found = asyncio.get_running_loop().create_future()
            self._missing = set(self._agents)
            self._found.set_result(await self._look())
            self._connected = time.monotonic()
        place = await asyncio.shield(self._found)
        return place

    def lost(self) -> None:
        """A link has ended: they look for the orchestrator anew."""
        if self._found is not None and self._found.done():
            self._found = None

    async def _look(self) -> tuple[str, int]:
        while True:
            for place in self._addresses:
                if await _takes_agents(place, is_shared=self.shared):
                    return place
            await asyncio.sleep(LOOK_SECONDS)


async def _takes_agents(place: tuple[str, int], *, is_shared: bool) -> bool:
    """Whether it listens, and does not send agents elsewhere; asked by a REGISTER that is no agent's."""
    try:
        reader, writer = await asyncio.open_connection(*place)
    except OSError:
        return False
    info = mesos.AgentInfo(hostname="scout", id=mesos.AgentID(value="nobody"))
    register = link.AgentMessageRegister(agent_info=info, version="1")
    message = link.AgentMessage(type=link.AgentMessageType.REGISTER, register=register)
    try:
        said = encode_frame(encode_msgpack(message))
        writer.write(shared_frame(0, said) if is_shared else said)
        if is_shared:
            await reader.readexactly(8)
        size = int.from_bytes(await reader.readexactly(4), "big")
        answer = decode_msgpack(link.OrchestratorMessage, await reader.readexactly(size))
        return isinstance(answer.refused, link.OrchestratorMessageRefused) and "not known" in str(
            answer.refused.message
        )
    except (OSError, asyncio.IncompleteReadError):
        return False
    finally:
        writer.close()


class Line(asyncio.Protocol):
    """One connection, of one agent or of a group."""

    def __init__(self, host: Host, agents: list[ReturningAgent]) -> None:
        self._host = host
        self._agents = agents
        self._frames: FrameDecoder | SharedDecoder = SharedDecoder() if host.shared else FrameDecoder()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self._host.shared:
            for channel, agent in enumerate(self._agents):
                transport.write(shared_frame(channel, agent.register))
        else:
            transport.write(self._agents[0].register)

    def data_received(self, data: bytes) -> None:
        if isinstance(self._frames, SharedDecoder):
            for channel, payload in self._frames.feed(data):
                if payload == ENDED:
                    asyncio.get_running_loop().call_later(1.0, self._again, channel)
                    continue
                said = self._told(self._agents[channel], payload)
                if said:
                    self._transport.write(shared_frame(channel, said))
            return
        for payload in self._frames.feed(data):
            if said := self._told(self._agents[0], payload):
                self._transport.write(said)

    def _again(self, channel: int) -> None:
        if not self._transport.is_closing():
            self._transport.write(shared_frame(channel, self._agents[channel].register))

    def _told(self, agent: ReturningAgent, payload: bytes) -> bytes:
        said, is_registration = agent.answers(payload)
        if is_registration:
            self._host.registered(agent)
        return said

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            print(f"a link of {len(self._agents)} agents ended: {exc}", file=sys.stderr)
        self._host.lost()
        self.ended.set_result(None)


async def main(places: str, first: int, count: int, tasks: int, framework_id: str, shared: int) -> None:
    addresses = [(host, int(port)) for host, _, port in (each.rpartition(":") for each in places.split(","))]
    agents = [ReturningAgent(number, tasks, framework_id) for number in range(first, first + count)]
    await Host(addresses, agents, shared).run()


if __name__ == "__main__":
    numbers = [int(each) for each in (*sys.argv[2:5], sys.argv[6])]
    asyncio.run(main(sys.argv[1], *numbers[:3], sys.argv[5], numbers[3]))
