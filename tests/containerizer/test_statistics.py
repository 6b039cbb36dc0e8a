"""What a container uses, as its control groups tell: real ones, and files of both versions."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from agent.containerizer.interface import Limits, Statistics, UnknownContainer
from agent.containerizer.shim.cgroups import Hierarchies
from agent.containerizer.statistics import of_group
from tests.containerizer.conftest import Host
from tests.containerizer.test_contract import until

MB = 1 << 20
SPIN = "while :; do :; done"


async def test_a_container_that_is_held_back_says_so(host: Host) -> None:
    limits = Limits(cpu_milli=200, memory_bytes=64 * MB)
    script = f'python3 -c \'x = bytearray(20 << 20); open("ready", "w"); {_spin()}\' & {SPIN}'
    await host.containerizer.launch(host.spec("busy", script, limits=limits))
    await until(host.sandbox("busy") / "ready")
    found = await host.containerizer.statistics("busy")
    async with asyncio.timeout(60):  # on a busy host it is long before it has had too much
        while not found.throttled_periods or not found.cpu_user_seconds or found.cpu_user_seconds < 0.05:
            await asyncio.sleep(0.1)
            found = await host.containerizer.statistics("busy")
    assert found.cpus_limit == 0.2
    assert found.throttled_periods is not None and found.periods is not None
    assert 0 < found.throttled_periods <= found.periods
    assert found.throttled_seconds is not None and found.throttled_seconds > 0
    assert found.memory_limit == 64 * MB
    assert found.memory_rss is not None and 20 * MB <= found.memory_rss <= 64 * MB
    assert found.memory_total is not None and found.memory_total >= found.memory_rss
    assert found.processes is not None and 2 <= found.processes <= 4
    assert found.threads is not None and found.threads >= 2


async def test_without_limits_none_are_told_and_after_the_end_nothing_is(host: Host) -> None:
    await host.containerizer.launch(host.spec("free", "sleep 60"))
    found = await host.containerizer.statistics("free")
    assert found.memory_limit is None and found.cpus_limit is None
    assert found.processes is not None and found.processes >= 1
    await host.containerizer.kill("free", grace_period=0)
    await host.containerizer.wait("free")
    assert await host.containerizer.statistics("free") == Statistics()
    with pytest.raises(UnknownContainer):
        await host.containerizer.statistics("nobody")


async def test_more_processes_than_the_limit_cannot_be_started(host: Host) -> None:
    script = "for i in 1 2 3 4 5 6 7 8; do sleep 20 & done; echo all; wait"
    await host.containerizer.launch(host.spec("fork", script, processes=6))
    async with asyncio.timeout(20):
        assert (await host.containerizer.wait("fork")).status != 0
    assert "all" not in host.output("fork")
    assert "fork" in host.output("fork", "stderr").lower()


def _spin() -> str:
    return 'exec("while True: pass")'


VERSION_2 = {
    "cpu.stat": "usage_usec 3500000\nuser_usec 2500000\nsystem_usec 1000000\nnr_periods 40\n"
    "nr_throttled 10\nthrottled_usec 250000\n",
    "cpu.max": "50000 100000\n",
    "memory.current": "7340032\n",
    "memory.max": "8388608\n",
    "memory.stat": "anon 5242880\nfile 1048576\n",
    "pids.current": "9\n",
    "cgroup.procs": "11\n12\n",
}


def group_of(root: Path, files: dict[str, str]) -> Statistics:
    (root / "g" / "below").mkdir(parents=True)
    for name, text in files.items():
        (root / "g" / name).write_text(text)
    (root / "g" / "below" / "cgroup.procs").write_text("13\n")
    return of_group(Hierarchies(2, {"all": str(root)}), "g")


def test_version_two_tells_the_same_in_its_own_files(tmp_path: Path) -> None:
    assert group_of(tmp_path, VERSION_2) == Statistics(
        2.5, 1.0, 0.5, 40, 10, 0.25, 5 * MB, 7 * MB, 8 * MB, processes=3, threads=9
    )


def test_version_two_without_limits_and_without_accounting_guesses_nothing(tmp_path: Path) -> None:
    found = group_of(tmp_path, {"cpu.max": "max 100000\n", "memory.max": "max\n", "cgroup.procs": ""})
    assert found == Statistics(processes=1)


def test_a_group_that_is_not_there_uses_nothing_that_is_known(tmp_path: Path) -> None:
    assert of_group(Hierarchies(2, {"all": str(tmp_path)}), "gone") == Statistics()
