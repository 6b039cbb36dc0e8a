"""What an operator may ask of volumes: requests checked, and refusals that say what to do.

Pure: no I/O, no clock. Whether there is room is the business of `placement`.
"""

from __future__ import annotations

from msgspec import UnsetType

from api.model.disk import validate_persistence_id
from api.model.errors import InvalidRequest, StaleView
from api.model.quantity import bytes_to_mb_up
from api.model.roles import UNRESERVED, validate_role
from api.wire.v1 import master, mesos
from orchestrator.volumes import Goal, VolumeRecord

DEFAULT_ROLE = "default"

RECOVERY_GRACE_SECONDS = 60.0
"""After a start of the orchestrator an agent that is not back yet is not taken for lost so long."""


class NoSuchVolume(InvalidRequest):
    """The name is not known; the operator looks it up in the list of volumes."""

    @property
    def http_status(self) -> int:
        return 404


class VolumeConflict(StaleView):
    """The volume, or its name, is in a state in which this cannot be done now."""


def wanted_volume(call: master.CallProvisionVolume, now: float) -> VolumeRecord:
    """The record of the volume that is asked for, not placed yet. Raises InvalidRequest.

    Its size is rounded up to whole MB.
    """
    validate_persistence_id(call.name)
    if call.size_bytes <= 0:
        raise InvalidRequest(f"size_bytes is {call.size_bytes}: give a size above zero, for example 1GiB")
    return VolumeRecord(
        name=call.name,
        profile=call.profile,
        size_mb=bytes_to_mb_up(call.size_bytes),
        block=call.block is True,
        role=checked_role(call.role),
        created=now,
        agent_id="",
        provider_id="",
        wanted_agent_id=call.agent_id.value if isinstance(call.agent_id, mesos.AgentID) else None,
        wanted_provider=call.provider if isinstance(call.provider, str) and call.provider else None,
    )


def checked_role(wanted: str | UnsetType) -> str:
    """The role of a volume, by default DEFAULT_ROLE. Raises InvalidRequest."""
    role = wanted if isinstance(wanted, str) and wanted else DEFAULT_ROLE
    validate_role(role)
    if role == UNRESERVED:
        raise InvalidRequest("a volume is reserved for a role: give one other than '*'")
    return role


def refuse_end(record: VolumeRecord, users: list[str]) -> None:
    """Raises VolumeConflict when the volume cannot be destroyed now, naming the tasks that use it."""
    if record.gone:
        raise VolumeConflict(
            f"volume {record.name!r} cannot be destroyed, as its resource provider or agent was removed for "
            f"good: forget it (`orlop volume destroy --force {record.name}`)"
        )
    if users:
        raise VolumeConflict(
            f"volume {record.name!r} is in use by task(s) {', '.join(users)}: "
            f"end them first (`orlop task kill {users[0]}`)"
        )


def refuse_forgetting(record: VolumeRecord, since_start: float) -> None:
    """Raises VolumeConflict while the volume's agent, which is not back, may still be on its way."""
    if since_start < RECOVERY_GRACE_SECONDS:
        raise VolumeConflict(
            f"volume {record.name!r} is on agent {record.agent_id}, which may be on its way back after the "
            f"orchestrator's start: try again in {RECOVERY_GRACE_SECONDS:g} s"
        )


def refuse_other(known: VolumeRecord, wanted: VolumeRecord) -> None:
    """Raises VolumeConflict unless the request is for the volume that there is."""
    if known.goal is Goal.ABSENT:
        raise VolumeConflict(f"volume {known.name!r} is being destroyed: wait until it is gone")
    if not known.asks_for_the_same(wanted):
        raise VolumeConflict(
            f"there is a volume {known.name!r} with other properties (profile {known.profile}, "
            f"{known.size_mb} MiB, role {known.role}): choose another name, or destroy it first"
        )
