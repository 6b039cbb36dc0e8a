"""What arrives together is taken in a few at a time, in the order of its arrival."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from orchestrator.few_at_once import FewAtOnce


async def test_very_many_at_once_are_taken_in_a_few_in_each_turn_and_in_order() -> None:
    few = FewAtOnce(3)
    taken: list[int] = []

    async def work(number: int) -> None:
        await few.turn()
        taken.append(number)

    tasks = [asyncio.create_task(work(number)) for number in range(20)]
    seen = [0]
    while len(taken) < 20:
        await asyncio.sleep(0)
        if len(taken) != seen[-1]:
            seen.append(len(taken))
    assert taken == list(range(20))
    assert max(after - before for before, after in pairwise(seen)) == 3
    await asyncio.gather(*tasks)


async def test_one_that_gave_up_while_it_waited_holds_up_nobody() -> None:
    few = FewAtOnce(1)
    await few.turn()
    waiting = [asyncio.create_task(few.turn()) for _ in range(4)]
    await asyncio.sleep(0)
    waiting[1].cancel()
    await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
    assert [task.cancelled() for task in waiting] == [False, True, False, False]


async def test_turns_are_given_out_again_after_a_rest() -> None:
    few = FewAtOnce(2)
    for _ in range(3):
        await asyncio.wait_for(asyncio.gather(*(few.turn() for _ in range(5))), 5)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
