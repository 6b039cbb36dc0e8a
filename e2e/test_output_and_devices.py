"""The files of a sandbox, bounded output, and volumes that are devices."""

from __future__ import annotations

import json

from e2e.harness.cluster import DevCluster

MIB = 2**20


def test_the_output_of_a_task_can_be_read_afterwards(dev: DevCluster) -> None:
    dev.done("task", "run", "--name", "speaks", "--", "sh", "-c", "echo one; echo two >&2")
    (task_id,) = {task["task_id"]["value"] for task in dev.tasks() if task["name"] == "speaks"}
    logs = json.loads(dev.done("task", "logs", task_id, "--output", "json"))
    assert (logs["stdout"], logs["stderr"]) == ("one\n", "two\n")


def test_a_task_that_talks_without_end_does_not_fill_the_disk(dev: DevCluster) -> None:
    talk = ("sh", "-c", "yes | head -c 40000000; echo the end")
    dev.done("task", "run", "--name", "talks", "--", *talk)
    (task_id,) = {task["task_id"]["value"] for task in dev.tasks() if task["name"] == "talks"}
    files = [path for path in (dev.work_dir / "c" / "agent-1").rglob("stdout*") if task_id in str(path)]
    assert 0 < sum(path.stat().st_size for path in files) <= 25 * MIB, files
    assert dev.done("task", "logs", task_id).endswith("the end\n")


def test_a_block_volume_is_a_device_of_its_size_in_a_task(dev: DevCluster) -> None:
    before = dev.census()
    dev.done("volume", "create", "device", "--profile", "block", "--size", "64MiB", "--block")
    script = "test -b dev && blockdev --getsize64 dev && printf mark > dev && head -c 4 dev"
    shown = dev.done("task", "run", "--volume", "device:dev", "--", "sh", "-c", script)
    assert shown == f"{64 * MIB}\nmark"
    again = dev.done("task", "run", "--volume", "device:dev", "--", "head", "-c", "4", "dev")
    assert again == "mark"
    dev.done("volume", "destroy", "device")
    dev.settles_as(before)
