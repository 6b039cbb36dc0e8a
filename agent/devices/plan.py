"""What follows from the devices that are there now, the pools that are known, and the rules.

Pure: values in, values out. A device is known again by what it carries, never by its name; and nothing that
carries anything is admitted unless a rule names it and says so. It must not: act, look at a device.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agent.devices.record import PoolRecord
from provider.local_storage.device import Contents, Device
from provider.local_storage.device_rules import (
    Answer,
    Rule,
    Use,
    before_opening,
    rule_for,
    verdict,
)

UNFINISHED_SECONDS: Final = 7 * 86400.0
"""After this long a pool that was begun, and whose disk is away, is forgotten: nothing was ever on it."""


@dataclass(frozen=True, slots=True)
class Sight:
    """A device as it is seen: `busy` says who has it mounted or as swap; `contents` is None when it was not
    opened."""

    device: Device
    busy: str = ""
    contents: Contents | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pool is in use: the device as it was when it was taken."""

    path: str
    number: tuple[int, int]
    sequence: str

    def is_at(self, device: Device) -> bool:
        """Whether that is this device still, and not another one under its name."""
        return (self.path, self.number, self.sequence) == (device.path, device.number, device.sequence)


def place_of(device: Device) -> Place:
    return Place(device.path, device.number, device.sequence)


class State(enum.StrEnum):
    """How a device stands, for people."""

    USED = "USED"
    STARTING = "STARTING"
    FAILED = "FAILED"
    ABSENT = "ABSENT"
    FAILING = "FAILING"
    """It is in use, and does not work as it should."""
    REFUSED = "REFUSED"
    UNUSED = "UNUSED"


@dataclass(frozen=True, slots=True)
class Row:
    """A device, or a pool that is not there, and what the agent does with it."""

    state: State
    sight: Sight | None = None
    record: PoolRecord | None = None
    rule: Rule | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Admit:
    """Make a pool of the device. `destroys`: there is something on it that has to go first."""

    device: Device
    rule: Rule
    destroys: bool


@dataclass(frozen=True, slots=True)
class Attach:
    """The pool is on that device: have its provider run."""

    record: PoolRecord
    device: Device


@dataclass(frozen=True, slots=True)
class Detach:
    """The pool's device is not there any more."""

    record: PoolRecord
    why: str


@dataclass(frozen=True, slots=True)
class Forget:
    """What was begun never became a pool, and will not: nothing of it is on any device."""

    record: PoolRecord
    why: str


Action = Admit | Attach | Detach | Forget


@dataclass(frozen=True, slots=True)
class Plan:
    rows: tuple[Row, ...]
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the agent knows: its pools by id, where those are that are in use, the names of providers that an
    operator has given up for good, and devices with which something is being done, by path, with their pools
    as far as those are known. `now` as in `PoolRecord.admitted_at`. `left`: why no disk is taken up any more;
    empty while disks are. `unserved`: pools in use, from a former life, whose provider does not run."""

    pools: Mapping[str, PoolRecord]
    in_use: Mapping[str, Place]
    given_up: Collection[str] = ()
    hands_on: Mapping[str, str] = field(default_factory=dict)
    now: float = 0.0
    left: str = ""
    unserved: Collection[str] = ()


def to_be_opened(device: Device, busy: str, rules: Sequence[Rule], known: Known) -> bool:
    """Whether it may be looked at what is on the device: a rule is for it, or it is one of the agent's own;
    and nobody has it."""
    if device.path in known.hands_on or any(place.is_at(device) for place in known.in_use.values()):
        return False  # who opens it for himself is in the way of who formats or mounts it
    if whole_disk(device, known) is not None or _disk_below(device, known) is not None:
        return False  # whose it is shows without: what is on it is its users'
    rule = rule_for(device, rules)
    if rule is None:
        own = any(device.identity == each.identity != "" for each in known.pools.values())
        return own and not _unusable(device, busy, None)
    return not before_opening(device, rule, busy)


def plan(sights: Sequence[Sight], rules: Sequence[Rule], known: Known) -> Plan:
    """What is to be done, and how every device and every known pool stands."""
    rows: list[Row] = []
    actions: list[Action] = []
    carriers = _carriers(sights, known)
    for sight in sights:
        row, action = _of_device(sight, sights, rules, known, carriers)
        if isinstance(action, Admit | Attach) and (twin := _twin(sight, sights)) is not None:
            why = f"it is attached as {twin.path}, too: it is used when it is that no more"
            row, action = Row(State.REFUSED, sight, row.record, row.rule, why), None
        rows.append(row)
        if action is not None:
            actions.append(action)
    for record in known.pools.values():
        row_of_pool, action = _of_pool(record, sights, known)
        if action is not None:
            actions.append(action)
        if row_of_pool is not None:
            rows.append(row_of_pool)
    return Plan(tuple(rows), tuple(actions))


def whole_disk(device: Device, known: Known) -> PoolRecord | None:
    """The device as one that is offered whole, by its identity."""
    mine = (each for each in known.pools.values() if each.whole and each.identity == device.identity != "")
    return next((each for each in mine if each.provider not in known.given_up), None)


def leaving(record: PoolRecord, devices: Sequence[Device]) -> tuple[int, int] | None:
    """The number of a whole disk that is being detached: it goes when its plugin, which may have gone on
    without an agent, has it open no more."""
    mine = (each for each in devices if each.leaving and each.identity == record.identity != "")
    return next((each.number for each in mine), None)


def _disk_below(device: Device, known: Known) -> PoolRecord | None:
    """The disk that a partition is on, when that is offered whole: its users have made the partition."""
    mine = (each for each in known.pools.values() if each.whole and each.identity == device.disk != "")
    return next((each for each in mine if each.provider not in known.given_up), None)


def pool_on(sight: Sight, known: Known) -> PoolRecord | None:
    """The known pool that a device carries, or is about to; or what it is as a disk that is offered whole."""
    if (whole := whole_disk(sight.device, known)) is not None:
        return whole
    contents = sight.contents
    if contents is None or contents.busy or contents.unreadable:
        return None
    if contents.pool_id:
        return known.pools.get(contents.pool_id)
    if contents.signature:
        return None
    # A format that was interrupted: all that is known of the device is its own identity.
    device = sight.device
    begun = [each for each in known.pools.values() if not (each.prepared or each.whole) and each.identity]
    mine = (each for each in begun if (each.identity, each.size) == (device.identity, device.size))
    return next(mine, None)


def _twin(sight: Sight, sights: Sequence[Sight]) -> Device | None:
    """The same thing under another name: a file behind two loop devices, a disk that is reached by two ways.
    What is written by one way the other one does not see."""
    mine = sight.device
    others = (each.device for each in sights if each.device.path != mine.path)
    return next((each for each in others if each.identity == mine.identity != ""), None)


def _carriers(sights: Sequence[Sight], known: Known) -> Mapping[str, list[Sight]]:
    found: dict[str, list[Sight]] = {}
    for sight in sights:
        record = pool_on(sight, known)
        if record is not None:
            found.setdefault(record.pool_id, []).append(sight)
    return found


def _of_device(
    sight: Sight,
    sights: Sequence[Sight],
    rules: Sequence[Rule],
    known: Known,
    carriers: Mapping[str, list[Sight]],
) -> tuple[Row, Action | None]:
    device = sight.device
    for pool_id, place in known.in_use.items():
        if place.is_at(device):
            used = known.pools[pool_id]
            again = pool_id in known.unserved and not (device.leaving or known.left)
            row = Row(State.USED, sight, used, rule_for(device, rules))
            return row, Attach(used, device) if again else None
    if device.path in known.hands_on:
        record = known.pools.get(known.hands_on[device.path])
        return Row(State.STARTING, sight, record, rule_for(device, rules)), None
    if (below := _disk_below(device, known)) is not None:
        why = f"it is a partition of {below.named}, which is offered whole: it is its users'"
        return Row(State.REFUSED, sight, rule=rule_for(device, rules), why=why), None
    carried = pool_on(sight, known)
    if carried is not None:
        return _of_known(sight, sights, carried, rules, known, carriers[carried.pool_id])
    found = verdict(device, rules, sight.busy, sight.contents)
    before = [
        each for each in known.pools.values() if each.prepared and each.identity == device.identity != ""
    ]
    if found.destroys and before:
        why = (
            f"it was {before[0].named} and holds something else now, which no rule gives away a second "
            f"time: empty it by hand (wipefs -a {device.path})"
        )
        return Row(State.REFUSED, sight, rule=found.rule, why=why), None
    if found.answer is Answer.ADMITTED and known.left:
        return Row(State.UNUSED, sight, rule=found.rule, why=known.left), None
    if found.answer is Answer.ADMITTED:
        assert found.rule is not None, "a device is admitted by a rule"
        return Row(State.STARTING, sight, rule=found.rule), Admit(device, found.rule, found.destroys)
    state = State.REFUSED if found.answer is Answer.REFUSED else State.UNUSED
    return Row(state, sight, rule=found.rule, why=found.why), None


def _of_known(
    sight: Sight,
    sights: Sequence[Sight],
    record: PoolRecord,
    rules: Sequence[Rule],
    known: Known,
    carriers: Sequence[Sight],
) -> tuple[Row, Action | None]:
    device, rule = sight.device, rule_for(sight.device, rules)
    if record.whole:
        # Its partitions are what its users made, and keep it from nobody, unless the host has taken one.
        why = _unusable(replace(device, parts=()), sight.busy, rule) or _part_in_use(device, sights)
    else:
        why = _unusable(device, sight.busy, rule)
    if not record.prepared and rule is None and sight.contents is not None and not sight.contents.pool_id:
        why = "it was to become a pool, and no rule is for it any more: it is formatted when one is again"
    if record.whole and _is_another(device, record, rule):
        why = (
            f"it has {device.size} bytes, and {record.named} had {record.size}: it is another one, or is not "
            "what it was; give that one up for good (orlop providers gone) to have this one judged anew"
        )
        if device.size > record.size:
            name = "a rule" if rule is None else f"rule {rule.name}"
            why += (
                f", or have {name} say even_if_not_empty = [{device.identity!r}], if it is that one and grew"
            )
    elif record.provider in known.given_up:
        why = (
            f"its provider {record.provider} was given up for good: what is on it is out of reach; empty it "
            f"(wipefs -a {device.path}, then blkdiscard or zero its first and last MiB) to have it used anew"
        )
    elif record.pool_id in known.in_use:
        why = f"it is a copy of {record.named}, which is used at {known.in_use[record.pool_id].path}"
    elif len(carriers) > 1:
        paths = ", ".join(each.device.path for each in carriers)
        why = f"{paths} are all {record.named}: detach all but the one that is to be used"
    if why:
        return Row(State.REFUSED, sight, record, rule, why), None
    if known.left:
        return Row(State.UNUSED, sight, record, rule, known.left), None
    return Row(State.STARTING, sight, record, rule), Attach(record, device)


def _is_another(device: Device, record: PoolRecord, rule: Rule | None) -> bool:
    """What an adapter says of itself can be the same of two disks. One that shrank has lost something; one
    that grew, and has partitions, may be somebody's, unless a rule names it."""
    if device.size <= record.size:
        return device.size < record.size
    is_named = rule is not None and device.identity in rule.even_if_not_empty
    return device.parts != () and not is_named


def _unusable(device: Device, busy: str, rule: Rule | None) -> str:
    """Why a pool cannot be used where it is."""
    return before_opening(device, rule or Rule("known", Use.POOL), busy)


def _part_in_use(device: Device, sights: Sequence[Sight]) -> str:
    """What of this host has a partition of the disk to itself, in words; empty when nothing has."""
    for part in (each for each in sights if each.device.disk == device.identity):
        holders = ", ".join(part.device.holders)
        if part.busy or holders:
            who = part.busy or f"{holders} is made of it"
            return f"it is in use: its partition {part.device.path}, {who}, outside of all tasks: free that"
    return ""


def _of_pool(record: PoolRecord, sights: Sequence[Sight], known: Known) -> tuple[Row | None, Action | None]:
    """What a device does not say: that a pool's has gone."""
    place = known.in_use.get(record.pool_id)
    at = next((each for each in sights if place is not None and place.is_at(each.device)), None)
    if place is not None:
        if at is None:
            why = f"{_where(record)} is not attached any more: attach it again"
            return Row(State.ABSENT, record=record, why=why), Detach(record, why)
        if at.device.leaving:
            why = f"{_where(record)} is being detached"
            return None, Detach(record, why)
        return None, None
    if record.provider in known.given_up or record.pool_id in known.hands_on.values():
        return None, None
    if any(pool_on(each, known) is record for each in sights):
        return None, None
    if not record.prepared and (why := _never_to_be(record, sights, known)):
        return None, Forget(record, why)
    return Row(State.ABSENT, record=record, why=absence(record)), None


def _never_to_be(record: PoolRecord, sights: Sequence[Sight], known: Known) -> str:
    """Why a pool that was begun will never be made; empty while it may be. None of its kind had a provider
    that an operator could give up."""
    if known.now - record.admitted_at > UNFINISHED_SECONDS:
        return f"disk {record.path} was not seen again within {UNFINISHED_SECONDS / 86400:g} days"
    for each in sights:
        if not (each.device.identity == record.identity != "") or each.contents is None:
            continue
        if (each.contents.signature or each.contents.pool_id) and not each.contents.unreadable:
            return f"disk {each.device.path} holds {each.contents.what or 'another pool'} now"
    return ""


def absence(record: PoolRecord) -> str:
    """Why a pool is not there, and what to do, for people."""
    if not record.prepared:
        return (
            f"the disk that was to become pool {record.pool_id} is not attached (it was {record.path} last): "
            f"attach it again; {UNFINISHED_SECONDS / 86400:g} days after it was begun with it is forgotten"
        )
    what = f"the {record.named}" if record.whole else f"the disk with {record.named}"
    return (
        f"{what} is not attached (it was {record.path} last): attach it again, or give it up for good "
        "(orlop providers gone)"
    )


def _where(record: PoolRecord) -> str:
    return f"{record.named} at {record.path}" if record.whole else f"disk {record.path} with {record.named}"
