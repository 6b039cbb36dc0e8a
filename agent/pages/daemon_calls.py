"""The operator's calls on the agent's daemon itself: its flags, metrics and level of logging.

The same as the pages of these names show, in messages. A group of calls of `agent.operator_api`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import UNSET

from agent.pages.mesos_metrics import MesosMetrics
from api.model.errors import InvalidRequest
from api.model.process import Process
from api.wire.http_rules import Rejection
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos

C, R = wire.CallType, wire.ResponseType

Answered = wire.Response | Rejection | None
NEED_PAYLOAD = (C.GET_METRICS, C.SET_LOGGING_LEVEL)


class DaemonCalls:
    """The calls on one agent's daemon."""

    def __init__(self, process: Process, metrics: MesosMetrics) -> None:
        self._process = process
        self._metrics = metrics
        self._handlers: Mapping[wire.CallType, Callable[[wire.Call], Awaitable[Answered]]] = {
            C.GET_FLAGS: self._get_flags,
            C.GET_METRICS: self._get_metrics,
            C.GET_LOGGING_LEVEL: self._get_logging_level,
            C.SET_LOGGING_LEVEL: self._set_logging_level,
        }

    def serves(self, call: wire.Call) -> bool:
        """See `agent.operator_api.CallGroup`."""
        return call.type in self._handlers

    async def handle(self, call: wire.Call) -> Answered:
        """See `agent.operator_api.CallGroup`."""
        assert call.type is not UNSET, "check_call refuses calls without a type"
        return await self._handlers[call.type](call)

    async def _get_flags(self, call: wire.Call) -> Answered:
        flags = [mesos.Flag(name=name, value=value) for name, value in self._process.flags.items()]
        return wire.Response(type=R.GET_FLAGS, get_flags=wire.ResponseGetFlags(flags=flags))

    async def _get_metrics(self, call: wire.Call) -> Answered:
        """`timeout` bounds how long it may take to read the numbers, which takes none here."""
        found = [
            mesos.Metric(name=name, value=value) for name, value in (await self._metrics.snapshot()).items()
        ]
        return wire.Response(type=R.GET_METRICS, get_metrics=wire.ResponseGetMetrics(metrics=found))

    async def _get_logging_level(self, call: wire.Call) -> Answered:
        level = wire.ResponseGetLoggingLevel(level=self._process.verbosity)
        return wire.Response(type=R.GET_LOGGING_LEVEL, get_logging_level=level)

    async def _set_logging_level(self, call: wire.Call) -> Answered:
        wanted = call.set_logging_level
        assert wanted is not UNSET, "validate() comes first"
        try:
            self._process.set_verbosity(wanted.level, wanted.duration.nanoseconds / 1e9)
        except InvalidRequest as error:
            return Rejection(400, str(error))
        return None


def validate(call: wire.Call) -> str | None:
    """What is missing in a call whose type says that it has content."""
    if call.type not in NEED_PAYLOAD:
        return None
    field = call.type.lower()
    return f"expecting '{field}' to be present" if getattr(call, field) is UNSET else None
