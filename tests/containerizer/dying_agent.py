"""An agent that launches one container and dies, without a goodbye, where it is told. Run as a program."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from agent.containerizer.interface import Containerizer, ContainerSpec
from tests.containerizer.conftest import make

KILLED = 9
STEPS = {
    "process": ["_start_shim", "_watch"],
    "podman": ["_own._launcher._create", "_own._libpod.start", "_own._watch"],
}
"""Where a launch can be interrupted: before these calls."""


def die_before(containerizer: Containerizer, step: str) -> None:
    *path, name = step.split(".")
    owner: object = containerizer
    for part in path:
        owner = getattr(owner, part)
    setattr(owner, name, lambda *_: os._exit(KILLED))


async def main() -> None:
    kind, work_dir, container_id, sandbox, script, step, parent = sys.argv[1:]
    containerizer = make(kind, Path(work_dir))
    await containerizer.start()
    if step:
        die_before(containerizer, step)
    await containerizer.launch(
        ContainerSpec(
            id=container_id,
            argv=("/bin/sh", "-c", script),
            sandbox=sandbox,
            labels={"task": "sleeper"},
            parent=parent or None,
        )
    )
    os._exit(KILLED)


if __name__ == "__main__":
    asyncio.run(main())
