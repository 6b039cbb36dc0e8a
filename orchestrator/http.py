"""The HTTP server: paths, limits, and bodies, on the way to the APIs.

The edge of the edges. It knows neither calls nor events, and decides nothing about them: what is
wrong with a request as such is said by `api.wire.http_rules`, all else by the APIs.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from api.model.errors import OrlopError
from api.wire.content import MediaType, encode
from api.wire.http_rules import Accepted, Head, Rejection, body_too_long, check_head, served_path
from api.wire.reading import Reading
from api.wire.unread import IDLE_SECONDS, UNREAD_SECONDS
from api.wire.v0.paths import unprefixed
from api.wire.v1 import master, scheduler
from orchestrator.answers import LONG_BYTES, Answers, TooManyAnswers
from orchestrator.compression import Compression, gzip_accepted
from orchestrator.pages.page import PREFIX
from orchestrator.replies import Answer, Api, Bulk, Encoded, OpenStream
from orchestrator.scheduler_api import STREAM_ID
from orchestrator.streams import RecordStream, Streams, TooManySubscribers
from store.port import StoreFailed

log = logging.getLogger(__name__)

Given = Encoded | Bulk | OpenStream | Rejection
"""A reply whose message, if it had one, is encoded."""


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What a client may ask of the server at once.

    max_body_bytes: of one request; a longer one is answered 413 and not read to its end.
    max_bodies_bytes: of all requests that are being read or answered; beyond it 503.
    max_in_flight: requests being read or answered, open streams not counted; beyond it 503.
    max_connections: open ones, idle and streams included; a further one is closed at once.
    body_seconds: for a body to arrive; then 408.
    unread_seconds: for an answer to be taken by who asked; then the connection is cut off.
    keepalive_seconds: for a connection without a request; then it is closed.
    lingering_seconds: for the rest of a refused body, so that the client reads why; then it is closed.
    shutdown_seconds: for requests in flight when the server stops; then they are cancelled.
    """

    max_body_bytes: int = 8 * 2**20
    max_bodies_bytes: int = 64 * 2**20
    max_in_flight: int = 1_024
    max_connections: int = 16_384
    body_seconds: float = 30.0
    unread_seconds: float = UNREAD_SECONDS
    keepalive_seconds: float = IDLE_SECONDS
    lingering_seconds: float = 2.0
    shutdown_seconds: float = 10.0


class PathEdge(Protocol):
    """What is asked for by its path alone, without a call: it looks at each request first."""

    async def response(self, request: web.BaseRequest) -> web.StreamResponse | Rejection | None:
        """The answer: one to be sent, or one that was sent. None: the path is not among its own."""

    def close(self) -> None:
        """The server stops."""


class CallCounts(Protocol):
    """Counts calls that were answered."""

    def request(self, api: str, call_type: str, status: int) -> None:
        """`call_type` is of a bounded set: an enum's names, or empty."""


class HttpServer:
    """Requests in, replies out. A leader has one, and a standby another one."""

    def __init__(
        self,
        apis: Mapping[str, Api[Any]],
        streams: Streams,
        metrics: CallCounts,
        limits: HttpLimits,
        pages: PathEdge,
        answers: Answers,
    ) -> None:
        """`apis` by the paths that they are called at; `answers` are those of this server."""
        self._apis = apis
        self._streams = streams
        self._metrics = metrics
        self._limits = limits
        self._in_flight = 0
        self._bodies_bytes = 0
        self._answers = answers
        self._compressor = ThreadPoolExecutor(1, "gzip")
        self._compression = Compression(self._compressor)
        self._reading = Reading(scheduler.Call, master.Call)
        self._pages = pages
        self._being_answered = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._sweepers: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Look after streams and answers, from now on."""
        self._sweepers = [asyncio.ensure_future(each.run()) for each in (self._streams, self._answers)]

    def end_streams(self) -> None:
        """End all streams, and begin none any more. Calls are answered as before."""
        self._streams.close()
        self._pages.close()

    async def close(self) -> None:
        """End all streams, and let what is being answered be answered, within `shutdown_seconds`."""
        self.end_streams()
        try:
            async with asyncio.timeout(self._limits.shutdown_seconds):
                await self._idle.wait()
        except TimeoutError:
            log.warning("%d requests are not answered: their clients do not read", self._being_answered)
        sweepers, self._sweepers = self._sweepers, []
        for sweeper in sweepers:
            sweeper.cancel()
        await asyncio.gather(*sweepers, return_exceptions=True)
        self._compressor.shutdown(wait=False, cancel_futures=True)
        self._reading.close()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request, or serve a stream until it is over."""
        self._being_answered += 1
        self._idle.clear()
        try:
            return await self._handle(request)
        finally:
            self._being_answered -= 1
            if not self._being_answered:
                self._idle.set()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        response = await self._response(request)
        if response.prepared or not isinstance(response, web.Response):  # it was sent
            return response
        body = response.body
        if not isinstance(body, bytes) or len(body) <= LONG_BYTES or request.method == "HEAD":
            return self._answers.short(request, response)
        try:
            sent = web.StreamResponse(status=response.status, headers=response.headers)
            return await self._answers.send(request, sent, (body,), len(body))
        except TooManyAnswers as error:
            return _plain(Rejection(503, str(error), RETRY_LATER))

    async def _response(self, request: web.BaseRequest) -> web.StreamResponse:
        """What is answered: still to be sent, or a stream that is over."""
        page = await self._pages.response(request)
        if page is not None:
            return _plain(page) if isinstance(page, Rejection) else page
        path = served_path(unprefixed(request.path, PREFIX), self._apis)
        if path is None:
            return _plain(Rejection(404, _nothing_at(request.path)))
        api = self._apis[path]
        reply, call_type = await self._call(request, api)
        if isinstance(reply, OpenStream):
            self._metrics.request(api.name, call_type, 200)
            return await self._stream(request, reply)
        self._metrics.request(api.name, call_type, reply.status)
        if isinstance(reply, Rejection):
            return _plain(reply)
        if isinstance(reply, Bulk):
            return await self._send(request, reply)
        headers = {"Content-Type": reply.content_type} if reply.body else {}
        return web.Response(status=reply.status, body=reply.body, headers=headers)

    async def _send(self, request: web.BaseRequest, reply: Bulk) -> web.StreamResponse:
        """Send an answer in chunks, in gzip when that is asked for."""
        body = reply.body
        headers: dict[str, str] = {"Content-Type": reply.content_type, **reply.headers}
        if reply.version is not None:
            headers["Vary"] = "Accept, Accept-Encoding"
            if gzip_accepted(",".join(request.headers.getall("Accept-Encoding", []))):
                compressed = await self._compression.of(body, reply.version)
                if compressed is not None:
                    body, headers = compressed, {**headers, "Content-Encoding": "gzip"}
        if body.length <= LONG_BYTES:
            return web.Response(status=reply.status, body=body.whole(), headers=headers)
        response = web.StreamResponse(status=reply.status, headers=headers)
        try:
            return await self._answers.send(request, response, body.chunks, body.length)
        except TooManyAnswers as error:
            return _plain(Rejection(503, str(error), RETRY_LATER))

    # Calls.

    async def _call(self, request: web.BaseRequest, api: Api[Any]) -> tuple[Given, str]:
        """The reply and the type of the call, empty when it could not be read."""
        head = _head(request)
        rejected = check_head(head, self._limits.max_body_bytes)
        if rejected is not None:
            return rejected, ""
        if self._in_flight >= self._limits.max_in_flight:
            return _busy("requests"), ""
        self._in_flight += 1
        held = _Held(self)
        try:
            body = await self._body(request, held)
            if isinstance(body, Rejection):
                return body, ""
            accepted = await self._reading.read(api.read, head, body)
            if isinstance(accepted, Rejection):
                return accepted, ""
            call_type = str(accepted.call.type)
            return await self._answer(api, accepted, request.headers.get(STREAM_ID)), call_type
        finally:
            held.release()
            self._in_flight -= 1

    async def _answer(self, api: Api[Any], accepted: Accepted[Any], stream_id: str | None) -> Given:
        try:
            reply = await api.answer(accepted.call, stream_id, accepted.media_type)
            return _encoded(reply, accepted.media_type) if isinstance(reply, Answer) else reply
        except OrlopError as error:
            return Rejection(error.http_status, str(error))
        except TooManySubscribers as error:
            return Rejection(503, str(error), RETRY_LATER)
        except StoreFailed:
            return Rejection(
                503,
                "the call is not known to be durable, and this orchestrator stops leading: repeat it",
                RETRY_LATER,
            )
        except Exception:
            log.exception("a call of the %s API failed", api.name)
            return Rejection(500, "an internal error, described in the orchestrator's log: report it")

    async def _body(self, request: web.BaseRequest, held: _Held) -> bytes | Rejection:
        """The body, unless it is too long, too slow, or too much together with all the others."""
        chunks = []
        try:
            if request.content.is_eof():  # it came with its head: nothing has to be waited for
                held.add(len(body := request.content.read_nowait()))
                return self._too_much(held) or body
            async with asyncio.timeout(self._limits.body_seconds):
                await _go_on(request)
                async for chunk in request.content.iter_any():
                    chunks.append(chunk)
                    held.add(len(chunk))
                    if (rejected := self._too_much(held)) is not None:
                        return rejected
        except TimeoutError:
            seconds = f"{self._limits.body_seconds:.0f}"
            return Rejection(408, f"the body did not arrive within {seconds} s", CLOSE)
        except (web.RequestPayloadError, ConnectionError) as error:
            return Rejection(400, f"the body cannot be read: {error}", CLOSE)
        return b"".join(chunks)

    def _too_much(self, held: _Held) -> Rejection | None:
        if held.size > self._limits.max_body_bytes:
            return body_too_long(self._limits.max_body_bytes)
        return _busy("bytes of requests") if self._bodies_bytes > self._limits.max_bodies_bytes else None

    async def _stream(self, request: web.BaseRequest, reply: OpenStream) -> web.StreamResponse:
        try:
            return await reply.stream.serve(request, reply.headers)
        finally:
            if isinstance(reply.stream, RecordStream):
                self._streams.forget(reply.stream)
            # A server that stops is not a subscriber that left: nobody's failover timeout begins.
            if not self._streams.is_closing:
                reply.ended()


def _nothing_at(path: str) -> str:
    if path == "/":  # somebody's browser
        return "there is no page here: `orlop status` shows the cluster, and programs use /api/v1"
    return f"nothing is served at {path[:200]}: the APIs are at /api/v1"


class _Held:
    """Bytes of one request's body that are in memory."""

    __slots__ = ("_server", "size")

    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self.size = 0

    def add(self, size: int) -> None:
        self.size += size
        self._server._bodies_bytes += size

    def release(self) -> None:
        self._server._bodies_bytes -= self.size
        self.size = 0


def _encoded(answer: Answer, media_type: MediaType) -> Encoded:
    if answer.message is None:
        return Encoded(answer.status)
    return Encoded(answer.status, encode(answer.message, media_type), media_type)


RETRY_LATER = (("Retry-After", "1"),)
CLOSE = (("Connection", "close"),)


def _head(request: web.BaseRequest) -> Head:
    accept = request.headers.getall("Accept", [])
    return Head(
        method=request.method,
        content_type=request.headers.get("Content-Type"),
        accept=",".join(accept) if accept else None,
        content_length=request.content_length,
        message_accept=request.headers.get("Message-Accept"),
        cache_control=request.headers.get("Cache-Control"),
    )


async def _go_on(request: web.BaseRequest) -> None:
    """Tell a client that waits for it (RFC 9110, 10.1.1) to send its body."""
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # it is no part of the answer


def _busy(what: str) -> Rejection:
    return Rejection(503, f"too many {what} are in flight: try again in a moment", RETRY_LATER)


def _plain(rejection: Rejection) -> web.Response:
    """The rejection as one line of text."""
    line = " ".join(rejection.message.split())
    response = web.Response(status=rejection.status, text=f"{line}\n", headers=dict(rejection.headers))
    if response.headers.get("Connection") == "close":
        response.force_close()
    return response
