"""What Podman forgets when a container's monitor is killed at a bad moment, and the agent must not."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import uuid
from pathlib import Path

import pytest

from agent.containerizer.podman_spec import cgroup_parent, container_name, group_of
from agent.containerizer.shim import records
from agent.containerizer.shim.cgroups import names_below
from agent.containerizer.watch import scope_of
from tests.containerizer.conftest import Host

pytestmark = pytest.mark.needs("root", "podman")

RUNTIME = "runc"
RECORDS = Path("/run") / RUNTIME


def podman(*arguments: str) -> str:
    command = ["podman", "--cgroup-manager", "cgroupfs", "--runtime", RUNTIME, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def kept_by_the_runtime(host: Host) -> list[str]:
    """Ids of the containers of this agent that the runtime has a record of."""
    scope, found = scope_of(host.work_dir), []
    for path in RECORDS.glob("*/state.json"):
        with contextlib.suppress(FileNotFoundError):  # somebody else's container has gone just now
            if scope in path.read_text():
                found.append(path.parent.name)
    return found


def make_unknown_to_podman(host: Host, like: str) -> int:
    """A container that only the runtime knows, created and not started, in the agent's group `like`; its
    process. The same bundle as that of Podman's container `like`."""
    unknown = uuid.uuid4().hex * 2
    (seen,) = json.loads(podman("inspect", container_name(scope_of(host.work_dir), like)))
    config = json.loads(Path(seen["OCIConfigPath"]).read_text())
    config["linux"]["cgroupsPath"] = f"/{cgroup_parent(scope_of(host.work_dir), 'half')}/libpod-{unknown}"
    config["hooks"] = {}
    bundle = host.directory("bundle")
    (bundle / "config.json").write_text(json.dumps(config))
    create = [RUNTIME, "create", "--bundle", str(bundle), "--pid-file", str(bundle / "pid"), unknown]
    subprocess.run(create, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60)
    return int((bundle / "pid").read_text())


async def test_container_that_only_the_runtime_knows_is_ended_at_the_agents_start(short_dir: Path) -> None:
    host = Host("podman", short_dir)
    await host.containerizer.start()
    try:
        await host.containerizer.launch(host.spec("like", "sleep 60"))
        waiting = make_unknown_to_podman(host, "like")
        assert records.start_time(waiting) is not None and len(kept_by_the_runtime(host)) == 2
        await host.restart()
        assert records.start_time(waiting) is None
        assert len(kept_by_the_runtime(host)) == 1
        assert [state.running for state in await host.containerizer.list()] == [True]
    finally:
        await host.remove_all()
        await host.containerizer.close()
    assert kept_by_the_runtime(host) == [] and host.cgroups() == []


async def test_container_that_only_the_runtime_knows_goes_with_the_one_of_its_group(short_dir: Path) -> None:
    host = Host("podman", short_dir)
    await host.containerizer.start()
    try:
        await host.containerizer.launch(host.spec("like", "sleep 60"))
        await host.containerizer.launch(host.spec("half", "exit 0"))
        await host.containerizer.wait("half")
        waiting = make_unknown_to_podman(host, "like")
        await host.containerizer.remove("half")
        assert records.start_time(waiting) is None
        assert len(kept_by_the_runtime(host)) == 1
    finally:
        await host.remove_all()
        await host.containerizer.close()


async def test_groups_of_an_ended_container_go_before_it_is_removed(short_dir: Path) -> None:
    host = Host("podman", short_dir)
    group = group_of(scope_of(host.work_dir))
    await host.containerizer.start()
    try:
        await host.containerizer.launch(host.spec("runs", "sleep 60"))
        await host.containerizer.launch(host.spec("ends", "exit 3"))
        assert (await host.containerizer.wait("ends")).status == 3
        async with asyncio.timeout(15):
            while "ends" in names_below(group):
                await asyncio.sleep(0.05)
        assert names_below(group) == {"runs"}
        await host.restart()
        states = {state.id: state for state in await host.containerizer.list()}
        assert states["runs"].running
        assert states["ends"].exit is not None and states["ends"].exit.status == 3
        await host.containerizer.remove("ends")
    finally:
        await host.remove_all()
        await host.containerizer.close()
    assert host.cgroups() == []


async def test_lost_container_is_forgotten_by_the_runtime_too(short_dir: Path) -> None:
    host = Host("podman", short_dir)
    await host.containerizer.start()
    try:
        await host.containerizer.launch(host.spec("lost", "sleep 60"))
        (seen,) = json.loads(podman("inspect", container_name(scope_of(host.work_dir), "lost")))
        os.kill(seen["State"]["ConmonPid"], signal.SIGKILL)
        await host.containerizer.wait("lost")
        await host.containerizer.remove("lost")
        assert kept_by_the_runtime(host) == []
    finally:
        await host.remove_all()
        await host.containerizer.close()


async def test_record_of_a_container_whose_removal_was_cut_short_goes_at_the_agents_start(
    short_dir: Path,
) -> None:
    host = Host("podman", short_dir)
    await host.containerizer.start()
    try:
        await host.containerizer.launch(host.spec("lost", "sleep 60"))
        name = container_name(scope_of(host.work_dir), "lost")
        (seen,) = json.loads(podman("inspect", name))
        os.kill(seen["State"]["ConmonPid"], signal.SIGKILL)
        await host.containerizer.wait("lost")
        with contextlib.suppress(subprocess.CalledProcessError):  # the first attempt makes Podman see the end
            podman("rm", "--force", "--time", "0", name)
        podman("rm", "--force", "--time", "0", "--ignore", name)
        assert len(kept_by_the_runtime(host)) == 1
        await host.restart()
        assert kept_by_the_runtime(host) == []
    finally:
        await host.remove_all()
        await host.containerizer.close()


async def test_containers_that_were_half_removed_are_gone_at_the_agents_start(
    short_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Podman, killed during a removal, goes on naming the container and can say nothing else of it."""
    storage = short_dir / "storage"
    settings = short_dir / "storage.conf"
    settings.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{storage}"\nrunroot = "{short_dir / "run"}"\n'
    )
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(settings))
    host = Host("podman", short_dir)
    names = {each: container_name(scope_of(host.work_dir), each) for each in ("half", "whole", "fileless")}
    await host.containerizer.start()
    try:
        for each in names:
            await host.containerizer.launch(host.spec(each, "sleep 60"))
        for each in names:
            await host.containerizer.kill(each, 0.0)
            await host.containerizer.wait(each)
        await host.containerizer.close()
        forget(storage, of_container=names["half"], layer_of=names["fileless"])
        await host.restart()
        named = podman("ps", "--all", "--format", "{{.Names}}").split()
        assert [name for name in names.values() if name in named] == [names["whole"]]
        for each in ("half", "fileless"):
            await host.containerizer.remove(each)
            assert (await host.containerizer.launch(host.spec(each, "sleep 60"))).running
    finally:
        await host.remove_all()
        await host.containerizer.close()


def forget(storage: Path, of_container: str, layer_of: str) -> None:
    """Take a container, and the layer of another one, out of the records of Podman's storage."""
    containers, layers = storage / "vfs-containers/containers.json", storage / "vfs-layers/layers.json"
    known = json.loads(containers.read_text())
    lost = next(each["layer"] for each in known if layer_of in each["names"])
    containers.write_text(json.dumps([each for each in known if of_container not in each["names"]]))
    left = [each for each in json.loads(layers.read_text()) if each["id"] != lost]
    layers.write_text(json.dumps(left))
