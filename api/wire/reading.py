"""Bodies of requests made into calls: short ones at once, long ones beside the event loop.

A body of some megabytes takes a good part of a second to be read, and what reads protobuf a tenth of one to
be loaded. Both are done in a thread, which gives way to the event loop every few milliseconds, but for single
steps of the libraries that parse. Calls are understood by the APIs alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from api.wire import content
from api.wire.content import PROTOBUF
from api.wire.http_rules import Head
from api.wire.message import Message

R = TypeVar("R")

SHORT_BYTES: Final = 32 * 1024
"""A body up to so long is read at once: to hand it over would take as long. Longer ones are read one after
the other."""


class Reading:
    """The reader of one server. `requests`: the calls that most bodies hold."""

    def __init__(self, *requests: type[Message]) -> None:
        self._requests = requests
        self._thread = ThreadPoolExecutor(1, "reading")

    def close(self) -> None:
        """Read nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def read(self, understand: Callable[[Head, bytes], R], head: Head, body: bytes) -> R:
        """The call that the body holds, or what is wrong with it, as `understand` says. It changes nothing.

        Until it returns, the body is in memory: whoever counts bodies counts it until then.
        """
        beside = asyncio.get_running_loop().run_in_executor
        if PROTOBUF in f"{head.content_type} {head.accept}".lower() and not content.speaks_protobuf():
            await beside(self._thread, content.make_ready_for_protobuf, *self._requests)
        if len(body) <= SHORT_BYTES:
            return understand(head, body)
        return await beside(self._thread, understand, head, body)
