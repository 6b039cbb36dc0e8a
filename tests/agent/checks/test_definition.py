"""Checks as they are described, and what of it is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from agent.checks.definition import (
    MIN_INTERVAL,
    UNBOUNDED_TIMEOUT,
    CommandProbe,
    HttpProbe,
    TcpProbe,
    check_of,
    health_check_of,
)
from agent.commands import InvalidTask
from api.wire.v1 import mesos

HTTP = mesos.HealthCheckHTTPCheckInfo(port=8080, path="/health")


def http(**changes: Any) -> mesos.HealthCheck:
    info = msgspec.structs.replace(HTTP, **changes)
    return mesos.HealthCheck(type=mesos.HealthCheckType.HTTP, http=info)


def test_the_times_have_the_defaults_of_the_api() -> None:
    check, rule = health_check_of(http())
    assert (check.schedule.delay, check.schedule.interval, check.schedule.timeout) == (15.0, 10.0, 20.0)
    assert (rule.failures, rule.grace) == (3, 10.0)


def test_an_http_probe_has_what_was_asked() -> None:
    wanted = http(statuses=[204], scheme="HTTPS", protocol=mesos.NetworkInfoProtocol.IPv6)
    check, _ = health_check_of(wanted)
    assert check.probe == HttpProbe(8080, "/health", "https", frozenset({204}), ipv6=True)


def test_checks_have_the_same_three_kinds() -> None:
    command = mesos.CommandInfo(value="true")
    for info, probe in (
        (
            mesos.CheckInfo(
                type=mesos.CheckInfoType.COMMAND, command=mesos.CheckInfoCommand(command=command)
            ),
            CommandProbe(command),
        ),
        (
            mesos.CheckInfo(type=mesos.CheckInfoType.HTTP, http=mesos.CheckInfoHttp(port=80)),
            HttpProbe(80, "/"),
        ),
        (mesos.CheckInfo(type=mesos.CheckInfoType.TCP, tcp=mesos.CheckInfoTcp(port=80)), TcpProbe(80)),
    ):
        check = check_of(info)
        assert check.probe == probe
        assert check.type is info.type


def test_no_interval_and_no_timeout_are_bounded_all_the_same() -> None:
    info = mesos.CheckInfo(
        type=mesos.CheckInfoType.TCP,
        tcp=mesos.CheckInfoTcp(port=80),
        interval_seconds=0.0,
        timeout_seconds=0.0,
    )
    schedule = check_of(info).schedule
    assert (schedule.interval, schedule.timeout) == (MIN_INTERVAL, UNBOUNDED_TIMEOUT)


@pytest.mark.parametrize(
    ("info", "words"),
    [
        (mesos.HealthCheck(), "its type"),
        (mesos.HealthCheck(type=mesos.HealthCheckType.TCP), "its type"),
        (http(port=0), "no port 0"),
        (http(port=65_536), "no port 65536"),
        (http(path="/a\r\nEvil: yes"), "printable ASCII"),
        (http(path="health"), "begins with '/'"),
        (http(path="/" + "x" * 3_000), "at most"),
        (http(scheme="gopher"), "neither http nor https"),
        (msgspec.structs.replace(http(), delay_seconds=-1.0), "delay_seconds"),
        (msgspec.structs.replace(http(), grace_period_seconds=1e300), "grace_period_seconds"),
        (msgspec.structs.replace(http(), consecutive_failures=0), "consecutive_failures"),
        (
            mesos.HealthCheck(type=mesos.HealthCheckType.COMMAND, command=mesos.CommandInfo(value="")),
            "empty",
        ),
        (
            mesos.HealthCheck(
                type=mesos.HealthCheckType.COMMAND,
                command=mesos.CommandInfo(value="x", uris=[mesos.CommandInfoURI(value="http://x/y")]),
            ),
            "URIs",
        ),
        (
            mesos.HealthCheck(
                type=mesos.HealthCheckType.COMMAND, command=mesos.CommandInfo(value="x", user="root")
            ),
            "user",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(info: mesos.HealthCheck, words: str) -> None:
    with pytest.raises(InvalidTask, match="health check") as error:
        health_check_of(info)
    assert words in str(error.value)
