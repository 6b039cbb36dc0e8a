"""HTTP as the v1 APIs use it: one POST per call, record streams, 307 to the leader.

It knows nothing of what the bodies mean, and it repeats no call whose answer was lost: only a redirect, and
an answer of 503, lead to another attempt. 503 asks for that: nothing was done, or the leader stopped before
it knew whether its write was durable; who leads now knows, and recognises a repeat.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import aiohttp

from api.wire.errors import RecordError
from api.wire.recordio import RecordDecoder
from api.wire.silent_hosts import notice_silence
from client.errors import URL_OPTION, Refused, Unreachable

if TYPE_CHECKING:
    from types import TracebackType

JSON: Final = "application/json"
LEADERS_WORD: Final = "no-cache"
"""What a standby has been told may be a moment old: who acts on an answer, or has just changed something, is
sent to the leader instead."""
CONNECT_SECONDS: Final = 5.0
"""For a connection to be made; then the server counts as unreachable."""
CALL_SECONDS: Final = 60.0
"""For the answer to a call that is not a stream; then the server counts as unreachable."""
SEVERAL_CONNECT_SECONDS: Final = 2.0
"""The same when there are several to ask: then the next one is."""
MAX_REDIRECTS: Final = 5
"""Redirects in a row (a standby names the leader); then there is no leader yet."""
UNAVAILABLE_SECONDS: Final = 20.0
"""How long 503 (recovering), and no leader yet, are answered with another attempt; then it is an error. A
leader whose host is lost is replaced within half of it."""
UNAVAILABLE_PAUSE_SECONDS: Final = 0.25
"""Between those attempts."""
NOBODY_THERE: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
"""Errors of a connection that did not come to be: nothing was asked."""
NEAR: Final = ("127.0.0.1", "localhost")
MAX_ANSWER_BYTES: Final = 256 * 1024 * 1024
"""Of one answer, or one record of a stream; a longer one is not read."""
MAX_ERROR_BYTES: Final = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """A successful answer: the status (2xx), the body, and the stream's id when it has one."""

    status: int
    body: bytes


class Stream:
    """An open stream of records."""

    def __init__(self, url: str, response: aiohttp.ClientResponse, option: str) -> None:
        self._url = url
        self._option = option
        self._response = response
        self.stream_id: str | None = response.headers.get("Mesos-Stream-Id")
        self.silence_seconds: float | None = None
        """Without a word, after which it counts as broken; None: never. The server's heartbeats are more
        frequent than that. May be changed while it is read."""

    async def records(self, silence_seconds: float | None = None) -> AsyncGenerator[bytes, None]:
        """Each record, in order, until the server ends the stream.

        Raises Unreachable when the connection breaks, when the framing does, or when nothing arrives for
        `silence_seconds`.
        """
        self.silence_seconds = silence_seconds
        decoder = RecordDecoder(MAX_ANSWER_BYTES)  # a stream of operators begins with the whole state
        try:
            while True:
                async with asyncio.timeout(self.silence_seconds):
                    data = await self._response.content.readany()
                if not data:
                    decoder.finish()
                    return
                for record in decoder.feed(data):
                    yield record
        except TimeoutError as error:
            silence = f"nothing was heard for {self.silence_seconds:.0f} s"
            raise Unreachable(self._url, silence, self._option) from error
        except (aiohttp.ClientError, RecordError, OSError) as error:
            raise Unreachable(self._url, f"the stream broke: {error}", self._option) from error


class Transport:
    """Calls to one server of several, or to whoever it says leads.

    `url` is like `http://127.0.0.1:5050`, or several of those with commas between. `self.url` is the one that
    calls go to: the first, then whoever answered last or was said to lead. When nothing listens there, the
    others are tried in turn, each once for a call. With several, a server whose host falls silent is given up
    within seconds.
    """

    def __init__(self, url: str, option: str = URL_OPTION) -> None:
        """`option` of the command line names another server."""
        self._urls = [each.strip().rstrip("/") for each in url.split(",") if each.strip()] or [url]
        self.url = self._urls[0]
        self._are_several = len(self._urls) > 1
        self._connect_seconds = SEVERAL_CONNECT_SECONDS if self._are_several else CONNECT_SECONDS
        self._option = option
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections. The transport can be used again."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def post(
        self,
        path: str,
        body: bytes | AsyncIterable[bytes],
        headers: Mapping[str, str] | None = None,
        seconds: float | None = CALL_SECONDS,
    ) -> Answer:
        """The answer to one call, within so many seconds. Raises Unreachable or Refused.

        A body that is a stream can be sent once only: not to another server, and not after a 503.
        """
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=self._connect_seconds)
        async with self._open(path, body, headers, timeout) as response:
            try:
                return Answer(response.status, await _read(response, MAX_ANSWER_BYTES))
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                raise Unreachable(self.url, _reason(error), self._option) from error

    @contextlib.asynccontextmanager
    async def stream(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[Stream]:
        """An open record stream; closed with the context. Raises Unreachable or Refused."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._connect_seconds)
        async with self._open(path, body, headers, timeout) as response:
            yield Stream(self.url, response, self._option)

    @contextlib.asynccontextmanager
    async def _open(
        self,
        path: str,
        body: bytes | AsyncIterable[bytes],
        headers: Mapping[str, str] | None,
        timeout: aiohttp.ClientTimeout,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """A response with a status of success, after redirects and a bounded wait for a leader."""
        all_headers = {"Content-Type": JSON, "Accept": JSON, "Cache-Control": LEADERS_WORD, **(headers or {})}
        if _is_near(self.url):
            all_headers.setdefault("Accept-Encoding", "identity")  # to pack is slower than to send, here
        loop = asyncio.get_running_loop()
        deadline = loop.time() + UNAVAILABLE_SECONDS
        redirects, repeatable = 0, isinstance(body, bytes)
        while True:
            response = await self._send_to_any(path, body, all_headers, timeout)
            try:
                if 200 <= response.status < 300:
                    yield response
                    return
                location = response.headers.get("Location")
                if response.status == 307 and location and redirects < MAX_REDIRECTS and repeatable:
                    redirects += 1
                    self._follow(location)
                    continue
                # A standby may name a leader that has just died, until there is another.
                is_later = response.status == 503 or (response.status == 307 and location)
                if not (is_later and repeatable) or loop.time() >= deadline:
                    raise Refused(response.status, await _error_text(response))
                redirects = 0
            finally:
                response.close()
            self.url = self._others()[0] if self._others() else self.url
            await asyncio.sleep(UNAVAILABLE_PAUSE_SECONDS)

    async def _send_to_any(
        self,
        path: str,
        body: bytes | AsyncIterable[bytes],
        headers: Mapping[str, str],
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        """The answer of the first server that is there. One that was reached may have done what was asked."""
        others = self._others()
        while True:
            try:
                return await self._send(path, body, headers, timeout)
            except Unreachable as error:
                if not others or not isinstance(error.__cause__, NOBODY_THERE):
                    self.url = others[0] if others else self.url  # for whoever asks next
                    raise
                self.url = others.pop(0)

    def _others(self) -> list[str]:
        """The given addresses but the one in use, from the one after it on."""
        after = self._urls.index(self.url) + 1 if self.url in self._urls else 0
        return [each for each in self._urls[after:] + self._urls[:after] if each != self.url]

    async def _send(
        self,
        path: str,
        body: bytes | AsyncIterable[bytes],
        headers: Mapping[str, str],
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        if self._session is None:
            sockets = _impatient if self._are_several else None
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(socket_factory=sockets))
        try:
            return await self._session.post(
                self.url + path, data=body, headers=headers, timeout=timeout, allow_redirects=False
            )
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Unreachable(self.url, _reason(error), self._option) from error

    def _follow(self, location: str) -> None:
        """Standbys answer `//host:port/path`: the leader's address counts, the path is the caller's own."""
        scheme = self.url.partition("://")[0]
        target = location if "://" in location else f"{scheme}:{location}"
        scheme, _, rest = target.partition("://")
        self.url = f"{scheme}://{rest.partition('/')[0]}"


def _impatient(address: aiohttp.AddrInfoType) -> socket.socket:
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    notice_silence(made)
    return made


def _is_near(url: str) -> bool:
    return url.partition("://")[2].partition(":")[0] in NEAR


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise Refused(response.status, f"the answer is longer than {limit} bytes")
    return bytes(body)


async def _error_text(response: aiohttp.ClientResponse) -> str:
    """The first line of what the server says, however it says it."""
    with contextlib.suppress(aiohttp.ClientError, OSError, TimeoutError):
        text = (await response.content.read(MAX_ERROR_BYTES)).decode(errors="replace").strip()
        return " ".join(text.split("\n", 1)[0].split())
    return ""


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        return os.strerror(number).lower() if number else str(error.os_error) or "no connection"
    return str(error) or type(error).__name__
