"""kill -9 of whoever leads, in the middle of load, again and again: nothing is lost, nothing is done twice.

LEADER_KILLS: how often (2). ORLOP_SEED: draws the same moments again; the seed of every run is printed. What
is judged is the same as after partitions.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets

import pytest

from e2e.partitions.conftest import the_site
from e2e.partitions.invariants import comes_true
from e2e.partitions.load import Load
from e2e.partitions.site import Site
from e2e.partitions.story import READY_SECONDS, play
from tests.telling import Tell

KILLS = int(os.environ.get("LEADER_KILLS") or "2")
REGISTRIES = ["sqlite", *(["postgresql"] if os.environ.get("LEADER_KILLS") else [])]
"""On which it is tried: kills among several orchestrators are also among what goes wrong at random."""
STORIES, OPERATORS = 8, 4
LONGEST_REIGN = 4.0
"""Seconds from a leader's first answer to its end."""
LONGEST_DOWN = 0.3
EARLY_SHARE = 0.2
"""How often the next kill does not wait for a leader that answers: it hits one that recovers."""

pytestmark = [
    pytest.mark.needs("root", "mount", "loop", "ext4", "netns", "iptables"),
    pytest.mark.timeout(300 + 30 * KILLS),
]


async def kill_leaders(site: Site, rng: random.Random) -> None:
    """KILLS times; each is started again after a moment, as a supervisor would."""
    for _ in range(KILLS):
        if rng.random() >= EARLY_SHARE:
            await comes_true(lambda: "" if site.leader() else "nobody leads", READY_SECONDS)
        await asyncio.sleep(rng.random() * LONGEST_REIGN)
        leader = await asyncio.to_thread(site.leader) or rng.choice(site.orchestrators)
        leader.kill()
        await asyncio.sleep(rng.random() * LONGEST_DOWN)
        leader.start()


@pytest.mark.parametrize("registry", REGISTRIES)
async def test_nothing_is_lost_or_done_twice_when_leaders_are_killed(
    registry: str, request: pytest.FixtureRequest, tell: Tell
) -> None:
    seed = int(os.environ.get("ORLOP_SEED") or secrets.randbits(32))
    tell(f"kills of the leader, {registry}: ORLOP_SEED={seed} LEADER_KILLS={KILLS}")
    site, _ = the_site(registry, request)
    load = Load(site.url, seed, site.place.agents, STORIES, OPERATORS)
    await play(site, load, lambda: kill_leaders(site, random.Random(seed)), tell)
