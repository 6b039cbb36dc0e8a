"""An agent that launches one container and dies at once, without a goodbye. Run as a program."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from agent.containerizer.interface import ContainerSpec
from tests.containerizer.conftest import make


async def main() -> None:
    kind, work_dir, container_id, sandbox, script = sys.argv[1:]
    containerizer = make(kind, Path(work_dir))
    await containerizer.start()
    await containerizer.launch(
        ContainerSpec(
            id=container_id,
            argv=("/bin/sh", "-c", script),
            sandbox=sandbox,
            labels={"task": "sleeper"},
        )
    )
    os._exit(9)


if __name__ == "__main__":
    asyncio.run(main())
