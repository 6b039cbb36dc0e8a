"""A host that was started anew, and one whose agent lost its work directory: its operator is told what is
there and what to do with each; following that brings everything back; nothing of it is offered meanwhile.

A reboot is played: everything that a power cut ends is ended, and the agent finds another boot id.

ORLOP_HOST_KILLS: kills of an agent that begins in the place of a lost one (2). ORLOP_SEED: the moments again.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import secrets
import shutil
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.conftest import CONTAINERIZERS, running
from e2e.harness import census
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until
from tests import census as tagged

SECONDS = 40.0
KILLS = int(os.environ.get("ORLOP_HOST_KILLS", "2"))
OTHER_BOOT = 'mount --make-private /proc && mount --bind {file} /proc/sys/kernel/random/boot_id && exec "$@"'


@pytest.fixture(params=CONTAINERIZERS[1:])
def host(request: pytest.FixtureRequest) -> Iterator[DaemonCluster]:
    """With plain processes, of which no Podman knows anything either."""
    cluster = DaemonCluster(request.param)
    with running(cluster, request.config):
        yield cluster


def cut_power(cluster: DaemonCluster) -> None:
    for daemon in cluster.daemons():
        daemon.kill()
    for pid in census.processes(cluster.place):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    tagged.remove(tagged.take(*cluster.place.tags))


def boot(cluster: DaemonCluster) -> None:
    """The agent is to find a boot id that it has not seen, in a mount namespace of its own."""
    file = cluster.work_dir / "boot_id"
    file.write_text(f"{random.getrandbits(64):016x}\n")
    script = OTHER_BOOT.format(file=file)
    namespace = ["unshare", "--mount", "--propagation", "unchanged", "sh", "-c", script, "sh"]
    cluster.agent.command = [*namespace, *cluster.agent.command]
    cluster.orchestrator.start()
    cluster.agent.start()


def agents(cluster: DaemonCluster) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cluster.post({"type": "GET_AGENTS"})["get_agents"].get("agents", [])
    return found


def findings(cluster: DaemonCluster) -> dict[str, list[dict[str, str]]]:
    """What agents that are here found, by its kind."""
    found: dict[str, list[dict[str, str]]] = {}
    for agent in agents(cluster):
        for each in agent.get("findings", []):
            found.setdefault(each["kind"], []).append(each)
    return found


def test_after_a_reboot_it_is_said_what_ended_and_an_absent_pool_is_waited_for(host: DaemonCluster) -> None:
    host.done("volume", "create", "data", "--profile", "default", "--size", "64MiB")
    write = ("sh", "-c", "echo kept > /data/x; sync; sleep 999")
    with host.task("--name", "writer", "--volume", "data:/data", "--", *write) as client:
        task_id = host.running_task("writer")
        (before,) = agents(host)
        client.kill()
        cut_power(host)
    pool, aside = host.work_dir / "agent" / "pool", host.work_dir / "elsewhere"
    pool.rename(aside)
    boot(host)

    def waits() -> str:
        configs = host.orlop("providers", "configs").stdout
        return configs if "is empty, and 1 volumes are known" in configs else ""

    assert "mount the file system" in until(waits, SECONDS, "the provider waits for its pool")
    (here,) = agents(host)
    assert here["agent_info"]["id"] == before["agent_info"]["id"]
    assert not any("disk" in each and each["name"] == "disk" for each in here["total_resources"])
    assert not (pool / "volumes").exists()
    shutil.rmtree(pool)
    aside.rename(pool)
    os.kill(host.agent.pid, signal.SIGHUP)  # it is looked again at once, and not within the minute
    host.wait_ready()
    (told,) = findings(host)["REBOOT"]
    assert "started anew" in told["what"] and task_id in told["what"]
    assert "1 on hosts" in host.done("status")
    assert host.done("task", "run", "--volume", "data:/data", "--", "cat", "/data/x") == "kept\n"
    host.agent.terminate()
    host.agent.start()
    until(lambda: not findings(host) and agents(host)[0]["active"], SECONDS, "it has been said")


def test_what_a_former_agent_left_is_named_until_it_is_settled(host: DaemonCluster) -> None:
    host.done("volume", "create", "data", "--profile", "default", "--size", "64MiB")
    write = ("sh", "-c", "echo kept > /data/x; sync; sleep 999")
    with host.task("--name", "writer", "--volume", "data:/data", "--", *write) as client:
        host.running_task("writer")
        (former,) = agents(host)
        host.agent.kill()
        client.kill()
    for each in (host.work_dir / "agent").iterdir():
        if each.is_dir() and each.name not in ("pool", "mounts"):
            shutil.rmtree(each)
        elif each.is_file():
            each.unlink()
    seed = int(os.environ.get("ORLOP_SEED") or secrets.randbits(32))
    print(f"ORLOP_SEED={seed}")
    dice = random.Random(seed)
    for _ in range(KILLS):
        host.agent.start()
        time.sleep(dice.uniform(0.3, 1.5))
        host.agent.kill()
    host.agent.start()
    host.wait_ready()

    found = until(lambda: findings(host), SECONDS, "the new agent tells what it found")
    (device,), processes = found["LOOP_DEVICE"], found["PROCESSES"]  # the task's, and the former plugin's
    assert "mounted at" in device["what"] and "umount" in device["advice"]
    assert f"orlop agents gone {former['agent_info']['id']['value']}" in host.done("agents")
    until(lambda: "WITHHELD" in host.done("volume", "list"), SECONDS, "its volume is withheld")
    free = [each["free_bytes"] for each in host.profiles() if each.get("available")]
    assert max(free) <= 3 * 2**30 - 64 * 2**20, "what the former agent's volume takes is on offer"

    kills = [re.search(r"kill ((?:\d+ ?)+)", each["advice"]) for each in processes]
    assert all(kills)
    for pid in [pid for kill in kills if kill is not None for pid in kill[1].split()]:
        with contextlib.suppress(ProcessLookupError):  # it ended with another one
            os.kill(int(pid), signal.SIGKILL)
    adopt = re.search(r"orlop (volume adopt \S+) --name NAME", device["advice"])
    assert adopt is not None
    host.done(*adopt[1].split(), "--name", "data")
    until(lambda: not findings(host), SECONDS, "it is settled")
    assert host.done("task", "run", "--volume", "data:/data", "--", "cat", "/data/x") == "kept\n"
