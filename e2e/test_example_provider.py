"""The example provider of the documentation, run as its reader would, through every death there is."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.harness import http
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until

EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "provider.py"
POOL_MB = 128
MAX_LINES = 200


class Example:
    """The provider's process."""

    def __init__(self, cluster: DaemonCluster) -> None:
        self.cluster = cluster
        self.home = cluster.work_dir / "example"
        self.log = cluster.work_dir / "example.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def agent(self) -> str:
        """HOST:PORT of the agent."""
        (agent,) = self.cluster.post({"type": "GET_AGENTS"})["get_agents"]["agents"]
        return str(agent["pid"]).partition("@")[2]

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(EXAMPLE), str(self.home), f"http://{self.agent}", str(POOL_MB)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def signal(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def exit_status(self) -> int:
        assert self._process is not None
        return self._process.wait(timeout=30)

    @property
    def state(self) -> Any:
        return json.loads((self.home / "state.json").read_text())

    @property
    def disks(self) -> list[str]:
        return sorted(each.name for each in (self.home / "disks").iterdir())

    def pool_mb(self) -> float:
        """What is on offer of its pool."""
        found = [each for each in self.cluster.profiles() if each["name"] == "directory"]
        return float(found[0].get("free_bytes", 0)) / 2**20 if found else -1.0

    def wait_for_pool(self, megabytes: float) -> None:
        until(lambda: self.pool_mb() == megabytes, 30, f"the pool has {megabytes} MiB, not {self.pool_mb()}")


@pytest.fixture
def example(daemons: DaemonCluster) -> Iterator[Example]:
    made = Example(daemons)
    try:
        yield made
    except BaseException:
        with contextlib.suppress(OSError):
            print(made.log.read_text())
        raise
    finally:
        made.kill()


def volumes(cluster: DaemonCluster) -> dict[str, str]:
    """The operators' volumes, and how they are."""
    found = cluster.post({"type": "GET_VOLUMES"}).get("get_volumes", {}).get("volumes", [])
    return {each["name"]: each["state"] for each in found}


def operation_of(cluster: DaemonCluster, volume: str) -> Any:
    """The last operation for an operator's volume."""
    found = cluster.post({"type": "GET_OPERATIONS"}).get("get_operations", {}).get("operations", [])
    return next((each for each in reversed(found) if each.get("provisioning_name") == volume), None)


def test_the_example_is_short_and_uses_no_module_of_ours() -> None:
    lines = EXAMPLE.read_text().splitlines()
    assert len(lines) < MAX_LINES
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported - set(sys.stdlib_module_names) == {"aiohttp"}


def test_the_example_provider_serves_a_cluster_through_every_death(
    daemons: DaemonCluster, example: Example
) -> None:
    before = daemons.census()
    example.start()
    example.wait_for_pool(POOL_MB)
    daemons.done("volume", "create", "data", "--profile", "directory", "--size", "32MiB")
    example.wait_for_pool(POOL_MB - 32)
    daemons.done("task", "run", "--volume", "data:/data", "--", "sh", "-c", "echo kept > /data/x")

    with daemons.task(
        "--name", "writer", "--volume", "data:/data", "--", "sh", "-c", "echo on >> /data/x; sleep 600"
    ):
        task = daemons.running_task("writer")
        refused = daemons.orlop("volume", "destroy", "data")
        assert refused.returncode == 1, refused.stdout
        example.kill()
        daemons.agent.kill()
        daemons.agent.start()
        example.start()
        daemons.wait_ready()
        example.wait_for_pool(POOL_MB - 32)
        assert daemons.running_task("writer") == task
        daemons.done("task", "kill", task)
    shown = daemons.done("task", "run", "--volume", "data:/data", "--", "cat", "/data/x")
    assert shown.splitlines() == ["kept", "on"]

    _an_operation_that_its_provider_never_read_is_not_lost(daemons, example)
    for name in ("data", "late"):
        daemons.done("volume", "destroy", name)
    example.wait_for_pool(POOL_MB)
    assert example.disks == []
    until(lambda: not example.state["operations"], 20, "every status is acknowledged")
    assert example.state["users"] == []
    _removed_for_good_with_what_it_had(daemons, example)
    daemons.settles_as(before)


def _an_operation_that_its_provider_never_read_is_not_lost(daemons: DaemonCluster, example: Example) -> None:
    example.signal(signal.SIGSTOP)
    daemons.done("volume", "create", "late", "--profile", "directory", "--size", "16MiB", "--no-wait")
    until(lambda: operation_of(daemons, "late"), 10, "the operation is accepted")
    example.kill()
    until(lambda: example.pool_mb() < 0, 10, "the provider is known to be gone")
    waits = operation_of(daemons, "late")["latest_status"]
    assert waits["state"] == "OPERATION_RECOVERING" and "resource provider is not back" in waits["message"]
    example.start()
    daemons.done("volume", "create", "late", "--profile", "directory", "--size", "16MiB")
    assert len(example.disks) == 2


def _removed_for_good_with_what_it_had(daemons: DaemonCluster, example: Example) -> None:
    create = ("--profile", "directory", "--size", "16MiB")
    daemons.done("volume", "create", "stranded", *create)
    provider = example.state["id"]
    call = {
        "type": "MARK_RESOURCE_PROVIDER_GONE",
        "mark_resource_provider_gone": {"resource_provider_id": provider},
    }
    answer = http.post(example.agent, call)
    assert answer.status == 500 and "stop its process" in answer.text
    example.signal(signal.SIGSTOP)
    daemons.done("volume", "create", "never", *create, "--no-wait")
    until(lambda: operation_of(daemons, "never"), 10, "the operation is accepted")
    example.kill()
    until(lambda: http.post(example.agent, call).status == 200, 10, "it is removed")
    until(
        lambda: volumes(daemons).get("stranded") == "VOLUME_NEEDS_OPERATOR", 10, "who has lost what is told"
    )
    assert operation_of(daemons, "never")["latest_status"]["state"] == "OPERATION_GONE_BY_OPERATOR"
    for name in ("never", "stranded"):
        daemons.done("volume", "destroy", "--force", name)
    assert volumes(daemons) == {}
    example.start()
    assert example.exit_status() == 1
    assert "removed for good" in example.log.read_text()
