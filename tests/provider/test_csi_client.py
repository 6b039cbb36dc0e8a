"""The CSI client against servers that misbehave: deadlines, codes, pages, sizes, restarts."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

import grpc
import grpc.aio
import pytest

from api.model.errors import WHO_FOR_GRPC
from csi_spec import csi_pb2 as csi
from csi_spec import csi_pb2_grpc as stubs
from provider.calls import (
    CreateVolume,
    DeleteVolume,
    GetCapacity,
    ListVolumes,
    NodePublish,
    Outcome,
    PluginError,
    ValidateVolume,
    outcome_of,
)
from provider.plugins.client import DEADLINES, CsiClient
from provider.plugins.config import Service
from provider.plugins.discovery import Unusable
from provider.volume import VolumeCapability

MOUNT = VolumeCapability(fs_type="xfs", mount_flags=("noatime",))


class Server(stubs.ControllerServicer, stubs.NodeServicer, stubs.IdentityServicer):
    """A plugin on a unix socket; `before` may abort, sleep, or do nothing."""

    def __init__(self, socket: str) -> None:
        self.socket = socket
        self.before = None
        self.volumes = 0
        self.most_entries = 2000
        self.seen: list = []
        self.ready = True

    async def start(self) -> None:
        options = [("grpc.max_send_message_length", -1)]
        self.server = grpc.aio.server(options=options)
        for add in (
            stubs.add_ControllerServicer_to_server,
            stubs.add_NodeServicer_to_server,
            stubs.add_IdentityServicer_to_server,
        ):
            add(self, self.server)
        self.server.add_insecure_port(f"unix:{self.socket}")
        await self.server.start()

    async def stop(self) -> None:
        await self.server.stop(None)

    async def _met(self, request, context) -> None:
        self.seen.append(request)
        if self.before is not None:
            await self.before(context)

    async def CreateVolume(self, request, context):
        await self._met(request, context)
        volume = csi.Volume(volume_id="v", capacity_bytes=7, volume_context={"a": "b"})
        return csi.CreateVolumeResponse(volume=volume)

    async def DeleteVolume(self, request, context):
        await self._met(request, context)
        return csi.DeleteVolumeResponse()

    async def GetCapacity(self, request, context):
        await self._met(request, context)
        return csi.GetCapacityResponse(available_capacity=5)

    async def ListVolumes(self, request, context):
        await self._met(request, context)
        if request.max_entries > self.most_entries:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "too many entries")
        start = int(request.starting_token or 0)
        stop = min(self.volumes, start + (request.max_entries or min(self.most_entries, 1000)))
        found = [csi.Volume(volume_id=f"v{n}", volume_context={"x": "y" * 6000}) for n in range(start, stop)]
        entries = [csi.ListVolumesResponse.Entry(volume=volume) for volume in found]
        return csi.ListVolumesResponse(entries=entries, next_token=str(stop) if stop < self.volumes else "")

    async def ValidateVolumeCapabilities(self, request, context):
        await self._met(request, context)
        return csi.ValidateVolumeCapabilitiesResponse(message="not like this")

    async def NodePublishVolume(self, request, context):
        await self._met(request, context)
        return csi.NodePublishVolumeResponse()

    async def GetPluginInfo(self, request, context):
        return csi.GetPluginInfoResponse(name="p")

    async def GetPluginCapabilities(self, request, context):
        kind = csi.PluginCapability
        service = kind.Service(type=kind.Service.CONTROLLER_SERVICE)
        return csi.GetPluginCapabilitiesResponse(capabilities=[kind(service=service)])

    async def NodeGetInfo(self, request, context):
        return csi.NodeGetInfoResponse(node_id="here")

    async def Probe(self, request, context):
        answer = csi.ProbeResponse()
        answer.ready.value = self.ready
        return answer


@pytest.fixture
async def plugin():
    directory = tempfile.mkdtemp(prefix="orl-")
    server = Server(f"{directory}/csi.sock")
    await server.start()
    yield server
    await server.stop()
    shutil.rmtree(directory)


@pytest.fixture
async def client(plugin):
    made = CsiClient(plugin.socket, {**DEADLINES, GetCapacity: 0.2})
    yield made
    await made.close()


async def test_a_creation_carries_what_is_required_and_no_limit(plugin, client):
    volume = await client.call(CreateVolume("name", 1000, MOUNT, {"tier": "1"}))
    assert (volume.id, volume.capacity_bytes, volume.context) == ("v", 7, {"a": "b"})
    (request,) = plugin.seen
    assert request.capacity_range.required_bytes == 1000 and request.capacity_range.limit_bytes == 0
    assert request.volume_capabilities[0].mount.fs_type == "xfs" and request.parameters == {"tier": "1"}


async def test_a_publication_carries_every_field(plugin, client):
    block = VolumeCapability(block=True, access_mode="SINGLE_NODE_READER_ONLY")
    await client.call(NodePublish("v", "/staging", "/target", block, True, {"c": "1"}, {"p": "2"}))
    (request,) = plugin.seen
    assert request.volume_capability.HasField("block") and request.readonly
    modes = csi.VolumeCapability.AccessMode
    assert request.volume_capability.access_mode.mode == modes.SINGLE_NODE_READER_ONLY
    assert (request.staging_target_path, request.target_path) == ("/staging", "/target")
    assert request.volume_context == {"c": "1"} and request.publish_context == {"p": "2"}


@pytest.mark.parametrize("code", [c for c in grpc.StatusCode if c is not grpc.StatusCode.OK])
async def test_every_code_is_sorted_by_what_is_known_afterwards(plugin, client, code):
    async def abort(context):
        await context.abort(code, "words")

    plugin.before = abort
    with pytest.raises(PluginError, match="words") as caught:
        await client.call(DeleteVolume("v"))
    assert caught.value.code == code.name and caught.value.outcome is outcome_of(code.name)
    if code.name in {"UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL", "UNKNOWN", "CANCELLED", "DATA_LOSS"}:
        assert caught.value.outcome is Outcome.UNKNOWN
    assert code.name in WHO_FOR_GRPC


async def test_an_answer_that_comes_too_late_is_an_unknown_outcome(plugin, client):
    plugin.before = lambda context: asyncio.sleep(5)
    with pytest.raises(PluginError) as caught:
        await client.call(GetCapacity(MOUNT))
    assert caught.value.code == "DEADLINE_EXCEEDED" and caught.value.outcome is Outcome.UNKNOWN


async def test_the_repeat_of_a_call_that_was_late_has_more_time_and_the_next_call_the_usual_again(
    client, plugin
):
    async def slow(context):
        await asyncio.sleep(0.3)

    plugin.before = slow
    asked = GetCapacity(MOUNT)
    for _ in range(2):
        with pytest.raises(PluginError, match="DEADLINE_EXCEEDED"):
            await client.call(asked)
        assert await client.call(asked) == 5


async def test_a_plugin_with_a_bound_on_the_pages_of_its_list_chooses_their_size_itself(plugin, client):
    plugin.volumes, plugin.most_entries = 250, 100
    for asked in (4, 3):  # it is remembered
        plugin.seen.clear()
        assert len(await client.call(ListVolumes())) == 250
        assert len(plugin.seen) == asked


async def test_a_list_is_read_to_its_end_and_may_be_larger_than_grpcs_default(plugin, client):
    plugin.volumes = 2100  # a page of 1000 is 6 MB
    found = await client.call(ListVolumes())
    assert [v.id for v in found] == [f"v{n}" for n in range(2100)]
    assert len(plugin.seen) == 3


async def test_a_plugin_that_does_not_confirm_says_why(plugin, client):
    assert await client.call(ValidateVolume("v", MOUNT, {})) == "not like this"


async def test_a_plugin_that_is_not_there_is_an_unknown_outcome_at_once():
    client = CsiClient("/nowhere/csi.sock")
    with pytest.raises(PluginError) as caught:
        await client.call(DeleteVolume("v"))
    assert caught.value.code == "UNAVAILABLE" and caught.value.outcome is Outcome.UNKNOWN
    await client.close()


class Unreadable(grpc.GenericRpcHandler):
    """Answers everything at once, with OK, and with bytes that are no message."""

    def service(self, handler_call_details):
        async def answer(request, context):
            return b"\xff\xff\xff"

        return grpc.unary_unary_rpc_method_handler(answer)


@pytest.fixture
async def unreadable(plugin):
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Unreadable(),))
    socket = f"{plugin.socket}-0"
    server.add_insecure_port(f"unix:{socket}")
    await server.start()
    yield socket
    await server.stop(None)


@pytest.mark.parametrize(
    "asked",
    [
        CreateVolume("name", 1000, MOUNT, {}),
        DeleteVolume("v"),
        GetCapacity(MOUNT),
        ListVolumes(),
        ValidateVolume("v", MOUNT, {}),
    ],
    ids=lambda asked: type(asked).__name__,
)
async def test_an_answer_that_cannot_be_read_is_an_unknown_outcome(unreadable, asked):
    client = CsiClient(unreadable)
    with pytest.raises(PluginError, match="no message that CSI has") as caught:
        await client.call(asked)
    assert caught.value.outcome is Outcome.UNKNOWN
    await client.close()


async def test_a_plugin_whose_answers_about_itself_cannot_be_read_is_told_so(client, unreadable):
    with pytest.raises(PluginError, match="no message that CSI has"):
        await client.probe(unreadable, 5.0)
    with pytest.raises(PluginError, match="no message that CSI has"):
        await client.describe(unreadable, frozenset(Service), 5.0)


async def _lacks(self, request, context):
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, "unknown method")


class Taciturn(Server):
    """A plugin that lacks most questions about itself."""

    Probe = ControllerGetCapabilities = NodeGetCapabilities = _lacks


class Elsewhere(Taciturn):
    """One that does not serve the node."""

    NodeGetInfo = _lacks


async def test_a_plugin_that_lacks_the_questions_about_itself_is_up_and_can_do_nothing_in_particular(
    plugin, client
):
    taciturn, elsewhere = Taciturn(f"{plugin.socket}-1"), Elsewhere(f"{plugin.socket}-2")
    await taciturn.start()
    await elsewhere.start()
    try:
        assert await client.probe(taciturn.socket, 5.0)
        found = await client.describe(taciturn.socket, frozenset(Service), 5.0)
        assert (found.controller, found.node, found.node_id) == (frozenset(), frozenset(), "here")
        with pytest.raises(Unusable, match="does not serve the node"):
            await client.describe(elsewhere.socket, frozenset(Service), 5.0)
    finally:
        await taciturn.stop()
        await elsewhere.stop()


async def test_a_plugin_that_was_started_anew_is_found_again(plugin, client):
    await client.call(DeleteVolume("v"))
    await plugin.stop()
    Path(plugin.socket).unlink(missing_ok=True)  # noqa: ASYNC240 - a test
    with pytest.raises(PluginError):
        await client.call(DeleteVolume("v"))
    await plugin.start()
    client.redial(plugin.socket)
    await client.call(DeleteVolume("v"))


async def test_calls_on_a_connection_that_is_given_up_end_as_lost(plugin, client):
    plugin.before = lambda context: asyncio.sleep(5)
    waiting = asyncio.create_task(client.call(DeleteVolume("v")))
    while not plugin.seen:  # noqa: ASYNC110 - a server without events
        await asyncio.sleep(0.01)
    client.redial(plugin.socket)
    with pytest.raises(PluginError) as caught:
        await waiting
    assert caught.value.outcome is Outcome.UNKNOWN


async def test_a_plugin_that_says_it_is_not_ready_is_believed(plugin, client):
    assert await client.probe(plugin.socket, 5) is True
    plugin.ready = False
    assert await client.probe(plugin.socket, 5) is False
