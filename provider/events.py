"""What goes into the machine and what comes out of it: events and instructions, as frozen values.

No behaviour here. Who carries instructions out must keep their order: what follows a `Persist`, in
its own list or in a later one, must not happen before that is durable.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.model.operation import Operation
from api.model.resources import Resource
from provider.calls import Outcome, PluginFacts, Request
from provider.records import Change, OperationRecord, Profile

# Events


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The manager knows this provider by `provider_id`; None for a host's own resources, which have none."""

    provider_id: str | None


@dataclass(frozen=True, slots=True)
class Disconnected:
    """The session ended; statuses wait for the next."""


@dataclass(frozen=True, slots=True)
class ApplyOperation:
    uuid: UUID
    operation: Operation
    framework_id: str | None = None
    operation_id: str | None = None


@dataclass(frozen=True, slots=True)
class RefuseOperation:
    """An operation came that cannot even be read; `message` says why."""

    uuid: UUID
    message: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    operation: UUID
    status: UUID


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Say how these operations stand; with none named, report everything and send every status again."""

    operations: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class RetryOperation:
    """An operator wants what this operation waits to do again to be done now."""

    uuid: UUID


@dataclass(frozen=True, slots=True)
class AbandonOperation:
    """An operator gives this operation up."""

    uuid: UUID


@dataclass(frozen=True, slots=True)
class Publish:
    """Make the volumes of `resources` usable here, held for `user`, which only reads if `readonly`."""

    request: UUID
    resources: tuple[Resource, ...]
    user: str
    readonly: bool = False


@dataclass(frozen=True, slots=True)
class Unpublish:
    """Release all that `user` holds; answered once that is durable."""

    user: str
    request: UUID | None = None


@dataclass(frozen=True, slots=True)
class CheckAtRest:
    """Say which volumes are not at rest here. Answered at once; nothing is done about them."""

    request: UUID


@dataclass(frozen=True, slots=True)
class PluginReady:
    """The plugin answers, and this is what it can do. Comes again after each restart of the plugin.

    `running`: changes when it is configured to be run otherwise; the same text over restarts.
    """

    facts: PluginFacts
    running: str = ""


@dataclass(frozen=True, slots=True)
class ProfilesChanged:
    profiles: Mapping[str, Profile]


@dataclass(frozen=True, slots=True)
class Configure:
    """A host is configured with `wanted` where it had `base` before (a host's own resources only)."""

    base: tuple[Resource, ...]
    wanted: tuple[Resource, ...]


@dataclass(frozen=True, slots=True)
class AdmitVolume:
    """An operator lets in a volume that the plugin had already; `size_bytes` where the plugin tells none."""

    source_id: str
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class RefreshDue:
    """Time to ask for the capacity again, if nothing is being created or deleted."""


@dataclass(frozen=True, slots=True)
class CallDone:
    """A `CallPlugin` or `ActOnHost` with this id succeeded; `result` is the request's answer."""

    call: int
    result: Any = None


@dataclass(frozen=True, slots=True)
class CallFailed:
    call: int
    outcome: Outcome
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed; comes at `Machine.next_due` at the latest."""


Event = (
    Subscribed
    | Disconnected
    | ApplyOperation
    | RefuseOperation
    | Acknowledge
    | Reconcile
    | RetryOperation
    | AbandonOperation
    | Publish
    | Unpublish
    | CheckAtRest
    | PluginReady
    | ProfilesChanged
    | Configure
    | AdmitVolume
    | RefreshDue
    | CallDone
    | CallFailed
    | Tick
)

# Instructions


@dataclass(frozen=True, slots=True)
class Persist:
    """Make all changes durable together, before anything that comes after."""

    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class CallPlugin:
    """Send the request once; tell its end by CallDone or CallFailed with the same id."""

    call: int
    request: Request[Any]


@dataclass(frozen=True, slots=True)
class WipeContents:
    """Delete everything in a published volume but its mount point; zero a block volume.

    `mounted`: it is a mount. When that has vanished, what is left at `path` is not the volume: it fails.
    """

    path: str
    block: bool
    mounted: bool = False


@dataclass(frozen=True, slots=True)
class MakeVolume:
    """Make the directory of a persistent volume on the host's own disk; one that exists is taken as it is."""

    resource: Resource


@dataclass(frozen=True, slots=True)
class RemoveVolume:
    """Delete the data of a persistent volume on the host's own disk; nothing there is fine."""

    resource: Resource


class MountState(enum.StrEnum):
    """What is wrong where a volume is published."""

    VANISHED = "VANISHED"
    """Nothing is mounted there, though something was; containers that run may still use it."""
    DEAD = "DEAD"
    """What is mounted there has lost what is behind it: nobody can use it any more."""
    FAILING = "FAILING"
    """It answers with errors."""
    SILENT = "SILENT"
    """It does not answer."""


@dataclass(frozen=True, slots=True)
class MountProblem:
    state: MountState
    message: str


@dataclass(frozen=True, slots=True)
class PublishedMount:
    """Where a volume is published. `mounted`: something was mounted there when it was."""

    volume_id: str
    path: str
    block: bool
    mounted: bool


@dataclass(frozen=True, slots=True)
class ExamineMounts:
    """Look whether these are mounted and answer. Its result: {volume id: MountProblem} where not."""

    mounts: tuple[PublishedMount, ...]


HostAction = WipeContents | MakeVolume | RemoveVolume | ExamineMounts


@dataclass(frozen=True, slots=True)
class ActOnHost:
    """Carry out an action that may be repeated; its end is told like a plugin call's."""

    call: int
    action: HostAction


@dataclass(frozen=True, slots=True)
class SendStatus:
    """Tell the operation's owner its status. With a `status` UUID it is to be acknowledged."""

    record: OperationRecord
    status: UUID | None


@dataclass(frozen=True, slots=True)
class SendUnknownOperation:
    """Say of an operation that this provider does not have it, so it was DROPPED; nothing is remembered."""

    uuid: UUID
    message: str = "this provider does not know the operation: it never arrived"


@dataclass(frozen=True, slots=True)
class ReportState:
    """Send UPDATE_STATE. When not `urgent` several reports may be sent as one, a little later."""

    urgent: bool


@dataclass(frozen=True, slots=True)
class PublishedVolume:
    """Where a volume (`source_id`) can be used on this host."""

    source_id: str
    path: str
    block: bool


@dataclass(frozen=True, slots=True)
class AnswerPublish:
    """The end of a Publish: the volumes, or why not (`message`).

    unsettled: in answer to a CheckAtRest, the volumes that are not at rest, in words.
    """

    request: UUID
    published: tuple[PublishedVolume, ...] = ()
    message: str | None = None
    unsettled: tuple[str, ...] = ()


Instruction = (
    Persist | CallPlugin | ActOnHost | SendStatus | SendUnknownOperation | ReportState | AnswerPublish
)
