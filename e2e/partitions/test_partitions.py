"""Real networks that are cut and healed at random, under load; then what must hold, looked at from outside.

PARTITION_SECONDS: how long things go wrong (20). ORLOP_SEED: draws the same faults again; the seed of every
run is printed. Every accepted operation ends once and its owner is told; owners, leader, providers and disks
have the same volumes; each task's statuses come once and in order, and none is started twice; no agent obeys
an older leadership again; nothing is left over.
"""

from __future__ import annotations

import os
import random
import secrets

import pytest

from e2e.partitions.conftest import LEASE_SECONDS
from e2e.partitions.faults import Faults
from e2e.partitions.load import Load
from e2e.partitions.site import Site
from e2e.partitions.story import play
from tests.telling import Tell

SECONDS = float(os.environ.get("PARTITION_SECONDS") or "20")

pytestmark = [
    pytest.mark.needs("root", "mount", "loop", "ext4", "netns", "iptables"),
    pytest.mark.timeout(600 + 2 * SECONDS),
]


async def test_nothing_is_lost_between_one_orchestrator_and_its_agents(alone: Site, tell: Tell) -> None:
    seed = int(os.environ.get("ORLOP_SEED") or secrets.randbits(32))
    tell(f"partitions, one orchestrator: ORLOP_SEED={seed} PARTITION_SECONDS={SECONDS:g}")
    faults = Faults(alone, random.Random(seed), LEASE_SECONDS)
    try:
        await play(alone, Load(alone.url, seed, alone.place.agents), lambda: faults.run(SECONDS), tell)
    finally:
        tell(f"faults: {dict(faults.tally)}")
        print("\n".join(faults.story))
