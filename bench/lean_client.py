"""Operators' volumes over bare sockets: the load of a measurement, at a small part of what is measured.

A full HTTP client in this process would take the processors from the cluster. It speaks just enough HTTP/1.1
for this server, one call at a time on each connection, and waits for ends by the event stream, as operators'
tools should. Not for use: the library is `client`.
"""

from __future__ import annotations

import asyncio

import msgspec

STREAM_LIMIT = 256 * 2**20
END_SECONDS = 120.0
"""For one volume; then the measurement fails."""

GONE = "GONE"
FAILED = ("VOLUME_FAILED", "VOLUME_NEEDS_OPERATOR")


class _Volume(msgspec.Struct):
    name: str
    state: str
    message: str = ""


class _Updated(msgspec.Struct):
    volume: _Volume
    removed: bool = False


class _Event(msgspec.Struct):
    type: str
    volume_updated: _Updated | None = None


class LeanClient:
    """Provisions and deprovisions. An asynchronous context manager."""

    def __init__(self, address: str, profile: str, size_bytes: int, prefix: str = "bench") -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._profile = profile
        self._size_bytes = size_bytes
        self._prefix = prefix
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._all: list[asyncio.StreamWriter] = []
        self._waiting: dict[str, tuple[str, asyncio.Future[None]]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> LeanClient:
        subscribed = asyncio.Event()
        self._reader = asyncio.create_task(self._read_events(subscribed))
        await subscribed.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        for writer in self._all:
            writer.close()

    async def create(self, number: int) -> None:
        """PROVISION_VOLUME until it is AVAILABLE."""
        name = f"{self._prefix}-{number}"
        wanted = {"name": name, "profile": self._profile, "size_bytes": self._size_bytes}
        await self._until(name, "VOLUME_AVAILABLE", {"type": "PROVISION_VOLUME", "provision_volume": wanted})

    async def destroy(self, number: int) -> None:
        """DEPROVISION_VOLUME until it is gone."""
        name = f"{self._prefix}-{number}"
        await self._until(name, GONE, {"type": "DEPROVISION_VOLUME", "deprovision_volume": {"name": name}})

    async def _until(self, name: str, state: str, call: object) -> None:
        end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[name] = state, end
        await self._post(msgspec.json.encode(call))
        async with asyncio.timeout(END_SECONDS):
            await end
        del self._waiting[name]

    async def _post(self, body: bytes) -> None:
        connection = self._idle.pop() if self._idle else await self._connect()
        reader, writer = connection
        writer.write(_request(body))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        answer = await reader.readexactly(length)
        assert head[9:12] == b"202", (head[:40] + answer).decode(errors="replace")
        self._idle.append(connection)

    async def _connect(self, limit: int = 2**16) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        connection = await asyncio.open_connection(self._host, self._port, limit=limit)
        self._all.append(connection[1])
        return connection

    async def _read_events(self, subscribed: asyncio.Event) -> None:
        reader, writer = await self._connect(STREAM_LIMIT)
        writer.write(_request(b'{"type":"SUBSCRIBE"}'))
        await reader.readuntil(b"\r\n\r\n")
        subscribed.set()
        decoder = msgspec.json.Decoder(_Event)
        while True:
            size = int(await reader.readuntil(b"\r\n"), 16)
            chunk = await reader.readexactly(size + 2)
            record = chunk[chunk.index(b"\n") + 1 : -2]
            if b'"VOLUME_UPDATED"' in record[:40]:
                updated = decoder.decode(record).volume_updated
                assert updated is not None
                self._updated(updated)

    def _updated(self, update: _Updated) -> None:
        volume = update.volume
        state, end = self._waiting.get(volume.name, ("", None))
        if end is None or end.done():
            return
        if (GONE if update.removed else volume.state) == state:
            end.set_result(None)
        elif volume.state in FAILED:
            end.set_exception(AssertionError(f"volume {volume.name}: {volume.message}"))


HEAD = b"POST /api/v1 HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def _request(body: bytes) -> bytes:
    return HEAD % len(body) + body
