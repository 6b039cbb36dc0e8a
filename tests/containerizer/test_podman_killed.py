"""Podman's service, its monitors and its runtime are killed while containers start and end, seeded."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from pathlib import Path

import pytest

from agent.containerizer.interface import ContainerizerError, LaunchError, UnknownContainer, Who
from agent.containerizer.shim import records
from agent.containerizer.watch import scope_of
from tests.containerizer.conftest import Host

pytestmark = [
    pytest.mark.needs("root", "podman"),
    pytest.mark.parametrize("host", ["podman"], indirect=True),
]

CONTAINERS = 8
KILLS = 12


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def victims(scope: str) -> dict[str, list[int]]:
    """Podman's own processes that work for this agent, by what they are."""
    found: dict[str, list[int]] = {"service": [], "monitor": [], "runtime": []}
    for pid in records.all_processes():
        command = _command(pid)
        if f"/{scope}.sock" in command and "podman" in command:
            found["service"].append(pid)
        elif f"orlop-{scope}-" in command and "conmon" in command.partition("\0")[0]:
            found["monitor"].append(pid)
        elif command.partition("\0")[0].endswith("runc") and "conmon" in _command(
            records.parent_of(pid) or 0
        ):
            parent = _command(records.parent_of(pid) or 0)
            if f"orlop-{scope}-" in parent:
                found["runtime"].append(pid)
    return found


async def kill_some(scope: str, chance: random.Random) -> list[str]:
    killed = []
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.02, 0.25))
        choices = [(kind, pid) for kind, pids in victims(scope).items() for pid in pids]
        if choices:
            kinds = sorted({kind for kind, _ in choices})
            kind = chance.choice(kinds)
            pid = chance.choice([pid for each, pid in choices if each == kind])
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            killed.append(kind)
    return killed


async def launched(host: Host, number: int) -> bool:
    """Launch it as a task's driver would: again, while the trouble is of the passing kind."""
    spec = host.spec(f"c{number}", "echo $$ >> starts; sleep 3600")
    for _ in range(8):
        try:
            await host.containerizer.launch(spec)
            return True
        except LaunchError as error:
            assert error.who is not Who.REQUEST, error
    return False


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_is_killed_each_container_runs_once_or_has_ended_and_nothing_is_left(
    host: Host, seed: int
) -> None:
    chance = random.Random(seed)
    killing = asyncio.create_task(kill_some(scope_of(host.work_dir), chance))
    done = await asyncio.gather(*(launched(host, number) for number in range(CONTAINERS)))
    print(f"seed {seed}: killed {await killing}")
    await host.restart()
    states = {state.id: state for state in await host.containerizer.list()}
    for number, was_launched in enumerate(done):
        state = states.get(f"c{number}")
        assert state is not None or not was_launched, f"c{number} was launched and is not known"
        if state is not None and state.running:
            assert state.pid is not None and records.start_time(state.pid) is not None
            assert processes_in(host, state.id) > 0
    for name, state in states.items():
        if not state.running:
            assert processes_in(host, name) == 0, f"{name} has ended and something of it runs"
    for number in range(CONTAINERS):
        if f"c{number}" not in states:
            assert processes_in(host, f"c{number}") == 0, f"c{number} is not known and something of it runs"


async def ended_and_removed(host: Host, container_id: str) -> None:
    """As a task's driver would: again, until it is done."""
    while True:
        try:
            await host.containerizer.kill(container_id, grace_period=0)
            await host.containerizer.wait(container_id)
            await host.containerizer.remove(container_id)
            return
        except UnknownContainer:
            return
        except ContainerizerError as error:
            assert error.who is not Who.REQUEST, error
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("seed", [4, 5])
async def test_whatever_is_killed_while_containers_are_removed_they_are_in_the_end(
    host: Host, seed: int
) -> None:
    for number in range(CONTAINERS):
        await host.containerizer.launch(host.spec(f"c{number}", "sleep 3600"))
    killing = asyncio.create_task(kill_some(scope_of(host.work_dir), random.Random(seed)))
    async with asyncio.timeout(90):
        await asyncio.gather(*(ended_and_removed(host, f"c{number}") for number in range(CONTAINERS)))
    print(f"seed {seed}: killed {await killing}")
    assert await host.containerizer.list() == []
    assert [processes_in(host, f"c{number}") for number in range(CONTAINERS)] == [0] * CONTAINERS


async def test_an_end_is_told_though_the_service_was_killed_meanwhile(host: Host) -> None:
    await host.containerizer.launch(host.spec("ends", "while [ ! -e go ]; do sleep 0.02; done; exit 7"))
    for pid in victims(scope_of(host.work_dir))["service"]:
        os.kill(pid, signal.SIGKILL)
    (host.sandbox("ends") / "go").touch()
    async with asyncio.timeout(15):
        assert (await host.containerizer.wait("ends")).status == 7


def processes_in(host: Host, container_id: str) -> int:
    """Programs that run in the container's sandbox: Podman's own work elsewhere."""
    count = 0
    for pid in records.all_processes():
        try:
            inside = os.path.realpath(f"/proc/{pid}/cwd") == str(host.sandbox(container_id))
        except OSError:
            continue
        count += inside and records.start_time(pid) is not None
    return count
