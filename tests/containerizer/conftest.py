"""A containerizer of each kind on a work directory of its own, and a census of what it leaves."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.containerizer.image_needs import ImagePorts
from agent.containerizer.interface import Containerizer, ContainerSpec, UnknownContainer
from agent.containerizer.podman import PodmanContainerizer
from agent.containerizer.podman_host import default_socket
from agent.containerizer.process import ProcessContainerizer
from agent.containerizer.watch import scope_of
from api.model.clock import SystemClock
from tests.census import no_leaks, take

REPOSITORY = Path(__file__).resolve().parents[2]
KINDS = [
    pytest.param("process", marks=pytest.mark.needs("root", "mount")),
    pytest.param("podman", marks=pytest.mark.needs("root", "podman")),
]


def make(kind: str, work_dir: Path, images: ImagePorts | None = None) -> Containerizer:
    if kind == "process":
        return ProcessContainerizer(work_dir, SystemClock())
    return PodmanContainerizer(work_dir, SystemClock(), images=images)


class Host:
    """An agent's part of the host: its work directory and whichever containerizer runs on it now."""

    def __init__(self, kind: str, work_dir: Path) -> None:
        self.kind = kind
        self.work_dir = work_dir
        self.containerizer = make(kind, work_dir)

    def sandbox(self, container_id: str) -> Path:
        path = self.work_dir / "sandboxes" / container_id
        path.mkdir(parents=True, exist_ok=True)
        return path

    def directory(self, name: str) -> Path:
        path = self.work_dir / name
        path.mkdir(exist_ok=True)
        return path

    def spec(self, container_id: str, script: str, **more: Any) -> ContainerSpec:
        """A shell script as a container with a sandbox of its own."""
        sandbox = str(self.sandbox(container_id))
        return ContainerSpec(id=container_id, argv=("/bin/sh", "-c", script), sandbox=sandbox, **more)

    def nested(self, container_id: str, parent: str, script: str, **more: Any) -> ContainerSpec:
        """A shell script in the namespaces of a container, at work in its sandbox, its output elsewhere."""
        return ContainerSpec(
            id=container_id,
            argv=("/bin/sh", "-c", script),
            parent=parent,
            sandbox=str(self.sandbox(parent)),
            output=str(self.sandbox(container_id)),
            **more,
        )

    def output(self, container_id: str, stream: str = "stdout") -> str:
        return (self.sandbox(container_id) / stream).read_text()

    async def restart(self, images: ImagePorts | None = None) -> None:
        """The agent ends and starts again."""
        await self.containerizer.close()
        self.containerizer = make(self.kind, self.work_dir, images)
        await self.containerizer.start()

    async def launch_and_die(
        self, container_id: str, script: str, step: str = "", parent: str | None = None
    ) -> None:
        """An agent in a process of its own launches the container and is gone, as after kill -9.

        With a `step`, before that one. With a `parent`, nested in that one and in its sandbox.
        """
        await self.containerizer.close()
        sandbox = str(self.sandbox(parent or container_id))
        command = [sys.executable, "-m", "tests.containerizer.dying_agent"]
        done = subprocess.run(
            [*command, self.kind, str(self.work_dir), container_id, sandbox, script, step, parent or ""],
            cwd=REPOSITORY,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 9, done.stderr.decode()

    async def come_back(self) -> None:
        self.containerizer = make(self.kind, self.work_dir)
        await self.containerizer.start()

    async def remove_all(self) -> None:
        for state in await self.containerizer.list():
            with contextlib.suppress(UnknownContainer):
                await self.containerizer.kill(state.id, grace_period=0)
                await self.containerizer.wait(state.id)
            await self.containerizer.remove(state.id)

    def cgroups(self) -> list[str]:
        """Control groups of this agent, in all hierarchies."""
        found = Path("/sys/fs/cgroup").glob(f"*/orlop-{scope_of(self.work_dir)}*")
        return sorted(str(path) for path in found)


@pytest.fixture(scope="module")
def guarded_dir() -> Iterator[Path]:
    """One census for a file of tests: it asks Podman, which takes longer than most tests here."""
    tag = f"orlop-test-{uuid.uuid4().hex[:8]}"
    folder = Path("/tmp", tag)
    with no_leaks(tag):
        folder.mkdir(mode=0o700)
        yield folder
        # Never delete through a mount: what is still mounted is a leak, and the guard says so.
        if not take(tag).mounts:
            shutil.rmtree(folder)


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return itertools.count()


@pytest.fixture
def short_dir(guarded_dir: Path, numbers: Iterator[int]) -> Path:
    """A folder of the test's own, with a short path."""
    folder = guarded_dir / f"{next(numbers):x}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(params=KINDS)
async def host(request: pytest.FixtureRequest, short_dir: Path) -> AsyncIterator[Host]:
    work_dir = short_dir / "w"
    work_dir.mkdir()
    host = Host(request.param, work_dir)
    await host.containerizer.start()
    try:
        yield host
    finally:
        try:
            await host.remove_all()
        finally:
            await host.containerizer.close()
    assert host.cgroups() == []
    assert not default_socket(scope_of(work_dir)).exists(), "podman's service was not stopped"
    left = [str(path) for path in (work_dir / "containers").glob("*/*")]
    assert left == [], "runtime directories left behind"


@pytest.fixture
def missing_on_host() -> Iterator[str]:
    """An absolute path that this host does not have, and must not have afterwards."""
    path = Path("/orlop-test-data")
    assert not path.exists()
    yield str(path)
    existed = path.exists()
    shutil.rmtree(path, ignore_errors=True)
    assert not existed, f"{path} was left on the host"
