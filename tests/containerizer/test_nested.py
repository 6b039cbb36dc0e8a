"""Containers in containers: what they share, how they end, how they are found again."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from agent.containerizer.interface import Bind, ContainerSpec, LaunchError, Limits, Who
from agent.containerizer.shim import records
from tests.containerizer.conftest import Host
from tests.containerizer.test_contract import run, until

FOREVER = "while :; do sleep 0.05; done"


async def parent(host: Host, script: str = f"touch ready; {FOREVER}", **more: object) -> None:
    await host.containerizer.launch(host.spec("parent", script, **more))
    if "ready" in script:
        await until(host.sandbox("parent") / "ready")


async def end(host: Host, container_id: str) -> None:
    await host.containerizer.kill(container_id, grace_period=0)
    await host.containerizer.wait(container_id)


def shim_of(pid: int) -> int:
    """The shim of a nested container: the parent of its main process, under both containerizers."""
    found = records.parent_of(pid)
    assert found is not None and "shim" in Path(f"/proc/{found}/cmdline").read_text()
    return found


async def test_nested_command_sees_its_parents_files_and_tells_its_own_status(host: Host) -> None:
    volume = host.directory("volume")
    bind = Bind(str(volume), "data")
    await parent(host, f"echo hello > data/file; touch ready; {FOREVER}", binds=(bind,))
    spec = host.nested(
        "inner", "parent", "pwd; cat data/file; echo wrong >&2; echo back > data/answer; exit 9"
    )
    assert await run(host, spec) == 9
    assert host.output("inner").splitlines() == [str(host.sandbox("parent")), "hello"]
    assert host.output("inner", "stderr") == "wrong\n"
    assert (volume / "answer").read_text() == "back\n"
    listed = {state.id: state for state in await host.containerizer.list()}
    assert (listed["parent"].running, listed["inner"].running) == (True, False)
    assert (listed["parent"].parent, listed["inner"].parent) == (None, "parent")


async def test_nested_command_has_its_parents_user_and_environment_beneath_its_own(host: Host) -> None:
    os.chown(host.sandbox("parent"), 65534, 65534)
    environment = {"FROM": "parent", "BOTH": "parent"}
    await parent(host, user="65534:65534", environment=environment)
    script = 'id -u; id -g; echo "$FROM $BOTH $OWN"'
    spec = host.nested("inner", "parent", script, environment={"BOTH": "inner", "OWN": "x"})
    assert await run(host, spec) == 0
    assert host.output("inner").split() == ["65534", "65534", "parent", "inner", "x"]
    root = host.nested("root", "parent", "id -u", user="0:0")
    assert await run(host, root) == 0
    assert host.output("root").split() == ["0"]


async def test_nested_command_may_no_more_than_its_parent(host: Host) -> None:
    await parent(host, f"grep -h Cap /proc/self/status > rights; touch ready; {FOREVER}")
    assert await run(host, host.nested("inner", "parent", "grep -h Cap /proc/self/status")) == 0
    assert host.output("inner") == (host.sandbox("parent") / "rights").read_text()


async def test_nested_command_is_in_its_parents_namespaces(host: Host) -> None:
    names = "for n in mnt net ipc uts pid; do readlink /proc/self/ns/$n; done"
    await parent(host, f"{{ {names}; }} > names; touch ready; {FOREVER}", binds=(Bind("/tmp", "t"),))
    assert await run(host, host.nested("inner", "parent", names)) == 0
    assert host.output("inner") == (host.sandbox("parent") / "names").read_text()


async def test_containers_nest_to_any_depth_and_end_with_the_one_above(host: Host) -> None:
    await parent(host)
    above = "parent"
    for name in ("one", "two", "three"):
        spec = host.nested(name, above, f"touch {name}; {FOREVER}")
        # All of them work in the first one's sandbox.
        spec = ContainerSpec(**{**fields(spec), "sandbox": str(host.sandbox("parent"))})
        await host.containerizer.launch(spec)
        await until(host.sandbox("parent") / name)
        above = name
    await end(host, "two")
    async with asyncio.timeout(5):
        ended = await host.containerizer.wait("three")
    assert (ended.signal, "parent" in ended.message) == (9, True)
    running = [state.id for state in await host.containerizer.list() if state.running]
    assert running == ["one", "parent"]
    await end(host, "parent")
    async with asyncio.timeout(5):
        await host.containerizer.wait("one")
    assert {state.id: state.parent for state in await host.containerizer.list()} == {
        "one": "parent",
        "parent": None,
        "three": "two",
        "two": "one",
    }


def fields(spec: ContainerSpec) -> dict[str, object]:
    return {name: getattr(spec, name) for name in spec.__slots__}


async def test_parents_end_ends_its_children_also_while_no_agent_lives(host: Host) -> None:
    await parent(host)
    state = await host.containerizer.launch(host.nested("inner", "parent", f"touch inner; {FOREVER}"))
    await until(host.sandbox("parent") / "inner")
    (main,) = [each.pid for each in await host.containerizer.list() if each.id == "parent"]
    assert main is not None and state.pid is not None
    await host.containerizer.close()
    os.kill(main, signal.SIGKILL)
    async with asyncio.timeout(5):
        while records.start_time(state.pid) is not None:
            await asyncio.sleep(0.02)
    await host.come_back()
    ended = await host.containerizer.wait("inner")
    assert (ended.status, ended.signal) == (137, 9)


async def test_nested_container_is_found_again_by_the_next_agent(host: Host) -> None:
    await parent(host)
    script = "while [ ! -e go ]; do sleep 0.05; done; echo done; exit 6"
    before = await host.containerizer.launch(host.nested("inner", "parent", script))
    await host.restart()
    found = {state.id: state for state in await host.containerizer.list()}["inner"]
    assert found == before
    assert found.started_at is not None and abs(found.started_at - time.time()) < 60
    again = await host.containerizer.launch(host.nested("inner", "parent", script))
    assert again.pid == before.pid
    (host.sandbox("parent") / "go").touch()
    assert (await host.containerizer.wait("inner")).status == 6
    assert host.output("inner") == "done\n"


async def test_killed_shim_of_a_nested_container_ends_that_one_alone(host: Host) -> None:
    await parent(host)
    script = f"(while :; do date +%s%N > beacon; sleep 0.05; done) & touch inner; {FOREVER}"
    state = await host.containerizer.launch(host.nested("inner", "parent", script))
    await until(host.sandbox("parent") / "beacon")
    assert state.pid is not None
    os.kill(shim_of(state.pid), signal.SIGKILL)
    async with asyncio.timeout(10):
        ended = await host.containerizer.wait("inner")
    assert (ended.status, "unknown" in ended.message) == (None, True)
    last = (host.sandbox("parent") / "beacon").read_text()
    await asyncio.sleep(0.3)
    assert (host.sandbox("parent") / "beacon").read_text() == last
    assert [each.id for each in await host.containerizer.list() if each.running] == ["parent"]
    await host.containerizer.remove("inner")
    assert await run(host, host.nested("inner", "parent", "exit 4")) == 4


async def test_shim_and_parent_that_die_while_the_agent_is_dead_leave_nothing(host: Host) -> None:
    await parent(host)
    state = await host.containerizer.launch(host.nested("inner", "parent", f"setsid sleep 61 & {FOREVER}"))
    (main,) = [each.pid for each in await host.containerizer.list() if each.id == "parent"]
    assert main is not None and state.pid is not None
    await host.containerizer.close()
    os.kill(shim_of(state.pid), signal.SIGKILL)
    os.kill(main, signal.SIGKILL)
    await host.come_back()
    async with asyncio.timeout(10):
        assert (await host.containerizer.wait("inner")).status is None
        await host.containerizer.wait("parent")
    await host.containerizer.remove("parent")
    await host.containerizer.remove("inner")
    assert host.cgroups() == []


async def test_what_a_nested_command_leaves_in_the_background_ends_with_it(host: Host) -> None:
    await parent(host)
    script = "setsid sh -c 'while :; do date +%s%N > beacon; sleep 0.05; done' & sleep 0.3; exit 0"
    assert await run(host, host.nested("inner", "parent", script)) == 0
    last = (host.sandbox("parent") / "beacon").read_text()
    await asyncio.sleep(0.3)
    assert (host.sandbox("parent") / "beacon").read_text() == last


async def test_parent_that_does_not_run_takes_no_children(host: Host) -> None:
    await run(host, host.spec("parent", "exit 0"))
    for name in ("parent", "stranger"):
        with pytest.raises(LaunchError, match="does not run") as refused:
            await host.containerizer.launch(host.nested("inner", name, "true"))
        assert refused.value.who is Who.REQUEST
    assert [state.id for state in await host.containerizer.list()] == ["parent"]


async def test_children_that_start_while_their_parent_ends_are_refused_or_ended(host: Host) -> None:
    for number in range(4):
        await host.containerizer.launch(host.spec(f"p{number}", FOREVER))
    specs = [host.nested(f"c{number}", f"p{number % 4}", FOREVER) for number in range(12)]

    async def start(spec: ContainerSpec, delay: float) -> bool:
        await asyncio.sleep(delay)
        try:
            await host.containerizer.launch(spec)
        except LaunchError as refused:
            assert "does not run" in refused.message
            return False
        return True

    ends = [host.containerizer.kill(f"p{number}", signal=9) for number in range(4)]
    begun = [start(spec, number * 0.005) for number, spec in enumerate(specs)]
    results = await asyncio.gather(*begun, *ends)
    async with asyncio.timeout(10):
        for number in range(4):
            await host.containerizer.wait(f"p{number}")
        for spec, started in zip(specs, results, strict=False):
            if started:
                await host.containerizer.wait(spec.id)
    assert not any(state.running for state in await host.containerizer.list())


async def test_many_nested_commands_at_once_keep_apart(host: Host) -> None:
    await parent(host)
    specs = [host.nested(f"n{number}", "parent", f"echo {number}; exit {number}") for number in range(20)]
    assert await asyncio.gather(*(run(host, spec) for spec in specs)) == list(range(20))
    assert [host.output(spec.id) for spec in specs] == [f"{number}\n" for number in range(20)]


async def test_what_a_nested_container_uses_counts_as_its_parents_too(host: Host) -> None:
    await parent(host, limits=Limits(memory_bytes=48 << 20))
    script = "python3 -c 'x = bytearray(200 << 20)'"
    await host.containerizer.launch(host.nested("greedy", "parent", script))
    ended = await host.containerizer.wait("greedy")
    assert (ended.status, ended.oom, ended.limitation) == (137, True, "memory")


async def test_nested_container_has_limits_of_its_own(host: Host) -> None:
    await parent(host)
    script = "python3 -c 'x = bytearray(200 << 20)'"
    spec = host.nested("greedy", "parent", script, limits=Limits(memory_bytes=32 << 20))
    await host.containerizer.launch(spec)
    assert (await host.containerizer.wait("greedy")).oom
    assert [state.id for state in await host.containerizer.list() if state.running] == ["parent"]


async def test_parent_may_be_removed_before_its_ended_children(host: Host) -> None:
    await parent(host)
    assert await run(host, host.nested("inner", "parent", "exit 3")) == 3
    await end(host, "parent")
    await host.containerizer.remove("parent")
    assert (await host.containerizer.wait("inner")).status == 3
    await host.containerizer.remove("inner")
    assert await host.containerizer.list() == []


async def test_parents_end_is_told_when_nothing_runs_in_its_namespaces_any_more(host: Host) -> None:
    await parent(host)
    states = [await host.containerizer.launch(host.nested(f"n{n}", "parent", FOREVER)) for n in range(5)]
    await end(host, "parent")
    assert [records.start_time(state.pid or 0) for state in states] == [None] * 5
    assert not any(state.running for state in await host.containerizer.list())


async def test_agent_killed_with_its_children_running_finds_the_whole_family(host: Host) -> None:
    await parent(host)
    await host.launch_and_die("inner", "touch inner; exec sleep 60", parent="parent")
    await until(host.sandbox("parent") / "inner")
    await host.come_back()
    found = {state.id: (state.running, state.parent) for state in await host.containerizer.list()}
    assert found == {"parent": (True, None), "inner": (True, "parent")}
    await end(host, "parent")
    assert (await host.containerizer.wait("inner")).signal == 9


async def test_launch_of_a_child_that_was_cut_short_is_done_once_by_repeating_it(host: Host) -> None:
    await parent(host)
    for step in ("_start_shim", "_watch"):
        name = f"cut{step}"
        owner = "_nested." if host.kind == "podman" else ""
        script = f"echo x >> {name}; touch {name}-written; exec sleep 60"
        await host.launch_and_die(name, script, owner + step, parent="parent")
        await host.come_back()
        await host.containerizer.launch(host.nested(name, "parent", script))
        await until(host.sandbox("parent") / f"{name}-written")
        assert (host.sandbox("parent") / name).read_text() == "x\n", step


async def test_container_that_joins_the_network_alone_has_files_of_its_own(host: Host) -> None:
    await parent(host, f"readlink /proc/self/ns/net > net; touch ready; {FOREVER}")
    script = f"{{ pwd; readlink /proc/self/ns/net; }} > seen; touch ready; {FOREVER}"
    spec = host.spec("task", script, parent="parent", joins="network")
    await host.containerizer.launch(spec)
    await until(host.sandbox("task") / "ready")
    net = (host.sandbox("parent") / "net").read_text().strip()
    assert (host.sandbox("task") / "seen").read_text().split() == [str(host.sandbox("task")), net]
    await end(host, "parent")
    async with asyncio.timeout(5):
        assert (await host.containerizer.wait("task")).signal == 9


async def test_command_that_is_not_there_in_the_parent_is_refused(host: Host) -> None:
    await parent(host)
    spec = ContainerSpec(
        "none", ("no-such-program",), str(host.sandbox("parent")), parent="parent", joins="all"
    )
    with pytest.raises(LaunchError, match="no-such-program") as refused:
        await host.containerizer.launch(spec)
    assert (refused.value.who, refused.value.about) == (Who.REQUEST, "command")
    assert [state.id for state in await host.containerizer.list()] == ["parent"]
