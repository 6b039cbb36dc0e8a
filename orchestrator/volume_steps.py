"""What a step of an operator's volume has come to, entered in the volume's record.

Pure: records in, records changed. Which step comes next is said by `volumes`.
"""

from __future__ import annotations

import logging
from collections.abc import Container

from api.model.operation import OperationType
from api.wire.codec import encode_msgpack
from api.wire.convert import resource_from_wire, resource_to_wire
from api.wire.v1 import mesos
from orchestrator.records import OperationRecord
from orchestrator.volume_holds import resource_of
from orchestrator.volumes import Goal, Rung, VolumeRecord, resource_after, rung_of

log = logging.getLogger(__name__)


def climbed(record: VolumeRecord, step: OperationType, status: mesos.OperationStatus) -> None:
    """The step was done: the volume is what its status says, or what was known beforehand."""
    if step is OperationType.CREATE_DISK:
        record.resource = encode_msgpack(status.converted_resources[0])
        record.rung = rung_of(record, resource_from_wire(status.converted_resources[0]))
    elif step is OperationType.DESTROY_DISK:
        record.resource, record.rung = None, Rung.NOTHING
    elif step is OperationType.GROW_VOLUME:
        record.resource = encode_msgpack(status.converted_resources[0])
        record.size_mb, record.wanted_mb = record.wanted_mb, 0
        if record.goal is Goal.LARGER:
            record.goal = Goal.PRESENT
    else:
        after = resource_after(record, step, resource_of(record))
        record.resource, record.rung = encode_msgpack(resource_to_wire(after)), rung_of(record, after)
    record.attempts = 0


def step_of(operation: OperationRecord) -> OperationType:
    """Which step an operation of a volume is."""
    return OperationType(str(operation.info.type))


def reason_of(step: OperationType, status: mesos.OperationStatus) -> str:
    """Why a step was not done, for people."""
    message = status.message if isinstance(status.message, str) else "no reason was given"
    return f"{step} ended as {status.state}: {message}"


def lose(record: VolumeRecord, gone_agents: Container[str]) -> None:
    """Its provider is gone: what there was of the volume is out of reach; what there was not, failed."""
    gone = record.agent_id in gone_agents
    what = f"agent {record.agent_id}" if gone else f"resource provider {record.provider_id}"
    reason = f"its {what} was removed for good by an operator"
    if record.rung is Rung.NOTHING:
        record.goal, record.failed = Goal.ABSENT, record.failed or reason
        return
    record.gone = True
    record.stuck = f"{reason}; forget the volume with `orlop volume destroy --force {record.name}`"
    log.error("volume %s: %s", record.name, record.stuck)
