"""A plugin that answers at once, with OK, and with nonsense.

Whatever it says, the provider stays up, other volumes go on, the operator reads what is wrong and what to do,
and nothing is lost without a word. Each test misleads one volume, and then brings another through its life.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
import uuid
from dataclasses import replace
from pathlib import Path

import grpc
import pytest

from api.model.disk import SourceType
from api.model.operation import CreateDisk, DestroyDisk, GrowVolume
from api.model.resources import Scalar
from api.wire.convert import resource_list_from_wire
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from csi_spec import csi_pb2 as csi
from provider.calls import PluginError
from provider.manager.publishing import PublishFailed
from provider.plugins.client import DEADLINES, CsiClient
from provider.plugins.config import PluginConfig, ServingContainer
from provider.plugins.containers import PluginContainer
from provider.plugins.service import PluginService
from provider.volume import VolumeCapability
from tests.provider.cluster import Cluster
from tests.provider.misbehaving.plugin import METHODS, Containers, MisbehavingPlugin
from tests.provider.model_plugin import ALL, ModelPlugin, ModelVolume
from tests.provider.resources import MB

DEADLINE = 5.0
FINISHED, FAILED = mesos.OperationState.OPERATION_FINISHED, mesos.OperationState.OPERATION_FAILED
Kind = rp.VolumeNoticeKind


class Rig:
    """A provider and its plugin, whose answers a test replaces: `plugin.instead` by the name of the call."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="orl-"))
        self.model = ModelPlugin(4096 * MB, ALL)
        self.plugin = MisbehavingPlugin(self.model)
        self.cluster = Cluster(self.directory, self._parts, refresh_seconds=0.2)
        self._numbers = itertools.count(1)

    def _parts(self, clock, rng):
        socket = self.directory / "csi.sock"
        client = CsiClient(str(socket), dict.fromkeys(DEADLINES, DEADLINE))
        container = PluginContainer("bad--plugin", ("misbehave",))
        config = PluginConfig((ServingContainer(container, str(socket)),), "bad--", "model.orlop")
        containers = Containers(self.plugin, socket)

        def service(on_ready, on_status):
            return PluginService(config, containers, client, clock, rng, on_ready, on_status)

        return client, service

    def misled(self, method: str, answer) -> str:
        """The next volume's name; for it alone `answer(model, request)` is what `method` says."""
        name = str(uuid.UUID(int=next(self._numbers)))

        def instead(model, request):
            about = getattr(request, "name", "") or self.plugin.name_of(getattr(request, "volume_id", ""))
            return answer(model, request) if about == f"vol-{name}" else METHODS[method](model, request)

        self.plugin.instead[method] = instead
        return name

    def honest(self) -> None:
        self.plugin.instead.clear()

    async def create(self, name: str | None = None, size_mb: int = 1):
        """How CREATE_DISK ended: state, message, and the disk when there is one."""
        sent = self.begin(name, size_mb)
        return ended(await self.cluster.ended(sent))

    def begin(self, name: str | None = None, size_mb: int = 1) -> uuid.UUID:
        piece = self.pool.with_value(Scalar.of(size_mb))
        operation = CreateDisk(piece, SourceType.MOUNT)
        return self.cluster.send(operation, uuid.UUID(name or str(uuid.uuid4())))

    async def made(self, name: str | None = None, size_mb: int = 1):
        state, message, disk = await self.create(name, size_mb)
        assert state is FINISHED, message
        return disk

    async def destroy(self, disk):
        return ended(await self.cluster.apply(DestroyDisk(disk)))

    async def grow(self, disk, more_mb: int = 1):
        addition = self.pool.with_value(Scalar.of(more_mb))
        return ended(await self.cluster.apply(GrowVolume(disk, addition)))

    @property
    def pool(self):
        (found,) = [r for r in self.cluster.resources if _is_pool(r)]
        return found

    @property
    def state(self) -> rp.CallUpdateState:
        (only,) = self.cluster.host.states.values()
        return only

    def notices(self, kind) -> dict[str, str]:
        return {n.source_id: n.message for n in self.state.notices if n.kind is kind}

    async def until(self, condition, seconds: float = 20.0):
        """What `condition` returns once that is true; looks at the provider as it reports itself."""
        async with asyncio.timeout(seconds):
            while not (found := condition()):  # noqa: ASYNC110 - much of it is not announced
                await asyncio.sleep(0.05)
            return found

    async def restarted(self) -> None:
        before = self.cluster.provider.plugin.status.restarts
        await self.plugin.end("ended by the test")
        await self.until(lambda: self.cluster.provider.plugin.status.restarts > before)

    async def others_go_on(self) -> None:
        """A volume that nobody misleads: made, used, enlarged, deleted."""
        disk = await self.made()
        path = await self.cluster.publish(disk, "other")
        assert Path(path).is_dir()  # noqa: ASYNC240
        await self.cluster.unpublish("other")
        state, message, disk = await self.grow(disk)
        assert state is FINISHED, message
        state, message, _ = await self.destroy(disk)
        assert state is FINISHED, message
        assert not self.cluster.failures


def ended(status):
    """State, message and disk of a terminal status."""
    converted = resource_list_from_wire(status.converted_resources)
    message = "" if not isinstance(status.message, str) else status.message
    return status.state, message, converted[0] if converted else None


def _is_pool(resource) -> bool:
    source = resource.disk.source if resource.disk is not None else None
    return source is not None and source.is_pool and source.profile == "default"


@pytest.fixture
async def rig():
    made = Rig()
    await made.cluster.start()
    try:
        await made.cluster.pools()
        yield made
        made.honest()
        await made.others_go_on()
        await made.cluster.stop()
    finally:
        await made.plugin.end("the test is over")
        shutil.rmtree(made.directory)


def volume_message(volume_id: str, capacity: int = MB, **context: str):
    return csi.CreateVolumeResponse(
        volume=csi.Volume(volume_id=volume_id, capacity_bytes=capacity, volume_context=context)
    )


def trouble_of(rig: Rig, operation: uuid.UUID) -> str:
    """What an operator reads beside a pending operation."""
    return next(
        (
            each.latest_status.message
            for each in rig.state.operations
            if each.uuid.value == operation.bytes and isinstance(each.latest_status.message, str)
        ),
        "",
    )


# CreateVolume


async def test_a_volume_without_an_id_is_asked_for_again_and_the_operation_says_why(rig):
    name = rig.misled("CreateVolume", lambda model, request: volume_message(""))
    sent = rig.begin(name)
    assert "has no id" in await rig.until(lambda: trouble_of(rig, sent))
    await rig.others_go_on()
    rig.honest()
    assert (await rig.cluster.ended(sent)).state is FINISHED


async def test_the_id_of_another_disk_is_refused_and_that_disk_stays_what_it_is(rig):
    first = await rig.made()
    wrong = first.disk.source.id
    name = rig.misled("CreateVolume", lambda model, request: volume_message(wrong))
    state, message, _ = await rig.create(name)
    assert state is FAILED and wrong in message and "another disk" in message
    assert await rig.cluster.publish(first, "user")
    await rig.cluster.unpublish("user")


async def test_the_id_of_a_volume_that_is_somebody_elses_is_refused_and_it_is_not_deleted(rig):
    rig.model.volumes["old"] = ModelVolume("old", "of-others", 5 * MB, VolumeCapability(), {})
    await rig.restarted()
    await rig.until(lambda: "old" in rig.notices(Kind.WITHHELD))
    name = rig.misled("CreateVolume", lambda model, request: volume_message("old"))
    state, message, _ = await rig.create(name)
    assert state is FAILED and "old" in message
    assert "old" in rig.model.volumes and "old" in rig.notices(Kind.WITHHELD)


async def test_a_volume_that_is_too_small_is_deleted_again(rig):
    def too_small(model, request):
        request.capacity_range.required_bytes //= 2
        return METHODS["CreateVolume"](model, request)

    state, message, _ = await rig.create(rig.misled("CreateVolume", too_small), size_mb=4)
    assert state is FAILED and "less than was required" in message
    assert not rig.model.volumes


async def test_a_volume_that_is_larger_is_taken_as_it_is_and_charged(rig):
    before = rig.pool.milli

    def larger(model, request):
        request.capacity_range.required_bytes *= 3
        return METHODS["CreateVolume"](model, request)

    disk = await rig.made(rig.misled("CreateVolume", larger), size_mb=4)
    assert disk.milli == 12 * 1000
    await rig.until(lambda: rig.pool.milli == before - 12 * 1000)
    assert (await rig.destroy(disk))[0] is FINISHED


@pytest.mark.parametrize("size", [-1, -(2**62)])
async def test_a_negative_size_counts_as_one_that_is_not_told(rig, size):
    def negative(model, request):
        answer = METHODS["CreateVolume"](model, request)
        answer.volume.capacity_bytes = size
        return answer

    disk = await rig.made(rig.misled("CreateVolume", negative), size_mb=4)
    assert disk.milli == 4 * 1000
    assert (await rig.destroy(disk))[0] is FINISHED


@pytest.mark.parametrize("size", [2**62, 2**63 - 1])
async def test_a_size_that_no_volume_has_is_not_believed_and_nothing_is_left(rig, size):
    before = rig.pool.milli

    def absurd(model, request):
        answer = METHODS["CreateVolume"](model, request)
        answer.volume.capacity_bytes = size
        return answer

    state, message, _ = await rig.create(rig.misled("CreateVolume", absurd))
    assert state is FAILED and str(size) in message
    assert not rig.model.volumes
    await rig.until(lambda: rig.pool.milli == before)


async def test_a_context_of_megabytes_is_refused_with_its_size_and_nothing_is_left(rig):
    def talkative(model, request):
        answer = METHODS["CreateVolume"](model, request)
        answer.volume.volume_context["all"] = "x" * (3 * MB)
        return answer

    state, message, _ = await rig.create(rig.misled("CreateVolume", talkative))
    assert state is FAILED and "volume_context" in message and len(message) < 2000
    assert not rig.model.volumes


async def test_an_answer_beyond_every_limit_leaves_the_outcome_unknown_and_nothing_behind(rig):
    """The client throws such an answer away, so it does not know of the volume: it must not say "refused"."""

    def endless(model, request):
        answer = METHODS["CreateVolume"](model, request)
        answer.volume.volume_context["all"] = "x" * (65 * MB)
        return answer

    sent = rig.begin(rig.misled("CreateVolume", endless))
    assert "too large" in await rig.until(lambda: trouble_of(rig, sent))
    rig.honest()
    assert (await rig.cluster.ended(sent)).state is FINISHED
    assert len(rig.model.volumes) == 1


@pytest.mark.parametrize(
    "volume_id", ["a/../../etc", "line\nbreak", "nul\0inside", "\x1b[31mred", "..", "x" * 4096, " ", "ü/日本"]
)
async def test_any_text_is_an_id(rig, volume_id):
    def odd(model, request):
        answer = METHODS["CreateVolume"](model, request)
        volume = model.volumes.pop(answer.volume.volume_id, None)
        if volume is not None:
            volume.id = volume_id
            model.volumes[volume_id] = volume
        answer.volume.volume_id = volume_id
        return answer

    disk = await rig.made(rig.misled("CreateVolume", odd))
    assert disk.disk.source.id == volume_id
    path = await rig.cluster.publish(disk, "user")
    assert Path(path).parent.parent == rig.directory / "mounts" and ".." not in Path(path).parts
    await rig.cluster.unpublish("user")
    assert (await rig.destroy(disk))[0] is FINISHED
    assert not rig.model.volumes


# ControllerExpandVolume


@pytest.mark.parametrize("size", [1, MB, -5, 2**62])
async def test_a_growth_that_tells_nonsense_ends_with_a_reason_or_as_it_was_asked_for(rig, size):
    name = rig.misled(
        "ControllerExpandVolume",
        lambda model, request: csi.ControllerExpandVolumeResponse(capacity_bytes=size),
    )
    disk = await rig.made(name, size_mb=4)
    state, message, grown = await rig.grow(disk)
    if 0 < size < 4 * MB:
        assert state is FAILED and "less than" in message
        grown = disk
    else:  # as good as not told
        assert state is FINISHED and grown.milli == 5 * 1000
    assert (await rig.destroy(grown))[0] is FINISHED


# GetCapacity


def capacity(rig: Rig, *answers: int) -> None:
    following = itertools.cycle(answers)
    rig.plugin.instead["GetCapacity"] = lambda model, request: csi.GetCapacityResponse(
        available_capacity=next(following)
    )


async def test_a_capacity_that_jumps_offers_no_more_than_its_lows(rig):
    low, high = 1024 * MB, 3072 * MB
    capacity(rig, low, high, low, high, high)
    await rig.until(lambda: rig.pool.milli == 1024 * 1000)
    for _ in range(30):
        await asyncio.sleep(0.05)
        assert rig.pool.milli <= 1024 * 1000


@pytest.mark.parametrize("size", [0, -1, -(2**62)])
async def test_a_capacity_of_nothing_or_less_is_an_empty_pool_with_a_reason(rig, size):
    capacity(rig, size)
    (profile,) = await rig.until(
        lambda: [p for p in rig.state.profiles if p.name == "default" and isinstance(p.message, str)]
    )
    assert "no capacity" in profile.message
    rig.honest()
    await rig.until(lambda: [r for r in rig.cluster.resources if _is_pool(r)])


@pytest.mark.parametrize("size", [2**62, 2**63 - 1])
async def test_an_absurd_capacity_breaks_nothing(rig, size):
    """Plugins without a limit say so: what is then refused is an operation that ends with the reason."""
    capacity(rig, size)
    await rig.until(lambda: rig.pool.milli > 10**12)
    state, message, _ = await rig.create(size_mb=10_000)
    assert state is FAILED and "RESOURCE_EXHAUSTED" in message
    rig.honest()
    await rig.until(lambda: rig.pool.milli == 4096 * 1000)


# ListVolumes


def listing(rig: Rig, answer) -> None:
    rig.plugin.instead["ListVolumes"] = lambda model, request: answer(request)


def problem(rig: Rig) -> str:
    return rig.cluster.provider.machine.listing.problem or ""


async def test_a_list_whose_token_comes_again_is_given_up_with_a_reason(rig):
    disk = await rig.made()
    listing(rig, lambda request: csi.ListVolumesResponse(next_token="same"))
    await rig.restarted()
    assert "next_token came twice" in await rig.until(lambda: problem(rig))
    assert not rig.notices(Kind.LOST)
    assert (await rig.destroy(disk))[0] is FINISHED


async def test_a_list_that_never_ends_is_given_up_with_a_reason(rig):
    disk = await rig.made()
    numbers = itertools.count()
    listing(rig, lambda request: csi.ListVolumesResponse(next_token=str(next(numbers))))
    await rig.restarted()
    assert "did not end" in await rig.until(lambda: problem(rig))
    assert not rig.notices(Kind.LOST)
    assert (await rig.destroy(disk))[0] is FINISHED


async def test_a_list_of_endless_pages_of_megabytes_is_given_up_before_it_fills_the_memory(rig):
    numbers, pages = itertools.count(), []
    filler = {"all": "x" * (10 * MB)}

    def page(request):
        pages.append(1)
        entry = csi.ListVolumesResponse.Entry(
            volume=csi.Volume(volume_id=f"v{next(numbers)}", volume_context=filler)
        )
        return csi.ListVolumesResponse(entries=[entry], next_token=str(next(numbers)))

    listing(rig, page)
    await rig.restarted()
    assert "larger than" in await rig.until(lambda: problem(rig))
    assert len(pages) < 20
    rig.honest()
    await rig.restarted()


async def test_ids_that_are_listed_twice_are_one_volume(rig):
    entry = csi.ListVolumesResponse.Entry(volume=csi.Volume(volume_id="twice", capacity_bytes=5 * MB))
    listing(rig, lambda request: csi.ListVolumesResponse(entries=[entry, entry, entry]))
    await rig.restarted()
    await rig.until(lambda: "twice" in rig.notices(Kind.WITHHELD))
    assert len([n for n in rig.state.notices if n.source_id == "twice"]) == 1


async def test_an_invented_volume_is_withheld_and_gone_when_it_is_listed_no_more(rig):
    entry = csi.ListVolumesResponse.Entry(volume=csi.Volume(volume_id="invented", capacity_bytes=5 * MB))
    listing(rig, lambda request: csi.ListVolumesResponse(entries=[entry]))
    await rig.restarted()
    said = await rig.until(lambda: rig.notices(Kind.WITHHELD).get("invented"))
    assert "orlop volume adopt" in said
    assert all(r.disk.source.id != "invented" for r in rig.cluster.resources if r.disk is not None)
    rig.honest()
    await rig.restarted()
    await rig.until(lambda: "invented" not in rig.notices(Kind.WITHHELD))


async def test_a_forgotten_volume_is_reported_stays_and_can_be_destroyed(rig):
    disk = await rig.made()
    volume_id = disk.disk.source.id
    forgotten = rig.model.volumes.pop(volume_id)
    await rig.restarted()
    said = await rig.until(lambda: rig.notices(Kind.LOST).get(volume_id))
    assert "lists it no more" in said
    assert disk in rig.cluster.resources
    with pytest.raises(PublishFailed, match="NOT_FOUND"):
        await rig.cluster.publish(disk, "user")
    rig.model.volumes[volume_id] = forgotten  # the storage is back
    await rig.restarted()
    await rig.until(lambda: volume_id not in rig.notices(Kind.LOST))
    assert await rig.cluster.publish(disk, "user")
    await rig.cluster.unpublish("user")
    del rig.model.volumes[volume_id]  # and gone for good
    assert (await rig.destroy(disk))[0] is FINISHED


# NodePublishVolume


async def test_a_volume_that_is_published_nowhere_is_not_given_to_a_task(rig):
    name = rig.misled("NodePublishVolume", lambda model, request: csi.NodePublishVolumeResponse())
    disk = await rig.made(name)
    with pytest.raises(PublishFailed, match="nothing is at"):
        await rig.cluster.publish(disk, "user")
    await rig.others_go_on()
    rig.honest()
    assert Path(await rig.cluster.publish(disk, "user")).exists()  # noqa: ASYNC240
    await rig.cluster.unpublish("user")
    assert (await rig.destroy(disk))[0] is FINISHED


# After a restart


async def test_a_plugin_that_is_not_the_one_that_made_the_volumes_is_not_asked_about_them(rig):
    disk = await rig.made()
    rig.plugin.instead["GetPluginInfo"] = lambda model, request: csi.GetPluginInfoResponse(
        name="stranger.example", vendor_version="1"
    )
    mine, rig.model.volumes = rig.model.volumes, {}  # it has never heard of them
    await rig.plugin.end("ended by the test")
    said = await rig.until(
        lambda: rig.state.plugin.message if "stranger.example" in str(rig.state.plugin.message) else ""
    )
    assert "'model.orlop''s" in said and rig.state.plugin.state == "FAILED"
    sent = rig.cluster.send(DestroyDisk(disk))
    await asyncio.sleep(0.5)
    assert sent not in rig.cluster.host.statuses, "a stranger's word ended it"
    rig.honest()
    rig.model.volumes = mine
    rig.cluster.provider.plugin.hurry()
    assert (await rig.cluster.ended(sent)).state is FINISHED and not mine


async def test_expansion_that_is_gone_after_a_restart_fails_with_the_reason(rig):
    disk = await rig.made()
    rig.model.facts = replace(
        rig.model.facts, capabilities=replace(ALL, controller_expand=False, node_expand=False)
    )
    await rig.restarted()
    await rig.until(lambda: "EXPAND_VOLUME" not in str(rig.cluster.provider.plugin.status.facts))
    state, message, _ = await rig.grow(disk)
    assert state is FAILED and "cannot expand" in message
    rig.model.facts = replace(rig.model.facts, capabilities=ALL)
    await rig.restarted()
    await rig.until(lambda: rig.cluster.provider.plugin.status.facts.capabilities.controller_expand)
    assert (await rig.destroy(disk))[0] is FINISHED


async def test_what_was_staged_and_attached_is_taken_back_though_the_plugin_says_it_cannot_any_more(rig):
    disk = await rig.made()
    await rig.cluster.publish(disk, "user")
    volume = rig.model.volumes[disk.disk.source.id]
    assert volume.staged and volume.attached
    rig.model.facts = replace(
        rig.model.facts, capabilities=replace(ALL, stage=False, controller_publish=False)
    )
    await rig.restarted()
    await rig.until(lambda: not rig.cluster.provider.plugin.status.facts.capabilities.stage)
    await rig.cluster.unpublish("user")
    await rig.until(lambda: not volume.staged and not volume.attached)
    assert (await rig.destroy(disk))[0] is FINISHED
    rig.model.facts = replace(rig.model.facts, capabilities=ALL)


async def test_staging_that_is_new_after_a_restart_is_used_from_the_next_time_on(rig):
    rig.model.facts = replace(
        rig.model.facts, capabilities=replace(ALL, stage=False, controller_publish=False)
    )
    await rig.restarted()
    await rig.until(lambda: not rig.cluster.provider.plugin.status.facts.capabilities.stage)
    disk = await rig.made()
    await rig.cluster.publish(disk, "user")
    rig.model.facts = replace(rig.model.facts, capabilities=ALL)
    await rig.restarted()
    await rig.until(lambda: rig.cluster.provider.plugin.status.facts.capabilities.stage)
    await rig.cluster.unpublish("user")
    await rig.until(lambda: rig.model.volumes[disk.disk.source.id].published is None)
    await rig.cluster.publish(disk, "next")
    assert rig.model.volumes[disk.disk.source.id].staged
    await rig.cluster.unpublish("next")
    assert (await rig.destroy(disk))[0] is FINISHED


# Errors


@pytest.mark.parametrize(
    "text",
    [b"\xff\xfe not utf-8 \x80".decode("latin-1"), "line\nline", "\x1b[2J", "x" * 3000, "x" * 200_000, ""],
    ids=["latin", "lines", "escape", "long", "huge", "empty"],
)
@pytest.mark.parametrize("code", [grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.INTERNAL])
async def test_whatever_an_error_says_its_code_counts(rig, code, text):
    def refuse(model, request):
        raise PluginError(code.name, text)

    sent = rig.begin(rig.misled("CreateVolume", refuse))
    if code is grpc.StatusCode.INVALID_ARGUMENT:
        state, message, _ = ended(await rig.cluster.ended(sent))
        assert state is FAILED and code.name in message and len(message) < 3000
    else:
        message = await rig.until(lambda: trouble_of(rig, sent))
        assert code.name in message and len(message) < 3000
        rig.honest()
        assert (await rig.cluster.ended(sent)).state is FINISHED
