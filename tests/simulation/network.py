"""Connections in memory: real asyncio transports, so that the real framing runs over them.

Bytes arrive in order after a delay drawn from the seed, cut at random places. A connection may be
cut at any moment: both sides are told, and what was under way is lost. When a process dies its
connections die with it. A way from one to another may fall silent: nothing that is sent on it arrives
before it heals, and nobody is told. Knows no messages.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.simulation.loop import Process, VirtualLoop

AFTER = 1e-6
"""Seconds between two pieces of one stream: timers for the same moment have no order."""

AGAIN_SECONDS = 0.5
"""After what was lost on a silent way is sent again by those who go on trying."""

Watch = Callable[[str, str, int, bytes], None]
"""Is shown what is sent: from whom, to whom, on which stream (a number for each), and the bytes."""


class Network:
    """All listeners and connections. `delay` gives seconds for each piece of data."""

    def __init__(self, loop: VirtualLoop, rng: random.Random) -> None:
        self.loop = loop
        self.rng = rng
        self.connections: list[_Connection] = []
        self.blocked: set[str] = set()
        """Names of processes that nobody can reach and that reach nobody."""
        self.watch: Watch | None = None
        self._silent: dict[tuple[str, str], list[Callable[[], None]]] = {}
        """Ways on which nothing arrives, and what waits for them to heal."""
        self.streams = 0
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
        while listener is not None and self.is_silent(process.name, listener[0].name):
            await asyncio.sleep(AGAIN_SECONDS)
            listener = self._listeners.get((host, port))
        if listener is None or {process.name, listener[0].name} & self.blocked:
            raise ConnectionRefusedError(f"nobody listens on {host}:{port}")
        connection = _Connection(self, process, listener[0])
        self.connections.append(connection)
        protocol = factory()
        connection.near.attach(protocol)
        listener[0].later(0.0, connection.far.accept, listener[1])
        return connection.near, protocol

    def is_silent(self, one: str, other: str) -> bool:
        """Whether nothing that needs an answer can be done between the two."""
        return (one, other) in self._silent or (other, one) in self._silent

    def carry(self, sender: str, receiver: str, deliver: Callable[[], None]) -> None:
        """Deliver now, or when the way has healed."""
        waiting = self._silent.get((sender, receiver))
        if waiting is None:
            deliver()
        else:
            waiting.append(deliver)

    async def cross(self, sender: str, receiver: str) -> None:
        """Returns when something small that was sent now has arrived."""
        await asyncio.sleep(self.delay())
        while (sender, receiver) in self._silent:  # noqa: ASYNC110 - it is sent again and again
            await asyncio.sleep(AGAIN_SECONDS)

    def silence(self, sender: str, receiver: str, *, on: bool) -> None:
        """Let nothing arrive on this way, or heal it."""
        if on:
            self._silent.setdefault((sender, receiver), [])
        else:
            for deliver in self._silent.pop((sender, receiver), ()):
                deliver()

    def forget(self, name: str) -> None:
        """What waits on silent ways from there is lost with its host; the ways heal."""
        for way in [way for way in self._silent if way[0] == name]:
            del self._silent[way]

    def heal(self) -> None:
        """All ways, and all partitions."""
        for way in sorted(self._silent):
            self.silence(*way, on=False)
        for name in sorted(self.blocked):
            self.partition(name, on=False)

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

    def listen(self, backlog: int) -> None:
        """It has none."""

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

    def aborted_by(self, end: End) -> None:
        """The other side hears of it if it can."""
        end.lose(None, 0.0)
        self.cut()

    def closed_by(self, end: End) -> None:
        """An orderly end: what `end` wrote before still arrives, then the other side's end of file."""
        end.lose(None, 0.0)  # also when it is over already, and nobody could say so
        if not self.open:
            return
        self.open = False
        self._forget()
        self.network.carry(end.process.name, end.peer.process.name, end.peer.lose_after_the_rest)

    def _finish(self, error: Exception) -> None:
        self.open = False
        self._forget()
        for end in (self.near, self.far):
            told = partial(end.lose, error, self.network.delay())
            self.network.carry(end.peer.process.name, end.process.name, told)

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
        connection.network.streams += 1
        self._stream = connection.network.streams

    def attach(self, protocol: Any) -> None:
        self._protocol = protocol
        self.process.call(protocol.connection_made, self)

    def accept(self, factory: Callable[[], Any]) -> None:
        """A process that listens takes the connection, unless it is lost already."""
        if self._connection.open:
            self.attach(self.process.call(factory))

    # What a StreamWriter asks of it.

    def write(self, data: Any) -> None:
        if not self._connection.open or not data:
            return
        network, peer = self._connection.network, self.peer
        if network.watch is not None:
            network.watch(self.process.name, peer.process.name, self._stream, bytes(data))
        for piece in _pieces(bytes(data), network.rng):
            network.carry(self.process.name, peer.process.name, partial(self._send, piece, peer._generation))

    def _send(self, piece: bytes, generation: int) -> None:
        network, peer = self._connection.network, self.peer
        self._arrives = max(self._arrives + AFTER, network.loop.time() + network.delay())
        peer.process.later(self._arrives - network.loop.time(), peer._receive, piece, generation)

    def _receive(self, data: bytes, generation: int) -> None:
        if not self._lost and generation == self._generation and self._protocol is not None:
            self._protocol.data_received(data)

    def close(self) -> None:
        self._connection.closed_by(self)

    def abort(self) -> None:
        self._connection.aborted_by(self)

    def set_protocol(self, protocol: Any) -> None:
        self._protocol = protocol

    def get_protocol(self) -> Any:
        return self._protocol

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
        if not self._lost and self._protocol is not None:
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
