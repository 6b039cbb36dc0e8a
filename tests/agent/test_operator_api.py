"""The agent's HTTP API as its users see it, over a real socket."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from msgspec import UNSET

from agent import operator_api
from agent.daemon import Agent
from agent.http_edge import BODIES_LIMIT
from agent.operator_api import OperatorApi
from agent.operator_calls import OperatorCalls
from agent.pages.daemon_calls import DaemonCalls
from agent.providers.api import ProviderApi
from agent.sandboxes.sandbox import OwnFolder, Sandboxes
from api.wire import http_rules, reading
from api.wire.unread import IDLE_SECONDS
from api.wire.v1 import mesos
from tests.agent.model_containerizer import ModelContainerizer
from tests.agent.world import FRAMEWORK, World, custom_executor, task

JSON = {"Content-Type": "application/json"}
STEP_SECONDS = 90.0
HEAD = b"POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@dataclass
class Site:
    world: World
    session: aiohttp.ClientSession
    url: str

    async def call(self, type: str, expected: int = 200, **content: Any) -> Any:
        body = {"type": type, **content}
        async with self.session.post(f"{self.url}/api/v1", json=body) as response:
            assert response.status == expected, await response.text()
            text = await response.text()
            return json.loads(text) if text.startswith("{") else text

    def sandbox(self, task_id: str) -> Path:
        assert self.world.agent is not None
        record = self.world.agent.tasks.find("fw", task_id)
        assert record is not None
        return self.world.path / "sandboxes" / "fw" / task_id / record.container_id


def made_api(world: World, agent: Agent, idle_seconds: float = IDLE_SECONDS) -> OperatorApi:
    calls = OperatorCalls(agent, ModelContainerizer(world.host), world.files, "0.1.0")
    provider_api = ProviderApi(world.manager, world.ids)  # type: ignore[arg-type]
    groups = [DaemonCalls(world.process, world.numbers)]
    return OperatorApi(
        agent,
        calls,
        world.edge,
        provider_api,
        groups,
        "127.0.0.1",
        0,
        pages=world.pages,
        max_body_bytes=10_000,
        unread_seconds=0.3,
        idle_seconds=idle_seconds,
    )


@pytest.fixture
async def site(world: World) -> AsyncIterator[Site]:
    api = made_api(world, await world.started())
    await api.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Site(world, session, f"http://127.0.0.1:{api.port}")
    finally:
        await api.stop()


async def running(site: Site, task_id: str = "t1") -> None:
    await site.world.orchestrator.run_task(task(task_id), FRAMEWORK)
    await site.world.orchestrator.until(lambda: "TASK_RUNNING" in site.world.orchestrator.states(task_id))


async def test_health_version_and_metrics(site: Site) -> None:
    assert (await site.call("GET_HEALTH"))["get_health"] == {"healthy": True}
    version = (await site.call("GET_VERSION"))["get_version"]["version_info"]
    assert version == {"version": "1.11.0", "product": "orlop", "product_version": "0.1.0"}
    async with site.session.get(f"{site.url}/version") as response:
        assert (await response.json())["version"] == "1.11.0"
    async with site.session.get(f"{site.url}/health") as response:
        assert (response.status, (await response.json())["registered"]) == (200, True)
    await running(site)
    async with site.session.get(f"{site.url}/metrics") as response:
        text = await response.text()
    assert 'orlop_agent_tasks{phase="running"} 1.0' in text
    assert "orlop_agent_link_connected 1.0" in text


async def test_tasks_containers_and_the_agent_are_shown(site: Site) -> None:
    await running(site)
    tasks = (await site.call("GET_TASKS"))["get_tasks"]
    assert [t["task_id"]["value"] for t in tasks["launched_tasks"]] == ["t1"]
    state = (await site.call("GET_STATE"))["get_state"]
    assert state["get_frameworks"]["frameworks"][0]["framework_info"]["name"] == "test"
    (container,) = (await site.call("GET_CONTAINERS"))["get_containers"]["containers"]
    assert container["container_id"]["value"] == site.world.host.running[0]
    assert container["container_status"]["executor_pid"] > 0
    info = (await site.call("GET_AGENT"))["get_agent"]["agent_info"]
    assert (info["id"]["value"], info["hostname"]) == ("agent-1", "host-1")


async def test_a_sandbox_is_listed_and_read(site: Site) -> None:
    await running(site)
    (site.sandbox("t1") / "stdout").write_bytes(b"hello\n")
    listed = (await site.call("LIST_FILES", list_files={"path": "/frameworks/fw/tasks/t1"}))["list_files"]
    (entry,) = [e for e in listed["file_infos"] if e["path"].endswith("/stdout")]
    assert (entry["path"], entry["size"]) == ("/frameworks/fw/tasks/t1/stdout", 6)
    asked = {"path": entry["path"], "offset": 2, "length": 3}
    part = (await site.call("READ_FILE", read_file=asked))["read_file"]
    assert (part["size"], base64.b64decode(part["data"])) == (6, b"llo")


async def test_a_sandbox_can_be_read_after_its_task_was_forgotten(site: Site) -> None:
    world = site.world
    await running(site)
    (site.sandbox("t1") / "stdout").write_bytes(b"last words")
    world.host.end(world.host.running[0], 0)
    agent = world.agent
    assert agent is not None
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    asked = {"path": "/frameworks/fw/tasks/t1/stdout", "offset": 0}
    part = (await site.call("READ_FILE", read_file=asked))["read_file"]
    assert base64.b64decode(part["data"]) == b"last words"


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "/frameworks/fw/tasks/t1/../../../../../etc/passwd",
        "/frameworks/%2e%2e/tasks/%2e%2e/etc/passwd",
        "/frameworks/fw/tasks/nobody/stdout",
        "/frameworks/fw/tasks/t1/link",
        "/frameworks/fw/tasks/t1/runs/../stdout",
        "/plugins/../../etc/passwd",
        "x" * 5_000,
        "",
    ],
)
async def test_nothing_but_sandboxes_can_be_read(site: Site, path: str) -> None:
    await running(site)
    (site.sandbox("t1") / "link").symlink_to("/etc/passwd")
    await site.call("READ_FILE", 404, read_file={"path": path, "offset": 0})
    if not path.endswith("passwd"):
        return
    await site.call("LIST_FILES", 404, list_files={"path": path.removesuffix("/passwd")})


@pytest.mark.parametrize("folder", OwnFolder)
@pytest.mark.parametrize("form", ["tasks/a", "tasks/a/runs/b", "tasks/a/runs/latest", "executors/a"])
async def test_no_framework_is_called_as_a_folder_of_the_agent_is(
    site: Site, folder: OwnFolder, form: str
) -> None:
    sandboxes = Sandboxes(site.world.path / "sandboxes", site.world.clock)
    (sandboxes.create(folder, "a", "b") / "stdout").write_text("secret")
    assert (sandboxes.root / folder / "a" / "b" / "stdout").exists()
    path = f"/frameworks/{folder}/{form}"
    await site.call("READ_FILE", 404, read_file={"path": f"{path}/stdout", "offset": 0})
    await site.call("LIST_FILES", 404, list_files={"path": path})
    (sandboxes.create(str(folder), "a", "b") / "stdout").write_text("a framework's")
    part = (await site.call("READ_FILE", read_file={"path": f"{path}/stdout", "offset": 0}))["read_file"]
    assert base64.b64decode(part["data"]) == b"a framework's"


async def test_what_is_wrong_with_a_request_is_said_with_the_right_status(site: Site) -> None:
    url = f"{site.url}/api/v1"
    of_json = {"Content-Type": "application/json"}
    good = b'{"type": "GET_HEALTH"}'

    async def status(method: str = "POST", body: bytes = good, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with site.session.request(
            method, url, data=body, headers=named, skip_auto_headers=["Content-Type"]
        ) as response:
            return response.status

    assert await status("GET") == 405
    assert await status() == 400
    assert await status(Content_Type="text/plain") == 415
    assert await status(body=b"{", **of_json) == 400
    assert await status(body=b'{"type": "LIST_FILES"}', **of_json) == 400
    assert await status(body=b'{"type": "ATTACH_CONTAINER_INPUT"}', **of_json) == 400
    assert await status(body=b'{"type": "GET_METRICS"}', **of_json) == 400
    assert await status(Content_Type="application/json", Accept="text/html") == 406
    assert await status(Content_Type="application/json; charset=utf-8") == 200
    assert await status(body=b"x" * 10_001, **of_json) == 413


async def test_an_endless_body_is_cut_off(site: Site) -> None:
    async def garbage() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 1_000

    try:
        async with site.session.post(f"{site.url}/api/v1", data=garbage(), headers=JSON) as response:
            assert response.status == 413
    except aiohttp.ClientConnectionError:
        pass  # cut off before the client had read the answer
    assert (await site.call("GET_HEALTH"))["get_health"]["healthy"]


async def test_longer_paths_and_slashes_are_served(site: Site) -> None:
    for path in ("/api/v1/", "/api/v1/operator"):
        async with site.session.post(f"{site.url}{path}", json={"type": "GET_HEALTH"}) as response:
            assert response.status == 200
    async with site.session.get(f"{site.url}/nothing") as response:
        assert response.status == 404


async def test_an_operator_ends_a_task_by_its_container(site: Site) -> None:
    await running(site)
    (container_id,) = site.world.host.running
    await site.call("KILL_CONTAINER", kill_container={"container_id": {"value": container_id}})
    await site.world.orchestrator.until(lambda: "TASK_KILLED" in site.world.orchestrator.states("t1"))
    assert "by an operator" in str(site.world.orchestrator.statuses("t1")[-1].message)
    await site.call("KILL_CONTAINER", 404, kill_container={"container_id": {"value": "nobody"}})


async def test_a_signal_is_sent_as_it_is(site: Site) -> None:
    await running(site)
    (container_id,) = site.world.host.running
    named = {"value": container_id}
    await site.call("KILL_CONTAINER", kill_container={"container_id": named, "signal": 10})
    assert site.world.host.containers[container_id].kills == [10]
    await site.call("KILL_CONTAINER", 400, kill_container={"container_id": named, "signal": 99})


async def test_executors_are_shown_without_the_values_of_their_secrets(site: Site) -> None:
    secret = mesos.Secret(type=mesos.SecretType.VALUE, value=mesos.SecretValue(data=b"hush"))
    variable = mesos.EnvironmentVariable(name="KEY", type=mesos.EnvironmentVariableType.SECRET, secret=secret)
    executor = custom_executor()
    assert executor.command is not UNSET
    executor.command.environment = mesos.Environment(variables=[variable])
    await site.world.orchestrator.run_with(executor, task("t1"), FRAMEWORK)
    await site.world.orchestrator.until(lambda: site.world.host.running)
    shown = (await site.call("GET_EXECUTORS"))["get_executors"]["executors"][0]["executor_info"]
    assert shown["command"]["environment"]["variables"] == [
        {"name": "KEY", "type": "SECRET", "secret": {"type": "VALUE"}}
    ]


async def test_resources_of_tasks_and_executors_are_shown_to_those_who_look_for_reservations_or_roles(
    site: Site,
) -> None:
    static = mesos.ResourceReservationInfo(type=mesos.ResourceReservationInfoType.STATIC, role="db")
    plain, reserved, older = (cpus(0.1), cpus(0.1), cpus(0.1))
    reserved.reservations, older.role = [static], "db"
    executor = custom_executor(resources=[plain, reserved])
    await site.world.orchestrator.run_with(executor, task("t1", resources=[older]), FRAMEWORK)
    await site.world.orchestrator.until(lambda: site.world.host.running)
    (shown,) = (await site.call("GET_TASKS"))["get_tasks"]["queued_tasks"]
    assert [(each["role"], each.get("reservations")) for each in shown["resources"]] == [("db", None)]
    info = (await site.call("GET_EXECUTORS"))["get_executors"]["executors"][0]["executor_info"]
    said = [{"type": "STATIC", "role": "db"}]
    forms = [(each["role"], each.get("reservations")) for each in info["resources"]]
    assert forms == [("*", None), ("db", said)]


def cpus(amount: float) -> mesos.Resource:
    return mesos.Resource(name="cpus", type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=amount))


async def test_who_asks_and_does_not_read_is_cut_off_and_others_are_answered(site: Site) -> None:
    loop, wanted = asyncio.get_running_loop(), b'{"type":"GET_FLAGS"}'
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        deaf.connect(("127.0.0.1", int(site.url.rpartition(":")[2])))
        deaf.setblocking(False)
        with pytest.raises(ConnectionError):
            async with asyncio.timeout(STEP_SECONDS):
                while True:
                    await loop.sock_sendall(deaf, HEAD % len(wanted) + wanted)
    await site.call("GET_HEALTH")


@pytest.mark.parametrize("beginning", [b"", b"POST /api/v1 HTTP/1.1\r\nHost:"])
async def test_who_says_nothing_or_half_a_head_is_cut_off(world: World, beginning: bytes) -> None:
    api = made_api(world, await world.started(), idle_seconds=0.5)
    await api.start()
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(beginning)
        async with asyncio.timeout(STEP_SECONDS):
            assert await reader.read() == b""
        writer.close()
    finally:
        await api.stop()


async def test_calls_that_do_not_arrive_are_bounded(site: Site) -> None:
    port = int(site.url.rpartition(":")[2])
    writers = [(await asyncio.open_connection("127.0.0.1", port))[1] for _ in range(BODIES_LIMIT)]
    for writer in writers:
        writer.write(HEAD % 100 + b"{")
    await health_is(site, 503)
    for writer in writers:
        writer.close()
    await health_is(site, 200)


async def health_is(site: Site, status: int) -> None:
    async with asyncio.timeout(STEP_SECONDS):
        while True:
            async with site.session.post(f"{site.url}/api/v1", json={"type": "GET_HEALTH"}) as response:
                if response.status == status:
                    return


async def test_a_long_call_is_read_beside_the_event_loop(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def check(*parts: Any, **options: Any) -> Any:
        threads.append(threading.get_ident())
        return http_rules.check_call(*parts, **options)

    monkeypatch.setattr(operator_api, "check_call", check)
    for short in (reading.SHORT_BYTES, 0):
        monkeypatch.setattr(reading, "SHORT_BYTES", short)
        assert (await site.call("GET_HEALTH"))["get_health"] == {"healthy": True}
    assert [thread == threading.get_ident() for thread in threads] == [True, False]
