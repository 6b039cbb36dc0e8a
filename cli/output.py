"""What commands print: tables for people, one JSON document for programs. No network here."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from api.model.quantity import format_milli, format_size, to_milli
from api.wire.v1 import mesos

MB: Final = 2**20
GAP: Final = "  "
DISKS_SHOWN: Final = 3
"""So many disks are shown one by one where there may be thousands."""


def print_json(document: Any) -> None:
    """One JSON document on stdout: messages as the v1 API writes them, lists and dicts of them."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")
    sys.stdout.flush()


def print_json_line(document: Any) -> None:
    """One JSON document on one line of stdout: an element of a stream."""
    sys.stdout.write(msgspec.json.encode(document).decode() + "\n")
    sys.stdout.flush()


def print_table(headers: Sequence[str], rows: Iterable[Sequence[str]], empty: str) -> None:
    """Aligned columns; `empty` says what is missing, and what to do, when there are no rows."""
    shown = [[one_line(cell) for cell in row] for row in rows]
    if not shown:
        print(empty)
        return
    lines = [list(headers), *shown]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headers))]
    for line in lines:
        print(GAP.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def print_fields(fields: Iterable[tuple[str, str]]) -> None:
    """Names and values, one pair a line; empty values are left out."""
    shown = [(name, "\n".join(map(one_line, value.split("\n")))) for name, value in fields if value]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        print(f"{name.ljust(width)}{GAP}{value}")


def one_line(value: str) -> str:
    """In one line and without what a terminal would obey: plugins, schedulers and tasks name things too."""
    if value.isprintable():
        return value
    return "".join(each if each.isprintable() else " " for each in value)


def text(value: object) -> str:
    """An optional field for people: absent is "-"; wrapped ids and enums as their value."""
    if value is msgspec.UNSET or value is None or value == "":
        return "-"
    inner = getattr(value, "value", value)
    return str(inner)


def yes(value: bool | msgspec.UnsetType) -> str:
    return "yes" if value is True else "no"


def size(value: int | msgspec.UnsetType) -> str:
    return "-" if value is msgspec.UNSET else format_size(value)


def age(since: float | msgspec.UnsetType, now: float) -> str:
    """How long ago, in the largest unit: "5s", "3m", "2h", "4d". Both in seconds since the epoch."""
    if since is msgspec.UNSET:
        return "-"
    seconds = max(0, int(now - since))
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit}"
    return f"{seconds}s"


def resources(found: Sequence[mesos.Resource]) -> str:
    """Resources in a line: sums of the plain scalars, each disk with its source."""
    sums: dict[str, int] = {}
    disks = []
    for resource in found:
        if resource.scalar is msgspec.UNSET:
            continue
        if resource.disk is not msgspec.UNSET and resource.disk.source is not msgspec.UNSET:
            disks.append(_disk(resource, resource.disk))
        else:
            sums[resource.name] = sums.get(resource.name, 0) + to_milli(resource.scalar.value)
    plain = [f"{name}={_amount(name, milli)}" for name, milli in sorted(sums.items())]
    return " ".join([*plain, *sorted(disks)]) or "-"


def summary(found: Sequence[mesos.Resource]) -> str:
    """As `resources`, for many: the pools by profile, and of other disks how many and how much in all."""
    disks = [each for each in found if _source(each) is not None]
    pools = [each for each in disks if _is_pool(each)]
    if len(disks) - len(pools) <= DISKS_SHOWN:
        return resources(found)
    shown = resources([each for each in found if _source(each) is None or _is_pool(each)])
    others = [each for each in disks if not _is_pool(each) and each.scalar is not msgspec.UNSET]
    milli = sum(to_milli(each.scalar.value) for each in others if each.scalar is not msgspec.UNSET)
    return f"{shown} {len(others)} disks={_amount('disk', milli)}".removeprefix("- ")


def _source(resource: mesos.Resource) -> mesos.ResourceDiskInfoSource | None:
    if resource.disk is msgspec.UNSET or resource.disk.source is msgspec.UNSET:
        return None
    return resource.disk.source


def _is_pool(resource: mesos.Resource) -> bool:
    source = _source(resource)
    raw = mesos.ResourceDiskInfoSourceType.RAW
    return source is not None and source.type is raw and source.id is msgspec.UNSET


def _amount(name: str, milli: int) -> str:
    return format_size(milli * MB // 1000) if name in ("mem", "disk") else format_milli(milli)


def _disk(resource: mesos.Resource, disk: mesos.ResourceDiskInfo) -> str:
    assert resource.scalar is not msgspec.UNSET and disk.source is not msgspec.UNSET
    words = [disk.source.type.value.lower()]
    if disk.source.profile is not msgspec.UNSET:
        words.append(disk.source.profile)
    if disk.persistence is not msgspec.UNSET:
        words.append(disk.persistence.id)
    return f"disk({':'.join(words)})={_amount('disk', to_milli(resource.scalar.value))}"
