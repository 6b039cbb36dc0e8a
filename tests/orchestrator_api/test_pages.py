"""The version-0 pages, as dashboards and older tools read them; and the calls that tell the same."""

from __future__ import annotations

import asyncio
import json
import logging
import random
from pathlib import Path
from typing import Any

import pytest
from yarl import URL

from api.model.resources import Resources
from api.wire.v0.queries import TaskQuery
from api.wire.v1 import mesos
from orchestrator.daemon import OrchestratorConfig
from orchestrator.pages import edge, snapshots, state_pages
from orchestrator.pages.parts import TaskPart
from orchestrator.pages.snapshots import Snapshot
from orchestrator.state import ChangeKind
from store.port import StoreFailed
from tests.orchestrator.hosting import HostingAgent
from tests.orchestrator_api import test_partitions as partitions
from tests.orchestrator_api.cluster import WAIT_SECONDS, ApiCluster, Json, Scheduler, running, until
from tests.orchestrator_api.test_scheduler import cpus, is_pool, launch, tell_task


async def get(cluster: ApiCluster, path: str, status: int = 200) -> Any:
    """The page, read as JSON; the text of a refusal."""
    async with cluster.client.get(path) as response:
        text = await response.text()
        assert response.status == status, text
        return json.loads(text) if status == 200 else text


async def with_a_task(cluster: ApiCluster) -> tuple[Scheduler, Json]:
    """A framework with a running task of one core, and the offer that it was launched on."""
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    discovery = {"visibility": "CLUSTER", "name": "web"}
    labels = {"labels": [{"key": "tier", "value": "front"}]}
    accepted = launch(offer, [cpus(1)], discovery=discovery, labels=labels)
    assert (await scheduler.call("ACCEPT", accepted))[0] == 202
    tell_task(cluster, scheduler.framework_id, mesos.TaskState.TASK_RUNNING)
    await scheduler.stream.wait("UPDATE")
    return scheduler, offer


async def end_task(cluster: ApiCluster, scheduler: Scheduler) -> None:
    tell_task(cluster, scheduler.framework_id, mesos.TaskState.TASK_FINISHED, b"the end of a tas")
    update = await scheduler.stream.wait("UPDATE", lambda body: body["status"]["state"] == "TASK_FINISHED")
    status = update["status"]
    acknowledge = {name: status[name] for name in ("agent_id", "task_id", "uuid")}
    assert (await scheduler.call("ACKNOWLEDGE", acknowledge))[0] == 202
    await until(lambda: not cluster.orchestrator.state.tasks)


async def test_state_shows_agents_frameworks_and_tasks_as_older_tools_read_them(cluster: ApiCluster) -> None:
    scheduler, offer = await with_a_task(cluster)
    state = await get(cluster, "/state")
    assert state["leader"] == state["pid"] == f"master@127.0.0.1:{cluster.port}"
    assert (state["version"], state["activated_slaves"], state["deactivated_slaves"]) == ("1.11.0", 1, 0)
    (agent,) = state["slaves"]
    assert (agent["id"], agent["active"]) == (offer["agent_id"]["value"], True)
    assert agent["pid"].startswith("slave(1)@")
    assert agent["used_resources"]["cpus"] == 1.0
    assert agent["resources"]["cpus"] == agent["unreserved_resources"]["cpus"] > 1.0
    assert isinstance(agent["registered_time"], float)
    (framework,) = state["frameworks"]
    assert (framework["id"], framework["name"], framework["roles"]) == (
        scheduler.framework_id,
        "scheduler",
        ["test"],
    )
    assert framework["active"] is framework["connected"] is True
    assert framework["used_resources"]["cpus"] == 1.0
    (task,) = framework["tasks"]
    assert {name: task[name] for name in ("id", "framework_id", "slave_id", "state", "executor_id")} == {
        "id": "task-1",
        "framework_id": scheduler.framework_id,
        "slave_id": agent["id"],
        "state": "TASK_RUNNING",
        "executor_id": "",
    }
    assert task["labels"] == [{"key": "tier", "value": "front"}]
    assert task["discovery"]["name"] == "web"
    assert [each["state"] for each in task["statuses"]] == ["TASK_RUNNING"]
    assert task["resources"] == {"cpus": 1.0, "gpus": 0.0, "mem": 0.0, "disk": 0.0}


async def test_a_task_that_has_ended_is_a_completed_one(cluster: ApiCluster) -> None:
    scheduler, _ = await with_a_task(cluster)
    assert len((await get(cluster, "/frameworks"))["frameworks"][0]["tasks"]) == 1
    await end_task(cluster, scheduler)
    (framework,) = (await get(cluster, "/frameworks"))["frameworks"]
    assert framework["tasks"] == []
    assert [task["state"] for task in framework["completed_tasks"]] == ["TASK_FINISHED"]
    assert framework["used_resources"]["cpus"] == 0.0
    assert (await get(cluster, "/slaves"))["slaves"][0]["used_resources"]["cpus"] == 0.0


async def test_what_is_on_offer_is_shown_with_its_agent_and_its_framework(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    state = await get(cluster, "/state")
    offered = state["slaves"][0]["offered_resources"]
    assert offered["cpus"] > 0
    assert state["frameworks"][0]["offered_resources"] == offered
    assert [each["id"] for each in state["frameworks"][0]["offers"]] == [offer["id"]["value"]]
    full = state["slaves"][0]["offered_resources_full"]
    assert {"cpus", "disk"} <= {each["name"] for each in full}
    assert {each["role"] for each in full} == {"*"}
    assert (await scheduler.call("DECLINE", {"offer_ids": [offer["id"]]}))[0] == 202
    state = await get(cluster, "/state")
    assert state["slaves"][0]["offered_resources"]["cpus"] == 0.0
    assert state["frameworks"][0]["offers"] == []


async def test_an_agent_that_has_gone_away_is_inactive(cluster: ApiCluster) -> None:
    await cluster.join()
    assert (await get(cluster, "/slaves"))["slaves"][0]["active"] is True
    agents, state = cluster.orchestrator.agents, cluster.orchestrator.state
    agents.disconnected(str(cluster.agent.agent_id), cluster.agent)
    assert not next(iter(state.agents.values())).connected
    assert (await get(cluster, "/slaves"))["slaves"][0]["active"] is False
    assert (await get(cluster, "/state"))["deactivated_slaves"] == 1


async def test_tasks_of_an_agent_that_stays_away_are_unreachable(tmp_path: Path) -> None:
    config = OrchestratorConfig(unreachable_after=0.01, reregister_timeout=0.01)
    async with running(tmp_path, config=config) as cluster:
        cluster.agent = HostingAgent()
        await cluster.join()
        scheduler = await partitions.with_a_task(cluster, capabilities=partitions.AWARE)
        partitions.lose_agent(cluster)
        await partitions.told(scheduler, "TASK_UNREACHABLE")
        (framework,) = (await get(cluster, "/frameworks"))["frameworks"]
        assert framework["tasks"] == []
        assert [task["state"] for task in framework["unreachable_tasks"]] == ["TASK_UNREACHABLE"]
        assert [task["state"] for task in (await get(cluster, "/tasks"))["tasks"]] == ["TASK_UNREACHABLE"]
        assert framework["used_resources"]["cpus"] == 0.0
        state = await get(cluster, "/state")
        assert (state["unreachable_slaves"], state["deactivated_slaves"]) == (1, 0)
        found = await get(cluster, "/metrics/snapshot")
        assert (found["master/cpus_used"], found["master/cpus_percent"]) == (0.0, 0.0)
        assert (found["master/tasks_unreachable"], found["master/tasks_running"]) == (1.0, 0.0)
        assert (found["master/slaves_unreachable"], found["master/cpus_total"]) == (1.0, 0.0)


async def test_an_agent_that_is_not_back_after_a_start_is_recovered_and_then_unreachable(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, config=OrchestratorConfig(reregister_timeout=0.01)) as cluster:
        cluster.agent = HostingAgent()
        await cluster.join()
        await partitions.with_a_task(cluster, capabilities=partitions.AWARE, failover_timeout=600.0)
        await cluster.stop()
        await cluster.start()
        agent = cluster.orchestrator.state.agents[str(cluster.agent.agent_id)]
        await until(lambda: agent.unreachable_since)
        state = await get(cluster, "/state")
        assert [each["id"] for each in state["recovered_slaves"]] == [agent.agent_id]
        assert (state["slaves"], state["unreachable_slaves"]) == ([], 1)
        found = await get(cluster, "/metrics/snapshot")
        assert (found["master/slaves_unreachable"], found["master/cpus_used"]) == (1.0, 0.0)
        await cluster.join()
        state = await get(cluster, "/state")
        assert (state["recovered_slaves"], state["unreachable_slaves"]) == ([], 0)
        assert (await get(cluster, "/metrics/snapshot"))["master/cpus_used"] == 1.0


async def test_one_agent_and_one_framework_can_be_asked_for(cluster: ApiCluster) -> None:
    scheduler, offer = await with_a_task(cluster)
    agent_id = offer["agent_id"]["value"]
    assert len((await get(cluster, f"/slaves?slave_id={agent_id}"))["slaves"]) == 1
    assert (await get(cluster, "/slaves?slave_id=other"))["slaves"] == []
    found = await get(cluster, f"/frameworks?framework_id={scheduler.framework_id}")
    assert [each["id"] for each in found["frameworks"]] == [scheduler.framework_id]
    assert (await get(cluster, "/frameworks?framework_id=other"))["frameworks"] == []


async def test_a_summary_counts_tasks_by_state(cluster: ApiCluster) -> None:
    scheduler, offer = await with_a_task(cluster)
    summary = await get(cluster, "/state-summary")
    (agent,), (framework,) = summary["slaves"], summary["frameworks"]
    assert (agent["TASK_RUNNING"], agent["TASK_FAILED"]) == (1, 0)
    assert agent["framework_ids"] == [scheduler.framework_id]
    assert (framework["TASK_RUNNING"], framework["slave_ids"]) == (1, [offer["agent_id"]["value"]])
    assert framework["used_resources"]["cpus"] == 1.0
    assert "tasks" not in framework


async def test_tasks_are_listed_in_the_order_and_the_number_that_is_asked_for(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    accept = launch(offer, [cpus(0.1)])
    (task,) = accept["operations"][0]["launch"]["task_infos"]
    tasks = [{**task, "task_id": {"value": f"task-{number}"}} for number in range(5)]
    accept["operations"][0]["launch"]["task_infos"] = tasks
    assert (await scheduler.call("ACCEPT", accept))[0] == 202
    state = cluster.orchestrator.state
    for number, known in enumerate(state.tasks.values()):
        task_id = mesos.TaskID(value=known.task_id)
        told = mesos.TaskStatus(task_id=task_id, state=known.state, timestamp=100.0 - number)
        known.statuses = [told]
        state.changed(ChangeKind.TASK_UPDATED, known)

    async def ids(query: str) -> list[str]:
        return [task["id"] for task in (await get(cluster, f"/tasks{query}"))["tasks"]]

    newest_first = [f"task-{number}" for number in range(5)]
    assert await ids("") == await ids("?order=desc&limit=100") == newest_first
    assert await ids("?order=asc&limit=-1") == newest_first[::-1]
    assert await ids("?limit=2&offset=1") == newest_first[1:3]
    assert await ids("?order=asc&limit=-1&task_id=task-3") == ["task-3"]
    assert await ids(f"?framework_id={scheduler.framework_id}&limit=1") == ["task-0"]
    assert await ids("?offset=100") == []
    most = "9" * 20
    assert await ids(f"?limit={most}&offset=1") == newest_first[1:]
    assert await ids(f"?limit={most}&offset={most}") == []


def test_tasks_that_are_left_out_take_their_time_in_slices() -> None:
    made = [
        TaskPart(f"task-{at}", "f", "a", mesos.TaskState.TASK_RUNNING, False, Resources(), at, b"%d" % at)
        for at in range(10_000)
    ]
    snapshot = Snapshot([], [], [], made, [], [], ())
    everything = list(state_pages.tasks(snapshot, TaskQuery(limit=2, ascending=True)))
    later = list(state_pages.tasks(snapshot, TaskQuery(limit=2, offset=9_999, ascending=True)))
    assert json.loads(b"".join(everything)) == {"tasks": [0, 1]}
    assert json.loads(b"".join(later)) == {"tasks": [9_999]}
    assert later.count(b"") >= everything.count(b"") + 9_999 // state_pages.STEP


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/tasks?limit=many", "limit"),
        ("/tasks?offset=1e9", "offset"),
        (f"/tasks?limit={'9' * 50}", "limit"),
        ("/files/read?path=/master/log&offset=-2", "offset"),
        (f"/files/read?path=/master/log&offset={10**19}", "offset"),
        ("/files/read", "path"),
        ("/files/browse?path=", "path"),
        ("/state?jsonp=callback", "jsonp"),
    ],
)
async def test_a_query_that_cannot_be_meant_is_refused(cluster: ApiCluster, path: str, words: str) -> None:
    assert words in await get(cluster, path, 400)


async def test_pages_have_the_names_that_tools_know_them_by(cluster: ApiCluster) -> None:
    await cluster.join()
    slaves = await get(cluster, "/slaves")
    for path in ("/master/slaves", "/slaves/", "/master/slaves.json", "/slaves.json"):
        assert await get(cluster, path) == slaves
    status, text = await cluster.post("/master/api/v1", {"type": "GET_HEALTH"})
    assert (status, json.loads(text)["get_health"]) == (200, {"healthy": True})
    async with cluster.client.post("/state") as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")
    async with cluster.client.head("/state") as response:
        assert (response.status, await response.read()) == (200, b"")
    await get(cluster, "/masterstate", 404)


async def test_roles_weights_and_quota_are_told(cluster: ApiCluster) -> None:
    await with_a_task(cluster)
    config = {"role": "test", "guarantees": {"cpus": {"value": 2}}, "limits": {"cpus": {"value": 3}}}
    for call in (
        {"type": "UPDATE_QUOTA", "update_quota": {"quota_configs": [config]}},
        {"type": "UPDATE_WEIGHTS", "update_weights": {"weight_infos": [{"role": "test", "weight": 2.5}]}},
    ):
        assert (await cluster.post("/api/v1", call))[0] == 200
    role = next(each for each in (await get(cluster, "/roles"))["roles"] if each["name"] == "test")
    assert role["weight"] == 2.5
    assert role["quota"]["guarantee"] == {"cpus": 2.0}
    assert role["quota"]["limit"] == {"cpus": 3.0}
    assert role["allocated"]["cpus"] == 1.0
    assert len(role["frameworks"]) == 1
    assert await get(cluster, "/weights") == [{"weight": 2.5, "role": "test"}]
    assert (await get(cluster, "/quota"))["infos"][0]["role"] == "test"


async def test_flags_are_the_settings_without_passwords(cluster: ApiCluster) -> None:
    flags = (await get(cluster, "/flags"))["flags"]
    assert (flags["port"], flags["log_level"]) == ("5050", "info")
    assert flags["log_file"] == str(cluster.folder / "orchestrator.log")
    assert "offer_timeout" not in flags
    told = (await cluster.operator("GET_FLAGS"))["flags"]
    assert {each["name"]: each["value"] for each in told} == flags


async def test_metrics_have_the_names_that_exporters_know(cluster: ApiCluster) -> None:
    scheduler, _ = await with_a_task(cluster)
    found = await get(cluster, "/metrics/snapshot")
    assert {name: found[f"master/{name}"] for name in ("elected", "slaves_active", "frameworks_active")} == {
        "elected": 1.0,
        "slaves_active": 1.0,
        "frameworks_active": 1.0,
    }
    assert (found["master/tasks_running"], found["master/tasks_finished"]) == (1.0, 0.0)
    assert found["master/cpus_used"] == 1.0
    assert found["master/cpus_percent"] == 1.0 / found["master/cpus_total"]
    assert found["system/mem_total_bytes"] > found["system/mem_free_bytes"] > 0
    assert found["allocator/mesos/allocation_runs"] >= 0
    assert found["allocator/mesos/resources/cpus/total"] == found["master/cpus_total"]
    assert found["master/messages_status_update_acknowledgement"] == 0.0
    await end_task(cluster, scheduler)
    told = await cluster.operator("GET_METRICS", get_metrics={"timeout": {"nanoseconds": 10**9}})
    metrics = {each["name"]: each["value"] for each in told["metrics"]}
    assert metrics.keys() == found.keys()
    assert (metrics["master/tasks_running"], metrics["master/tasks_finished"]) == (0.0, 1.0)
    assert metrics["master/slave_registrations"] == 1.0
    assert metrics["master/messages_status_update_acknowledgement"] == 1.0


async def test_the_log_is_listed_and_read_in_parts(cluster: ApiCluster) -> None:
    (cluster.folder / "orchestrator.log").write_text("one line\nand é\n")
    (entry,) = await get(cluster, "/files/browse?path=/master")
    assert (entry["path"], entry["size"], entry["mode"]) == ("/master/log", 16, "-rw-r--r--")
    read = "/files/read?path=/master/log"
    assert await get(cluster, read) == {"offset": 16, "data": ""}
    assert await get(cluster, f"{read}&offset=4&length=4") == {"offset": 4, "data": "line"}
    assert await get(cluster, f"{read}&offset=9&length=5") == {"offset": 9, "data": "and "}
    assert await get(cluster, f"{read}&offset=13") == {"offset": 13, "data": "é\n"}
    assert await get(cluster, f"{read}&offset=99") == {"offset": 99, "data": ""}
    await get(cluster, "/files/read?path=/etc/passwd&offset=0", 404)
    await get(cluster, "/files/browse?path=/etc", 404)
    (info,) = (await cluster.operator("LIST_FILES", list_files={"path": "/"}))["file_infos"]
    assert info["path"] == "/master/log"
    part = await cluster.operator("READ_FILE", read_file={"path": "/master/log", "offset": 0, "length": 3})
    assert part == {"size": 16, "data": "b25l"}
    for call in ({"read_file": {"path": "/x", "offset": 0}}, {"list_files": {"path": "/x"}}):
        kind = next(iter(call)).upper()
        assert (await cluster.post("/api/v1", {"type": kind, **call}))[0] == 404
    beyond = {"type": "READ_FILE", "read_file": {"path": "/master/log", "offset": 2**64 - 1}}
    assert (await cluster.post("/api/v1", beyond))[0] == 200


async def test_without_a_log_file_it_is_said_where_the_log_goes(cluster: ApiCluster) -> None:
    assert "--log-file" in await get(cluster, "/files/read?path=/master/log&offset=0", 404)
    call = {"type": "READ_FILE", "read_file": {"path": "/master/log", "offset": 0}}
    assert (await cluster.post("/api/v1", call))[0] == 404


@pytest.fixture
def root_level() -> Any:
    """The level of logging is the process's: it is put back."""
    before = logging.getLogger().level
    yield
    logging.getLogger().setLevel(before)


@pytest.mark.usefixtures("root_level")
async def test_the_logging_level_is_raised_for_a_time(cluster: ApiCluster) -> None:
    assert await cluster.operator("GET_LOGGING_LEVEL") == {"level": 0}

    async def raised(level: int, seconds: float) -> int:
        wanted = {"level": level, "duration": {"nanoseconds": int(seconds * 1e9)}}
        return (await cluster.post("/api/v1", {"type": "SET_LOGGING_LEVEL", "set_logging_level": wanted}))[0]

    assert await raised(2, 3600) == 200
    assert await cluster.operator("GET_LOGGING_LEVEL") == {"level": 2}
    assert logging.getLogger().level == logging.DEBUG
    assert await raised(1, 0.01) == 200
    await until(lambda: cluster.process.verbosity == 0)
    assert logging.getLogger().level == logging.INFO
    assert await raised(3, 60) == 200
    assert await raised(0, 60) == 200
    assert await cluster.operator("GET_LOGGING_LEVEL") == {"level": 0}
    assert [await raised(4, 1), await raised(1, 0), await raised(1, -1), await raised(1, 10**9)] == [400] * 4


async def test_parts_that_nobody_asks_for_any_more_are_forgotten_and_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "KEPT_SECONDS", 0.01)
    async with running(tmp_path) as cluster:
        scheduler, _ = await with_a_task(cluster)
        before = await get(cluster, "/tasks")
        kept = cluster.server._pages._pages._rooms.snapshots
        await until(lambda: not kept._is_kept and not any(cached._made for cached in kept._all))
        assert await get(cluster, "/tasks") == before
        await end_task(cluster, scheduler)
        assert [task["state"] for task in (await get(cluster, "/tasks"))["tasks"]] == ["TASK_FINISHED"]


async def test_what_is_not_durable_is_not_shown(cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    await cluster.join()

    async def failed() -> None:
        raise StoreFailed("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(cluster.orchestrator.journal, "barrier", failed)
        for path in ("/state", "/state-summary", "/slaves", "/frameworks", "/tasks", "/roles"):
            assert "ask again" in await get(cluster, path, 503)


async def test_a_page_shows_one_moment_however_slowly_it_is_read(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster:
        await with_a_task(cluster)
        pages = cluster.server._pages._pages
        page = await pages.page("/state", {})
        assert page.chunks is not None  # type: ignore[union-attr]
        cluster.orchestrator.state.tasks.clear()
        shown = json.loads(b"".join(page.chunks))  # type: ignore[union-attr]
        assert len(shown["frameworks"][0]["tasks"]) == 1


PAGES = (
    *("/state", "/state-summary", "/slaves", "/frameworks", "/tasks", "/roles", "/weights", "/quota"),
    *("/flags", "/metrics/snapshot", "/files/read", "/files/browse", "/health", "/version", "/redirect"),
)
NAMES = ("path", "offset", "length", "limit", "order", "task_id", "framework_id", "slave_id", "x")
VALUES = (
    *("", "-1", "1", "+5", "%ff", "%00", "/", "..", "asc", "9" * 25, "%F0%9F%98%80", "%D9%A3", " 1", "1_0"),
    *("/master/log", "/master/log/", "//master//log", "/master/../master/log", "0x1"),
)


async def test_whatever_is_asked_of_a_page_is_shown_or_refused(cluster: ApiCluster) -> None:
    await cluster.join()
    (cluster.folder / "orchestrator.log").write_bytes(bytes(range(256)))
    dice = random.Random(7)
    for _ in range(300):
        prefix, suffix = dice.choice(("", "/master")), dice.choice(("", ".json", "/", "/x", "%00", "%ff"))
        asked = "&".join(f"{dice.choice(NAMES)}={dice.choice(VALUES)}" for _ in range(dice.randrange(4)))
        path = f"{prefix}{dice.choice(PAGES)}{suffix}?{asked}"
        url = URL(f"{cluster.url}{path}", encoded=True)
        async with cluster.client.get(url, allow_redirects=False) as response:
            body = await response.read()
            assert response.status in (200, 307, 400, 404), (path, response.status, body[:200])
            if response.status == 200 and body:
                json.loads(body)


async def test_pages_beyond_the_limit_are_told_to_come_again_and_health_is_answered(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "PAGES_LIMIT", 1)
    asked, written = asyncio.Event(), asyncio.Event()

    async def barrier() -> None:
        asked.set()
        await written.wait()

    with monkeypatch.context() as slow_disk:
        slow_disk.setattr(cluster.orchestrator.journal, "barrier", barrier)
        first = asyncio.ensure_future(cluster.client.get("/state"))
        await asyncio.wait_for(asked.wait(), WAIT_SECONDS)
        async with cluster.client.get("/slaves") as further:
            assert further.status == 503
        assert further.headers["Retry-After"] == "1"
        for path in ("/health", "/metrics", "/version"):
            async with cluster.client.get(path) as answer:
                assert answer.status == 200
        written.set()
    async with await first as page:
        assert page.status == 200
    async with cluster.client.get("/slaves") as again:
        assert again.status == 200
