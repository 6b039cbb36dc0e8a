"""A provider's session over HTTP, as the in-process one: the client side, for the contract suite."""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec

from api.wire.content import JSON, MediaType, decode, encode
from api.wire.recordio import RecordDecoder
from api.wire.v1 import resource_provider as rp
from provider.session import CallRefused, Refusal, SessionClosed


class HttpSession:
    """A `ProviderSession` with the agent at `url`. Heartbeats are counted, and not handed on."""

    def __init__(self, url: str, client: aiohttp.ClientSession, media_type: MediaType = JSON) -> None:
        self._media_type: MediaType = media_type
        self._url = url
        self._client = client
        self._response: aiohttp.ClientResponse | None = None
        self._records: list[bytes] = []
        self._closed: str | None = "not connected"
        self.heartbeats = 0
        self.chunks: list[bytes] = []

    async def connect(self) -> None:
        await self.close()
        self._closed, self._records, self._decoder = None, [], RecordDecoder()

    async def send(self, call: rp.Call) -> None:
        self._check()
        headers = {"Content-Type": self._media_type, "Accept": self._media_type}
        if self._response is not None:
            headers["Mesos-Stream-Id"] = self._response.headers["Mesos-Stream-Id"]
        response = await self._client.post(self._url, data=encode(call, self._media_type), headers=headers)
        if response.status == 200 and call.type is rp.CallType.SUBSCRIBE:
            assert response.headers["Content-Type"] == self._media_type
            self._response = response
            return
        text = await response.text()
        if response.status == 202:
            return
        if response.status == 503:
            raise SessionClosed(text)
        assert response.status == 400, (response.status, text)
        if call.type is rp.CallType.SUBSCRIBE:
            self._closed = text
        raise CallRefused(text, Refusal(response.headers.get("Orlop-Refusal", "INVALID")))

    async def receive(self) -> rp.Event:
        self._check()
        while True:
            while not self._records:
                await self._read()
            event = decode(rp.Event, self._records.pop(0), self._media_type)
            if event.type is rp.EventType.HEARTBEAT:
                self.heartbeats += 1
            elif event.error is not msgspec.UNSET:
                self._closed = event.error.message
                self._check()
            else:
                return event

    async def _read(self) -> None:
        if self._response is None:
            raise SessionClosed(self._closed or "not subscribed")
        try:
            chunk, _ = await self._response.content.readchunk()
        except aiohttp.ClientError as error:
            self._closed = str(error)
            raise SessionClosed(str(error)) from error
        if not chunk:
            self._closed = self._closed or "the stream ended"
            self._check()
        self.chunks.append(chunk)
        self._records += self._decoder.feed(chunk)

    async def close(self) -> None:
        if self._response is not None:
            self._response.close()
            self._response = None
            await asyncio.sleep(0)
        self._closed = "closed"

    def _check(self) -> None:
        if self._closed is not None:
            raise SessionClosed(self._closed)
