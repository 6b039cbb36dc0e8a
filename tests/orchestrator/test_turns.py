"""What comes at once is done in turns, in its order, and nobody waits for all of it."""

from __future__ import annotations

import asyncio

from orchestrator.turns import Turns


async def test_work_beyond_its_part_of_a_turn_waits_for_the_next_one_in_its_order() -> None:
    turns, done, began = Turns(0.0), [], 0
    loop = asyncio.get_running_loop()

    def look() -> None:
        nonlocal began
        began += 1
        if len(done) < 10:
            loop.call_soon(look)

    async def work(number: int) -> None:
        await turns.mine()
        done.append(number)

    loop.call_soon(look)
    await asyncio.gather(*(work(number) for number in range(10)))
    assert done == list(range(10))
    assert began >= 10, "others have had their turn between any two"


async def test_what_fits_into_a_turn_does_not_wait() -> None:
    turns, done = Turns(3600.0), []

    async def work(number: int) -> None:
        await turns.mine()
        done.append(number)

    working = [asyncio.ensure_future(work(number)) for number in range(100)]
    await asyncio.sleep(0)
    assert len(done) == 100
    await asyncio.gather(*working)
