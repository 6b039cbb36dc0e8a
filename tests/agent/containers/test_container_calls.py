"""The calls on containers as operators' tools see them, over a real socket."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.agent import world as model
from tests.agent.containers.site import RECORDIO, Site, identified, sandbox_of, site_of
from tests.agent.world import FRAMEWORK, World, task

EXIT = "exit 3"


@pytest.fixture
async def site(world: World) -> AsyncIterator[Site]:
    await world.started()
    async with site_of(world) as site:
        yield site


async def a_task(world: World) -> str:
    """A running task; the id of its container."""
    await world.orchestrator.run_task(task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states("t1"))
    return world.host.running[0]


async def test_a_launch_is_200_and_its_repeat_202(site: Site) -> None:
    assert await site.launch("web") == (200, "")
    assert await site.launch("web") == (202, "")


async def test_the_older_names_work_on_nested_containers(site: Site, world: World) -> None:
    await site.launch("web")
    assert (await site.call("LAUNCH_NESTED_CONTAINER", "web.job", command={"value": EXIT}))[0] == 200
    status, answer = await site.call("WAIT_NESTED_CONTAINER", "web.job")
    assert (status, answer["wait_nested_container"]["exit_status"]) == (200, 3 << 8)
    assert (await site.call("LAUNCH_NESTED_CONTAINER", "web.long", command={"value": "sleep 9"}))[0] == 200
    assert (await site.call("KILL_NESTED_CONTAINER", "web.long"))[0] == 200
    assert (await site.call("WAIT_NESTED_CONTAINER", "web.long"))[0] == 200
    assert (await site.call("REMOVE_NESTED_CONTAINER", "web.long"))[0] == 200
    assert (await site.call("WAIT_NESTED_CONTAINER", "web.long"))[0] == 404
    status, text = await site.call("LAUNCH_NESTED_CONTAINER", "alone", command={"value": EXIT})
    assert (status, "parent" in text) == (400, True)


async def test_wait_tells_how_it_ended_again_and_again_until_it_is_removed(site: Site) -> None:
    await site.launch("job", EXIT)
    for _ in range(2):
        _, answer = await site.call("WAIT_CONTAINER", "job")
        found = answer["wait_container"]
        assert (found["exit_status"], found["state"]) == (3 << 8, "TASK_FAILED")
    assert (await site.call("REMOVE_CONTAINER", "job"))[0] == 200
    assert (await site.call("WAIT_CONTAINER", "job"))[0] == 404
    assert (await site.call("REMOVE_CONTAINER", "job"))[0] == 404


async def test_wait_answers_when_the_container_ends(site: Site, world: World) -> None:
    await site.launch("web")
    waiting = asyncio.create_task(site.call("WAIT_CONTAINER", "web"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    world.host.end(world.host.running[0], None, None, oom=True)
    _, answer = await waiting
    assert answer["wait_container"]["reason"] == "REASON_CONTAINER_LIMITATION_MEMORY"


async def test_a_removal_of_a_running_container_says_what_to_do(site: Site) -> None:
    await site.launch("web")
    status, text = await site.call("REMOVE_CONTAINER", "web")
    assert (status, text) == (400, "container web runs: kill it first, then remove it")


async def test_kill_has_a_grace_period_and_a_signal(site: Site, world: World) -> None:
    await site.launch("web")
    (run_id,) = world.host.running
    assert (await site.call("KILL_CONTAINER", "web", signal=10))[0] == 200
    assert (await site.call("KILL_CONTAINER", "web", grace_period={"nanoseconds": 2 * 10**9}))[0] == 200
    assert world.host.containers[run_id].kills == [10, 2.0]
    await site.launch("other")
    (run_id,) = world.host.running
    assert (await site.call("KILL_CONTAINER", "other"))[0] == 200
    assert world.host.containers[run_id].kills == [9]
    assert (await site.call("KILL_CONTAINER", "web", signal=65))[0] == 400
    assert (await site.call("KILL_CONTAINER", "web", grace_period={"nanoseconds": -1}))[0] == 400


async def test_the_containers_are_listed_by_kind(site: Site, world: World) -> None:
    container = await a_task(world)
    await site.launch("web", resources=[scalar("cpus", 0.5)])
    await site.launch("web.sh")
    await site.launch(f"{container}.sh")
    await site.launch("job", EXIT)
    await site.call("WAIT_CONTAINER", "job")

    async def kinds(**flags: bool) -> list[tuple[str, str]]:
        _, answer = await site.call("GET_CONTAINERS", **flags)
        return [(each["kind"], each["state"]) for each in answer["get_containers"]["containers"]]

    assert await kinds() == [("TASK", "RUNNING")]
    assert await kinds(show_standalone=True) == [("TASK", "RUNNING"), ("STANDALONE", "RUNNING")]
    assert sorted(await kinds(show_nested=True)) == [("NESTED", "RUNNING")] * 2 + [("TASK", "RUNNING")]
    assert ("STANDALONE", "EXITED") in await kinds(show_standalone=True, show_ended=True)


async def test_a_listed_container_says_what_it_is_and_uses(site: Site, world: World) -> None:
    await site.launch("web")
    await site.launch("web.sh", "sleep 7")
    _, answer = await site.call("GET_CONTAINERS", show_nested=True)
    (nested,) = answer["get_containers"]["containers"]
    assert nested["container_id"] == {"value": "sh", "parent": {"value": "web"}}
    assert (nested["command"], nested["container_status"]["executor_pid"] > 0) == ("sleep 7", True)
    assert nested["resource_statistics"]["processes"] == 1


async def test_what_a_sandbox_takes_of_the_disk_is_shown(site: Site, world: World) -> None:
    await site.launch("web")
    (sandbox_of(world, "web") / "data").write_bytes(b"x" * 300_000)
    _, answer = await site.call("GET_CONTAINERS", show_standalone=True)
    (found,) = answer["get_containers"]["containers"]
    assert 300_000 <= found["resource_statistics"]["disk_used_bytes"] < 400_000


async def test_the_disks_of_executors_and_operators_containers_are_shown_like_tasks(
    site: Site, world: World
) -> None:
    executor = model.custom_executor(resources=[model.scalar("disk", 5), model.disk("v1", "data")])
    await world.orchestrator.run_with(executor, task("t1"), FRAMEWORK)
    await world.orchestrator.until(lambda: world.host.running)
    await site.launch("web", resources=[scalar("disk", 7)])
    _, answer = await site.call("GET_CONTAINERS", show_standalone=True)
    found, web = answer["get_containers"]["containers"]
    assert found["resource_statistics"]["disk_limit_bytes"] == 5 * 2**20
    (volume,) = found["resource_statistics"]["disk_statistics"]
    assert (volume["source"]["id"], volume["limit_bytes"]) == ("v1", 64 * 2**20)
    assert web["resource_statistics"]["disk_limit_bytes"] == 7 * 2**20


async def test_older_tools_read_the_lists(site: Site, world: World) -> None:
    container = await a_task(world)
    await site.launch("web")
    (found,) = await site.get("/monitor/statistics")
    assert (found["framework_id"], found["executor_id"], found["container_id"]) == ("fw", "t1", container)
    assert found["statistics"]["mem_total_bytes"] == 1 << 20
    assert len(await site.get("/containers")) == 1
    assert len(await site.get("/containers?show_standalone=true")) == 2
    (found,) = await site.get("/containers?show_standalone=true&container_id=web")
    assert (found["container_id"], found["framework_id"]) == ("web", "")


async def test_the_agent_says_what_it_isolates(site: Site) -> None:
    _, answer = await site.call("GET_AGENT")
    isolation = answer["get_agent"]["isolation"]
    assert (isolation["containerizer"], isolation["memory_limit"]) == ("model", True)


async def test_a_tasks_container_is_waited_for_killed_and_not_removed(site: Site, world: World) -> None:
    container = await a_task(world)
    waiting = asyncio.create_task(site.call("WAIT_CONTAINER", container))
    await asyncio.sleep(0)
    assert (await site.call("REMOVE_CONTAINER", container))[0] == 400
    assert (await site.call("KILL_CONTAINER", container))[0] == 200
    status, answer = await waiting
    assert (status, answer["wait_container"]["exit_status"]) == (200, 15)
    await world.orchestrator.until(lambda: "TASK_KILLED" in world.orchestrator.states("t1"))


async def test_output_of_an_operators_container_is_served_as_files(site: Site, world: World) -> None:
    await site.launch("web")
    await site.launch("web.sh")
    (sandbox_of(world, "web", "sh") / "stdout").write_bytes(b"hello")
    path = "/containers/web/containers/sh/stdout"
    _, answer = await site.read(path)
    assert base64.b64decode(answer["read_file"]["data"]) == b"hello"
    assert (await site.read("/containers/nobody/stdout"))[0] == 404


# bad input


@pytest.mark.parametrize(
    "value", ["a/b", "..", "a.b", "", "x" * 10_000, "a b", "ü", "a\0b", "../../etc"], ids=repr
)
async def test_an_impossible_id_is_refused(site: Site, world: World, value: str) -> None:
    content = {"container_id": {"value": value}, "command": {"value": "true"}}
    status, text = await site.call("LAUNCH_CONTAINER", None, **content)
    assert (status, len(text) < 300) == (400, True)
    for call in ("WAIT_CONTAINER", "KILL_CONTAINER", "REMOVE_CONTAINER", "ATTACH_CONTAINER_OUTPUT"):
        assert (await site.call(call, None, container_id={"value": value}))[0] == 400
    assert world.containers.records == []
    assert world.host.containers == {}


def scalar(name: str, value: float, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "SCALAR", "scalar": {"value": value}, **more}


RESERVED = {"reservations": [{"type": "DYNAMIC", "role": "r"}]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"resources": [scalar("cpus", 0)]}, "cpus is 0"),
        ({"resources": [scalar("mem", -5)]}, "mem is -5"),
        ({"resources": [scalar("mem", 1e300)]}, "mem is 1e+300"),
        ({"resources": [scalar("cpus", 1, **RESERVED)]}, "reserved"),
        ({"resources": [scalar("cpus", 1, role="r")]}, "reserved"),
        ({"resources": [scalar("cpus", 1, revocable={})]}, "revocable"),
        ({"resources": [scalar("disk", 1, disk={"persistence": {"id": "v"}})]}, "persistent volume"),
        ({"resources": [scalar("gpus", 1)]}, "only cpus, mem and disk"),
        ({"resources": [scalar("mem", 64)], "limits": {"mem": {"value": 32}}}, "less than"),
        ({"limits": {"gpus": {"value": 1}}}, "gpus"),
        (
            {"container": {"type": "MESOS", "tty_info": {"window_size": {"rows": 70_000, "columns": 1}}}},
            "terminal",
        ),
        ({"container": {"type": "MESOS", "hostname": "no/name"}}, "hostname"),
        ({"container": {"type": "MESOS", "volumes": [{"mode": "RW", "container_path": "x"}]}}, "host_path"),
        ({"command": {"value": "true", "uris": [{"value": "http://x/"}]}}, "uris"),
        ({"command": {"shell": False}}, "empty"),
        (
            {"command": {"value": "true", "environment": {"variables": [{"name": "A=B", "value": "1"}]}}},
            "A=B",
        ),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    site: Site, world: World, content: dict[str, Any], said: str
) -> None:
    status, text = await site.call("LAUNCH_CONTAINER", "web", **{"command": {"value": "true"}, **content})
    assert (status, said in text) == (400, True), text
    assert world.containers.records == []
    assert world.host.launched == []


async def test_four_megabytes_of_environment_are_refused(site: Site, world: World) -> None:
    variables = [{"name": f"V{number}", "value": "x" * 100_000} for number in range(41)]
    command = {"value": "true", "environment": {"variables": variables}}
    status, text = await site.call("LAUNCH_CONTAINER", "web", command=command)
    assert (status, "at most" in text) == (400, True)
    one = {"value": "true", "environment": {"variables": [{"name": "V", "value": "x" * 4_000_000}]}}
    assert (await site.call("LAUNCH_CONTAINER", "web", command=one))[0] == 400
    assert world.containers.records == []


async def test_too_deep_a_nesting_is_refused(site: Site) -> None:
    status, text = await site.launch(".".join("abcdefghijklmnopqrst"))
    assert (status, "deep" in text) == (400, True)


async def test_an_unknown_parent_is_refused(site: Site, world: World) -> None:
    status, text = await site.launch("nobody.sh")
    assert (status, "not known here" in text) == (400, True)
    assert world.containers.records == []


async def test_nothing_is_nested_in_a_plugins_container(site: Site, world: World) -> None:
    from tests.agent.test_plugin_container_keeper import PLUGIN

    await world.plugins.launch(PLUGIN)
    assert (await site.launch(f"{PLUGIN.id}.sh"))[0] == 400
    assert (await site.call("ATTACH_CONTAINER_OUTPUT", PLUGIN.id))[0] == 404


# streams


async def test_attached_output_is_what_is_printed_from_now_on(site: Site, world: World) -> None:
    await site.launch("web")
    stdout = sandbox_of(world, "web") / "stdout"
    stdout.write_bytes(b"before\n")
    async with site.stream("ATTACH_CONTAINER_OUTPUT", "web") as output:
        assert output.response.headers["Content-Type"] == "application/recordio"
        with stdout.open("ab") as file:
            file.write(b"after\n")
        await output.until(b"after\n")
        (sandbox_of(world, "web") / "stderr").write_bytes(b"oh")
        world.host.end(world.host.running[0], 0)
        await output.rest()
        assert output.printed == {"STDOUT": b"after\n", "STDERR": b"oh"}
        assert output.heartbeats == 1


async def test_attached_output_goes_on_across_a_file_that_begins_anew(site: Site, world: World) -> None:
    await site.launch("web")
    stdout = sandbox_of(world, "web") / "stdout"
    stdout.write_bytes(b"")
    async with site.stream("ATTACH_CONTAINER_OUTPUT", "web") as output:
        stdout.write_bytes(b"one")
        await output.until(b"one")
        stdout.write_bytes(b"onetwo")
        stdout.rename(stdout.with_name("stdout.1"))
        stdout.write_bytes(b"three")
        await output.until(b"three")
        assert output.printed["STDOUT"] == b"onetwothree"


async def test_output_that_a_container_led_elsewhere_is_not_shown(site: Site, world: World) -> None:
    await site.launch("web")
    secret = world.path / "secret"
    secret.write_bytes(b"secret")
    (sandbox_of(world, "web") / "stdout").symlink_to(secret)
    async with site.stream("ATTACH_CONTAINER_OUTPUT", "web") as output:
        world.host.end(world.host.running[0], 0)
        await output.rest()
        assert output.printed["STDOUT"] == b""


async def test_a_session_shows_its_output_and_its_result_is_kept_for_a_while(
    site: Site, world: World
) -> None:
    await site.launch("web")
    command = {"value": "sleep 5"}
    async with site.stream("LAUNCH_NESTED_CONTAINER_SESSION", "web.sh", command=command) as output:
        assert output.response.status == 200
        (sandbox_of(world, "web", "sh") / "stdout").write_bytes(b"hi")
        await output.until(b"hi")
        record = world.containers.find(("web", "sh"))
        assert record is not None
        world.host.end(record.run_id, 4)
        await output.rest()
    _, answer = await site.call("WAIT_CONTAINER", "web.sh")
    assert answer["wait_container"]["exit_status"] == 4 << 8


async def test_a_session_ends_with_its_connection(site: Site, world: World) -> None:
    await site.launch("web")
    async with site.stream(
        "LAUNCH_NESTED_CONTAINER_SESSION", "web.sh", command={"value": "sleep 5"}
    ) as output:
        assert output.response.status == 200
    async with asyncio.timeout(5):
        while len(world.containers.records) > 1:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)
    assert len(world.host.containers) == 1


async def test_input_reaches_the_container(site: Site, world: World) -> None:
    assert (await site.launch("web", stdin=True))[0] == 200
    assert await site.send_input([first("web"), data(b"hello "), heartbeat(), data(b"world")]) == (200, "")
    held = world.host.containers[world.host.running[0]].input
    assert (held.data, held.closed) == (b"hello world", False)
    assert (await site.send_input([first("web"), data(b"")]))[0] == 200
    assert held.closed
    status, text = await site.send_input([first("web"), data(b"more")])
    assert (status, "closed" in text) == (400, True)


@pytest.mark.parametrize(
    ("records", "status"),
    [
        ([], 400),
        (["nobody"], 404),
        (["quiet"], 400),
        (["data"], 400),
        (["web", "web"], 400),
        (["web", "stdout"], 400),
        (["other"], 415),
    ],
)
async def test_input_that_makes_no_sense_is_refused(site: Site, records: list[str], status: int) -> None:
    await site.launch("web", stdin=True)
    await site.launch("quiet")
    stdout = {"type": "DATA", "data": {"type": "STDOUT", "data": ""}}
    known = {
        "data": data(b"x"),
        "other": {"type": "GET_HEALTH"},
        "stdout": part({"type": "PROCESS_IO", "process_io": stdout}),
    }
    assert (await site.send_input([known.get(each) or first(each) for each in records]))[0] == status


async def test_media_types_of_streams_are_checked(site: Site) -> None:
    await site.launch("web", stdin=True)

    async def status(body: bytes, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with site.session.post(f"{site.url}/api/v1", data=body, headers=named) as response:
            return response.status

    attach = (
        b'{"type": "ATTACH_CONTAINER_OUTPUT", "attach_container_output": {"container_id": {"value": "n"}}}'
    )
    given = b'{"type": "ATTACH_CONTAINER_INPUT", "attach_container_input": {"type": "CONTAINER_ID"}}'
    recordio, json = "application/recordio", "application/json"
    assert await status(b"", Content_Type=recordio) == 400
    assert await status(b"", Content_Type=recordio, Message_Content_Type="text/plain") == 415
    assert await status(b"nonsense", **{k.replace("-", "_"): v for k, v in RECORDIO.items()}) == 400
    assert await status(given, Content_Type=json) == 415
    assert await status(attach, Content_Type=json, Accept=json, Message_Accept=json) == 406
    assert await status(attach, Content_Type=json, Accept=recordio, Message_Accept="text/plain") == 406
    assert await status(attach, Content_Type=json, Accept=recordio, Message_Accept=json) == 404
    assert await status(attach, Content_Type=json) == 404
    health = b'{"type": "GET_HEALTH"}'
    assert await status(health, Content_Type=json, Accept=recordio, Message_Accept=json) == 406


def part(content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "ATTACH_CONTAINER_INPUT", "attach_container_input": content}


def first(path: str) -> dict[str, Any]:
    return part({"type": "CONTAINER_ID", "container_id": identified(path)})


def data(content: bytes) -> dict[str, Any]:
    piece = {"type": "STDIN", "data": base64.b64encode(content).decode()}
    return part({"type": "PROCESS_IO", "process_io": {"type": "DATA", "data": piece}})


def heartbeat() -> dict[str, Any]:
    return part({"type": "PROCESS_IO", "process_io": {"type": "CONTROL", "control": {"type": "HEARTBEAT"}}})
