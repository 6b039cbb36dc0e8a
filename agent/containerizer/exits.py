"""The durable record of how a container ended: written once, read in every later life."""

from __future__ import annotations

from pathlib import Path

from agent.containerizer.interface import Exit
from agent.containerizer.shim import records


def read_exit(directory: Path) -> Exit | None:
    """The recorded exit; None while there is none."""
    record = records.read(str(directory), records.EXIT)
    if record is None:
        return None
    return Exit(
        status=int(record["status"]) if record["status"].isdigit() else None,
        signal=int(record["signal"]) or None,
        oom=record["oom"] == "1",
        message=record["message"],
        finished_at=float(record["finished_at"]),
        limitation="memory" if record["oom"] == "1" else None,
    )


def write_exit(directory: Path, ended: Exit) -> None:
    """Record it; on return it has reached the disk."""
    values: dict[str, str | int | float] = {
        "status": "unknown" if ended.status is None else ended.status,
        "signal": ended.signal or 0,
        "oom": int(ended.oom),
        "finished_at": ended.finished_at,
        "message": ended.message,
    }
    records.write(str(directory), records.EXIT, values)
