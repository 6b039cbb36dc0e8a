"""An agent's version-0 pages, and the calls that tell the same of its daemon."""

from __future__ import annotations

import json
import logging
import stat
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from api.wire.v1 import mesos
from tests.agent.test_operator_api import Site, running
from tests.agent.test_operator_api import site as site_of_an_agent
from tests.agent.world import FRAMEWORK, custom_executor, default_executor, scalar, task

site = site_of_an_agent


async def get(site: Site, path: str, status: int = 200) -> Any:
    """The page, read as JSON; the text of a refusal."""
    async with site.session.get(f"{site.url}{path}") as response:
        text = await response.text()
        assert response.status == status, text
        return json.loads(text) if status == 200 else text


async def run(site: Site, task_id: str, **more: Any) -> None:
    info = task(task_id, resources=[scalar("cpus", 0.5)])
    for name, value in more.items():
        setattr(info, name, value)
    await site.world.orchestrator.run_task(info, FRAMEWORK)
    await site.world.orchestrator.until(lambda: "TASK_RUNNING" in site.world.orchestrator.states(task_id))


async def test_state_shows_a_task_in_an_executor_of_its_own(site: Site) -> None:
    labels = mesos.Labels(labels=[mesos.Label(key="tier", value="front")])
    await run(site, "t1", labels=labels)
    agent = site.world.agent
    assert agent is not None
    await site.world.orchestrator.until(lambda: not agent.tasks.records[0].statuses)  # acknowledged
    state = await get(site, "/state")
    assert (state["id"], state["hostname"], state["version"]) == ("agent-1", "host-1", "1.11.0")
    assert state["pid"].startswith("slave(1)@127.0.0.1:")
    assert state["resources"]["cpus"] == state["unreserved_resources"]["cpus"] == 4.0
    assert state["master_hostname"] == "127.0.0.1"
    (framework,) = state["frameworks"]
    assert (framework["id"], framework["name"]) == ("fw", "test")
    (executor,) = framework["executors"]
    assert (executor["id"], executor["source"], executor["resources"]["cpus"]) == ("t1", "t1", 0.5)
    (shown,) = executor["tasks"]
    assert (shown["id"], shown["state"], shown["slave_id"], shown["executor_id"]) == (
        "t1",
        "TASK_RUNNING",
        "agent-1",
        "",
    )
    assert shown["labels"] == [{"key": "tier", "value": "front"}]
    (status,) = shown["statuses"]
    assert (status["state"], status["timestamp"] > 0) == ("TASK_RUNNING", True)
    assert status["container_status"]["container_id"]["value"] == executor["container"]
    assert status["container_status"]["network_infos"][0]["ip_addresses"][0]["ip_address"] == "127.0.0.1"
    assert executor["queued_tasks"] == executor["completed_tasks"] == []


async def test_the_directory_of_an_executor_leads_to_its_files(site: Site) -> None:
    await run(site, "t1")
    (site.sandbox("t1") / "stdout").write_bytes("grüße\n".encode())
    (framework,) = (await get(site, "/slave(1)/state.json"))["frameworks"]
    directory = framework["executors"][0]["directory"]
    listed = {entry["path"]: entry for entry in await get(site, f"/files/browse?path={quote(directory)}")}
    entry = listed[f"{directory}/stdout"]
    assert (entry["size"], entry["nlink"]) == (8, 1)
    assert entry["mode"] == stat.filemode((site.sandbox("t1") / "stdout").stat().st_mode)
    read = f"/files/read.json?path={quote(directory)}/stdout"
    assert await get(site, read) == {"offset": 8, "data": ""}
    assert await get(site, f"{read}&offset=0&length=4") == {"offset": 0, "data": "grü"}
    assert await get(site, f"{read}&offset=0&length=3") == {"offset": 0, "data": "gr"}
    assert await get(site, f"{read}&offset=4&length=-1") == {"offset": 4, "data": "ße\n"}
    assert await get(site, f"{read}&offset={2**63 - 1}") == {"offset": 2**63 - 1, "data": ""}
    for beside in ("/../x", ""):
        refused = await get(site, f"/files/read?path={quote(directory)}{beside}&offset=0", 404)
        assert str(site.sandbox("t1").parent) not in refused, "that is a path of the host"
    await get(site, "/files/read?path=/etc/passwd&offset=0", 404)
    await get(site, "/files/browse?path=/etc", 404)
    await get(site, "/files/browse", 400)
    await get(site, f"{read}&offset=x", 400)


async def test_a_read_beyond_all_numbers_is_empty(site: Site) -> None:
    await run(site, "t1")
    (site.sandbox("t1") / "stdout").write_bytes(b"hello")
    asked = {"path": "/frameworks/fw/tasks/t1/stdout", "offset": 2**64 - 1}
    assert (await site.call("READ_FILE", read_file=asked))["read_file"] == {"size": 5, "data": ""}


async def test_executors_are_shown_with_their_tasks(site: Site) -> None:
    orchestrator = site.world.orchestrator
    members = [task("a", resources=[scalar("cpus", 0.5)]), task("b")]
    await orchestrator.run_group(default_executor("e1"), members, FRAMEWORK)
    await orchestrator.until(lambda: "TASK_RUNNING" in orchestrator.states("b"))
    (framework,) = (await get(site, "/state"))["frameworks"]
    (executor,) = framework["executors"]
    assert (executor["id"], executor["type"]) == ("e1", "DEFAULT")
    assert [each["id"] for each in executor["tasks"]] == ["a", "b"]
    assert {each["executor_id"] for each in executor["tasks"]} == {"e1"}
    found = await get(site, "/metrics/snapshot")
    assert (found["slave/executors_running"], found["slave/tasks_running"]) == (1.0, 2.0)


async def test_a_task_that_is_over_stays_in_sight_with_its_files(site: Site) -> None:
    await run(site, "t1")
    (site.sandbox("t1") / "stdout").write_bytes(b"last words\n")
    agent = site.world.agent
    assert agent is not None
    site.world.host.end(site.world.host.running[0], 0)
    await site.world.orchestrator.until(lambda: len(agent.tasks) == 0)
    state = await get(site, "/state")
    assert state["frameworks"] == []
    (framework,) = state["completed_frameworks"]
    (executor,) = framework["completed_executors"]
    assert [(each["id"], each["state"]) for each in executor["completed_tasks"]] == [("t1", "TASK_FINISHED")]
    assert executor["name"] == "t1 (Command: sleep 1000)"
    read = f"/files/read?path={quote(executor['directory'])}/stdout&offset=0"
    assert (await get(site, read))["data"] == "last words\n"


async def test_metrics_have_the_names_that_exporters_know(site: Site) -> None:
    await run(site, "t1")
    found = await get(site, "/slave(1)/metrics/snapshot")
    assert (found["slave/registered"], found["slave/frameworks_active"]) == (1.0, 1.0)
    assert (found["slave/cpus_total"], found["slave/cpus_used"], found["slave/cpus_percent"]) == (
        4.0,
        0.5,
        0.125,
    )
    assert (found["slave/tasks_running"], found["slave/tasks_failed"]) == (1.0, 0.0)
    assert found["system/cpus_total"] >= 1.0
    site.world.host.end(site.world.host.running[0], 1)
    agent = site.world.agent
    assert agent is not None
    await site.world.orchestrator.until(lambda: len(agent.tasks) == 0)
    told = (await site.call("GET_METRICS", get_metrics={}))["get_metrics"]["metrics"]
    metrics = {each["name"]: each["value"] for each in told}
    assert metrics.keys() == found.keys()
    assert (metrics["slave/tasks_running"], metrics["slave/tasks_failed"]) == (0.0, 1.0)
    assert metrics["slave/cpus_used"] == 0.0


async def test_flags_and_the_log_are_told(site: Site) -> None:
    flags = (await get(site, "/flags"))["flags"]
    assert (flags["containerizer"], flags["log_file"]) == ("auto", str(site.world.path / "agent.log"))
    told = (await site.call("GET_FLAGS"))["get_flags"]["flags"]
    assert {each["name"]: each["value"] for each in told} == flags
    await site.call("LIST_FILES", 404, list_files={"path": "/slave"})
    (site.world.path / "agent.log").write_text("a line\n")
    (entry,) = (await site.call("LIST_FILES", list_files={"path": "/slave"}))["list_files"]["file_infos"]
    assert (entry["path"], entry["size"]) == ("/slave/log", 7)
    assert await get(site, "/files/read?path=/slave/log&offset=2") == {"offset": 2, "data": "line\n"}


@pytest.fixture
def root_level() -> Iterator[None]:
    """The level of logging is the process's: it is put back."""
    before = logging.getLogger().level
    yield
    logging.getLogger().setLevel(before)


@pytest.mark.usefixtures("root_level")
async def test_the_logging_level_is_raised_for_a_time(site: Site) -> None:
    assert (await site.call("GET_LOGGING_LEVEL"))["get_logging_level"] == {"level": 0}
    wanted = {"level": 1, "duration": {"nanoseconds": 3600 * 10**9}}
    await site.call("SET_LOGGING_LEVEL", set_logging_level=wanted)
    assert (await site.call("GET_LOGGING_LEVEL"))["get_logging_level"] == {"level": 1}
    assert logging.getLogger().level == logging.DEBUG
    await site.call("SET_LOGGING_LEVEL", set_logging_level={**wanted, "duration": {"nanoseconds": 10**6}})
    await site.world.orchestrator.until(lambda: site.world.process.verbosity == 0)
    assert logging.getLogger().level == logging.INFO
    await site.call("SET_LOGGING_LEVEL", 400, set_logging_level={**wanted, "level": 9})
    await site.call("SET_LOGGING_LEVEL", 400)


async def test_pages_have_the_names_that_tools_know_them_by(site: Site) -> None:
    await running(site)
    for path in ("/state", "/state.json", "/slave(1)/state", "/slave%281%29/state.json/"):
        assert (await get(site, path))["id"] == "agent-1"
    statistics = await get(site, "/slave(1)/monitor/statistics.json")
    assert [each["executor_id"] for each in statistics] == ["t1"]
    assert (await get(site, "/slave(1)/containers"))[0]["framework_id"] == "fw"
    assert (await get(site, "/slave(1)/health"))["registered"] is True
    await get(site, "/state?jsonp=x", 400)
    async with site.session.post(f"{site.url}/slave(1)/api/v1", json={"type": "GET_HEALTH"}) as response:
        assert response.status == 200


async def test_nothing_is_told_of_values_of_secrets(site: Site) -> None:
    executor = custom_executor("e1")
    secret = mesos.Secret(type=mesos.SecretType.VALUE, value=mesos.SecretValue(data=b"hidden"))
    variable = mesos.EnvironmentVariable(
        name="PASSWORD", type=mesos.EnvironmentVariableType.SECRET, secret=secret
    )
    assert executor.command
    executor.command.environment = mesos.Environment(variables=[variable])
    agent = site.world.agent
    assert agent is not None
    await site.world.orchestrator.run_with(executor, task("t1"), FRAMEWORK)
    await site.world.orchestrator.until(lambda: len(agent.executors) == 1)
    async with site.session.get(f"{site.url}/state") as response:
        text = await response.text()
    assert "PASSWORD" in text
    assert "hidden" not in text
    assert "aGlkZGVu" not in text
