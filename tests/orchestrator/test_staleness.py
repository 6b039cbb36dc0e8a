"""What is remembered of entities to know which answers are stale: no more than there is."""

from __future__ import annotations

import asyncio
from pathlib import Path

from orchestrator.kinds import Kinds
from orchestrator.staleness import Staleness
from orchestrator.state import ChangeKind
from orchestrator.volumes import VolumeRecord
from tests.orchestrator.scripted import lead, open_store


def volume(agent_id: str) -> VolumeRecord:
    return VolumeRecord("data", "fast", 1, False, "db", 0.0, agent_id, "provider")


async def test_a_volume_whose_name_moves_to_another_agent_leaves_nothing_behind(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    rooms = await lead(store)
    provisioning, offers, asked = rooms.provisioning, rooms.offers, rooms.inverse_offers
    kinds = Kinds(rooms.state, rooms.operations, offers, provisioning, rooms.standings, asked)
    staleness = Staleness(kinds, rooms.state, rooms.ledger, offers, provisioning, asked)
    first, second = volume("first"), volume("second")
    provisioning.volumes["data"] = first
    rooms.state.changed(ChangeKind.VOLUME_UPDATED, first)
    provisioning.volumes["data"] = second
    rooms.state.changed(ChangeKind.VOLUME_UPDATED, second)
    rooms.state.changed(ChangeKind.VOLUME_REMOVED, first)
    assert staleness._volumes_on == {"second": {"data": None}}
    del provisioning.volumes["data"]
    rooms.state.changed(ChangeKind.VOLUME_REMOVED, second)
    assert staleness._volumes_on == {}
    await asyncio.sleep(0)  # what was begun begins
    await rooms.stop()
    await store.close()
