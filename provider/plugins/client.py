"""The CSI client: typed calls to one plugin over gRPC, on the unix sockets of its containers.

It makes each call once, with a deadline, and says how it ended; repeating is the machine's business, and how
many are under way at once the plugin service's. CSI 1.x, all services it uses. Secrets go with the calls that
take them and are taken out of what the plugin says.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

import grpc
import grpc.aio

from csi_spec import csi_pb2 as csi
from csi_spec import csi_pb2_grpc as stubs
from provider import calls
from provider.calls import CreatedVolume, PluginError, Request
from provider.plugins.config import PluginConfig, Service
from provider.plugins.csi_messages import PAGE, TRANSLATIONS, list_page, volume_in
from provider.plugins.discovery import CONTROLLER_SERVICE, Described, Unusable
from provider.plugins.methods import METHODS, service_of, subject_of
from provider.plugins.secrets import SecretFiles

log = logging.getLogger(__name__)
T = TypeVar("T")

MESSAGE_LIMIT = 64 * 1024 * 1024
"""Bytes of a message, either way: 100,000 volumes in one list. A larger one fails the call."""

MAX_PAGES = 1000
"""Pages after which a list is taken for one that never ends; the call fails then."""

MAX_LIST_BYTES = 64 * 1024 * 1024
"""Of all pages of a list together; the call fails beyond, before the memory is full."""

METADATA_LIMIT = 1024 * 1024
"""Bytes of what travels beside a message, what a plugin says when it refuses above all."""

DISCARDED = ("Received message larger than max", "metadata size exceeds")
"""What gRPC says in the details of RESOURCE_EXHAUSTED when it threw the plugin's answer away by itself."""

MAX_ERROR_CHARACTERS = 2000
"""Of what a plugin says when it refuses; the rest is cut off, as it travels in records and reports."""

NO_NODE = (
    "it does not serve the node (NodeGetCapabilities and NodeGetInfo: UNIMPLEMENTED), as its configuration"
    " says: take NODE_SERVICE off its container's list, or start it in the mode that serves nodes"
)

DEADLINES: Mapping[type[Request[Any]], float] = {
    calls.CreateVolume: 60.0,
    calls.DeleteVolume: 60.0,
    calls.ControllerPublish: 60.0,
    calls.ControllerUnpublish: 60.0,
    calls.NodeStage: 60.0,
    calls.NodeUnstage: 60.0,
    calls.NodePublish: 30.0,
    calls.NodeUnpublish: 30.0,
    calls.GetCapacity: 15.0,
    calls.ListVolumes: 30.0,
    calls.ValidateVolume: 15.0,
    calls.ControllerExpand: 60.0,
    calls.NodeExpand: 60.0,
}
"""Seconds until an answer counts as lost. The call is then repeated, so a slow plugin is only slow."""

MOST_PATIENCE = 4
"""So often the deadline at most, for the repeat of a call that was late; each repeat has twice the time."""

MAX_LATE = 1000
"""Calls of which it is known that they were late; the oldest is forgotten beyond, and has the usual time."""

OPTIONS = (
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    ("grpc.max_send_message_length", MESSAGE_LIMIT),
    ("grpc.max_metadata_size", METADATA_LIMIT),
    ("grpc.absolute_max_metadata_size", METADATA_LIMIT),
    ("grpc.enable_retries", 0),  # repeating is decided by the machine
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.default_authority", "localhost"),
)


UNREADABLE = (
    "the plugin's answer is no message that CSI has for this call (it is cut off, or holds text that is not"
    " UTF-8): see its log"
)


def _nobody() -> None:
    """Nobody wants to know it sooner than by the answer."""


class _Link:
    """The connection to one socket. Its stubs are made once: making one costs more than a call."""

    def __init__(self, socket_path: str) -> None:
        self.channel = grpc.aio.insecure_channel(f"unix:{socket_path}", options=OPTIONS)
        self.identity: Any = stubs.IdentityStub(self.channel)
        self.of: Mapping[Service, Any] = {
            Service.CONTROLLER: stubs.ControllerStub(self.channel),
            Service.NODE: stubs.NodeStub(self.channel),
        }


class CsiClient:
    """A `ProbedClient` (see `container_life`). Given a socket, the plugin serves everything there; otherwise
    `connect` says where it is."""

    def __init__(
        self,
        socket_path: str | None = None,
        deadlines: Mapping[type[Request[Any]], float] = DEADLINES,
        secrets: SecretFiles | None = None,
    ) -> None:
        self._sockets = {} if socket_path is None else dict.fromkeys(Service, socket_path)
        self._deadlines = deadlines
        self._secrets = secrets or SecretFiles()
        self._links: dict[str, _Link] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._entries = PAGE
        """Volumes asked for at once by ListVolumes; 0: as many as the plugin likes."""
        self._late: dict[tuple[str, str], int] = {}
        """So many times its deadline the next such call has; only of those that were late the last time."""

    def connect(self, config: PluginConfig) -> None:
        """From now on the plugin is where `config` says; connections that are not needed any more end."""
        found = {service: config.serving(service) for service in Service}
        self._sockets = {service: each.socket_path for service, each in found.items() if each is not None}
        known = {each.socket_path for each in config.containers}
        for socket_path in [path for path in self._links if path not in known]:
            self.redial(socket_path)

    def call(self, request: Request[T], answered: Callable[[], None] = _nobody) -> Awaitable[T]:
        """See `PluginClient.call`. It is handed to gRPC when this returns, save ListVolumes, whose pages are
        asked for while it is awaited."""
        kind = type(request)
        if kind is calls.ListVolumes:
            return cast(Awaitable[T], self._tried(self._list(self._deadlines[kind])))
        method = METHODS[kind]
        key = (method, subject_of(request))
        message = TRANSLATIONS[kind].request(request, self._secrets.of(request))
        times = self._late.pop(key, 1)
        try:
            made = self._method(method)(message, timeout=times * self._deadlines[kind])
        except grpc.aio.UsageError as error:  # the channel is being closed by `redial`
            raise PluginError("UNAVAILABLE", str(error)) from error
        made.add_done_callback(lambda ended: answered() if _is_answer(ended) else None)
        return cast(Awaitable[T], self._answer(made, kind, key, times))

    async def _answer(self, made: Any, kind: type[Request[Any]], key: tuple[str, str], times: int) -> Any:
        """What came of a call. Some plugins stop their work at the deadline and begin anew with the repeat,
        so that is given more time: a large file system would never be made otherwise."""
        try:
            answer = await self._tried(_read(made))
        except PluginError as error:
            if error.code == "DEADLINE_EXCEEDED":
                if len(self._late) >= MAX_LATE:
                    del self._late[next(iter(self._late))]
                self._late[key] = min(MOST_PATIENCE, 2 * times)
            raise
        value = TRANSLATIONS[kind].answer(answer)
        return self._secrets.scrub(value) if isinstance(value, str) else value

    async def probe(self, socket_path: str, wait: float) -> bool:
        """Whether who listens there says within `wait` seconds that it is ready. Raises PluginError."""
        identity = self._link(socket_path).identity
        try:
            answer = await self._tried(_read(identity.Probe(csi.ProbeRequest(), timeout=wait)))
        except PluginError as error:
            if error.code == "UNIMPLEMENTED":  # it answers, and cannot say more
                return True
            raise
        return not answer.HasField("ready") or bool(answer.ready.value)

    async def describe(self, socket_path: str, services: frozenset[Service], wait: float) -> Described:
        """What who listens there says of itself and of these services; `wait` seconds for each answer. Raises
        PluginError, and Unusable when it does not serve the node though it should."""
        return await self._tried(self._describe(self._link(socket_path), services, wait))

    def redial(self, socket_path: str) -> None:
        """Who listens there was started anew: connect anew. Calls on the old connection are lost."""
        link = self._links.pop(socket_path, None)
        if link is not None:
            task = asyncio.get_running_loop().create_task(link.channel.close(grace=None))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Let go of all connections; calls under way end as lost."""
        for socket_path in list(self._links):
            self.redial(socket_path)
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _link(self, socket_path: str) -> _Link:
        link = self._links.get(socket_path)
        if link is None:
            link = self._links[socket_path] = _Link(socket_path)
        return link

    def _method(self, method: str) -> Any:
        """The remote call of that name, at the container that serves it."""
        service = service_of(method)
        socket_path = self._sockets.get(service)
        if socket_path is None:
            raise PluginError(
                "FAILED_PRECONDITION",
                f"{method} needs a container that serves {service}: add one to the plugin's configuration",
            )
        return getattr(self._link(socket_path).of[service], method)

    async def _describe(self, link: _Link, services: frozenset[Service], wait: float) -> Described:
        identity = link.identity
        info = await _read(identity.GetPluginInfo(csi.GetPluginInfoRequest(), timeout=wait))
        answer = await _read(identity.GetPluginCapabilities(csi.GetPluginCapabilitiesRequest(), timeout=wait))
        plugin = _plugin_capabilities(answer.capabilities)
        controller = node = None
        here = csi.NodeGetInfoResponse()
        if Service.CONTROLLER in services and CONTROLLER_SERVICE in plugin:
            stub = link.of[Service.CONTROLLER]
            asked = stub.ControllerGetCapabilities(csi.ControllerGetCapabilitiesRequest(), timeout=wait)
            answer = await _if_there(asked) or csi.ControllerGetCapabilitiesResponse()
            types = (c.rpc.type for c in answer.capabilities if c.HasField("rpc"))
            controller = _named(csi.ControllerServiceCapability.RPC.Type, types)
        if Service.NODE in services:
            stub = link.of[Service.NODE]
            answer = await _if_there(stub.NodeGetCapabilities(csi.NodeGetCapabilitiesRequest(), timeout=wait))
            told = await _if_there(stub.NodeGetInfo(csi.NodeGetInfoRequest(), timeout=wait))
            if answer is None and told is None:
                raise Unusable(NO_NODE)
            answer = answer or csi.NodeGetCapabilitiesResponse()
            types = (c.rpc.type for c in answer.capabilities if c.HasField("rpc"))
            node = _named(csi.NodeServiceCapability.RPC.Type, types)
            here = told or here
        return Described(
            info.name,
            info.vendor_version,
            plugin,
            controller,
            node,
            here.node_id,
            dict(here.accessible_topology.segments),
            max(0, here.max_volumes_per_node),
        )

    async def _list(self, wait: float) -> tuple[CreatedVolume, ...]:
        """Page by page, each with the whole deadline; a token that comes again would lead in a circle."""
        found: dict[str, CreatedVolume] = {}
        token, seen, size = "", {""}, 0
        for _ in range(MAX_PAGES):
            answer = await self._page(token, wait)
            size += answer.ByteSize()
            if size > MAX_LIST_BYTES:
                raise PluginError("UNKNOWN", f"the list of ListVolumes is larger than {MAX_LIST_BYTES} bytes")
            for entry in answer.entries:
                found[entry.volume.volume_id] = volume_in(entry.volume)
            token = answer.next_token
            if not token:
                return tuple(found.values())
            if token in seen:
                raise PluginError("UNKNOWN", "ListVolumes does not end: a next_token came twice")
            seen.add(token)
        raise PluginError("UNKNOWN", f"ListVolumes did not end after {MAX_PAGES} pages")

    async def _page(self, token: str, wait: float) -> Any:
        """One page. A plugin that refuses the first, as it has a bound of its own, chooses their size."""
        ask = self._method("ListVolumes")
        try:
            return await _read(ask(list_page(token, self._entries), timeout=wait))
        except grpc.aio.AioRpcError as error:
            refused = error.code() in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.OUT_OF_RANGE)
            if token or not self._entries or not refused:
                raise
        answer = await _read(ask(list_page(token, 0), timeout=wait))
        self._entries = 0
        return answer

    async def _tried(self, call: Awaitable[T]) -> T:
        """The answer of `call`; gRPC's errors as PluginError, without secrets and without their cause, which
        holds the plugin's own words."""
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            code, said = error.code().name, error.details() or ""
            if code == "RESOURCE_EXHAUSTED" and any(words in said for words in DISCARDED):
                # The plugin has answered, perhaps that it is done: that must not pass for a refusal.
                code, said = "UNKNOWN", f"the plugin's answer is too large to be taken: {said}"
            raise PluginError(code, _printable(self._secrets.scrub(said)[:MAX_ERROR_CHARACTERS])) from None
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling() > 0:
                raise
            # Nobody cancelled this task: gRPC ends calls so when `redial` closes their channel.
            raise PluginError("UNAVAILABLE", "the connection was given up during the call") from error
        except grpc.aio.UsageError as error:  # the channel was closed under it by `redial`
            raise PluginError("UNAVAILABLE", str(error)) from error


def _is_answer(ended: Any) -> bool:
    """Whether a call that has ended was answered with what was asked for. Its code is there by then, so the
    coroutine that tells it ends at once."""
    code = ended.code()
    try:
        code.send(None)
    except StopIteration as told:
        return told.value is grpc.StatusCode.OK
    code.close()
    return False


async def _read(call: Awaitable[Any]) -> Any:
    """What was answered. gRPC gives None for bytes that it cannot read, whatever the plugin has done: raises
    PluginError then, as of an outcome that is unknown."""
    answer = await call
    if answer is None:
        raise PluginError("UNKNOWN", UNREADABLE)
    return answer


def _printable(text: str) -> str:
    """Without what a terminal would obey: it is shown as it is, in one line."""
    return "".join(each if each.isprintable() else " " for each in text)


async def _if_there(answer: Awaitable[Any]) -> Any:
    """What a call that a driver may lack was answered; None when it does (UNIMPLEMENTED)."""
    try:
        return await answer
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.UNIMPLEMENTED:
            raise
        return None


def _plugin_capabilities(found: Iterable[Any]) -> frozenset[str]:
    """Services and kinds of expansion, by name."""
    capabilities = list(found)
    services = (c.service.type for c in capabilities if c.HasField("service"))
    expansions = (c.volume_expansion.type for c in capabilities if c.HasField("volume_expansion"))
    kinds = csi.PluginCapability
    return _named(kinds.Service.Type, services) | _named(kinds.VolumeExpansion.Type, expansions)


def _named(kind: Any, numbers: Iterable[int]) -> frozenset[str]:
    """The names of an enum's numbers; of those that are newer than the stubs, the number in words."""
    known = kind.DESCRIPTOR.values_by_number
    return frozenset(known[each].name if each in known else f"NUMBER_{each}" for each in numbers if each)
