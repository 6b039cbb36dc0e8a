"""`orlop` with an event loop that knows how long it was held: `python -m bench.watched_loop FILE ARGUMENTS…`.

Held is the time from one look at the sockets to the next: whoever comes in between waits for so long. Each time
that it was held for longer than ever since the last look, a line goes to FILE: when (monotonic), how long by the
clock, how long by the processor. At SIGUSR1 it begins anew.
"""

from __future__ import annotations

import asyncio
import json
import selectors
import signal
import sys
import time  # noqa: TID251 - it measures

LEAST_SECONDS = 0.01


class WatchedSelector(selectors.EpollSelector):
    """Tells how long it was between two of its calls."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._since = 0.0, 0.0
        self.longest = LEAST_SECONDS

    def select(self, timeout: float | None = None):  # type: ignore[no-untyped-def]
        now, used = time.monotonic(), time.thread_time()
        if self._since[0] and now - self._since[0] > self.longest:
            self.longest = now - self._since[0]
            with open(self._path, "a") as file:
                print(json.dumps([now, self.longest, used - self._since[1]]), file=file)
        events = super().select(timeout)
        self._since = time.monotonic(), time.thread_time()
        return events


class WatchedPolicy(asyncio.DefaultEventLoopPolicy):
    """Event loops of this process are watched."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        selector = WatchedSelector(self._path)

        def anew(*_: object) -> None:
            selector.longest = LEAST_SECONDS

        signal.signal(signal.SIGUSR1, anew)
        return asyncio.SelectorEventLoop(selector)


def main() -> None:
    path, sys.argv[1:] = sys.argv[1], sys.argv[2:]
    asyncio.set_event_loop_policy(WatchedPolicy(path))
    from cli.main import main as orlop

    orlop()


if __name__ == "__main__":
    main()
