"""Every call, with every gRPC code, going wrong in every way: one volume for each, on one provider.

All the volumes are brought through their lives side by side, so each is also a bystander of all others:
one that goes wrong for ever, or takes others with it, does not come to its end. What a volume's owner
does about a refusal is what an owner would: look at the reason and try again.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import shutil
import tempfile
import uuid
from pathlib import Path

import pytest

from api.model.disk import SourceType
from api.model.operation import CreateDisk, DestroyDisk, GrowVolume
from api.model.resources import Resource, Scalar
from api.wire.convert import resource_list_from_wire, resources_to_wire
from api.wire.v1 import mesos
from provider.calls import volume_name
from provider.manager.publishing import PublishFailed
from provider.plugins import container_life
from provider.plugins.client import DEADLINES, CsiClient
from provider.plugins.config import PluginConfig, ServingContainer
from provider.plugins.containers import PluginContainer
from provider.plugins.service import PluginService
from provider.volume import Capabilities
from tests.provider.cluster import Cluster
from tests.provider.misbehaving.plugin import CODES, Containers, MisbehavingPlugin, Misbehaviour, Way
from tests.provider.model_plugin import ModelPlugin
from tests.provider.resources import MB

ALL = Capabilities(
    create_delete_volume=True,
    controller_publish=True,
    stage=True,
    list_volumes=True,
    get_capacity=True,
    controller_expand=True,
    node_expand=True,
    online_expand=True,
)
METHODS = (
    "CreateVolume",
    "DeleteVolume",
    "ControllerPublishVolume",
    "ControllerUnpublishVolume",
    "NodeStageVolume",
    "NodeUnstageVolume",
    "NodePublishVolume",
    "NodeUnpublishVolume",
    "ControllerExpandVolume",
    "NodeExpandVolume",
)
CASES = [
    Misbehaviour(method, code, way)
    for method, code, way in itertools.product(METHODS, sorted(set(CODES) - {"OK"}), Way)
]
DEADLINE = 0.6
"""Seconds for each call: what hangs longer is lost."""
TRIES = 4
"""Of one step by its owner."""
PATIENCE = 150.0
"""For all of them: ten seconds where nobody else needs the cores."""
pytestmark = pytest.mark.timeout(2 * PATIENCE)
SETTLE_TRIES = 150
SIDE_BY_SIDE = 160
FINISHED = mesos.OperationState.OPERATION_FINISHED


class Victim:
    """A provider with a plugin that misbehaves, in a short folder (a socket's path has 107 bytes)."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="orl-"))
        self.model = ModelPlugin(4096 * MB, ALL)
        self.plugin = MisbehavingPlugin(self.model)
        self.cluster = Cluster(self.directory, self._parts, refresh_seconds=0.5)

    def _parts(self, clock, rng):
        socket = self.directory / "csi.sock"
        client = CsiClient(str(socket), dict.fromkeys(DEADLINES, DEADLINE))
        container = PluginContainer("bad--plugin", ("misbehave",))
        config = PluginConfig((ServingContainer(container, str(socket)),), "bad--")
        containers = Containers(self.plugin, socket)

        def service(on_ready, on_status):
            return PluginService(config, containers, client, clock, rng, on_ready, on_status)

        return client, service

    @property
    def notices(self):
        return {n.source_id for state in self.cluster.host.states.values() for n in state.notices}


@pytest.fixture
async def victim():
    made = Victim()
    await made.cluster.start()
    try:
        yield made
        await made.cluster.stop()
    finally:
        await made.plugin.end("the test is over")
        shutil.rmtree(made.directory)


class Life:
    """One volume's life; its first name is the one that the plugin misbehaves for."""

    def __init__(self, victim: Victim, wrong: Misbehaviour | None, name: uuid.UUID) -> None:
        self._cluster = victim.cluster
        self.name = name
        self.user = f"user-{name}"
        self.told: list[str] = []
        self.doing = ""
        self.ends: list[uuid.UUID] = [name]
        if wrong is not None:
            victim.plugin.about[volume_name(name)] = wrong

    async def whole(self, pool: Resource) -> None:
        piece = pool.with_value(Scalar.of(1))
        disk = await self._done(CreateDisk(piece, SourceType.MOUNT), self.name)
        await self._use(disk)
        disk = await self._done(GrowVolume(disk, piece))
        await self._use(disk)
        await self._done(DestroyDisk(disk))

    async def _done(self, operation, name: uuid.UUID | None = None) -> Resource:
        self.doing = str(operation.type)
        for _ in range(TRIES):
            sent = self._cluster.send(operation, name)
            name = None
            self.ends.append(sent)
            status = await self._cluster.ended(sent, PATIENCE)
            if status.state is FINISHED:
                (made,) = resource_list_from_wire(status.converted_resources)
                return made
            self.told.append(status.message)
        raise AssertionError(f"{operation.type} never ends well: {self.told}")

    async def _use(self, disk: Resource) -> None:
        self.doing = "use"
        for _ in range(TRIES):
            try:
                await self._cluster.manager.publish(resources_to_wire([disk]), self.user)
                break
            except PublishFailed as error:
                self.told.append(str(error))
        else:
            raise AssertionError(f"it is never published: {self.told}")
        await self._cluster.unpublish(self.user)


async def _lives(victim: Victim, cases: list[Misbehaviour | None]) -> list[Life]:
    pool = (await victim.cluster.pools())["default"]
    rng = random.Random(3)
    lives = [Life(victim, case, uuid.UUID(int=rng.getrandbits(128))) for case in cases]
    slots = asyncio.Semaphore(SIDE_BY_SIDE)

    async def live(life: Life) -> None:
        async with slots:
            await life.whole(pool)

    tasks = {asyncio.create_task(live(life)): life for life in lives}
    done, waiting = await asyncio.wait(tasks, timeout=PATIENCE, return_when=asyncio.FIRST_EXCEPTION)
    for task in waiting:
        task.cancel()
    for task in done:
        task.result()
    stuck = [
        (victim.plugin.about.get(volume_name(tasks[t].name)), tasks[t].doing, tasks[t].told) for t in waiting
    ]
    assert not stuck, f"{len(stuck)} volumes have not come to their end: {stuck[:5]}"
    return lives


async def _settled(victim: Victim) -> None:
    """Nothing of it is left, at the provider or at the plugin, but what the operator is told of.

    A plugin that did what it said it would not is found out by its list, which is read when it comes up.
    """
    await victim.plugin.end("restarted by the test")

    def left() -> dict[str, object]:
        machine = victim.cluster.provider.machine
        return {
            "operations": list(machine.operations.records.values()),
            "volumes": list(machine.driver.volumes.values()),
            "nobody is told of": sorted(set(victim.model.volumes) - victim.notices),
        }

    for _ in range(SETTLE_TRIES):
        if not any(left().values()):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"left behind: {left()}")


def _judge(case: Misbehaviour, life: Life) -> None:
    assert case.met, f"{case.method} was never called"
    for text in life.told:
        lied = case.code == "NOT_FOUND" and "was refused: FAILED_PRECONDITION" in text
        assert case.method in text or lied, f"{case}: the owner was told {text!r}"


@pytest.mark.parametrize("way", [way for way in Way if way is not Way.DIE])
async def test_one_volume_in_trouble_comes_to_its_end_and_delays_no_other(victim, way, tell):
    cases = [case for case in CASES if case.way is way]
    bystanders: list[Misbehaviour | None] = [None] * 20
    lives = await _lives(victim, [*cases, *bystanders])
    for case, life in zip(cases, lives, strict=False):
        _judge(case, life)
    assert not any(life.told for life in lives[len(cases) :]), "a bystander was refused something"
    await _settled(victim)
    tell(f"{way}: {len(cases)} cases of {len(CASES)}")


async def test_a_plugin_that_dies_in_any_call_comes_back_and_every_volume_goes_on(victim, monkeypatch, tell):
    monkeypatch.setattr(container_life, "MAX_BACKOFF", 0.2)  # how it is waited for is shown elsewhere
    cases = [case for case in CASES if case.way is Way.DIE]
    lives = await _lives(victim, [*cases])
    for case, life in zip(cases, lives, strict=True):
        assert case.met and not life.told, "a death is no refusal"
    assert victim.plugin.deaths > 0 and victim.cluster.provider.plugin.status.restarts >= 1
    await _settled(victim)
    tell(f"{Way.DIE}: {len(cases)} cases of {len(CASES)}, {victim.plugin.deaths} deaths")
