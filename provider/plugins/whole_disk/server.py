"""The plugin of one whole disk on its unix socket: the composition root of its process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from provider.plugins.local_disk.blocking import Threads
from provider.plugins.local_disk.in_flight import InFlight
from provider.plugins.local_disk.pool import PoolUnusable
from provider.plugins.local_disk.requests import STRING_BYTES
from provider.plugins.local_disk.server import serve_plugin, socket_path
from provider.plugins.whole_disk.disk import VOLUME_ID, Disk
from provider.plugins.whole_disk.services import Controller, Identity, Node

LOCK_TRIES = 20
LOCK_PAUSE = 0.25
"""Seconds between two tries to lock the disk; after the last one it is somebody else's."""

CALLS = {
    "csi.v1.Identity": ("identity", ("GetPluginInfo", "GetPluginCapabilities", "Probe")),
    "csi.v1.Controller": (
        "controller",
        ("ControllerGetCapabilities", "ListVolumes", "ValidateVolumeCapabilities"),
    ),
    "csi.v1.Node": (
        "node",
        (
            "NodeGetCapabilities",
            "NodeGetInfo",
            "NodeGetVolumeStats",
            "NodePublishVolume",
            "NodeUnpublishVolume",
        ),
    ),
}
"""What is served; every other call of CSI answers UNIMPLEMENTED."""


@dataclass(frozen=True)
class Services:
    """As `local_disk.server` serves them."""

    identity: Identity
    controller: Controller
    node: Node
    in_flight: InFlight


async def serve(
    endpoint: str,
    node_id: str,
    disk: Disk,
    *,
    stop: asyncio.Event | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serve the disk until `stop` is set or the task is cancelled; `ready` is called once the socket answers.

    Raises PoolUnusable when the disk, the socket or an option cannot be used: for the operator.
    """
    if not VOLUME_ID.fullmatch(disk.volume_id):
        shown = disk.volume_id[:STRING_BYTES]
        raise PoolUnusable(f"volume id {shown!r}: give 1 to {STRING_BYTES} visible characters")
    path = socket_path(endpoint)
    blocking = Threads()
    try:
        try:
            held = await _held(disk, blocking)
        except BlockingIOError as error:
            raise PoolUnusable(
                f"{disk.path} is another agent's, or of a program that has it locked: let one have it"
            ) from error
        except OSError as error:
            raise PoolUnusable(f"{disk.path} cannot be offered: {error.strerror}") from error
        try:
            in_flight = InFlight()
            services = Services(
                Identity(metadata.version("orlop"), disk, blocking),
                Controller(disk, blocking),
                Node(node_id, disk, in_flight, blocking),
                in_flight,
            )
            await serve_plugin(services, CALLS, path, stop or asyncio.Event(), ready)
        finally:
            await blocking.call(os.close, held)
    finally:
        blocking.close()


async def _held(disk: Disk, blocking: Threads) -> int:
    """See `Disk.hold`: tried for a while, as udevd has a disk locked for a moment after each event."""
    for _ in range(LOCK_TRIES - 1):
        try:
            return await blocking.call(disk.hold)
        except BlockingIOError:
            await asyncio.sleep(LOCK_PAUSE)
    return await blocking.call(disk.hold)
