"""The executor API over HTTP: POST /api/v1/executor.

An edge: it turns requests into calls of `Executors`, and an executor's events into the records of a stream.
SUBSCRIBE is answered with the stream; UPDATE and MESSAGE with 202 once they are taken, which for an UPDATE
means that it is durable; HEARTBEAT with 202 always. The order of checks:

    what `api.wire.http_rules` says -> framework and executor known 400 -> subscribed 403 -> true 400

Half-open connections: the kernel drops one whose peer no longer confirms what it is sent, and an executor
that does not read is cut off; both have to subscribe again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import HttpVersion11, web
from msgspec import UNSET

from agent.executors.conversation import NotSubscribed
from agent.executors.executors import Executors, UnknownExecutor
from agent.executors.spec import MAX_DATA_BYTES
from agent.executors.state import InvalidUpdate
from agent.executors.stream import ExecutorStream, StreamEnded
from agent.executors.task import TooManyUpdates
from agent.http_edge import abort, body_of, bound_silence, head_of, is_closed, rejected
from api.wire.content import MediaType, encode
from api.wire.http_rules import Accepted, Head, Rejection, check_call, check_head
from api.wire.reading import Reading
from api.wire.recordio import encode_record
from api.wire.v1 import executor as wire
from api.wire.v1 import link
from store.port import StoreError

log = logging.getLogger(__name__)

PATH: Final = "/api/v1/executor"

Type = wire.CallType


@dataclass(frozen=True, slots=True)
class ExecutorApiLimits:
    """What executors may ask of the agent at once.

    heartbeat_seconds: between HEARTBEAT events on an idle stream; the first one follows at once.
    stalled_seconds: an executor that takes nothing of what waits for it for so long is cut off.
    max_body_bytes: of one call; a longer one is answered 413.
    body_seconds: for a body to arrive; then 408.
    max_bodies: that are read at the same time; a further one is answered 503: say it again.
    """

    heartbeat_seconds: float = 1800.0
    stalled_seconds: float = 60.0
    max_body_bytes: int = 4 * 2**20
    body_seconds: float = 30.0
    max_bodies: int = 64


SWEEP_SECONDS: Final = 0.25
"""How often an idle stream is looked at: a connection that was lost is noticed within this."""

HEARTBEAT: Final = wire.Event(type=wire.EventType.HEARTBEAT)


class ExecutorApi:
    """The custom executors of one agent, as they speak to it."""

    def __init__(
        self,
        executors: Executors,
        send: Callable[[link.AgentMessage], None],
        limits: ExecutorApiLimits = ExecutorApiLimits(),
        reading: Reading | None = None,
    ) -> None:
        """`send` takes what executors have to say to their schedulers. `reading`: that of the server."""
        self._executors = executors
        self._send = send
        self._limits = limits
        self._reading = reading or Reading(wire.Call)
        self._bodies = 0

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request to `PATH`."""
        head = head_of(request)
        rejection = check_head(head, self._limits.max_body_bytes)
        if rejection is not None:
            return rejected(rejection)
        outcome = await self._read(request, head)
        if isinstance(outcome, Rejection):
            return rejected(outcome)
        try:
            return await self._answer(request, outcome.call, outcome.media_type)
        except (UnknownExecutor, InvalidUpdate) as error:
            log.warning("a call of executor %.100r is refused: %.500s", outcome.call.executor_id.value, error)
            return rejected(Rejection(400, str(error)))
        except NotSubscribed:
            return rejected(Rejection(403, "the executor is not subscribed: subscribe first"))
        except TooManyUpdates as error:
            return rejected(Rejection(503, str(error)))
        except StoreError as error:
            self._executors.failed(error)
            return rejected(Rejection(503, "the agent cannot write, and restarts: subscribe again"))

    async def _read(self, request: web.BaseRequest, head: Head) -> Accepted[wire.Call] | Rejection:
        if self._bodies >= self._limits.max_bodies:
            return Rejection(503, "too many calls are on their way: try again")
        self._bodies += 1
        try:
            body = await body_of(request, self._limits.max_body_bytes, self._limits.body_seconds)
            return body if isinstance(body, Rejection) else await self._reading.read(_understood, head, body)
        finally:
            self._bodies -= 1

    async def _answer(
        self, request: web.BaseRequest, call: wire.Call, media_type: MediaType
    ) -> web.StreamResponse:
        if call.subscribe is not UNSET and call.type is Type.SUBSCRIBE:
            run, stream = await self._executors.subscribe(call, call.subscribe, media_type)
            try:
                return await self._stream(request, stream)
            finally:
                run.conversation.closed(stream)
        if call.update is not UNSET and call.type is Type.UPDATE:
            await self._executors.update(call, call.update.status)
        elif call.message is not UNSET and call.type is Type.MESSAGE:
            self._send(self._executors.said(call, call.message.data))
        return web.Response(status=202)

    async def _stream(self, request: web.BaseRequest, stream: ExecutorStream) -> web.StreamResponse:
        headers = {"Content-Type": stream.media_type, "Cache-Control": "no-store"}
        response = web.StreamResponse(headers=headers)
        if request.version >= HttpVersion11:
            response.enable_chunked_encoding()
        try:
            await response.prepare(request)
            bound_silence(request.transport, self._limits.stalled_seconds)
            await self._events(request, response, stream)
        except StreamEnded:
            await self._close(request, response)
        except TimeoutError:
            log.warning("an executor has read nothing for %g s: cut off", self._limits.stalled_seconds)
            abort(request)
        except ConnectionError as error:
            log.info("an executor's stream: %s", error)
        return response

    async def _events(
        self, request: web.BaseRequest, response: web.StreamResponse, stream: ExecutorStream
    ) -> None:
        """Each event as a record, and each record as one chunk; until either side ends it.

        The first heartbeat comes at once: some clients hand an event on only when the next one begins.
        Raises StreamEnded; ConnectionError, TimeoutError when the executor has gone or does not read.
        """
        loop = asyncio.get_running_loop()
        silent_at, wrote_first = loop.time(), False
        while True:
            record = await stream.next(SWEEP_SECONDS)
            if record is None:
                if is_closed(request):
                    raise ConnectionError("its connection is closed")
                if loop.time() < silent_at:
                    continue
                record = encode(HEARTBEAT, stream.media_type)
            async with asyncio.timeout(self._limits.stalled_seconds):
                await response.write(encode_record(record))
            silent_at = loop.time() + (self._limits.heartbeat_seconds if wrote_first else 0.0)
            wrote_first = True

    async def _close(self, request: web.BaseRequest, response: web.StreamResponse) -> None:
        try:
            async with asyncio.timeout(1.0):
                await response.write_eof()
        except (TimeoutError, ConnectionError):
            abort(request)


def _understood(head: Head, body: bytes) -> Accepted[wire.Call] | Rejection:
    return check_call(head, body, wire.Call, _missing, checks_accept=lambda call: call.type is Type.SUBSCRIBE)


def _missing(call: wire.Call) -> str | None:
    """What a call lacks, or has too much of, whose type says that it has content."""
    match call.type:
        case Type.SUBSCRIBE if call.subscribe is UNSET:
            return "expecting 'subscribe' to be present"
        case Type.UPDATE if call.update is UNSET:
            return "expecting 'update' to be present"
        case Type.MESSAGE if call.message is UNSET:
            return "expecting 'message' to be present"
    if call.type is Type.MESSAGE and call.message is not UNSET and len(call.message.data) > MAX_DATA_BYTES:
        return f"a message of {len(call.message.data)} bytes is too long: {MAX_DATA_BYTES} at most"
    if call.type is Type.UPDATE and call.update is not UNSET:
        said = call.update.status.executor_id
        if said is not UNSET and said.value != call.executor_id.value:
            return f"'update.status.executor_id' is {said.value!r}, the call's {call.executor_id.value!r}"
    return None
