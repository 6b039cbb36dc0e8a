"""A cluster of real processes for a test: started, waited for, and cleaned up whatever happens.

`DevCluster` is `orlop dev`; `DaemonCluster` is the daemons without a supervisor, for tests that kill them and
say themselves when they come back. Both end only what they started.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from e2e.harness import census, http
from e2e.harness.census import Census, Place
from e2e.harness.daemon import ORLOP, TAIL_LINES, Daemon, until

READY_SECONDS = 60.0
SETTLE_SECONDS = 20.0
"""For what ends asynchronously (processes, lazy unmounts, groups) before it counts as left behind."""
COMMAND_SECONDS = 90.0
POOL = "3GiB"
READY = "orlop ready: http://"
STORAGE_DATABASE = "providers/org.apache.mesos.rp.local.storage.local-disk.db"
"""What the built-in provider knows, below its agent's directory."""
LOWEST_PORT = 20_000
FIRST_OF_CONNECTIONS = 32_768
"""Linux's default; a host with another one has a rare failed start of a daemon."""


class Cluster:
    """What all clusters of tests share: a work directory, the command line, a census."""

    containerizer: str
    work_dir: Path
    place: Place
    address: str
    """HOST:PORT of the orchestrator, once it runs."""

    def daemons(self) -> list[Daemon]:
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until its disks are on offer."""
        raise NotImplementedError

    def census(self) -> Census:
        return census.take(self.place)

    def orlop(self, *arguments: str, seconds: float = COMMAND_SECONDS) -> subprocess.CompletedProcess[str]:
        """Run a client command against this cluster, as a user would; never raises for its status."""
        return subprocess.run(
            [ORLOP, *arguments],
            env={**os.environ, "ORLOP_URL": f"http://{self.address}"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def done(self, *arguments: str) -> str:
        """Run a client command that must succeed; its stdout."""
        ran = self.orlop(*arguments)
        assert ran.returncode == 0, f"orlop {' '.join(arguments)}: {ran.returncode}\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    @contextlib.contextmanager
    def task(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """`orlop task run` with these arguments, beside the test; interrupted at the end if it still runs."""
        run = subprocess.Popen(
            [ORLOP, "task", "run", *arguments],
            env={**os.environ, "ORLOP_URL": f"http://{self.address}"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield run
        finally:
            if run.poll() is None:
                run.terminate()
            out, err = run.communicate(timeout=COMMAND_SECONDS)
            print(f"orlop task run {' '.join(arguments)}: {run.returncode}\n{out}{err}")

    def tasks(self) -> list[dict[str, Any]]:
        """All tasks that the orchestrator knows."""
        found = self.post({"type": "GET_TASKS"}).get("get_tasks", {})
        return [
            task for kind in ("tasks", "unreachable_tasks", "completed_tasks") for task in found.get(kind, [])
        ]

    def running_task(self, name: str) -> str:
        """The id of the task of that name, once it runs."""

        def found() -> str:
            states = {
                task["task_id"]["value"]: task["state"] for task in self.tasks() if task["name"] == name
            }
            return next((task_id for task_id, state in states.items() if state == "TASK_RUNNING"), "")

        return until(found, 30, f"task {name} runs")

    def post(self, call: dict[str, Any]) -> Any:
        """The answer to an operator call that must succeed."""
        answer = http.post(self.address, call)
        assert answer.status in (200, 202), f"{call}: {answer.status} {answer.text}"
        return answer.json if answer.body.strip() else {}

    def profiles(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (
            self.post({"type": "GET_PROFILES"}).get("get_profiles", {}).get("profiles", [])
        )
        return found

    def is_ready(self) -> bool:
        """Whether the orchestrator answers and the agent's disks are on offer."""
        try:
            found = self.profiles()
        except (OSError, AssertionError):
            return False
        return any(profile.get("available") and profile.get("total_bytes") for profile in found)

    def settles_to(self, wanted: Callable[[Census], str], seconds: float = SETTLE_SECONDS) -> None:
        """Fail when `wanted` still finds something wrong with the census after `seconds`."""
        wrong = ""

        def is_right() -> bool:
            nonlocal wrong
            wrong = wanted(self.census())
            return not wrong

        try:
            until(is_right, seconds, "the census", pause=0.3)
        except AssertionError:
            raise AssertionError(f"the census is not as it should be:\n{wrong}") from None

    def settles_as(self, before: Census, seconds: float = SETTLE_SECONDS) -> None:
        """Fail unless the same things exist as in the census `before`."""
        self.settles_to(lambda now: now.differences(before), seconds)

    def logs(self) -> str:
        """The ends of all logs, for the report of a failure."""
        parts = [f"== {daemon.name}, stderr\n{daemon.tail()}" for daemon in self.daemons()]
        for log in sorted(self.work_dir.rglob("*.log")):
            lines = log.read_text(errors="replace").splitlines()
            parts.append(f"== {log.name}\n" + "\n".join(lines[-TAIL_LINES:]))
        for sandbox in self.work_dir.rglob("sandboxes/plugins"):
            parts += [
                f"== plugin {file.name}\n{file.read_text(errors='replace')[-4000:]}"
                for file in sorted(sandbox.rglob("std*"))
            ]
        return "\n".join(parts)

    def close(self, keep_logs: Path | None) -> None:
        """End everything and remove every trace. `keep_logs`: a folder that gets the logs first."""
        for daemon in self.daemons():
            if daemon.is_running:
                daemon.kill()
        if keep_logs is not None:
            keep_logs.mkdir(parents=True, exist_ok=True)
            for pattern in ("*.log*", "*.stderr", "*.db*", "*.json", "sandboxes/plugins/**/std*"):
                for log in self.work_dir.rglob(pattern):
                    name = str(log.relative_to(self.work_dir)).replace("/", "-")
                    shutil.copyfile(log, keep_logs / name)
        census.sweep(self.place)


class DevCluster(Cluster):
    """`orlop dev --port 0` on a work directory of its own."""

    def __init__(self, containerizer: str, *arguments: str) -> None:
        self.containerizer = containerizer
        self.work_dir = new_work_dir()
        cluster = self.work_dir / "c"
        self.place = Place(self.work_dir, (cluster / "agent-1",))
        base = ["dev", "--port", "0", "--work-dir", str(cluster), "--containerizer", containerizer]
        self.dev = Daemon("dev", [*base, *arguments], self.work_dir)

    def daemons(self) -> list[Daemon]:
        return [self.dev]

    def start(self) -> None:
        """Start it and wait for the line that says where it is."""
        before = len(self.dev.printed())
        self.dev.start()

        def announced() -> str:
            assert self.dev.is_running, f"orlop dev ended at once:\n{self.dev.tail()}"
            return self.dev.printed()[before:].partition(READY)[2].partition("\n")[0]

        self.address = until(announced, READY_SECONDS, "orlop dev says that it is ready")

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        return self.dev.terminate()


class DaemonCluster(Cluster):
    """`orlop orchestrator` and `orlop agent`, side by side; tasks and plugins outlive them."""

    def __init__(self, containerizer: str, *agent_arguments: str) -> None:
        self.containerizer = containerizer
        self.work_dir = new_work_dir()
        agent_dir = self.work_dir / "agent"
        self.place = Place(self.work_dir, (agent_dir,))
        port, link, agent_port = free_ports(3)
        self.address = f"127.0.0.1:{port}"
        self.agent_address = f"127.0.0.1:{agent_port}"
        self.storage_database = agent_dir / STORAGE_DATABASE
        self.orchestrator = Daemon(
            "orchestrator",
            [
                *("orchestrator", "--work-dir", str(self.work_dir / "orchestrator")),
                *("--port", str(port), "--link-port", str(link), "--offer-timeout", "10"),
                *("--log-file", str(self.work_dir / "orchestrator.log")),
            ],
            self.work_dir,
        )
        self.agent_arguments = [
            *("agent", "--work-dir", str(agent_dir), "--orchestrator", f"127.0.0.1:{link}"),
            *("--port", str(agent_port), "--containerizer", containerizer, "--pool-size", POOL),
            *("--log-file", str(self.work_dir / "agent.log"), *agent_arguments),
        ]
        self.agent = Daemon("agent", self.agent_arguments, self.work_dir)

    def daemons(self) -> list[Daemon]:
        return [self.agent, self.orchestrator]

    def start(self) -> None:
        self.orchestrator.start()
        self.agent.start()
        self.wait_ready()

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        def ready() -> bool:
            for daemon in self.daemons():
                assert daemon.is_running, f"{daemon.name} ended:\n{daemon.tail()}"
            return self.is_ready()

        until(ready, seconds, "the agent's disks are on offer")

    def end(self) -> tuple[int, int]:
        """A clean end, containers included; the exit statuses of the agent and of the orchestrator."""
        self.agent.terminate()
        self.agent = Daemon("agent", [*self.agent_arguments, "--end-containers"], self.work_dir)
        self.agent.start()
        self.wait_ready()
        return self.agent.terminate(), self.orchestrator.terminate()


def new_work_dir() -> Path:
    """A short path (unix sockets allow 107 bytes) that no other cluster has."""
    work_dir = Path("/tmp", f"orlop-e2e-{uuid.uuid4().hex[:8]}")
    work_dir.mkdir(mode=0o700)
    return work_dir


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody uses at this moment, and that no connection of anybody's is given while
    their daemon is down: they are below those that the kernel gives to connections."""
    taken: list[socket.socket] = []
    try:
        while len(taken) < count:
            each = socket.socket()
            with contextlib.suppress(OSError):
                each.bind(("127.0.0.1", random.randrange(LOWEST_PORT, FIRST_OF_CONNECTIONS)))
                taken.append(each)
        return [each.getsockname()[1] for each in taken]
    finally:
        for each in taken:
            each.close()
