"""The operator's calls on the daemon itself: its flags, metrics, level of logging and log file.

The same as the pages of these names show, in messages. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from api.model.process import Process
from api.wire.http_rules import Rejection
from api.wire.v0.files import NO_LOG, ServedLog
from api.wire.v1 import master, mesos
from orchestrator.pages.page import LOG, Measured
from orchestrator.replies import Answer, Reply, told

T = master.CallType
R = master.ResponseType

READ_LIMIT = 2**20
"""Bytes of a file in one answer to READ_FILE; readers ask again from where it ended."""


class DaemonCalls:
    """Each of them as a handler of the operator API."""

    def __init__(self, process: Process, metrics: Measured) -> None:
        self._process = process
        self._metrics = metrics
        self._log = ServedLog(process, LOG)

    def handlers(self) -> Mapping[T, Callable[[master.Call], Awaitable[Reply]]]:
        return {
            T.GET_FLAGS: self._get_flags,
            T.GET_METRICS: self._get_metrics,
            T.GET_LOGGING_LEVEL: self._get_logging_level,
            T.SET_LOGGING_LEVEL: self._set_logging_level,
            T.LIST_FILES: self._list_files,
            T.READ_FILE: self._read_file,
        }

    async def _get_flags(self, call: master.Call) -> Reply:
        flags = [mesos.Flag(name=name, value=value) for name, value in self._process.flags.items()]
        shown = master.ResponseGetFlags(flags=flags)
        return told(R.GET_FLAGS, shown)

    async def _get_metrics(self, call: master.Call) -> Reply:
        """`timeout` bounds how long it may take to read the numbers, which takes none here."""
        found = await self._metrics.snapshot()
        shown = master.ResponseGetMetrics(
            metrics=[mesos.Metric(name=name, value=value) for name, value in found.items()]
        )
        return told(R.GET_METRICS, shown)

    async def _get_logging_level(self, call: master.Call) -> Reply:
        shown = master.ResponseGetLoggingLevel(level=self._process.verbosity)
        return told(R.GET_LOGGING_LEVEL, shown)

    async def _set_logging_level(self, call: master.Call) -> Reply:
        wanted = call.set_logging_level
        assert isinstance(wanted, master.CallSetLoggingLevel)
        self._process.set_verbosity(wanted.level, wanted.duration.nanoseconds / 1e9)
        return Answer(200)

    async def _list_files(self, call: master.Call) -> Reply:
        assert isinstance(call.list_files, master.CallListFiles)
        path = call.list_files.path
        info = self._log.info()
        if info is None:
            return Rejection(404, NO_LOG)
        if not self._log.holds(path):
            return _no_file(path)
        shown = master.ResponseListFiles(file_infos=[info])
        return told(R.LIST_FILES, shown)

    async def _read_file(self, call: master.Call) -> Reply:
        wanted = call.read_file
        assert isinstance(wanted, master.CallReadFile)
        if not self._log.is_named(wanted.path):
            return _no_file(wanted.path)
        length = wanted.length if isinstance(wanted.length, int) else READ_LIMIT
        part = self._log.read(wanted.offset, min(length, READ_LIMIT))
        if part is None:
            return Rejection(404, NO_LOG)
        shown = master.ResponseReadFile(size=part.size, data=part.data)
        return told(R.READ_FILE, shown)


def _no_file(path: str) -> Rejection:
    return Rejection(404, f"nothing is served at {path[:200]!r}: here is {LOG}; agents have tasks' files")
