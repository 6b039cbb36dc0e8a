"""Programs of the system as a port: mkfs, fsck, resize. Each has a deadline and bounded output.

No knowledge of volumes here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

OUTPUT_LIMIT = 64 * 1024
"""Bytes of a program's output that are kept: the last ones. The rest is read and dropped."""

PROGRAM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LINE_LIMIT = 300


class CommandFailed(Exception):
    """A program could not be run, was too slow, or ended with another status than those allowed."""

    def __init__(self, program: str, status: int | None, output: str) -> None:
        self.program = program
        self.status = status
        self.output = output
        how = "could not be run" if status is None else f"ended with status {status}"
        super().__init__(f"{program} {how}: {last_line(output)}")


class CommandRunner(Protocol):
    """Runs a program to its end."""

    async def run(
        self,
        arguments: Sequence[str],
        *,
        seconds: float,
        allowed: Sequence[int] = (0,),
        inherit: Sequence[int] = (),
    ) -> str:
        """The program's output, both streams. `inherit`: descriptors that the program keeps open.

        Raises CommandFailed, also after `seconds`, when the program has been killed.
        """


class Subprocesses:
    """The system's own programs."""

    async def run(
        self,
        arguments: Sequence[str],
        *,
        seconds: float,
        allowed: Sequence[int] = (0,),
        inherit: Sequence[int] = (),
    ) -> str:
        try:
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                pass_fds=tuple(inherit),
                env={"PATH": PROGRAM_PATH, "LC_ALL": "C.UTF-8", "HOME": "/"},
            )
        except OSError as error:
            raise CommandFailed(arguments[0], None, error.strerror or str(error)) from error
        output = b""
        try:
            async with asyncio.timeout(seconds):
                output = await _tail(process)
                status = await process.wait()
        except TimeoutError:
            process.kill()
            status = await process.wait()
            raise CommandFailed(arguments[0], status, f"killed: it took more than {seconds:g} s") from None
        text = output.decode(errors="replace")
        if status not in allowed:
            raise CommandFailed(arguments[0], status, text)
        return text


async def _tail(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    kept = b""
    while chunk := await process.stdout.read(OUTPUT_LIMIT):
        kept = (kept + chunk)[-OUTPUT_LIMIT:]
    return kept


def last_line(output: str) -> str:
    """The last line that says something: where the tools put their reason."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:LINE_LIMIT] if lines else "it said nothing"
