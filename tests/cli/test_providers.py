"""`orlop providers …` as a user sees it. The fake is orchestrator and agent in one: both at /api/v1."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.agent.test_provider_config import document
from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator


def agents(url: str, *ids: str) -> dict[str, Any]:
    """The answer to GET_AGENTS: agents with these ids, all of them at `url`."""
    found = [
        {
            "agent_info": {"hostname": f"host-{name}", "id": {"value": name}},
            "active": True,
            "version": "1.11.0",
            "pid": f"agent@{url.removeprefix('http://')}",
        }
        for name in ids
    ]
    return {"type": "GET_AGENTS", "get_agents": {"agents": found}}


def a_file(tmp_path: Path) -> str:
    path = tmp_path / "mock.json"
    path.write_text(json.dumps(document()))
    return str(path)


async def test_providers_alone_goes_on_showing_them(orlop: Orlop) -> None:
    ended = await orlop("providers", "--output", "json")
    assert (ended.status, json.loads(ended.stdout)) == (0, {"resource_providers": []})


async def test_providers_that_are_away_are_shown_with_what_to_do(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    agent = FakeOrchestrator()
    await agent.come()
    agent.answers["GET_RESOURCE_PROVIDERS"] = {
        "type": "GET_RESOURCE_PROVIDERS",
        "get_resource_providers": {
            "resource_providers": [
                {"resource_provider_info": provider("abd2"), "connected": True},
                {
                    "resource_provider_info": provider("abc1"),
                    "connected": False,
                    "message": "start it, or give it up",
                },
            ]
        },
    }
    fake.answers["GET_RESOURCE_PROVIDERS"] = admitted(abd2=True)
    fake.answers["GET_AGENTS"] = agents(agent.url, "A1")
    _, first, second = (await orlop("providers")).stdout.splitlines()
    assert first.split()[:4] == ["abd2", "t/nabd2", "-", "connected"]
    assert second.split(maxsplit=6) == [
        *("abc1", "t/nabc1", "A1", "disconnected", "-", "-"),
        "start it, or give it up",
    ]
    document = json.loads((await orlop("providers", "-o", "json")).stdout)
    assert [each["connected"] for each in document["resource_providers"]] == [True, False]
    draining = agents(agent.url, "A1")
    draining["get_agents"]["agents"][0] |= {"active": False, "deactivated": True}
    fake.answers["GET_AGENTS"] = draining
    assert "start it, or give it up" in (await orlop("providers")).stdout, "it is asked while it drains, too"
    await agent.go()
    _, *rows = (await orlop("providers")).stdout.splitlines()
    assert [row.split()[0] for row in rows] == ["abd2"], "that agent cannot be asked now"


async def test_a_configuration_is_added_to_the_only_agent(
    fake: FakeOrchestrator, orlop: Orlop, tmp_path: Path
) -> None:
    fake.answers["GET_AGENTS"] = agents(fake.url, "A1")
    ended = await orlop("providers", "add", a_file(tmp_path))
    assert (ended.status, ended.stderr) == (0, "")
    assert ended.stdout.startswith("provider mock: added")
    (asked,) = fake.asked("ADD_RESOURCE_PROVIDER_CONFIG")
    sent = asked["add_resource_provider_config"]["info"]["storage"]["plugin"]["containers"]
    assert sent == document()["storage"]["plugin"]["containers"]


async def test_with_several_agents_one_has_to_be_named(
    fake: FakeOrchestrator, orlop: Orlop, tmp_path: Path
) -> None:
    fake.answers["GET_AGENTS"] = agents(fake.url, "A1", "B2")
    ended = await orlop("providers", "update", a_file(tmp_path))
    assert ended.status == 1
    assert "name one of them with --agent: A1, B2" in ended.stderr
    ended = await orlop("providers", "update", a_file(tmp_path), "--agent", "host-B2", "--output", "json")
    assert (ended.status, json.loads(ended.stdout)["agent"]) == (0, "B2")
    assert len(fake.asked("UPDATE_RESOURCE_PROVIDER_CONFIG")) == 1


async def test_an_agents_refusal_is_passed_on(fake: FakeOrchestrator, orlop: Orlop, tmp_path: Path) -> None:
    fake.answers["ADD_RESOURCE_PROVIDER_CONFIG"] = (409, "provider mock is configured otherwise: change it")
    ended = await orlop("providers", "add", a_file(tmp_path), "--agent", fake.url)
    assert (ended.status, ended.stderr) == (1, "orlop: provider mock is configured otherwise: change it\n")


async def test_a_misspelt_field_is_named_before_anything_is_sent(
    fake: FakeOrchestrator, orlop: Orlop, tmp_path: Path
) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(document(containrs=[])))
    ended = await orlop("providers", "add", str(path), "--agent", fake.url)
    assert ended.status == 1
    assert "storage.plugin.containrs: there is no such field" in ended.stderr
    assert not fake.calls


async def test_a_provider_is_removed_by_its_name(fake: FakeOrchestrator, orlop: Orlop) -> None:
    ended = await orlop("providers", "remove", "mock", "--agent", fake.url)
    assert (ended.status, ended.stdout) == (0, "provider mock: removed\n")
    (asked,) = fake.asked("REMOVE_RESOURCE_PROVIDER_CONFIG")
    assert asked["remove_resource_provider_config"] == {
        "type": "org.apache.mesos.rp.local.storage",
        "name": "mock",
    }


async def test_configs_shows_also_the_files_that_cannot_be_used(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_AGENTS"] = agents(fake.url, "A1")
    found = [
        {"info": document(), "file": "/etc/mock.json", "state": "RUNNING"},
        {"file": "/etc/bad.json", "state": "INVALID", "message": "the file: it is not JSON"},
    ]
    fake.answers["GET_RESOURCE_PROVIDER_CONFIGS"] = {
        "type": "GET_RESOURCE_PROVIDER_CONFIGS",
        "get_resource_provider_configs": {"configs": found},
    }
    header, good, bad = (await orlop("providers", "configs")).stdout.splitlines()
    assert header.split() == ["NAME", "PLUGIN", "STATE", "AGENT", "FILE", "MESSAGE"]
    assert good.split() == ["mock", "com.example.mock", "RUNNING", "A1", "/etc/mock.json", "-"]
    assert bad.split(maxsplit=5)[2:] == ["INVALID", "A1", "/etc/bad.json", "the file: it is not JSON"]


def provider(name: str) -> dict[str, Any]:
    return {"type": "t", "name": f"n{name}", "id": {"value": name}}


def admitted(**connected: bool) -> dict[str, Any]:
    """The answer to GET_RESOURCE_PROVIDERS of an agent: id -> whether it is here."""
    found = [
        {"resource_provider_info": provider(each), "connected": here} for each, here in connected.items()
    ]
    return {"type": "GET_RESOURCE_PROVIDERS", "get_resource_providers": {"resource_providers": found}}


async def test_a_provider_that_has_left_is_given_up_by_the_beginning_of_its_id(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["GET_RESOURCE_PROVIDERS"] = admitted(abc1=False, abd2=True)
    ended = await orlop("providers", "gone", "abc", "--agent", fake.url)
    assert (ended.status, ended.stdout) == (0, "provider nabc1: removed for good\n")
    (asked,) = fake.asked("MARK_RESOURCE_PROVIDER_GONE")
    assert asked["mark_resource_provider_gone"] == {"resource_provider_id": {"value": "abc1"}}


async def test_who_is_given_up_has_to_be_clear(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_RESOURCE_PROVIDERS"] = admitted(abc1=False, abd2=True)
    for wanted in ("ab", "x"):
        ended = await orlop("providers", "gone", wanted, "--agent", fake.url)
        assert ended.status == 1 and "abc1 (t.nabc1)" in ended.stderr
    assert not fake.asked("MARK_RESOURCE_PROVIDER_GONE")


async def test_an_agent_that_is_away_hides_no_provider_of_another(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    gone = FakeOrchestrator()
    await gone.come()
    await gone.go()
    fake.answers["GET_RESOURCE_PROVIDERS"] = admitted(abc1=False)
    found = agents(gone.url, "B2")["get_agents"]["agents"] + agents(fake.url, "A1")["get_agents"]["agents"]
    fake.answers["GET_AGENTS"] = {"type": "GET_AGENTS", "get_agents": {"agents": found}}
    ended = await orlop("providers", "gone", "x")
    assert ended.status == 1 and "abc1 (t.nabc1)" in ended.stderr and "agent B2: " in ended.stderr
    assert (await orlop("providers", "gone", "abc1")).status == 0
    assert (await orlop("providers", "gone", "abc1", "--agent", "B2")).status == 3


async def test_why_a_provider_cannot_be_given_up_is_passed_on(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_RESOURCE_PROVIDERS"] = admitted(abc1=True)
    fake.answers["MARK_RESOURCE_PROVIDER_GONE"] = (500, "it still has resources: destroy its disks")
    ended = await orlop("providers", "gone", "abc1", "--agent", fake.url)
    assert (ended.status, ended.stderr) == (1, "orlop: it still has resources: destroy its disks\n")
