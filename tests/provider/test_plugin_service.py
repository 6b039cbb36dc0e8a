"""The plugin's service: started, probed, restarted with backoff, kept when configured alike."""

from __future__ import annotations

import asyncio
import dataclasses
import random
import socket

import pytest

from api.model.clock import SystemClock
from provider.calls import ListVolumes, PluginError, PluginFacts
from provider.plugins import container_life, containers
from provider.plugins.config import PluginConfig, Service, ServingContainer
from provider.plugins.containers import ContainerFailed, FoundContainer, PluginContainer
from provider.plugins.discovery import Described
from provider.plugins.service import TRANSITIONS, PluginPhase, PluginService
from provider.volume import Capabilities
from tests.provider.model_plugin import described

FACTS = PluginFacts(
    "model",
    "1",
    Capabilities(),
    capability_names=("CONTROLLER_SERVICE", "CREATE_DELETE_VOLUME", "GET_CAPACITY"),
)


class Containers:
    """Containers that end when a test says so."""

    def __init__(self) -> None:
        self.found: dict[str, FoundContainer] = {}
        self.ends: dict[str, asyncio.Future[str]] = {}
        self.launched: list[PluginContainer] = []
        self.killed: list[str] = []
        self.trouble: list[str] = []
        self.immortal = 0
        self.undead = False
        self.printed: tuple[str, ...] = ()

    async def launch(self, container: PluginContainer) -> None:
        if self.trouble:
            raise ContainerFailed(self.trouble.pop(0))
        self.launched.append(container)
        self.there(container)

    def there(self, container: PluginContainer) -> None:
        self.found[container.id] = FoundContainer(container.id, True, container.digest)
        self.ends[container.id] = asyncio.get_running_loop().create_future()

    async def wait(self, container_id: str) -> str:
        if container_id not in self.ends:
            raise ContainerFailed(f"no {container_id}")
        return await asyncio.shield(self.ends[container_id])

    async def kill(self, container_id: str) -> None:
        if self.immortal:
            self.immortal -= 1
            raise ContainerFailed("the containerizer is busy")
        self.killed.append(container_id)
        if not self.undead:
            self.end(container_id)

    def end(self, container_id: str) -> None:
        if container_id in self.found and not self.ends[container_id].done():
            self.found[container_id] = dataclasses.replace(self.found[container_id], running=False)
            self.ends[container_id].set_result("exited with status 1")

    async def remove(self, container_id: str) -> None:
        self.found.pop(container_id, None)
        self.ends.pop(container_id, None)

    async def log(self, container_id: str, lines: int) -> tuple[str, ...]:
        return self.printed[-lines:]

    async def list(self, prefix: str) -> list[FoundContainer]:
        return [f for name, f in sorted(self.found.items()) if name.startswith(prefix)]


class Client:
    """A plugin that is up once `up`, answers while it does not `hang`, and is `initialising` at times."""

    def __init__(self) -> None:
        self.up = True
        self.hang = False
        self.initialising = False
        self.error: PluginError | None = None
        self.takes = 0.0
        self.probes = 0
        self.dialled = 0
        self.name = FACTS.name
        self.calls = asyncio.Event()

    async def probe(self, socket_path: str, wait: float) -> bool:
        self.probes += 1
        while self.hang:  # noqa: ASYNC110 - a test's switch has no events
            await asyncio.sleep(0.005)
        if self.takes:
            await asyncio.sleep(min(self.takes, wait))
        if self.takes > wait:
            raise PluginError("DEADLINE_EXCEEDED", "too slow")
        if not self.up:
            raise PluginError("UNAVAILABLE", "nobody there")
        if self.error is not None:
            raise self.error
        return not self.initialising

    def connect(self, config: PluginConfig) -> None:
        self.config = config

    async def describe(self, socket_path: str, services: frozenset[Service], wait: float) -> Described:
        return dataclasses.replace(described(FACTS), name=self.name)

    def redial(self, socket_path: str) -> None:
        self.dialled += 1

    async def close(self) -> None:
        pass

    async def call(self, request, answered):
        await self.calls.wait()


class Story:
    def __init__(self, tmp_path) -> None:
        self.containers = Containers()
        self.client = Client()
        self.phases: list[PluginPhase] = []
        self.readies = 0
        self.socket = tmp_path / "csi.sock"
        container = PluginContainer("storage-local--plugin", ("plugin",))
        self.container = container
        self.config = PluginConfig(
            (ServingContainer(container, str(self.socket)),),
            "storage-local--",
            probe_seconds=0.05,
            check_seconds=0.01,
            check_timeout=0.05,
        )

    async def probed(self, times: int) -> None:
        """So often more."""
        goal = self.client.probes + times
        await self.until(lambda: self.client.probes >= goal)

    def service(self) -> PluginService:
        def ready(facts: PluginFacts) -> None:
            self.readies += 1

        def status(now) -> None:
            if self.phases[-1:] != [now.phase]:
                self.phases.append(now.phase)

        return PluginService(
            self.config, self.containers, self.client, SystemClock(), random.Random(1), ready, status
        )

    async def until(self, condition) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - what it looks at has no events
                await asyncio.sleep(0.005)


@pytest.fixture
async def story(tmp_path):
    return Story(tmp_path)


async def test_a_plugin_comes_up_and_callers_wait_for_it(story):
    service = story.service()
    waiting = asyncio.create_task(service.ready())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await service.start()
    assert await waiting == FACTS
    assert story.phases == [PluginPhase.STARTING, PluginPhase.PROBING, PluginPhase.READY]
    await service.stop()
    assert not story.containers.killed, "the container outlives its keeper"


async def test_a_plugin_that_dies_is_started_again_and_counted(story):
    service = story.service()
    await service.start()
    for count in (1, 2):
        await service.ready()
        story.containers.end(story.container.id)
        await story.until(lambda count=count: story.readies == count + 1)
    assert service.status.restarts == 2 and len(story.containers.launched) == 3
    assert PluginPhase.RESTARTING in story.phases
    await service.stop()


async def test_a_start_that_is_waited_for_is_made_at_once_when_somebody_is_in_a_hurry(story, monkeypatch):
    monkeypatch.setattr(container_life, "FIRST_BACKOFF", 100.0)
    story.containers.trouble = ["no room"]
    service = story.service()
    await service.start()
    await story.until(lambda: service.status.phase is PluginPhase.RESTARTING)
    service.hurry()
    async with asyncio.timeout(5):
        assert await service.ready() == FACTS
    await service.stop()


async def test_a_container_left_by_an_earlier_life_is_kept_if_it_is_configured_alike(story):
    story.containers.there(story.container)
    service = story.service()
    await service.start()
    await service.ready()
    assert not story.containers.launched and not story.containers.killed
    await service.stop()


async def test_a_container_with_another_configuration_is_replaced(story):
    story.containers.there(dataclasses.replace(story.container, argv=("older",)))
    story.containers.there(dataclasses.replace(story.container, id="storage-local--former"))
    service = story.service()
    await service.start()
    await service.ready()
    assert sorted(story.containers.killed) == ["storage-local--former", "storage-local--plugin"]
    assert [c.argv for c in story.containers.launched] == [("plugin",)]
    assert list(story.containers.found) == ["storage-local--plugin"]
    await service.stop()


async def test_a_stale_socket_is_removed_before_the_plugin_starts(story):
    with socket.socket(socket.AF_UNIX) as old:
        old.bind(str(story.socket))
    service = story.service()
    await service.start()
    await service.ready()
    assert not story.socket.exists()
    await service.stop()


async def test_a_plugin_that_says_that_it_is_not_ready_is_probed_for_as_long_as_its_container_runs(story):
    story.client.initialising = True
    story.containers.printed = ("reading the disks",)
    service = story.service()
    await service.start()
    await story.until(lambda: "not ready after" in service.status.message)
    assert "says that it is not ready" in service.status.message
    assert service.status.containers[0].log == ("reading the disks",)
    story.client.initialising = False
    assert await service.ready() == FACTS
    assert service.status.message == "" and len(story.containers.launched) == 1
    await service.stop()


@pytest.mark.parametrize("kept", [False, True])
async def test_a_plugin_that_never_answers_is_killed_also_one_of_an_earlier_life(story, kept):
    story.client.up = False
    if kept:
        story.containers.there(story.container)
    service = story.service()
    await service.start()
    await story.until(lambda: "did not answer within 0.05 s of its start" in service.status.message)
    assert story.containers.killed[0] == story.container.id
    story.client.up = True
    assert await service.ready() == FACTS
    assert len(story.containers.launched) == service.status.restarts + 1 - kept
    await service.stop()


async def test_a_container_that_cannot_be_started_is_tried_again_and_the_reason_shown(story):
    story.containers.trouble = ["no such image", "no such image"]
    service = story.service()
    await service.start()
    await story.until(lambda: "no such image" in service.status.message)
    await service.ready()
    assert service.status.restarts == 2
    await service.stop()


async def test_a_plugin_that_failed_stays_so_until_it_is_ready(story, monkeypatch):
    monkeypatch.setattr(container_life, "FIRST_BACKOFF", 0.005)
    monkeypatch.setattr(container_life, "MAX_BACKOFF", 0.02)
    story.containers.trouble = ["no such image"] * (container_life.FAILED_AFTER + 3)
    story.containers.printed = ("the last words",)
    service = story.service()
    await service.start()
    await story.until(lambda: service.status.phase is PluginPhase.FAILED)
    assert service.status.restarts == container_life.FAILED_AFTER
    assert "no such image" in service.status.message and service.status.next_start is not None
    assert service.status.containers[0].log == ("the last words",)
    await service.ready()
    after = story.phases[story.phases.index(PluginPhase.FAILED) :]
    assert after == [PluginPhase.FAILED, PluginPhase.READY], "nothing looks hopeful in between"
    status = service.status
    assert (status.message, status.next_start, status.containers[0].log) == ("", None, ())
    await service.stop()


async def test_a_change_under_way_does_not_hold_up_the_end(story):
    service = story.service()
    await service.start()
    await service.ready()
    story.client.calls = asyncio.Event()
    hanging = asyncio.create_task(service.call(ListVolumes()))
    await story.until(lambda: service.status.calls_in_flight == 1)
    other = dataclasses.replace(story.config.containers[0], socket_path=f"{story.socket}-other")
    changing = asyncio.create_task(
        service.reconfigure(dataclasses.replace(story.config, containers=(other,)))
    )
    await story.until(lambda: "new calls wait" in service.status.message)
    await asyncio.wait_for(service.stop(), 1)
    assert changing.done() and service.status.phase is PluginPhase.STOPPED
    story.client.calls.set()
    await hanging
    await asyncio.gather(changing, return_exceptions=True)


async def test_a_plugin_that_hangs_is_killed_and_started_again_and_the_reason_shown(story):
    service = story.service()
    await service.start()
    await service.ready()
    story.client.hang = True
    await story.until(lambda: service.status.phase is PluginPhase.RESTARTING)
    assert "killed, it hung: 3 probes in a row failed (no answer within 0.2 s)" in service.status.message
    assert service.status.restarts == 1 and set(story.containers.killed) == {story.container.id}
    waiting = asyncio.create_task(service.ready())
    await asyncio.sleep(0.01)
    assert not waiting.done(), "callers wait for its return"
    story.client.hang = False
    await waiting
    assert service.status.message == "" and len(story.containers.launched) == 2
    await service.stop()


async def test_a_plugin_that_says_that_it_does_not_work_is_told_in_its_words_and_started_again_once(story):
    story.config = dataclasses.replace(story.config, check_failures=40)
    service = story.service()
    await service.start()
    await service.ready()
    story.client.error = PluginError("FAILED_PRECONDITION", "the storage is not reachable")
    words = "FAILED_PRECONDITION: the storage is not reachable"
    await story.until(lambda: service.status.message == f"it says that it does not work: {words}")
    assert service.status.phase is PluginPhase.READY, "calls are still made: they say what does not work"
    await story.until(lambda: service.status.phase is PluginPhase.RESTARTING)
    assert service.status.message == f"killed, it said that it does not work, 40 times in a row: {words}"
    await story.until(lambda: "not ready after" in service.status.message)
    await story.probed(5)
    assert words in service.status.message and service.status.restarts == 1, "no more than once: it answers"
    story.client.error = None
    await service.ready()
    assert service.status.message == ""
    await service.stop()


async def test_what_a_probe_met_is_told_until_one_succeeds(story):
    story.config = dataclasses.replace(story.config, check_failures=1000)
    service = story.service()
    await service.start()
    await service.ready()
    story.client.up = False
    await story.until(lambda: service.status.message == "its last probe failed: UNAVAILABLE: nobody there")
    story.client.up = True
    await story.until(lambda: service.status.message == "")
    assert service.status.phase is PluginPhase.READY and service.status.restarts == 0
    await service.stop()


@pytest.mark.parametrize("code", ["RESOURCE_EXHAUSTED", "ABORTED"])
async def test_a_plugin_that_has_too_much_to_do_for_a_probe_works(story, code):
    service = story.service()
    await service.start()
    await service.ready()
    story.client.error = PluginError(code, "too many requests")
    await story.probed(10)
    assert service.status.phase is PluginPhase.READY and service.status.message == ""
    await service.stop()


async def test_a_hung_plugin_whose_container_could_not_be_killed_is_not_kept(story):
    story.containers.immortal = 1
    service = story.service()
    await service.start()
    await service.ready()
    story.client.hang = True
    await story.until(lambda: "busy" in service.status.message)
    assert "it hung" in service.status.message
    story.client.hang = False
    await story.until(lambda: story.readies == 2)
    assert len(story.containers.launched) == 2
    await service.stop()


async def test_a_killed_plugin_that_does_not_go_away_is_shown(story, monkeypatch):
    monkeypatch.setattr(containers, "END_SECONDS", 0.05)
    story.containers.there(dataclasses.replace(story.container, argv=("older",)))
    story.containers.undead = True
    service = story.service()
    await service.start()
    await story.until(lambda: "was killed and is still there" in service.status.message)
    assert service.status.restarts >= 1 and not story.containers.launched
    story.containers.undead = False
    await asyncio.wait_for(service.ready(), 5)
    await service.stop()


async def test_only_failures_in_a_row_count(story):
    service = story.service()
    await service.start()
    await service.ready()
    for _ in range(4):
        story.client.up = False
        await story.probed(2)
        story.client.up = True
        await story.probed(1)
    assert service.status.phase is PluginPhase.READY and not story.containers.killed
    await service.stop()


async def test_a_plugin_that_answers_that_it_is_not_ready_does_not_hang(story):
    service = story.service()
    await service.start()
    await service.ready()
    story.client.initialising = True
    await story.probed(6)
    assert service.status.phase is PluginPhase.READY and not story.containers.killed
    await service.stop()


async def test_a_plugin_whose_storage_is_slow_to_answer_comes_up_and_is_not_taken_for_hung(
    story, monkeypatch
):
    monkeypatch.setattr(container_life, "FIRST_PATIENCE", 0.02)
    story.config = dataclasses.replace(story.config, probe_seconds=1.0)
    story.client.takes = 0.11  # two of its probes at rest are given up as well, and the third has the time
    service = story.service()
    await service.start()
    assert await asyncio.wait_for(service.ready(), 5) == FACTS
    await story.probed(6)
    assert service.status.phase is PluginPhase.READY and not story.containers.killed
    await service.stop()


async def test_shutting_down_ends_the_container_too(story):
    service = story.service()
    await service.start()
    await service.ready()
    await service.shut_down()
    assert not story.containers.found and service.status.phase is PluginPhase.STOPPED


def test_every_phase_is_left_somehow():
    assert {phase for phase, _ in TRANSITIONS} == set(PluginPhase)
