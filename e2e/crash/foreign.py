"""A volume that somebody else has asked the plugin for: the cluster finds it and knows nothing of it.

Asked of the built-in plugin through its own socket, again and again until it answers: it is killed meanwhile.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import grpc.aio

from csi_spec import csi_pb2, csi_pb2_grpc
from e2e.crash import window
from e2e.harness import census

CALL_SECONDS = 5.0
PAUSE_SECONDS = 0.3
TRIES = 200


async def make(place: census.Place, name: str, size: int, *, block: bool) -> str:
    """Have the plugin make a volume of that CSI name; its id. Raises AssertionError when it never answers."""
    kind = csi_pb2.VolumeCapability
    mode = kind.AccessMode(mode=kind.AccessMode.SINGLE_NODE_WRITER)
    capability = (
        kind(block=kind.BlockVolume(), access_mode=mode)
        if block
        else kind(mount=kind.MountVolume(), access_mode=mode)
    )
    request = csi_pb2.CreateVolumeRequest(
        name=name,
        capacity_range=csi_pb2.CapacityRange(required_bytes=size),
        volume_capabilities=[capability],
    )
    for _ in range(TRIES):
        for socket in _sockets(place):
            async with grpc.aio.insecure_channel(f"unix://{socket}") as channel:
                controller = csi_pb2_grpc.ControllerStub(channel)
                try:
                    answer = await controller.CreateVolume(request, timeout=CALL_SECONDS)
                except grpc.aio.AioRpcError:
                    continue  # it was killed, or the pool is full for now
            assert answer.volume.volume_id == window.volume_id(name)
            return answer.volume.volume_id
        await asyncio.sleep(PAUSE_SECONDS)
    raise AssertionError(f"the plugin made no volume {name} in {TRIES} tries")


def _sockets(place: census.Place) -> list[Path]:
    """Where plugins of this cluster's agents listen."""
    return [
        found
        for agent in place.agents
        for found in sorted(Path("/run/orlop", census.scope_of(agent)).glob("*/*.sock"))
    ]
