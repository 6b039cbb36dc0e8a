"""Plugins in processes of their own: one container or two, changed under way, failing, with secrets."""

from __future__ import annotations

import asyncio
import logging
import random
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from api.model.clock import SystemClock
from provider.calls import ControllerPublish, CreateVolume, NodeStage, NodeUnpublish, PluginError
from provider.observer import Observer
from provider.plugins.client import DEADLINES, CsiClient
from provider.plugins.config import PluginConfig, SecretFile, Service, ServingContainer
from provider.plugins.container_life import FAILED_AFTER, MAX_BACKOFF
from provider.plugins.containers import PluginContainer
from provider.plugins.discovery import Use
from provider.plugins.secrets import SecretFiles
from provider.plugins.service import PluginPhase, PluginService
from provider.volume import VolumeCapability
from tests.provider.process_containers import ProcessContainers
from tests.provider.scripted_plugin import Script, State, Step, command

MOUNT = VolumeCapability()
PREFIX = "scripted--"


class Calls(Observer):
    def __init__(self) -> None:
        self.ended: list[tuple[str, str]] = []

    def call_ended(self, call: str, code: str, seconds: float) -> None:
        self.ended.append((call, code))


class Story:
    """A plugin service over the scripted plugin, in as many containers as asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = State(folder)
        self.containers = ProcessContainers(str(folder))
        self.secrets = SecretFiles()
        self.client = CsiClient(secrets=self.secrets)
        self.observer = Calls()
        self.readies = 0
        self.service: PluginService | None = None

    def serving(self, name: str, services: str, **changed) -> ServingContainer:
        socket = f"{self.folder}/{name}.sock"
        argv = command(f"unix://{socket}", self.folder, services)
        listed = frozenset(each for each in Service if each.name.lower() in services)
        return ServingContainer(PluginContainer(f"{PREFIX}{name}", argv, **changed), socket, listed)

    def one(self, **config) -> PluginConfig:
        return PluginConfig((self.serving("plugin", "controller,node"),), PREFIX, **config)

    def two(self, **config) -> PluginConfig:
        containers = (self.serving("controller", "controller"), self.serving("node", "node"))
        return PluginConfig(containers, PREFIX, **config)

    async def start(self, config: PluginConfig) -> PluginService:
        def ready(facts) -> None:
            self.readies += 1

        self.service = PluginService(
            config,
            self.containers,
            self.client,
            SystemClock(),
            random.Random(1),
            ready,
            secrets=self.secrets,
            observer=self.observer,
        )
        await self.service.start()
        return self.service

    async def until(self, condition, seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110 - what it looks at has no events
                await asyncio.sleep(0.01)

    async def close(self) -> None:
        if self.service is not None:
            await self.service.stop()
        await self.containers.end_all()
        shutil.rmtree(self.folder)


@pytest.fixture
async def story():
    made = Story(Path(tempfile.mkdtemp(prefix="orl-")))  # short: sockets have 107 bytes
    yield made
    await made.close()


def create(name: str) -> CreateVolume:
    return CreateVolume(name, 1000, MOUNT)


async def test_controller_and_node_in_two_containers_each_get_their_own_calls(story):
    service = await story.start(story.two(type="scripted.orlop.test"))
    facts = await asyncio.wait_for(service.ready(), 20)
    assert facts.capabilities.create_delete_volume and facts.capabilities.stage and facts.node_id == "here"
    volume = await service.call(create("one"))
    await service.call(NodeStage(volume.id, "/s", MOUNT, {}, {}))
    pids = {each["method"]: each["pid"] for each in story.state.read_calls()}
    assert pids["CreateVolume"] == pids["ControllerGetCapabilities"] != pids["NodeStageVolume"]
    assert pids["NodeStageVolume"] == pids["NodeGetInfo"] == pids["NodeGetCapabilities"]
    assert [each.services for each in service.status.containers] == [
        ("CONTROLLER_SERVICE",),
        ("NODE_SERVICE",),
    ]


async def test_while_the_node_container_is_down_the_controller_goes_on(story):
    service = await story.start(story.two())
    await asyncio.wait_for(service.ready(), 20)
    story.state.write(Script(ready=False))
    story.containers.end(f"{PREFIX}node")
    await story.until(lambda: service.status.phase is not PluginPhase.READY)
    volume = await asyncio.wait_for(service.call(create("one")), 5)
    staging = asyncio.create_task(service.call(NodeStage(volume.id, "/s", MOUNT, {}, {})))
    await asyncio.sleep(0.3)
    assert not staging.done(), "a node call waits for its container"
    assert story.readies == 1 and "container scripted--node" in service.status.message
    story.state.write(Script())
    await asyncio.wait_for(staging, 20)
    assert story.readies == 2 and service.status.restarts == 1


async def test_each_service_is_used_at_the_first_container_that_lists_it(story):
    config = PluginConfig((story.serving("node", "node"), story.serving("all", "controller,node")), PREFIX)
    service = await story.start(config)
    await asyncio.wait_for(service.ready(), 20)
    volume = await service.call(create("one"))
    await service.call(NodeStage(volume.id, "/s", MOUNT, {}, {}))
    pids = {each["method"]: each["pid"] for each in story.state.read_calls()}
    assert pids["NodeStageVolume"] == pids["NodeGetInfo"] != pids["CreateVolume"]


async def test_a_call_that_no_container_serves_says_what_to_add(story):
    service = await story.start(PluginConfig((story.serving("node", "node"),), PREFIX))
    facts = await asyncio.wait_for(service.ready(), 20)
    assert not facts.has_controller
    assert not facts.capabilities.create_delete_volume
    with pytest.raises(PluginError, match="a container that serves CONTROLLER_SERVICE: add one"):
        await service.call(create("one"))


async def test_a_plugin_of_another_name_works_and_says_both_names(story):
    service = await story.start(story.one(type="vendor.example.com"))
    await asyncio.wait_for(service.ready(), 20)
    message = service.status.message
    assert "'scripted.orlop.test'" in message and "'vendor.example.com'" in message


async def test_a_plugin_without_the_controller_it_is_configured_for_fails_and_says_so(story):
    story.state.write(Script(plugin=()))
    service = await story.start(story.one())
    await story.until(lambda: service.status.phase is PluginPhase.FAILED)
    assert "no CONTROLLER_SERVICE" in service.status.message
    now = SystemClock().now()
    assert now < service.status.next_start <= now + MAX_BACKOFF, "it is tried again all the same"
    assert story.readies == 0


async def test_a_plugin_that_ends_again_and_again_fails_with_the_last_that_it_printed(story):
    story.state.write(Script(steps={"Probe": [Step(prints="no licence \x1b[31mfound", die=True, times=0)]}))
    service = await story.start(story.one())
    await story.until(lambda: service.status.phase is PluginPhase.FAILED)
    assert service.status.restarts == FAILED_AFTER
    (container,) = service.status.containers
    assert container.log[-1] == "no licence  [31mfound" and "status -9" in container.message
    assert service.status.next_start > SystemClock().now()


async def test_a_plugin_with_capabilities_that_nobody_knows_yet_works_and_shows_them(story):
    story.state.write(Script(newer=77))
    service = await story.start(story.one())
    await asyncio.wait_for(service.ready(), 20)
    await service.call(create("one"))
    found = {each.name: each for each in service.status.capabilities}
    assert found["controller.NUMBER_77"].use is Use.UNUSED
    assert found["CREATE_DELETE_VOLUME"].use is Use.USED
    assert found["GET_VOLUME_STATS"].use is Use.UNUSED and found["GET_VOLUME_STATS"].note
    assert found["LIST_SNAPSHOTS"].use is Use.ABSENT
    assert {"controller.EXPAND_VOLUME", "node.EXPAND_VOLUME"} <= set(found)


# Another configuration


async def test_the_same_configuration_changes_nothing(story):
    service = await story.start(story.one())
    await asyncio.wait_for(service.ready(), 20)
    await service.reconfigure(story.one())
    assert story.containers.launches == 1 and service.status.phase is PluginPhase.READY


async def test_another_configuration_waits_for_calls_under_way_and_lets_new_ones_wait(story):
    service = await story.start(story.one())
    await asyncio.wait_for(service.ready(), 20)
    story.state.write(Script(steps={"CreateVolume": [Step(seconds=1.0)]}))
    under_way = asyncio.create_task(service.call(create("before")))
    await story.until(lambda: service.status.calls_in_flight == 1)
    config = replace(
        story.one(), containers=(story.serving("plugin", "controller,node", environment={"NEW": "1"}),)
    )
    changing = asyncio.create_task(service.reconfigure(config))
    await asyncio.sleep(0.05)
    assert "new calls wait" in service.status.message
    later = asyncio.create_task(service.call(create("after")))
    await asyncio.wait_for(changing, 10)
    assert (await under_way).id == "vol-before", "it was not disturbed"
    assert (await asyncio.wait_for(later, 20)).id == "vol-after"
    assert story.containers.launches == 2 and story.readies == 2
    pids = [each["pid"] for each in story.state.read_calls("CreateVolume")]
    assert len(set(pids)) == 2 and service.status.message == ""


async def test_a_call_that_hangs_holds_up_another_configuration_for_no_longer_than_its_bound(story):
    service = await story.start(story.one(drain_seconds=0.2))
    await asyncio.wait_for(service.ready(), 20)
    story.state.write(Script(steps={"CreateVolume": [Step(hang=True)]}))
    hanging = asyncio.create_task(service.call(create("one")))
    await story.until(lambda: bool(story.state.read_calls("CreateVolume")))
    changed = story.serving("plugin", "controller,node", environment={"NEW": "1"})
    story.state.write(Script())
    await asyncio.wait_for(service.reconfigure(replace(service.config, containers=(changed,))), 10)
    with pytest.raises(PluginError, match="UNAVAILABLE"):
        await asyncio.wait_for(hanging, 10)
    await asyncio.wait_for(service.call(create("one")), 20)


async def test_limits_and_secrets_change_without_a_restart(story):
    service = await story.start(story.one())
    await asyncio.wait_for(service.ready(), 20)
    (story.folder / "key").write_text("hunter2")
    await service.reconfigure(
        story.one(max_concurrent_calls=3, secrets=(SecretFile("key", str(story.folder / "key")),))
    )
    assert story.containers.launches == 1 and service.status.calls_limit == 3
    await service.call(create("one"))
    (call,) = story.state.read_calls("CreateVolume")
    assert call["request"]["secrets"] == {"key": "hunter2"}


async def test_one_container_becomes_two_and_one_again(story):
    service = await story.start(story.one())
    await asyncio.wait_for(service.ready(), 20)
    volume = await service.call(create("one"))
    for config in (story.two(), story.one()):
        await service.reconfigure(config)
        await asyncio.wait_for(service.ready(), 20)
        await service.call(NodeStage(volume.id, "/s", MOUNT, {}, {}))
        running = [each.id for each in await story.containers.list(PREFIX) if each.running]
        assert running == sorted(each.container.id for each in config.containers)
    assert story.readies == 3


async def test_a_configuration_of_another_plugin_is_refused(story):
    service = await story.start(story.one())
    with pytest.raises(ValueError, match="another's"):
        await service.reconfigure(replace(story.one(), prefix="other--"))


# Calls


async def test_no_more_calls_than_allowed_are_under_way_and_every_one_is_counted(story):
    service = await story.start(story.one(max_concurrent_calls=4))
    await asyncio.wait_for(service.ready(), 20)
    story.state.write(Script(steps={"CreateVolume": [Step(seconds=0.05, times=0)]}))
    most = 0
    waiting = [asyncio.create_task(service.call(create(f"v{n}"))) for n in range(20)]
    while not all(task.done() for task in waiting):
        most = max(most, service.status.calls_in_flight)
        await asyncio.sleep(0.005)
    assert most == 4
    assert story.observer.ended.count(("CreateVolume", "OK")) == 20


async def test_an_overloaded_plugin_gets_fewer_calls_and_more_once_it_recovers(story):
    service = await story.start(story.one())
    await asyncio.wait_for(service.ready(), 20)
    story.state.write(Script(steps={"CreateVolume": [Step(code="RESOURCE_EXHAUSTED", times=100)]}))
    for n in range(3):
        with pytest.raises(PluginError):
            await service.call(create(f"v{n}"))
    assert service.status.calls_limit == 8


async def test_calls_that_hang_do_not_hold_up_other_volumes_for_ever(story):
    story.client = CsiClient(None, {**DEADLINES, NodeStage: 0.3}, story.secrets)
    service = await story.start(story.one(max_concurrent_calls=4))
    await asyncio.wait_for(service.ready(), 20)
    story.state.write(Script(steps={"NodeStageVolume": [Step(hang=True, times=0)]}))

    async def again_and_again(volume: str) -> None:
        while True:
            try:
                await service.call(NodeStage(volume, "/s", MOUNT, {}, {}))
            except PluginError as error:
                assert error.code == "DEADLINE_EXCEEDED"

    hanging = [asyncio.create_task(again_and_again(f"hung-{n}")) for n in range(20)]
    try:
        await asyncio.sleep(1.0)
        for n in range(5):
            await asyncio.wait_for(service.call(create(f"v{n}")), 10)
    finally:
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
    assert service.status.calls_in_flight == 0


# Secrets


async def test_a_secret_that_the_plugin_prints_and_repeats_is_seen_nowhere(story, caplog):
    caplog.set_level(logging.DEBUG)
    (story.folder / "key").write_text("hunter2\n")
    said = "login with hunter2 refused"
    story.state.write(
        Script(
            steps={
                "CreateVolume": [Step(code="PERMISSION_DENIED", message=said)],
                "ControllerPublishVolume": [Step(prints=said, die=True)],
            }
        )
    )
    secret = SecretFile("key", str(story.folder / "key"))
    service = await story.start(story.one(secrets=(secret,)))
    await asyncio.wait_for(service.ready(), 20)
    with pytest.raises(PluginError, match=r"login with \*\*\* refused") as caught:
        await service.call(create("one"))
    assert "hunter2" not in repr(caught.value) and caught.value.__suppress_context__
    with pytest.raises(PluginError):
        await service.call(ControllerPublish("vol-one", "here", MOUNT, False, {}))
    await story.until(lambda: any("***" in line for line in service.status.containers[0].log))
    assert "hunter2" not in repr(service.status) and "hunter2" not in caplog.text
    (call,) = story.state.read_calls("CreateVolume")
    assert call["request"]["secrets"] == {"key": "hunter2"}, "the plugin did get it"


async def test_a_call_without_a_place_for_secrets_is_made_though_one_cannot_be_read(story):
    service = await story.start(story.one(secrets=(SecretFile("key", "/nowhere/key"),)))
    await asyncio.wait_for(service.ready(), 20)
    with pytest.raises(PluginError, match="'key' cannot be read from /nowhere/key"):
        await service.call(create("one"))
    await service.call(NodeUnpublish("v", f"{story.folder}/t"))
    assert not story.state.read_calls("CreateVolume"), "the call was not made"
