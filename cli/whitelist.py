"""The file that says on which hosts offers are made: read again and again, and at SIGHUP.

One hostname a line; a line that begins with # says nothing; a line with * alone stands for every host. A file
that cannot be read leaves in force what was read last, and says so in the log. Nothing is decided here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cli.failures import USAGE, CommandFailed

MAX_BYTES: Final = 8 * 2**20
"""A longer file is refused."""

LOOK_SECONDS: Final = 5.0
"""Between two looks at the file."""

log = logging.getLogger(__name__)

Hosts = frozenset[str] | None


class Whitelist:
    """`apply` is called with the hosts, or None for all, whenever they are others than before."""

    def __init__(self, path: Path, apply: Callable[[Hosts], None]) -> None:
        self._path = path
        self._apply = apply
        self._hosts: Hosts = None
        self._trouble = ""

    def begin(self) -> None:
        """Read the file the first time. Raises CommandFailed."""
        try:
            self._take(read(self._path))
        except (OSError, ValueError) as error:
            raise CommandFailed(f"--whitelist: {error}", USAGE) from error

    async def reread(self) -> None:
        """Look at the file now."""
        try:
            self._take(read(self._path))
        except (OSError, ValueError) as error:
            if str(error) != self._trouble:
                self._trouble = str(error)
                log.error("the whitelist stays as it was: %s", error)

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self.reread()

    def _take(self, hosts: Hosts) -> None:
        self._trouble = ""
        if hosts != self._hosts:
            self._hosts = hosts
            log.info("offers are made on %s", "every host" if hosts is None else f"{len(hosts)} host(s)")
            self._apply(hosts)


def read(path: Path) -> Hosts:
    """The hosts that the file names. Raises OSError, and ValueError for what is no such file."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"{path} has more than {MAX_BYTES} bytes")
    lines = [line.strip() for line in content.decode().splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    for line in found:
        if len(line.split()) > 1:
            raise ValueError(f"{path}: {line[:80]!r} is not one hostname")
    return None if "*" in found else frozenset(found)
