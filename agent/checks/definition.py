"""What a task's checks are: from the v1 messages to frozen values, or a refusal by name. Pure.

Two kinds: the *health check* has an opinion (healthy or not) and ends the task after so many failures in a
row; the *check* only tells what it found. How either looks is a probe: a command in the task's container,
an HTTP request, or a TCP connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET, UnsetType

from agent.commands import InvalidTask, validate_command
from api.wire.v1 import mesos

MIN_INTERVAL: Final = 0.1
"""Seconds. More frequent checks are slowed down to it: each is a process or a connection."""

MAX_SECONDS: Final = 7 * 24 * 3600.0
"""Longest delay, interval, timeout or grace period."""

UNBOUNDED_TIMEOUT: Final = 600.0
"""Seconds that a probe with timeout 0, which means none, is waited for: it must end some time."""

MAX_PATH: Final = 2_048
"""Characters of an HTTP path."""

MAX_STATUSES: Final = 100
"""HTTP statuses that a health check may list."""

SUCCESSES: Final = range(200, 400)
"""HTTP statuses that are healthy when a check lists none."""

PORTS: Final = range(1, 65_536)
_PATH: Final = re.compile(r"/[!-~]*")
"""Printable ASCII without blanks: nothing that could begin another header."""

CheckType = mesos.CheckInfoType


@dataclass(frozen=True, slots=True)
class Schedule:
    """Seconds: from the task's start to the first probe, between probes, and for one probe."""

    delay: float
    interval: float
    timeout: float


@dataclass(frozen=True, slots=True)
class CommandProbe:
    """A command in the task's container: exit status 0 is success."""

    command: mesos.CommandInfo


@dataclass(frozen=True, slots=True)
class HttpProbe:
    """A GET request; `statuses` are the healthy ones, empty for 200 to 399."""

    port: int
    path: str
    scheme: str = "http"
    statuses: frozenset[int] = frozenset()
    ipv6: bool = False


@dataclass(frozen=True, slots=True)
class TcpProbe:
    """A connection that is made and closed."""

    port: int
    ipv6: bool = False


Probe = CommandProbe | HttpProbe | TcpProbe


@dataclass(frozen=True, slots=True)
class Check:
    """A probe and when it is made."""

    schedule: Schedule
    probe: Probe

    @property
    def type(self) -> CheckType:
        if isinstance(self.probe, CommandProbe):
            return CheckType.COMMAND
        return CheckType.HTTP if isinstance(self.probe, HttpProbe) else CheckType.TCP


@dataclass(frozen=True, slots=True)
class HealthRule:
    """Failures in a row that end the task; failures that do not count, in seconds from its start, as long
    as nothing has succeeded yet."""

    failures: int
    grace: float


def check_of(info: mesos.CheckInfo) -> Check:
    """`TaskInfo.check`. Raises InvalidTask."""
    schedule = _schedule("check", info.delay_seconds, info.interval_seconds, info.timeout_seconds)
    if info.type is CheckType.COMMAND and info.command is not UNSET:
        return Check(schedule, _command("check", info.command.command))
    if info.type is CheckType.HTTP and info.http is not UNSET:
        return Check(schedule, HttpProbe(_port("check", info.http.port), _path("check", info.http.path)))
    if info.type is CheckType.TCP and info.tcp is not UNSET:
        return Check(schedule, TcpProbe(_port("check", info.tcp.port)))
    raise InvalidTask("check: its type has to be COMMAND, HTTP or TCP, and the field of that name set")


def health_check_of(info: mesos.HealthCheck) -> tuple[Check, HealthRule]:
    """`TaskInfo.health_check`. Raises InvalidTask."""
    name = "health check"
    schedule = _schedule(name, info.delay_seconds, info.interval_seconds, info.timeout_seconds)
    rule = HealthRule(info.consecutive_failures, _seconds(name, "grace_period", info.grace_period_seconds))
    if rule.failures < 1:
        raise InvalidTask(f"{name}: consecutive_failures must be at least 1")
    kind = info.type
    if kind is mesos.HealthCheckType.COMMAND and info.command is not UNSET:
        return Check(schedule, _command(name, info.command)), rule
    if kind is mesos.HealthCheckType.HTTP and info.http is not UNSET:
        return Check(schedule, _http(name, info.http)), rule
    if kind is mesos.HealthCheckType.TCP and info.tcp is not UNSET:
        return Check(schedule, TcpProbe(_port(name, info.tcp.port), _is_ipv6(info.tcp.protocol))), rule
    raise InvalidTask(f"{name}: its type has to be COMMAND, HTTP or TCP, and the field of that name set")


def _http(name: str, info: mesos.HealthCheckHTTPCheckInfo) -> HttpProbe:
    scheme = "http" if info.scheme is UNSET else info.scheme.lower()
    if scheme not in ("http", "https"):
        raise InvalidTask(f"{name}: the scheme {scheme[:20]!r} is neither http nor https")
    if len(info.statuses) > MAX_STATUSES:
        raise InvalidTask(f"{name}: more than {MAX_STATUSES} statuses")
    port, path = _port(name, info.port), _path(name, info.path)
    return HttpProbe(port, path, scheme, frozenset(info.statuses), _is_ipv6(info.protocol))


def _is_ipv6(protocol: mesos.NetworkInfoProtocol) -> bool:
    return protocol is mesos.NetworkInfoProtocol.IPv6


def _command(name: str, command: mesos.CommandInfo) -> CommandProbe:
    try:
        validate_command(command)
    except InvalidTask as error:
        raise InvalidTask(f"{name}: {error}") from None
    if command.uris:
        raise InvalidTask(f"{name}: its command cannot fetch URIs: fetch them with the task's own")
    if command.user is not UNSET:
        raise InvalidTask(f"{name}: its command runs as the task's user: leave its user out")
    return CommandProbe(command)


def _schedule(name: str, delay: float, interval: float, timeout: float) -> Schedule:
    limit = _seconds(name, "timeout", timeout)
    return Schedule(
        _seconds(name, "delay", delay),
        max(MIN_INTERVAL, _seconds(name, "interval", interval)),
        limit if limit > 0 else UNBOUNDED_TIMEOUT,
    )


def _seconds(name: str, what: str, value: float) -> float:
    if not 0 <= value <= MAX_SECONDS:
        raise InvalidTask(f"{name}: {what}_seconds must be between 0 and {MAX_SECONDS:.0f}, not {value:g}")
    return value


def _port(name: str, port: int) -> int:
    if port not in PORTS:
        raise InvalidTask(f"{name}: there is no port {port}")
    return port


def _path(name: str, path: str | UnsetType) -> str:
    if path is UNSET or not path:
        return "/"
    if not _PATH.fullmatch(path) or len(path) > MAX_PATH:
        raise InvalidTask(
            f"{name}: an HTTP path begins with '/' and has at most {MAX_PATH} printable ASCII characters"
            " without blanks: escape others"
        )
    return path
