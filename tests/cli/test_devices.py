"""`orlop devices` as a user sees it. The fake is orchestrator and agent in one: both at /api/v1."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator
from tests.cli.test_providers import agents

USED = {
    "path": "/dev/sdb",
    "kind": "disk",
    "size": 2**40,
    "state": "USED",
    "rule": "fast",
    "use": "pool",
    "provider": "fast_0a1b2c3d4e5f",
    "contents": "pool 0a1b2c3d",
    "identity": "wwn:naa.5000",
    "model": "WDC WD10",
    "links": ["/dev/disk/by-id/ata-1"],
    "pool": "0a1b2c3d",
}
UNUSED = {
    "path": "/dev/sda",
    "kind": "disk",
    "size": 2**30,
    "state": "UNUSED",
    "message": "no rule is for it",
}


def devices(*found: dict[str, Any], **others: Any) -> dict[str, Any]:
    return {"type": "GET_DEVICES", "get_devices": {"devices": list(found), **others}}


async def test_every_device_is_shown_with_what_it_is_used_for_and_why_not(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["GET_AGENTS"] = agents(fake.url, "A1")
    fake.answers["GET_DEVICES"] = devices(USED, UNUSED)
    ended = await orlop("devices")
    headers, first, second = ended.stdout.splitlines()
    assert headers.split()[:5] == ["AGENT", "DEVICE", "KIND", "SIZE", "STATE"]
    assert first.split()[1:7] == ["/dev/sdb", "disk", "1TiB", "USED", "fast", "fast_0a1b2c3d4e5f"]
    assert second.endswith("no rule is for it")
    assert "WDC" not in ended.stdout
    assert "WDC WD10" in (await orlop("devices", "--wide")).stdout


async def test_what_is_wrong_with_the_rules_is_said_besides(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_AGENTS"] = agents(fake.url, "A1")
    fake.answers["GET_DEVICES"] = devices(message="the rules from before are in force: rule fast: size")
    ended = await orlop("devices")
    assert ended.stdout.startswith("No device")
    assert "rules from before" in ended.stderr


async def test_programs_get_one_document_of_all_agents(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_AGENTS"] = agents(fake.url, "A1", "A2")
    fake.answers["GET_DEVICES"] = devices(USED)
    document = json.loads((await orlop("devices", "--output", "json")).stdout)
    assert [each["agent_id"] for each in document["devices"]] == ["A1", "A2"]
    assert document["devices"][0]["devices"][0]["identity"] == "wwn:naa.5000"


async def test_an_agent_that_is_silent_is_named_and_the_others_are_shown(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    silent = agents("http://127.0.0.1:1", "A2")["get_agents"]["agents"]
    both = agents(fake.url, "A1")
    both["get_agents"]["agents"] += silent
    fake.answers["GET_AGENTS"] = both
    fake.answers["GET_DEVICES"] = devices(USED)
    ended = await orlop("devices")
    assert "/dev/sdb" in ended.stdout
    assert ended.status != 0 and "A2" in ended.stderr
