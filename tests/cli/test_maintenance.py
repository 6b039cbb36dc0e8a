"""`orlop maintenance`: what it asks for, and what it prints."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator

HOST_1 = {"hostname": "host-1"}
PLANNED = {
    "type": "GET_MAINTENANCE_SCHEDULE",
    "get_maintenance_schedule": {
        "schedule": {
            "windows": [
                {
                    "machine_ids": [HOST_1, {"hostname": "host-2", "ip": "10.0.0.2"}],
                    "unavailability": {
                        "start": {"nanoseconds": 1_900_000_000_000_000_000},
                        "duration": {"nanoseconds": 7_200_000_000_000},
                    },
                }
            ]
        }
    },
}
STATUS = {
    "type": "GET_MAINTENANCE_STATUS",
    "get_maintenance_status": {
        "status": {
            "draining_machines": [
                {
                    "id": HOST_1,
                    "statuses": [
                        {
                            "status": "ACCEPT",
                            "framework_id": {"value": "f"},
                            "timestamp": {"nanoseconds": 1},
                        }
                    ],
                }
            ],
            "down_machines": [{"hostname": "host-2", "ip": "10.0.0.2"}],
        }
    },
}


@pytest.fixture(autouse=True)
def planned(fake: FakeOrchestrator) -> None:
    fake.answers |= {"GET_MAINTENANCE_SCHEDULE": PLANNED, "GET_MAINTENANCE_STATUS": STATUS}


async def test_the_schedule_is_shown_with_what_frameworks_said(orlop: Orlop) -> None:
    ended = await orlop("maintenance")
    assert ended.status == 0, ended.stderr
    _, first, second = ended.stdout.splitlines()
    assert (first.split()[:2], "2h" in first, "1 ACCEPT" in first) == (["host-1", "DRAINING"], True, True)
    assert second.split()[:2] == ["host-2@10.0.0.2", "DOWN"]


async def test_a_machine_is_scheduled_and_the_others_stay_as_they_were(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    ended = await orlop(
        "maintenance", "schedule", "HOST-1", "host-3", "--start", "2030-01-01 03:00:00", "--for", "30m"
    )
    assert ended.status == 0, ended.stderr
    [asked] = fake.asked("UPDATE_MAINTENANCE_SCHEDULE")
    former, new = asked["update_maintenance_schedule"]["schedule"]["windows"]
    assert former["machine_ids"] == [{"hostname": "host-2", "ip": "10.0.0.2"}]
    assert new["machine_ids"] == [HOST_1, {"hostname": "host-3"}]
    assert new["unavailability"]["duration"]["nanoseconds"] == 1_800_000_000_000


async def test_machines_are_taken_out_down_and_up(fake: FakeOrchestrator, orlop: Orlop) -> None:
    assert (await orlop("maintenance", "unschedule", "host-1")).status == 0
    [asked] = fake.asked("UPDATE_MAINTENANCE_SCHEDULE")
    [window] = asked["update_maintenance_schedule"]["schedule"]["windows"]
    assert window["machine_ids"] == [{"hostname": "host-2", "ip": "10.0.0.2"}]
    for what in ("start", "stop"):
        ended = await orlop("maintenance", what, "host-1", "--output", "json")
        assert (ended.status, json.loads(ended.stdout)) == (0, {"machines": [HOST_1]})
        [asked] = fake.asked(f"{what.upper()}_MAINTENANCE")
        assert asked[f"{what}_maintenance"]["machines"] == [HOST_1]


def agent(hostname: str, address: str) -> dict[str, object]:
    return {
        "agent_info": {"hostname": hostname},
        "active": True,
        "version": "1",
        "pid": f"slave(1)@{address}",
    }


@pytest.mark.parametrize("step", ["schedule", "start"])
@pytest.mark.parametrize(
    ("host", "is_known"),
    [
        ("host-7", True),
        ("HOST-7", True),
        ("@10.0.0.7", True),
        ("host-7@10.0.0.7", True),
        ("host-8", True),  # an agent that is away
        ("hots-7", False),
        ("@10.0.0.8", False),
        ("host-7@10.0.0.8", False),
    ],
)
async def test_a_machine_that_no_agent_has_is_taken_and_said_to_have_none(
    fake: FakeOrchestrator, orlop: Orlop, step: str, host: str, is_known: bool
) -> None:
    agents = {"agents": [agent("Host-7", "10.0.0.7:5051")], "recovered_agents": [{"hostname": "host-8"}]}
    fake.answers["GET_AGENTS"] = {"type": "GET_AGENTS", "get_agents": agents}
    ended = await orlop("maintenance", step, host, "--output", "json")
    assert (ended.status, bool(json.loads(ended.stdout)["machines"])) == (0, True), ended.stderr
    said = f"no agent is known on machine {host.lower()}:" in ended.stderr
    assert said is not is_known, ended.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["unschedule", "host-9"], 1, "host-1"),
        (["schedule", "host-1", "--for", "soon"], 2, "duration"),
        (["start", "@"], 2, "names no machine"),
        (["start"], 2, "HOST"),
    ],
)
async def test_a_wrong_machine_or_time_is_refused_in_words(
    orlop: Orlop, arguments: list[str], status: int, words: str
) -> None:
    ended = await orlop("maintenance", *arguments)
    assert (ended.status, words in ended.stderr) == (status, True), ended.stderr
