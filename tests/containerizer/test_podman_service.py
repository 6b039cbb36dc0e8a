"""Podman's service: started, kept, and stopped, also in the middle of its start."""

from __future__ import annotations

import asyncio
import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.containerizer.podman_service import PodmanService
from agent.containerizer.shim import records

pytestmark = pytest.mark.needs("root", "podman")


@pytest.fixture
def socket_path() -> Iterator[Path]:
    path = Path("/run/orlop", f"test-{uuid.uuid4().hex[:8]}.sock")
    yield path
    for pid in serving(path):
        os.kill(pid, signal.SIGKILL)
    path.unlink(missing_ok=True)


def serving(path: Path) -> list[int]:
    found = []
    for pid in records.all_processes():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_text()
        except OSError:
            continue
        if f"unix://{path}" in command and records.start_time(pid) is not None:
            found.append(pid)
    return found


@pytest.mark.parametrize("delay", [0.0, 0.02, 0.1, 0.3])
async def test_a_service_that_is_being_started_again_is_stopped_all_the_same(
    socket_path: Path, delay: float
) -> None:
    service = PodmanService(socket_path, runtime="runc")
    await service.start()
    (first,) = serving(socket_path)
    os.kill(first, signal.SIGKILL)
    again = asyncio.create_task(service.ensure())
    await asyncio.sleep(delay)
    again.cancel()
    await asyncio.gather(again, return_exceptions=True)
    async with asyncio.timeout(20):
        await service.close()
    assert serving(socket_path) == [] and not socket_path.exists()


async def test_a_service_that_is_killed_while_it_starts_is_started_anew(
    socket_path: Path, tmp_path: Path
) -> None:
    killed = tmp_path / "killed"
    podman = tmp_path / "podman"
    podman.write_text(
        f'#!/bin/sh\nif [ ! -e {killed} ]; then touch {killed}; kill -9 $$; fi\nexec podman "$@"\n'
    )
    podman.chmod(0o755)
    service = PodmanService(socket_path, podman=str(podman), runtime="runc")
    await service.start()
    assert killed.exists() and len(serving(socket_path)) == 1
    await service.close()
