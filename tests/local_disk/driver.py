"""A CSI client of the tests' own, and the plugin served for it: real gRPC over a real unix socket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from csi_spec import csi_pb2 as csi
from csi_spec import csi_pb2_grpc
from provider.plugins.local_disk.options import PluginOptions
from provider.plugins.local_disk.server import serve

MIB = 1024 * 1024
GIB = 1024 * MIB
NODE = "node-1"
CALL_SECONDS = 60
Mode = csi.VolumeCapability.AccessMode


def mount(fs_type: str = "", mode: int = Mode.SINGLE_NODE_WRITER, flags=(), group: str = ""):
    return csi.VolumeCapability(
        mount=csi.VolumeCapability.MountVolume(fs_type=fs_type, mount_flags=flags, volume_mount_group=group),
        access_mode=Mode(mode=mode),
    )


def block(mode: int = Mode.SINGLE_NODE_WRITER):
    return csi.VolumeCapability(block=csi.VolumeCapability.BlockVolume(), access_mode=Mode(mode=mode))


def create_request(name: str, size: int = 16 * MIB, capability=None, limit: int = 0, **fields):
    return csi.CreateVolumeRequest(
        name=name,
        capacity_range=csi.CapacityRange(required_bytes=size, limit_bytes=limit),
        volume_capabilities=[capability or mount()],
        **fields,
    )


def plain(volume_id: str) -> str:
    """A short piece of the id that is safe in a file name."""
    return "".join(letter for letter in volume_id[:8] if letter.isalnum() or letter == "-")


@dataclass
class Client:
    """The plugin's three services, and the folders that a client of CSI owns."""

    folder: Path
    identity: csi_pb2_grpc.IdentityStub
    controller: csi_pb2_grpc.ControllerStub
    node: csi_pb2_grpc.NodeStub

    @property
    def pool(self) -> Path:
        return self.folder / "pool"

    def files(self) -> set[str]:
        return {path.name for path in (self.pool / "volumes").iterdir()}

    async def create(self, name: str, size: int = 16 * MIB, capability=None, **fields) -> csi.Volume:
        request = create_request(name, size, capability, **fields)
        return (await self.controller.CreateVolume(request, timeout=CALL_SECONDS)).volume

    async def delete(self, volume_id: str) -> None:
        await self.controller.DeleteVolume(csi.DeleteVolumeRequest(volume_id=volume_id), timeout=CALL_SECONDS)

    async def available(self, capability=None, **fields) -> int:
        request = csi.GetCapacityRequest(
            volume_capabilities=[] if capability is None else [capability], **fields
        )
        return (await self.controller.GetCapacity(request)).available_capacity

    def staging(self, volume_id: str) -> Path:
        path = self.folder / f"stage-{plain(volume_id)}"
        with contextlib.suppress(FileExistsError):
            path.mkdir()
        return path

    def target(self, volume_id: str, name: str = "a") -> Path:
        return self.folder / f"target-{plain(volume_id)}-{name}"

    def stage_request(self, volume_id: str, capability=None) -> csi.NodeStageVolumeRequest:
        return csi.NodeStageVolumeRequest(
            volume_id=volume_id,
            staging_target_path=str(self.staging(volume_id)),
            volume_capability=capability or mount(),
        )

    def publish_request(self, volume_id: str, capability=None, name: str = "a", readonly: bool = False):
        return csi.NodePublishVolumeRequest(
            volume_id=volume_id,
            staging_target_path=str(self.staging(volume_id)),
            target_path=str(self.target(volume_id, name)),
            volume_capability=capability or mount(),
            readonly=readonly,
        )

    async def stage(self, volume_id: str, capability=None) -> Path:
        await self.node.NodeStageVolume(self.stage_request(volume_id, capability), timeout=CALL_SECONDS)
        return self.staging(volume_id)

    async def publish(self, volume_id: str, capability=None, name: str = "a", readonly: bool = False) -> Path:
        request = self.publish_request(volume_id, capability, name, readonly)
        await self.node.NodePublishVolume(request, timeout=CALL_SECONDS)
        return self.target(volume_id, name)

    async def unpublish(self, volume_id: str, name: str = "a") -> None:
        request = csi.NodeUnpublishVolumeRequest(
            volume_id=volume_id, target_path=str(self.target(volume_id, name))
        )
        await self.node.NodeUnpublishVolume(request, timeout=CALL_SECONDS)

    async def unstage(self, volume_id: str) -> None:
        request = csi.NodeUnstageVolumeRequest(
            volume_id=volume_id, staging_target_path=str(self.staging(volume_id))
        )
        await self.node.NodeUnstageVolume(request, timeout=CALL_SECONDS)

    async def put_away(self, volume_id: str, *names: str) -> None:
        """Unpublish, unstage and delete."""
        for name in names or ("a",):
            await self.unpublish(volume_id, name)
        await self.unstage(volume_id)
        await self.delete(volume_id)


@asynccontextmanager
async def serving(folder: Path, backend: str, capacity: int | None = 2 * GIB, pool: Path | None = None):
    """The plugin, served over `folder`; its own task ends with the context."""
    options = PluginOptions(
        f"unix://{folder}/csi.sock",
        NODE,
        pool or folder / "pool",
        backend,
        capacity,
        folder / "state",
    )
    stop, ready = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(serve(options, stop=stop, ready=ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if task.done():
        task.result()
    try:
        async with connected(folder) as client:
            yield client
    finally:
        stop.set()
        await task


@asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[Client]:
    # A plugin that is still starting is dialled again soon, not after gRPC's second.
    pauses = [(f"grpc.{which}_reconnect_backoff_ms", 50) for which in ("initial", "min", "max")]
    options = [("grpc.use_local_subchannel_pool", 1), *pauses]
    async with grpc.aio.insecure_channel(f"unix://{folder}/csi.sock", options=options) as channel:
        yield Client(
            folder,
            csi_pb2_grpc.IdentityStub(channel),
            csi_pb2_grpc.ControllerStub(channel),
            csi_pb2_grpc.NodeStub(channel),
        )


async def outcome(call) -> str:
    """The name of the gRPC status that the call ends with."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        assert error.details(), "a refusal says what to do"
        return error.code().name
    return "OK"


@asynccontextmanager
async def refused(code: str, *words: str):
    """The call in the block is refused with that code, and the message names these words."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        yield
    assert caught.value.code().name == code, caught.value.details()
    for word in words:
        assert word in caught.value.details()
