"""What `orlop quota` does: amounts as people write them, and quota as the v1 API has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import typer

from api.model.errors import InvalidRequest
from api.model.quantity import MB, MILLI, from_milli, parse_size, to_milli
from api.wire.v1 import mesos, quota
from cli.options import Output
from cli.output import print_json, print_table
from client.operator import OperatorClient
from orchestrator.allocator.quota import amount_text, is_size

NONE: Final = "none"

Wire = Mapping[str, mesos.ValueScalar]


@dataclass(frozen=True, slots=True)
class Changes:
    """By name: an amount in milli-units, or None for none any more."""

    guarantees: Mapping[str, int | None]
    limits: Mapping[str, int | None]


async def list_all(url: str, output: Output) -> None:
    """The quota of every role. Raises ClientError."""
    async with OperatorClient(url) as client:
        roles = [role for role in await client.roles() if role.guarantees or role.limits]
    if output is Output.JSON:
        print_json({"quota": [_document(role) for role in roles]})
        return
    rows = (row for role in roles for row in _rows(role))
    headers = ("ROLE", "NAME", "GUARANTEE", "LIMIT", "CONSUMED", "OFFERED")
    print_table(headers, rows, "No role has quota: set one with `orlop quota set ROLE --limit disk=10GiB`.")


async def set_role(url: str, output: Output, role: str, changes: Changes, force: bool) -> None:
    """Change a role's quota. Raises ClientError."""
    async with OperatorClient(url) as client:
        present = {config.role: config for config in await client.quotas()}
        before = present.get(role, quota.QuotaConfig(role=role))
        wanted = quota.QuotaConfig(
            role=role,
            guarantees=_changed(before.guarantees, changes.guarantees),
            limits=_changed(before.limits, changes.limits),
        )
        await client.update_quota([wanted], force=force)
    if output is Output.JSON:
        print_json(wanted)
    else:
        guaranteed = amounts(wanted.guarantees) if wanted.guarantees else "none"
        limited = amounts(wanted.limits) if wanted.limits else "none"
        print(f"quota of {role}: guarantee {guaranteed}, limit {limited}")


async def remove(url: str, output: Output, role: str) -> None:
    """Remove a role's quota. Raises ClientError."""
    async with OperatorClient(url) as client:
        await client.remove_quota(role)
    if output is Output.JSON:
        print_json(quota.QuotaConfig(role=role))
    else:
        print(f"quota of {role}: removed")


def changes_of(written: Iterable[str]) -> dict[str, int | None]:
    """`cpus=2,disk[profile=fast]=5GiB,mem=none` in milli-units. Raises typer.BadParameter."""
    found: dict[str, int | None] = {}
    for text in written:
        for entry in _entries(text):
            name, equals, value = entry.rpartition("=")
            if not equals or not name or not value:
                raise typer.BadParameter(f"{entry!r} is not NAME=AMOUNT: write for example cpus=2,disk=10GiB")
            if name in found:
                raise typer.BadParameter(f"{name} is given twice")
            found[name] = None if value == NONE else _milli(name, value)
    return found


def _entries(text: str) -> Iterator[str]:
    """The parts between commas; a comma within brackets separates nothing."""
    depth = start = 0
    for at, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if character == "," and depth <= 0:
            yield text[start:at].strip()
            start = at + 1
    yield text[start:].strip()


def _milli(name: str, value: str) -> int:
    try:
        if not is_size(name):
            return _counted(name, value)
        size = parse_size(value)
    except (InvalidRequest, ValueError) as error:
        shown = "a size, for example 4GiB" if is_size(name) else "a number, for example 2 or 0.5"
        raise typer.BadParameter(f"{name}={value}: give {shown}") from error
    if 0 < size < MB:
        raise typer.BadParameter(f"{name}={value} is {size} bytes: write for example {value.strip('Bb')}MiB")
    return size * MILLI // MB


def _counted(name: str, value: str) -> int:
    milli = to_milli(float(value))
    if milli == 0 and float(value) != 0:
        raise typer.BadParameter(f"{name}={value} is too little to be counted: the smallest amount is 0.001")
    return milli


def _changed(before: Wire, changes: Mapping[str, int | None]) -> dict[str, mesos.ValueScalar]:
    after = {name: scalar for name, scalar in before.items() if name not in changes}
    new = {name: mesos.ValueScalar(value=from_milli(m)) for name, m in changes.items() if m is not None}
    return dict(sorted((after | new).items()))


def amounts(found: Wire) -> str:
    """Amounts in a line, as `orlop quota set` takes them; "-" for none."""
    return ",".join(f"{name}={_text(name, scalar)}" for name, scalar in sorted(found.items())) or "-"


def _text(name: str, scalar: mesos.ValueScalar | None) -> str:
    return "-" if scalar is None else amount_text(name, to_milli(scalar.value))


def _rows(role: mesos.Role) -> Iterator[tuple[str, ...]]:
    nothing = mesos.ValueScalar(value=0.0)
    for name in sorted({*role.guarantees, *role.limits}):
        yield (
            role.name,
            name,
            _text(name, role.guarantees.get(name)),
            _text(name, role.limits.get(name)),
            _text(name, role.consumed.get(name, nothing)),
            _text(name, role.offered.get(name, nothing)),
        )


def _document(role: mesos.Role) -> dict[str, Any]:
    return {
        "role": role.name,
        "guarantees": role.guarantees,
        "limits": role.limits,
        "consumed": role.consumed,
        "offered": role.offered,
    }
