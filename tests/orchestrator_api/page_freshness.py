"""Whether the parts that pages are made of, which are kept from one to the next, are what there is.

Parts that were made this moment are compared with those that were kept all the time.
"""

from __future__ import annotations

from orchestrator.pages.snapshots import Snapshot, Snapshots
from tests.orchestrator_api.cluster import ApiCluster

TRIES = 20
"""Timers of the cluster go on: something may happen between the two snapshots."""


async def keep_parts(cluster: ApiCluster) -> None:
    """From now on parts are kept, and every change has to be noticed."""
    await _kept(cluster).take()


async def check_that_no_part_is_stale(cluster: ApiCluster) -> None:
    """Two snapshots of one moment say the same."""
    rooms, kept = cluster.orchestrator, _kept(cluster)
    for _ in range(TRIES):
        fresh = Snapshots(rooms.state, rooms.offers, rooms.operations)
        there, shown = _told(await fresh.take()), _told(await kept.take())
        fresh.close()
        if there == shown:
            return
    differences = [name for name in there if there[name] != shown[name]]
    raise AssertionError(f"parts are stale: {[(name, shown[name], there[name]) for name in differences]}")


def _kept(cluster: ApiCluster) -> Snapshots:
    return cluster.server._pages._pages._rooms.snapshots


def _told(snapshot: Snapshot) -> dict[str, list[str]]:
    """Every part as text, in an order that does not depend on who came first."""
    return {
        name: sorted(map(repr, getattr(snapshot, name)))
        for name in ("agents", "frameworks", "tasks", "completed_tasks", "executors", "completed_frameworks")
    }
