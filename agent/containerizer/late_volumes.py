"""Volumes for a container that runs already: mounted in its own mount namespace, from outside.

Whatever runs it: only its main process has to be known. A process of its own does it, as a namespace is
entered by whole processes; nothing is left of it, and nothing of the mounts is on the host. It must not:
publish a volume, or know what a container is for.
"""

from __future__ import annotations

import asyncio
import marshal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from agent.containerizer.interface import Bind

SECONDS: Final = 30.0
"""For one order; then the process that carries it out is killed, and it is repeated by who asked."""

_ROOT: Final = str(Path(__file__).resolve().parents[2])
_BOOT: Final = "import sys; sys.path.append(sys.argv[1]); import agent.containerizer.shim.late as l; l.main()"


class LateVolumeRefused(Exception):
    """The volume cannot be brought; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Running:
    """A container that runs: `pid` of its main process, `mark` a line of the environment that it
    was started with, which only it has."""

    pid: int
    mark: str
    sandbox: str


class LateVolumes(Protocol):
    """Brings volumes into running containers. Each call may be repeated."""

    async def bring(self, into: Running, binds: Sequence[Bind], owner: tuple[int, int] | None) -> None:
        """They are at their targets, which are relative to the sandbox; missing directories are made there.

        Raises LateVolumeRefused; OSError: call again.
        """

    async def take(self, from_: Running, binds: Sequence[Bind]) -> None:
        """They are not at their targets any more; other volumes stay. Fine for a container that has ended.

        Raises OSError: call again, as when somebody uses one.
        """


class LateMounts:
    """`LateVolumes` on Linux, as root."""

    async def bring(self, into: Running, binds: Sequence[Bind], owner: tuple[int, int] | None) -> None:
        """See `LateVolumes.bring`."""
        said = await _ordered(into, binds, owner)
        if said.startswith("wrong "):
            raise LateVolumeRefused(said.removeprefix("wrong "))
        if said:
            raise OSError(said.partition(" ")[2])

    async def take(self, from_: Running, binds: Sequence[Bind]) -> None:
        """See `LateVolumes.take`."""
        said = await _ordered(from_, binds, None, takes=True)
        if said and not said.startswith("wrong "):  # wrong: it has ended, or was never there
            raise OSError(said.partition(" ")[2])


def _plain(target: str) -> str:
    return "/".join(part for part in target.split("/") if part not in {"", "."})


async def _ordered(
    to: Running, binds: Sequence[Bind], owner: tuple[int, int] | None, *, takes: bool = False
) -> str:
    """What the process said; empty when it has done it. Raises OSError."""
    order = {
        "pid": to.pid,
        "mark": to.mark,
        "sandbox": to.sandbox,
        "volumes": [(bind.source, _plain(bind.target), bind.read_only) for bind in binds],
        "owner": owner,
        "takes": takes,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-S", "-c", _BOOT, _ROOT),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(SECONDS):
            said, _ = await process.communicate(marshal.dumps(order))
    except TimeoutError as error:
        raise OSError(f"nothing came of it within {SECONDS:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode and not said:
        raise OSError(f"the process that mounts ended with status {process.returncode}")
    return said.decode(errors="replace")
