"""What the ledger remembers of an operation and of a launch.

Pure data: how it is kept is `ledger`, what follows from it is decided by its readers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from api.wire.codec import encode
from api.wire.v1 import mesos, scheduler


@dataclass(slots=True)
class OperationRecord:
    """One accepted operation. `statuses` are in the order in which they were told.

    digest: see `digest_of`; empty when what was asked is known from the provider alone, or has no id.
    abandoned: when an operator gave it up, in seconds since the epoch.
    trouble: what stands in its way, as its provider last said; knowledge, not kept on disk.
    earlier_troubles: what did before, oldest first, each message once; the same.
    """

    uuid: bytes
    framework_id: str | None
    operation_id: str | None
    agent_id: str
    provider_id: str | None
    role: str | None
    info: mesos.OfferOperation
    digest: bytes
    created: float
    provisioning: str | None = None
    statuses: list[mesos.OperationStatus] = field(default_factory=list)
    terminal: bool = False
    acknowledged: bool = False
    abandoned: float | None = None
    trouble: mesos.OperationTrouble | None = None
    earlier_troubles: list[mesos.OperationTrouble] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether it has an outcome that its owner knows, or that nobody waits for."""
        return self.terminal and self.acknowledged

    @property
    def ended(self) -> float:
        """When it had its outcome, in seconds since the epoch; when it was accepted, while it has none."""
        told = self.statuses[-1].timestamp if self.statuses else None
        return told if isinstance(told, float) else self.created


@dataclass(slots=True)
class LaunchRecord:
    """A task that was accepted and that its agent has not spoken of yet."""

    framework_id: str
    agent_id: str
    role: str
    info: mesos.TaskInfo
    created: float

    @property
    def task_id(self) -> str:
        return self.info.task_id.value


@dataclass(frozen=True, slots=True)
class KillRecord:
    """A framework asked for the end of a task that has not ended, as far as is known."""

    framework_id: str
    agent_id: str
    call: scheduler.CallKill

    @property
    def key(self) -> tuple[str, str]:
        """(framework id, task id)."""
        return self.framework_id, self.call.task_id.value


@dataclass(frozen=True, slots=True)
class ShutdownRecord:
    """A framework asked for the end of an executor that has not exited, as far as is known."""

    framework_id: str
    agent_id: str
    executor_id: str

    @property
    def key(self) -> tuple[str, str, str]:
        """(agent id, framework id, executor id)."""
        return self.agent_id, self.framework_id, self.executor_id


def digest_of(info: mesos.OfferOperation) -> bytes:
    """What an operation asks for, as 32 bytes: two calls are the same when these are."""
    return hashlib.sha256(encode(info)).digest()
