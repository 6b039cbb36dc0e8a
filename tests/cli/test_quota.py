"""`orlop quota` and `orlop roles` as a user sees them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator


def amounts(**written: float) -> dict[str, Any]:
    return {name: {"value": value} for name, value in written.items()}


FAST = {"disk[profile=fast]": {"value": 5120}}
ENG = {
    "name": "eng",
    "weight": 2.0,
    "frameworks": [{"value": "f1"}],
    "guarantees": amounts(cpus=2, disk=10240),
    "limits": {**amounts(cpus=4), **FAST},
    "consumed": {**amounts(cpus=1.5, disk=1000), "disk[profile=fast]": {"value": 1000}},
    "offered": amounts(cpus=0.5),
    "reserved": {**amounts(disk=1000), "disk[profile=fast]": {"value": 1000}},
}
WEB = {"name": "web", "weight": 1.0}


def roles(*found: dict[str, Any]) -> dict[str, Any]:
    return {"type": "GET_ROLES", "get_roles": {"roles": list(found)}}


def configs(*found: dict[str, Any]) -> dict[str, Any]:
    return {"type": "GET_QUOTA", "get_quota": {"status": {"configs": list(found)}}}


def asked(fake: FakeOrchestrator) -> dict[str, Any]:
    (call,) = fake.asked("UPDATE_QUOTA")
    return dict(call["update_quota"])


async def test_quota_is_listed_by_role_and_name(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_ROLES"] = roles(ENG, WEB)
    lines = (await orlop("quota")).stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["ROLE", "NAME", "GUARANTEE", "LIMIT", "CONSUMED", "OFFERED"],
        ["eng", "cpus", "2", "4", "1.5", "0.5"],
        ["eng", "disk", "10GiB", "-", "1000MiB", "0MiB"],
        ["eng", "disk[profile=fast]", "-", "5GiB", "1000MiB", "0MiB"],
    ]
    (shown,) = json.loads((await orlop("quota", "--output", "json")).stdout)["quota"]
    assert shown == {"role": "eng"} | {
        key: ENG[key] for key in ("guarantees", "limits", "consumed", "offered")
    }


async def test_without_quota_the_command_that_sets_one_is_named(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_ROLES"] = roles(WEB)
    assert "orlop quota set" in (await orlop("quota")).stdout


async def test_amounts_are_written_with_units(fake: FakeOrchestrator, orlop: Orlop) -> None:
    ended = await orlop(
        "quota",
        "set",
        "eng",
        "--guarantee",
        "cpus=2.5,mem=4GiB,disk=10GiB,disk[profile=fast]=5GiB",
        "--limit",
        "gpus=0",
        "--force",
    )
    assert (ended.status, ended.stderr) == (0, "")
    assert ended.stdout == (
        "quota of eng: guarantee cpus=2.5,disk=10GiB,disk[profile=fast]=5GiB,mem=4GiB, limit gpus=0\n"
    )
    assert asked(fake) == {
        "force": True,
        "quota_configs": [
            {
                "role": "eng",
                "guarantees": {**amounts(cpus=2.5, mem=4096, disk=10240), **FAST},
                "limits": amounts(gpus=0),
            }
        ],
    }


async def test_what_is_not_named_stays(fake: FakeOrchestrator, orlop: Orlop) -> None:
    before = {"role": "eng", "guarantees": amounts(cpus=2), "limits": {**amounts(cpus=4, mem=64), **FAST}}
    fake.answers["GET_QUOTA"] = configs({"role": "ops", "limits": amounts(cpus=9)}, before)
    ended = await orlop("quota", "set", "eng", "--limit", "cpus=5,mem=none", "-o", "json")
    assert ended.status == 0
    wanted = {"role": "eng", "guarantees": amounts(cpus=2), "limits": {**amounts(cpus=5), **FAST}}
    assert asked(fake) == {"force": False, "quota_configs": [wanted]}
    assert json.loads(ended.stdout) == wanted


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--limit", "cpus"), "NAME=AMOUNT"),
        (("--limit", "=2"), "NAME=AMOUNT"),
        (("--limit", "cpus=2,,mem=1GiB"), "NAME=AMOUNT"),
        (("--limit", "cpus=many"), "a number"),
        (("--limit", "cpus=-1"), "a number"),
        (("--limit", "cpus=nan"), "a number"),
        (("--limit", "mem=4Gib,mem=2GiB"), "twice"),
        (("--guarantee", "disk=lots"), "a size"),
        (("--guarantee", "mem=512"), "512MiB"),
        (("--guarantee", "disk[profile=fast]=5000MB5"), "a size"),
        ((), "--limit"),
    ],
)
async def test_a_wrong_command_line_asks_nothing(
    fake: FakeOrchestrator, orlop: Orlop, arguments: tuple[str, ...], words: str
) -> None:
    ended = await orlop("quota", "set", "eng", *arguments)
    assert (ended.status, ended.stdout) == (2, "")
    assert words in ended.stderr
    assert not fake.calls


async def test_a_refusal_is_told_in_one_line_and_ends_with_1(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["UPDATE_QUOTA"] = (400, "guarantees of cpus would be 5 in all: guarantee 1 less")
    ended = await orlop("quota", "set", "eng", "--guarantee", "cpus=5")
    assert (ended.status, ended.stdout) == (1, "")
    assert "guarantee 1 less" in ended.stderr and ended.stderr.count("\n") == 1


async def test_quota_is_removed(fake: FakeOrchestrator, orlop: Orlop) -> None:
    ended = await orlop("quota", "remove", "eng")
    assert (ended.status, ended.stdout) == (0, "quota of eng: removed\n")
    assert fake.asked("REMOVE_QUOTA") == [{"type": "REMOVE_QUOTA", "remove_quota": {"role": "eng"}}]


async def test_an_orchestrator_that_is_not_there_ends_with_3(orlop: Orlop) -> None:
    for command in (("quota",), ("quota", "remove", "eng"), ("roles",), ("roles", "weight", "eng", "2")):
        assert (await orlop(*command, url="http://127.0.0.1:9")).status == 3


async def test_roles_are_shown_with_weight_and_quota(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_ROLES"] = roles(ENG, WEB)
    lines = [line.split() for line in (await orlop("roles")).stdout.splitlines()]
    headers = "NAME WEIGHT FRAMEWORKS GUARANTEE LIMIT RESERVED ALLOCATED OFFERED"
    assert lines[0] == headers.split()
    assert lines[1] == [
        "eng",
        "2",
        "1",
        "cpus=2,disk=10GiB",
        "cpus=4,disk[profile=fast]=5GiB",
        "disk=1000MiB",
        "-",
        "cpus=0.5",
    ]
    assert lines[2] == ["web", "1", "0", "-", "-", "-", "-", "-"]


async def test_a_role_is_given_a_weight(fake: FakeOrchestrator, orlop: Orlop) -> None:
    ended = await orlop("roles", "weight", "eng/db", "2.5")
    assert (ended.status, ended.stdout) == (0, "weight of eng/db: 2.5\n")
    (call,) = fake.asked("UPDATE_WEIGHTS")
    assert call["update_weights"] == {"weight_infos": [{"role": "eng/db", "weight": 2.5}]}
    assert (await orlop("roles", "weight", "eng", "heavy")).status == 2
    nothing = await orlop("roles", "weight", "eng", "nan")
    assert (nothing.status, "is no number" in nothing.stderr) == (2, True), nothing.stderr
    assert (await orlop("roles", "weight", "eng", "1000000")).stdout == "weight of eng: 1000000\n"


async def test_an_amount_that_would_count_as_nothing_is_refused(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_QUOTA"] = configs()
    ended = await orlop("quota", "set", "eng", "--limit", "cpus=0.0001")
    assert (ended.status, "0.001" in ended.stderr) == (2, True), ended.stderr
    assert not fake.asked("UPDATE_QUOTA")
    assert (await orlop("quota", "set", "eng", "--limit", "cpus=0")).status == 0
