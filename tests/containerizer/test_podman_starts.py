"""A container's process begins at most once, whoever is killed while Podman starts it; and it does begin
where it is certain that it has not yet."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.containerizer import libpod, podman_starts
from agent.containerizer.interface import ContainerSpec, UnknownContainer
from agent.containerizer.libpod import Asks, Libpod, LibpodUnreachable
from agent.containerizer.podman import PodmanContainerizer
from agent.containerizer.podman_host import default_socket
from agent.containerizer.podman_monitors import HeldMonitors, hold
from agent.containerizer.podman_spec import container_name
from agent.containerizer.podman_starts import Begun, Starts
from agent.containerizer.watch import Process, scope_of
from api.model.clock import SystemClock
from tests.containerizer.conftest import Host
from tests.containerizer.test_contract import until

pytestmark = pytest.mark.needs("root", "podman")

RUNS = "echo ran; while [ ! -e go ]; do sleep 0.02; done; exit 7"
"""Until it may end, with a status of its own."""

RUNTIME = """#!/bin/sh
# runc, with an accident that happens once to whoever starts a container
accident() {{ [ -e {here}/$1 ] && rm {here}/$1; }}
case " $* " in *" start "*)
  if accident dies-before; then kill -9 $PPID; exit 1; fi
  if accident dies-late; then kill -9 $PPID; sleep 1; exec {runc} "$@"; fi
  if accident dies-after; then {runc} "$@"; kill -9 $PPID; exit 1; fi
  if accident dies-afterwards; then
    for id; do :; done
    pid=$({runc} state $id | sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p')
    {runc} "$@"
    until grep -q 'State:.Z' /proc/$pid/status; do sleep 0.02; done
    if accident unwatched; then kill -9 $(pgrep -f "conmon.*$id"); fi
    kill -9 $PPID; exit 1
  fi
  if accident hangs; then sleep 2; fi
esac
exec {runc} "$@"
"""


class ProneHost(Host):
    """One whose runtime has the accidents that `befalls` asks for. `services` are those of former agents."""

    def __init__(self, work_dir: Path) -> None:
        super().__init__("podman", work_dir)
        self.services: list[asyncio.subprocess.Process] = []


@pytest.fixture
async def prone(short_dir: Path) -> AsyncIterator[ProneHost]:
    runtime = short_dir / "runc"
    runtime.write_text(RUNTIME.format(here=short_dir, runc=shutil.which("runc")))
    runtime.chmod(0o755)
    host = ProneHost(short_dir / "w")
    host.work_dir.mkdir()
    host.containerizer = again(host)
    await host.containerizer.start()
    try:
        yield host
    finally:
        try:
            await host.remove_all()
        finally:
            await host.containerizer.close()
            for service in host.services:
                await service.wait()
    assert host.cgroups() == []
    assert not default_socket(scope_of(host.work_dir)).exists()


def again(host: ProneHost) -> PodmanContainerizer:
    return PodmanContainerizer(host.work_dir, SystemClock(), runtime=str(host.work_dir.with_name("runc")))


def befalls(host: Host, accident: str) -> None:
    host.work_dir.with_name(accident).touch()


def may_end(host: Host, container_id: str) -> None:
    (host.sandbox(container_id) / "go").touch()


@pytest.mark.parametrize("accident", ["dies-before", "dies-after", "dies-late", "hangs"])
async def test_service_that_is_lost_during_a_start_costs_neither_a_run_nor_the_exit_status(
    prone: ProneHost, accident: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the runtime starts it; between that and Podman's record; while a runtime is still about to start
    it; and when there is no answer for too long."""
    befalls(prone, accident)
    if accident == "hangs":
        monkeypatch.setattr(libpod, "REQUEST_TIMEOUT", 1.0)
    state = await prone.containerizer.launch(prone.spec("once", RUNS))
    monkeypatch.undo()
    assert state.running and state.pid is not None
    may_end(prone, "once")
    assert (await prone.containerizer.wait("once")).status == 7
    assert prone.output("once") == "ran\n"


async def test_container_that_has_ended_before_podman_knew_that_it_ran_is_told_with_its_status(
    prone: ProneHost,
) -> None:
    befalls(prone, "dies-afterwards")
    state = await prone.containerizer.launch(prone.spec("short", "echo ran; exit 3"))
    assert not state.running and state.exit is not None
    assert (state.exit.status, prone.output("short")) == (3, "ran\n")


async def test_end_that_nobody_saw_is_unknown_and_the_container_is_not_run_again(prone: ProneHost) -> None:
    befalls(prone, "dies-afterwards")
    befalls(prone, "unwatched")
    spec = prone.spec("short", "echo x >> count")
    state = await prone.containerizer.launch(spec)
    assert not state.running and state.exit is not None
    assert (state.exit.status, state.exit.signal) == (None, None)
    assert "may have run" in state.exit.message
    assert await prone.containerizer.wait("short") == state.exit
    assert (await prone.containerizer.launch(spec)).exit == state.exit
    await prone.containerizer.close()
    prone.containerizer = again(prone)
    await prone.containerizer.start()
    assert [each.exit for each in await prone.containerizer.list()] == [state.exit]
    assert (await prone.containerizer.launch(spec)).exit == state.exit
    assert (prone.sandbox("short") / "count").read_text() == "x\n"


async def test_end_that_comes_while_podman_is_away_is_told_with_its_status_and_all_output(
    prone: ProneHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    befalls(prone, "dies-after")

    def ended_meanwhile(name: str) -> HeldMonitors:
        """Podman is away, the monitor is held still, and the container ends."""
        held = hold(name)
        may_end(prone, "short")
        while not (prone.sandbox("short") / "last").exists():
            pass
        return held

    monkeypatch.setattr(podman_starts, "hold", ended_meanwhile)
    script = "echo ran; while [ ! -e go ]; do sleep 0.02; done; seq 1 2000; touch last; exit 7"
    await prone.containerizer.launch(prone.spec("short", script))
    assert (await prone.containerizer.wait("short")).status == 7
    assert prone.output("short").split() == ["ran", *map(str, range(1, 2001))]


async def test_container_that_has_ended_is_not_run_again_when_the_answer_to_its_start_is_lost(
    prone: ProneHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = [True]
    start = Libpod.start

    async def without_answer(libpod: Libpod, name: str, asks: Asks) -> None:
        await start(libpod, name, asks)
        if once:
            once.clear()
            while (seen := await libpod.inspect(name)) is None or Process.of(seen.pid) is not None:
                await asyncio.sleep(0.05)
            raise LibpodUnreachable("the service is away")

    monkeypatch.setattr(Libpod, "start", without_answer)
    await prone.containerizer.launch(prone.spec("short", "echo ran; exit 3"))
    assert (await prone.containerizer.wait("short")).status == 3
    assert prone.output("short") == "ran\n"


async def test_container_that_somebody_removes_while_it_starts_is_not_launched_anew(
    prone: ProneHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Starts.start

    async def removed(starts: Starts, name: str, directory: Path) -> Begun:
        begun = await start(starts, name, directory)
        await until(prone.sandbox("gone") / "count")
        await prone.containerizer._own._libpod.remove(name)  # type: ignore[attr-defined]
        return begun

    monkeypatch.setattr(Starts, "start", removed)
    spec = prone.spec("gone", "echo x >> count; sleep 60")
    state = await prone.containerizer.launch(spec)
    assert not state.running and state.exit is not None and state.exit.status is None
    assert (prone.sandbox("gone") / "count").read_text() == "x\n"


@pytest.mark.parametrize("known", [True, False], ids=["known to podman", "unknown to podman"])
async def test_container_that_began_when_agent_and_service_were_killed_is_found_again(
    prone: ProneHost, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    if not known:
        befalls(prone, "dies-after")
    spec = prone.spec("mine", RUNS)
    await begun_for_nobody(prone, spec, monkeypatch)
    prone.containerizer = again(prone)
    await prone.containerizer.start()
    assert [state.running for state in await prone.containerizer.list()] == [True]
    assert (await prone.containerizer.launch(spec)).running
    may_end(prone, "mine")
    assert (await prone.containerizer.wait("mine")).status == 7
    assert prone.output("mine") == "ran\n"


@pytest.mark.parametrize("known", [True, False], ids=["known to podman", "unknown to podman"])
async def test_end_that_comes_when_agent_and_service_were_killed_is_told_with_its_status_by_the_next_agent(
    prone: ProneHost, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    if not known:
        befalls(prone, "dies-after")
    spec = prone.spec("mine", f"{RUNS.removesuffix('exit 7')} seq 1 2000; touch last; exit 7")
    await begun_for_nobody(prone, spec, monkeypatch)
    may_end(prone, "mine")
    await until(prone.sandbox("mine") / "last")
    prone.containerizer = again(prone)
    await prone.containerizer.start()
    assert (await prone.containerizer.launch(spec)).id == "mine"
    assert (await prone.containerizer.wait("mine")).status == 7
    assert prone.output("mine").split() == ["ran", *map(str, range(1, 2001))]


async def test_start_that_is_still_asked_for_when_the_agent_is_killed_does_not_come_after_the_next_one(
    prone: ProneHost,
) -> None:
    """The service goes on with what a former agent asked for; the next agent launches the container anew."""
    befalls(prone, "hangs")
    spec = prone.spec("twice", "echo x >> count; sleep 60")
    launch = asyncio.create_task(prone.containerizer.launch(spec))
    async with asyncio.timeout(30):
        while prone.work_dir.with_name("hangs").exists():
            await asyncio.sleep(0.02)
    await abandoned(prone, launch)
    prone.containerizer = again(prone)
    await prone.containerizer.start()
    assert (await prone.containerizer.launch(spec)).running
    await asyncio.sleep(3)  # longer than the hanging one takes
    assert (await prone.containerizer.launch(spec)).running
    assert (prone.sandbox("twice") / "count").read_text() == "x\n"


async def test_container_that_podman_was_told_of_late_can_be_used_like_any_other(prone: ProneHost) -> None:
    befalls(prone, "dies-after")
    await prone.containerizer.launch(
        prone.spec("late", "trap 'exit 4' TERM; touch ready; while :; do sleep 0.05; done")
    )
    await until(prone.sandbox("late") / "ready")
    used = await prone.containerizer.statistics("late")
    assert used.processes is not None and 0 < used.processes < 10
    await prone.containerizer.kill("late", grace_period=20)
    assert (await prone.containerizer.wait("late")).status == 4
    await prone.containerizer.remove("late")
    with pytest.raises(UnknownContainer):
        await prone.containerizer.wait("late")
    name = container_name(scope_of(prone.work_dir), "late")
    assert subprocess.run(["podman", "container", "exists", name], check=False, timeout=60).returncode == 1


async def begun_for_nobody(host: ProneHost, spec: ContainerSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    """The container has begun, and the agent that asked for it hears no more of it."""
    start, asked = Libpod.start, asyncio.Event()

    async def for_nobody(libpod: Libpod, name: str, asks: Asks) -> None:
        with contextlib.suppress(LibpodUnreachable):
            await start(libpod, name, asks)
        asked.set()
        await asyncio.Event().wait()  # until the agent has gone

    with monkeypatch.context() as patch:
        patch.setattr(Libpod, "start", for_nobody)
        launch = asyncio.create_task(host.containerizer.launch(spec))
        await asyncio.wait_for(asked.wait(), 30)
        await abandoned(host, launch)


async def abandoned(host: ProneHost, launch: asyncio.Task[object]) -> None:
    """The agent is gone, and its service is not: nobody says goodbye to that."""
    keeper = host.containerizer._own  # type: ignore[attr-defined]
    keeper._service._keeper.cancel()
    host.services.append(keeper._service._child)
    for task in asyncio.all_tasks():
        if "_create_and_start" in repr(task.get_coro()):
            task.cancel()
    launch.cancel()
    await asyncio.gather(launch, return_exceptions=True)
    await keeper._watches.close()
    keeper._late.cancel()
    await keeper._libpod.close()
