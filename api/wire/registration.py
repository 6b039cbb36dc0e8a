"""REGISTER of the link, read as far as a registration needs it.

An agent reports every task it knows, and after a failover all agents do so at once. Of each task only the
head is read then; the rest stays as it came, and is read when somebody asks to see it. Decides nothing.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.message import Message
from api.wire.v1 import link, mesos

NO_RESOURCES: Final = msgspec.Raw(b"\x90")
"""An empty list in msgpack."""


class Registration(link.AgentMessageRegister, kw_only=True):
    """`link.AgentMessage.Register` with its tasks unread: each a `mesos.v1.Task` in msgpack."""

    tasks: list[msgspec.Raw] = msgspec.field(default_factory=list)  # type: ignore[assignment]


class FirstMessage(Message, kw_only=True):
    """The first message of an agent: REGISTER, if it is one of ours."""

    type: link.AgentMessageType
    register: Registration | UnsetType = UNSET


class TaskHead(Message, kw_only=True):
    """What of a `mesos.v1.Task` is read at once."""

    name: str
    task_id: mesos.TaskID
    framework_id: mesos.FrameworkID
    executor_id: mesos.ExecutorID | UnsetType = UNSET
    state: mesos.TaskState
    resources: msgspec.Raw = NO_RESOURCES
    statuses: list[mesos.TaskStatus] = msgspec.field(default_factory=list)


def read_first(frame: bytes) -> Registration | None:
    """The registration that a frame holds, None when it is another message. Raises WireError."""
    message = decode_msgpack(FirstMessage, frame)
    return message.register if isinstance(message.register, Registration) else None


def raw_task(task: mesos.Task | msgspec.Raw) -> bytes:
    """A task of a registration, as bytes of its own."""
    return encode_msgpack(task) if isinstance(task, mesos.Task) else bytes(task)


def head_of(raw: bytes) -> TaskHead:
    """Raises WireError."""
    return decode_msgpack(TaskHead, raw)


def task_of(raw: bytes) -> mesos.Task:
    """All of it. Raises WireError."""
    return decode_msgpack(mesos.Task, raw)


def resources_of(raw: bytes) -> list[mesos.Resource]:
    """What `TaskHead.resources` holds. Raises WireError."""
    return decode_msgpack(_Resources, b"\x81\xa9resources" + raw).resources


class _Resources(Message, kw_only=True):
    resources: list[mesos.Resource] = msgspec.field(default_factory=list)
