"""Images on a host whose disk for them is small: what is removed, what never is, and agents that are killed
in the middle of it. A registry on loopback, Podman's storage on a filesystem of its own.

ORLOP_HOST_KILLS: kills of the agent while images are collected (2). ORLOP_SEED: the moments again.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import running
from e2e.harness import http
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until
from tests.containerizer.registry import Registry, registry, shell_root

pytestmark = [
    pytest.mark.needs("root", "mount", "loop", "ext4", "podman", "docker-registry"),
    pytest.mark.timeout(300 + 30 * int(os.environ.get("ORLOP_HOST_KILLS", "2"))),
]

KILLS = int(os.environ.get("ORLOP_HOST_KILLS", "2"))
MIB = 2**20
DISK = 128 * MIB
IMAGES = 7
IMAGE = 16 * MIB
LARGE = 66 * MIB
"""More than is free while the marks are kept, less than there is without images."""
HEADROOM, LOW_WATER = 0.3, 0.5
SECONDS = 20.0
"""For the agent to see that its disk is full, and to have made room."""
READ = "read -r word < /word; echo $word"


@dataclass(frozen=True)
class Host:
    """A cluster, a registry, and the disk that images are pulled to."""

    cluster: DaemonCluster
    served: Registry
    disk: Path

    def image(self, name: str) -> str:
        return f"{self.served.address}/{name}:1"

    def free(self) -> float:
        found = os.statvfs(self.disk)
        return found.f_bavail / found.f_blocks

    def images(self) -> dict[str, dict[str, Any]]:
        """By the first of their names."""
        answer = http.post(self.cluster.agent_address, {"type": "GET_IMAGES"}).json["get_images"]
        return {next(iter(each["names"]), each["id"]): each for each in answer["images"]}

    def prune(self, *arguments: str) -> dict[str, Any]:
        (answer,) = json.loads(self.cluster.done("images", "prune", *arguments, "--output", "json"))["pruned"]
        return answer

    def task(self, name: str) -> None:
        """A task of that image starts, and ends well."""
        arguments = ("--image", self.image(name), "--", "/bin/sh", "-c", READ)
        assert self.cluster.done("task", "run", *arguments) == f"{name}\n"

    def roomy(self) -> None:
        until(lambda: self.free() >= HEADROOM, SECONDS, "the disk has its headroom again")

    @contextlib.contextmanager
    def runs(self, name: str) -> Iterator[None]:
        """A container of that image, which has to run on untouched until this is left."""
        launch = {
            "container_id": {"value": name},
            "command": {"value": "read -r line"},
            "container": {
                "type": "MESOS",
                "mesos": {"image": {"type": "DOCKER", "docker": {"name": self.image(name)}}},
            },
            "stdin": True,
        }
        called = {"type": "LAUNCH_CONTAINER", "launch_container": launch}
        assert http.post(self.cluster.agent_address, called).status == 200
        before = self.container(name)
        try:
            yield
            assert self.container(name) == before, "it is another one, or has ended"
            read = self.cluster.done("container", "exec", name, "--", "/bin/sh", "-c", READ)
            assert read == f"{name}\n", "its image's files are there"
        finally:
            self.cluster.orlop("container", "rm", "--force", name)

    def container(self, name: str) -> tuple[str, int]:
        """Its state and its main process."""
        call = {"type": "GET_CONTAINERS", "get_containers": {"show_standalone": True, "show_ended": True}}
        found = http.post(self.cluster.agent_address, call).json["get_containers"]["containers"]
        one = next(each for each in found if each["container_id"]["value"] == name)
        return one["state"], one["container_status"]["executor_pid"]

    def metric(self, name: str) -> float:
        told = http.request(self.cluster.agent_address, "GET", "/metrics").text
        return float(told.partition(f"\n{name} ")[2].split()[0])


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    folder = Path("/tmp", f"orlop-e2e-images-{uuid.uuid4().hex[:8]}")
    folder.mkdir(mode=0o700)
    yield folder
    subprocess.run(["rm", "-rf", "--one-file-system", str(folder)], check=True)


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Registry]:
    """A registry with images that differ by a word, and are as large as they say."""
    with registry(folder) as found:
        for name, size in [(f"app-{n}", IMAGE) for n in range(IMAGES)] + [("large", LARGE)]:
            content = shell_root(("word", f"{name}\n".encode()), ("filling", bytes(size)))
            found.put(f"{name}:1", content)
        yield found


@pytest.fixture(scope="module")
def disk(folder: Path, served: Registry) -> Iterator[Path]:
    """A small filesystem; while it is there it is what Podman keeps images on."""
    image, disk = folder / "disk.img", folder / "disk"
    with image.open("wb") as file:
        file.truncate(DISK)
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
    disk.mkdir()
    subprocess.run(["mount", "-o", "loop", str(image), str(disk)], check=True)
    storage = folder / "storage.conf"
    places = f'graphroot = "{disk}/storage"\nrunroot = "{folder}/run"\n'
    storage.write_text(f'[storage]\ndriver = "overlay"\n{places}')
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CONTAINERS_STORAGE_CONF", str(storage))
            patch.setenv("CONTAINERS_REGISTRIES_CONF", str(served.settings))
            yield disk
    finally:
        for line in reversed(Path("/proc/self/mounts").read_text().splitlines()):
            if line.split()[1].startswith(f"{folder}/"):
                subprocess.run(["umount", "--lazy", line.split()[1]], check=True)


@pytest.fixture(scope="module")
def host(disk: Path, served: Registry, request: pytest.FixtureRequest) -> Iterator[Host]:
    flags = ("--image-gc-headroom", str(HEADROOM), "--image-gc-low-water", str(LOW_WATER))
    pins = ("--image-gc-interval", "1", "--image-pin", f"{served.address}/app-0:1")
    cluster = DaemonCluster("podman", *flags, *pins)
    with running(cluster, request.config):
        yield Host(cluster, served, disk)


def test_the_disk_keeps_its_headroom_while_tasks_start_and_what_runs_is_left(host: Host) -> None:
    with host.runs("app-1"):
        for number in range(2, IMAGES):
            host.task(f"app-{number}")
            host.roomy()
        left = host.images()
        assert host.image("app-1") in left and "in use by" in left[host.image("app-1")]["kept"][0]
        assert host.image(f"app-{IMAGES - 1}") in left, "the most recently used is there"
        assert host.image("app-2") not in left, "the least recently used has gone"
        host.task("app-2")
    assert host.metric("orlop_agent_images_collected_total") >= 2


def test_a_full_disk_makes_room_for_a_pull_and_a_prune_does_what_its_dry_run_has_said(host: Host) -> None:
    subprocess.run(["podman", "import", "-", "localhost/by-hand:1"], input=shell_root(), check=True)
    with host.runs("app-1"):
        number = 2
        while host.free() * DISK > LARGE:
            host.task(f"app-{number}")
            number += 1
        host.task("large")
        host.roomy()
        for name in ("app-0", "app-2", "app-3"):
            host.task(name)
        before = host.images()
        would = host.prune("--dry-run", "--exclude", host.image("app-3"))
        said = host.cluster.done("images", "prune", "--dry-run")
        assert "WOULD GO" in said and "not pulled by this agent" in said
        assert host.images().keys() == before.keys(), "nothing goes"
        did = host.prune("--exclude", host.image("app-3"))
        assert [each["names"] for each in did["removed"]] == [each["names"] for each in would["removed"]]
        assert did["freed_bytes"] == would["freed_bytes"] > IMAGE
        why = {name: each.get("kept", []) for name, each in host.images().items()}
        assert why.pop(host.image("app-1"))[0].startswith("in use by container app-1")
        assert why == {
            "localhost/by-hand:1": ["not pulled by this agent"],
            host.image("app-0"): [f"pinned as {host.image('app-0')}"],
            host.image("app-3"): [],
        }
        everything = host.prune("--all")
        gone = [name for each in everything["removed"] for name in each["names"]]
        assert gone == ["localhost/by-hand:1", host.image("app-3")]


def test_agents_that_are_killed_while_they_collect_leave_nothing_and_take_nothing(host: Host) -> None:
    seed = os.environ.get("ORLOP_SEED") or secrets.token_hex(4)
    print(f"ORLOP_SEED={seed}")
    rng = random.Random(seed)
    ended = threading.Event()

    def starts() -> None:
        """Containers of random images, whoever is there to start them."""
        while not ended.is_set():
            image = host.image(f"app-{rng.randrange(2, IMAGES)}")
            host.cluster.orlop("container", "run", "--image", image, "--", "/bin/sh", "-c", ": > /x")

    def prunes() -> None:
        with contextlib.suppress(OSError, HTTPException):  # the agent is killed meanwhile
            http.post(host.cluster.agent_address, {"type": "PRUNE_IMAGES", "prune_images": {}})

    with host.runs("app-1"):
        starting = threading.Thread(target=starts)
        starting.start()
        try:
            for _ in range(KILLS):
                time.sleep(rng.uniform(1.0, 4.0))
                pruning = threading.Thread(target=prunes)
                pruning.start()
                time.sleep(rng.uniform(0.0, 0.5))
                host.cluster.agent.kill()
                pruning.join()
                host.cluster.agent.start()
                host.cluster.wait_ready()
        finally:
            ended.set()
            starting.join()
        host.roomy()
        host.task("app-2")
        settled = {host.image("app-0"), host.image("app-1")}
        # What a killed agent had begun to pull is its own, and so is what it had begun to remove.
        until(lambda: host.prune() and set(host.images()) <= settled, SECONDS, "all that may go goes")
