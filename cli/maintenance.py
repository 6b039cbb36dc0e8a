"""Maintenance through the public API: the schedule shown and changed, machines taken down and brought up.

The API replaces the schedule as a whole, so what is not named here is sent back as it was read.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec import UNSET

from api.model.clock import SystemClock
from api.wire.v1 import maintenance, master, mesos
from cli.failures import USAGE, CommandFailed
from cli.options import Output
from cli.output import print_json, print_table, text
from client.operator import OperatorClient

NANOSECONDS: Final = 1_000_000_000


async def show(url: str, output: Output) -> None:
    """The schedule with the state of each machine. Raises ClientError."""
    async with OperatorClient(url) as client:
        planned, status = await client.maintenance_schedule(), await client.maintenance_status()
    if output is Output.JSON:
        print_json({"schedule": planned, "status": status})
        return
    said = {_name(one.id): one.statuses for one in status.draining_machines}
    down = {_name(machine) for machine in status.down_machines}
    rows = [
        (name, "DOWN" if name in down else "DRAINING", *_times(window), _answers(said.get(name, [])))
        for window in planned.windows
        for name in map(_name, window.machine_ids)
    ]
    headers = ("MACHINE", "MODE", "FROM", "FOR", "FRAMEWORKS SAID")
    print_table(headers, rows, "No maintenance is scheduled. Schedule one: orlop maintenance schedule HOST")


async def schedule(
    url: str, output: Output, hosts: list[str], start: datetime | None, duration: float | None
) -> None:
    """One more window, for these hosts; where they were scheduled already, they are not any more."""
    begin = SystemClock().now() if start is None else start.timestamp()
    away = mesos.Unavailability(start=mesos.TimeInfo(nanoseconds=int(begin * NANOSECONDS)))
    if duration is not None:
        away.duration = mesos.DurationInfo(nanoseconds=int(duration * NANOSECONDS))
    window = maintenance.Window(machine_ids=_machines(hosts), unavailability=away)
    async with OperatorClient(url) as client:
        others = _without(await client.maintenance_schedule(), hosts)
        known = await client.agents()
        await client.update_maintenance_schedule([*others, window])
    _say(output, hosts, "scheduled; see what frameworks say: orlop maintenance")
    _note_strangers(hosts, known)


async def unschedule(url: str, output: Output, hosts: list[str]) -> None:
    """The schedule without these hosts. Raises CommandFailed when one is not in it."""
    async with OperatorClient(url) as client:
        planned = await client.maintenance_schedule()
        known = {_name(machine) for window in planned.windows for machine in window.machine_ids}
        for name in _names(hosts):
            if name not in known:
                there = ", ".join(sorted(known)) or "none"
                raise CommandFailed(f"machine {name} is not in the schedule; there are: {there}")
        await client.update_maintenance_schedule(_without(planned, hosts))
    _say(output, hosts, "in the schedule no more")


async def start(url: str, output: Output, hosts: list[str]) -> None:
    """START_MAINTENANCE."""
    async with OperatorClient(url) as client:
        known = await client.agents()
        await client.start_maintenance(_machines(hosts))
    _say(output, hosts, "down: no offers, tasks are being killed; when it is back: orlop maintenance stop")
    _note_strangers(hosts, known)


async def stop(url: str, output: Output, hosts: list[str]) -> None:
    """STOP_MAINTENANCE."""
    async with OperatorClient(url) as client:
        await client.stop_maintenance(_machines(hosts))
    _say(output, hosts, "up, and scheduled no more")


def _say(output: Output, hosts: list[str], what: str) -> None:
    if output is Output.JSON:
        print_json({"machines": _machines(hosts)})
    else:
        print(f"{', '.join(_names(hosts))}: {what}")


def _note_strangers(hosts: list[str], known: master.ResponseGetAgents) -> None:
    """Say which machines have no agent: a plan may be for one that comes later, and is for none when its name
    was misspelt."""
    here = [(each.agent_info.hostname.lower(), _ip(each)) for each in known.agents]
    away = {each.hostname.lower() for each in known.recovered_agents}  # nobody knows where they answer
    for machine in _machines(hosts):
        hostname, _, ip = _name(machine).partition("@")
        if hostname in away or any(hostname in ("", name) and ip in ("", at) for name, at in here):
            continue
        print(
            f"orlop: no agent is known on machine {_name(machine)}: this is for one that comes there "
            f"later; if it is misspelt, see orlop agents, and: orlop maintenance unschedule {_name(machine)}",
            file=sys.stderr,
        )


def _ip(agent: master.ResponseGetAgentsAgent) -> str:
    """Where its API is, without the port; empty when it did not say."""
    return agent.pid.partition("@")[2].rpartition(":")[0] if isinstance(agent.pid, str) else ""


def _machines(hosts: Iterable[str]) -> list[mesos.MachineID]:
    """Raises CommandFailed for a name that is empty."""
    machines = []
    for host in hosts:
        hostname, _, ip = host.partition("@")
        if not hostname and not ip:
            raise CommandFailed(f"{host!r} names no machine: write HOSTNAME, HOSTNAME@IP or @IP", USAGE)
        machines.append(mesos.MachineID(hostname=hostname.lower() or UNSET, ip=ip or UNSET))
    return machines


def _names(hosts: Iterable[str]) -> list[str]:
    return [_name(machine) for machine in _machines(hosts)]


def _name(machine: mesos.MachineID) -> str:
    hostname = machine.hostname if isinstance(machine.hostname, str) else ""
    return hostname + (f"@{machine.ip}" if isinstance(machine.ip, str) and machine.ip else "")


def _without(planned: maintenance.Schedule, hosts: list[str]) -> list[maintenance.Window]:
    leaving = set(_names(hosts))
    kept = []
    for window in planned.windows:
        staying = [machine for machine in window.machine_ids if _name(machine) not in leaving]
        if staying:
            kept.append(maintenance.Window(machine_ids=staying, unavailability=window.unavailability))
    return kept


def _times(window: maintenance.Window) -> tuple[str, str]:
    away = window.unavailability
    begin = datetime.fromtimestamp(away.start.nanoseconds / NANOSECONDS).strftime("%Y-%m-%d %H:%M:%S")
    if away.duration is UNSET:
        return begin, "open"
    seconds = away.duration.nanoseconds / NANOSECONDS
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length and seconds % length == 0:
            return begin, f"{seconds / length:g}{unit}"
    return begin, f"{seconds:g}s"


def _answers(statuses: Iterable[object]) -> str:
    counts = Counter(text(getattr(one, "status", None)) for one in statuses)
    return ", ".join(f"{count} {status}" for status, count in sorted(counts.items())) or "-"
