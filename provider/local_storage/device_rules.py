"""Which devices an operator gives to the agent: rules in their order, and what follows for one device.

Pure: no I/O. Whatever is not plainly allowed is refused, with a reason that says what to do. It must not:
know where rules are kept, or what becomes of a device that is admitted.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from provider.local_storage.device import Contents, Device, Kind

LEAST_BYTES: Final = 64 * 1024 * 1024
"""A device that is smaller is no pool: nothing would be left of it."""

WILD: Final = frozenset("*?[")


class Use(enum.StrEnum):
    """What a device is for."""

    POOL = "pool"
    DISK = "disk"
    """It is offered whole, as it is, and nothing of the agent's is ever written to it."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Rule:
    """Devices that are meant, and what for. A device is meant when all that is said is true of it.

    `paths`: patterns of its node or of a link to it; `identity`, `model`: patterns. Sizes in bytes.
    `even_if_not_empty`: identities, or links by identity, of devices whose contents may be destroyed.
    """

    name: str
    use: Use = Use.POOL
    paths: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()
    model: str = "*"
    min_size: int = 0
    max_size: int | None = None
    rotational: bool | None = None
    kinds: frozenset[Kind] = field(default_factory=lambda: frozenset({Kind.DISK}))
    even_if_not_empty: tuple[str, ...] = ()


class Answer(enum.Enum):
    ADMITTED = "admitted"
    REFUSED = "refused"
    UNUSED = "unused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a device. `rule`: the one that is for it. `destroys`: there is something on it that is
    to go, or to be offered with a disk that is offered whole."""

    answer: Answer
    rule: Rule | None = None
    why: str = ""
    destroys: bool = False


def rule_for(device: Device, rules: Sequence[Rule]) -> Rule | None:
    """The first rule that means the device."""
    return next((rule for rule in rules if means(rule, device)), None)


def means(rule: Rule, device: Device) -> bool:
    """Whether all that the rule says is true of the device."""
    return (
        device.kind in rule.kinds
        and (not rule.paths or any(_is_called(device, pattern) for pattern in rule.paths))
        and (not rule.identities or any(fnmatchcase(device.identity, each) for each in rule.identities))
        and fnmatchcase(device.model, rule.model)
        and device.size >= rule.min_size
        and (rule.max_size is None or device.size <= rule.max_size)
        and (rule.rotational is None or rule.rotational is device.rotational)
    )


def _is_called(device: Device, pattern: str) -> bool:
    """A loop device is attached by anybody, for anything, under the next free name: as a node it has to be
    named to the letter. A pattern may mean the file behind it."""
    names = [device.path, *device.links]
    if device.kind is Kind.LOOP and WILD & set(pattern):
        names = [each for each in names if not each.startswith("/dev/")]
    return any(fnmatchcase(each, pattern) for each in names)


def before_opening(device: Device, rule: Rule, busy: str) -> str:
    """Why the device is left alone without a look at what is on it; empty when it may be looked at.

    `busy`: who has it mounted or as swap, in words.
    """
    if rule.use is Use.NEVER:
        return f"rule {rule.name} says never"
    if device.kind is Kind.OTHER:
        return "it is made of other devices, or of memory: only disks, partitions and loop devices are used"
    if busy:
        return f"it is in use: {busy}"
    if device.volume:
        return "it is a volume of a pool"
    if device.holders:
        return f"it is in use: {', '.join(device.holders)} is made of it"
    if device.parts:
        return (
            f"it holds a partition table: {', '.join(device.parts)} are on it; name those in a rule instead"
        )
    if device.read_only:
        return "it is read-only"
    if device.leaving:
        return "it is being detached"
    if device.size < LEAST_BYTES:
        return f"it is smaller than {LEAST_BYTES // 2**20} MiB"
    return ""


def verdict(device: Device, rules: Sequence[Rule], busy: str, contents: Contents | None) -> Verdict:
    """What becomes of a device that is not known as anything yet.

    `contents` is None when it was not looked at: then it is never admitted.
    """
    rule = rule_for(device, rules)
    if rule is None:
        return Verdict(Answer.UNUSED, why="no rule is for it")
    refusal = before_opening(device, rule, busy)
    if refusal:
        return Verdict(Answer.UNUSED if rule.use is Use.NEVER else Answer.REFUSED, rule, refusal)
    if rule.use is Use.DISK and not device.identity:
        return Verdict(
            Answer.REFUSED,
            rule,
            "it has no identity by which it could be known again, as a disk that is offered whole has to be: "
            "have a rule make it a pool",
        )
    if contents is None:
        return Verdict(Answer.REFUSED, rule, "it was not looked at yet")
    if contents.busy:
        return Verdict(Answer.REFUSED, rule, f"it is in use: {contents.busy}")
    if contents.unreadable:
        return Verdict(Answer.REFUSED, rule, f"what is on it cannot be told: {contents.unreadable}")
    if not contents.what:
        return Verdict(Answer.ADMITTED, rule)
    return _not_empty(device, rule, contents)


def _not_empty(device: Device, rule: Rule, contents: Contents) -> Verdict:
    """A pool is destroyed by nobody but its owner's own hands: rules outlive a lost work directory."""
    if contents.pool_id:
        whose = "another agent's, or this one's from before its work directory was lost: see docs/devices.md"
        return Verdict(Answer.REFUSED, rule, f"it holds {contents.what}, {whose}")
    named = {device.identity, *(link for link in device.links if link.startswith("/dev/disk/by-id/"))} - {""}
    if named & set(rule.even_if_not_empty):
        return Verdict(Answer.ADMITTED, rule, destroys=True)
    how = f"empty it (wipefs -a {device.path}, then blkdiscard or zero its first and last MiB)"
    if device.identity:
        what = "offers it to tasks" if rule.use is Use.DISK else "destroys it"
        how += f", or have rule {rule.name} say even_if_not_empty = [{device.identity!r}], which {what}"
    return Verdict(Answer.REFUSED, rule, f"it holds {contents.what}: {how}")
