"""How a standby asks the leader: a port, and the same over HTTP. It understands nothing of what is told."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Final, Protocol

import aiohttp

from api.wire.content import JSON, encode
from api.wire.errors import RecordError
from api.wire.recordio import RecordDecoder
from api.wire.v1 import master

CONNECT_SECONDS: Final = 2.0
"""For a connection to the leader; then it is tried anew."""

SILENCE_SECONDS: Final = 10.0
"""Without a byte of an answer; then it is asked anew."""

READ_BYTES: Final = 256 * 1024
"""Of an answer, that are kept until they are read."""

REASON_BYTES: Final = 500
"""Of the text of a refusal that are shown."""


class SourceFailed(Exception):
    """The leader was not reached, or did not answer to its end: ask again."""


class Source(Protocol):
    """Whom a standby follows."""

    def ask(self, address: str, wanted: master.CallFollow) -> AsyncGenerator[bytes, None]:
        """The records of an answer, without their frames. Raises SourceFailed."""

    async def close(self) -> None:
        """Nothing is asked any more."""


class HttpSource:
    """FOLLOW over HTTP."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, address: str, wanted: master.CallFollow) -> AsyncGenerator[bytes, None]:
        """See `Source`. `address`: host:port of the leader's HTTP API."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS
                ),
                read_bufsize=READ_BYTES,
            )
        body = encode(master.Call(type=master.CallType.FOLLOW, follow=wanted), JSON)
        headers = {"Content-Type": JSON, "Accept": JSON, "Accept-Encoding": "identity"}
        url = f"http://{address}/api/v1"
        decoder = RecordDecoder()
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                if response.status != 200:
                    reason = (await response.content.read(REASON_BYTES)).decode(errors="replace")
                    raise SourceFailed(f"{address} answers {response.status}: {' '.join(reason.split())}")
                async for data in response.content.iter_any():
                    for record in decoder.feed(data):
                        yield record
                decoder.finish()
        except (aiohttp.ClientError, OSError, TimeoutError, RecordError, ValueError) as error:
            raise SourceFailed(f"{address}: {str(error) or type(error).__name__}") from error

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()
