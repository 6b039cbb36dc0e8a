"""`orlop` with an event loop that knows how long it was held: `python -m bench.watched_loop FILE ARGUMENTS…`.

Held is the time from one look at the sockets to the next: whoever comes in between waits for so long. Each
time that it was held for LEAST_SECONDS or more, a line goes to FILE: when that was over (by the machine's
monotonic clock), how long it was by the clock, and how long by the processor.
"""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from bench.shared_links import SharedEnd

SHARED = "ORLOP_BENCH_SHARED"
"""In the environment: whether several agents come on one connection."""

AGENTS_LIMIT = 60_000

LEAST_SECONDS = 0.02
STACKS_SECONDS = 0.06
STACKS = "ORLOP_BENCH_STACKS"
"""In the environment: whether it is written what held the loop."""


class WatchedSelector(selectors.EpollSelector):
    """Tells how long it was between two of its calls."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._since = 0.0, 0.0
        self._stacks = Stacks(path) if STACKS in os.environ else None
        if self._stacks is not None:
            self._stacks.start()

    def select(self, timeout: float | None = None):  # type: ignore[no-untyped-def]
        now, used = time.monotonic(), time.thread_time()
        if self._since[0] and now - self._since[0] > LEAST_SECONDS:
            with self._path.open("a") as file:
                print(json.dumps([now, now - self._since[0], used - self._since[1]]), file=file)
        if self._stacks is not None:
            self._stacks.since = 0.0
        events = super().select(timeout)
        self._since = time.monotonic(), time.thread_time()
        if self._stacks is not None:
            self._stacks.since = self._since[0]
        return events


class Stacks(threading.Thread):
    """Writes what the event loop is at while it is held for STACKS_SECONDS and more."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._path = path.with_suffix(".stacks")
        self._main = threading.get_ident()
        self.since = 0.0

    def run(self) -> None:
        while True:
            time.sleep(STACKS_SECONDS / 4)
            since = self.since
            held = time.monotonic() - since
            if since and held > STACKS_SECONDS and (frame := sys._current_frames().get(self._main)):
                with self._path.open("a") as file:
                    print(f"{held * 1000:.0f} ms", *traceback.format_stack(frame)[-6:], file=file)


class WatchedPolicy(asyncio.DefaultEventLoopPolicy):
    """Event loops of this process are watched."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return asyncio.SelectorEventLoop(WatchedSelector(self._path))


def _share() -> None:
    """Agents come several to a connection (`shared_links`), and there may be more than descriptors."""
    from cli import descriptors
    from orchestrator import agent_link, link_front

    listen = link_front.listen

    async def listen_shared(factory: Any, host: str, port: int) -> Any:
        return await listen(lambda: SharedEnd(factory), host, port)

    link_front.listen = listen_shared
    agent_link.CONNECTIONS_LIMIT = link_front.CONNECTIONS_LIMIT = AGENTS_LIMIT
    descriptors.for_links = lambda descriptors, links: AGENTS_LIMIT


def main() -> None:
    path, sys.argv[1:] = Path(sys.argv[1]), sys.argv[2:]
    asyncio.set_event_loop_policy(WatchedPolicy(path))
    if os.environ.get(SHARED, "0") != "0":
        _share()
    from cli.main import main as orlop

    orlop()


if __name__ == "__main__":
    main()
