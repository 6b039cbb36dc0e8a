"""`orlop agents reserve` and `unreserve`: which resources they mean, and what they say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator

ENG = {"type": "DYNAMIC", "role": "eng"}
STATIC = {"type": "STATIC", "role": "ops"}


def amount(name: str, value: float, *stack: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "SCALAR", "scalar": {"value": value}, "reservations": list(stack), **more}


HAS = [
    amount("cpus", 4.0),
    amount("cpus", 2.0, ENG),
    amount("cpus", 1.0, STATIC),
    amount("mem", 4096.0),
    amount("disk", 500.0, provider_id={"value": "p"}, disk={"source": {"type": "RAW", "profile": "fast"}}),
]


@pytest.fixture(autouse=True)
def agent(fake: FakeOrchestrator) -> None:
    info = {"id": {"value": "abcdef-1"}, "hostname": "host-1", "resources": []}
    shown = {"agent_info": info, "active": True, "version": "1", "total_resources": HAS}
    fake.answers["GET_AGENTS"] = {"type": "GET_AGENTS", "get_agents": {"agents": [shown]}}
    for kind in ("RESERVE_RESOURCES", "UNRESERVE_RESOURCES"):
        fake.answers[kind] = (202, "")


def sent(fake: FakeOrchestrator, kind: str) -> list[tuple[str, float, list[str]]]:
    (call,) = fake.asked(kind)
    body = call[kind.lower()]
    assert body["agent_id"] == {"value": "abcdef-1"}
    return [
        (r["name"], r["scalar"]["value"], [each["role"] for each in r.get("reservations", ())])
        for r in body["resources"]
    ]


async def test_what_is_unreserved_is_reserved(orlop: Orlop, fake: FakeOrchestrator) -> None:
    ended = await orlop("agents", "reserve", "host-1", "--role", "eng", "--resources", "cpus=1.5,mem=1GiB")
    assert ended.status == 0, ended.stderr
    assert sent(fake, "RESERVE_RESOURCES") == [("cpus", 1.5, ["eng"]), ("mem", 1024.0, ["eng"])]
    assert "cpus 1.5, mem 1024 of agent host-1" in ended.stdout


async def test_a_reservation_is_refined(orlop: Orlop, fake: FakeOrchestrator) -> None:
    asked = ("--role", "eng/dev", "--from", "eng", "--resources", "cpus=1", "--output", "json")
    ended = await orlop("agents", "reserve", "abc", *asked)
    assert ended.status == 0, ended.stderr
    assert sent(fake, "RESERVE_RESOURCES") == [("cpus", 1.0, ["eng", "eng/dev"])]
    assert json.loads(ended.stdout)["role"] == "eng/dev"


async def test_what_was_reserved_while_it_ran_is_given_back(orlop: Orlop, fake: FakeOrchestrator) -> None:
    ended = await orlop("agents", "unreserve", "host-1", "--role", "eng", "--resources", "cpus=2")
    assert ended.status == 0, ended.stderr
    assert sent(fake, "UNRESERVE_RESOURCES") == [("cpus", 2.0, ["eng"])]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("reserve", "host-2", "--role", "a", "--resources", "cpus=1"), 1, "no such agent"),
        (("reserve", "host-1", "--role", "a", "--resources", "cpus=5"), 1, "too little cpus"),
        (("reserve", "host-1", "--role", "a", "--resources", "disk=1GiB"), 1, "too little disk"),
        (("unreserve", "host-1", "--role", "ops", "--resources", "cpus=1"), 1, "too little cpus"),
        (("reserve", "host-1", "--role", "a", "--resources", "cpus"), 2, "NAME=AMOUNT"),
        (("reserve", "host-1", "--role", "a", "--resources", "cpus=0"), 2, "more than 0"),
        (("reserve", "host-1", "--role", "a", "--resources", "cpus=1,cpus=1"), 2, "once"),
    ],
)
async def test_what_cannot_be_meant_is_refused(
    orlop: Orlop, fake: FakeOrchestrator, arguments: tuple[str, ...], status: int, words: str
) -> None:
    ended = await orlop("agents", *arguments)
    assert (ended.status, words in ended.stderr) == (status, True), ended.stderr
    assert not fake.asked("RESERVE_RESOURCES") and not fake.asked("UNRESERVE_RESOURCES")


async def test_a_refusal_is_passed_on(orlop: Orlop, fake: FakeOrchestrator) -> None:
    fake.answers["RESERVE_RESOURCES"] = (409, "cpus:1 is in use by task t")
    ended = await orlop("agents", "reserve", "host-1", "--role", "eng", "--resources", "cpus=1")
    assert (ended.status, "in use by task t" in ended.stderr) == (1, True)
