"""mesos.v1.executor. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, UnsetType

from api.wire.message import Message
from api.wire.v1 import mesos


class CallType(StrEnum):
    """mesos.v1.executor.Call.Type"""

    UNKNOWN = "UNKNOWN"
    SUBSCRIBE = "SUBSCRIBE"
    UPDATE = "UPDATE"
    MESSAGE = "MESSAGE"
    HEARTBEAT = "HEARTBEAT"


class Call(Message, kw_only=True):
    """mesos.v1.executor.Call"""

    executor_id: mesos.ExecutorID
    framework_id: mesos.FrameworkID
    type: CallType | UnsetType = UNSET
    subscribe: CallSubscribe | UnsetType = UNSET
    update: CallUpdate | UnsetType = UNSET
    message: CallMessage | UnsetType = UNSET


class CallMessage(Message, kw_only=True):
    """mesos.v1.executor.Call.Message"""

    data: bytes


class CallSubscribe(Message, kw_only=True):
    """mesos.v1.executor.Call.Subscribe"""

    unacknowledged_tasks: list[mesos.TaskInfo] = []
    unacknowledged_updates: list[CallUpdate] = []


class CallUpdate(Message, kw_only=True):
    """mesos.v1.executor.Call.Update"""

    status: mesos.TaskStatus


class EventType(StrEnum):
    """mesos.v1.executor.Event.Type"""

    UNKNOWN = "UNKNOWN"
    SUBSCRIBED = "SUBSCRIBED"
    LAUNCH = "LAUNCH"
    KILL = "KILL"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    MESSAGE = "MESSAGE"
    ERROR = "ERROR"
    SHUTDOWN = "SHUTDOWN"
    LAUNCH_GROUP = "LAUNCH_GROUP"
    HEARTBEAT = "HEARTBEAT"


class Event(Message, kw_only=True):
    """mesos.v1.executor.Event"""

    type: EventType | UnsetType = UNSET
    subscribed: EventSubscribed | UnsetType = UNSET
    acknowledged: EventAcknowledged | UnsetType = UNSET
    launch: EventLaunch | UnsetType = UNSET
    kill: EventKill | UnsetType = UNSET
    message: EventMessage | UnsetType = UNSET
    error: EventError | UnsetType = UNSET
    launch_group: EventLaunchGroup | UnsetType = UNSET


class EventAcknowledged(Message, kw_only=True):
    """mesos.v1.executor.Event.Acknowledged"""

    task_id: mesos.TaskID
    uuid: bytes


class EventError(Message, kw_only=True):
    """mesos.v1.executor.Event.Error"""

    message: str


class EventKill(Message, kw_only=True):
    """mesos.v1.executor.Event.Kill"""

    task_id: mesos.TaskID
    kill_policy: mesos.KillPolicy | UnsetType = UNSET


class EventLaunch(Message, kw_only=True):
    """mesos.v1.executor.Event.Launch"""

    task: mesos.TaskInfo


class EventLaunchGroup(Message, kw_only=True):
    """mesos.v1.executor.Event.LaunchGroup"""

    task_group: mesos.TaskGroupInfo


class EventMessage(Message, kw_only=True):
    """mesos.v1.executor.Event.Message"""

    data: bytes


class EventSubscribed(Message, kw_only=True):
    """mesos.v1.executor.Event.Subscribed"""

    executor_info: mesos.ExecutorInfo
    framework_info: mesos.FrameworkInfo
    agent_info: mesos.AgentInfo
    container_id: mesos.ContainerID | UnsetType = UNSET
