"""A daemon's own process, as its rooms may ask about it (`api.model.process`): settings, logging, load.

No daemon's own knowledge here. Files and the kernel are read when asked; nothing waits.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from api.model.address import without_secrets
from api.model.errors import InvalidRequest
from api.model.process import MOST_VERBOSE, LogPart, MachineLoad
from api.wire.v0.amounts import attributes
from api.wire.v1.mesos import Attribute
from cli.daemon import set_log_level

EVERYTHING: Final = "debug"
LONGEST_SECONDS: Final = 7 * 24 * 3600.0
"""For which a higher verbosity may be asked for; who wants it for longer sets the log level."""

log = logging.getLogger(__name__)


class DaemonProcess:
    """This process. `settings`: those in force, a dataclass of `cli.daemon_settings`."""

    def __init__(self, settings: Callable[[], Any]) -> None:
        self._settings = settings
        self._verbosity = 0
        self._end: asyncio.TimerHandle | None = None

    @property
    def flags(self) -> Mapping[str, str]:
        """See `Process.flags`."""
        settings = self._settings()
        found = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
        return {name: _text(value) for name, value in found.items() if value is not None}

    # Logging.

    @property
    def verbosity(self) -> int:
        """See `Process.verbosity`."""
        return self._verbosity

    def set_verbosity(self, level: int, seconds: float) -> None:
        """See `Process.set_verbosity`."""
        if not 0 <= level <= MOST_VERBOSE:
            raise InvalidRequest(f"level is 0 to {MOST_VERBOSE}, not {level}")
        if level > 0 and not 0 < seconds <= LONGEST_SECONDS:  # level 0 holds from now on
            raise InvalidRequest(f"duration is more than 0 s and at most {LONGEST_SECONDS:.0f} s")
        self._over()
        if level > 0:
            self._verbosity = level
            self._end = asyncio.get_running_loop().call_later(seconds, self._over)
            set_log_level(EVERYTHING)
            log.info("logging everything for %g s", seconds)

    def reconfigured(self) -> None:
        """The settings say another log level: it holds at once, or when more is not wanted any longer."""
        if self._verbosity == 0:
            set_log_level(self._settings().log_level)

    def _over(self) -> None:
        if self._end is not None:
            self._end.cancel()
        self._verbosity, self._end = 0, None
        set_log_level(self._settings().log_level)

    def read_log(self, offset: int, length: int) -> LogPart | None:
        """See `Process.read_log`. Of a log that was put aside only the new file is read."""
        path: Path | None = self._settings().log_file
        if path is None:
            return None
        try:
            with path.open("rb") as file:
                status = os.fstat(file.fileno())
                if offset >= status.st_size or length <= 0:
                    return LogPart(status.st_size, status.st_mtime, b"")
                return LogPart(status.st_size, status.st_mtime, os.pread(file.fileno(), length, offset))
        except OSError:
            return None

    # The machine.

    def load(self) -> MachineLoad:
        """See `Process.load`."""
        one, five, fifteen = os.getloadavg()
        page = os.sysconf("SC_PAGE_SIZE")
        return MachineLoad(
            load_1min=one,
            load_5min=five,
            load_15min=fifteen,
            cpus=os.cpu_count() or 1,
            mem_total=page * os.sysconf("SC_PHYS_PAGES"),
            mem_free=page * os.sysconf("SC_AVPHYS_PAGES"),
        )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ",".join(f"{key}={_text(each)}" for key, each in sorted(value.items()))
    if isinstance(value, frozenset | set):
        return ",".join(sorted(map(str, value)))
    if isinstance(value, tuple | list):
        return (";" if any(isinstance(each, Attribute) for each in value) else ",").join(map(_text, value))
    if isinstance(value, Attribute):
        return "".join(f"{name}:{shown}" for name, shown in attributes([value]).items())
    return without_secrets(str(value))
