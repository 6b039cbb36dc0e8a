"""`orlop dev` from start to start: what ends with it, and what the same work directory brings back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e2e.conftest import CONTAINERIZERS, running
from e2e.harness import census
from e2e.harness.cluster import POOL, DevCluster


@pytest.fixture(params=CONTAINERIZERS)
def own_dev(request: pytest.FixtureRequest) -> Iterator[DevCluster]:
    cluster = DevCluster(request.param, "--pool-size", POOL)
    with running(cluster, request.config):
        yield cluster


def only_stored(now: census.Census) -> str:
    """An ended cluster has files, and nothing that runs, is mounted or listens."""
    return "\n".join(line for line in str(now).splitlines() if not line.startswith("  images: "))


def test_the_same_work_directory_brings_back_the_same_cluster(own_dev: DevCluster) -> None:
    own_dev.done("quota", "set", "default", "--limit", "disk[profile=default]=100MiB,disk=1GiB")
    own_dev.done("volume", "create", "kept", "--profile", "default", "--size", "64MiB")
    own_dev.done("task", "run", "--volume", "kept:/data", "--", "sh", "-c", "echo still here > /data/x")
    agents = own_dev.post({"type": "GET_AGENTS"})["get_agents"]["agents"]
    known, quota = own_dev.post({"type": "GET_VOLUMES"}), own_dev.post({"type": "GET_QUOTA"})
    before = own_dev.census()
    assert own_dev.stop() == 0
    own_dev.settles_to(only_stored)
    own_dev.start()
    assert own_dev.post({"type": "GET_VOLUMES"}) == known
    assert own_dev.post({"type": "GET_QUOTA"}) == quota
    refused = own_dev.orlop("volume", "create", "more", "--profile", "default", "--size", "64MiB")
    assert refused.returncode == 1 and "64MiB is reserved or in use" in refused.stderr, refused
    again = own_dev.post({"type": "GET_AGENTS"})["get_agents"]["agents"]
    assert [agent["agent_info"]["id"] for agent in again] == [agent["agent_info"]["id"] for agent in agents]
    own_dev.settles_as(before)
    assert own_dev.done("task", "run", "--volume", "kept:/data", "--", "cat", "/data/x") == "still here\n"
    own_dev.done("volume", "destroy", "kept")
    assert own_dev.stop() == 0
    own_dev.settles_to(census.nothing_but_files)


def test_ending_the_cluster_ends_its_tasks_and_keeps_their_volumes(own_dev: DevCluster) -> None:
    own_dev.done("volume", "create", "used", "--profile", "default", "--size", "64MiB")
    with own_dev.task("--name", "long", "--volume", "used:/data", "--", "sleep", "300"):
        own_dev.running_task("long")
        assert own_dev.stop() == 0
        own_dev.settles_to(only_stored)
    assert len(census.stored_volumes(own_dev.place)) == 1
    own_dev.start()
    own_dev.done("volume", "destroy", "used")
    assert own_dev.stop() == 0
    own_dev.settles_to(census.nothing_but_files)
