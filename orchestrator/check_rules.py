"""What is wrong with a health check or a check by itself. Pure: nothing is run or looked up.

What the agent finds impossible when it comes to run one (an image without a shell) is told there.
"""

from __future__ import annotations

import math
from typing import Final

from msgspec import UNSET

from api.model.errors import InvalidRequest
from api.wire.v1 import mesos

PORTS: Final = range(1, 65_536)

STATUSES: Final = range(100, 600)
"""Statuses of HTTP answers."""

SCHEMES: Final = ("http", "https")


class InvalidTask(InvalidRequest):
    """The task can never run as it is; the message says what to change."""


def check_health_check(check: mesos.HealthCheck) -> None:
    """Raises InvalidTask, naming the first thing that makes no sense."""
    _check_kind("health_check", check, str(check.type) if check.type is not UNSET else "")
    for name in ("delay_seconds", "interval_seconds", "timeout_seconds", "grace_period_seconds"):
        _check_seconds(f"health_check.{name}", getattr(check, name))
    if isinstance(check.http, mesos.HealthCheckHTTPCheckInfo):
        _check_port("health_check.http.port", check.http.port)
        _check_path("health_check.http.path", check.http.path)
        if check.http.scheme is not UNSET and check.http.scheme not in SCHEMES:
            raise InvalidTask(f"health_check.http.scheme is {check.http.scheme!r}: use http or https")
        wrong = [status for status in check.http.statuses if status not in STATUSES]
        if wrong:
            raise InvalidTask(f"health_check.http.statuses: {wrong[0]} is no status of HTTP: use 100 to 599")
    if isinstance(check.tcp, mesos.HealthCheckTCPCheckInfo):
        _check_port("health_check.tcp.port", check.tcp.port)


def check_check(check: mesos.CheckInfo) -> None:
    """Raises InvalidTask, naming the first thing that makes no sense."""
    _check_kind("check", check, str(check.type) if check.type is not UNSET else "")
    for name in ("delay_seconds", "interval_seconds", "timeout_seconds"):
        _check_seconds(f"check.{name}", getattr(check, name))
    if isinstance(check.http, mesos.CheckInfoHttp):
        _check_port("check.http.port", check.http.port)
        _check_path("check.http.path", check.http.path)
    if isinstance(check.tcp, mesos.CheckInfoTcp):
        _check_port("check.tcp.port", check.tcp.port)


def _check_kind(path: str, check: mesos.HealthCheck | mesos.CheckInfo, kind: str) -> None:
    """The type is named, its own part is there, and no other's."""
    named = kind.lower()
    if named not in ("command", "http", "tcp"):
        raise InvalidTask(f"{path}.type: say COMMAND, HTTP or TCP")
    for part in ("command", "http", "tcp"):
        present = getattr(check, part) is not UNSET
        if part == named and not present:
            raise InvalidTask(f"{path} is of type {kind}, and {path}.{part} is not set: set it")
        if part != named and present:
            raise InvalidTask(f"{path} is of type {kind}, and {path}.{part} is set: leave it out")


def _check_seconds(path: str, seconds: float) -> None:
    if not math.isfinite(seconds) or seconds < 0:
        raise InvalidTask(f"{path} is {seconds:g}: use a number of seconds from 0 on")


def _check_port(path: str, port: int) -> None:
    if port not in PORTS:
        raise InvalidTask(f"{path} is {port}: use {PORTS[0]} to {PORTS[-1]}")


def _check_path(path: str, value: object) -> None:
    if isinstance(value, str) and not value.startswith("/"):
        raise InvalidTask(f"{path} is {value!r}: begin it with '/'")
