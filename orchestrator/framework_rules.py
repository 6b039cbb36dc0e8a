"""What is wrong with a framework's description by itself, and what of it the allocator goes by.

Pure. Whether the framework is known, and whether there is room for it, is judged by `frameworks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from msgspec import UNSET

from api.model.errors import InvalidRequest
from api.model.quantity import InvalidQuantity, to_milli
from api.model.roles import InvalidRole, validate_role
from api.wire.v1 import mesos, scheduler
from orchestrator import offer_constraints
from orchestrator.allocator import Capability, FrameworkTraits
from orchestrator.state import roles_of

NAME_LIMIT = 1_000
"""Characters in a framework's id, name, user or role."""

QUANTITIES_LIMIT = 100
"""Alternatives of one role's `min_allocatable_resources`, and names in one of them."""

ROLES_SHOWN = 10
"""Of its roles that a refusal names."""

FIXED = ("user", "principal", "checkpoint")
"""Fields that UPDATE_FRAMEWORK must leave as they are."""

_TRAITS = frozenset(str(capability) for capability in Capability)


class InvalidFramework(InvalidRequest):
    """The framework's description contradicts itself; the message says what to change."""


def check(
    info: mesos.FrameworkInfo,
    suppressed: Iterable[str],
    constraints: scheduler.OfferConstraints | None,
) -> None:
    """Raises InvalidFramework. `suppressed`: the roles that it wants no offers in, for now."""
    framework_id = info.id.value if isinstance(info.id, mesos.FrameworkID) else ""
    for what, text in (("id", framework_id), ("name", info.name), ("user", info.user)):
        if len(text) > NAME_LIMIT:
            raise InvalidFramework(f"the framework's {what} is longer than {NAME_LIMIT} characters")
    if framework_id in (".", "..") or "/" in framework_id or not framework_id.isprintable():
        raise InvalidFramework(
            f"the framework's id {framework_id!r} cannot name a folder: use printable characters without "
            "'/', or leave it out and be given one"
        )
    if not info.failover_timeout >= 0:
        raise InvalidFramework("failover_timeout must not be negative (seconds)")
    roles = roles_of(info)
    for role in roles:
        try:
            validate_role(role)
        except InvalidRole as error:
            raise InvalidFramework(str(error)) from error
    check_named(suppressed, roles, "suppressed_roles")
    check_named(info.offer_filters, roles, "framework_info.offer_filters")
    _least(info)
    if constraints is not None:
        check_named(constraints.role_constraints, roles, "offer_constraints.role_constraints")
        if problem := offer_constraints.problem_of(constraints):
            raise InvalidFramework(problem)


def check_named(named: Iterable[str], roles: Iterable[str], where: str) -> None:
    """Raises InvalidFramework when a role is named that is none of the framework's."""
    subscribed = dict.fromkeys(roles)
    for role in named:
        if role not in subscribed:
            raise InvalidFramework(
                f"{where} names role {role[:100]!r}, which is none of the framework's: "
                f"{', '.join(islice(subscribed, ROLES_SHOWN)) or 'it has none'}"
            )


def check_update(before: mesos.FrameworkInfo, after: mesos.FrameworkInfo) -> None:
    """Raises InvalidFramework when UPDATE_FRAMEWORK would change what stays as it was first said."""
    for name in FIXED:
        if getattr(before, name) != getattr(after, name):
            raise InvalidFramework(
                f"framework_info.{name} cannot be changed by UPDATE_FRAMEWORK: leave it as it was"
            )


def traits_of(
    info: mesos.FrameworkInfo, constraints: scheduler.OfferConstraints | None = None
) -> FrameworkTraits:
    """What the allocator has to know of a framework that was checked."""
    named = {str(entry.type) for entry in info.capabilities}
    picky = constraints.role_constraints if constraints is not None else {}
    return FrameworkTraits(
        capabilities=frozenset(Capability(name) for name in named & _TRAITS),
        min_allocatable=_least(info),
        wants={role: offer_constraints.Wanted(of_role) for role, of_role in picky.items()},
    )


def _least(info: mesos.FrameworkInfo) -> dict[str, tuple[Mapping[str, int], ...]]:
    """By role, the alternatives that an offer must hold one of, in milli-units."""
    found: dict[str, tuple[Mapping[str, int], ...]] = {}
    for role, filters in info.offer_filters.items():
        if filters.min_allocatable_resources is UNSET:
            continue
        where = f"framework_info.offer_filters[{role!r}].min_allocatable_resources"
        alternatives = filters.min_allocatable_resources.quantities
        if len(alternatives) > QUANTITIES_LIMIT or any(
            len(each.quantities) > QUANTITIES_LIMIT for each in alternatives
        ):
            raise InvalidFramework(f"{where}: more than {QUANTITIES_LIMIT} are too many")
        try:
            found[role] = tuple(
                {name: to_milli(scalar.value) for name, scalar in each.quantities.items()}
                for each in alternatives
            )
        except InvalidQuantity as error:
            raise InvalidFramework(f"{where}: {error}") from error
    return found
