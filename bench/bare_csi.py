"""The reference: a CSI client with nothing around it, on one channel.

It shares no code with the product but the stubs made from the specification's messages: what it takes is
what the plugin and gRPC take.
"""

from __future__ import annotations

from types import TracebackType

import grpc

from csi_spec import csi_pb2, csi_pb2_grpc

PREFIX = "bench-bare-"
CALL_SECONDS = 60.0


class BareClient:
    """Volumes made and deleted on one plugin, and how much room it says to have."""

    def __init__(self, socket: str, size_bytes: int) -> None:
        self._channel = grpc.aio.insecure_channel(f"unix://{socket}")
        self._controller = csi_pb2_grpc.ControllerStub(self._channel)  # type: ignore[no-untyped-call]
        self._size_bytes = size_bytes
        self._ids: dict[int, str] = {}

    async def __aenter__(self) -> BareClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._channel.close()

    async def create(self, number: int) -> None:
        """CreateVolume."""
        capability = csi_pb2.VolumeCapability(
            mount=csi_pb2.VolumeCapability.MountVolume(),
            access_mode=csi_pb2.VolumeCapability.AccessMode(
                mode=csi_pb2.VolumeCapability.AccessMode.SINGLE_NODE_WRITER
            ),
        )
        request = csi_pb2.CreateVolumeRequest(
            name=f"{PREFIX}{number}",
            capacity_range=csi_pb2.CapacityRange(required_bytes=self._size_bytes),
            volume_capabilities=[capability],
        )
        answer = await self._controller.CreateVolume(request, timeout=CALL_SECONDS)
        self._ids[number] = answer.volume.volume_id

    async def delete(self, number: int) -> None:
        """DeleteVolume of what `create` made."""
        request = csi_pb2.DeleteVolumeRequest(volume_id=self._ids.pop(number))
        await self._controller.DeleteVolume(request, timeout=CALL_SECONDS)

    async def count(self) -> int:
        """Volumes that the plugin has, whoever made them."""
        found, token = 0, ""
        while True:
            answer = await self._controller.ListVolumes(csi_pb2.ListVolumesRequest(starting_token=token))
            found += len(answer.entries)
            token = answer.next_token
            if not token:
                return found

    async def free_bytes(self) -> int:
        answer = await self._controller.GetCapacity(csi_pb2.GetCapacityRequest())
        return int(answer.available_capacity)
