"""A standby in a process of its own, beside an orchestrator that is measured: how old its view is meanwhile.

    python -m bench.standby_beside host:port epoch

Says a line when it shows something. At the end of its input it says how old the view was, looked at every
10 ms, as one line of JSON: percentiles in seconds, answers taken, beginnings.
"""

from __future__ import annotations

import asyncio
import json
import sys

from api.model.clock import SystemClock
from orchestrator.standby.follower import Follower, Leader
from orchestrator.standby.source import HttpSource

LOOK_SECONDS = 0.01


async def follow(address: str, epoch: int) -> None:
    follower = Follower(HttpSource(), SystemClock(), "beside")
    follower.follow(Leader(epoch, address))
    while follower.age is None:  # noqa: ASYNC110 - a measurement
        await asyncio.sleep(LOOK_SECONDS)
    print("follows", flush=True)
    ended = asyncio.ensure_future(_end_of_input())
    ages: list[float] = []
    while not ended.done():
        await asyncio.sleep(LOOK_SECONDS)
        ages.append(follower.age or 0.0)
    ages.sort()
    told = {
        "p50": ages[len(ages) // 2],
        "p99": ages[int(len(ages) * 0.99)],
        "max": ages[-1],
        "answers": follower.answers,
        "beginnings": follower.beginnings,
    }
    print(json.dumps(told), flush=True)
    await follower.close()


async def _end_of_input() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


if __name__ == "__main__":
    asyncio.run(follow(sys.argv[1], int(sys.argv[2])))
