"""Groups of tasks from a file, as a user runs them: what they share, and how they end together."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

from e2e.harness.census import nothing_but_files
from e2e.harness.cluster import DaemonCluster, DevCluster
from e2e.harness.daemon import until

SHARED = {
    "type": "MESOS",
    "volumes": [
        {
            "mode": "RW",
            "container_path": "shared",
            "source": {"type": "SANDBOX_PATH", "sandbox_path": {"type": "PARENT", "path": "shared"}},
        }
    ],
}


def command(name: str, text: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "command": {"value": text}, **more}


def group_file(directory: Path, *tasks: dict[str, Any]) -> str:
    file = directory / "group.json"
    file.write_text(json.dumps({"tasks": list(tasks)}))
    return str(file)


def test_the_tasks_of_a_group_share_a_volume_in_their_sandbox(dev: DevCluster, tmp_path: Path) -> None:
    before = dev.census()
    file = group_file(
        tmp_path,
        command(
            "writer",
            "echo from the writer > shared/word.new; mv shared/word.new shared/word",
            container=SHARED,
        ),
        command("reader", "until test -f shared/word; do sleep 0.1; done; cat shared/word", container=SHARED),
    )
    ran = dev.orlop("task", "run", "--group", file)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (ran.stdout, ran.stderr) == ("reader: from the writer\n", "")
    dev.settles_as(before)


def test_a_volume_of_the_group_is_what_its_tasks_write_to_and_no_directory_beside_it(
    dev: DevCluster, tmp_path: Path
) -> None:
    dev.done("volume", "create", "common", "--profile", "default", "--size", "64MiB")
    before = dev.census()
    mine = {
        "mode": "RW",
        "container_path": "mine",
        "source": {"type": "SANDBOX_PATH", "sandbox_path": {"type": "PARENT", "path": "data"}},
    }
    container = {"type": "MESOS", "volumes": [mine]}
    disk = {"persistence": {"id": "common"}, "volume": {"container_path": "data"}}
    file = tmp_path / "group.json"
    writes = "mountpoint -q mine || exit 3; echo kept > mine/word; sync"
    tasks = [
        command("writer", writes, container=container),
        command("reader", "until test -s mine/word; do sleep 0.1; done; cat mine/word", container=container),
    ]
    file.write_text(json.dumps({"executor": {"resources": [{"disk": disk}]}, "tasks": tasks}))
    ran = dev.orlop("task", "run", "--group", str(file))
    assert (ran.returncode, ran.stdout) == (0, "reader: kept\n"), ran.stdout + ran.stderr
    dev.settles_as(before)
    alone = dev.orlop("task", "run", "--volume", "common:/data", "--", "cat", "/data/word")
    assert (alone.returncode, alone.stdout) == (0, "kept\n"), "it is in the volume"
    dev.settles_as(before)
    dev.done("volume", "destroy", "common")


def test_a_task_that_fails_ends_its_group_and_says_how(dev: DevCluster, tmp_path: Path) -> None:
    before = dev.census()
    file = group_file(tmp_path, command("bad", "sleep 0.5; exit 7"), command("good", "sleep 600"))
    ran = dev.orlop("task", "run", "--group", file)
    assert ran.returncode == 7, ran.stdout + ran.stderr
    assert "bad: TASK_FAILED" in ran.stderr and "good: TASK_KILLED" in ran.stderr
    dev.settles_as(before)


def test_a_file_that_describes_no_group_is_refused(dev: DevCluster, tmp_path: Path) -> None:
    file = tmp_path / "group.json"
    for content, word in (("{", "no JSON"), ("[]", "expecting"), ('{"tasks": [{"command": 3}]}', "command")):
        file.write_text(content)
        ran = dev.orlop("task", "run", "--group", str(file))
        assert ran.returncode == 2 and word in ran.stderr, ran.stderr
    assert dev.orlop("task", "run").returncode == 2
    assert dev.orlop("task", "run", "--group", str(file), "--", "true").returncode == 2


def test_a_group_lives_through_the_death_of_the_agent_and_ends_together(
    daemons: DaemonCluster, tmp_path: Path
) -> None:
    file = group_file(tmp_path, command("one", "sleep 600"), command("two", "sleep 601"))
    with daemons.task("--group", file) as run:
        tasks = {name: daemons.running_task(name) for name in ("one", "two")}
        daemons.agent.kill()
        daemons.agent.start()
        daemons.wait_ready()
        assert {name: daemons.running_task(name) for name in tasks} == tasks
        (pid,) = [pid for pid in _pids("600") if _is_ours(pid, daemons)]
        os.kill(pid, signal.SIGKILL)
        assert run.wait(timeout=30) == 128 + signal.SIGKILL
    until(lambda: not [pid for pid in _pids("601") if _is_ours(pid, daemons)], 10, "the other one ended")
    assert daemons.end() == (0, 0)
    daemons.settles_to(nothing_but_files)


def _pids(seconds: str) -> list[int]:
    """Of the processes `sleep SECONDS`."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            continue
        if entry.name.isdigit() and words[:2] == [b"sleep", seconds.encode()]:
            found.append(int(entry.name))
    return found


def _is_ours(pid: int, cluster: DaemonCluster) -> bool:
    try:
        return str(cluster.work_dir).encode() in Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
