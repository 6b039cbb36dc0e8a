"""The example executor of the documentation, run by a real agent, through every death there is."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.harness import http
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until
from e2e.harness.http import Subscription

EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "executor.py"
MAX_LINES = 150
FRAMEWORK = {
    "user": "root",
    "name": "example-executor",
    "roles": ["default"],
    "failover_timeout": 600.0,
    "capabilities": [{"type": "MULTI_ROLE"}, {"type": "RESERVATION_REFINEMENT"}, {"type": "PARTITION_AWARE"}],
}


VOLUME = {"container_path": "data", "mode": "RW"}


def amounts(cpus: float, mem: float) -> list[dict[str, Any]]:
    role = {"allocation_info": {"role": "default"}}
    given = (("cpus", cpus), ("mem", mem))
    return [{"name": name, "type": "SCALAR", "scalar": {"value": value}, **role} for name, value in given]


def disk_of(offered: list[dict[str, Any]], volume: str) -> list[dict[str, Any]]:
    """The volume among what is offered, to be bound as `data`; empty when it is not there."""
    known = lambda each: each.get("disk", {}).get("persistence", {}).get("id")  # noqa: E731
    found = [each for each in offered if known(each) == volume]
    return [{**each, "disk": {**each["disk"], "volume": VOLUME}} for each in found]


class Scheduler:
    """A framework whose tasks are run by the example executor."""

    def __init__(self, cluster: DaemonCluster) -> None:
        self.cluster = cluster
        self.stream = Subscription(cluster.address, FRAMEWORK)

    def executor(self, name: str, command: str = "") -> dict[str, Any]:
        """The description of the executor: the example is fetched into its sandbox."""
        return {
            "type": "CUSTOM",
            "executor_id": {"value": name},
            "framework_id": self.stream.framework_id,
            "command": {
                "value": command or f"exec {sys.executable} executor.py",
                "uris": [{"value": EXAMPLE.as_uri()}],
            },
            "resources": amounts(0.1, 64),
            "shutdown_grace_period": {"nanoseconds": 30_000_000_000},  # it ends by itself
        }

    def launch(self, name: str, command: str, executor: dict[str, Any], volume: str = "") -> None:
        """`volume`: an operator's, for the task alone, as `data` in its executor's sandbox."""
        assert self.stream.call("REVIVE").status == 202
        offers, disk = self._room(volume)
        task = {
            "name": name,
            "task_id": {"value": name},
            "agent_id": offers[0]["agent_id"],
            "resources": amounts(0.1, 32) + disk,
            "data": base64.b64encode(command.encode()).decode(),
            "executor": executor,
        }
        launch = {"type": "LAUNCH", "launch": {"task_infos": [task]}}
        accept = {
            "offer_ids": [offer["id"] for offer in offers],
            "operations": [launch],
            "filters": {"refuse_seconds": 0.1},
        }
        answer = self.stream.call("ACCEPT", accept=accept)
        assert answer.status == 202, answer.text
        assert self.stream.call("SUPPRESS").status == 202  # the rest is for others

    def _room(self, volume: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """All that is offered, once it has room for a task and the volume, and the volume's disk. The two
        may come in two offers: a new volume does so when the rest was offered before."""
        while True:
            offers = list(self.stream.outstanding.values())
            offered = [each for offer in offers for each in offer["resources"]]
            disk = disk_of(offered, volume) if volume else []
            if {"cpus", "mem"} <= {each["name"] for each in offered} and (disk or not volume):
                return offers, disk
            self.stream.next()

    def outcome_of(self, task_id: str) -> dict[str, Any]:
        """The task's terminal status."""

        def wanted(content: dict[str, Any]) -> bool:
            goes_on = ("TASK_STAGING", "TASK_STARTING", "TASK_RUNNING")
            return self._is_of(task_id, content) and content["status"]["state"] not in goes_on

        found: dict[str, Any] = self.stream.until("update", wanted)["status"]
        return found

    def _is_of(self, task_id: str, content: dict[str, Any]) -> bool:
        """Whether the update is of that task; it is acknowledged."""
        status = content["status"]
        if "uuid" in status:
            known = {key: status[key] for key in ("agent_id", "task_id", "uuid")}
            assert self.stream.call("ACKNOWLEDGE", acknowledge=known).status == 202
        return bool(status["task_id"]["value"] == task_id)

    def status_of(self, task_id: str, state: str) -> dict[str, Any]:
        """Wait for that state; whatever comes before is acknowledged."""

        def wanted(content: dict[str, Any]) -> bool:
            status = content["status"]
            if not self._is_of(task_id, content):
                return False
            assert status["state"] in (state, "TASK_RUNNING", "TASK_STARTING"), status
            return bool(status["state"] == state)

        found: dict[str, Any] = self.stream.until("update", wanted)["status"]
        return found

    def executors(self) -> list[dict[str, Any]]:
        """Of the agent."""
        found = http.post(self.cluster.agent_address, {"type": "GET_EXECUTORS"}).json
        executors: list[dict[str, Any]] = found.get("get_executors", {}).get("executors", [])
        return executors

    def output(self, executor: str, file: str = "stdout") -> str:
        path = f"/frameworks/{self.stream.framework_id['value']}/executors/{executor}/{file}"
        call = {"type": "READ_FILE", "read_file": {"path": path, "offset": 0}}
        answer = http.post(self.cluster.agent_address, call)
        assert answer.status == 200, answer.text
        return base64.b64decode(answer.json["read_file"].get("data", "")).decode()


@contextlib.contextmanager
def connected(cluster: DaemonCluster) -> Iterator[Scheduler]:
    """A scheduler that is torn down at the end, unless the test has done that."""
    made = Scheduler(cluster)
    try:
        yield made
    finally:
        with contextlib.suppress(OSError):
            made.stream.call("TEARDOWN")
        made.stream.close()


@pytest.fixture
def scheduler(standing: DaemonCluster) -> Iterator[Scheduler]:
    with connected(standing) as made:
        yield made


def pids(marker: str) -> list[int]:
    """The processes that have `marker` in their command line."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and int(entry.name) != os.getpid() and marker.encode() in words:
            found.append(int(entry.name))
    return found


def test_the_example_is_short_and_uses_no_module_of_ours() -> None:
    lines = EXAMPLE.read_text().splitlines()
    assert len(lines) < MAX_LINES
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported - set(sys.stdlib_module_names) == {"aiohttp"}


def test_tasks_of_the_example_live_through_the_death_of_the_agent(
    standing: DaemonCluster, scheduler: Scheduler
) -> None:
    executor = scheduler.executor("one")
    scheduler.launch("short", "echo hello; exit 3", executor)
    status = scheduler.status_of("short", "TASK_FAILED")
    assert status["message"] == "exited with 3" and status["executor_id"] == {"value": "one"}
    until(lambda: "hello" in scheduler.output("one"), 10, "its output is in the executor's sandbox")
    assert [each["executor_info"]["executor_id"]["value"] for each in scheduler.executors()] == ["one"]

    scheduler.launch("long", "sleep 600", executor)
    scheduler.launch("while-away", "sleep 3; touch over", executor)
    scheduler.status_of("while-away", "TASK_RUNNING")
    standing.agent.kill()
    until(lambda: list(standing.work_dir.rglob("sandboxes/*/one/*/over")), 20, "it ends by itself")
    standing.agent.start()
    scheduler.status_of("while-away", "TASK_FINISHED")
    assert scheduler.stream.call("KILL", kill={"task_id": {"value": "long"}}).status == 202
    assert scheduler.status_of("long", "TASK_KILLED")["message"] == "ended by SIGTERM"

    shutdown = {"executor_id": {"value": "one"}, "agent_id": status["agent_id"]}
    assert scheduler.stream.call("SHUTDOWN", shutdown=shutdown).status == 202
    failure = scheduler.stream.until("failure")
    assert failure["executor_id"] == {"value": "one"} and failure.get("status", 0) == 0
    until(lambda: not scheduler.executors(), 10, "the executor is gone")
    assert scheduler.stream.call("TEARDOWN").status == 202


def test_a_task_has_a_volume_of_its_own_in_an_executor_that_runs_already(
    standing: DaemonCluster, scheduler: Scheduler
) -> None:
    executor = scheduler.executor("three")
    scheduler.launch("first", "sleep 600", executor)
    scheduler.status_of("first", "TASK_RUNNING")
    standing.done("volume", "create", "late", "--profile", "default", "--size", "64MiB")
    status, tries = {"state": "TASK_DROPPED"}, iter("abcde")
    while status["state"] == "TASK_DROPPED":  # what is offered changes with the new volume
        name = f"writer-{next(tries)}"
        scheduler.launch(name, "mountpoint data && echo precious > data/f", executor, "late")
        status = scheduler.outcome_of(name)
    assert status["state"] == "TASK_FINISHED", status
    assert not list(standing.work_dir.rglob("sandboxes/*/three/*/data/f")), "the host's sandbox has no mount"
    assert standing.done("task", "run", "--volume", "late:d", "--", "cat", "d/f") == "precious\n"
    standing.done("volume", "destroy", "late")
    assert [each["executor_info"]["executor_id"]["value"] for each in scheduler.executors()] == ["three"]
    assert scheduler.stream.call("TEARDOWN").status == 202


def test_an_executor_that_is_killed_takes_its_tasks_with_it(
    standing: DaemonCluster, scheduler: Scheduler
) -> None:
    scheduler.launch("long", "sleep 600", scheduler.executor("two"))
    scheduler.status_of("long", "TASK_RUNNING")
    (pid,) = [pid for pid in pids("executor.py") if pids_of_ours(pid, standing)]
    os.kill(pid, signal.SIGKILL)
    status = scheduler.status_of("long", "TASK_FAILED")
    assert status["reason"] == "REASON_EXECUTOR_TERMINATED", status
    assert scheduler.stream.until("failure")["executor_id"] == {"value": "two"}
    assert scheduler.stream.call("TEARDOWN").status == 202


def pids_of_ours(pid: int, cluster: DaemonCluster) -> bool:
    """Whether the process is of this cluster's executor: its sandbox says so."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return str(cluster.work_dir).encode() in environment
