"""The lab for the tests of partitions, and the cluster on it, with all that must be gone afterwards."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from e2e.conftest import FAILED, running
from e2e.harness import census
from e2e.partitions.network import Host, Network
from e2e.partitions.ownership import sweep_the_dead
from e2e.partitions.site import Database, Site, database_on

HAS_TIME = any(os.environ.get(name) for name in ("PARTITION_SECONDS", "LEADER_KILLS"))
LEASE_SECONDS = 4.0
AGENTS = 6
FEW_AGENTS = 2
"""Where there is no time for more."""


@dataclass(frozen=True)
class Shared:
    """A cluster whose orchestrators share a database."""

    site: Site
    database: Database


@contextlib.contextmanager
def laboratory() -> Iterator[Network]:
    """A network that is gone afterwards, whatever happened; and with it what tests left that were killed."""
    sweep_the_dead()
    network = Network()
    try:
        yield network
    finally:
        network.close()


@contextlib.contextmanager
def on_site(site: Site, config: pytest.Config, *others: Host) -> Iterator[Site]:
    """The cluster runs; after a test that passed it ends cleanly, and leaves nothing but on `others`."""
    with running(site, config):
        yield site
        if config.stash[FAILED]:
            return
        site.network.heal()
        site.end()
        site.settles_to(census.nothing_but_files)
        assert not (left := site.network.leftovers(but=others)), "\n".join(left)


@pytest.fixture(scope="module")
def three(request: pytest.FixtureRequest) -> Iterator[Shared]:
    """Three orchestrators on PostgreSQL, and agents: one for all tests of a file."""
    with laboratory() as network:
        database = database_on(network.host("database"))
        with database.server:
            site = Site(network, AGENTS, 3, database.url, "--lease-seconds", f"{LEASE_SECONDS:g}")
            with on_site(site, request.config, database.host):
                yield Shared(site, database)


@pytest.fixture
def alone(request: pytest.FixtureRequest) -> Iterator[Site]:
    """One orchestrator with a file of its own, and agents."""
    agents = AGENTS if HAS_TIME else FEW_AGENTS
    with laboratory() as network, on_site(Site(network, agents, 1, ""), request.config) as site:
        yield site


def the_site(registry: str, request: pytest.FixtureRequest) -> tuple[Site, Database | None]:
    """The cluster with that kind of registry, and the database if the orchestrators share one."""
    if registry == "sqlite":
        return request.getfixturevalue("alone"), None
    shared: Shared = request.getfixturevalue("three")
    return shared.site, shared.database
