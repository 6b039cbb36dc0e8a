"""Quota: what a role is guaranteed, what it may have at most, and whether that may be set.

A guarantee is kept free for a role while it lacks it; a limit is never exceeded by offers. Names are those of
scalars ("cpus", "mem", "disk", "gpus", any other), and "disk[profile=NAME]" for disks of one profile. All
amounts are integer milli-units; `mem` and `disk` count MB of 2^20 bytes.

Judged here, from what the caller says there is. Must not: know agents, frameworks or offers, keep anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from api.model.errors import InvalidRequest
from api.model.quantity import MILLI, format_milli
from api.model.resource import Resource
from api.model.roles import UNRESERVED, ancestors, validate_role
from api.model.values import Scalar

QuotaName = str
Quantities = Mapping[QuotaName, int]

MAX_CPUS: Final = 10**12
MAX_MB: Final = 2**40
MAX_OTHER: Final = 10**12
"""The largest guarantee or limit, in units (MB for `mem` and `disk`). A larger one is refused: leave a limit
out to have none."""

MAX_NAMES: Final = 64
"""Names in one role's guarantees, and in its limits. More are refused."""

MAX_NAMES_IN_ALL: Final = 1000
"""Different names in the quota of all roles together: each role keeps account of them. More are refused."""

MAX_NAME_LENGTH: Final = 255
"""Characters of a name. A longer one is refused."""

_PROFILE = re.compile(r"disk\[profile=(.+)\]")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:/+-]*")
_WITHOUT_AMOUNT = frozenset({"ports"})


@dataclass(frozen=True, slots=True)
class Quota:
    """A role's guarantees (absent: 0) and limits (absent: none), in milli-units by name."""

    guarantees: Quantities = field(default_factory=dict)
    limits: Quantities = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether it asks for anything: one that does not is how a quota is removed."""
        return bool(self.guarantees) or bool(self.limits)


NO_QUOTA: Final = Quota()


def disk_of_profile(profile: str) -> QuotaName:
    """The name under which disks of a profile are counted."""
    return f"disk[profile={profile}]"


def profile_of(name: QuotaName) -> str | None:
    """The profile that a name counts disks of; None for a plain name."""
    match = _PROFILE.fullmatch(name)
    return match[1] if match else None


def quantities(resources: Iterable[Resource]) -> dict[QuotaName, int]:
    """What resources count in quota, reserved ones included: scalars that are not revocable.

    A disk counts as `disk`, a pool at its cost, and with the amount that can be used of it under its profile.
    """
    found: dict[QuotaName, int] = {}
    for resource in resources:
        if resource.revocable or not isinstance(resource.value, Scalar):
            continue
        source = resource.disk.source if resource.disk is not None else None
        cost = source.cost_milli if source is not None else MILLI
        found[resource.name] = found.get(resource.name, 0) + -(-resource.milli * cost // MILLI)
        if source is not None and source.profile is not None:
            name = disk_of_profile(source.profile)
            found[name] = found.get(name, 0) + resource.milli
    return found


def amount_text(name: QuotaName, milli: int) -> str:
    """An amount for people, not rounded: "2.5" of cpus, "4GiB" or "1000MiB" of mem or disk."""
    if not is_size(name):
        return format_milli(milli)
    unit, step = "MiB", MILLI
    for larger in ("GiB", "TiB", "PiB", "EiB"):
        if milli == 0 or milli % (step * 1024):
            break
        unit, step = larger, step * 1024
    return f"{milli // step}{unit}" if step > MILLI else f"{format_milli(milli)}{unit}"


def is_size(name: QuotaName) -> bool:
    """Whether amounts of it are MB of 2^20 bytes."""
    return name in ("mem", "disk") or profile_of(name) is not None


def refusals(
    present: Mapping[str, Quota],
    wanted: Mapping[str, Quota],
    capacity: Quantities,
    consumed: Mapping[str, Quantities],
    force: bool,
) -> list[str]:
    """Why the roles in `wanted` cannot have these quotas, all of them together; [] when they can.

    present: every quota there is now, by role; each in `wanted` replaces that role's whole.
    capacity: the cluster's non-revocable scalars, those that are reserved included.
    consumed: by role, its subtree included: what is reserved or in use, without what is merely offered.
    force: sum of guarantees and present consumption are not looked at.

    What this call does not make worse is no reason: guarantees whose sum is too much already can be lowered,
    and a limit that is exceeded already can be raised, in small steps.
    """
    found = [line for role in sorted(wanted) for line in _senseless(role, wanted[role])]
    found += _too_many_names(present, wanted)
    if found or force:
        return found
    found = [line for role in sorted(wanted) for line in _too_late(role, present, wanted, consumed)]
    return found + list(_too_much(present, wanted, capacity))


def _senseless(role: str, quota: Quota) -> Iterator[str]:
    """What can never be, whatever the cluster has."""
    try:
        validate_role(role)
    except InvalidRequest as error:
        yield str(error)
        return
    if role == UNRESERVED:
        yield "role '*' is for what belongs to nobody, it has no quota: name another role"
        return
    for kind, amounts in (("guarantee", quota.guarantees), ("limit", quota.limits)):
        if len(amounts) > MAX_NAMES:
            yield f"role {role!r} has {len(amounts)} {kind}s: at most {MAX_NAMES} fit"
            return
        for name in sorted(amounts):
            yield from _bad_amount(role, kind, name, amounts[name])
    above = ancestors(role)
    if any(quota.guarantees.values()) and above:
        yield (
            f"role {role!r} cannot have a guarantee, only roles at the top can: give it to {above[-1]!r}; "
            f"a limit may be set at any level"
        )
    for name, least in sorted(quota.guarantees.items()):
        most = quota.limits.get(name)
        if most is not None and least > most:
            yield (
                f"role {role!r}: the guarantee of {name} ({amount_text(name, least)}) is above its limit "
                f"({amount_text(name, most)}): raise the limit or lower the guarantee"
            )


def _bad_amount(role: str, kind: str, name: QuotaName, milli: int) -> Iterator[str]:
    if len(name) > MAX_NAME_LENGTH:
        yield f"role {role!r}: a name has {len(name)} characters, at most {MAX_NAME_LENGTH} fit"
    elif name in _WITHOUT_AMOUNT:
        yield f"role {role!r}: {name} are no amount, so there is no {kind} of them: leave them out"
    elif not (_PLAIN.fullmatch(name) or (_PROFILE.fullmatch(name) and name.isprintable())):
        yield (
            f"role {role!r}: {name!r} cannot be counted: name a resource, such as cpus, mem or disk, "
            "or write disk[profile=NAME] for disks of one profile"
        )
    elif milli < 0:
        yield f"role {role!r}: the {kind} of {name} is below zero: give zero or more"
    elif milli > (most := _most(name)) * MILLI:
        yield (
            f"role {role!r}: the {kind} of {name} ({amount_text(name, milli)}) is above "
            f"{amount_text(name, most * MILLI)}, the largest there is: leave it out to have no limit"
        )


def _most(name: QuotaName) -> int:
    if name == "cpus":
        return MAX_CPUS
    return MAX_MB if is_size(name) else MAX_OTHER


def _too_many_names(present: Mapping[str, Quota], wanted: Mapping[str, Quota]) -> Iterator[str]:
    before, after = _names(present.values()), _names({**present, **wanted}.values())
    if len(after) > max(MAX_NAMES_IN_ALL, len(before)):
        yield (
            f"the quota of all roles would have {len(after)} different names, of which at most "
            f"{MAX_NAMES_IN_ALL} can be counted: leave some out"
        )


def _names(quotas: Iterable[Quota]) -> set[QuotaName]:
    return {name for quota in quotas for name in (*quota.guarantees, *quota.limits)}


def _too_late(
    role: str,
    present: Mapping[str, Quota],
    wanted: Mapping[str, Quota],
    consumed: Mapping[str, Quantities],
) -> Iterator[str]:
    """Limits below what the role has already."""
    before = present.get(role, NO_QUOTA).limits
    for name, limit in sorted(wanted[role].limits.items()):
        has = consumed.get(role, {}).get(name, 0)
        if has > limit and (name not in before or limit < before[name]):
            yield (
                f"role {role!r} has {amount_text(name, has)} of {name} already, more than the limit of "
                f"{amount_text(name, limit)}: free {amount_text(name, has - limit)}, raise the limit, or "
                "set it with --force, which takes nothing away"
            )


def _too_much(
    present: Mapping[str, Quota], wanted: Mapping[str, Quota], capacity: Quantities
) -> Iterator[str]:
    """Guarantees that are together more than there is."""
    before = _sums(present.values())
    after = _sums({**present, **wanted}.values())
    for name, promised in sorted(after.items()):
        there_is = capacity.get(name, 0)
        if promised > there_is and promised > before.get(name, 0):
            mine = sum(quota.guarantees.get(name, 0) for quota in wanted.values())
            yield (
                f"guarantees of {name} would be {amount_text(name, promised)} in all "
                f"({amount_text(name, promised - mine)} of them of other roles), and the cluster has "
                f"{amount_text(name, there_is)}: guarantee {amount_text(name, promised - there_is)} less, "
                "add agents, or set it with --force"
            )


def _sums(quotas: Iterable[Quota]) -> dict[QuotaName, int]:
    found: dict[QuotaName, int] = {}
    for quota in quotas:
        for name, amount in quota.guarantees.items():
            found[name] = found.get(name, 0) + amount
    return found
