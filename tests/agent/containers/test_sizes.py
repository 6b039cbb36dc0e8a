"""How full sandboxes and volumes are: measured now and then, never by hanging whoever asks."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from agent.containers import sizes
from agent.containers.sizes import DiskSizes
from agent.sandboxes.disk_use import DiskUse


class TestClock:
    """Time that a test moves."""

    __test__ = False

    def __init__(self) -> None:
        self.seconds = 1.0

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds


async def test_a_measurement_is_told_again_until_it_is_old(tmp_path: Path) -> None:
    clock = TestClock()
    measured = DiskSizes(clock)
    before = await measured.sandbox(str(tmp_path))
    (tmp_path / "file").write_bytes(b"x" * 100_000)
    assert await measured.sandbox(str(tmp_path)) == before
    clock.seconds += sizes.FRESH + 1
    now = await measured.sandbox(str(tmp_path))
    assert now is not None and before is not None and now >= before + 100_000


async def test_only_what_is_mounted_is_a_volume(tmp_path: Path) -> None:
    measured = DiskSizes(TestClock())
    assert await measured.volume(str(tmp_path)) is None
    fill = await measured.volume("/dev/shm")
    assert fill is not None and 0 <= fill.used <= fill.size


async def test_who_asks_does_not_wait_for_what_hangs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    gate = threading.Event()

    def hanging(path: str, *, max_entries: int) -> DiskUse:
        gate.wait(10)
        return DiskUse(7, 1, complete=True)

    monkeypatch.setattr(sizes, "disk_use", hanging)
    measured = DiskSizes(TestClock())
    began = time.perf_counter()
    assert await measured.sandbox(str(tmp_path)) is None
    assert time.perf_counter() - began < 5
    gate.set()
    assert await measured.sandbox(str(tmp_path)) == 7
