"""A host that is configured otherwise, at a start or while its agent runs: who can stay stays, who has to go
is told, no id is lost, and what is not allowed is not done by half.

ORLOP_HOST_KILLS: kills of the agent while it is configured anew (2). ORLOP_SEED: the moments again.
"""

from __future__ import annotations

import contextlib
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
from e2e.harness import http
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import Daemon, until
from e2e.harness.http import Subscription

KILLS = int(os.environ.get("ORLOP_HOST_KILLS", "2"))
FRAMEWORK = {
    "user": "root",
    "name": "holder",
    "roles": ["default"],
    "capabilities": [{"type": "MULTI_ROLE"}, {"type": "RESERVATION_REFINEMENT"}],
}
BASE = {"cpus": "3", "reconfiguration-policy": "any", "attributes": "rack:r1"}


class Host:
    """A cluster whose agent has its configuration in a file."""

    def __init__(self, cluster: DaemonCluster, config: Path) -> None:
        self.cluster = cluster
        self.config = config

    def write(self, **changed: str) -> None:
        """The file has the base with these; put in place in one step."""
        settings = {**BASE, **{name.replace("_", "-"): value for name, value in changed.items()}}
        written = self.config.with_suffix(".new")
        written.write_text("".join(f'{name} = "{value}"\n' for name, value in settings.items() if value))
        written.replace(self.config)

    def agent(self) -> dict[str, Any]:
        (agent,) = self.cluster.post({"type": "GET_AGENTS"})["get_agents"]["agents"]
        return agent

    def shown(self) -> tuple[float, str]:
        """The cores and the rack that the cluster knows of; of an agent that is not here none."""
        agent = self.agent()
        if not agent["active"]:
            return 0.0, ""
        cpus = [
            each["scalar"]["value"] for each in agent.get("total_resources", []) if each["name"] == "cpus"
        ]
        told = {each["name"]: each["text"]["value"] for each in agent["agent_info"].get("attributes", [])}
        return sum(cpus), told.get("rack", "")

    def shows(self, cpus: float, rack: str = "r1") -> None:
        until(lambda: self.shown() == (cpus, rack), 30, f"{cpus} cpus in {rack}")

    def reconfigure(self, *arguments: str, status: int = 0) -> str:
        """What the command says, on either stream."""
        ran = self.cluster.orlop("agents", "reconfigure", *arguments)
        assert ran.returncode == status, ran
        return ran.stdout + ran.stderr

    def restarted(self, *arguments: str) -> Daemon:
        """The agent with further flags; a flag given again counts."""
        if self.cluster.agent.is_running:
            self.cluster.agent.terminate()
        flags = [*self.cluster.agent_arguments, *arguments]
        self.cluster.agent = Daemon("agent", flags, self.cluster.work_dir)
        return self.cluster.agent


@pytest.fixture(scope="module", params=CONTAINERIZERS[1:])
def a_host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """One for all tests here: what is configured has nothing to do with what runs containers."""
    config = tmp_path_factory.mktemp("host") / "agent.toml"
    host = Host(DaemonCluster(request.param, "--config", str(config)), config)
    host.write()
    with running(host.cluster, request.config):
        yield host


@pytest.fixture
def host(a_host: Host) -> Iterator[Host]:
    """As it was in the beginning, before and after each test."""
    yield a_host
    a_host.write()
    if not a_host.cluster.agent.is_running:
        a_host.cluster.agent.start()
        a_host.cluster.wait_ready()
    a_host.reconfigure()
    a_host.shows(3)


def test_a_host_with_less_keeps_what_fits_and_tells_the_others(host: Host) -> None:
    cluster, before = host.cluster, host.agent()
    cluster.done("volume", "create", "data", "--profile", "default", "--size", "32MiB")
    with cluster.task("--name", "first", "--cpus", "1", "--volume", "data:/data", "--", "sleep", "999"):
        cluster.running_task("first")
        with cluster.task("--name", "second", "--cpus", "1.5", "--", "sleep", "999") as second:
            task_id = cluster.running_task("second")
            host.write(cpus="2", reconfiguration_policy="equal")
            beforehand = (*cluster.agent_arguments, "--check-config", "--reconfiguration-policy")
            assert "finds no room" not in cluster.orlop(*beforehand, "equal").stdout
            would = cluster.orlop(*beforehand, "any").stdout
            assert f"note: task {task_id} of framework" in would and would.count("finds no room") == 1, would
            refused = host.restarted()
            refused.start()
            until(lambda: not refused.is_running, 30, "the agent refuses to start")
            assert "resource cpus was 3 and is 2" in refused.tail()
            assert "--reconfiguration-policy any" in refused.tail()

            host.restarted("--reconfiguration-policy", "any").start()
            host.shows(2)
            _, told = second.communicate(timeout=60)
            assert "this host was configured with less" in told
            cluster.running_task("first")
            assert host.agent()["agent_info"]["id"] == before["agent_info"]["id"]
    host.restarted()
    host.write()
    cluster.agent.start()
    cluster.wait_ready()
    assert "data" in cluster.done("volume", "list")
    cluster.done("volume", "destroy", "data")


def test_a_look_beforehand_says_what_would_happen(host: Host) -> None:
    flags = [*host.cluster.agent_arguments, "--check-config", "--attributes", "rack:r1;room:7"]
    refused = host.cluster.orlop(*flags, "--reconfiguration-policy", "equal")
    assert refused.returncode == 1
    assert "refused: attribute room is new (7 (SCALAR))" in refused.stdout
    allowed = host.cluster.orlop(*flags, "--reconfiguration-policy", "additive")
    assert allowed.returncode == 0
    assert "allowed: attribute room is new" in allowed.stdout
    assert "without a restart: orlop agents reconfigure" in allowed.stdout


def test_less_while_it_runs_ends_who_finds_no_room_and_rescinds_what_is_gone(host: Host) -> None:
    cluster, before = host.cluster, host.agent()
    with cluster.task("--name", "stays", "--cpus", "1", "--", "sleep", "999"):
        cluster.running_task("stays")
        with cluster.task("--name", "goes", "--cpus", "1.5", "--", "sleep", "999") as goes:
            task_id = cluster.running_task("goes")
            framework = Subscription(cluster.address, FRAMEWORK)
            try:
                offer = framework.until("offers")["offers"][0]
                host.write(cpus="2")
                beforehand = host.reconfigure("--dry-run")
                assert "resource cpus" in beforehand and "ALLOWED" in beforehand
                assert f"task {task_id} of framework" in beforehand and "cpus" in beforehand
                assert host.shown()[0] == 3
                assert "applied" in host.reconfigure()
                rescinded = framework.until("rescind")
                assert rescinded["offer_id"] == offer["id"]
            finally:
                framework.call("TEARDOWN")
                framework.close()
            host.shows(2)
            _, told = goes.communicate(timeout=60)
            assert "this host was configured with less" in told
            cluster.running_task("stays")
    assert host.agent()["agent_info"]["id"] == before["agent_info"]["id"]


def test_a_signal_applies_what_the_file_says(host: Host) -> None:
    host.write(cpus="4", attributes="rack:r2")
    os.kill(host.cluster.agent.pid, signal.SIGHUP)
    host.shows(4, "r2")


def test_with_one_change_that_may_not_be_nothing_is_applied(host: Host) -> None:
    host.write(cpus="2", attributes="rack:r7;room:7", reconfiguration_policy="additive")
    told = host.reconfigure(status=1)
    assert "resource cpus was 3 and is 2" in told and "attribute rack was r1 (TEXT) and is r7 (TEXT)" in told
    assert "attribute room" not in told, "what is allowed is not among what is in the way"
    assert "reconfiguration-policy to any" in told
    host.write(cpus="4", status_resend="5", backend="image")
    told = host.reconfigure("--dry-run", status=1)
    assert "status-resend was 10.0 and is 5.0" in told and "backend was auto and is image" in told
    assert "Restart it" in told and "RESTART" in told
    os.kill(host.cluster.agent.pid, signal.SIGHUP)
    log = host.cluster.work_dir / "agent.log"
    until(lambda: "SIGHUP: nothing is applied: only a restart" in log.read_text(), 10, "the log says why")
    host.write(cpus="nonsense")
    assert "cpus in" in host.reconfigure(status=1)
    assert host.shown() == (3, "r1")
    host.write()
    assert "Nothing is configured otherwise" in host.reconfigure()


def test_a_kill_in_the_middle_leaves_the_old_or_the_new_and_never_a_mix(host: Host) -> None:
    seed = int(os.environ.get("ORLOP_SEED") or secrets.randbits(32))
    print(f"ORLOP_SEED={seed}")
    rng = random.Random(seed)
    cluster, agent_id = host.cluster, host.agent()["agent_info"]["id"]
    configured = [("3", "r1"), ("4", "r2"), ("2", "r3")]
    now = configured[0]
    for _ in range(KILLS):
        wanted = rng.choice([each for each in configured if each != now])
        host.write(cpus=wanted[0], attributes=f"rack:{wanted[1]}")
        asked = threading.Thread(target=_ask_in_vain, args=(cluster.agent_address,))
        asked.start()
        time.sleep(rng.uniform(0.0, 0.03))
        cluster.agent.kill()
        asked.join()
        now = rng.choice([now, wanted])  # an operator may have had second thoughts
        host.write(cpus=now[0], attributes=f"rack:{now[1]}")
        cluster.agent.start()
        cluster.wait_ready()
        host.shows(float(now[0]), now[1])
        assert host.agent()["agent_info"]["id"] == agent_id
        assert "Nothing is configured otherwise" in host.reconfigure("--dry-run")


def _ask_in_vain(address: str) -> None:
    with contextlib.suppress(OSError):
        http.post(address, {"type": "RECONFIGURE"})
