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


async def test_disks_that_fail_are_told_apart_from_what_is_left_of_former_lives(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    failing = {
        "kind": "DISK",
        "what": "disk /dev/sda with provider d is FAILING",
        "advice": "change the disk",
    }
    left = {"kind": "MOUNT", "what": "/x is mounted", "advice": "umount /x"}
    host = {**agent("on", "127.0.0.1", offered=True), "findings": [failing, left]}
    answers(fake, host, down=[])
    fake.answers["GET_STATE"] = {"type": "GET_STATE", "get_state": {"get_agents": {"agents": [host]}}}
    for name, answer in (
        ("GET_HEALTH", {"healthy": True}),
        ("GET_VERSION", {"version_info": {"version": "1.11.0"}}),
        ("GET_RESOURCE_PROVIDERS", {"resource_providers": []}),
        ("GET_MASTER", {"master_info": {"id": "m", "ip": 1, "port": 1}}),
    ):
        fake.answers[name] = {"type": name, name.lower(): answer}
    ended = await orlop("status")
    assert ended.status == 0, ended.stderr
    lines = [" ".join(line.split()) for line in ended.stdout.splitlines()]
    assert "disks 1 failing, or away: orlop devices" in " | ".join(lines)
    assert "findings 1 on hosts, left of former lives: orlop agents" in " | ".join(lines)
    assert "disk /dev/sda with provider d is FAILING" in (await orlop("agents")).stdout
