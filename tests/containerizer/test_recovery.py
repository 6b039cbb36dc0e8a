"""The agent dies, the container goes on; the container's keeper dies, the container is ended and told of."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from agent.containerizer.interface import ContainerSpec
from agent.containerizer.shim import records
from tests.containerizer.conftest import Host
from tests.containerizer.dying_agent import STEPS
from tests.containerizer.test_contract import until


def keeper_of(host: Host, pid: int) -> int:
    """The shim, or conmon: the parent of the container's first process."""
    parent = records.parent_of(pid)
    assert parent is not None
    command = Path(f"/proc/{parent}/cmdline").read_text()
    assert ("shim" if host.kind == "process" else "conmon") in command
    return parent


async def test_container_outlives_the_agent_and_is_found_again(host: Host) -> None:
    await host.launch_and_die(
        "lives", "touch ready; while [ ! -e go ]; do sleep 0.05; done; echo done; exit 6"
    )
    await until(host.sandbox("lives") / "ready")
    await host.come_back()
    (state,) = await host.containerizer.list()
    assert (state.id, state.running, state.labels) == ("lives", True, {"task": "sleeper"})
    (host.sandbox("lives") / "go").touch()
    assert (await host.containerizer.wait("lives")).status == 6
    assert host.output("lives") == "done\n"


async def test_exit_with_seven_while_the_agent_is_dead_is_told_as_seven(host: Host) -> None:
    await host.launch_and_die("seven", "echo last words; sleep 0.2; touch /dev/null; exit 7")
    await asyncio.sleep(0.7)
    await host.come_back()
    (state,) = await host.containerizer.list()
    assert not state.running
    assert state.exit is not None and state.exit.status == 7
    assert (await host.containerizer.wait("seven")).status == 7
    assert host.output("seven") == "last words\n"


async def test_launch_after_the_agents_death_returns_the_running_container(host: Host) -> None:
    await host.launch_and_die("again", "echo x >> count; sleep 60")
    await host.come_back()
    await until(host.sandbox("again") / "count")
    state = await host.containerizer.launch(host.spec("again", "echo x >> count; sleep 60"))
    assert state.running
    assert (host.sandbox("again") / "count").read_text() == "x\n"


async def test_launch_that_was_cut_short_at_any_step_is_done_once_by_repeating_it(host: Host) -> None:
    for step in STEPS[host.kind]:
        name = f"cut{step.replace('.', '')}"
        await host.launch_and_die(name, "echo x >> count; sleep 60", step)
        await host.come_back()
        await host.containerizer.launch(host.spec(name, "echo x >> count; sleep 60"))
        await until(host.sandbox(name) / "count")
        assert (host.sandbox(name) / "count").read_text() == "x\n", step
    assert len(await host.containerizer.list()) == len(STEPS[host.kind])


async def test_launch_that_was_cut_short_and_is_not_repeated_leaves_nothing(host: Host) -> None:
    for step in STEPS[host.kind][:-1]:
        await host.launch_and_die(f"cut{step.replace('.', '')}", "sleep 60", step)
        await host.come_back()
    assert await host.containerizer.list() == []
    assert host.cgroups() == []


async def test_output_is_whole_across_a_restart(host: Host) -> None:
    script = "i=0; while [ $i -lt 60 ]; do echo $i; i=$((i+1)); sleep 0.02; done"
    await host.containerizer.launch(host.spec("counts", script))
    await asyncio.sleep(0.5)
    await host.restart()
    assert (await host.containerizer.wait("counts")).status == 0
    assert host.output("counts").split() == [str(number) for number in range(60)]


async def test_kill_goes_on_after_the_agents_death(host: Host) -> None:
    script = "trap '' TERM; touch ready; while :; do sleep 0.05; done"
    await host.containerizer.launch(host.spec("deaf", script))
    await until(host.sandbox("deaf") / "ready")
    await host.containerizer.kill("deaf", grace_period=0.7)
    await host.restart()
    async with asyncio.timeout(5):
        assert (await host.containerizer.wait("deaf")).signal == 9


async def test_killed_keeper_means_a_container_that_is_ended_with_unknown_status(host: Host) -> None:
    beacon = host.sandbox("orphan") / "beacon"
    script = "(while :; do date +%s%N > beacon; sleep 0.05; done) & sleep 60"
    state = await host.containerizer.launch(host.spec("orphan", script))
    await until(beacon)
    assert state.pid is not None
    os.kill(keeper_of(host, state.pid), signal.SIGKILL)
    async with asyncio.timeout(10):
        ended = await host.containerizer.wait("orphan")
    assert (ended.status, ended.signal) == (None, None)
    assert "unknown" in ended.message
    last = beacon.read_text()
    await asyncio.sleep(0.3)
    assert beacon.read_text() == last
    assert records.start_time(state.pid) is None
    (listed,) = await host.containerizer.list()
    assert (listed.running, listed.exit) == (False, ended)


async def test_keeper_killed_while_the_agent_was_dead_is_noticed_at_its_return(host: Host) -> None:
    await host.launch_and_die("orphan", "(setsid sleep 61 &) ; touch ready; sleep 60")
    await until(host.sandbox("orphan") / "ready")
    os.kill(keeper_of(host, _process_in(host.sandbox("orphan"))), signal.SIGKILL)
    await host.come_back()
    async with asyncio.timeout(10):
        ended = await host.containerizer.wait("orphan")
    assert ended.status is None
    (listed,) = await host.containerizer.list()
    assert not listed.running


async def test_lost_container_is_removed_without_a_trace(host: Host) -> None:
    state = await host.containerizer.launch(host.spec("lost", "sleep 60"))
    assert state.pid is not None
    os.kill(keeper_of(host, state.pid), signal.SIGKILL)
    await host.containerizer.wait("lost")
    await host.containerizer.remove("lost")
    assert await host.containerizer.list() == []
    assert host.cgroups() == []
    relaunched = await host.containerizer.launch(host.spec("lost", "exit 1"))
    assert relaunched.id == "lost"
    assert (await host.containerizer.wait("lost")).status == 1


async def test_main_process_killed_from_outside_is_an_exit_by_that_signal(host: Host) -> None:
    state = await host.containerizer.launch(host.spec("shot", "sleep 60"))
    assert state.pid is not None
    os.kill(state.pid, signal.SIGKILL)
    ended = await host.containerizer.wait("shot")
    assert (ended.status, ended.signal) == (137, 9)


async def test_agents_on_other_work_directories_do_not_see_each_other(host: Host, short_dir: Path) -> None:
    await host.containerizer.launch(host.spec("mine", "sleep 60"))
    other_dir = short_dir / "other"
    other_dir.mkdir()
    other = Host(host.kind, other_dir)
    await other.containerizer.start()
    try:
        assert await other.containerizer.list() == []
        await other.containerizer.launch(other.spec("mine", "exit 8"))
        assert (await other.containerizer.wait("mine")).status == 8
    finally:
        await other.remove_all()
        await other.containerizer.close()
    assert (await host.containerizer.list())[0].running


@pytest.mark.needs("root", "mount")
async def test_shim_takes_a_few_megabytes(short_dir: Path) -> None:
    host = Host("process", short_dir)
    await host.containerizer.start()
    try:
        state = await host.containerizer.launch(
            ContainerSpec(id="small", argv=("sleep", "60"), sandbox=str(host.sandbox("small")))
        )
        assert state.pid is not None
        rollup = Path(f"/proc/{keeper_of(host, state.pid)}/smaps_rollup").read_text()
        own = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Anonymous:"))
        assert own < 5000, "kilobytes that each shim adds"
    finally:
        await host.remove_all()
        await host.containerizer.close()


@pytest.mark.needs("root", "podman")
async def test_podman_service_that_was_killed_is_started_again(short_dir: Path) -> None:
    host = Host("podman", short_dir)
    await host.containerizer.start()
    try:
        await host.containerizer.launch(host.spec("stays", "sleep 60"))
        sockets = subprocess.run(["pgrep", "-f", f"unix://.*{_socket(host)}"], capture_output=True, text=True)
        os.kill(int(sockets.stdout.split()[0]), signal.SIGKILL)
        time.sleep(0.1)
        assert (await host.containerizer.list())[0].running
        await host.containerizer.launch(host.spec("more", "exit 3"))
        assert (await host.containerizer.wait("more")).status == 3
    finally:
        await host.remove_all()
        await host.containerizer.close()


def _socket(host: Host) -> str:
    from agent.containerizer.watch import scope_of

    return f"{scope_of(host.work_dir)}.sock"


def _process_in(directory: Path) -> int:
    """The first process of the container that works here: its parent does not."""
    inside = set()
    for pid in records.all_processes():
        try:
            if os.path.realpath(f"/proc/{pid}/cwd") == str(directory):
                inside.add(pid)
        except OSError:
            continue
    first = [
        pid
        for pid in inside
        if records.parent_of(pid) not in inside and not _command(pid).startswith("sleep 61")
    ]
    return first[0]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
