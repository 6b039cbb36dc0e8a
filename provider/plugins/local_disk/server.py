"""The plugin on its unix socket: gRPC around the services, from start to clean stop.

`serve` is the composition root of the plugin's process; the command line calls it. No decisions here but
how exceptions become gRPC statuses.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

import grpc

from csi_spec import csi_pb2_grpc
from provider.plugins.local_disk.blocking import Threads
from provider.plugins.local_disk.commands import Subprocesses
from provider.plugins.local_disk.in_flight import InFlight
from provider.plugins.local_disk.options import PluginOptions
from provider.plugins.local_disk.plugin import open_plugin
from provider.plugins.local_disk.pool import PoolUnusable
from provider.plugins.local_disk.refusals import Refusal
from provider.plugins.local_disk.steps import LoggedSteps, Steps

LOG = logging.getLogger(__name__)

SOCKET_PATH_BYTES = 107
"""What the kernel allows for a unix socket's path."""

MESSAGE_BYTES = 16 * 1024 * 1024
"""Largest request and answer; gRPC refuses larger ones. The largest answer is a page of ListVolumes."""

STREAMS_LIMIT = 512
"""Calls under way on one connection; a client's further ones wait on its side."""

DRAIN_SECONDS = 10.0
"""How long a stop waits for calls under way. Those cut off are repaired at the next start, or repeated."""

CHANNEL_OPTIONS: list[tuple[str, Any]] = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES),
    ("grpc.max_send_message_length", MESSAGE_BYTES),
    ("grpc.max_concurrent_streams", STREAMS_LIMIT),
    ("grpc.so_reuseport", 0),
]

Calls = Mapping[str, tuple[str, tuple[str, ...]]]
"""By service: the plugin's attribute that serves it, and its calls."""

CALLS: Calls = {
    "csi.v1.Identity": ("identity", ("GetPluginInfo", "GetPluginCapabilities", "Probe")),
    "csi.v1.Controller": (
        "controller",
        (
            "CreateVolume",
            "DeleteVolume",
            "ValidateVolumeCapabilities",
            "ListVolumes",
            "GetCapacity",
            "ControllerGetCapabilities",
            "ControllerExpandVolume",
            "ControllerGetVolume",
        ),
    ),
    "csi.v1.Node": (
        "node",
        (
            "NodeStageVolume",
            "NodeUnstageVolume",
            "NodePublishVolume",
            "NodeUnpublishVolume",
            "NodeGetVolumeStats",
            "NodeExpandVolume",
            "NodeGetCapabilities",
            "NodeGetInfo",
        ),
    ),
}
"""What is served; every other call of CSI answers UNIMPLEMENTED."""


class Served(Protocol):
    """A plugin: its services, and the calls under way on its volumes."""

    @property
    def in_flight(self) -> InFlight: ...


Request = TypeVar("Request")
Response = TypeVar("Response")


async def serve(
    options: PluginOptions,
    *,
    stop: asyncio.Event | None = None,
    ready: Callable[[], None] | None = None,
    steps: Steps | None = None,
) -> None:
    """Serve the pool on `options.endpoint` until `stop` is set or the task is cancelled.

    `ready` is called once the socket answers. At the end the calls under way are waited for, at most
    DRAIN_SECONDS, and the socket is removed. Raises PoolUnusable when the pool, the socket or an option
    cannot be used: its message is for the operator.
    """
    path = socket_path(options.endpoint)
    blocking = Threads()
    try:
        plugin = await open_plugin(options, blocking, Subprocesses(), steps or LoggedSteps())
        try:
            await serve_plugin(plugin, CALLS, path, stop or asyncio.Event(), ready)
        finally:
            plugin.close()
    finally:
        blocking.close()


async def serve_plugin(
    plugin: Served, calls: Calls, path: Path, stop: asyncio.Event, ready: Callable[[], None] | None
) -> None:
    """Serve `calls` at `path` until `stop` is set or the task is cancelled. Raises PoolUnusable."""
    remove_stale_socket(path)
    server = grpc.aio.server(options=CHANNEL_OPTIONS)
    register(plugin, server, calls)
    try:
        server.add_insecure_port(f"unix://{path}")
    except RuntimeError as error:
        raise PoolUnusable(f"cannot make the socket {path}: {error}") from error
    await server.start()
    keep_to_this_user(path)
    try:
        if ready is not None:
            ready()
        await stop.wait()
    finally:
        await server.stop(DRAIN_SECONDS)
        await plugin.in_flight.drain(DRAIN_SECONDS)
        remove_socket(path)


def keep_to_this_user(path: Path) -> None:
    """Whoever can connect can mount, so nobody else may."""
    path.chmod(0o600)


def remove_socket(path: Path) -> None:
    path.unlink(missing_ok=True)


def socket_path(endpoint: str) -> Path:
    """The path in `unix:///…`. Raises PoolUnusable, saying what is wrong with it."""
    if not endpoint.startswith("unix:///"):
        raise PoolUnusable(f"endpoint {endpoint!r}: only unix:///absolute/path is served")
    path = endpoint.removeprefix("unix://")
    if len(path.encode()) > SOCKET_PATH_BYTES:
        raise PoolUnusable(f"endpoint {endpoint!r}: a socket's path has at most {SOCKET_PATH_BYTES} bytes")
    if not Path(path).parent.is_dir():
        raise PoolUnusable(f"endpoint {endpoint!r}: the folder {Path(path).parent} does not exist")
    return Path(path)


def remove_stale_socket(path: Path) -> None:
    """Remove the socket of a plugin that ended without cleaning up; one that answers is left alone."""
    if not path.is_socket():
        if path.exists():
            raise PoolUnusable(f"{path} is there and is not a socket; remove it, or take another endpoint")
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        if probe.connect_ex(str(path)) != errno.ECONNREFUSED:
            raise PoolUnusable(f"another process answers on {path}; stop it, or take another endpoint")
    path.unlink(missing_ok=True)


def register(plugin: Served, server: grpc.aio.Server, calls_served: Calls = CALLS) -> None:
    """Let the server answer the calls by the plugin's services."""
    adders: dict[str, Callable[[Any, grpc.aio.Server], None]] = {
        "csi.v1.Identity": csi_pb2_grpc.add_IdentityServicer_to_server,
        "csi.v1.Controller": csi_pb2_grpc.add_ControllerServicer_to_server,
        "csi.v1.Node": csi_pb2_grpc.add_NodeServicer_to_server,
    }
    bases = {
        "csi.v1.Identity": csi_pb2_grpc.IdentityServicer,
        "csi.v1.Controller": csi_pb2_grpc.ControllerServicer,
        "csi.v1.Node": csi_pb2_grpc.NodeServicer,
    }
    for service, (part, calls) in calls_served.items():
        served = getattr(plugin, part)
        methods = {call: answering(getattr(served, snake_case(call))) for call in calls}
        servicer = type(f"{service.rpartition('.')[2]}Servicer", (bases[service],), methods)()
        adders[service](servicer, server)


def answering(
    call: Callable[[Request], Awaitable[Response]],
) -> Callable[[object, Request, grpc.aio.ServicerContext[Request, Response]], Awaitable[Response]]:
    """A gRPC method that makes the call and turns what it raises into a status."""

    async def method(
        _servicer: object, request: Request, context: grpc.aio.ServicerContext[Request, Response]
    ) -> Response:
        try:
            return await call(request)
        except Refusal as refusal:
            await context.abort(refusal.code, refusal.message)
        except Exception as error:
            LOG.exception("%s failed", call.__name__)
            await context.abort(grpc.StatusCode.INTERNAL, f"{type(error).__name__}: {error}"[:300])

    return method


def snake_case(call: str) -> str:
    """NodeStageVolume → node_stage_volume."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in call).lstrip("_")
