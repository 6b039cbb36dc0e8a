"""The CSI Identity service: who this plugin is and what it can do. It changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from google.protobuf import wrappers_pb2

from csi_spec import csi_pb2
from provider.plugins.local_disk.blocking import BlockingCalls
from provider.plugins.local_disk.options import PLUGIN_NAME
from provider.plugins.local_disk.refusals import failed_precondition

_Service = csi_pb2.PluginCapability.Service
_Expansion = csi_pb2.PluginCapability.VolumeExpansion


class Identity:
    """The calls of csi.v1.Identity, without gRPC around them."""

    def __init__(
        self,
        version: str,
        manifest: dict[str, str],
        grows_online: bool,
        free_bytes: Callable[[], int],
        blocking: BlockingCalls,
    ) -> None:
        self._version = version
        self._manifest = manifest
        self._grows_online = grows_online
        self._free_bytes = free_bytes
        self._blocking = blocking

    async def get_plugin_info(self, request: csi_pb2.GetPluginInfoRequest) -> csi_pb2.GetPluginInfoResponse:
        return csi_pb2.GetPluginInfoResponse(
            name=PLUGIN_NAME, vendor_version=self._version, manifest=self._manifest
        )

    async def get_plugin_capabilities(
        self, request: csi_pb2.GetPluginCapabilitiesRequest
    ) -> csi_pb2.GetPluginCapabilitiesResponse:
        """ONLINE only where every kind of volume grows while mounted; xfs and block do in any case."""
        growth = _Expansion.ONLINE if self._grows_online else _Expansion.OFFLINE
        services = (_Service.CONTROLLER_SERVICE, _Service.VOLUME_ACCESSIBILITY_CONSTRAINTS)
        return csi_pb2.GetPluginCapabilitiesResponse(
            capabilities=[
                *(csi_pb2.PluginCapability(service=_Service(type=each)) for each in services),
                csi_pb2.PluginCapability(volume_expansion=_Expansion(type=growth)),
            ]
        )

    async def probe(self, request: csi_pb2.ProbeRequest) -> csi_pb2.ProbeResponse:
        """Ready while the pool can be reached. FAILED_PRECONDITION: an operator brings the pool back."""
        try:
            await self._blocking.call(self._free_bytes)
        except OSError as error:
            raise failed_precondition(f"the pool is out of reach: {error}") from error
        return csi_pb2.ProbeResponse(ready=wrappers_pb2.BoolValue(value=True))
