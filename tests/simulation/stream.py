"""A framework's event stream in memory: ordered, delayed, cut at any moment with what is under way.

`Stream` is a `Session` to the orchestrator's rooms. Events are encoded when they are sent and
decoded when they arrive, so that nobody shares memory. Knows nothing of what events mean.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import scheduler
from orchestrator.daemon import Orchestrator
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.network import AFTER, Network


class Stream:
    """One subscription, from the orchestrator's process to a framework's."""

    def __init__(
        self,
        loop: VirtualLoop,
        network: Network,
        server: Process,
        rooms: Orchestrator,
        client: Process,
        take: Callable[[scheduler.Event], None],
        lost: Callable[[], None],
        shown: Callable[[str, str, str], None] = lambda sender, receiver, what: None,
    ) -> None:
        self.is_open = True
        self.framework_id: str | None = None
        self._loop = loop
        self._network = network
        self._server, self._rooms, self._client = server, rooms, client
        self._take, self._lost = take, lost
        self.shown = shown
        self._arrives = 0.0
        server.at_kill(self.cut)
        client.at_kill(self.cut)

    # A `Session` for the orchestrator.

    def send(self, message: scheduler.Event) -> None:
        if self.is_open:
            self.shown(self._server.name, self._client.name, str(message.type))
            self._carry(partial(self._deliver, encode_msgpack(message)))

    def _deliver(self, data: bytes) -> None:
        self._arrives = max(self._arrives + AFTER, self._loop.time() + self._network.delay())
        self._client.later(self._arrives - self._loop.time(), self._arrive, data)

    def _carry(self, deliver: Callable[[], None]) -> None:
        self._network.carry(self._server.name, self._client.name, deliver)

    def close(self, reason: str) -> None:
        if self.is_open:
            self.is_open = False
            self._carry(self._tell_client)

    def _tell_client(self) -> None:
        self._client.later(max(0.0, self._arrives - self._loop.time()) + AFTER, self._lost)

    def _arrive(self, data: bytes) -> None:
        if self._lost is not _ignore:
            self._take(decode_msgpack(scheduler.Event, data))

    # The world's.

    def cut(self) -> None:
        """Both sides hear of it, each in its own time; what is under way is lost."""
        lost, self._lost = self._lost, _ignore
        late, later = self._network.delay(), self._network.delay()
        self._carry(lambda: self._client.later(late, lost))
        if self.is_open:
            self.is_open = False
            told = partial(self._server.later, later, self._tell_server)
            self._network.carry(self._client.name, self._server.name, told)

    def _tell_server(self) -> None:
        if self.framework_id is not None:
            self._rooms.frameworks.disconnected(self.framework_id, self)


def _ignore() -> None:
    pass
