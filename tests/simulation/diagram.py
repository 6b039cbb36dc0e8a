"""A story as a sequence diagram in text: a column for each who takes part, a line for each event. Pure.

  time  orchestrator-0   agent-0      framework-0
12.003       |<-- REGISTER --|             |
12.210       *  is killed    |             |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.simulation.trace import Event

WIDTH = 18
"""Of a column."""

MOST = 200
"""Lines that are drawn: the last ones, and of those before only what goes wrong."""

WORLD = ("chaos", "world", "BROKEN")
"""Who has no column: what they say goes across all."""


def drawn(events: Sequence[Event], names: Sequence[str], most: int = MOST) -> str:
    """`names`: who has a column, in their order, if anything happens to them; others who speak come after."""
    kept = _kept(events, most)
    present = {name for event in kept for name in (event.who, event.to)}
    columns = [name for name in names if name in present]
    columns += sorted(present - set(columns) - set(WORLD) - {""})
    head = " " * 10 + "".join(name[: WIDTH - 1].center(WIDTH) for name in columns)
    return "\n".join([head.rstrip(), *(_line(event, columns).rstrip() for event in kept)])


def _kept(events: Sequence[Event], most: int) -> list[Event]:
    early = [event for event in events[:-most] if event.who in WORLD] if len(events) > most else []
    return [*early, *events[-most:]]


def _line(event: Event, columns: Sequence[str]) -> str:
    time = f"{event.at:9.4f} "
    if event.who in WORLD:
        return f"{time}==== {event.who}: {event.what} ".ljust(10 + WIDTH * len(columns), "=")
    row = list("".join("|".center(WIDTH) for _ in columns))
    start = _middle(columns, event.who)
    if not event.to:
        return time + "".join(_noted(row, start, event.what))
    return time + "".join(_arrow(row, start, _middle(columns, event.to), event.what))


def _middle(columns: Sequence[str], name: str) -> int:
    return columns.index(name) * WIDTH + len("|".center(WIDTH)) - len("|".center(WIDTH).lstrip())


def _noted(row: list[str], at: int, what: str) -> Iterator[str]:
    text = f"* {what.splitlines()[0] if what else ''}"
    yield from row[:at]
    yield text
    yield from row[at + len(text) :]


def _arrow(row: list[str], start: int, end: int, what: str) -> list[str]:
    left, right = min(start, end), max(start, end)
    room = right - left - 1
    label = f" {what} "[:room].center(room, "-")
    label = f"{label[:-1]}>" if end > start else f"<{label[1:]}"
    row[left + 1 : right] = label
    return row
