"""One story: work goes on, something goes wrong meanwhile, and in the end everything must be as it should."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from e2e.crash.record import Entry
from e2e.partitions.invariants import Epochs, comes_true, disagreement
from e2e.partitions.load import Load
from e2e.partitions.site import Site
from tests.telling import Tell

READY_SECONDS: Final = 90.0


async def play(site: Site, load: Load, trouble: Callable[[], Awaitable[None]], tell: Tell) -> None:
    """`load` runs while `trouble` lasts; then the judgement. Raises AssertionError with all that is wrong."""
    epochs, before = Epochs(site), site.census()
    watching = asyncio.create_task(epochs.watch())
    try:
        async with load.scheduler.subscribed():
            async with asyncio.TaskGroup() as group:
                group.create_task(load.run())
                group.create_task(_trouble_then_stop(site, load, trouble))
            await comes_true(lambda: disagreement(site, load))
            await load.clear()
        await comes_true(lambda: site.census().differences(before))
        assert not (wrong := [*load.judge(), *epochs.wrong]), "\n".join(wrong)
    finally:
        watching.cancel()
        tell(f"the highest epoch: {epochs.highest}; owners were told: {load.record.summary()}")
        print(f"violations: {load.record.violations}")
        print(
            "\n".join(
                f"{name}: {entry}" for name, entry in load.record.entries.items() if not went_well(entry)
            )
        )
        await load.close()


def went_well(entry: Entry) -> bool:
    return all(state.endswith(("_FINISHED", "_AVAILABLE", "gone")) for state in entry.told or ("?",))


async def _trouble_then_stop(site: Site, load: Load, trouble: Callable[[], Awaitable[None]]) -> None:
    try:
        await trouble()
        site.network.heal()
        await comes_true(lambda: "" if site.is_ready() else "not everybody is back", READY_SECONDS)
    finally:
        load.stop()
