"""What is saved is loaded again, whatever the machine's records are."""

from __future__ import annotations

import dataclasses
import uuid

import pytest
from sqlalchemy import MetaData, create_engine, insert

from api.model.disk import Disk, DiskSource, Persistence, SourceType
from api.model.operation import CreateDisk, Destroy, OperationState
from api.model.resources import Reservation, Resource, Scalar
from api.wire.convert import resource_to_wire
from provider.checkpoint import ProviderTables
from provider.messages import WireResources
from provider.records import (
    Checkpoint,
    ForgetOperation,
    ForgetVolume,
    OperationRecord,
    Profile,
    SaveBase,
    SaveCapacity,
    SaveDisk,
    SaveDivisible,
    SaveHolders,
    SaveOperation,
    SaveProfile,
    SaveProviderId,
    SaveVolume,
)
from provider.volume import Expansion, ExpansionStage, Volume, VolumeCapability, VolumeState
from store.port import StoreError
from tests.provider.resources import MB, create_disk, op, pool

DISK = Resource(
    "disk",
    Scalar(1500),
    (Reservation("a"), Reservation("a/b", principal="p", labels=(("k", "v"), ("x", None)))),
    Disk(
        DiskSource(SourceType.MOUNT, "/mnt/x", "vol/1", (("made-by", "me"),), "fast", "vendor"),
        Persistence("data", "p"),
    ),
    "provider-1",
)
VOLUME = Volume(
    "vol/1",
    VolumeState.NODE_STAGE,
    3 * MB,
    VolumeCapability(False, "xfs", ("noatime", "ro"), "SINGLE_NODE_WRITER"),
    "fast",
    {"a": "b"},
    {"c": "d"},
    {"e": "f"},
    "boot",
    "operation",
    True,
    True,
    True,
    Expansion(4 * MB, 3 * MB, ExpansionStage.NODE, True),
)
RECORD = OperationRecord(
    op(7),
    CreateDisk(pool(64), SourceType.MOUNT),
    12.5,
    3,
    "framework",
    "my-id",
    OperationState.FINISHED,
    uuid.UUID(int=9),
    "fine",
    (DISK,),
    13.5,
    True,
    topology={"zone": "one"},
)
PROFILE = Profile(
    "fast",
    VolumeCapability(block=True),
    {"tier": "1"},
    "fast disks",
    "group",
    secrets={"key": "/etc/key"},
    volume_context={"share": "/x"},
)
FULL = [
    SaveProviderId("provider-1"),
    SaveOperation(RECORD),
    SaveOperation(OperationRecord(op(8), Destroy((DISK,)), 14.0, 4)),
    SaveVolume(VOLUME),
    SaveHolders("vol/1", ("a", "b"), ("b",)),
    SaveDivisible((pool(10), pool(5, "default", Reservation("x")))),
    SaveCapacity({"fast": 123}),
    SaveDisk(DISK, 1),
    SaveProfile(PROFILE),
    SaveBase((pool(1),)),
]


class Database:
    """A checkpoint in a real database, as a provider writes it."""

    def __init__(self) -> None:
        metadata = MetaData()
        self.tables = ProviderTables(metadata)
        self.engine = create_engine("sqlite://")
        metadata.create_all(self.engine)

    def write(self, changes) -> None:
        with self.engine.begin() as connection:
            for change in self.tables.changes(changes):
                change(connection)

    @property
    def checkpoint(self) -> Checkpoint:
        with self.engine.connect() as connection:
            return self.tables.load(connection)


def test_an_empty_database_is_an_empty_checkpoint():
    assert Database().checkpoint == Checkpoint()


def test_every_record_comes_back_as_it_was():
    database = Database()
    database.write(FULL)
    found = database.checkpoint
    assert found.provider_id == "provider-1"
    assert found.operations[0] == RECORD and found.operations[1].state is OperationState.PENDING
    assert found.volumes == (VOLUME,)
    assert found.holders == {"vol/1": ("a", "b")} and found.readers == {"vol/1": ("b",)}
    assert found.divisible == (pool(10), pool(5, "default", Reservation("x")))
    assert found.available == {"fast": 123}
    assert found.disks == ((DISK, 1),)
    assert found.profiles == (PROFILE,)
    assert found.base == (pool(1),)
    with database.engine.connect() as connection:
        assert database.tables.count_volumes(connection) == 1


def test_what_disks_have_in_common_is_there_once_as_messages_too():
    other = dataclasses.replace(DISK, disk=Disk(dataclasses.replace(DISK.disk.source, id="vol/2")))
    bare = dataclasses.replace(other, reservations=(), value=Scalar(1000))
    messages = WireResources().of((DISK, other, bare))
    assert messages == [resource_to_wire(each) for each in (DISK, other, bare)]
    first, second, third = messages
    assert first.reservations is second.reservations is not third.reservations
    assert first.scalar is second.scalar is not third.scalar
    assert first.provider_id is second.provider_id is third.provider_id


def test_an_operation_that_is_remembered_keeps_no_disk_and_no_pool_of_its_own():
    database = Database()
    ended = [
        dataclasses.replace(RECORD, uuid=op(number), sequence=number, acknowledged=20.0) for number in (1, 2)
    ]
    database.write([SaveDisk(DISK, 1), *(SaveOperation(record) for record in ended)])
    found = database.checkpoint
    first, second = found.remembered
    assert (first, second) == tuple(ended)
    assert first.converted[0] is second.converted[0] is found.disks[0][0]
    assert first.operation.source is second.operation.source


def test_what_equality_leaves_out_comes_back_as_it_was():
    database = Database()
    grouped = [
        dataclasses.replace(
            pool(8), disk=Disk(dataclasses.replace(pool(8).disk.source, capacity_group=group))
        )
        for group in ("one", "two")
    ]
    database.write(
        SaveOperation(OperationRecord(op(number), CreateDisk(source, SourceType.MOUNT), 1.0, number))
        for number, source in enumerate(grouped, 1)
    )
    sources = [record.operation.source for record in database.checkpoint.operations]
    assert sources == grouped
    assert [source.disk.source.capacity_group for source in sources] == ["one", "two"]


def test_saving_again_replaces_and_forgetting_removes():
    database = Database()
    database.write(FULL)
    database.write(FULL)
    database.write([SaveVolume(dataclasses.replace(VOLUME, state=VolumeState.PUBLISHED))])
    assert [v.state for v in database.checkpoint.volumes] == [VolumeState.PUBLISHED]
    database.write(
        [
            ForgetVolume("vol/1"),
            ForgetOperation(op(7)),
            ForgetOperation(op(8)),
            SaveHolders("vol/1", ()),
            SaveDisk(DISK, 0),
        ]
    )
    left = database.checkpoint
    assert not (left.volumes or left.operations or left.holders or left.disks)


def test_rows_that_cannot_be_read_are_said_to_be_another_releases():
    database = Database()
    with database.engine.begin() as connection:
        connection.execute(insert(database.tables.volumes).values(key="v", value=b"\xc1 no msgpack"))
    with pytest.raises(StoreError, match="release"):
        assert database.checkpoint


def test_an_extended_pool_keeps_its_capacity_group_through_a_restart():
    database = Database()
    source = DiskSource(SourceType.RAW, profile="fast", vendor="v", capacity_group="g", cost_milli=500)
    database.write([SaveDivisible((Resource("disk", Scalar(1), (), Disk(source), "p"),))])
    (found,) = database.checkpoint.divisible
    assert found.disk.source.capacity_group == "g" and found.disk.source.cost_milli == 500
    assert create_disk(1, 1).operation.source != found
