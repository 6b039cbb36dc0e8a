"""The values of a scenario, read strictly: numbers, names, roles, resources.

Each reader takes what JSON gave and either returns a plain value or raises `BadValue`, whose message says
what would be right. Must not: know steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from api.model.disk import DEFAULT_COST_MILLI
from api.model.errors import InvalidRequest
from api.model.quantity import InvalidQuantity, to_milli
from api.model.roles import UNRESERVED, InvalidRole, validate_role
from api.model.values import Ranges
from orchestrator.allocation_replay.amounts import Part, Pool, Written

MAX_NAME_LENGTH = 200
"""Longer names of agents, frameworks, resources and profiles are refused: they are repeated in each offer."""

MAX_LISTED = 100_000
"""Agents or entries that one list may name; a longer one is refused."""

MAX_SECONDS = 100 * 365 * 24 * 3600.0
"""A longer stretch of time is refused: beyond it seconds are no longer exact to the millisecond."""

_RESERVED = "reserved:"
_REVOCABLE = "revocable_"
_SCALARS = frozenset({"cpus", "mem", "disk", "gpus"})
"""What is never a range."""


class BadValue(InvalidRequest, ValueError):
    """A value that makes no sense where it stands."""


T = TypeVar("T")


def table(value: object, what: str = "") -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadValue(f"{what} must be an object, not {_kind(value)}".lstrip())
    return value


def entries(value: object, read: Callable[[object], T]) -> tuple[T, ...]:
    if not isinstance(value, list):
        raise BadValue(f"must be a list, not {_kind(value)}")
    if len(value) > MAX_LISTED:
        raise BadValue(f"must have at most {MAX_LISTED} entries, not {len(value)}")
    return tuple(read(each) for each in value)


def name(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadValue(f"must be a name, not {_kind(value)}")
    if len(value) > MAX_NAME_LENGTH or not value.isprintable():
        raise BadValue(f"must be at most {MAX_NAME_LENGTH} characters that can be printed")
    return value


def names(value: object) -> tuple[str, ...]:
    found = entries(value, name)
    if len(set(found)) != len(found):
        raise BadValue("must not name anything twice")
    return found


def role(value: object) -> str:
    try:
        validate_role(name(value))
    except InvalidRole as error:
        raise BadValue(str(error)) from error
    return str(value)


def roles(value: object) -> tuple[str, ...]:
    found = entries(value, role)
    return tuple(dict.fromkeys(found))


def truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise BadValue(f"must be true or false, not {_kind(value)}")
    return value


def amount(value: object) -> int:
    """Milli-units."""
    _check_number(value)
    try:
        return to_milli(float(value))  # type: ignore[arg-type]
    except (InvalidQuantity, OverflowError) as error:
        raise BadValue(f"must be an amount: {error}") from error


def positive(value: object) -> int:
    """Milli-units, not none."""
    found = amount(value)
    if found == 0:
        raise BadValue("must be above zero")
    return found


def seconds(value: object) -> float:
    _check_number(value)
    found = float(value) if abs(value) <= MAX_SECONDS else math.inf  # type: ignore[arg-type]
    if math.isnan(found) or value < 0 or found > MAX_SECONDS:  # type: ignore[operator]
        raise BadValue(f"must be seconds, from 0 to {MAX_SECONDS:.0f}, not {value}")
    return found


def refusal(value: object) -> float:
    """Seconds; any length makes sense, as long filters are cut."""
    _check_number(value)
    if value < 0:  # type: ignore[operator]
        raise BadValue(f"must be seconds, zero or more, not {value}")
    return float(min(value, MAX_SECONDS))  # type: ignore[call-overload]


def interval(value: object) -> float:
    found = seconds(value)
    if found <= 0:
        raise BadValue("must be above zero, in seconds")
    return found


def any_whole(value: object) -> int:
    _check_number(value)
    if not isinstance(value, int):
        raise BadValue(f"must be a whole number, not {value}")
    return value


def whole(most: int) -> Callable[[object], int]:
    """A reader of whole numbers from 1 to `most`."""

    def read(value: object) -> int:
        _check_number(value)
        if not isinstance(value, int) or not 1 <= value <= most:
            raise BadValue(f"must be a whole number from 1 to {most}, not {value}")
        return value

    return read


def or_null(read: Callable[[object], T]) -> Callable[[object], T | None]:
    return lambda value: None if value is None else read(value)


def amounts(value: object) -> dict[str, int]:
    """Amounts by name, as a quota has them: milli-units."""
    return {name(key): _at(key, amount, each) for key, each in table(value).items()}


def resources(value: object) -> Written:
    """Resources as the head of `amounts` says."""
    document = table(value)
    plain = {key: each for key, each in document.items() if not key.startswith(_RESERVED)}
    found: dict[str, Part] = {}
    if plain or not document:
        found[UNRESERVED] = _part(plain)
    for key, each in document.items():
        if key.startswith(_RESERVED):
            reserved_for = _at(key, role, key.removeprefix(_RESERVED))
            if reserved_for == UNRESERVED:
                raise BadValue(f'"{key}" is no reservation: write what is unreserved without it')
            part = _at(key, _part, each)
            if part.revocable:
                raise BadValue(f'"{key}" has revocable resources, which nobody can reserve')
            found[reserved_for] = part
    return _described(found)


def resources_by_name(value: object) -> dict[str, Written]:
    return {name(key): _at(key, resources, each) for key, each in table(value).items()}


def one_of(words: Iterable[str]) -> Callable[[object], str]:
    known = tuple(words)

    def read(value: object) -> str:
        if value not in known:
            raise BadValue(f"must be one of {', '.join(known)}, not {value!r}")
        return str(value)

    return read


# Within


def _part(value: object) -> Part:
    scalars: dict[str, int] = {}
    revocable: dict[str, int] = {}
    ranges: dict[str, Ranges] = {}
    disks: tuple[int, ...] = ()
    pools: dict[str, Pool] = {}
    for key, each in table(value).items():
        if key == "mount_disk":
            disks = _at(key, lambda sizes: entries(sizes, positive), each)
        elif key == "pools":
            pools = {name(p): _at(f"pools.{p}", _pool, v) for p, v in _at(key, table, each).items()}
        elif key.startswith(_RESERVED):
            raise BadValue(f'"{key}" stands inside of another reservation: use the op reserve to refine one')
        elif isinstance(each, str) and key in _SCALARS:
            raise BadValue(f"{key} must be a number, not {_kind(each)}")
        elif isinstance(each, str):
            ranges[name(key)] = _at(key, _ranges, each)
        elif key.startswith(_REVOCABLE):
            revocable[name(key.removeprefix(_REVOCABLE))] = _at(key, amount, each)
        else:
            scalars[name(key)] = _at(key, amount, each)
    return Part(scalars, revocable, ranges, disks, pools)


def _pool(value: object) -> Pool:
    document = table(value)
    unknown = sorted(document.keys() - {"mb", "group", "cost"})
    if unknown or "mb" not in document:
        raise BadValue(f"must be mb, and perhaps group and cost, not {', '.join(unknown) or 'without mb'}")
    group = _at("group", or_null(name), document.get("group"))
    cost = _at("cost", positive, document["cost"]) if "cost" in document else DEFAULT_COST_MILLI
    return Pool(_at("mb", amount, document["mb"]), group, cost)


def _described(found: dict[str, Part]) -> Written:
    """Parts of one pool share its group: what is said once holds for its reserved parts, too."""
    known: dict[str, Pool] = {}
    for part in found.values():
        for profile, pool in part.pools.items():
            if pool.group is not None and known.setdefault(profile, pool) != pool:
                told = known[profile]
                if (told.group, told.cost_milli) != (pool.group, pool.cost_milli):
                    raise BadValue(f"pool {profile} is said to be in different groups, or at different costs")
    return {
        reserved_for: Part(
            part.scalars,
            part.revocable,
            part.ranges,
            part.mount_disks,
            {profile: _of_group(pool, known.get(profile)) for profile, pool in part.pools.items()},
        )
        for reserved_for, part in found.items()
    }


def _of_group(pool: Pool, known: Pool | None) -> Pool:
    return pool if known is None else Pool(pool.milli, known.group, known.cost_milli)


def _ranges(value: str) -> Ranges:
    found = []
    for piece in value.strip().strip("[]").split(","):
        lo, _, hi = piece.strip().partition("-")
        lo, hi = lo.strip(), hi.strip() or lo.strip()
        if not (lo.isascii() and lo.isdigit() and hi.isascii() and hi.isdigit() and len(lo + hi) < 50):
            raise BadValue(f'must be ranges as "31000-32000,33000-33010", not {value[:60]!r}')
        found.append((int(lo), int(hi)))
    try:
        return Ranges(tuple(found))
    except InvalidQuantity as error:
        raise BadValue(f"must be ranges: {error}") from error


def _at(where: str, read: Callable[[Any], T], value: object) -> T:
    try:
        return read(value)
    except BadValue as error:
        raise BadValue(f"{where} {error}") from error


def _check_number(value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValue(f"must be a number, not {_kind(value)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadValue(f"must be a finite number, not {value}")


def _kind(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        return "an object"
    return repr(value) if isinstance(value, str | bool | int | float) else "a list"
