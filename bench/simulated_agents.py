"""Many agents in one process, on real links: they register with plenty, and what is launched ends at once.

    python -m bench.simulated_agents HOST:PORT COUNT hold|run

Prints `registered` once all are. `hold`: they say nothing of what is launched; `run`: TASK_RUNNING, then
TASK_FINISHED, at once, and operations are finished as soon as they are heard of. They keep nothing, repeat
nothing and start nothing: what is measured is who launches there. Not for use.
"""

from __future__ import annotations

import asyncio
import os
import sys

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.frames import FrameDecoder, encode_frame
from api.wire.v1 import link, mesos, resource_provider

AMOUNTS = {"cpus": 1_000.0, "mem": 1_000_000.0}
HEARTBEAT = encode_frame(encode_msgpack(link.AgentMessage(type=link.AgentMessageType.HEARTBEAT)))
STATES = (mesos.TaskState.TASK_RUNNING, mesos.TaskState.TASK_FINISHED)


class SimulatedAgent(asyncio.Protocol):
    """One agent's end of its link."""

    def __init__(self, number: int, registered: asyncio.Queue[int], *, holds: bool) -> None:
        self._number = number
        self._registered = registered
        self._holds = holds
        self._frames = FrameDecoder()
        self._agent_id = mesos.AgentID(value="")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        can = mesos.AgentInfoCapabilityType
        register = link.AgentMessageRegister(
            agent_info=mesos.AgentInfo(hostname=f"host-{self._number}"),
            version="1",
            address=f"127.0.0.1:{self._number}",
            capabilities=[
                mesos.AgentInfoCapability(type=each)
                for each in (can.MULTI_ROLE, can.HIERARCHICAL_ROLE, can.RESERVATION_REFINEMENT)
            ],
        )
        self._send(link.AgentMessage(type=link.AgentMessageType.REGISTER, register=register))

    def data_received(self, data: bytes) -> None:
        answers = [
            answer
            for frame in self._frames.feed(data)
            for answer in self._answers(decode_msgpack(link.OrchestratorMessage, frame))
        ]
        self._transport.write(b"".join(answers))

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            print(f"agent {self._number}: {exc}", file=sys.stderr)

    def _answers(self, message: link.OrchestratorMessage) -> list[bytes]:
        if isinstance(message.registered, link.OrchestratorMessageRegistered):
            self._agent_id = message.registered.agent_id
            self._registered.put_nowait(self._number)
            return [self._totals()]
        if message.type is link.OrchestratorMessageType.HEARTBEAT:
            return [HEARTBEAT]
        if isinstance(message.run_task, link.OrchestratorMessageRunTask) and not self._holds:
            return self._ended(message.run_task)
        if isinstance(message.apply_operation, link.OrchestratorMessageApplyOperation) and not self._holds:
            return [self._finished(message.apply_operation.operation)]
        return []

    def _totals(self) -> bytes:
        resources = [
            mesos.Resource(name=name, type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=amount))
            for name, amount in AMOUNTS.items()
        ]
        update = resource_provider.CallUpdateState(
            resources=resources, resource_version_uuid=mesos.UUID(value=os.urandom(16))
        )
        return _frame(
            link.AgentMessage(
                type=link.AgentMessageType.UPDATE_PROVIDER,
                update_provider=link.AgentMessageUpdateProvider(update_state=update),
            )
        )

    def _finished(self, operation: resource_provider.EventApplyOperation) -> bytes:
        status = mesos.OperationStatus(
            state=mesos.OperationState.OPERATION_FINISHED, uuid=mesos.UUID(value=os.urandom(16))
        )
        update = resource_provider.CallUpdateOperationStatus(
            status=status, latest_status=status, operation_uuid=operation.operation_uuid
        )
        told = link.AgentMessageUpdateOperationStatus(update=update)
        kind = link.AgentMessageType.UPDATE_OPERATION_STATUS
        return _frame(link.AgentMessage(type=kind, update_operation_status=told))

    def _ended(self, run: link.OrchestratorMessageRunTask) -> list[bytes]:
        assert isinstance(run.framework_info.id, mesos.FrameworkID)
        answers = []
        for state in STATES:
            status = mesos.TaskStatus(
                task_id=run.task_info.task_id,
                state=state,
                agent_id=self._agent_id,
                uuid=os.urandom(16),
                source=mesos.TaskStatusSource.SOURCE_EXECUTOR,
            )
            update = link.AgentMessageUpdateTaskStatus(
                framework_id=run.framework_info.id, status=status, latest_state=STATES[-1]
            )
            kind = link.AgentMessageType.UPDATE_TASK_STATUS
            answers.append(_frame(link.AgentMessage(type=kind, update_task_status=update)))
        return answers

    def _send(self, message: link.AgentMessage) -> None:
        self._transport.write(_frame(message))


def _frame(message: link.AgentMessage) -> bytes:
    return encode_frame(encode_msgpack(message))


async def main(address: str, count: int, *, holds: bool) -> None:
    host, _, port = address.rpartition(":")
    loop, registered = asyncio.get_running_loop(), asyncio.Queue[int]()
    for number in range(count):
        await loop.create_connection(
            lambda number=number: SimulatedAgent(number, registered, holds=holds),  # type: ignore[misc]
            host,
            int(port),
        )
    for _ in range(count):
        await registered.get()
    print("registered", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), holds=sys.argv[3] == "hold"))
