"""Real networks that are cut and healed, under load; then what must hold, looked at from outside.

PARTITION_SECONDS: how long things go wrong at random (10). ORLOP_SEED: draws the same faults again; the seed
of every run is printed. Every accepted operation ends once and its owner is told; owners, leader, providers
and disks have the same volumes; each task's statuses come once and in order, and none is started twice; no
agent obeys an older leadership again; nothing is left over. Before that, one fault after the other: how long
it takes until somebody else leads is printed.
"""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import shutil
import subprocess
import time
from collections import Counter
from dataclasses import replace

import pytest

from e2e.harness import census
from e2e.harness.census import Place
from e2e.harness.daemon import until
from e2e.partitions import outage
from e2e.partitions.conftest import LEASE_SECONDS, Shared, the_site
from e2e.partitions.faults import DIRECTIONS, Faults
from e2e.partitions.load import Load
from e2e.partitions.network import cut
from e2e.partitions.remote_provider import PROFILE as REMOTE
from e2e.partitions.remote_provider import RemoteProvider
from e2e.partitions.story import play
from tests.telling import Tell

SECONDS = float(os.environ.get("PARTITION_SECONDS") or "10")
FOLLOWS_SECONDS = 30.0
SETTLED_SECONDS = 60.0
CUT_SECONDS = 2.0
"""Longer than a provider waits for its agent's heartbeat."""
HAS_TIME = bool(os.environ.get("PARTITION_SECONDS"))
REFUSED = "was here with a later state of its work directory"
REGISTRIES = ["postgresql", *(["sqlite"] if HAS_TIME else [])]
"""On which it is tried: without several orchestrators only when there is time for it."""
TO_DATABASE = DIRECTIONS if HAS_TIME else ("from",)

pytestmark = [
    pytest.mark.needs("root", "mount", "loop", "ext4", "netns", "iptables", "postgresql"),
    pytest.mark.timeout(600 + 2 * SECONDS),
]


async def test_another_leads_when_the_leaders_host_falls_silent(three: Shared, tell: Tell) -> None:
    site = three.site
    old = site.leading()
    found = await outage.after(site, old, lambda: site.network.unplug(site.host_of(old)))
    tell(f"failover, the leader's host falls silent: {found}")
    site.network.heal()
    until(lambda: site.follows(old), FOLLOWS_SECONDS, f"{old.name} follows {found.leader.name}")


async def test_another_leads_when_the_leader_is_told_to_end(three: Shared, tell: Tell) -> None:
    site = three.site
    old = site.leading()
    found = await outage.after(site, old, old.ask_to_end)
    assert old.ended() == 0
    tell(f"failover, the leader is told to end: {found}")
    old.start()
    until(lambda: site.follows(old), FOLLOWS_SECONDS, f"{old.name} follows {found.leader.name}")


@pytest.mark.parametrize("way", TO_DATABASE)
async def test_a_leader_that_is_cut_off_the_database_leads_no_more(
    three: Shared, way: str, tell: Tell
) -> None:
    site = three.site
    old = site.leading()
    with contextlib.ExitStack() as cuts:
        the_cut = cut(site.host_of(old), three.database.host, way)
        found = await outage.after(site, old, lambda: cuts.enter_context(the_cut))
        until(lambda: not site.leads(old), FOLLOWS_SECONDS, f"{old.name} leads no more")
    tell(f"failover, nothing gets through {way} the database: {found}")
    until(lambda: site.follows(old), FOLLOWS_SECONDS, f"{old.name} follows {found.leader.name}")


def test_each_operation_is_done_once_when_its_provider_is_cut_off_its_agent(three: Shared) -> None:
    site, agent = three.site, three.site.agents[0]
    provider = RemoteProvider(site, site.network.host("provider"), agent)
    provider.start()
    try:
        until(lambda: provider.provider_id, FOLLOWS_SECONDS, "the provider is admitted")
        for way in ("to", "from"):
            with cut(provider.host, site.host_of(agent), way):
                site.provision(way, REMOTE, 16)
                time.sleep(CUT_SECONDS)
            until(lambda way=way: site.volumes().get(way) == "VOLUME_AVAILABLE", SETTLED_SECONDS, way)
        assert len(provider.disks) == len(site.volumes()) == 2
        with cut(provider.host, site.host_of(agent), "both"):
            for name in site.volumes():
                site.deprovision(name)
            time.sleep(CUT_SECONDS)
        until(lambda: not site.volumes(), SETTLED_SECONDS, "the volumes are gone")
        assert not provider.disks
        until(lambda: not provider.remembered, SETTLED_SECONDS, "all is acknowledged")
    finally:
        provider.kill()
    until(lambda: site.forgets_provider(agent, provider.provider_id), SETTLED_SECONDS, "it is gone for good")


def test_neither_a_copy_of_an_agent_nor_an_older_state_of_it_is_taken_for_it(three: Shared) -> None:
    site, agent, copy = three.site, three.site.agents[1], three.site.work_dir / "copy"
    assert agent.terminate() == 0
    shutil.copytree(site.place.agents[1], copy)
    agent.start()
    site.wait_ready()
    before = site.agent_ids()
    for name in ("copy", agent.name):  # beside the agent, then in its place: started more often than it
        if name == agent.name:
            assert agent.terminate() == 0
        told = len(site.said(name))
        other = site.agent_on(name, copy, agent.name)
        other.start()
        until(lambda name=name, told=told: REFUSED in site.said(name)[told:], SETTLED_SECONDS, REFUSED)
        assert other.terminate() == 0
    agent.start()
    site.wait_ready()
    assert site.agent_ids() == before
    left = census.take(Place(copy, (copy,)))
    for mount in left.mounts:  # its directory, bound onto itself: there or not, by when it was ended
        subprocess.run(["umount", mount], check=True)
    assert not str(replace(left, mounts=Counter()))


@pytest.mark.parametrize("registry", REGISTRIES)
async def test_nothing_is_lost_whatever_is_cut_or_killed(
    registry: str, request: pytest.FixtureRequest, tell: Tell
) -> None:
    seed = int(os.environ.get("ORLOP_SEED") or secrets.randbits(32))
    tell(f"partitions, {registry}: ORLOP_SEED={seed} PARTITION_SECONDS={SECONDS:g}")
    site, database = the_site(registry, request)
    faults = Faults(site, random.Random(seed), LEASE_SECONDS, database)
    load = Load(site.url, seed, site.place.agents)
    try:
        await play(site, load, lambda: faults.run(SECONDS), tell)
    finally:
        tell(f"faults: {dict(faults.tally)}")
        print("\n".join(faults.story))
