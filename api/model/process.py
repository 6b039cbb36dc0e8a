"""What a daemon may know of its own process and of the machine it runs on: a port.

Settings, the level of logging, the log file, the load of the machine: what GET_FLAGS, GET_LOGGING_LEVEL and
the system's metrics tell. Implemented by the composition roots. No I/O here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

MOST_VERBOSE = 3
"""The highest verbosity that can be asked for. From 1 on everything is logged."""


@dataclass(frozen=True, slots=True)
class MachineLoad:
    """The machine as it is now. Load averages as the kernel has them; memory in bytes; `cpus`: cores."""

    load_1min: float
    load_5min: float
    load_15min: float
    cpus: int
    mem_total: int
    mem_free: int


@dataclass(frozen=True, slots=True)
class LogPart:
    """Part of the log file. `size`: of the whole file at that moment, in bytes; `modified_at` in seconds."""

    size: int
    modified_at: float
    data: bytes


class Process(Protocol):
    """This process."""

    @property
    def flags(self) -> Mapping[str, str]:
        """Its settings as texts, by name; without passwords and queries in addresses, and without those that
        have no value."""

    @property
    def verbosity(self) -> int:
        """0 while it logs what its settings say, up to `MOST_VERBOSE` while it logs more."""

    def set_verbosity(self, level: int, seconds: float) -> None:
        """Log as much for so long, then again what the settings say; a later call takes an earlier one's
        place. Raises InvalidRequest for a level or a time that cannot be."""

    def read_log(self, offset: int, length: int) -> LogPart | None:
        """At most `length` bytes of the log file from `offset`; None when the log goes to no file, or the
        file cannot be read."""

    def load(self) -> MachineLoad:
        """How the machine is now."""
