"""The lab for the tests of partitions, and the cluster on it, with all that must be gone afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from e2e.conftest import running
from e2e.harness import census
from e2e.partitions.network import Network
from e2e.partitions.site import Site, sweep_the_dead

LEASE_SECONDS = 4.0
AGENTS = 6


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
def on_site(site: Site, config: pytest.Config) -> Iterator[Site]:
    """The cluster runs; after a test that passed it ends cleanly, and leaves nothing."""
    with running(site, config):
        yield site
        site.network.heal()
        site.end()
        site.settles_to(census.nothing_but_files)
        assert not (left := site.network.leftovers()), "\n".join(left)


@pytest.fixture
def alone(request: pytest.FixtureRequest) -> Iterator[Site]:
    """One orchestrator with a file of its own, and agents."""
    with laboratory() as network, on_site(Site(network, AGENTS, 1, ""), request.config) as site:
        yield site
