"""The CSI Node service: volumes made usable at paths of this host, and taken away again.

The intent is recorded first, then the backend acts, then the record says that it is over. Whether a volume
is really staged or published is asked of the backend each time. gRPC stands around this, not in here.
"""

from __future__ import annotations

import msgspec

from csi_spec import csi_pb2
from provider.plugins.local_disk import paths, requests
from provider.plugins.local_disk.backend import Backend, Usage
from provider.plugins.local_disk.blocking import BlockingCalls
from provider.plugins.local_disk.in_flight import InFlight
from provider.plugins.local_disk.options import TOPOLOGY_KEY
from provider.plugins.local_disk.records import Publication, Staging, VolumeRecord
from provider.plugins.local_disk.refusals import already_exists, failed_precondition, not_found, out_of_range
from provider.plugins.local_disk.requests import Capability
from provider.plugins.local_disk.steps import Steps
from provider.plugins.local_disk.volume_table import VolumeTable

_Rpc = csi_pb2.NodeServiceCapability.RPC
CAPABILITIES = (
    _Rpc.STAGE_UNSTAGE_VOLUME,
    _Rpc.GET_VOLUME_STATS,
    _Rpc.EXPAND_VOLUME,
    _Rpc.SINGLE_NODE_MULTI_WRITER,
)
PUBLICATION_LIMIT = 256
"""Target paths of one volume; more is FAILED_PRECONDITION."""


class Node:
    """The calls of csi.v1.Node, without gRPC around them. They raise Refusal."""

    def __init__(
        self,
        node_id: str,
        table: VolumeTable,
        backend: Backend,
        in_flight: InFlight,
        blocking: BlockingCalls,
        steps: Steps,
    ) -> None:
        self._node_id = node_id
        self._table = table
        self._backend = backend
        self._in_flight = in_flight
        self._blocking = blocking
        self._steps = steps

    async def node_stage_volume(
        self, request: csi_pb2.NodeStageVolumeRequest
    ) -> csi_pb2.NodeStageVolumeResponse:
        """Formatted if it never was, and mounted at staging_target_path (attached, for BLOCK).

        ALREADY_EXISTS: staged there with other mount flags. FAILED_PRECONDITION: the volume is of another
        kind, or staged elsewhere.
        """
        volume_id = requests.check_string(request.volume_id, "volume_id")
        path = requests.check_path(request.staging_target_path, "staging_target_path")
        asked = requests.capability(request.volume_capability)
        await self._in_flight.alone(volume_id, "NodeStageVolume", lambda: self._stage(volume_id, path, asked))
        return csi_pb2.NodeStageVolumeResponse()

    async def _stage(self, volume_id: str, path: str, asked: Capability) -> None:
        record = self._fitting(volume_id, asked)
        real = await self._blocking.call(paths.resolved_staging, path)
        staging = Staging(real, asked.mount_flags)
        if record.staging not in (None, staging) and await self._backend.is_staged(record):
            if record.staging is not None and record.staging.path == real:
                raise already_exists(f"the volume is staged at {path} with other mount flags; unstage it")
            raise failed_precondition(f"volume {volume_id} is staged elsewhere; unstage it there first")
        if record.staging != staging:
            record = await self._table.put(msgspec.structs.replace(record, staging=staging))
            self._steps.reached(volume_id, "stage: intent recorded")
        await self._backend.stage(record)

    async def node_unstage_volume(
        self, request: csi_pb2.NodeUnstageVolumeRequest
    ) -> csi_pb2.NodeUnstageVolumeResponse:
        """No longer at staging_target_path. FAILED_PRECONDITION: it is published; unpublish it first."""
        volume_id = requests.check_string(request.volume_id, "volume_id")
        path = requests.check_path(request.staging_target_path, "staging_target_path")
        await self._in_flight.alone(volume_id, "NodeUnstageVolume", lambda: self._unstage(volume_id, path))
        return csi_pb2.NodeUnstageVolumeResponse()

    async def _unstage(self, volume_id: str, path: str) -> None:
        record = self._table.get(volume_id)
        if record.staging is None or not await self._blocking.call(paths.same, path, record.staging.path):
            return
        for publication in record.publications:
            if await self._backend.is_published(record, publication):
                raise failed_precondition(
                    f"volume {volume_id} is published at {publication.target}; unpublish it first"
                )
        await self._backend.unstage(record)
        await self._table.put(msgspec.structs.replace(record, staging=None))
        self._steps.reached(volume_id, "unstage: recorded")

    async def node_publish_volume(
        self, request: csi_pb2.NodePublishVolumeRequest
    ) -> csi_pb2.NodePublishVolumeResponse:
        """Usable at target_path, which is made; its parent must exist.

        ALREADY_EXISTS: published there otherwise. FAILED_PRECONDITION: not staged, of another kind, or
        published at another path already and of mode SINGLE_NODE_SINGLE_WRITER.
        """
        volume_id = requests.check_string(request.volume_id, "volume_id")
        target = requests.check_path(request.target_path, "target_path")
        asked = requests.capability(request.volume_capability)
        if not request.staging_target_path:
            raise failed_precondition(
                "staging_target_path is missing: volumes of this plugin are staged first"
            )
        staging = requests.check_path(request.staging_target_path, "staging_target_path")
        read_only = request.readonly or asked.mode == "SINGLE_NODE_READER_ONLY" or "ro" in asked.mount_flags
        await self._in_flight.alone(
            volume_id,
            "NodePublishVolume",
            lambda: self._publish(volume_id, staging, Publication(target, read_only, asked.mode), asked),
        )
        return csi_pb2.NodePublishVolumeResponse()

    async def _publish(
        self, volume_id: str, staging: str, asked: Publication, capability: Capability
    ) -> None:
        record = self._fitting(volume_id, capability)
        target = await self._blocking.call(paths.resolved_target, asked.target)
        publication = msgspec.structs.replace(asked, target=target)
        await self._check_staged(record, staging)
        await self._check_other_publications(record, publication)
        await self._backend.check_publication(record, publication)
        if record.publication_at(target) != publication:
            record = await self._table.put(record.with_publication(publication))
            self._steps.reached(volume_id, "publish: intent recorded")
        await self._backend.publish(record, publication)

    async def _check_staged(self, record: VolumeRecord, path: str) -> None:
        staged = record.staging is not None and await self._backend.is_staged(record)
        if record.staging is None or not staged:
            raise failed_precondition(f"volume {record.volume_id} is not staged; stage it first")
        if not await self._blocking.call(paths.same, path, record.staging.path):
            raise failed_precondition(f"volume {record.volume_id} is staged elsewhere, not at {path}")

    async def _check_other_publications(self, record: VolumeRecord, asked: Publication) -> None:
        for other in record.publications:
            if other == asked or not await self._backend.is_published(record, other):
                continue
            if other.target == asked.target:
                raise already_exists(f"the volume is published at {asked.target} otherwise; unpublish it")
            if "SINGLE_NODE_SINGLE_WRITER" in (other.mode, asked.mode):
                raise failed_precondition(
                    f"the volume has a single writer, at {other.target}; unpublish it there first"
                )
        if len(record.publications) >= PUBLICATION_LIMIT and not record.publication_at(asked.target):
            raise failed_precondition(f"the volume has {PUBLICATION_LIMIT} target paths; unpublish some")

    async def node_unpublish_volume(
        self, request: csi_pb2.NodeUnpublishVolumeRequest
    ) -> csi_pb2.NodeUnpublishVolumeResponse:
        """No longer at target_path, which is removed; a path where it never was is left alone."""
        volume_id = requests.check_string(request.volume_id, "volume_id")
        target = requests.check_path(request.target_path, "target_path")
        await self._in_flight.alone(
            volume_id, "NodeUnpublishVolume", lambda: self._unpublish(volume_id, target)
        )
        return csi_pb2.NodeUnpublishVolumeResponse()

    async def _unpublish(self, volume_id: str, target: str) -> None:
        record = self._table.get(volume_id)
        real = await self._blocking.call(paths.resolved_if_possible, target)
        publication = record.publication_at(real)
        if publication is None:
            return
        await self._backend.unpublish(record, publication)
        await self._table.put(record.without_publication(real))
        self._steps.reached(volume_id, "unpublish: recorded")

    async def node_get_volume_stats(
        self, request: csi_pb2.NodeGetVolumeStatsRequest
    ) -> csi_pb2.NodeGetVolumeStatsResponse:
        """Bytes, and inodes where there are any. NOT_FOUND: no such volume, or it is not at that path."""
        volume_id = requests.check_string(request.volume_id, "volume_id")
        asked = requests.check_possible_path(request.volume_path, "volume_path")
        record = self._table.get(volume_id)
        path = await self._usable_at(record, asked)
        usage = await self._backend.usage(record, path)
        return csi_pb2.NodeGetVolumeStatsResponse(usage=usage_messages(usage))

    async def _usable_at(self, record: VolumeRecord, path: str) -> str:
        """The path, resolved, when the volume really is there. NOT_FOUND."""
        if not path.startswith("/"):
            raise not_found(f"{record.volume_id} at {path}")
        real = await self._blocking.call(paths.resolved_if_possible, path)
        publication = record.publication_at(real)
        if publication is not None and await self._backend.is_published(record, publication):
            return real
        staging = record.staging
        here = staging is not None and await self._blocking.call(paths.same, path, staging.path)
        if staging is not None and here and await self._backend.is_staged(record):
            return staging.path
        raise not_found(f"{record.volume_id} at {path}")

    async def node_expand_volume(
        self, request: csi_pb2.NodeExpandVolumeRequest
    ) -> csi_pb2.NodeExpandVolumeResponse:
        """What uses the volume sees the size that ControllerExpandVolume gave it.

        FAILED_PRECONDITION: it must be unstaged and staged again, which grows it (ext4 on a host that
        does not permit mounted ext4 to grow); a repeat then succeeds.
        """
        volume_id = requests.check_string(request.volume_id, "volume_id")
        path = requests.check_possible_path(request.volume_path, "volume_path")
        requests.check_range(request.capacity_range)
        record = await self._in_flight.alone(
            volume_id, "NodeExpandVolume", lambda: self._expand(volume_id, path, request.capacity_range)
        )
        return csi_pb2.NodeExpandVolumeResponse(capacity_bytes=record.size_bytes)

    async def _expand(self, volume_id: str, path: str, asked: csi_pb2.CapacityRange) -> VolumeRecord:
        record = self._table.get(volume_id)
        await self._usable_at(record, path)
        if asked.required_bytes > record.size_bytes:
            raise failed_precondition(
                f"the volume has {record.size_bytes} bytes; call ControllerExpandVolume first"
            )
        if asked.limit_bytes and asked.limit_bytes < record.size_bytes:
            raise out_of_range(
                f"the volume has {record.size_bytes} bytes, more than limit_bytes, and cannot shrink"
            )
        return await self._backend.grow_in_use(record)

    async def node_get_capabilities(
        self, request: csi_pb2.NodeGetCapabilitiesRequest
    ) -> csi_pb2.NodeGetCapabilitiesResponse:
        return csi_pb2.NodeGetCapabilitiesResponse(
            capabilities=[csi_pb2.NodeServiceCapability(rpc=_Rpc(type=each)) for each in CAPABILITIES]
        )

    async def node_get_info(self, request: csi_pb2.NodeGetInfoRequest) -> csi_pb2.NodeGetInfoResponse:
        return csi_pb2.NodeGetInfoResponse(
            node_id=self._node_id,
            accessible_topology=csi_pb2.Topology(segments={TOPOLOGY_KEY: self._node_id}),
        )

    def _fitting(self, volume_id: str, asked: Capability) -> VolumeRecord:
        """The volume, when it can be used as asked. NOT_FOUND; FAILED_PRECONDITION: it is of another kind."""
        record = self._table.get(volume_id)
        layout = record.layout
        if asked.access_type != layout.access_type or asked.fs_type not in ("", layout.fs_type):
            raise failed_precondition(
                f"volume {volume_id} is {layout.access_type} {layout.fs_type}, "
                f"not {asked.access_type} {asked.fs_type[:64]}"
            )
        self._backend.layout(asked, record.parameters)
        return record


def usage_messages(usage: Usage) -> list[csi_pb2.VolumeUsage]:
    messages = [
        csi_pb2.VolumeUsage(
            unit=csi_pb2.VolumeUsage.BYTES, total=usage.total, used=usage.used, available=usage.available
        )
    ]
    if usage.inodes is not None:
        messages.append(
            csi_pb2.VolumeUsage(
                unit=csi_pb2.VolumeUsage.INODES,
                total=usage.inodes,
                used=usage.inodes_used,
                available=usage.inodes_free,
            )
        )
    return messages
