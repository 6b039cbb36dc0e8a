"""Parents, children, their shims and the mother of these are killed while containers start, seeded."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from pathlib import Path

import pytest

from agent.containerizer.interface import ContainerSpec, ContainerState, LaunchError, Who
from agent.containerizer.shim import records
from agent.containerizer.shim_order import MARK
from agent.containerizer.watch import scope_of
from tests.containerizer.conftest import Host

FAMILIES = 3
CHILDREN = 4
KILLS = 25
ATTEMPTS = 8
SETTLE_SECONDS = 10.0


def marked(host: Host) -> dict[str, list[int]]:
    """Processes of containers under shims, by the containers' ids."""
    scope = f"{scope_of(host.work_dir)}/"
    found = records.by_variable(MARK)
    return {mark.removeprefix(scope): pids for mark, pids in found.items() if mark.startswith(scope)}


def shims_of(host: Host) -> list[int]:
    """The parents of the main processes; and among their own parents is the mother."""
    parents = {records.parent_of(pid) for pids in marked(host).values() for pid in pids}
    return sorted(pid for pid in parents if pid is not None and is_shim(pid))


def is_shim(pid: int) -> bool:
    try:
        return b"agent.containerizer.shim.main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def victims(host: Host) -> dict[str, list[int]]:
    shims = shims_of(host)
    mothers = {records.parent_of(pid) for pid in shims}
    return {
        "shim": shims,
        "mother": sorted(pid for pid in mothers if pid is not None and is_shim(pid)),
        "process": sorted(pid for pids in marked(host).values() for pid in pids),
    }


async def kill_some(host: Host, chance: random.Random) -> list[str]:
    killed = []
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(0.005, 0.1))
        found = {kind: pids for kind, pids in victims(host).items() if pids}
        if found:
            kind = chance.choice(sorted(found))
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(found[kind]), signal.SIGKILL)
            killed.append(kind)
    return killed


async def launched(host: Host, spec: ContainerSpec) -> bool:
    """Launch it as a task's driver would: again, while the trouble is of the passing kind."""
    for _ in range(ATTEMPTS):
        try:
            await host.containerizer.launch(spec)
            return True
        except LaunchError as error:
            if error.who is Who.REQUEST:
                assert "does not run" in error.message, error
                return False
    return False


async def family(host: Host, name: str, chance: random.Random) -> None:
    """A parent, children of it, and a child of each of these."""
    script = "echo $$ >> starts-{}; (setsid sleep 3600 &); sleep 3600"
    await launched(host, host.spec(name, script.format(name)))
    for number in range(CHILDREN):
        await asyncio.sleep(chance.uniform(0, 0.2))
        child, grandchild = f"{name}-{number}", f"{name}-{number}-x"
        await launched(host, host.nested(child, name, script.format(child)))
        spec = host.nested(grandchild, child, script.format(grandchild))
        place = {"sandbox": str(host.sandbox(name))}
        inner = {**{field: getattr(spec, field) for field in spec.__slots__}, **place}
        await launched(host, ContainerSpec(**inner))


async def settled(host: Host) -> dict[str, ContainerState]:
    """What is known of the containers once each that is said to run does: an end is seen a moment later."""
    async with asyncio.timeout(SETTLE_SECONDS):
        while True:
            states = {state.id: state for state in await host.containerizer.list()}
            running = [state.pid for state in states.values() if state.running]
            if all(pid is not None and records.start_time(pid) is not None for pid in running):
                return states
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whoever_is_killed_nobody_outlives_the_parent_or_runs_twice(host: Host, seed: int) -> None:
    chance = random.Random(seed)
    killing = asyncio.create_task(kill_some(host, chance))
    names = [f"f{number}" for number in range(FAMILIES)]
    await asyncio.gather(*(family(host, name, chance) for name in names))
    print(f"seed {seed}: killed {await killing}")
    await host.restart()
    states = {state.id: state for state in await host.containerizer.list()}
    for state in states.values():
        if state.exit is not None:
            await host.containerizer.wait(state.id)
    states = await settled(host)
    alive = marked(host)
    for state in states.values():
        if state.running:
            assert state.parent is None or states[state.parent].running, f"{state.id} outlived its parent"
        else:
            assert state.id not in alive, f"{state.id} has ended and something of it runs"
    assert alive.keys() <= states.keys(), "something runs that nobody knows"
    for name in names:
        for starts in host.sandbox(name).glob("starts-*"):
            assert len(starts.read_text().split()) <= 1, f"{starts.name} twice"
