"""Events of the operator API, put together from what is encoded already.

Pure constructors: what is told and when is decided in `events`.
"""

from __future__ import annotations

from collections.abc import Callable

from api.wire.content import MediaType, encode
from api.wire.fragments import empty, with_field
from api.wire.message import Message
from api.wire.recordio import encode_record
from api.wire.v1 import master, mesos
from orchestrator.operator_messages import provider_shown
from orchestrator.records import OperationRecord
from orchestrator.state import Agent, Framework, Provider, Task
from orchestrator.state_view import StateView, last_status
from orchestrator.volumes import VolumeRecord

E = master.EventType

Encode = Callable[[MediaType], bytes]
"""The event of a change, encoded and framed."""


def whole(event: E, body: Message, media_type: MediaType) -> bytes:
    """An event around a message that is encoded for it alone."""
    return framed(event, encode(body, media_type), media_type)


def framed(event: E, body: bytes, media_type: MediaType) -> bytes:
    """An event around an encoded message: the field is named as the type, in lower case."""
    head = encode(master.Event(type=event), media_type)
    return encode_record(with_field(master.Event, head, event.lower(), body, media_type))


def around(event: E, body: type[Message], field: str, entity: bytes, media_type: MediaType) -> bytes:
    """An event whose body holds nothing but an encoded entity."""
    return framed(event, with_field(body, empty(media_type), field, entity, media_type), media_type)


def agent_added(view: StateView, agent: Agent) -> Encode:
    return lambda media_type: around(
        E.AGENT_ADDED, master.EventAgentAdded, "agent", view.agent(agent, media_type), media_type
    )


def agent_updated(view: StateView, agent: Agent) -> Encode:
    return lambda media_type: around(
        E.AGENT_UPDATED, master.EventAgentUpdated, "agent", view.agent(agent, media_type), media_type
    )


def agent_removed(agent: Agent) -> Encode:
    body = master.EventAgentRemoved(agent_id=mesos.AgentID(value=agent.agent_id))
    return lambda media_type: whole(E.AGENT_REMOVED, body, media_type)


def provider_updated(view: StateView, provider: Provider) -> Encode:
    return lambda media_type: around(
        E.PROVIDER_UPDATED,
        master.EventProviderUpdated,
        "provider",
        view.provider(provider, media_type),
        media_type,
    )


def provider_removed(provider: Provider, connected: bool) -> Encode:
    body = master.EventProviderUpdated(provider=provider_shown(provider, connected), removed=True)
    return lambda media_type: whole(E.PROVIDER_UPDATED, body, media_type)


def task_added(view: StateView, task: Task) -> Encode:
    return lambda media_type: around(
        E.TASK_ADDED, master.EventTaskAdded, "task", view.task(task, media_type), media_type
    )


def task_updated(task: Task) -> Encode:
    body = master.EventTaskUpdated(
        framework_id=mesos.FrameworkID(value=task.framework_id),
        status=last_status(task),
        state=task.shown_state,
    )
    return lambda media_type: whole(E.TASK_UPDATED, body, media_type)


def framework_told(event: E, body: type[Message], view: StateView, framework: Framework) -> Encode:
    """`event`: FRAMEWORK_ADDED or FRAMEWORK_UPDATED, and `body` its message."""
    return lambda media_type: around(
        event, body, "framework", view.framework(framework, media_type), media_type
    )


def framework_removed(framework: Framework) -> Encode:
    body = master.EventFrameworkRemoved(framework_info=framework.info)
    return lambda media_type: whole(E.FRAMEWORK_REMOVED, body, media_type)


def operation_updated(view: StateView, record: OperationRecord) -> Encode:
    return lambda media_type: around(
        E.OPERATION_UPDATED,
        master.EventOperationUpdated,
        "operation",
        view.operation(record, media_type),
        media_type,
    )


def volume_updated(view: StateView, record: VolumeRecord) -> Encode:
    return lambda media_type: around(
        E.VOLUME_UPDATED, master.EventVolumeUpdated, "volume", view.volume(record, media_type), media_type
    )


def volume_removed(volume: master.VolumeInfo) -> Encode:
    body = master.EventVolumeUpdated(volume=volume, removed=True)
    return lambda media_type: whole(E.VOLUME_UPDATED, body, media_type)
