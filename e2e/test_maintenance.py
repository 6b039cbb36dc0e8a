"""Hosts that are kept from new work, and machines that are taken down and brought back, with tasks, volumes
and kills of either daemon.

ORLOP_HOST_KILLS: kills in each story (2). ORLOP_SEED: the moments again.
"""

from __future__ import annotations

import os
import random
import secrets
from collections.abc import Iterator

import pytest

from e2e.conftest import CONTAINERIZERS, running
from e2e.harness import http
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until
from e2e.test_draining import agents, is_unmounted, subscribed

KILLS = int(os.environ.get("ORLOP_HOST_KILLS", "2"))
SECONDS = 60.0


@pytest.fixture(scope="module", params=CONTAINERIZERS[1:])
def cluster(request: pytest.FixtureRequest) -> Iterator[DaemonCluster]:
    cluster = DaemonCluster(request.param)
    with running(cluster, request.config):
        yield cluster


@pytest.fixture
def dice() -> random.Random:
    """Said with the test that it is for."""
    seed = int(os.environ.get("ORLOP_SEED") or secrets.randbits(32))
    print(f"ORLOP_SEED={seed}")
    return random.Random(seed)


def kill_one(cluster: DaemonCluster, dice: random.Random) -> None:
    """And start it again."""
    victim = dice.choice(cluster.daemons())
    victim.kill()
    victim.start()
    cluster.wait_ready()
    until(lambda: bool(agents(cluster)), SECONDS, "the agent is here again")


def host_name(cluster: DaemonCluster) -> str:
    return str(agents(cluster)[0]["agent_info"]["hostname"])


def refused(cluster: DaemonCluster) -> str:
    """Why nothing is placed on the only agent that there is."""
    wanted = {"name": "more", "profile": "default", "size_bytes": 64 * 2**20}
    answer = http.post(cluster.address, {"type": "PROVISION_VOLUME", "provision_volume": wanted})
    assert answer.status in (409, 503), answer
    return answer.text


def plan(cluster: DaemonCluster, host: str) -> None:
    """It is to be away for two hours, far from now."""
    cluster.done("maintenance", "schedule", host, "--start", "2099-03-01 03:00:00", "--for", "2h")


def machines(cluster: DaemonCluster, mode: str) -> list[str]:
    status = cluster.post({"type": "GET_MAINTENANCE_STATUS"})["get_maintenance_status"]["status"]
    found = status.get(f"{mode}_machines", [])
    return [each.get("id", each)["hostname"] for each in found]


def move(cluster: DaemonCluster, step: str, host: str) -> None:
    cluster.post(
        {"type": f"{step}_MAINTENANCE", f"{step.lower()}_maintenance": {"machines": [{"hostname": host}]}}
    )


def test_a_deactivated_agent_is_left_alone_until_it_is_reactivated_whoever_is_killed(
    cluster: DaemonCluster, dice: random.Random
) -> None:
    cluster.done("volume", "create", "kept", "--profile", "default", "--size", "64MiB")
    script = "echo here >> /data/n; sleep 999"
    with cluster.task("--name", "runs-on", "--volume", "kept:/data", "--", "sh", "-c", script) as run:
        task_id = cluster.running_task("runs-on")
        cluster.done("agents", "deactivate", host_name(cluster))
        for _ in range(KILLS):
            kill_one(cluster, dice)
            assert "DEACTIVATED" in refused(cluster)
            assert agents(cluster)[0].get("deactivated") is True
            assert cluster.running_task("runs-on") == task_id, "what runs, runs on"
        assert run.poll() is None
        cluster.done("agents", "reactivate", host_name(cluster))
        assert cluster.done("task", "run", "--", "echo", "again") == "again\n"
        cluster.done("task", "kill", task_id)
        assert run.wait(SECONDS) != 0
    assert cluster.done("task", "run", "--volume", "kept:/data", "--", "cat", "/data/n") == "here\n"
    cluster.done("volume", "destroy", "kept")


def test_a_machine_is_scheduled_taken_down_and_brought_back_whoever_is_killed(
    cluster: DaemonCluster, dice: random.Random
) -> None:
    host = host_name(cluster)
    cluster.done("volume", "create", "data", "--profile", "default", "--size", "64MiB")
    with subscribed(cluster, "asked", "sleep 999") as framework:
        plan(cluster, host)
        (asked,) = framework.until("inverse_offers")["inverse_offers"]
        assert asked["unavailability"]["duration"]["nanoseconds"] == 7200 * 10**9
        answer = {"inverse_offer_ids": [asked["id"]]}
        assert framework.call("ACCEPT_INVERSE_OFFERS", accept_inverse_offers=answer).status == 202
        until(lambda: "ACCEPT" in cluster.done("maintenance"), SECONDS, "its operator sees the answer")
    for number in range(KILLS):
        script = "echo $0 >> /data/n; sleep 999"
        with cluster.task("--volume", "data:/data", "--name", f"t{number}", "--", "sh", "-c", script) as run:
            cluster.running_task(f"t{number}")
            moment = dice.randrange(3)
            if moment == 0:
                kill_one(cluster, dice)
            assert machines(cluster, "draining") == [host], "it is scheduled still, and nothing is ended"
            assert run.poll() is None
            move(cluster, "START", host)
            if moment == 1:
                kill_one(cluster, dice)
            assert run.wait(SECONDS) != 0
            until(lambda: is_unmounted(cluster), SECONDS, "its volume is at rest")
            assert machines(cluster, "down") == [host]
            assert "maintenance" in refused(cluster)
            if moment == 2:
                kill_one(cluster, dice)
            move(cluster, "STOP", host)
            assert machines(cluster, "down") == []
            plan(cluster, host)
    cluster.done("maintenance", "unschedule", host)
    read = cluster.done("task", "run", "--volume", "data:/data", "--", "cat", "/data/n")
    assert len(read.split()) == KILLS
    cluster.done("volume", "destroy", "data")
