"""`orlop operations` as an operator sees it: all, the story of one, and what is done about a stuck one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator

FIRST, SECOND, THIRD = "aaaa0001" + "0" * 24, "aaaa0002" + "0" * 24, "bbbb0003" + "0" * 24


def uuid_of(digits: str) -> dict[str, str]:
    return {"value": base64.b64encode(bytes.fromhex(digits)).decode()}


def operation(digits: str, state: str = "OPERATION_PENDING", **more: Any) -> dict[str, Any]:
    status = {"state": state, "timestamp": 1000.0} | more.pop("status", {})
    began = {"state": "OPERATION_PENDING", "timestamp": 1000.0}
    return {
        "uuid": uuid_of(digits),
        "info": {"type": "CREATE_DISK"},
        "latest_status": status,
        "statuses": [began] if state == "OPERATION_PENDING" else [began, status],
        "created": 1000.0,
        "agent_id": {"value": "A1"},
        **more,
    }


def known(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"type": "GET_OPERATIONS", "get_operations": {"operations": list(operations)}}


def remembered(*newest_first: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Answers for the history, two operations to a page; `next` is how many were told."""

    def page(call: dict[str, Any]) -> dict[str, Any]:
        asked = call.get("get_operation_history", {})
        begin = int(asked.get("before", "0"))
        end = begin + min(2, asked.get("limit", 2))
        body: dict[str, Any] = {"operations": list(newest_first[begin:end]), "total": len(newest_first)}
        if end < len(newest_first):
            body["next"] = str(end)
        return {"type": "GET_OPERATION_HISTORY", "get_operation_history": body}

    return page


STUCK = operation(
    FIRST,
    provisioning_name="data",
    trouble={
        "message": "CreateVolume is being repeated: UNAVAILABLE: rebooting",
        "times": 7,
        "since": 1060.0,
        "latest": 1300.0,
    },
)


async def test_the_table_says_what_stands_in_an_operations_way_and_how_often(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["GET_OPERATIONS"] = known(STUCK, operation(SECOND, abandoned=1400.0))
    header, first, second = (await orlop("operations")).stdout.splitlines()
    assert header.split() == ["UUID", "TYPE", "STATE", "AGE", "FOR", "AGENT", "MESSAGE"]
    assert first.startswith("aaaa0001  CREATE_DISK  PENDING") and "volume data" in first
    assert first.endswith("UNAVAILABLE: rebooting (7 times)")
    assert "PENDING (given up)" in second


async def test_the_table_shows_the_latest_that_ended_and_all_when_asked_for(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    ended = [operation(f"{number:032x}", "OPERATION_FINISHED") for number in range(30)]
    fake.answers["GET_OPERATIONS"] = known(STUCK, *ended)
    lines = (await orlop("operations")).stdout.splitlines()
    assert len(lines) == 1 + 1 + 20 + 1 and lines[-1] == "10 more have ended: orlop operations --all"
    document = json.loads((await orlop("operations", "--output", "json")).stdout)
    assert len(document["operations"]) == 31


async def test_all_that_are_remembered_are_shown_the_newest_first_with_times_and_owners(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    done = operation(SECOND, "OPERATION_FINISHED", framework_id={"value": "F1"}, status={"timestamp": 1060.0})
    fake.answers["GET_OPERATION_HISTORY"] = remembered(STUCK, done, operation(THIRD))
    header, *lines = (await orlop("operations", "--all")).stdout.splitlines()
    assert header.split() == ["UUID", "TYPE", "STATE", "ACCEPTED", "ENDED", "FOR", "AGENT", "MESSAGE"]
    assert [line.split()[0] for line in lines] == ["aaaa0001", "aaaa0002", "bbbb0003"]
    assert lines[1].count("1970") == 2 and "F1" in lines[1]
    assert lines[0].count("1970") == 1 and "volume data" in lines[0]
    some = json.loads((await orlop("operations", "--all", "--limit", "1", "--output", "json")).stdout)
    assert [each["uuid"] for each in some["operations"]] == [uuid_of(FIRST)]
    fake.calls.clear()
    alone = await orlop("operations", "--limit", "1")
    assert alone.status == 2 and "--limit goes with --all" in alone.stderr and not fake.calls


async def test_the_story_of_one_that_is_shown_no_more_is_told_from_the_history(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["GET_OPERATIONS"] = known(STUCK)
    fake.answers["GET_OPERATION_HISTORY"] = remembered(
        STUCK, operation(SECOND), operation(THIRD, "OPERATION_FAILED")
    )
    ended = await orlop("operations", "bbbb0003")
    assert ended.status == 0 and "FAILED" in ended.stdout


async def test_one_by_its_id_tells_its_story_and_what_can_be_done(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["GET_OPERATIONS"] = known(STUCK, operation(SECOND))
    ended = await orlop("operations", "aaaa0001")
    assert (ended.status, ended.stderr) == (0, "")
    assert ended.stdout == (await orlop("operations", "inspect", "aaaa0001")).stdout
    story = ended.stdout.split("\n\n")[1].splitlines()
    assert story[0].endswith("  PENDING")
    assert "7 times" in story[1] and "UNAVAILABLE: rebooting" in story[1]
    assert "orlop operations retry aaaa0001" in ended.stdout
    assert "orlop operations abandon aaaa0001" in ended.stdout


async def test_the_story_has_what_stood_in_its_way_before_and_when(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    earlier = {"message": "RESOURCE_EXHAUSTED: full", "times": 3, "since": 1010.0, "latest": 1050.0}
    fake.answers["GET_OPERATIONS"] = known({**STUCK, "troubles": [earlier]})
    story = (await orlop("operations", "aaaa0001")).stdout.split("\n\n")[1].splitlines()
    assert len(story) == 3
    assert "3 times, last" in story[1] and story[1].endswith("RESOURCE_EXHAUSTED: full")
    assert "UNAVAILABLE: rebooting" in story[2]


async def test_the_story_of_one_that_failed_has_the_plugins_own_words(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    failed = operation(
        FIRST,
        "OPERATION_FAILED",
        status={"timestamp": 2000.0, "message": "abandoned by an operator: INVALID_ARGUMENT: no pool"},
        abandoned=1500.0,
        acknowledged=False,
    )
    fake.answers["GET_OPERATIONS"] = known(failed)
    ended = await orlop("operations", FIRST)
    story = ended.stdout.split("\n\n")[1].splitlines()
    assert [line.split("  ", 1)[1] for line in story] == [
        "PENDING",
        "given up by an operator",
        "FAILED: abandoned by an operator: INVALID_ARGUMENT: no pool",
    ]
    assert "has not acknowledged the outcome yet" in ended.stdout and "retry" not in ended.stdout


async def test_an_operation_is_found_by_its_frameworks_id_and_json_is_one_document(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    named = operation(THIRD, info={"type": "RESERVE", "id": {"value": "my-op"}})
    fake.answers["GET_OPERATIONS"] = known(operation(FIRST), named)
    for command in (("--output", "json", "inspect", "my-op"), ("my-op", "--output", "json")):
        ended = await orlop("operations", *command)
        assert json.loads(ended.stdout)["uuid"] == uuid_of(THIRD)


@pytest.mark.parametrize(
    ("name", "words"),
    [("aaaa", "give more of the UUID"), ("ffff", "orlop operations --all"), ("aa", "--all")],
)
async def test_a_name_that_means_none_or_several_is_refused(
    fake: FakeOrchestrator, orlop: Orlop, name: str, words: str
) -> None:
    fake.answers["GET_OPERATIONS"] = known(operation(FIRST), operation(SECOND))
    fake.answers["GET_OPERATION_HISTORY"] = remembered(operation(SECOND), operation(FIRST))
    ended = await orlop("operations", name)
    assert (ended.status, ended.stdout) == (1, "") and words in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("wish", ["retry", "abandon"])
async def test_a_wish_is_passed_on_and_its_answer_told(
    fake: FakeOrchestrator, orlop: Orlop, wish: str
) -> None:
    kind = f"{wish.upper()}_OPERATION"
    answer = {"operation": operation(FIRST), "message": "it is tried again"}
    fake.answers[kind] = {"type": kind, f"{wish}_operation": answer}
    ended = await orlop("operations", wish, "aaaa0001")
    assert (ended.status, ended.stdout) == (0, f"operation {FIRST} (CREATE_DISK): it is tried again\n")
    assert fake.asked(kind)[0][f"{wish}_operation"] == {"operation_id": "aaaa0001"}
    document = json.loads((await orlop("operations", wish, "aaaa0001", "-o", "json")).stdout)
    assert document["message"] == "it is tried again"


@pytest.mark.parametrize("wish", ["retry", "abandon"])
async def test_a_refused_wish_ends_with_1_and_the_reason(
    fake: FakeOrchestrator, orlop: Orlop, wish: str
) -> None:
    fake.answers[f"{wish.upper()}_OPERATION"] = (409, "operation aaaa (CREATE_DISK) has ended as FINISHED")
    ended = await orlop("operations", wish, "aaaa")
    assert (ended.status, ended.stdout) == (1, "") and "has ended as FINISHED" in ended.stderr


async def test_a_volume_that_was_forgotten_is_said_to_be_forgotten(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    forgotten = {
        "name": "data",
        "profile": "default",
        "size_bytes": 1,
        "state": "VOLUME_NEEDS_OPERATOR",
        "message": "forgotten: what may be left of it is not deleted",
    }
    fake.answers["DEPROVISION_VOLUME"] = {
        "type": "DEPROVISION_VOLUME",
        "deprovision_volume": {"volume": forgotten},
    }
    ended = await orlop("volume", "destroy", "--force", "data")
    assert (ended.status, ended.stdout) == (
        0,
        "volume data: forgotten: what may be left of it is not deleted\n",
    )
    assert fake.asked("DEPROVISION_VOLUME")[0]["deprovision_volume"] == {"name": "data", "force": True}
    assert not fake.asked("GET_VOLUMES")


async def test_providers_show_how_many_volumes_need_a_look_and_the_worst(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    provider = {
        "resource_provider_info": {"id": {"value": "P1"}, "type": "storage", "name": "local"},
        "connected": True,
        "notices": [
            {"source_id": "vol-7", "kind": "LOST", "message": "the plugin lists it no more"},
            {"source_id": "vol-8", "kind": "WITHHELD", "message": "nobody knows it"},
        ],
        "notices_total": 1234,
    }
    fake.answers["GET_RESOURCE_PROVIDERS"] = {
        "type": "GET_RESOURCE_PROVIDERS",
        "get_resource_providers": {"resource_providers": [provider]},
    }
    header, row = (await orlop("providers")).stdout.splitlines()
    assert header.split()[-1] == "NOTICES"
    assert row.endswith("1234: LOST vol-7: the plugin lists it no more")
    document = json.loads((await orlop("providers", "-o", "json")).stdout)
    assert len(document["resource_providers"][0]["notices"]) == 2
