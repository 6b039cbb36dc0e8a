"""An agent's own resources: the provider without an id."""

from __future__ import annotations

import random
import shutil

import pytest
from sqlalchemy import MetaData

from api.model.clock import SystemClock
from api.model.disk import Disk, Persistence
from api.model.ids import SeededIds
from api.model.operation import Create, CreateDisk, Destroy, Reserve, SourceType, Unreserve
from api.model.resources import Reservation, Resource, Resources, Scalar, scalar
from api.wire.convert import resource_list_from_wire, resources_to_wire, uuid_to_wire
from api.wire.convert_operations import operation_to_wire
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.checkpoint import SCHEMA_VERSION, ProviderTables
from provider.own import OWN, OwnConfig, OwnParts, OwnResources
from store.sqlite import SqliteStore
from tests.provider.cluster import LocalHost

STATE = mesos.OperationState
CONFIG = (scalar("cpus", 4000), scalar("mem", 1024_000), scalar("disk", 1000_000))
ROLE = Reservation("data")


class Directories:
    def __init__(self, root) -> None:
        self.root = root
        self.broken = False

    def make(self, role, persistence_id) -> str:
        if self.broken:
            raise OSError("no space left")
        path = self.root / role / persistence_id
        path.mkdir(parents=True, exist_ok=True)
        return str(path)

    def destroy(self, role, persistence_id) -> None:
        shutil.rmtree(self.root / role / persistence_id, ignore_errors=True)


class Heard(LocalHost):
    """Keeps what is said of the provider without an id, and acknowledges."""

    def __init__(self) -> None:
        super().__init__()
        self.own = None
        self.reports: list[rp.CallUpdateState] = []

    def provider_updated(self, info, state) -> None:
        assert info is None
        self.reports.append(state)
        self.changed.set()

    def operation_status(self, provider_id, update) -> None:
        assert provider_id == OWN
        super().operation_status(provider_id, update)
        if update.status.uuid is not mesos.OperationStatus(state=STATE.OPERATION_PENDING).uuid:
            ack = rp.EventAcknowledgeOperationStatus(
                status_uuid=update.status.uuid, operation_uuid=update.operation_uuid
            )
            self.own.acknowledge(OWN, ack)


class Host:
    def __init__(self, tmp_path) -> None:
        self.path = tmp_path
        self.volumes = Directories(tmp_path / "volumes")
        self.ids = SeededIds(random.Random(2))
        self.failures: list[BaseException] = []

    async def start(self, config=CONFIG) -> None:
        metadata = MetaData()
        tables = ProviderTables(metadata, "own")
        self.store = SqliteStore.open(self.path / "agent.sqlite", metadata, SCHEMA_VERSION)
        self.heard = Heard()
        parts = OwnParts(
            self.store,
            tables,
            self.heard,
            self.volumes,
            SystemClock(),
            self.ids,
            random.Random(1),
            self.failures.append,
        )
        self.own = self.heard.own = OwnResources(OwnConfig(config), parts)
        await self.own.start()
        await self.heard.until(lambda: self.heard.reports)

    async def stop(self) -> None:
        await self.own.stop()
        await self.store.close()

    async def restart(self, config=CONFIG) -> None:
        await self.stop()
        await self.start(config)

    async def apply(self, operation) -> mesos.OperationStatus:
        name = self.ids.uuid()
        self.own.apply_operation(
            OWN,
            rp.EventApplyOperation(
                info=operation_to_wire(operation),
                operation_uuid=uuid_to_wire(name),
                resource_version_uuid=self.heard.reports[-1].resource_version_uuid,
            ),
        )
        await self.heard.until(lambda: name in self.heard.statuses)
        self.own.machine.validate_state()
        return self.heard.statuses[name][-1]

    async def totals(self) -> list[str]:
        self.heard.reports.clear()
        self.own.ask_for_reports()
        await self.heard.until(lambda: self.heard.reports)
        return [str(r) for r in resource_list_from_wire(self.heard.reports[-1].resources)]


@pytest.fixture
async def host(tmp_path):
    made = Host(tmp_path)
    await made.start()
    yield made
    await made.stop()
    assert not made.failures


def reserved_disk(mb=100):
    return Resource("disk", Scalar(mb * 1000), (ROLE,))


def volume(name="data", mb=100):
    return reserved_disk(mb).with_disk(Disk(persistence=Persistence(name)))


async def make(host, name="data"):
    assert (await host.apply(Reserve((reserved_disk(),)))).state is STATE.OPERATION_FINISHED
    return await host.apply(Create((volume(name),)))


async def test_what_the_host_has_is_reported_at_start(host):
    assert await host.totals() == ["cpus:4", "disk:1000", "mem:1024"]


async def test_a_persistent_volume_lives_from_create_to_destroy(host):
    assert (await make(host)).state is STATE.OPERATION_FINISHED
    place = host.volumes.root / "data" / "data"
    (place / "x").write_text("kept")
    await host.restart()
    assert (place / "x").read_text() == "kept"
    assert any("[data]" in each for each in await host.totals())
    assert (await host.apply(Destroy((volume(),)))).state is STATE.OPERATION_FINISHED
    assert not place.exists()
    assert (await host.apply(Unreserve((reserved_disk(),)))).state is STATE.OPERATION_FINISHED
    assert await host.totals() == ["cpus:4", "disk:1000", "mem:1024"]


async def test_a_volume_in_use_is_not_destroyed(host):
    await make(host)
    host.own.hold(resources_to_wire([volume()]), "task-1")
    refused = await host.apply(Destroy((volume(),)))
    assert refused.state is STATE.OPERATION_FAILED and "task-1" in refused.message
    await host.restart()
    assert (await host.apply(Destroy((volume(),)))).state is STATE.OPERATION_FAILED
    host.own.release("task-1")
    assert (await host.apply(Destroy((volume(),)))).state is STATE.OPERATION_FINISHED


async def test_a_directory_that_cannot_be_made_fails_the_operation_and_gives_a_new_version(host):
    await host.apply(Reserve((reserved_disk(),)))
    version = host.own.machine.version
    host.volumes.broken = True
    failed = await host.apply(Create((volume(),)))
    assert failed.state is STATE.OPERATION_FAILED and "no space left" in failed.message
    assert host.own.machine.version != version


async def test_more_than_there_is_is_dropped(host):
    dropped = await host.apply(Reserve((reserved_disk(5000),)))
    assert dropped.state is STATE.OPERATION_DROPPED and "missing" in dropped.message


async def test_a_disk_cannot_be_made_of_what_is_no_providers(host):
    raw = scalar("disk", 1000)
    refused = await host.apply(CreateDisk(raw, SourceType.MOUNT))
    assert refused.state is STATE.OPERATION_FAILED


async def test_a_host_with_more_or_less_than_before_adapts(host):
    await make(host)
    more = (scalar("cpus", 8000), scalar("mem", 512_000), scalar("disk", 1000_000))
    await host.restart(more)
    totals = await host.totals()
    assert "cpus:8" in totals and "mem:512" in totals and any("[data]" in each for each in totals)


async def test_on_a_host_with_less_than_is_reserved_the_reserved_stays(host):
    await make(host)
    await host.restart((scalar("disk", 10_000),))
    (volume,) = await host.totals()
    assert "[data]" in volume
    await host.restart()
    assert len(await host.totals()) == 4


STATIC = Reservation("eng", dynamic=False)
STATED = (scalar("cpus", 4000).push_reservation(STATIC), scalar("mem", 1024_000), scalar("disk", 1000_000))


async def test_what_is_reserved_on_top_of_the_configuration_is_there_after_restarts(host):
    await host.restart(STATED)
    below = scalar("cpus", 1000).push_reservation(STATIC).push_reservation(Reservation("eng/dev"))
    deeper = below.push_reservation(Reservation("eng/dev/ann"))
    assert (await host.apply(Reserve((below,)))).state is STATE.OPERATION_FINISHED
    assert (await host.apply(Reserve((deeper,)))).state is STATE.OPERATION_FINISHED
    await host.restart(STATED)
    layers = ["(STATIC,eng)", "(DYNAMIC,eng/dev)", "(DYNAMIC,eng/dev/ann)"]
    assert f"cpus(reservations:[{','.join(layers)}]):1" in await host.totals()
    assert f"cpus(reservations:[{layers[0]}]):3" in await host.totals()
    assert (await host.apply(Unreserve((deeper,)))).state is STATE.OPERATION_FINISHED
    assert (await host.apply(Unreserve((below,)))).state is STATE.OPERATION_FINISHED
    await host.restart()  # nothing is reserved on top of it any more, so the static part may go, too
    assert await host.totals() == ["cpus:4", "disk:1000", "mem:1024"]


async def test_a_static_reservation_that_others_rest_on_stays(host):
    await host.restart(STATED)
    below = scalar("cpus", 1000).push_reservation(STATIC).push_reservation(Reservation("eng/dev"))
    await host.apply(Reserve((below,)))
    await host.restart(CONFIG)
    layers = ["(STATIC,eng)", "(DYNAMIC,eng/dev)"]
    assert f"cpus(reservations:[{','.join(layers)}]):1" in await host.totals()
    assert "cpus:3" in await host.totals()
    assert (await host.apply(Unreserve((below,)))).state is STATE.OPERATION_FINISHED
    await host.restart(CONFIG)
    assert await host.totals() == ["cpus:4", "disk:1000", "mem:1024"]


async def test_a_host_is_configured_with_other_amounts_while_it_runs_and_keeps_what_is_reserved(host):
    await make(host)
    version = host.own.machine.version
    wanted = (scalar("cpus", 2000), scalar("mem", 1024_000), scalar("disk", 50_000))
    planned = host.own.plan(wanted)
    assert str(planned.kept) == "disk:50", "of the volume's 100"
    assert "cpus:4" in await host.totals(), "a plan changes nothing"
    done = await host.own.configure(wanted)
    assert done == planned and str(done.totals) == str(host.own.totals())
    assert host.own.machine.version != version
    totals = await host.totals()
    assert "cpus:2" in totals and any("[data]" in each for each in totals)
    await host.restart(wanted)
    assert await host.totals() == totals
    host.own.machine.validate_state()


async def test_what_an_operation_is_about_to_take_stays_when_the_host_gets_less(host):
    """The directory is made in a thread: until that is done the reserved disk is taken."""
    await host.apply(Reserve((reserved_disk(1000),)))
    name = host.ids.uuid()
    apply = rp.EventApplyOperation(
        info=operation_to_wire(Create((volume(mb=1000),))),
        operation_uuid=uuid_to_wire(name),
        resource_version_uuid=host.heard.reports[-1].resource_version_uuid,
    )
    host.own.apply_operation(OWN, apply)
    made = Resources((volume(mb=1000),))
    assert host.own.expected().contains(made) and not host.own.totals().contains(made)
    await host.own.configure((scalar("cpus", 4000),))
    await host.heard.until(lambda: name in host.heard.statuses)
    assert host.heard.statuses[name][-1].state is STATE.OPERATION_FINISHED
    host.own.machine.validate_state()
    assert any("[data]" in each for each in await host.totals())


async def test_which_volumes_there_are_is_known_by_name(host):
    assert not host.own.has_volume("data", "data")
    await make(host)
    assert host.own.has_volume("data", "data") and not host.own.has_volume("data", "other")


async def test_who_uses_a_volume_waits_until_it_is_made_and_is_told_when_it_could_not_be(host):
    wanted = resources_to_wire([volume()])
    assert await host.own.lacking(wanted) == "'data' of role 'data'"
    await host.apply(Reserve((reserved_disk(),)))

    def create() -> None:
        apply = rp.EventApplyOperation(
            info=operation_to_wire(Create((volume(),))),
            operation_uuid=uuid_to_wire(host.ids.uuid()),
            resource_version_uuid=host.heard.reports[-1].resource_version_uuid,
        )
        host.own.apply_operation(OWN, apply)

    host.volumes.broken = True
    create()
    assert await host.own.lacking(wanted) == "'data' of role 'data'"
    await host.totals()
    host.volumes.broken = False
    create()
    assert await host.own.lacking(wanted) is None
    assert (host.volumes.root / "data" / "data").is_dir()
