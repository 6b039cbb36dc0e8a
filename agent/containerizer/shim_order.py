"""What a container's shim is told, and what the agent keeps of it beside: from a spec, without deciding.

`prepare` makes the container's runtime directory, `intent_of` reads it; nothing else is touched here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.containerizer import accounts
from agent.containerizer.interface import MIN_CPU_LIMIT, MIN_MEMORY_LIMIT, ContainerSpec, Limits
from agent.containerizer.shim import records
from agent.containerizer.watch import Process
from agent.containerizer.wellformed import RESOURCE_LIMITS

MARK = "ORLOP_CONTAINER"
"""Variable in every container's environment: finds its processes where there are no control groups."""


@dataclass(frozen=True, slots=True)
class Parent:
    """A running container for others to be nested in: its main process, and its control group's path."""

    process: Process
    group: str


def order_of(
    spec: ContainerSpec, directory: Path, group: str, mark: str, parent: Parent | None, hidden: Sequence[str]
) -> dict[str, Any]:
    """What the shim is told; only types that `marshal` carries."""
    binds = [
        (b.source, os.path.normpath(os.path.join(spec.sandbox, b.target)), b.read_only, b.propagation)  # noqa: PTH118
        for b in spec.binds
    ]
    memory, cpu = effective(spec.limits)
    return {
        "directory": str(directory),
        "group": group,
        "mark": f"{MARK}={mark}",
        "argv": list(spec.argv),
        "environment": {**spec.environment, MARK: mark},
        "sandbox": spec.sandbox,
        "output": spec.output or spec.sandbox,
        "scratch": str(directory / "scratch"),
        "hidden": list(hidden),
        # A privileged container lives among the host's own mounts: what it mounts must stay there.
        "binds": [] if spec.privileged else binds,
        "own_mounts": spec.own_mounts and not spec.privileged and os.geteuid() == 0,
        "memory_bytes": memory,
        "cpu_milli": cpu,
        "processes": spec.processes,
        "rlimits": [
            (
                RESOURCE_LIMITS[each.name],
                -1 if each.soft is None else each.soft,
                -1 if each.hard is None else each.hard,
            )
            for each in spec.rlimits
        ],
        "user": accounts.resolve(spec.user, else_another=spec.enters),
        "output_limit": spec.output_limit_bytes,
        "stdin": spec.stdin,
        "terminal": spec.terminal,
        "hostname": spec.hostname,
        "paced": spec.paced,
        "parent": None if parent is None else (parent.process.pid, parent.process.start_time),
        "enters": spec.enters,
    }


def prepare(spec: ContainerSpec, directory: Path, group: str) -> None:
    directory.mkdir(mode=0o700)
    (directory / "scratch").mkdir()
    (directory / records.LOCK).touch()
    intent = {
        "id": spec.id,
        "sandbox": spec.sandbox,
        "labels": dict(spec.labels),
        "grace_period": spec.grace_period,
        "parent": spec.parent,
        "group": group,
        "stdin": spec.stdin,
        "terminal": spec.terminal is not None,
    }
    # Whole, but not forced to the disk: after the host's next start no container is left to know of.
    records.write_whole(str(directory), records.SPEC, json.dumps(intent).encode(), durable=False)


def intent_of(directory: Path) -> dict[str, Any]:
    """What was asked for; where it is not readable (a disk that was full), as little as possible."""
    intent = {
        "labels": {},
        "grace_period": 0.0,
        "parent": None,
        "group": None,
        "stdin": False,
        "terminal": False,
    }
    try:
        content = json.loads((directory / records.SPEC).read_bytes())
    except (FileNotFoundError, ValueError):
        return intent
    return {**intent, **content} if isinstance(content, dict) else intent


def effective(limits: Limits) -> tuple[int | None, int | None]:
    """Memory in bytes and thousandths of a core, not below what can be enforced."""
    memory, cpu = limits.memory_bytes, limits.cpu_milli
    return (
        None if memory is None else max(memory, MIN_MEMORY_LIMIT),
        None if cpu is None else max(cpu, MIN_CPU_LIMIT),
    )
