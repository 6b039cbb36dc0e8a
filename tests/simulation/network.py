"""Connections in memory: real asyncio transports, so that the real framing runs over them.

Bytes arrive in order after a delay drawn from the seed, cut at random places. A connection may be
cut at any moment: both sides are told, and what was under way is lost. When a process dies its
connections die with it. Knows no messages.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from tests.simulation.loop import Process, VirtualLoop

AFTER = 1e-6
"""Seconds between two pieces of one stream: timers for the same moment have no order."""


class Network:
    """All listeners and connections. `delay` gives seconds for each piece of data."""

    def __init__(self, loop: VirtualLoop, rng: random.Random) -> None:
        self.loop = loop
        self.rng = rng
        self.connections: list[_Connection] = []
        self.blocked: set[str] = set()
        """Names of processes that nobody can reach and that reach nobody."""
        self._listeners: dict[tuple[str, int], tuple[Process, Callable[[], Any]]] = {}
        loop.network = self

    def delay(self) -> float:
        """Mostly quick, now and then slow."""
        return self.rng.choice((0.0001, 0.001, 0.001, 0.005, 0.02, 0.2))

    def listen(self, process: Process, factory: Callable[[], Any], host: str, port: int) -> Any:
        key = (host, port)
        self._listeners[key] = (process, factory)
        process.at_kill(lambda: self._unlisten(key, process))
        return _Server(self, key, process)

    def _unlisten(self, key: tuple[str, int], process: Process) -> None:
        if self._listeners.get(key, (None,))[0] is process:
            del self._listeners[key]

    async def dial(self, process: Process, factory: Callable[[], Any], host: str, port: int) -> Any:
        await asyncio.sleep(self.delay())
        listener = self._listeners.get((host, port))
        if listener is None or {process.name, listener[0].name} & self.blocked:
            raise ConnectionRefusedError(f"nobody listens on {host}:{port}")
        connection = _Connection(self, process, listener[0])
        self.connections.append(connection)
        protocol = factory()
        connection.near.attach(protocol)
        connection.far.attach(listener[0].call(listener[1]))
        return connection.near, protocol

    def cut(self, connection: _Connection) -> None:
        """Lost, with everything under way; both sides hear of it, each in its own time."""
        connection.cut()

    def partition(self, name: str, *, on: bool) -> None:
        """Cut a process off from all others, or heal that."""
        if on:
            self.blocked.add(name)
            for connection in list(self.connections):
                if name in (connection.near.process.name, connection.far.process.name):
                    connection.cut()
        else:
            self.blocked.discard(name)


class _Server:
    def __init__(self, network: Network, key: tuple[str, int], process: Process) -> None:
        self._network = network
        self._key = key
        self._process = process

    @property
    def sockets(self) -> list[Any]:
        return [self]

    def getsockname(self) -> tuple[str, int]:
        return self._key

    def close(self) -> None:
        self._network._unlisten(self._key, self._process)


class _Connection:
    """`near` belongs to who dialled."""

    def __init__(self, network: Network, near: Process, far: Process) -> None:
        self.network = network
        self.open = True
        self.near = End(self, near)
        self.far = End(self, far)
        self.near.peer, self.far.peer = self.far, self.near
        for process in (near, far):
            process.at_kill(self.cut)

    def cut(self) -> None:
        if self.open:
            self._finish(ConnectionResetError("the connection was cut"))

    def closed_by(self, end: End) -> None:
        """An orderly end: what `end` wrote before still arrives, then the other side's end of file."""
        if not self.open:
            return
        self.open = False
        self._forget()
        end.lose(None, 0.0)
        end.peer.lose_after_the_rest()

    def _finish(self, error: Exception) -> None:
        self.open = False
        self._forget()
        for end in (self.near, self.far):
            end.lose(error, self.network.delay())

    def _forget(self) -> None:
        if self in self.network.connections:
            self.network.connections.remove(self)


class End(asyncio.Transport):
    """One side of a connection."""

    peer: End

    def __init__(self, connection: _Connection, process: Process) -> None:
        super().__init__()
        self._connection = connection
        self.process = process
        self._protocol: Any = None
        self._arrives = 0.0
        self._lost = False
        self._generation = 0

    def attach(self, protocol: Any) -> None:
        self._protocol = protocol
        self.process.call(protocol.connection_made, self)

    # What a StreamWriter asks of it.

    def write(self, data: Any) -> None:
        if not self._connection.open or not data:
            return
        network, peer = self._connection.network, self.peer
        loop = network.loop
        for piece in _pieces(bytes(data), network.rng):
            self._arrives = max(self._arrives + AFTER, loop.time() + network.delay())
            peer.process.later(self._arrives - loop.time(), peer._receive, piece, peer._generation)

    def _receive(self, data: bytes, generation: int) -> None:
        if not self._lost and generation == self._generation:
            self._protocol.data_received(data)

    def close(self) -> None:
        self._connection.closed_by(self)

    def abort(self) -> None:
        self._connection.cut()

    def is_closing(self) -> bool:
        return not self._connection.open

    def get_write_buffer_size(self) -> int:
        return 0

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default

    def pause_reading(self) -> None:
        pass  # what has arrived is in memory anyway

    def resume_reading(self) -> None:
        pass

    # The end of it.

    def lose(self, error: Exception | None, delay: float) -> None:
        """Nothing that is under way arrives any more; the protocol hears of the loss after `delay`."""
        self._generation += 1
        self.process.later(delay, self._tell_loss, error)

    def lose_after_the_rest(self) -> None:
        loop = self._connection.network.loop
        self.process.later(max(0.0, self.peer._arrives - loop.time()) + AFTER, self._tell_loss, None)

    def _tell_loss(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = True
            if error is None:
                self._protocol.eof_received()
            self._protocol.connection_lost(error)


def _pieces(data: bytes, rng: random.Random) -> list[bytes]:
    """Mostly whole, now and then torn in two."""
    if len(data) < 2 or rng.random() > 0.1:
        return [data]
    place = rng.randrange(1, len(data))
    return [data[:place], data[place:]]
