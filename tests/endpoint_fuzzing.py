"""Requests that are almost right, to every endpoint of a daemon over real sockets, from a seeded generator.

Any call that the .proto files allow, whole or with mistakes in its bytes, in either media type or as records,
with headers that are now and then wrong; and pages with any query. A server answers each with a status that
is not its own failure, and serves on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random

import aiohttp

from api.wire.content import MEDIA_TYPES, encode
from api.wire.message import Message
from api.wire.recordio import encode_record
from api.wire.schema import fields_of
from tests.wire.fuzzing import spoilt
from tests.wire.generated import made_up

ANSWER_SECONDS = 2.0
"""For the beginning of an answer. Calls that wait for something's end have none by then, and are left."""
RECORDIO = "application/recordio"
STRANGE = ("", "*/*", "application/*;q=0", "application/xml", RECORDIO, "text/plain, */*;q=0.1", "\x0b")
NAMES = ("path", "offset", "length", "limit", "order", "task_id", "framework_id", "slave_id", "x" * 300)
VALUES = (
    "",
    "0",
    "-1",
    "1e9",
    "999999999999999999999",
    "asc",
    "/",
    "../../etc/passwd",
    "%00",
    "ä",
    "y" * 5000,
)
LOG_LINE = 4_000
OWN_FAILURE = frozenset({500, 502, 504, 505})


class Requests:
    """Makes requests. `calls`: path -> the class of what it takes."""

    def __init__(self, random: Random, calls: Mapping[str, type[Message]], pages: tuple[str, ...]) -> None:
        self._random = random
        self._calls = calls
        self._pages = pages

    async def one(self, session: aiohttp.ClientSession, url: str) -> int | None:
        """Send one; its status, None when there was none in time."""
        random = self._random
        if random.random() < 0.1:
            return await self._sent(session, "GET", url + random.choice(self._pages), params=self._query())
        path = random.choice(sorted(self._calls))
        body, headers = self._body(self._calls[path])
        method = random.choice(("POST",) * 20 + ("GET", "PUT", "HEAD", "OPTIONS"))
        return await self._sent(session, method, url + path, data=body, headers=headers)

    def _query(self) -> dict[str, str]:
        random = self._random
        return {random.choice(NAMES): random.choice(VALUES) for _ in range(random.choice((0, 1, 2)))}

    def _body(self, kind: type[Message]) -> tuple[bytes, dict[str, str]]:
        random = self._random
        media_type = random.choice(MEDIA_TYPES)
        data = encode(self._call(kind), media_type)
        if random.random() < 0.5:
            data = spoilt(random, data, media_type)
        headers: dict[str, str] = {"Content-Type": media_type}
        if random.random() < 0.1:
            data = b"".join(encode_record(each) for each in (data, data))
            headers |= {"Content-Type": RECORDIO, "Message-Content-Type": media_type}
        for name in ("Content-Type", "Accept", "Message-Accept", "Mesos-Stream-Id", "Message-Content-Type"):
            if random.random() < 0.05:
                headers[name] = random.choice(STRANGE[:-1])
        return data, headers

    def _call(self, kind: type[Message]) -> Message:
        """A call of any type, with the content that the type names."""
        random = self._random
        call = made_up(random, kind, density=0.2)
        type_ = random.choice(list(fields_of(kind)["type"].type))  # type: ignore[arg-type]
        call.type = type_  # type: ignore[attr-defined]
        content = fields_of(kind).get(str(type_).lower())
        if content is not None and issubclass(content.type, Message):
            setattr(call, content.name, made_up(random, content.type, density=random.choice((0.1, 0.5, 0.9))))
        return call

    async def _sent(
        self, session: aiohttp.ClientSession, method: str, url: str, **content: object
    ) -> int | None:
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                session.request(method, url, allow_redirects=False, **content) as response,  # type: ignore[arg-type]
            ):
                return response.status
        except (TimeoutError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            return None


async def fuzz(requests: Requests, url: str, count: int) -> dict[int | None, int]:
    """How often which status came. Raises AssertionError when the server failed by itself."""
    found: dict[int | None, int] = {}
    async with aiohttp.ClientSession() as session:
        for number in range(count):
            status = await requests.one(session, url)
            assert status not in OWN_FAILURE, f"request {number} was answered {status}"
            found[status] = found.get(status, 0) + 1
    return found


def check_log(messages: list[str]) -> None:
    """What strangers send does not fill the log, and does not write lines of its own into it."""
    for message in messages:
        assert len(message) <= LOG_LINE, message[:200]
        assert message.isprintable(), ascii(message)
