"""How long a killed agent takes to find its containers again, and how much memory it then has.

    python -m bench.bench_recovery [podman|process]…

A cluster with CONTAINERS running tasks; its agent is killed (and, in a second round, Podman's service with
it) and started again at once. It has found a container when it says so itself, by GET_HEALTH and GET_TASKS;
that it is the same one, and that none was started twice, is seen in the process table. Beside the time stands
what the agent used of a processor for it, its start included, and not what Podman's service did.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from agent.containerizer.podman_host import default_socket
from agent.containerizer.watch import scope_of
from bench.figures import table
from bench.task_launcher import launcher
from e2e.harness import http
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until
from e2e.size import measure

CONTAINERS = 200
AT_ONCE = 50
SETTLE_SECONDS = 5.0
"""After the agent is back, before its memory is measured and the containers are counted once more."""
GIVE_UP_SECONDS = 60.0

HEADINGS = ("killed and started again", "containers", "found again in s", "of a processor", "agent's PSS MiB")
RESOURCES = "cpus:64;mem:65536"


async def run(containerizer: str) -> list[list[str]]:
    """The rows of the table. Raises AssertionError when a container was lost or started twice."""
    cluster = DaemonCluster(containerizer, "--resources", RESOURCES)
    try:
        cluster.start()
        async with launcher(cluster) as tasks:
            started = []
            while len(started) < CONTAINERS:
                started += (await tasks.launch(AT_ONCE))[1]
            print(f"{len(started)} containers run", file=sys.stderr)
            rows = [_round(cluster, f"agent, {containerizer}", service=False)]
            if containerizer == "podman":
                rows.append(_round(cluster, "agent and Podman's service", service=True))
            await tasks.end(started)
        cluster.end()
        return rows
    finally:
        cluster.close(None)


def _round(cluster: DaemonCluster, name: str, *, service: bool) -> list[str]:
    before = _processes(cluster)
    assert len(before) == CONTAINERS, f"{len(before)} processes of {CONTAINERS} containers"
    serving = until(lambda: _service(cluster), GIVE_UP_SECONDS, "Podman's service runs") if service else 0
    cluster.agent.kill()
    if serving:
        os.kill(serving, signal.SIGKILL)
    began = time.monotonic()
    cluster.agent.start()
    while _running(cluster) < CONTAINERS:
        assert time.monotonic() - began < GIVE_UP_SECONDS, f"only {_running(cluster)} were found"
        time.sleep(0.02)
    took = time.monotonic() - began
    used = _processor_seconds(cluster.agent.pid)
    time.sleep(SETTLE_SECONDS)
    size = measure(cluster.agent.pid, "agent")
    assert size is not None, "the agent has ended"
    assert _processes(cluster) == before, "containers were lost or started twice"
    assert _running(cluster) == CONTAINERS, "containers were lost"
    return [name, str(len(before)), f"{took:.2f}", f"{used:.2f}", f"{size.pss_kb / 1024:.1f}"]


def _processor_seconds(pid: int) -> float:
    """That the process has used: what else the machine does does not change it much."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _running(cluster: DaemonCluster) -> int:
    """How many tasks the agent says to run, once it has looked for their containers."""
    with contextlib.suppress(OSError):
        if _ask(cluster, "GET_HEALTH")["get_health"]["healthy"]:
            tasks = _ask(cluster, "GET_TASKS")["get_tasks"].get("launched_tasks", [])
            return sum(task["state"] == "TASK_RUNNING" for task in tasks)
    return 0


def _ask(cluster: DaemonCluster, kind: str) -> dict[str, Any]:
    answer = http.post(cluster.agent_address, {"type": kind})
    if answer.status != 200:
        raise OSError(answer.text)
    found: dict[str, Any] = answer.json
    return found


def _processes(cluster: DaemonCluster) -> set[tuple[str, str]]:
    """Container and pid of everything that runs as a task's own program."""
    found = set()
    scope = f"/orlop-{scope_of(cluster.work_dir / 'agent')}/"
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (directory / "cmdline").read_bytes()
            groups = (directory / "cgroup").read_text()
            if command.startswith(b"sleep\0") and scope in groups:
                found.add((groups.partition(scope)[2].partition("/")[0].split()[0], directory.name))
    return found


def _service(cluster: DaemonCluster) -> int:
    """Its pid; 0 while there is none."""
    socket = f"unix://{default_socket(scope_of(cluster.work_dir / 'agent'))}".encode()
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if socket in cmdline.read_bytes():
                return int(cmdline.parent.name)
    return 0


def main() -> None:
    rows: list[list[str]] = []
    for containerizer in sys.argv[1:] or ["podman", "process"]:
        rows += asyncio.run(run(containerizer))
    print(table(HEADINGS, rows))


if __name__ == "__main__":
    main()
