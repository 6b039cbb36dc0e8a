"""`orlop agents`: who is active, deactivated, drained, or away for maintenance."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator


def agent(name: str, ip: str, *, offered: bool) -> dict[str, Any]:
    return {
        "agent_info": {"hostname": name, "id": {"value": f"id-of-{name}"}},
        "active": offered,
        "deactivated": not offered,
        "version": "0.1.0",
        "pid": f"slave(1)@{ip}:1",
        "total_resources": [],
    }


def answers(fake: FakeOrchestrator, *agents: dict[str, Any], down: list[dict[str, Any]]) -> None:
    fake.answers["GET_AGENTS"] = {"type": "GET_AGENTS", "get_agents": {"agents": list(agents)}}
    fake.answers["GET_MAINTENANCE_STATUS"] = {
        "type": "GET_MAINTENANCE_STATUS",
        "get_maintenance_status": {"status": {"draining_machines": [], "down_machines": down}},
    }


async def test_who_is_down_for_maintenance_is_told_from_who_was_deactivated(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    answers(
        fake,
        agent("on", "127.0.0.1", offered=True),
        agent("off", "127.0.0.2", offered=False),
        agent("Away", "127.0.0.3", offered=False),
        agent("gone", "127.0.0.4", offered=False),
        down=[{"hostname": "away"}, {"ip": "127.0.0.4"}, {"hostname": "off", "ip": "127.0.0.9"}],
    )
    ended = await orlop("agents")
    assert ended.status == 0, ended.stderr
    rows = {line.split()[1]: line for line in ended.stdout.splitlines()[1:]}
    assert " active " in rows["on"] and " deactivated " in rows["off"]
    assert " down for maintenance " in rows["Away"] and " down for maintenance " in rows["gone"]
    document = json.loads((await orlop("agents", "--output", "json")).stdout)
    away = {each["agent_info"]["hostname"] for each in document["agents"] if "down_for_maintenance" in each}
    assert away == {"Away", "gone"}


async def test_where_everybody_is_active_nobody_asks_for_maintenance(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    answers(fake, agent("on", "127.0.0.1", offered=True), down=[])
    assert (await orlop("agents")).status == 0
    assert fake.asked("GET_MAINTENANCE_STATUS") == []
