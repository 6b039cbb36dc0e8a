"""A large registry is taken up in slices: whoever else has something to do has turns meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from api.wire.slices import Slices
from api.wire.v1 import mesos
from orchestrator import taking_up
from orchestrator.registrar import Registrar
from store.sqlite import SqliteStore
from tests.orchestrator.scripted import lead, open_store

AGENTS = 300


async def admitted(folder: Path) -> SqliteStore:
    """A registry with so many agents."""
    store, registrar = open_store(folder), Registrar()
    infos = [mesos.AgentInfo(hostname=f"host-{at}", id=mesos.AgentID(value=str(at))) for at in range(AGENTS)]
    await store.write(*(change for each in infos if (change := registrar.admit_agent(each, 1.0))))
    return store


async def test_others_have_turns_while_it_is_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await admitted(tmp_path)
    monkeypatch.setattr(taking_up, "SLICE_SECONDS", 0.0)  # so long a slice is, whatever the machine
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    try:
        rooms = await lead(store)
        assert len(rooms.state.agents) == AGENTS
        assert turns > AGENTS
        rooms.drop()
    finally:
        beside.cancel()
        await store.close()


async def test_a_leadership_that_ends_while_it_begins_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await admitted(tmp_path)
    turns = 0

    class Ended(Slices):
        """In the middle of it the process is told to stop."""

        @property
        def is_over(self) -> bool:
            return True

        async def next(self) -> None:
            nonlocal turns
            turns += 1
            if turns == AGENTS // 2:
                leading.cancel()
            await super().next()

    with monkeypatch.context() as patched:
        patched.setattr(taking_up, "Slices", Ended)
        before = asyncio.all_tasks()
        leading = asyncio.create_task(lead(store))
        with pytest.raises(asyncio.CancelledError):
            await leading
    assert turns == AGENTS // 2
    assert asyncio.all_tasks() == before
    rooms = await lead(store)
    assert len(rooms.state.agents) == AGENTS
    rooms.drop()
    await store.close()
