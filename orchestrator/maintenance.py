"""Maintenance: when which machines will be away, and whether they are. Pure.

    UP --(scheduled)--> DRAINING --(START)--> DOWN --(STOP)--> UP

An operator states a schedule of windows. The machines in it are DRAINING: frameworks are asked, by
inverse offers, to leave them. START takes machines DOWN, STOP brings them UP and takes them out of the
schedule. A schedule replaces the one before as a whole, but a machine that is DOWN must stay in it.

Must not: know agents, do I/O, read a clock.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import Final

from msgspec import UNSET

from api.model.errors import InvalidRequest
from api.wire.v1 import maintenance, mesos

WINDOWS_LIMIT: Final = 1_000
"""Windows in a schedule; one with more is refused."""

MACHINES_LIMIT: Final = 50_000
"""Machines in a schedule, or in one call; more are refused."""

NAME_LIMIT: Final = 255
"""Characters of a machine's hostname or address."""


class InvalidMaintenance(InvalidRequest):
    """The schedule, or what is asked of a machine, cannot be; nothing has changed."""


class Mode(StrEnum):
    UP = "UP"
    DRAINING = "DRAINING"
    DOWN = "DOWN"


class Step(StrEnum):
    """What happens to a machine."""

    SCHEDULE = "SCHEDULE"
    UNSCHEDULE = "UNSCHEDULE"
    START = "START"
    STOP = "STOP"


TRANSITIONS: Final = {
    (Mode.UP, Step.SCHEDULE): Mode.DRAINING,
    (Mode.DRAINING, Step.SCHEDULE): Mode.DRAINING,
    (Mode.DOWN, Step.SCHEDULE): Mode.DOWN,
    (Mode.DRAINING, Step.UNSCHEDULE): Mode.UP,
    (Mode.DRAINING, Step.START): Mode.DOWN,
    (Mode.DOWN, Step.STOP): Mode.UP,
}

_REFUSALS: Final = {
    (Mode.UP, Step.START): "is in no maintenance schedule: schedule it first",
    (Mode.DOWN, Step.START): "is DOWN already",
    (Mode.UP, Step.STOP): "is not DOWN: there is nothing to stop",
    (Mode.DRAINING, Step.STOP): "is not DOWN: to end its draining, take it out of the schedule",
    (Mode.DOWN, Step.UNSCHEDULE): "is DOWN and cannot be taken out of the schedule: stop its maintenance",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """A host, by hostname (case does not matter) or address or both; "" is not said."""

    hostname: str
    ip: str

    def __str__(self) -> str:
        return " at ".join(part for part in (self.hostname, self.ip) if part)

    @property
    def message(self) -> mesos.MachineID:
        return mesos.MachineID(hostname=self.hostname or UNSET, ip=self.ip or UNSET)


@dataclass(frozen=True, slots=True)
class Window:
    """Machines that are away together: from `start`, for `duration` (None: nobody knows how long).

    Nanoseconds, since the epoch and long.
    """

    machines: tuple[Machine, ...]
    start: int
    duration: int | None

    @property
    def unavailability(self) -> mesos.Unavailability:
        lasting = UNSET if self.duration is None else mesos.DurationInfo(nanoseconds=self.duration)
        return mesos.Unavailability(start=mesos.TimeInfo(nanoseconds=self.start), duration=lasting)


@dataclass(frozen=True, slots=True)
class Plan:
    """The schedule, and which of its machines are down. Invariant: `down` are in `windows`."""

    windows: tuple[Window, ...] = ()
    down: frozenset[Machine] = frozenset()
    _windows_of: dict[Machine, Window] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = {machine: window for window in self.windows for machine in window.machines}
        object.__setattr__(self, "_windows_of", found)

    def mode(self, machine: Machine) -> Mode:
        if machine in self.down:
            return Mode.DOWN
        return Mode.DRAINING if self.window(machine) is not None else Mode.UP

    def window(self, machine: Machine) -> Window | None:
        return self._windows_of.get(machine)

    def machine_of(self, hostname: str, ip: str) -> Machine | None:
        """The machine in the schedule that a host is, the one that says most of it."""
        name = hostname.lower()
        said = (Machine(name, ip), Machine(name, ""), Machine("", ip))
        return next((machine for machine in said if machine in self._windows_of), None)

    def scheduled(self, windows: tuple[Window, ...]) -> Plan:
        """The plan with another schedule. Raises InvalidMaintenance when a machine is DOWN and not in it."""
        after = Plan(windows, self.down)
        for machine in self.machines():
            if after.window(machine) is None:
                self._advance(machine, Step.UNSCHEDULE)
        return after

    def started(self, machines: tuple[Machine, ...]) -> Plan:
        """These machines are DOWN. Raises InvalidMaintenance unless all of them are DRAINING."""
        for machine in machines:
            self._advance(machine, Step.START)
        return dataclasses.replace(self, down=self.down | set(machines))

    def stopped(self, machines: tuple[Machine, ...]) -> Plan:
        """These machines are UP, and scheduled no more. Raises InvalidMaintenance unless all are DOWN."""
        for machine in machines:
            self._advance(machine, Step.STOP)
        kept, leaving = [], set(machines)
        for window in self.windows:
            staying = tuple(machine for machine in window.machines if machine not in leaving)
            if staying:
                kept.append(dataclasses.replace(window, machines=staying))
        return Plan(tuple(kept), self.down - leaving)

    def machines(self) -> list[Machine]:
        return list(self._windows_of)

    def schedule_message(self) -> maintenance.Schedule:
        return maintenance.Schedule(
            windows=[
                maintenance.Window(
                    machine_ids=[machine.message for machine in window.machines],
                    unavailability=window.unavailability,
                )
                for window in self.windows
            ]
        )

    def _advance(self, machine: Machine, step: Step) -> Mode:
        mode = self.mode(machine)
        after = TRANSITIONS.get((mode, step))
        if after is None:
            raise InvalidMaintenance(f"machine {machine} {_REFUSALS[mode, step]}")
        return after


def windows_of(schedule: maintenance.Schedule) -> tuple[Window, ...]:
    """A schedule as values. Raises InvalidMaintenance for one that makes no sense."""
    if len(schedule.windows) > WINDOWS_LIMIT:
        raise InvalidMaintenance(f"a schedule has at most {WINDOWS_LIMIT} windows")
    windows = tuple(_window(window, at) for at, window in enumerate(schedule.windows))
    _check_once([machine for window in windows for machine in window.machines], "the schedule")
    return windows


def machines_of(named: Iterable[mesos.MachineID], where: str) -> tuple[Machine, ...]:
    """Machines as values, at least one, each once. Raises InvalidMaintenance; `where` names the list."""
    machines = tuple(_machine(machine, where) for machine in named)
    if not machines:
        raise InvalidMaintenance(f"{where} names no machine: name at least one, by hostname or ip")
    _check_once(machines, where)
    return machines


def _window(window: maintenance.Window, at: int) -> Window:
    start, lasting = window.unavailability.start.nanoseconds, window.unavailability.duration
    duration = lasting.nanoseconds if isinstance(lasting, mesos.DurationInfo) else None
    if start < 0 or (duration is not None and duration < 0):
        raise InvalidMaintenance(f"windows[{at}]: start and duration of an unavailability cannot be negative")
    return Window(machines_of(window.machine_ids, f"windows[{at}]"), start, duration)


def _machine(named: mesos.MachineID, where: str) -> Machine:
    hostname = named.hostname.lower() if isinstance(named.hostname, str) else ""
    ip = named.ip if isinstance(named.ip, str) else ""
    if not hostname and not ip:
        raise InvalidMaintenance(f"{where}: a machine has neither hostname nor ip: say at least one")
    if ip and not _is_address(ip):
        raise InvalidMaintenance(f"{where}: {ip[:NAME_LIMIT]!r} is no IP address: write for example 10.0.0.7")
    if max(len(hostname), len(ip)) > NAME_LIMIT:
        raise InvalidMaintenance(f"{where}: a machine's hostname or ip has at most {NAME_LIMIT} characters")
    return Machine(hostname, ip)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _check_once(machines: Iterable[Machine], where: str) -> None:
    seen: set[Machine] = set()
    for machine in machines:
        if machine in seen:
            raise InvalidMaintenance(f"{where} names machine {machine} twice: name it once")
        seen.add(machine)
    if len(seen) > MACHINES_LIMIT:
        raise InvalidMaintenance(f"{where} names more than {MACHINES_LIMIT} machines")
