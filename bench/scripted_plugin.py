"""A CSI plugin that takes a fixed time for each call that changes something, and keeps its volumes in memory.

    python -m bench.scripted_plugin ENDPOINT DELAY_MS COUNTS

Real gRPC in a process of its own. COUNTS is a file that says how often each call was made, as JSON, written
a moment after they were. It is a load for measurements, not an example of a driver: no node publishes
anything, and nothing outlives it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import grpc

from csi_spec import csi_pb2 as csi
from csi_spec import csi_pb2_grpc as stubs

NAME = "scripted.bench"
CAPACITY = 2**50
WRITE_SECONDS = 0.2
MESSAGE_LIMIT = 64 * 2**20


class Scripted(stubs.IdentityServicer, stubs.ControllerServicer, stubs.NodeServicer):
    """All three services."""

    def __init__(self, delay: float, counts: Path) -> None:
        self._delay = delay
        self._counts_file = counts
        self._counts: dict[str, int] = {}
        self._volumes: dict[str, tuple[str, int]] = {}
        self._ids: dict[str, str] = {}
        self._used = 0

    async def write_counts(self) -> None:
        """For ever."""
        written: dict[str, int] = {}
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            if written != self._counts:
                written = dict(self._counts)
                fresh = self._counts_file.with_suffix(".new")
                fresh.write_text(json.dumps(written))
                fresh.replace(self._counts_file)

    async def _took(self, call: str, *, delayed: bool = False) -> None:
        self._counts[call] = self._counts.get(call, 0) + 1
        if delayed and self._delay:
            await asyncio.sleep(self._delay)

    async def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return csi.GetPluginInfoResponse(name=NAME, vendor_version="1")

    async def GetPluginCapabilities(self, request: Any, context: Any) -> Any:
        service = csi.PluginCapability.Service(type=csi.PluginCapability.Service.CONTROLLER_SERVICE)
        return csi.GetPluginCapabilitiesResponse(capabilities=[csi.PluginCapability(service=service)])

    async def Probe(self, request: Any, context: Any) -> Any:
        return csi.ProbeResponse()

    async def ControllerGetCapabilities(self, request: Any, context: Any) -> Any:
        rpc = csi.ControllerServiceCapability.RPC
        kinds = (rpc.CREATE_DELETE_VOLUME, rpc.LIST_VOLUMES, rpc.GET_CAPACITY)
        return csi.ControllerGetCapabilitiesResponse(
            capabilities=[csi.ControllerServiceCapability(rpc=rpc(type=kind)) for kind in kinds]
        )

    async def CreateVolume(self, request: Any, context: Any) -> Any:
        await self._took("CreateVolume", delayed=True)
        volume_id = self._ids.get(request.name)
        if volume_id is None:
            volume_id = self._ids[request.name] = f"scripted-{request.name}"
            self._volumes[volume_id] = request.name, request.capacity_range.required_bytes
            self._used += request.capacity_range.required_bytes
        size = self._volumes[volume_id][1]
        return csi.CreateVolumeResponse(volume=csi.Volume(volume_id=volume_id, capacity_bytes=size))

    async def DeleteVolume(self, request: Any, context: Any) -> Any:
        await self._took("DeleteVolume", delayed=True)
        name, size = self._volumes.pop(request.volume_id, ("", 0))
        self._ids.pop(name, None)
        self._used -= size
        return csi.DeleteVolumeResponse()

    async def GetCapacity(self, request: Any, context: Any) -> Any:
        await self._took("GetCapacity")
        return csi.GetCapacityResponse(available_capacity=CAPACITY - self._used)

    async def ListVolumes(self, request: Any, context: Any) -> Any:
        await self._took("ListVolumes")
        ids = list(self._volumes)
        start = int(request.starting_token or 0)
        end = start + request.max_entries if request.max_entries else len(ids)
        entries = [
            csi.ListVolumesResponse.Entry(
                volume=csi.Volume(volume_id=volume_id, capacity_bytes=self._volumes[volume_id][1])
            )
            for volume_id in ids[start:end]
        ]
        return csi.ListVolumesResponse(entries=entries, next_token=str(end) if end < len(ids) else "")

    async def NodeGetCapabilities(self, request: Any, context: Any) -> Any:
        return csi.NodeGetCapabilitiesResponse()

    async def NodeGetInfo(self, request: Any, context: Any) -> Any:
        return csi.NodeGetInfoResponse(node_id="bench")

    async def NodePublishVolume(self, request: Any, context: Any) -> Any:
        await self._took("NodePublishVolume", delayed=True)
        return csi.NodePublishVolumeResponse()

    async def NodeUnpublishVolume(self, request: Any, context: Any) -> Any:
        await self._took("NodeUnpublishVolume", delayed=True)
        return csi.NodeUnpublishVolumeResponse()


async def serve(endpoint: str, delay: float, counts: Path) -> None:
    server = grpc.aio.server(options=(("grpc.max_send_message_length", MESSAGE_LIMIT),))
    scripted = Scripted(delay, counts)
    stubs.add_IdentityServicer_to_server(scripted, server)
    stubs.add_ControllerServicer_to_server(scripted, server)
    stubs.add_NodeServicer_to_server(scripted, server)
    server.add_insecure_port(endpoint)
    await server.start()
    await scripted.write_counts()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], float(sys.argv[2]) / 1000, Path(sys.argv[3])))
