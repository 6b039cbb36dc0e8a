"""The mother of the shims: what her death means, and limits that change while a container runs."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from agent.containerizer.interface import ContainerizerError, Limits, UnknownContainer, Who
from agent.containerizer.shim import records
from agent.containerizer.shim_keeper import ShimKeeper
from api.model.clock import SystemClock
from tests.containerizer.conftest import Host
from tests.containerizer.test_contract import run, until, until_written

pytestmark = pytest.mark.needs("root", "mount")
on_process = pytest.mark.parametrize("host", ["process"], indirect=True)

HOLD = "x = bytearray({} << 20); open('held', 'w'); import time; time.sleep(60)"


async def mother_of(host: Host) -> int:
    (running,) = [state for state in await host.containerizer.list() if state.running]
    assert running.pid is not None
    shim = records.parent_of(running.pid)
    assert shim is not None
    mother = records.parent_of(shim)
    assert mother is not None
    return mother


@on_process
async def test_containers_outlive_the_mother_of_their_shims_and_more_can_be_started(host: Host) -> None:
    await host.containerizer.launch(host.spec("before", "while [ ! -e go ]; do sleep 0.05; done; exit 5"))
    os.kill(await mother_of(host), signal.SIGKILL)
    assert await run(host, host.spec("after", "exit 3")) == 3
    (host.sandbox("before") / "go").touch()
    assert (await host.containerizer.wait("before")).status == 5


@on_process
async def test_launches_whose_mother_is_killed_are_made_once_by_the_next_one(host: Host) -> None:
    await host.containerizer.launch(host.spec("first", "sleep 60"))
    mother = await mother_of(host)
    os.kill(mother, signal.SIGSTOP)
    specs = [host.spec(f"n{number}", "echo x >> count; sleep 60") for number in range(5)]
    launches = [asyncio.ensure_future(host.containerizer.launch(spec)) for spec in specs]
    await asyncio.sleep(0.2)
    os.kill(mother, signal.SIGKILL)
    for spec, state in zip(specs, await asyncio.gather(*launches), strict=True):
        assert state.running
        await until_written(host.sandbox(spec.id) / "count")
        assert (host.sandbox(spec.id) / "count").read_text() == "x\n"


@on_process
async def test_mother_leaves_with_the_agent(host: Host) -> None:
    await host.containerizer.launch(host.spec("stays", "sleep 60"))
    mother = await mother_of(host)
    await host.restart()
    assert records.start_time(mother) is None
    assert (await host.containerizer.list())[0].running


@on_process
async def test_large_environment_reaches_the_program(host: Host) -> None:
    environment = {f"V{number}": "x" * 100_000 for number in range(10)}
    assert await run(host, host.spec("large", "env | wc -c", environment=environment)) == 0
    assert int(host.output("large")) > 1_000_000


async def test_limits_of_a_running_container_can_be_changed(host: Host) -> None:
    spin = "touch ready; while :; do :; done"
    await host.containerizer.launch(host.spec("grows", spin, limits=Limits(500, 64 << 20)))
    for limits in (Limits(250, 256 << 20), Limits(1500, 32 << 20), Limits(1500, 32 << 20)):
        await host.containerizer.update("grows", limits)
        found = await host.containerizer.statistics("grows")
        assert limits.cpu_milli is not None
        assert (found.cpus_limit, found.memory_limit) == (limits.cpu_milli / 1000, limits.memory_bytes)
    await host.containerizer.update("grows", Limits())
    found = await host.containerizer.statistics("grows")
    assert (found.cpus_limit, found.memory_limit) == (None, None)
    assert (await host.containerizer.list())[0].running


async def test_limits_that_cannot_be_are_refused_and_change_nothing(host: Host) -> None:
    spec = host.spec("holds", f'exec python3 -c "{HOLD.format(48)}"', limits=Limits(500, 128 << 20))
    await host.containerizer.launch(spec)
    await until(Path(host.sandbox("holds"), "held"))
    with pytest.raises(ContainerizerError) as refused:
        await host.containerizer.update("holds", Limits(memory_bytes=-5))
    assert refused.value.who is Who.REQUEST
    with pytest.raises(ContainerizerError) as refused:
        await host.containerizer.update("holds", Limits(500, 16 << 20))
    assert refused.value.who is Who.RETRY
    assert (await host.containerizer.statistics("holds")).memory_limit == 128 << 20
    with pytest.raises(UnknownContainer):
        await host.containerizer.update("stranger", Limits())
    await host.containerizer.kill("holds", grace_period=0)
    await host.containerizer.wait("holds")
    await host.containerizer.update("holds", Limits(100))


async def test_search_for_what_lost_shims_left_holds_nobody_up_and_is_never_older_than_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Semaphore(0), threading.Semaphore(0)
    looks: list[int] = []

    def look(_: str) -> dict[str, list[int]]:
        looks.append(threading.get_ident())
        number = len(looks)
        begun.release()
        assert go.acquire(timeout=10)
        return {"mark": [number]}

    monkeypatch.setattr(records, "by_variable", look)
    keeper = ShimKeeper(tmp_path, "scope", SystemClock(), sys.executable)
    first = [asyncio.ensure_future(keeper._marked()) for _ in range(3)]
    async with asyncio.timeout(10):
        while not begun.acquire(blocking=False):
            await asyncio.sleep(0.01)
    later = [asyncio.ensure_future(keeper._marked()) for _ in range(3)]
    go.release(2)
    assert await asyncio.gather(*first) == [{"mark": [1]}] * 3
    assert await asyncio.gather(*later) == [{"mark": [2]}] * 3
    assert threading.get_ident() not in looks
