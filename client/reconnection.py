"""Streams of events that come back: another subscription when one is lost, after growing pauses.

It knows neither calls nor events. What is refused for good is not tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from random import Random  # noqa: TID251 - jitter for callers who bring none of their own
from typing import Final, TypeVar

from client.errors import Refused, Unreachable

E = TypeVar("E")

FIRST_PAUSE_SECONDS: Final = 0.2
LONGEST_PAUSE_SECONDS: Final = 10.0
"""The pause before another subscription doubles from the first to this one, with full jitter."""
SILENT_HEARTBEATS: Final = 3
"""Heartbeat intervals without a word after which a stream counts as broken."""
DEFAULT_HEARTBEAT_SECONDS: Final = 15.0
"""Until the server says its own."""
NOT_NOW: Final = frozenset({503})
"""Statuses of an answer that says: later."""


async def resubscribing(
    subscription: Callable[[], AsyncGenerator[E, None]],
    *,
    random: Random | None,
    give_up_seconds: float | None,
    first_is_retried: bool,
) -> AsyncGenerator[E, None]:
    """What each subscription brings, one after the other.

    `give_up_seconds`: how long the server may be away, from the last event on; None: for ever. Unless
    `first_is_retried`, a server that was never there is told of at once. Raises Unreachable then, Refused
    when a subscription was refused.
    """
    loop, random = asyncio.get_running_loop(), random or Random()
    last_heard, pause, heard = loop.time(), FIRST_PAUSE_SECONDS, False
    lost: Unreachable | Refused
    while True:
        try:
            async with contextlib.aclosing(subscription()) as events:
                async for event in events:
                    last_heard, pause, heard = loop.time(), FIRST_PAUSE_SECONDS, True
                    yield event
            raise AssertionError("a subscription ends by an error only")
        except Unreachable as error:
            lost = error
        except Refused as error:
            if error.status not in NOT_NOW:
                raise
            lost = error
        is_hopeless = give_up_seconds is not None and loop.time() - last_heard > give_up_seconds
        if is_hopeless or not (heard or first_is_retried):
            raise lost
        await asyncio.sleep(random.uniform(0, pause))
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
