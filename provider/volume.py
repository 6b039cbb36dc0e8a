"""The life of one volume: its states, which call leads from one to the next, and what comes next.

Theory of operation. A volume climbs a ladder towards the place where it is used and comes down
again to be deleted:

    CREATED -> NODE_READY -> VOL_READY -> PUBLISHED

Each rung is climbed by one CSI call (ControllerPublishVolume, NodeStageVolume, NodePublishVolume)
and left by its inverse. A call is bracketed by two states: the transient one is made durable
before the call is sent, the one it leads to after its answer. So whoever finds a transient state
knows that the call may or may not have happened, and `next_step` says what to do about it: the same
call again, or its inverse; an inverse that was begun is always finished first.

Pure: no I/O, no clock, no plugin. It decides nothing about operations, holders or capacity.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from provider.capabilities import ANY_ACCESS
from provider.capabilities import EMPTY as EMPTY
from provider.capabilities import ONE_WRITER as ONE_WRITER
from provider.capabilities import READ_ONLY_MODES as READ_ONLY_MODES
from provider.capabilities import Capabilities as Capabilities
from provider.capabilities import VolumeCapability as VolumeCapability


class VolumeState(enum.StrEnum):
    """Where a volume is. The transient states carry the name of the call that is under way."""

    CREATED = "CREATED"
    CONTROLLER_PUBLISH = "CONTROLLER_PUBLISH"
    NODE_READY = "NODE_READY"
    NODE_STAGE = "NODE_STAGE"
    VOL_READY = "VOL_READY"
    NODE_PUBLISH = "NODE_PUBLISH"
    PUBLISHED = "PUBLISHED"
    NODE_UNPUBLISH = "NODE_UNPUBLISH"
    NODE_UNSTAGE = "NODE_UNSTAGE"
    CONTROLLER_UNPUBLISH = "CONTROLLER_UNPUBLISH"
    DELETING = "DELETING"
    DELETED = "DELETED"


class VolumeCall(enum.StrEnum):
    """The calls that move an existing volume (CreateVolume makes one: it belongs to its operation)."""

    CONTROLLER_PUBLISH = "ControllerPublishVolume"
    NODE_STAGE = "NodeStageVolume"
    NODE_PUBLISH = "NodePublishVolume"
    NODE_UNPUBLISH = "NodeUnpublishVolume"
    NODE_UNSTAGE = "NodeUnstageVolume"
    CONTROLLER_UNPUBLISH = "ControllerUnpublishVolume"
    DELETE = "DeleteVolume"


class VolumeEvent(enum.StrEnum):
    """What can happen to a call, or to the host."""

    BEGIN = "begin"
    DONE = "done"
    REFUSED = "refused"


class Goal(enum.IntEnum):
    """Where a volume should be brought."""

    DELETED = 0
    CREATED = 1
    PUBLISHED = 2


class InvalidTransition(Exception):
    """A volume was asked for a step that its state does not allow: a fault of the provider's own."""


class ExpansionStage(enum.StrEnum):
    """What has still to be done for a volume that is made larger."""

    CONTROLLER = "CONTROLLER"
    """ControllerExpandVolume makes room where the volume is kept."""
    NODE = "NODE"
    """The room is there; NodeExpandVolume has to make it usable where the volume is published."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A volume that is to hold `required_bytes`, where it held `from_bytes` before.

    `sent`: the call of this stage may have been made.
    """

    required_bytes: int
    from_bytes: int
    stage: ExpansionStage
    sent: bool = False


@dataclass(frozen=True, slots=True)
class Volume:
    """What the provider knows of a volume; persisted as it stands.

    `capacity_bytes` is what the plugin said it holds. `boot_id` names the boot in which it was
    staged or published: mounts do not outlive it. `operation` is the UUID (text) of the operation
    that made it, after which it is named at the plugin; None for one that was there before us. `used`: a
    container may have written to it since it was made or wiped. `readonly`: how it was, or is being,
    published. `mounted`: where it is published there is a mount (some plugins make a link instead).
    `attached`, `staged`: ControllerPublishVolume, NodeStageVolume may have done it, so that the inverse is
    called even if the plugin says meanwhile that it has no such call. `retreating`: a plugin took back that
    something was undone, so nobody knows what stands: it comes all the way down before it goes up again.
    `attached_to`: the node id that ControllerPublishVolume was called with.
    """

    id: str
    state: VolumeState
    capacity_bytes: int
    capability: VolumeCapability = ANY_ACCESS
    profile: str | None = None
    context: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    parameters: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    publish_context: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    boot_id: str | None = None
    operation: str | None = None
    used: bool = False
    readonly: bool = False
    mounted: bool = False
    expansion: Expansion | None = None
    attached: bool = False
    staged: bool = False
    retreating: bool = False
    attached_to: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One call to make, from `start`. `transient` is persisted before it, `target` after its answer.

    When `start` is `transient`, the call repeats one whose outcome is unknown.
    """

    call: VolumeCall
    start: VolumeState
    transient: VolumeState
    target: VolumeState


_S, _C, _E = VolumeState, VolumeCall, VolumeEvent

CALLS: Mapping[VolumeCall, tuple[VolumeState, VolumeState]] = MappingProxyType(
    {
        _C.CONTROLLER_PUBLISH: (_S.CONTROLLER_PUBLISH, _S.NODE_READY),
        _C.NODE_STAGE: (_S.NODE_STAGE, _S.VOL_READY),
        _C.NODE_PUBLISH: (_S.NODE_PUBLISH, _S.PUBLISHED),
        _C.NODE_UNPUBLISH: (_S.NODE_UNPUBLISH, _S.VOL_READY),
        _C.NODE_UNSTAGE: (_S.NODE_UNSTAGE, _S.NODE_READY),
        _C.CONTROLLER_UNPUBLISH: (_S.CONTROLLER_UNPUBLISH, _S.CREATED),
        _C.DELETE: (_S.DELETING, _S.DELETED),
    }
)
"""Each call's transient state and the state it leads to."""

UP: Mapping[VolumeState, VolumeCall] = MappingProxyType(
    {
        _S.CREATED: _C.CONTROLLER_PUBLISH,
        _S.CONTROLLER_PUBLISH: _C.CONTROLLER_PUBLISH,
        _S.NODE_READY: _C.NODE_STAGE,
        _S.NODE_STAGE: _C.NODE_STAGE,
        _S.VOL_READY: _C.NODE_PUBLISH,
        _S.NODE_PUBLISH: _C.NODE_PUBLISH,
        # An inverse call that was begun is finished before anything goes up again.
        _S.NODE_UNPUBLISH: _C.NODE_UNPUBLISH,
        _S.NODE_UNSTAGE: _C.NODE_UNSTAGE,
        _S.CONTROLLER_UNPUBLISH: _C.CONTROLLER_UNPUBLISH,
    }
)
"""The call that leads from a state towards PUBLISHED."""

DOWN: Mapping[VolumeState, VolumeCall] = MappingProxyType(
    {
        _S.PUBLISHED: _C.NODE_UNPUBLISH,
        _S.NODE_PUBLISH: _C.NODE_UNPUBLISH,
        _S.NODE_UNPUBLISH: _C.NODE_UNPUBLISH,
        _S.VOL_READY: _C.NODE_UNSTAGE,
        _S.NODE_STAGE: _C.NODE_UNSTAGE,
        _S.NODE_UNSTAGE: _C.NODE_UNSTAGE,
        _S.NODE_READY: _C.CONTROLLER_UNPUBLISH,
        _S.CONTROLLER_PUBLISH: _C.CONTROLLER_UNPUBLISH,
        _S.CONTROLLER_UNPUBLISH: _C.CONTROLLER_UNPUBLISH,
    }
)
"""The call that leads from a state towards CREATED."""


def _table() -> Mapping[tuple[VolumeState, VolumeEvent, VolumeCall], VolumeState]:
    table: dict[tuple[VolumeState, VolumeEvent, VolumeCall], VolumeState] = {}
    for ladder in (UP, DOWN, {_S.CREATED: _C.DELETE, _S.DELETING: _C.DELETE}):
        for state, call in ladder.items():
            table[state, _E.BEGIN, call] = CALLS[call][0]
    for call, (transient, target) in CALLS.items():
        table[transient, _E.DONE, call] = target
        # Refused, a call may still have left traces: the state stays, so that its inverse cleans up.
        table[transient, _E.REFUSED, call] = transient
    table[_S.DELETING, _E.REFUSED, _C.DELETE] = _S.CREATED
    return MappingProxyType(table)


TRANSITIONS = _table()
"""(state, event, call) -> state. What is not here is refused."""

PASSED_OVER: Mapping[VolumeCall, str] = MappingProxyType(
    {
        _C.CONTROLLER_PUBLISH: "controller_publish",
        _C.CONTROLLER_UNPUBLISH: "controller_publish",
        _C.NODE_STAGE: "stage",
        _C.NODE_UNSTAGE: "stage",
    }
)
"""Calls that a plugin need not have, with the capability that says it has them."""

EARLIER: Mapping[VolumeCall, tuple[VolumeCall, ...]] = MappingProxyType(
    {
        _C.NODE_UNSTAGE: (_C.NODE_UNPUBLISH,),
        _C.CONTROLLER_UNPUBLISH: (_C.NODE_UNSTAGE, _C.NODE_UNPUBLISH),
        _C.DELETE: (_C.CONTROLLER_UNPUBLISH, _C.NODE_UNSTAGE, _C.NODE_UNPUBLISH),
    }
)
"""What has to have happened before an inverse call, the latest first."""

AFTER_REBOOT: Mapping[VolumeState, VolumeState] = MappingProxyType(
    {
        _S.VOL_READY: _S.NODE_READY,
        _S.PUBLISHED: _S.NODE_READY,
        _S.NODE_UNSTAGE: _S.NODE_READY,
        _S.NODE_PUBLISH: _S.NODE_READY,
        _S.NODE_UNPUBLISH: _S.NODE_READY,
    }
)
"""What a node state means after the host was booted anew: nothing is mounted any more."""


def transition(state: VolumeState, event: VolumeEvent, call: VolumeCall) -> VolumeState:
    """The state that follows. Raises InvalidTransition, naming all three, when the table has none."""
    try:
        return TRANSITIONS[state, event, call]
    except KeyError:
        raise InvalidTransition(f"a volume in {state} cannot take {event} of {call}") from None


def next_step(volume: Volume, goal: Goal, capabilities: Capabilities) -> Step | None:
    """The next call on the way to `goal`, or None when the volume is there.

    Raises InvalidTransition for a volume that is being deleted and should be used: nothing leads back.
    """
    if volume.state is _S.DELETED:
        return None
    state: VolumeState = volume.state
    if goal is Goal.PUBLISHED and volume.retreating:
        down = next_step(volume, Goal.CREATED, capabilities)
        if down is not None:
            return down
        state = _S.CREATED
    while True:
        call = _call(state, goal)
        if call is None:
            return None
        transient, target = CALLS[call]
        if state is transient or _needs(volume, call, capabilities):
            return Step(call, state, transient, target)
        state = target


def _needs(volume: Volume, call: VolumeCall, capabilities: Capabilities) -> bool:
    """Whether the volume cannot pass over the call: the plugin has it, or had it when the volume went up."""
    wanted = PASSED_OVER.get(call)
    if wanted is None or getattr(capabilities, wanted):
        return True
    return (call is _C.NODE_UNSTAGE and volume.staged) or (
        call is _C.CONTROLLER_UNPUBLISH and volume.attached
    )


HEIGHT: Mapping[VolumeState, int] = MappingProxyType(
    {
        _S.DELETED: 0,
        _S.DELETING: 0,
        _S.CREATED: 1,
        _S.CONTROLLER_PUBLISH: 2,
        _S.CONTROLLER_UNPUBLISH: 2,
        _S.NODE_READY: 3,
        _S.NODE_STAGE: 4,
        _S.NODE_UNSTAGE: 4,
        _S.VOL_READY: 5,
        _S.NODE_PUBLISH: 6,
        _S.NODE_UNPUBLISH: 6,
        _S.PUBLISHED: 7,
    }
)
"""How far up the ladder a state is. Above that of CREATED, the node has to do with the volume."""


def _call(state: VolumeState, goal: Goal) -> VolumeCall | None:
    if state is _S.DELETING:
        if goal is not Goal.DELETED:
            raise InvalidTransition(f"a volume in {state} cannot be brought to {goal.name}")
        return _C.DELETE
    if goal is Goal.PUBLISHED:
        return UP.get(state)
    if state is _S.CREATED:
        return _C.DELETE if goal is Goal.DELETED else None
    return DOWN[state]


_UPWARDS = frozenset({_C.CONTROLLER_PUBLISH, _C.NODE_STAGE, _C.NODE_PUBLISH})


def begin(volume: Volume, step: Step, boot_id: str, *, readonly: bool = False, node_id: str = "") -> Volume:
    """The volume as it must be persisted before `step`'s call is sent.

    `readonly`: how it is to be published; `node_id`: to which node it is to be attached. A call whose outcome
    is unknown is repeated as it was.
    """
    # Edges between the volume's state and `start` need no call, so only the call's own entry counts.
    state = transition(step.start, _E.BEGIN, step.call)
    mounts = step.call in (_C.NODE_STAGE, _C.NODE_PUBLISH)
    changed = replace(
        volume,
        state=state,
        boot_id=boot_id if mounts else volume.boot_id,
        attached=volume.attached or step.call is _C.CONTROLLER_PUBLISH,
        staged=volume.staged or step.call is _C.NODE_STAGE,
        retreating=volume.retreating and step.call not in _UPWARDS,
    )
    if step.call is _C.NODE_PUBLISH and step.start is not step.transient:
        changed = replace(changed, readonly=readonly, mounted=False)
    if step.call is _C.CONTROLLER_PUBLISH and step.start is not step.transient:
        changed = replace(changed, attached_to=node_id)
    return changed


def done(
    volume: Volume, step: Step, publish_context: Mapping[str, str] | None = None, *, mounted: bool = False
) -> Volume:
    """The volume after `step`'s call succeeded. `publish_context` comes from ControllerPublishVolume,
    `mounted` is what was seen after NodePublishVolume.
    """
    state = transition(volume.state, _E.DONE, step.call)
    changed = replace(volume, state=state)
    if step.call is _C.NODE_PUBLISH:
        changed = replace(changed, mounted=mounted)
    if step.call is _C.CONTROLLER_PUBLISH:
        changed = replace(changed, publish_context=dict(publish_context or {}))
    if step.call is _C.CONTROLLER_UNPUBLISH:
        changed = replace(changed, publish_context=EMPTY, attached=False, attached_to="")
    if step.call is _C.NODE_UNSTAGE:
        changed = replace(changed, staged=False)
    if step.call in (_C.NODE_UNSTAGE, _C.CONTROLLER_UNPUBLISH):
        changed = replace(changed, boot_id=None)
    return changed


def refused(volume: Volume, step: Step) -> Volume:
    """The volume after the plugin refused `step`'s call for good."""
    return replace(volume, state=transition(volume.state, _E.REFUSED, step.call))


def one_back(volume: Volume, step: Step, capabilities: Capabilities) -> Volume | None:
    """The volume as it must be taken for after the plugin refused an inverse call because of its state
    (FAILED_PRECONDITION): what should have been undone before may not have been, whatever was said of it.

    None when nothing comes before.
    """
    for call in EARLIER.get(step.call, ()):
        wanted = PASSED_OVER.get(call)
        if wanted is None or getattr(capabilities, wanted):
            return replace(volume, state=CALLS[call][0], retreating=True)
    return None


def after_boot(volume: Volume, boot_id: str) -> Volume:
    """The volume as it is when the provider starts: the same, or no longer mounted after a reboot."""
    if volume.boot_id is None or volume.boot_id == boot_id:
        return volume
    state = AFTER_REBOOT.get(volume.state, volume.state)
    return replace(volume, state=state, boot_id=None, staged=state is _S.NODE_STAGE)


def on_node(volume: Volume, node_id: str) -> Volume:
    """The volume as it is once the plugin has said what it calls this node: the same, unless that changed
    since it was attached. Then it is attached to nothing that is here, and is detached before its use."""
    moved = volume.attached_to not in ("", node_id) and HEIGHT[volume.state] < HEIGHT[_S.VOL_READY]
    return replace(volume, retreating=True) if moved else volume
