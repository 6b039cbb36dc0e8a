"""The commands as a user sees them: what they print, and with what status they end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator, running

GIB = 2**30


def volume(name: str, state: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "profile": "default", "size_bytes": GIB, "role": "default", "state": state, **more}


def volumes(*found: dict[str, Any]) -> dict[str, Any]:
    return {"type": "GET_VOLUMES", "get_volumes": {"volumes": list(found)}}


def provisioned(state: str = "VOLUME_CREATING") -> dict[str, Any]:
    return {"type": "PROVISION_VOLUME", "provision_volume": {"volume": volume("data", state)}}


CREATE = ("volume", "create", "data", "--profile", "default", "--size", "1GiB")


async def test_create_waits_until_the_volume_is_available(fake: FakeOrchestrator, orlop: Orlop) -> None:
    states = iter(["VOLUME_CREATING", "VOLUME_CREATING", "VOLUME_AVAILABLE"])
    fake.answers["PROVISION_VOLUME"] = provisioned()
    fake.answers["GET_VOLUMES"] = lambda call: volumes(volume("data", next(states)))
    ended = await orlop(*CREATE)
    assert (ended.status, ended.stderr) == (0, "")
    assert ended.stdout == "volume data: AVAILABLE, 1GiB, profile default\n"
    asked = fake.asked("PROVISION_VOLUME")[0]["provision_volume"]
    assert asked == {"name": "data", "profile": "default", "size_bytes": GIB, "block": False}


async def test_create_without_waiting_returns_at_once(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["PROVISION_VOLUME"] = provisioned()
    ended = await orlop(*CREATE, "--no-wait", "--output", "json", "--provider", "archive")
    assert ended.status == 0
    assert json.loads(ended.stdout)["state"] == "VOLUME_CREATING"
    assert not fake.asked("GET_VOLUMES")
    assert fake.asked("PROVISION_VOLUME")[0]["provision_volume"]["provider"] == "archive"


async def test_a_creation_that_failed_ends_with_1_and_the_reason(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["PROVISION_VOLUME"] = provisioned()
    fake.answers["GET_VOLUMES"] = volumes(volume("data", "VOLUME_FAILED", message="the pool is full"))
    ended = await orlop(*CREATE)
    assert (ended.status, ended.stdout) == (1, "")
    assert "the pool is full" in ended.stderr and ended.stderr.count("\n") == 1


async def test_a_creation_that_takes_too_long_says_that_it_goes_on(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["PROVISION_VOLUME"] = provisioned()
    fake.answers["GET_VOLUMES"] = volumes(volume("data", "VOLUME_CREATING"))
    ended = await orlop(*CREATE, "--timeout", "0.3")
    assert ended.status == 1
    assert "goes on: orlop volume inspect data" in ended.stderr


async def test_a_refusal_ends_with_1_and_the_orchestrators_words(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["PROVISION_VOLUME"] = (
        409,
        "data exists with another size: destroy it, or take another name",
    )
    ended = await orlop(*CREATE)
    assert ended.status == 1
    assert ended.stderr == "orlop: data exists with another size: destroy it, or take another name\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("volume", "create", "data", "--profile", "default", "--size", "much"),
        ("volume", "create", "data", "--size", "1GiB"),
        ("volume", "destroy"),
        ("nonesuch",),
        ("task", "run", "--volume", "data", "--", "true"),
        ("task", "run"),
        ("dev", "--agents", "0"),
        ("orchestrator", "--port", "66000"),
    ],
)
async def test_a_wrong_command_line_ends_with_2(orlop: Orlop, arguments: tuple[str, ...]) -> None:
    ended = await orlop(*arguments)
    assert (ended.status, ended.stdout) == (2, "")
    assert ended.stderr


@pytest.mark.parametrize("command", ["status", "profiles", "agents", "operations", "events"])
async def test_an_orchestrator_that_is_not_there_ends_with_3(orlop: Orlop, command: str) -> None:
    ended = await orlop(command, url="http://127.0.0.1:9")
    assert (ended.status, ended.stdout) == (3, "")
    assert "http://127.0.0.1:9" in ended.stderr and ended.stderr.count("\n") == 1


async def test_destroy_waits_until_the_volume_is_gone(fake: FakeOrchestrator, orlop: Orlop) -> None:
    answers = iter([volumes(volume("data", "VOLUME_DESTROYING")), volumes()])
    fake.answers["GET_VOLUMES"] = lambda call: next(answers)
    ended = await orlop("volume", "destroy", "data")
    assert (ended.status, ended.stdout) == (0, "volume data: destroyed\n")


async def test_list_shows_a_row_for_each_volume(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_VOLUMES"] = volumes(
        volume("data", "VOLUME_AVAILABLE", agent_id={"value": "A1"}, users=["t1"]),
        volume("more", "VOLUME_CREATING"),
    )
    header, first, second = (await orlop("volume", "list")).stdout.splitlines()
    assert header.split()[:4] == ["NAME", "STATE", "PROFILE", "SIZE"]
    assert first.split()[:7] == ["data", "AVAILABLE", "default", "1GiB", "default", "A1", "t1"]
    assert second.startswith("more  CREATING")


@pytest.mark.parametrize(
    ("command", "key"),
    [
        (("volume", "list"), "volumes"),
        (("task", "list"), "tasks"),
        (("agents",), "agents"),
        (("providers",), "resource_providers"),
        (("profiles",), "profiles"),
        (("roles",), "roles"),
        (("quota",), "quota"),
        (("frameworks",), "frameworks"),
        (("executors",), "executors"),
        (("operations",), "operations"),
        (("plugins",), "plugins"),
        (("containers",), "containers"),
        (("events",), "events"),
    ],
)
async def test_json_output_is_one_document_even_when_there_is_nothing(
    orlop: Orlop, command: tuple[str, ...], key: str
) -> None:
    ended = await orlop(*command, "--output", "json")
    assert (ended.status, ended.stderr) == (0, "")
    assert json.loads(ended.stdout) == {key: []}


async def test_options_may_stand_before_the_command(fake: FakeOrchestrator, orlop: Orlop) -> None:
    ended = await orlop("--url", fake.url, "--output", "json", "volume", "list", url="http://127.0.0.1:9")
    assert (ended.status, json.loads(ended.stdout)) == (0, {"volumes": []})


async def test_a_standby_sends_the_command_on_to_the_leader(fake: FakeOrchestrator, orlop: Orlop) -> None:
    async with running() as standby:
        standby.answers["GET_VOLUMES"] = (307, f"{fake.url.removeprefix('http:')}/api/v1")
        fake.answers["GET_VOLUMES"] = volumes(volume("data", "VOLUME_AVAILABLE"))
        ended = await orlop("volume", "inspect", "data", url=standby.url)
    assert ended.status == 0
    assert "AVAILABLE" in ended.stdout


async def test_a_recovering_orchestrator_is_asked_again(fake: FakeOrchestrator, orlop: Orlop) -> None:
    answers = iter([(503, "recovering"), volumes()])
    fake.answers["GET_VOLUMES"] = lambda call: next(answers)
    assert (await orlop("volume", "list")).status == 0


async def test_an_answer_that_is_no_v1_message_is_an_error_of_one_line(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["GET_VOLUMES"] = (200, "<html>")
    ended = await orlop("volume", "list")
    assert ended.status == 1
    assert ended.stderr.count("\n") == 1


async def test_help_is_quick(orlop: Orlop) -> None:
    started = time.monotonic()
    ended = await orlop("--help")
    assert ended.status == 0
    assert time.monotonic() - started < 2.0, "measured: 0.13 s alone; the limit leaves room for neighbours"
    for command in ("dev", "orchestrator", "agent", "plugin", "volume", "task", "status", "events"):
        assert command in ended.stdout


def test_help_imports_no_network_library() -> None:
    heavy = "{'aiohttp', 'grpc', 'sqlalchemy', 'rich'}"
    code = f"import sys, cli.main; sys.exit(bool(sys.modules.keys() & {heavy}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_an_argument_that_is_no_text_is_a_wrong_command_line(orlop: Orlop) -> None:
    ended = await orlop("task", "run", "--", "printf", "odd \udcff byte")
    assert (ended.status, ended.stdout) == (2, "")
    assert ended.stderr == "orlop: the argument b'odd \\xff byte' is not UTF-8: put it into a file\n"


def expanding(state: str, **more: Any) -> dict[str, Any]:
    return {"type": "EXPAND_VOLUME", "expand_volume": {"volume": volume("data", state, **more)}}


async def test_expand_waits_until_the_volume_is_as_large(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["EXPAND_VOLUME"] = expanding("VOLUME_EXPANDING")
    answers = iter(
        [
            volumes(volume("data", "VOLUME_EXPANDING")),
            volumes(volume("data", "VOLUME_AVAILABLE", size_bytes=2**31)),
        ]
    )
    fake.answers["GET_VOLUMES"] = lambda call: next(answers)
    ended = await orlop("volume", "expand", "data", "--size", "2GiB")
    assert (ended.status, ended.stdout) == (0, "volume data: AVAILABLE, 2GiB\n")
    assert fake.asked("EXPAND_VOLUME")[0]["expand_volume"] == {"name": "data", "size_bytes": 2**31}


async def test_an_expansion_that_was_refused_fails_with_the_reason(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["EXPAND_VOLUME"] = expanding("VOLUME_EXPANDING")
    refused = volume("data", "VOLUME_AVAILABLE", size_bytes=2**30, message="it was not expanded: no room")
    fake.answers["GET_VOLUMES"] = volumes(refused)
    ended = await orlop("volume", "expand", "data", "--size", "2GiB")
    assert ended.status == 1 and "no room" in ended.stderr and ended.stderr.count("\n") == 1
