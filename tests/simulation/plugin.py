"""The model CSI plugin as a process: slow, restarted, its answers lost; its semantics stay correct.

State is `tests.provider.model_plugin.ModelPlugin`'s. A call that the caller gave up on may still be
carried out later; while it is, a repeat is answered by ABORTED, as CSI wants it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from provider.calls import (
    CreateVolume,
    DeleteVolume,
    GetCapacity,
    ListVolumes,
    NodeUnpublish,
    PluginError,
    Request,
)
from provider.plugins.config import PluginConfig, Service
from provider.plugins.discovery import Described
from provider.volume import Capabilities
from tests.provider.model_plugin import ModelPlugin, described
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.trace import Trace

START_SECONDS = 0.3


class SimPlugin:
    """One plugin on one host: `disk` survives everything, mounts only until the host is rebooted."""

    def __init__(
        self,
        loop: VirtualLoop,
        name: str,
        capacity: int,
        capabilities: Capabilities,
        rng: random.Random,
        trace: Trace,
        faulty: Callable[[], bool],
    ) -> None:
        self.name = name
        self.disk = ModelPlugin(capacity, capabilities, granularity=2**20, prefix=name)
        self._loop = loop
        self._rng = rng
        self._trace = trace
        self._faulty = faulty
        self._process: Process | None = None
        self._ready_at = 0.0
        self._busy: set[str] = set()
        self.users_of: Callable[[str], list[str]] = lambda path: []
        self.asked: Callable[[Request[Any]], None] = lambda request: None
        """Told of each call at the moment when it is made."""
        self.refuses_again = False
        """Whether it may refuse to delete what it has deleted: what it lists is what there is."""

    def used_by(self, path: str, container_id: str) -> None:
        """A container has started with `path` bound in: it must be what the plugin published there."""
        if path.startswith("/var/lib/orlop/"):
            return  # on the host's own disk
        found = [volume for volume in self.disk.volumes.values() if volume.published == path]
        self._trace.require(
            len(found) == 1, f"container {container_id} has {path}: no volume is published there"
        )
        for volume in found:
            volume.data.append(container_id)

    # The container's life.

    def started(self) -> None:
        self._process = Process(self._loop, self.name)
        self._ready_at = self._loop.time() + START_SECONDS
        self._busy = set()

    def ended(self) -> None:
        if self._process is not None:
            self._trace.note(self.name, "is gone")
            self._process.kill()
            self._process = None

    # The client's side.

    def connect(self, config: PluginConfig) -> None:
        """It is always where it is."""

    async def probe(self, socket_path: str, wait: float) -> bool:
        await asyncio.sleep(0.001)
        if self._process is None:
            raise PluginError("UNAVAILABLE", "nobody listens on the socket")
        return self._loop.time() >= self._ready_at

    async def describe(self, socket_path: str, services: frozenset[Service], wait: float) -> Described:
        await asyncio.sleep(0.001)
        if self._process is None:
            raise PluginError("UNAVAILABLE", "nobody listens on the socket")
        return described(self.disk.facts)

    async def call(self, request: Request[Any], answered: Callable[[], None] = lambda: None) -> Any:
        """See `provider.calls.PluginClient`."""
        self.asked(request)
        process = self._process
        if process is None or self._loop.time() < self._ready_at:
            await asyncio.sleep(0.001)
            raise PluginError("UNAVAILABLE", "nobody listens on the socket")
        answer: asyncio.Future[Any] = self._loop.create_future()
        process.at_kill(lambda: self._broken(answer))
        process.spawn(self._serve(request, answer))
        deadline = 0.5 if self._faulty() and self._rng.random() < 0.05 else 60.0
        try:
            async with asyncio.timeout(deadline):
                result = await asyncio.shield(answer)
        except TimeoutError:
            raise PluginError("DEADLINE_EXCEEDED", "no answer in time") from None
        answered()
        return result

    def _broken(self, answer: asyncio.Future[Any]) -> None:
        if not answer.done():
            answer.set_exception(PluginError("UNAVAILABLE", "the connection broke"))
            answer.exception()  # the caller may be gone

    # The plugin's side.

    async def _serve(self, request: Request[Any], answer: asyncio.Future[Any]) -> None:
        key = _key(request)
        try:
            if key is not None and key in self._busy:
                raise PluginError("ABORTED", "an operation on this volume is under way")
            if key is not None:
                self._busy.add(key)
            try:
                result = await self._act(request)
            finally:
                if key is not None:
                    self._busy.discard(key)
        except PluginError as error:
            self._trace.note(self.name, f"{_shown(request)} -> {error.code}")
            if not answer.done():
                answer.set_exception(error)
                answer.exception()
            return
        if not answer.done():
            answer.set_result(result)

    async def _act(self, request: Request[Any]) -> Any:
        faulty = self._faulty()
        slow = faulty and self._rng.random() < 0.05
        await asyncio.sleep(
            self._rng.uniform(1.0, 8.0) if slow else self._rng.choice((0.001, 0.01, 0.05, 0.2))
        )
        if faulty and self._rng.random() < 0.03:
            raise PluginError(self._rng.choice(("UNAVAILABLE", "DEADLINE_EXCEEDED", "ABORTED")), "not now")
        if faulty and isinstance(request, CreateVolume) and self._rng.random() < 0.05:
            raise PluginError("RESOURCE_EXHAUSTED", "the backend has no room for it at the moment")
        if isinstance(request, NodeUnpublish):
            users = self.users_of(request.target_path)
            self._trace.require(not users, f"{request.volume_id} is unpublished under {users}")
        if faulty and self.refuses_again and self._was_deleted(request) and self._rng.random() < 0.5:
            raise PluginError("INVALID_ARGUMENT", "there is no such volume")
        result = self.disk.answer(request)
        if not isinstance(request, GetCapacity | ListVolumes):
            self._trace.note(self.name, f"{_shown(request)} done")
        await asyncio.sleep(self._rng.choice((0.0, 0.001, 0.05)))
        if faulty and self._rng.random() < 0.05:
            raise PluginError(
                self._rng.choice(("UNAVAILABLE", "DEADLINE_EXCEEDED", "INTERNAL")), "answer lost"
            )
        return result

    def _was_deleted(self, request: Request[Any]) -> bool:
        return isinstance(request, DeleteVolume) and request.volume_id not in self.disk.volumes

    def redial(self, socket_path: str) -> None:
        """The connection is made anew; nothing to do in memory."""

    async def close(self) -> None:
        await asyncio.sleep(0)


def _key(request: Request[Any]) -> str | None:
    if isinstance(request, CreateVolume):
        return request.name
    return getattr(request, "volume_id", None)


def _shown(request: Request[Any]) -> str:
    named = request.name if isinstance(request, CreateVolume) else getattr(request, "volume_id", "")
    extra = f" {request.required_bytes >> 20}" if isinstance(request, CreateVolume) else ""
    return f"{type(request).__name__} {named}{extra}"
