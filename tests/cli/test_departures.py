"""`orlop agents drain`, `deactivate`, `reactivate`, `gone`: what they ask for, and what they print."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator

Document = dict[str, Any]
AGENT = "agent-12345"


def listed(*drains: Document | None) -> Document:
    agents = [
        {
            "agent_info": {"hostname": "host-1", "id": {"value": AGENT}},
            "active": drain is None,
            "deactivated": drain is not None,
            "version": "0.1.0",
            "total_resources": [],
            **({} if drain is None else {"drain_info": drain}),
        }
        for drain in drains
    ]
    return {"type": "GET_AGENTS", "get_agents": {"agents": agents}}


def drain(state: str, *waiting: str) -> Document:
    return {"state": state, "config": {}, "waiting": list(waiting)}


def answer_in_turn(fake: FakeOrchestrator, *answers: Document) -> None:
    """GET_AGENTS is answered by one after the other; the last one stays."""
    left = list(answers)
    fake.answers["GET_AGENTS"] = lambda call: left.pop(0) if len(left) > 1 else left[0]


async def test_a_drain_that_is_waited_for_says_each_time_what_it_waits_for(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    waits = (drain("DRAINING", "task a", "task b"), drain("DRAINING", "task b"), drain("DRAINED"))
    answer_in_turn(fake, listed(None), *(listed(each) for each in waits))
    ended = await orlop("agents", "drain", "host-1", "--max-grace", "90s", "--wait")
    assert (ended.status, "is drained: it can be stopped" in ended.stdout) == (0, True), ended.stderr
    lines = [line for line in ended.stderr.splitlines() if line.startswith("waits for")]
    assert lines == ["waits for: task a", "waits for: task b", "waits for: task b"]
    [asked] = fake.asked("DRAIN_AGENT")
    assert asked["drain_agent"]["agent_id"] == {"value": AGENT}
    assert asked["drain_agent"]["max_grace_period"] == {"seconds": 90, "nanos": 0}
    assert asked["drain_agent"].get("mark_gone", False) is False


async def test_a_drain_that_takes_too_long_names_what_is_in_the_way(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["GET_AGENTS"] = listed(drain("DRAINING", "container c runs: end it"))
    ended = await orlop("agents", "drain", AGENT, "--wait", "--timeout", "1s")
    assert ended.status == 1
    assert "goes on draining; it waits for: container c runs: end it" in ended.stderr


async def test_an_agent_that_is_gone_after_its_drain_is_no_failure(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    answer_in_turn(fake, listed(None), listed(drain("DRAINING", "task a")), listed())
    ended = await orlop("agents", "drain", AGENT, "--mark-gone", "--wait", "--output", "json")
    assert ended.status == 0, ended.stderr
    assert json.loads(ended.stdout)["state"] == "GONE"
    assert fake.asked("DRAIN_AGENT")[0]["drain_agent"]["mark_gone"] is True


async def test_a_drain_that_somebody_breaks_off_is_told(fake: FakeOrchestrator, orlop: Orlop) -> None:
    answer_in_turn(fake, listed(None), listed(drain("DRAINING", "task a")), listed(None))
    ended = await orlop("agents", "drain", AGENT, "--wait")
    assert (ended.status, "was reactivated meanwhile" in ended.stderr) == (1, True)


@pytest.mark.parametrize("name", [AGENT, "agent-1", "host-1"])
@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        (["deactivate"], {"type": "DEACTIVATE_AGENT", "deactivate_agent": {}}),
        (["reactivate", "--force"], {"type": "REACTIVATE_AGENT", "reactivate_agent": {"force": True}}),
    ],
)
async def test_an_agent_is_named_by_its_id_the_beginning_of_it_or_its_host(
    fake: FakeOrchestrator, orlop: Orlop, name: str, arguments: list[str], call: Document
) -> None:
    fake.answers["GET_AGENTS"] = listed(None)
    ended = await orlop("agents", arguments[0], name, *arguments[1:])
    assert ended.status == 0, ended.stderr
    kind = call["type"]
    [asked] = fake.asked(kind)
    assert asked[kind.lower()] == {"agent_id": {"value": AGENT}, **call[kind.lower()]}


@pytest.mark.parametrize("arguments", [["gone"], ["drain", "--mark-gone"]])
async def test_an_agent_that_is_active_is_removed_for_good_by_its_whole_id_only(
    fake: FakeOrchestrator, orlop: Orlop, arguments: list[str]
) -> None:
    fake.answers["GET_AGENTS"] = listed(None)
    call = "DRAIN_AGENT" if arguments[0] == "drain" else "MARK_AGENT_GONE"
    for name in ("host-1", "agent-1"):
        ended = await orlop("agents", arguments[0], name, *arguments[1:])
        assert (ended.status, "give its id in full" in ended.stderr) == (1, True)
    assert fake.asked(call) == []
    assert (await orlop("agents", arguments[0], AGENT, *arguments[1:])).status == 0
    fake.answers["GET_AGENTS"] = listed(drain("DRAINED"))
    assert (await orlop("agents", arguments[0], "host-1", *arguments[1:])).status == 0
    assert len(fake.asked(call)) == 2


async def test_an_agent_that_is_not_back_since_the_orchestrators_start_can_be_removed(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    recovered = [{"hostname": "host-9", "id": {"value": "lost"}}]
    fake.answers["GET_AGENTS"] = {"type": "GET_AGENTS", "get_agents": {"recovered_agents": recovered}}
    assert (await orlop("agents", "gone", "host-9")).status == 0
    assert fake.asked("MARK_AGENT_GONE")[0]["mark_agent_gone"] == {"agent_id": {"value": "lost"}}
    ended = await orlop("agents", "gone", "nobody")
    assert (ended.status, "there is no such agent" in ended.stderr) == (1, True)


async def test_agents_are_listed_with_how_many_things_their_drain_waits_for(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["GET_AGENTS"] = listed(drain("DRAINING", "a", "b"), drain("DRAINED"), None)
    ended = await orlop("agents")
    assert ended.status == 0, ended.stderr
    first, second, third = ended.stdout.splitlines()[1:4]
    assert "draining (waits for 2)" in first
    assert "drained" in second and "waits" not in second
    assert "active" in third
