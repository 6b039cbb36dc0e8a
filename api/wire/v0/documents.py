"""Version-0 documents of tasks, executors and frameworks: what `/state` and its parts are made of.

Pure: v1 messages in, values for JSON out. Times are seconds since the epoch. What is not there is left out,
but for the fields that clients take for granted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from api.wire.secrets import without_secrets
from api.wire.v0.amounts import Amounts
from api.wire.v1 import mesos

Document = dict[str, Any]


def as_json(document: object) -> bytes:
    """The document, encoded."""
    return msgspec.json.encode(document)


def task(shown: mesos.Task, amounts: Amounts, role: str | None) -> Document:
    """A task; `amounts`: its resources. Without an executor of its own, `executor_id` is empty."""
    document: Document = {
        "id": shown.task_id.value,
        "name": shown.name,
        "framework_id": shown.framework_id.value,
        "executor_id": shown.executor_id.value if shown.executor_id else "",
        "slave_id": shown.agent_id.value,
        "state": shown.state,
        "resources": amounts,
        "statuses": [status(each) for each in shown.statuses],
    }
    if role is not None:
        document["role"] = role
    if shown.user:
        document["user"] = shown.user
    document |= _described(shown.labels, shown.discovery, shown.container)
    if shown.health_check:
        document["health_check"] = without_secrets(shown.health_check)
    return document


def status(told: mesos.TaskStatus) -> Document:
    """What was told of a task at some time."""
    document: Document = {"state": told.state, "timestamp": told.timestamp or 0.0}
    if told.labels:
        document["labels"] = told.labels.labels
    if told.container_status:
        document["container_status"] = told.container_status
    if told.healthy is not UNSET:
        document["healthy"] = told.healthy
    return document


def executor(info: mesos.ExecutorInfo, amounts: Amounts, role: str | None) -> Document:
    """An executor's description, without values of secrets."""
    document: Document = {
        "executor_id": info.executor_id.value,
        "name": info.name or "",
        "source": info.source or "",
        "resources": amounts,
    }
    if info.framework_id:
        document["framework_id"] = info.framework_id.value
    if info.type:
        document["type"] = info.type
    if role is not None:
        document["role"] = role
    if info.command:
        document["command"] = without_secrets(info).command
    return document | _described(info.labels, info.discovery, info.container)


def framework(info: mesos.FrameworkInfo) -> Document:
    """What a framework says of itself."""
    document: Document = {
        "id": info.id.value if info.id else "",
        "name": info.name,
        "user": info.user,
        "hostname": info.hostname or "",
        "failover_timeout": info.failover_timeout,
        "checkpoint": info.checkpoint,
        "capabilities": [each.type for each in info.capabilities if each.type],
    }
    names_many = mesos.FrameworkInfoCapabilityType.MULTI_ROLE in document["capabilities"]
    if names_many or info.roles:
        document["roles"] = info.roles
    else:
        document["role"] = info.role or "*"
    for name in ("principal", "webui_url"):
        if value := getattr(info, name):
            document[name] = value
    if info.labels:
        document["labels"] = info.labels.labels
    return document


def plain_amounts(scalars: Mapping[str, mesos.ValueScalar]) -> Amounts:
    """Amounts by name, as numbers."""
    return {name: scalar.value for name, scalar in scalars.items()}


def _described(
    labels: mesos.Labels | UnsetType,
    discovery: mesos.DiscoveryInfo | UnsetType,
    container: mesos.ContainerInfo | UnsetType,
) -> Document:
    document: Document = {"labels": labels.labels if labels else []}
    if discovery:
        document["discovery"] = discovery
    if container:
        document["container"] = container
    return document
