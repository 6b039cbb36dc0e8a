"""Many simulated agents with their providers in one process, on real links, which come back by themselves.

    python -m e2e.leader_kills.agents ADDRESSES FIRST COUNT

`registered` is printed when all are, for the first time. For each line on standard input a line of JSON says
what there is: volumes, operations by the id that their framework gave them, and what was wrong. Not for use.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from typing import Final

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.frames import FrameDecoder, encode_frame
from api.wire.v1 import link
from e2e.leader_kills.provider import SimulatedAgent

FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 2.0
SILENCE: Final = 20.0
Told = link.OrchestratorMessageType
HEARTBEAT: Final = encode_frame(
    encode_msgpack(
        link.AgentMessage(type=link.AgentMessageType.HEARTBEAT, heartbeat=link.AgentMessageHeartbeat())
    )
)


class Link(asyncio.Protocol):
    """One connection of an agent."""

    def __init__(self, agent: SimulatedAgent) -> None:
        self.agent = agent
        self._frames = FrameDecoder()
        self.is_registered = asyncio.get_running_loop().create_future()
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.say(self.agent.register())

    def data_received(self, data: bytes) -> None:
        for frame in self._frames.feed(data):
            self.take(decode_msgpack(link.OrchestratorMessage, frame))

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set_result(None)

    def say(self, *messages: link.AgentMessage) -> None:
        self.transport.write(b"".join(encode_frame(encode_msgpack(each)) for each in messages))

    def take(self, message: link.OrchestratorMessage) -> None:
        agent = self.agent
        if message.type is Told.REFUSED:
            self.transport.close()
            return
        if message.epoch < agent.epoch:  # a leader that is over: nothing of it is taken
            self.transport.abort()
            return
        agent.epoch = message.epoch
        if isinstance(message.registered, link.OrchestratorMessageRegistered):
            self.say(*agent.registered(message.registered))
            if not self.is_registered.done():
                self.is_registered.set_result(None)
        elif message.type is Told.HEARTBEAT:
            self.transport.write(HEARTBEAT)
        elif isinstance(message.apply_operation, link.OrchestratorMessageApplyOperation):
            self.say(agent.applies(message.apply_operation.operation))
        elif isinstance(
            message.acknowledge_operation_status, link.OrchestratorMessageAcknowledgeOperationStatus
        ):
            agent.acknowledged(message.acknowledge_operation_status.acknowledgement.operation_uuid.value)
        elif isinstance(message.reconcile_operations, link.OrchestratorMessageReconcileOperations):
            asked = [each.value for each in message.reconcile_operations.operation_uuids]
            self.say(*agent.reconciles(asked))


class Host:
    """All agents of this process."""

    def __init__(self, addresses: list[tuple[str, int]], first: int, count: int) -> None:
        self._addresses = addresses
        self._agents = [SimulatedAgent(number) for number in range(first, first + count)]
        self._missing = count

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._answer())
            for agent in self._agents:
                tasks.create_task(self._keep(agent))

    async def _keep(self, agent: SimulatedAgent) -> None:
        loop, pause, place = asyncio.get_running_loop(), FIRST_PAUSE, 0
        is_new = True
        while True:
            place = (place + 1) % len(self._addresses)
            try:
                _, made = await loop.create_connection(lambda: Link(agent), *self._addresses[place])
            except OSError:
                await asyncio.sleep(random.uniform(0, pause))
                pause = min(LONGEST_PAUSE, pause * 2)
                continue
            await asyncio.wait({made.is_registered, made.ended}, return_when=asyncio.FIRST_COMPLETED)
            if made.is_registered.done():
                pause = FIRST_PAUSE
                if is_new:
                    is_new = False
                    self._came()
            await made.ended
            await asyncio.sleep(random.uniform(0, pause))
            pause = min(LONGEST_PAUSE, pause * 2)

    def _came(self) -> None:
        self._missing -= 1
        if not self._missing:
            print("registered", flush=True)

    async def _answer(self) -> None:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while await reader.readline():
            print(json.dumps(self._told()), flush=True)

    def _told(self) -> dict[str, object]:
        done: dict[str, list[str]] = {}
        for agent in self._agents:
            for name, keys in agent.asked.items():
                done.setdefault(name, []).extend(each.hex() for each in keys)
        return {
            "volumes": sorted(name for agent in self._agents for name in agent.volumes),
            "done": done,
            "wrong": [f"agent {agent.number}: {each}" for agent in self._agents for each in agent.wrong],
        }


if __name__ == "__main__":
    places = [
        (host, int(port)) for host, _, port in (each.rpartition(":") for each in sys.argv[1].split(","))
    ]
    asyncio.run(Host(places, int(sys.argv[2]), int(sys.argv[3])).run())
