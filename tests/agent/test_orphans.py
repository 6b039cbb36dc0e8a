"""Containers that belong to nothing: many go side by side, and one that will not end holds up no other."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import pytest

from agent import orphans
from agent.containerizer.interface import ContainerSpec
from agent.orphans import ORPHANS_AT_ONCE, remove_orphans
from api.model.clock import SystemClock
from tests.agent.model_containerizer import Host, ModelContainerizer


async def launched(host: Host, count: int) -> list[str]:
    names = [f"n{number}" for number in range(count)]
    for name in names:
        spec = ContainerSpec(id=name, argv=("/bin/sleep", "9"), sandbox="/tmp")
        await ModelContainerizer(host).launch(spec)
    return names


class Slow(ModelContainerizer):
    """Counts how many removals are under way at once; `stuck` cannot be ended."""

    def __init__(self, host: Host, stuck: str = "") -> None:
        super().__init__(host)
        self.stuck = stuck
        self.now = self.most = 0
        self.removed: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def kill(
        self, container_id: str, grace_period: float | None = None, signal: int | None = None
    ) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0.01)
            if container_id == self.stuck:
                await asyncio.Event().wait()
            await super().kill(container_id, grace_period, signal)
        finally:
            self.now -= 1

    async def remove(self, container_id: str) -> None:
        await super().remove(container_id)
        self.removed[container_id].set()


async def test_many_are_removed_side_by_side_and_not_all_at_once() -> None:
    host = Host(SystemClock())
    containerizer = Slow(host)
    await remove_orphans(containerizer, await launched(host, 3 * ORPHANS_AT_ONCE))
    assert host.containers == {}
    assert containerizer.most == ORPHANS_AT_ONCE


async def test_one_that_does_not_end_is_given_up_for_now_and_holds_up_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(orphans, "ORPHANS_AT_ONCE", 1)
    monkeypatch.setattr(orphans, "ORPHAN_TIMEOUT", 0.1)
    host = Host(SystemClock())
    names = await launched(host, 3)
    containerizer = Slow(host, stuck="n0")
    removing = asyncio.ensure_future(remove_orphans(containerizer, names))
    async with asyncio.timeout(5):
        for name in names[1:]:
            await containerizer.removed[name].wait()
        assert set(host.containers) == {"n0"}
        containerizer.stuck = ""
        await removing
    assert host.containers == {}
