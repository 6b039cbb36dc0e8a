"""Agents that are drained, brought back and removed for good, with tasks, volumes, plugins and kills.

ORLOP_HOST_KILLS: kills of either daemon while an agent drains (2). ORLOP_SEED: the moments again.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import CONTAINERIZERS, running
from e2e.harness.census import mounted_below
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until
from e2e.harness.http import Subscription
from e2e.test_agent_down import launch, status_of

KILLS = int(os.environ.get("ORLOP_HOST_KILLS", "2"))
FRAMEWORK = {
    "user": "root",
    "name": "leaving",
    "roles": ["default"],
    "failover_timeout": 600.0,
    "capabilities": [{"type": "MULTI_ROLE"}, {"type": "RESERVATION_REFINEMENT"}, {"type": "PARTITION_AWARE"}],
}
STUBBORN = "trap '' TERM; while :; do sleep 0.2; done"


@pytest.fixture(scope="module", params=CONTAINERIZERS[1:])
def a_cluster(request: pytest.FixtureRequest) -> Iterator[DaemonCluster]:
    """One for all tests here but those that remove the agent: what drains has little to do with what runs
    containers."""
    cluster = DaemonCluster(request.param)
    with running(cluster, request.config):
        yield cluster


@pytest.fixture
def cluster(a_cluster: DaemonCluster) -> Iterator[DaemonCluster]:
    """With its agent active, before and after each test, and nothing left of it."""
    before = a_cluster.census()
    yield a_cluster
    for daemon in a_cluster.daemons():
        if not daemon.is_running:
            daemon.start()
    a_cluster.wait_ready()
    a_cluster.orlop("agents", "reactivate", agent_id(a_cluster), "--force")
    a_cluster.settles_as(before)


def agents(cluster: DaemonCluster) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cluster.post({"type": "GET_AGENTS"}).get("get_agents", {}).get("agents", [])
    return found


def agent_id(cluster: DaemonCluster) -> str:
    answer = cluster.post({"type": "GET_AGENTS"})["get_agents"]
    infos = [each["agent_info"] for each in answer.get("agents", [])] + answer.get("recovered_agents", [])
    name: str = infos[0]["id"]["value"]
    return name


def drain_state(cluster: DaemonCluster) -> str:
    found = agents(cluster)
    return found[0].get("drain_info", {}).get("state", "") if found else ""


def waits(cluster: DaemonCluster) -> list[str]:
    found = agents(cluster)
    lines: list[str] = found[0].get("drain_info", {}).get("waiting", []) if found else []
    return lines


def volume_mounts(cluster: DaemonCluster) -> list[str]:
    """Where volumes are mounted for who uses them, or for the host: below a directory of the volume's own."""
    return [each for each in mounted_below(cluster.work_dir) if Path(each).parent.name.startswith("v-")]


def is_unmounted(cluster: DaemonCluster) -> bool:
    return not volume_mounts(cluster)


@contextlib.contextmanager
def subscribed(cluster: DaemonCluster, task_id: str, command: str) -> Iterator[Subscription]:
    """A framework with one task that runs, and that wants no offers any more."""
    framework = Subscription(cluster.address, FRAMEWORK)
    try:
        launch(framework, task_id, command)
        status_of(framework, task_id, "TASK_RUNNING")
        assert framework.call("SUPPRESS").status == 202
        yield framework
        assert framework.call("TEARDOWN").status == 202
    finally:
        framework.close()


def test_a_drained_agent_has_ended_its_tasks_unmounted_its_volumes_and_is_offered_again_afterwards(
    cluster: DaemonCluster,
) -> None:
    cluster.done("volume", "create", "data", "--profile", "default", "--size", "64MiB")
    script = "echo 7 > /data/n; sleep 999"
    with (
        subscribed(cluster, "stubborn", STUBBORN) as framework,
        cluster.task("--name", "user", "--volume", "data:/data", "--", "sh", "-c", script) as run,
    ):
        cluster.running_task("user")
        asked = ("agents", "drain", agent_id(cluster), "--max-grace", "1s")
        began = time.monotonic()
        cluster.done(*asked)
        until(lambda: any("task stubborn of framework" in line for line in waits(cluster)), 10, "it is named")
        status = status_of(framework, "stubborn", "TASK_KILLED")
        assert (status["reason"], status["source"]) == ("REASON_AGENT_DRAINING", "SOURCE_EXECUTOR")
        assert time.monotonic() - began < 20, "the grace period of the drain is the most that a task gets"
        assert run.wait(30) != 0
        assert "is drained: it can be stopped" in cluster.done(*asked, "--wait", "--timeout", "60s")
    assert is_unmounted(cluster)
    assert "drained" in cluster.done("agents")
    refused = cluster.orlop("volume", "create", "more", "--profile", "default", "--size", "64MiB")
    assert refused.returncode == 1 and "DRAINED" in refused.stderr
    cluster.done("agents", "reactivate", agent_id(cluster))
    assert cluster.done("task", "run", "--volume", "data:/data", "--", "cat", "/data/n") == "7\n"
    cluster.done("volume", "destroy", "data")


def test_a_stuck_drain_says_on_what_and_goes_on_once_that_is_resolved(cluster: DaemonCluster) -> None:
    cluster.done("container", "run", "--name", "mine", "--detach", "--", "sleep", "999")
    ran = cluster.orlop("agents", "drain", agent_id(cluster), "--wait", "--timeout", "2s")
    assert ran.returncode == 1
    assert "container mine is an operator's, and runs: end it (`orlop container kill mine`)" in ran.stderr
    assert cluster.orlop("agents", "reactivate", agent_id(cluster)).returncode == 1, "it drains"
    cluster.done("container", "kill", "mine")
    until(lambda: drain_state(cluster) == "DRAINED", 20, "the drain is over")
    cluster.done("container", "rm", "mine")


def test_a_volume_that_cannot_be_unmounted_is_named_until_it_can(cluster: DaemonCluster) -> None:
    cluster.done("volume", "create", "busy", "--profile", "default", "--size", "64MiB")
    with cluster.task("--name", "user", "--volume", "busy:/data", "--", "sleep", "999"):
        cluster.running_task("user")
        target = next(each for each in volume_mounts(cluster) if each.endswith("/target"))
        with Path(target, "held").open("w"):
            cluster.done("agents", "drain", agent_id(cluster), "--max-grace", "0s")
            until(lambda: any("NodeUnpublish" in line for line in waits(cluster)), 30, "the volume is named")
            assert drain_state(cluster) == "DRAINING"
        until(lambda: drain_state(cluster) == "DRAINED", 60, "the drain is over")
    assert is_unmounted(cluster)
    cluster.done("agents", "reactivate", agent_id(cluster))
    cluster.done("volume", "destroy", "busy")


def test_a_drain_ends_whatever_is_killed_meanwhile(cluster: DaemonCluster) -> None:
    seed = int(os.environ.get("ORLOP_SEED") or secrets.randbits(32))
    print(f"ORLOP_SEED={seed}")
    dice = random.Random(seed)
    cluster.done("volume", "create", "data", "--profile", "default", "--size", "64MiB")
    for number in range(KILLS):
        script = "trap 'sleep 0.5; exit 3' TERM; echo $0 >> /data/n; while :; do sleep 0.1; done"
        with cluster.task("--volume", "data:/data", "--name", f"t{number}", "--", "sh", "-c", script):
            cluster.running_task(f"t{number}")
            cluster.done("agents", "drain", agent_id(cluster), "--max-grace", "5s")
            victim = dice.choice(cluster.daemons())
            killer = threading.Timer(dice.uniform(0.0, 1.2), victim.kill)
            killer.start()
            killer.join()
            victim.start()
            cluster.wait_ready()
            until(lambda: drain_state(cluster) == "DRAINED", 60, "the drain is over")
            assert is_unmounted(cluster)
        cluster.done("agents", "reactivate", agent_id(cluster))
    assert len(cluster.done("task", "run", "--volume", "data:/data", "--", "cat", "/data/n").split()) == KILLS
    cluster.done("volume", "destroy", "data")


@pytest.mark.parametrize("daemons", CONTAINERIZERS[:1], indirect=True)
def test_an_agent_that_is_gone_ends_what_it_ran_and_cannot_come_back(daemons: DaemonCluster) -> None:
    cluster = daemons
    cluster.done("volume", "create", "data", "--profile", "default", "--size", "64MiB")
    former = agent_id(cluster)
    log = cluster.work_dir / "agent.log"
    with (
        subscribed(cluster, "mine", "sleep 999") as framework,
        cluster.task("--name", "user", "--volume", "data:/data", "--", "sleep", "999") as run,
    ):
        cluster.running_task("user")
        cluster.done("agents", "gone", former)
        status = status_of(framework, "mine", "TASK_GONE_BY_OPERATOR")
        assert status["reason"] == "REASON_AGENT_REMOVED_BY_OPERATOR"
        assert run.wait(30) != 0
        until(lambda: is_unmounted(cluster), 30, "the volume is unmounted")
    plugins = lambda: [each for each in cluster.census().processes if "plugin" in each]  # noqa: E731
    until(lambda: not plugins(), 30, "its plugin has ended")
    here = ("--agent-url", f"http://{cluster.agent_address}")
    refused = cluster.orlop("agents", "reconfigure", *here)
    assert (refused.returncode, "was removed for good by an operator" in refused.stderr) == (1, True), refused
    os.kill(cluster.agent.pid, signal.SIGHUP)
    until(lambda: "SIGHUP: nothing is applied: agent" in log.read_text(), 30, "SIGHUP is answered")
    cluster.done("devices", *here)
    assert not plugins()
    cluster.agent.kill()
    cluster.orchestrator.kill()
    cluster.orchestrator.start()
    cluster.agent.start()
    until(lambda: log.read_text().count("the orchestrator refuses this agent") > 1, 60, "it is refused again")
    assert agents(cluster) == []
    (volume,) = json.loads(cluster.done("volume", "list", "--output", "json"))["volumes"]
    assert volume["state"] == "VOLUME_NEEDS_OPERATOR"
    assert "orlop volume destroy --force data" in volume["message"]
    cluster.done("volume", "destroy", "--force", "data")
    assert json.loads(cluster.done("volume", "list", "--output", "json"))["volumes"] == []


@pytest.mark.parametrize("daemons", CONTAINERIZERS[1:], indirect=True)
def test_a_drain_that_removes_the_agent_tells_tasks_so(daemons: DaemonCluster) -> None:
    cluster = daemons
    with subscribed(cluster, "last", "sleep 999") as framework:
        asked = ("agents", "drain", agent_id(cluster), "--mark-gone", "--max-grace", "1s")
        cluster.done(*asked)
        status = status_of(framework, "last", "TASK_GONE_BY_OPERATOR")
        assert status["reason"] == "REASON_AGENT_DRAINING"
        until(lambda: agents(cluster) == [], 30, "the agent is gone")
    assert agents(cluster) == []
