"""What a version-0 page is, and the pages that every daemon of ours has: its flags, metrics and log.

Values alone: whoever serves them has the sockets. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from api.model.process import Process
from api.wire.content import JSON
from api.wire.http_rules import Rejection
from api.wire.v0.documents import as_json
from api.wire.v0.files import NO_LOG, ServedLog, browsed, part_read
from api.wire.v0.metrics import Metrics
from api.wire.v0.queries import FileQuery, wanted_path

PREFIX = "/master"
"""May stand before every path."""

LOG = "/master/log"
"""The path under which the log file is served."""

Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of 200: its body; or instead its chunks, of which an empty one is a place to let others go
    on."""

    body: bytes = b""
    chunks: Iterator[bytes] | None = None
    content_type: str = JSON


Maker = Callable[[Query], Awaitable[Page | Rejection]]
"""Raises InvalidRequest for a query that cannot be meant."""


class Measured(Protocol):
    """Where numbers come from."""

    async def snapshot(self) -> Metrics:
        """All of them, by name."""


class DaemonPages:
    """Of one daemon."""

    def __init__(self, process: Process, metrics: Measured) -> None:
        self._process = process
        self._measured = metrics
        self._log = ServedLog(process, LOG)

    def makers(self) -> Mapping[str, Maker]:
        return {
            "/flags": self._flags,
            "/metrics/snapshot": self._metrics,
            "/files/read": self._read,
            "/files/browse": self._browse,
        }

    async def _flags(self, query: Query) -> Page:
        return whole({"flags": dict(self._process.flags)})

    async def _metrics(self, query: Query) -> Page:
        """`timeout` bounds how long it may take to read the numbers, which takes none here."""
        return whole(await self._measured.snapshot())

    async def _read(self, query: Query) -> Page | Rejection:
        wanted = FileQuery.read(query)
        if not self._log.is_named(wanted.path):
            return _no_file(wanted.path)
        part = self._log.read(wanted.offset or 0, 0 if wanted.offset is None else wanted.length)
        if part is None:
            return Rejection(404, NO_LOG)
        return whole(part_read(wanted.offset, part.size, part.data))

    async def _browse(self, query: Query) -> Page | Rejection:
        path = wanted_path(query)
        if not self._log.holds(path):
            return _no_file(path)
        info = self._log.info()
        return Rejection(404, NO_LOG) if info is None else whole([browsed(info)])


def whole(document: object) -> Page:
    """A page that is made at once."""
    return Page(as_json(document))


def _no_file(path: str) -> Rejection:
    return Rejection(404, f"nothing is served at {path[:200]!r}: here is {LOG}; agents have tasks' files")
