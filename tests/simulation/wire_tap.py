"""Listens to what agents and orchestrators send each other, and tells each message by its name."""

from __future__ import annotations

from collections.abc import Callable

from api.wire.codec import decode_msgpack
from api.wire.errors import WireError
from api.wire.frames import FrameDecoder
from api.wire.v1 import link

HEARTBEAT = "HEARTBEAT"


class WireTap:
    """`told`: sender, receiver, and the message. Heartbeats are left out."""

    def __init__(self, told: Callable[[str, str, str], None]) -> None:
        self._told = told
        self._decoders: dict[int, FrameDecoder] = {}

    def see(self, sender: str, receiver: str, stream: int, data: bytes) -> None:
        decoder = self._decoders.setdefault(stream, FrameDecoder())
        for frame in decoder.feed(data):
            said = _said_by_agent(frame) if sender.startswith("agent") else _said_by_orchestrator(frame)
            if not said.startswith(HEARTBEAT):
                self._told(sender, receiver, said)


def _said_by_agent(frame: bytes) -> str:
    try:
        message = decode_msgpack(link.AgentMessage, frame)
    except WireError:
        return "?"
    if isinstance(message.update_task_status, link.AgentMessageUpdateTaskStatus):
        status = message.update_task_status.status
        return f"{status.task_id.value[:9]} {status.state}"
    if isinstance(message.update_operation_status, link.AgentMessageUpdateOperationStatus):
        return f"operation {message.update_operation_status.update.status.state}"
    return str(message.type)


def _said_by_orchestrator(frame: bytes) -> str:
    try:
        message = decode_msgpack(link.OrchestratorMessage, frame)
    except WireError:
        return "?"
    return f"{message.type} (e{message.epoch})"
