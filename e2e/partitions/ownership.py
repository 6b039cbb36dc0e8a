"""Whose a folder of the tests is, so that what those left that were killed is known, and nobody else's."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Final

from e2e.harness import census
from e2e.harness.census import Place

OWNER: Final = "owner"
"""A file in the folder: the process that made it, by pid and start."""
FOLDERS: Final = ("orlop-e2e-*", "orlop-pg-*")


def mark(folder: Path) -> None:
    """It is this process's."""
    (folder / OWNER).write_text(_identity(os.getpid()))


def sweep_the_dead() -> list[Path]:
    """Remove what marked folders' owners left that are gone: processes, mounts, loop devices, control groups
    and the folders. Networks go with the processes."""
    swept = []
    for owner in (owner for pattern in FOLDERS for owner in Path("/tmp").glob(f"{pattern}/{OWNER}")):
        with contextlib.suppress(FileNotFoundError):  # somebody else sweeps as well
            said = owner.read_text()
            if said and said != _identity(int(said.split()[0])):
                census.sweep(Place(owner.parent, tuple(sorted(owner.parent.glob("agent-*[0-9]")))))
                shutil.rmtree(owner.parent, ignore_errors=True)
                swept.append(owner.parent)
    return swept


def _identity(pid: int) -> str:
    """A process, so that another one that has its number later is not meant; empty when it is gone."""
    with contextlib.suppress(OSError):
        return f"{pid} {Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[19]}"
    return ""
