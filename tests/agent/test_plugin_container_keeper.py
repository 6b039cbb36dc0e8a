"""Plugin containers: started once, found again, never lost, whenever the agent dies."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from agent import schema
from agent.containerizer.interface import LaunchError, Who
from agent.providers.plugin_containers import PluginContainerKeeper
from agent.sandboxes.sandbox import Sandboxes
from provider.plugins.containers import ContainerFailed, PluginBind, PluginContainer
from store.port import StoreFailed
from tests.agent.model_containerizer import Host, ModelContainerizer
from tests.agent.model_store import Disk, ModelStore
from tests.agent.world import ModelShared, World

PLUGIN = PluginContainer(
    id="plugin-a-1",
    argv=("/usr/bin/driver", "--serve"),
    environment={"CSI_ENDPOINT": "unix:///run/a.sock"},
    binds=(PluginBind("/mnt/volumes", shared=True), PluginBind("/run/a")),
)


async def test_a_plugin_container_is_privileged_and_shares_its_mounts(world: World) -> None:
    await world.start()
    await world.plugins.launch(PLUGIN)
    spec = world.host.containers[PLUGIN.id].spec
    assert spec.privileged
    assert spec.environment["CSI_ENDPOINT"] == "unix:///run/a.sock"
    assert [(b.source, b.target, b.propagation) for b in spec.binds] == [
        ("/mnt/volumes", "/mnt/volumes", "rshared"),
        ("/run/a", "/run/a", "rslave"),
    ]
    assert world.shared.paths == {"/mnt/volumes"}


async def test_what_a_plugin_prints_is_for_its_own_user_alone(world: World) -> None:
    await world.start()
    await world.plugins.launch(PLUGIN)
    (sandbox,) = world.plugins.sandboxes()
    assert stat.S_IMODE(sandbox.stat().st_mode) == 0o700


async def test_a_repeated_launch_starts_nothing(world: World) -> None:
    await world.start()
    await world.plugins.launch(PLUGIN)
    await world.plugins.launch(PLUGIN)
    assert world.host.launched == [PLUGIN.id]
    (found,) = await world.plugins.list("plugin-a-")
    assert (found.id, found.running, found.digest) == (PLUGIN.id, True, PLUGIN.digest)
    assert await world.plugins.list("plugin-b-") == []


async def test_plugin_containers_live_on_when_the_agent_starts_again(world: World) -> None:
    await world.start()
    await world.plugins.launch(PLUGIN)
    await world.crash()
    await world.started()
    assert world.host.running == [PLUGIN.id]
    world.host.end(PLUGIN.id, None, None)
    assert "nobody saw" in await world.plugins.wait(PLUGIN.id)


async def test_what_cannot_be_started_or_is_unknown_is_said(world: World) -> None:
    await world.start()
    world.host.refusal = LaunchError("no such image: pull it", Who.OPERATOR)
    with pytest.raises(ContainerFailed, match="no such image"):
        await world.plugins.launch(PLUGIN)
    with pytest.raises(ContainerFailed):
        await world.plugins.wait("nobody")
    await world.plugins.kill("nobody")
    await world.plugins.remove("nobody")


async def test_dying_at_any_write_of_a_life_leaves_nothing_that_is_not_known(world: World) -> None:
    for writes in range(10):
        host, disk = Host(world.clock), Disk(schema.metadata)
        shared = ModelShared()
        died = await _life(world, host, disk, shared, writes)
        containers = _containers(world, host, disk, shared, None)
        known = containers.load()
        assert {c.id for c in await containers.list("plugin-")} <= known
        await containers.resume({})
        for found in await containers.list("plugin-"):
            await containers.kill(found.id)
            await containers.wait(found.id)
        await containers.remove(PLUGIN.id)
        assert host.containers == {}
        assert shared.paths == set()
        assert _containers(world, host, disk, shared, None).load() == set()
        disk.close()
        if not died:
            return
    pytest.fail("the story goes on writing")


def _containers(
    world: World, host: Host, disk: Disk, shared: ModelShared, dies_after: int | None
) -> PluginContainerKeeper:
    sandboxes = Sandboxes(world.path / "sandboxes", world.clock)
    return PluginContainerKeeper(ModelStore(disk, dies_after), ModelContainerizer(host), sandboxes, shared)


async def _life(world: World, host: Host, disk: Disk, shared: ModelShared, writes: int) -> bool:
    containers = _containers(world, host, disk, shared, writes)
    containers.load()
    try:
        await containers.launch(PLUGIN)
        await containers.kill(PLUGIN.id)
        await containers.wait(PLUGIN.id)
        await containers.remove(PLUGIN.id)
    except StoreFailed:
        return True
    return False


async def test_what_an_image_limits_and_paths_of_a_plugin_are_reach_the_containerizer(world: World) -> None:
    await world.start()
    plugin = PluginContainer(
        id="plugin-b-1",
        argv=("--v=5",),
        binds=(PluginBind("/etc/ceph", target="/config", read_only=True),),
        image="vendor/driver:2",
        entrypoint=True,
        cpu_milli=500,
        memory_bytes=2**28,
        privileged=False,
        user="1000",
    )
    await world.plugins.launch(plugin)
    spec = world.host.containers[plugin.id].spec
    assert (spec.image, spec.entrypoint, spec.argv) == ("vendor/driver:2", True, ("--v=5",))
    assert (spec.limits.cpu_milli, spec.limits.memory_bytes, spec.user) == (500, 2**28, "1000")
    assert not spec.privileged and "PATH" not in spec.environment, "an image says where its programs are"
    (bind,) = spec.binds
    assert (bind.source, bind.target, bind.read_only) == ("/etc/ceph", "/config", True)


def test_every_property_of_a_plugin_container_tells_it_from_another() -> None:
    others = [
        replace(PLUGIN, argv=("other",)),
        replace(PLUGIN, environment={}),
        replace(PLUGIN, binds=()),
        replace(PLUGIN, image="driver"),
        replace(PLUGIN, cpu_milli=1),
        replace(PLUGIN, memory_bytes=1),
        replace(PLUGIN, privileged=False),
        replace(PLUGIN, user="nobody"),
    ]
    assert len({each.digest for each in (PLUGIN, *others)}) == len(others) + 1
    assert replace(PLUGIN, environment=dict(PLUGIN.environment)).digest == PLUGIN.digest


async def test_the_last_that_a_plugin_printed_is_found_also_after_its_end(world: World) -> None:
    await world.start()
    assert await world.plugins.log(PLUGIN.id, 5) == ()
    await world.plugins.launch(PLUGIN)
    sandbox = Path(world.host.containers[PLUGIN.id].spec.sandbox)
    sandbox.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - a test
    (sandbox / "stdout").write_text("serving\n")
    (sandbox / "stderr").write_text("one\ntwo\nno licence found\n")
    assert await world.plugins.log(PLUGIN.id, 3) == ("one", "two", "no licence found")
    world.host.end(PLUGIN.id, 2, None)
    assert await world.plugins.log(PLUGIN.id, 4) == ("serving", "one", "two", "no licence found")
