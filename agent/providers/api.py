"""The resource provider API over HTTP: POST /api/v1/resource_provider.

An edge: it turns requests into calls of a `Pipe`, and a pipe's events into the records of a stream. What a
call means, and whether it is taken, is said by the manager, as for a provider in its own process. SUBSCRIBE
is answered with the stream; everything else with 202, or with a status and a text that says what to do.

Half-open connections: a HEARTBEAT goes out when nothing else does, the kernel drops a connection whose peer
no longer confirms what it is sent, and a provider that does not read is cut off. A provider finds them by
the heartbeats that do not come.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from aiohttp import HttpVersion11, web
from msgspec import UNSET

from agent.http_edge import CLOSE, abort, bound_silence, head_of, rejected
from agent.providers.pages import page_in
from api.model.ids import IdSource
from api.wire.content import MediaType, encode
from api.wire.http_rules import (
    DEFAULT_MAX_BODY_BYTES,
    UNKNOWN_TYPE,
    Accepted,
    Head,
    Rejection,
    body_too_long,
    check_call,
    check_head,
    content_of,
)
from api.wire.recordio import encode_record
from api.wire.v1 import resource_provider as rp
from provider.manager.manager import ResourceProviderManager
from provider.manager.validation import content_problem
from provider.session import CallRefused, Pipe, SessionClosed
from store.port import StoreError

log = logging.getLogger(__name__)

PATH: Final = "/api/v1/resource_provider"
STREAM_ID: Final = "Mesos-Stream-Id"
REFUSAL: Final = "Orlop-Refusal"
"""Header of a 400: why, as a word that a program can act on (`provider.session.Refusal`)."""

Type = rp.CallType


@dataclass(frozen=True, slots=True)
class ProviderApiLimits:
    """What providers may ask of the agent at once.

    heartbeat_seconds: between HEARTBEAT events on an idle stream.
    stalled_seconds: a provider that takes nothing of what waits for it for so long is cut off.
    max_body_bytes: of one call; a longer one is answered 413: send the state in pages (`more`).
    max_bodies_bytes: of all calls that are being read; beyond it 503.
    max_streams: open at once; a further SUBSCRIBE is answered 503.
    body_seconds: for a body to arrive; then 408.
    """

    heartbeat_seconds: float = 15.0
    stalled_seconds: float = 60.0
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES
    max_bodies_bytes: int = 64 * 2**20
    max_streams: int = 150
    body_seconds: float = 30.0


GOODBYE_SECONDS: Final = 5.0
"""How long the last records of a stream that ends may take; then the connection is dropped."""

SWEEP_SECONDS: Final = 0.25
"""How often an idle stream is looked at: a connection that was lost is noticed within this."""


class ProviderApi:
    """Providers that are other programs, as sessions of `manager`."""

    def __init__(
        self, manager: ResourceProviderManager, ids: IdSource, limits: ProviderApiLimits = ProviderApiLimits()
    ) -> None:
        self._manager = manager
        self._ids = ids
        self._limits = limits
        self._streams: dict[str, Pipe] = {}
        self._opening = 0
        self._bodies_bytes = 0

    def close(self) -> None:
        """End every stream; the providers come back to whoever serves next."""
        for pipe in list(self._streams.values()):
            pipe.finish("the agent stops")

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request to `PATH`."""
        head = head_of(request)
        stream_id = request.headers.get(STREAM_ID)
        rejection = check_head(head, self._limits.max_body_bytes)
        if rejection is not None:
            self._not_taken(stream_id, head, b"")
            return rejected(rejection)
        body = await self._body(request)
        if isinstance(body, Rejection):
            self._not_taken(stream_id, head, b"")
            return rejected(body)
        outcome = check_call(
            head,
            body,
            rp.Call,
            content_problem,
            checks_accept=lambda call: call.type is Type.SUBSCRIBE,
            unknown_type=True,
        )
        if isinstance(outcome, Rejection):
            self._not_taken(stream_id, head, body)
            return rejected(outcome)
        if outcome.call.type is Type.SUBSCRIBE:
            return await self._subscribe(request, outcome, stream_id)
        return await self._call(outcome.call, stream_id)

    async def _body(self, request: web.BaseRequest) -> bytes | Rejection:
        """The whole body, unless it is too long, too slow, or too much together with all the others."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                async for chunk in request.content.iter_any():
                    body += chunk
                    self._bodies_bytes += len(chunk)
                    if len(body) > self._limits.max_body_bytes:
                        return body_too_long(self._limits.max_body_bytes)
                    if self._bodies_bytes > self._limits.max_bodies_bytes:
                        return Rejection(503, "too many bytes of calls are on their way: try again", CLOSE)
        except TimeoutError:
            return Rejection(408, f"the body did not arrive within {self._limits.body_seconds:g} s", CLOSE)
        except (web.RequestPayloadError, ConnectionError) as error:
            return Rejection(400, f"the body cannot be read: {error}", CLOSE)
        finally:
            self._bodies_bytes -= len(body)
        return bytes(body)

    def _not_taken(self, stream_id: str | None, head: Head, body: bytes) -> None:
        """A call that does not get as far as the manager may have been a page of a state: it must know."""
        pipe, page = self._streams.get(stream_id or ""), page_in(body, content_of(head.content_type))
        if pipe is not None and page is not None:
            self._manager.page_refused(pipe, page.version, more=page.more)

    # Calls on a stream that is open

    async def _call(self, call: rp.Call, stream_id: str | None) -> web.Response:
        rejection = self._not_subscribed(call, stream_id)
        if rejection is not None:
            return rejected(rejection)
        if call.type is Type.UNKNOWN:
            return rejected(UNKNOWN_TYPE)
        assert stream_id is not None, "checked just now"
        try:
            await self._streams[stream_id].call(call)
        except (CallRefused, SessionClosed) as error:
            return _refused(error)
        return web.Response(status=202)

    def _not_subscribed(self, call: rp.Call, stream_id: str | None) -> Rejection | None:
        if call.resource_provider_id is UNSET:
            return Rejection(400, "expecting 'resource_provider_id' to be present")
        provider_id = call.resource_provider_id.value
        if provider_id not in self._manager.subscribed:
            return Rejection(400, f"resource provider {provider_id!r} is not subscribed: subscribe first")
        if stream_id is None:
            return Rejection(400, f"expecting the header '{STREAM_ID}' to be present")
        if stream_id not in self._streams:
            return Rejection(
                400, f"the header '{STREAM_ID}' names no open stream: give what SUBSCRIBE was answered with"
            )
        return None

    # Streams

    async def _subscribe(
        self, request: web.BaseRequest, accepted: Accepted[rp.Call], stream_id: str | None
    ) -> web.StreamResponse:
        if stream_id is not None:
            return rejected(Rejection(400, f"SUBSCRIBE opens a stream: leave the header '{STREAM_ID}' out"))
        if len(self._streams) + self._opening >= self._limits.max_streams:
            return rejected(Rejection(503, f"{self._limits.max_streams} streams are open: try again later"))
        pipe = Pipe(self._limits.heartbeat_seconds)
        self._manager.accept(pipe)
        self._opening += 1
        try:
            await pipe.call(accepted.call)
        except (CallRefused, SessionClosed) as error:
            return _refused(error)
        except StoreError:
            pipe.close("the agent could not write its admission")
            return rejected(Rejection(503, "the agent cannot write, and restarts: subscribe again"))
        finally:
            self._opening -= 1
        stream_id = str(self._ids.uuid())
        self._streams[stream_id] = pipe
        try:
            return await self._stream(request, pipe, stream_id, accepted.media_type)
        finally:
            del self._streams[stream_id]
            pipe.close("the provider's connection ended")

    async def _stream(
        self, request: web.BaseRequest, pipe: Pipe, stream_id: str, media_type: MediaType
    ) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": media_type, "Cache-Control": "no-store", STREAM_ID: stream_id}
        )
        if request.version >= HttpVersion11:
            response.enable_chunked_encoding()
        try:
            await response.prepare(request)
            bound_silence(request.transport, self._limits.stalled_seconds)
            await self._events(request, response, pipe, media_type)
        except SessionClosed as closed:
            await _say_goodbye(request, response, media_type, str(closed))
        except TimeoutError:
            pipe.close(f"the provider has read nothing for {self._limits.stalled_seconds:g} s")
            abort(request)
        except ConnectionError as error:
            log.info("a provider's stream: %s", error)
        return response

    async def _events(
        self, request: web.BaseRequest, response: web.StreamResponse, pipe: Pipe, media_type: MediaType
    ) -> None:
        """Each event as a record, and each record as one chunk; until either side ends the session.

        The first heartbeat comes at once: some clients hand an event on only when the next one begins.
        Raises SessionClosed; ConnectionError, TimeoutError when the provider has gone or does not read.
        """
        loop = asyncio.get_running_loop()
        silent_at, wrote_first = loop.time(), False
        waiting: asyncio.Future[rp.Event] = asyncio.ensure_future(pipe.next_event())
        try:
            while True:
                done, _ = await asyncio.wait([waiting], timeout=SWEEP_SECONDS)
                if done:
                    record = encode(waiting.result(), media_type)
                    waiting = asyncio.ensure_future(pipe.next_event())
                elif request.transport is None or request.transport.is_closing():
                    raise ConnectionError("the provider's connection is closed")
                elif loop.time() < silent_at:
                    continue
                else:
                    record = encode(HEARTBEAT, media_type)
                async with asyncio.timeout(self._limits.stalled_seconds):
                    await response.write(encode_record(record))
                silent_at = loop.time() + (self._limits.heartbeat_seconds if wrote_first else 0.0)
                wrote_first = True
        finally:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)


HEARTBEAT: Final = rp.Event(type=rp.EventType.HEARTBEAT)


async def _say_goodbye(
    request: web.BaseRequest, response: web.StreamResponse, media_type: MediaType, reason: str
) -> None:
    """The stream's last record says why it ends; to a provider that does not read, nothing."""
    error = rp.Event(type=rp.EventType.ERROR, error=rp.EventError(message=reason))
    try:
        async with asyncio.timeout(GOODBYE_SECONDS):
            await response.write(encode_record(encode(error, media_type)))
            await response.write_eof()
    except (TimeoutError, ConnectionError):
        abort(request)


def _refused(error: CallRefused | SessionClosed) -> web.Response:
    why = ((REFUSAL, error.why.value),) if isinstance(error, CallRefused) else ()
    return rejected(Rejection(400, str(error), why))
