"""Clusters for the tests with real processes and mounts, and their logs when a test fails."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.harness.census import nothing_but_files
from e2e.harness.cluster import POOL, Cluster, DaemonCluster, DevCluster
from e2e.harness.tasks import TaskFramework, framework

LIVE = pytest.StashKey[list[Cluster]]()
FAILED = pytest.StashKey[bool]()
LOGS = Path(tempfile.gettempdir(), "orlop-e2e-logs")
"""Where the logs and databases of clusters go whose test failed."""

CONTAINERIZERS = [
    pytest.param("podman", marks=pytest.mark.needs("root", "mount", "loop", "ext4", "podman")),
    pytest.param("process", marks=pytest.mark.needs("root", "mount", "loop", "ext4")),
]


SECONDS = 300
"""For a test that does not say itself how long it may take: many processes start and end in one."""


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LIVE] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith("e2e/") and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(SECONDS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """A failure's report shows the ends of the logs of the clusters that run."""
    report = yield
    if report.failed:
        item.config.stash[FAILED] = True
        for cluster in item.config.stash[LIVE]:
            report.sections.append((f"logs of {cluster.work_dir}", cluster.logs()))
    return report


@contextlib.contextmanager
def running(cluster: Cluster, config: pytest.Config) -> Iterator[None]:
    """Start the cluster, and in the end remove all of it; after a failure its logs are kept."""
    config.stash[LIVE].append(cluster)
    config.stash[FAILED] = False
    try:
        cluster.start()
        yield
    except BaseException:
        config.stash[FAILED] = True
        print(cluster.logs())
        raise
    finally:
        config.stash[LIVE].remove(cluster)
        keep = LOGS / cluster.work_dir.name if config.stash[FAILED] else None
        cluster.close(keep)
        if keep is not None:
            print(f"\nlogs and databases of the cluster: {keep}", file=sys.stderr)


@pytest.fixture(scope="module", params=CONTAINERIZERS)
def dev(request: pytest.FixtureRequest) -> Iterator[DevCluster]:
    """`orlop dev`, one for all tests of a file and containerizer: each leaves it as it found it."""
    cluster = DevCluster(request.param, "--pool-size", POOL)
    with running(cluster, request.config):
        yield cluster


@pytest.fixture(params=CONTAINERIZERS)
def daemons(request: pytest.FixtureRequest) -> Iterator[DaemonCluster]:
    """The daemons without a supervisor, one cluster for each test."""
    cluster = DaemonCluster(request.param)
    with running(cluster, request.config):
        yield cluster


@pytest.fixture(scope="module")
def agent_arguments() -> tuple[str, ...]:
    """More arguments for the agent of `standing`; a file that wants some has a fixture of this name."""
    return ()


@pytest.fixture(scope="module", params=CONTAINERIZERS)
def standing_cluster(
    request: pytest.FixtureRequest, agent_arguments: tuple[str, ...]
) -> Iterator[DaemonCluster]:
    """The daemons, one cluster for all tests of a file and containerizer; it ends cleanly."""
    cluster = DaemonCluster(request.param, *agent_arguments)
    with running(cluster, request.config):
        yield cluster
        assert cluster.end() == (0, 0)
        cluster.settles_to(nothing_but_files)


@pytest.fixture
def standing(standing_cluster: DaemonCluster) -> Iterator[DaemonCluster]:
    """The daemons without a supervisor, which a test kills and starts again. Nothing else is left of it."""
    for daemon in standing_cluster.daemons():
        if not daemon.is_running:  # the test before this one has failed
            daemon.start()
    standing_cluster.wait_ready()
    before = standing_cluster.census()
    yield standing_cluster
    standing_cluster.settles_as(before)


@pytest.fixture
def tasks(dev: DevCluster) -> Iterator[TaskFramework]:
    """A framework on the cluster; nothing is left of its tasks afterwards."""
    before = dev.census()
    with framework(dev) as made:
        yield made
    dev.settles_as(before)
