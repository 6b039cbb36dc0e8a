"""What there is, as a user sees it: containers of agents of which one is away, profiles, very many disks."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator
from tests.cli.test_operations import FIRST, known, operation
from tests.cli.test_providers import agents


def disk(size: int, **source: Any) -> dict[str, Any]:
    return {
        "name": "disk",
        "type": "SCALAR",
        "scalar": {"value": size},
        "disk": {"source": source},
    }


def providers(*resources: dict[str, Any]) -> dict[str, Any]:
    """The answer to GET_RESOURCE_PROVIDERS: one, with these resources."""
    provider = {
        "resource_provider_info": {"id": {"value": "P1"}, "type": "storage", "name": "local"},
        "connected": True,
        "total_resources": list(resources),
    }
    return {
        "type": "GET_RESOURCE_PROVIDERS",
        "get_resource_providers": {"resource_providers": [provider]},
    }


async def test_an_agent_that_does_not_answer_hides_no_container_of_another(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    away = FakeOrchestrator()
    await away.come()
    await away.go()
    containers = [{"container_id": {"value": "c-1"}}]
    fake.answers["GET_CONTAINERS"] = {
        "type": "GET_CONTAINERS",
        "get_containers": {"containers": containers},
    }
    found = agents(away.url, "B2")["get_agents"]["agents"] + agents(fake.url, "A1")["get_agents"]["agents"]
    fake.answers["GET_AGENTS"] = {"type": "GET_AGENTS", "get_agents": {"agents": found}}
    ended = await orlop("containers")
    assert ended.status == 1
    assert ended.stdout.splitlines()[1].split()[:2] == ["c-1", "A1"]
    assert "the containers of 1 of 2 agents are not shown: agent B2: " in ended.stderr
    shown = await orlop("containers", "--output", "json")
    assert (shown.status, len(json.loads(shown.stdout)["containers"])) == (1, 1)


async def test_a_profile_is_shown_with_its_provider(fake: FakeOrchestrator, orlop: Orlop) -> None:
    profile = {
        "name": "fast",
        "available": True,
        "agent_id": {"value": "A1"},
        "resource_provider_id": {"value": "P1"},
    }
    other = {**profile, "resource_provider_id": {"value": "P2"}}
    fake.answers["GET_PROFILES"] = {"type": "GET_PROFILES", "get_profiles": {"profiles": [profile, other]}}
    fake.answers["GET_RESOURCE_PROVIDERS"] = providers()
    header, *rows = (await orlop("profiles")).stdout.splitlines()
    column = header.split().index("PROVIDER")
    assert [row.split()[column] for row in rows] == ["local", "P2"], "one of them has not reported yet"


async def test_profiles_tell_which_share_and_how_that_is_known(fake: FakeOrchestrator, orlop: Orlop) -> None:
    shown = [
        {"name": "fast", "capacity_group": "g", "cost_ratio": 2.0, "sharing": "LEARNED"},
        {
            "name": "bulk",
            "sharing": "UNKNOWN",
            "sharing_note": "taken to share with fast until that is known",
        },
        {"name": "only"},
    ]
    fake.answers["GET_PROFILES"] = {"type": "GET_PROFILES", "get_profiles": {"profiles": shown}}
    fake.answers["GET_RESOURCE_PROVIDERS"] = providers()
    _, fast, bulk, only, *_, note = (await orlop("profiles")).stdout.splitlines()
    assert "  g at 2:1 (learned)  " in fast and "  - (unknown)  " in bulk and "(" not in only
    assert note.endswith("taken to share with fast until that is known") and "/bulk" in note


async def test_a_provider_of_many_disks_shows_its_pools_and_how_much_the_disks_are(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    pools = [disk(1024, type="RAW", profile="fast"), disk(512, type="RAW", profile="slow")]
    disks = [disk(2, type="MOUNT", profile="fast", id=f"v{number}") for number in range(1000)]
    fake.answers["GET_RESOURCE_PROVIDERS"] = providers(*pools, *disks, disk(48, type="RAW", id="old"))
    (row,) = (await orlop("providers")).stdout.splitlines()[1:]
    assert "disk(raw:fast)=1GiB disk(raw:slow)=512MiB 1001 disks=2GiB" in row
    fake.answers["GET_RESOURCE_PROVIDERS"] = providers(*disks)
    (row,) = (await orlop("providers")).stdout.splitlines()[1:]
    assert "  1000 disks=1.95GiB" in row
    fake.answers["GET_RESOURCE_PROVIDERS"] = providers(*pools, *disks[:2])
    (row,) = (await orlop("providers")).stdout.splitlines()[1:]
    assert "disk(mount:fast)=2MiB disk(mount:fast)=2MiB" in row


async def test_an_operation_that_was_given_up_is_not_offered_to_be_given_up(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["GET_OPERATIONS"] = known(operation(FIRST, abandoned=1400.0))
    told = (await orlop("operations", FIRST)).stdout
    assert "orlop operations abandon" not in told
    assert "orlop operations retry aaaa0001" in told


async def test_executors_are_shown_with_the_number_of_their_tasks(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    info = {"executor_id": {"value": "web"}, "framework_id": {"value": "F1"}, "type": "DEFAULT"}
    fake.answers["GET_EXECUTORS"] = {
        "type": "GET_EXECUTORS",
        "get_executors": {"executors": [{"executor_info": info, "agent_id": {"value": "A1"}}]},
    }

    def task(name: str, state: str, **more: Any) -> dict[str, Any]:
        ids = {"task_id": {"value": name}, "framework_id": {"value": "F1"}, "agent_id": {"value": "A1"}}
        return {"name": name, "state": state, **ids, **more}

    of_executor = {"executor_id": {"value": "web"}}
    tasks = [
        task("a", "TASK_RUNNING", **of_executor),
        task("b", "TASK_FINISHED", **of_executor),
        task("c", "TASK_RUNNING"),
    ]
    fake.answers["GET_TASKS"] = {"type": "GET_TASKS", "get_tasks": {"tasks": tasks}}
    header, row = (await orlop("executors")).stdout.splitlines()
    assert header.split() == ["ID", "TYPE", "FRAMEWORK", "AGENT", "TASKS", "RESOURCES"]
    assert row.split()[:5] == ["web", "DEFAULT", "F1", "A1", "1"]
    header, *rows = (await orlop("task", "list")).stdout.splitlines()
    column = header.split().index("EXECUTOR")
    assert [row.split()[column] for row in rows] == ["web", "web", "-"]


async def test_status_tells_who_leads_and_who_follows_where_there_are_several(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    info = {"id": "m", "ip": 0, "port": 5050, "hostname": "host-2"}
    follower = {"name": "host-3", "address": "10.0.0.3:5050"}
    fake.answers["GET_STATE"] = {"type": "GET_STATE", "get_state": {}}
    fake.answers["GET_RESOURCE_PROVIDERS"] = providers()
    fake.answers["GET_HEALTH"] = {"type": "GET_HEALTH", "get_health": {"healthy": True}}
    version = {"version_info": {"version": "1.11.0"}}
    fake.answers["GET_VERSION"] = {"type": "GET_VERSION", "get_version": version}
    fake.answers["GET_MASTER"] = {
        "type": "GET_MASTER",
        "get_master": {"master_info": info, "elected_time": 7.0, "standbys": [follower]},
    }
    rows = dict(line.split(None, 1) for line in (await orlop("status")).stdout.splitlines())
    assert (rows["leader"], rows["standbys"]) == ("host-2:5050", "10.0.0.3:5050 (host-3)")
    document = json.loads((await orlop("status", "--output", "json")).stdout)
    assert document["leader"] == {"address": "host-2:5050", "elected": 7.0}
    assert document["standbys"] == [follower]
    host, _, port = fake.url.partition("//")[2].partition(":")
    alone = {"master_info": {**info, "hostname": host, "port": int(port)}}
    fake.answers["GET_MASTER"] = {"type": "GET_MASTER", "get_master": alone}
    assert "leader" not in (await orlop("status")).stdout, "there is one, and it answered"
    waiting = {"writes_waiting": "database or disk is full", "registry_differences": 3}
    fake.answers["GET_MASTER"] = {"type": "GET_MASTER", "get_master": alone | waiting}
    rows = dict(line.split(None, 1) for line in (await orlop("status")).stdout.splitlines())
    assert "writes wait (database or disk is full)" in rows["registry"]
    assert rows["restored"] == "3 differences from the cluster: orlop registry differences"
