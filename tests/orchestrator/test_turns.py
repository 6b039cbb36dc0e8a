"""What comes at once is done in turns, in its order, and nobody waits for all of it."""

from __future__ import annotations

import asyncio

from api.wire.slices import Slices
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


async def test_much_that_waits_is_done_one_after_the_other_and_costs_nothing_while_it_waits() -> None:
    class Counted(Turns):
        asked = 0

        @property
        def is_over(self) -> bool:
            Counted.asked += 1
            return super().is_over

    turns, done, loop_turns = Counted(0.0), [], 0
    for number in range(100):
        turns.later(lambda number=number: done.append(number))  # type: ignore[misc]
    while len(done) < 100:
        assert loop_turns < 1_000
        loop_turns += 1
        await asyncio.sleep(0)
    assert done == list(range(100))
    assert loop_turns >= 100 and Counted.asked <= 2 * loop_turns


async def test_a_fault_of_one_that_waited_does_not_keep_the_others_waiting() -> None:
    faults: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: faults.append(context["exception"]))
    turns, done = Turns(), asyncio.Event()
    turns.later(lambda: 1 // 0)  # type: ignore[arg-type]
    turns.later(done.set)
    async with asyncio.timeout(30):
        await done.wait()
    assert len(faults) == 1


async def test_a_slice_grows_with_what_others_took_meanwhile() -> None:
    loop = asyncio.get_running_loop()

    def busy() -> None:
        until = loop.time() + 0.02
        while loop.time() < until:
            pass

    async def is_over_after(slices: Slices) -> bool:
        loop.call_soon(busy)
        await slices.next()
        return slices.is_over

    assert await is_over_after(Slices(0.0)), "without a share it is as long as ever"
    assert await is_over_after(Slices(0.0, share=1_000.0, longest=0.0)), "and never longer than the longest"
    assert not await is_over_after(Slices(0.0, share=1_000.0, longest=3_600.0))
