"""Bodies of requests made into calls: short ones at once, long ones beside the event loop.

A body of some megabytes takes a good part of a second to be read, and what reads protobuf a tenth of one to
be loaded. Both are done in a thread, which gives way to the event loop every few milliseconds, but for single
steps of the libraries that parse. Calls are understood by the APIs alone.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from api.wire import content
from api.wire.content import PROTOBUF
from api.wire.http_rules import Accepted, Head, Rejection
from api.wire.v1 import master, scheduler
from orchestrator.replies import Api

SHORT_BYTES: Final = 32 * 1024
"""A body up to so long is read at once: to hand it over would take as long. Longer ones are read one after
the other."""


class Reading:
    """The reader of one server."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "reading")

    def close(self) -> None:
        """Read nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def read(self, api: Api[Any], head: Head, body: bytes) -> Accepted[Any] | Rejection:
        """The call that the body holds, as `Api.read` says."""
        beside = asyncio.get_running_loop().run_in_executor
        if PROTOBUF in f"{head.content_type} {head.accept}".lower() and not content.speaks_protobuf():
            await beside(self._thread, content.make_ready_for_protobuf, scheduler.Call, master.Call)
        if len(body) <= SHORT_BYTES:
            return api.read(head, body)
        return await beside(self._thread, api.read, head, body)
