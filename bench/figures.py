"""What was measured, and how it is printed: rates, percentiles, ratios. It measures nothing itself."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

Work = Callable[[int], Awaitable[None]]
"""Does the work of that number, from its request to its visible end."""


@dataclass(frozen=True)
class Figures:
    """Durations of single works, in seconds, and of all together."""

    seconds: tuple[float, ...]
    elapsed: float

    @property
    def rate(self) -> float:
        """Works a second."""
        return len(self.seconds) / self.elapsed

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    @property
    def p99(self) -> float:
        """The value that at most a hundredth exceed; of few values the largest."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, (len(ordered) * 99) // 100)]


async def measure(count: int, in_flight: int, work: Work) -> Figures:
    """Do `count` works, `in_flight` at once: when one ends the next one begins."""
    numbers = iter(range(count))
    seconds: list[float] = []

    async def worker() -> None:
        for number in numbers:
            began = time.monotonic()
            await work(number)
            seconds.append(time.monotonic() - began)

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(worker())
    return Figures(tuple(seconds), time.monotonic() - began)


def processor_seconds(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they must be; the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in (headings, *rows)) for column in range(len(headings))]
    lines = []
    for row in (headings, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"
