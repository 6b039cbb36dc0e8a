"""Volumes that grow, with what is on them, and mounts that vanish under their users, for real."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from e2e.harness.cluster import DevCluster
from e2e.harness.daemon import until

MIB = 2**20


def inspected(dev: DevCluster, name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(dev.done("volume", "inspect", name, "--output", "json"))
    return found


def test_a_volume_grows_with_what_is_on_it_and_so_does_its_file_system(dev: DevCluster) -> None:
    before = dev.census()
    dev.done("volume", "create", "grows", "--profile", "default", "--size", "64MiB")
    dev.done("task", "run", "--volume", "grows:v", "--", "sh", "-c", "echo kept > v/file && sync")
    assert dev.done("volume", "expand", "grows", "--size", "256MiB") == "volume grows: AVAILABLE, 256MiB\n"
    script = "cat v/file && df -B1 --output=size v | tail -1"
    kept, size = dev.done("task", "run", "--volume", "grows:v", "--", "sh", "-c", script).split()
    assert kept == "kept" and int(size) > 200 * MIB
    assert inspected(dev, "grows")["size_bytes"] == 256 * MIB
    dev.done("volume", "expand", "grows", "--size", "256MiB")  # the same again
    refused = dev.orlop("volume", "expand", "grows", "--size", "64MiB")
    assert refused.returncode == 1 and "smaller" in refused.stderr
    too_much = dev.orlop("volume", "expand", "grows", "--size", "900TiB")
    assert too_much.returncode == 1 and "not enough room" in too_much.stderr
    dev.done("volume", "destroy", "grows")
    dev.settles_as(before)


def test_a_block_volume_grows_and_is_wiped_in_the_end(dev: DevCluster) -> None:
    before = dev.census()
    dev.done("volume", "create", "raw", "--profile", "block", "--size", "64MiB", "--block")
    dev.done("task", "run", "--volume", "raw:dev", "--", "sh", "-c", "printf mark > dev")
    dev.done("volume", "expand", "raw", "--size", "128MiB")
    script = "blockdev --getsize64 dev && head -c 4 dev && dd if=/dev/urandom of=dev bs=1M seek=127 count=1"
    shown = dev.done("task", "run", "--volume", "raw:dev", "--", "sh", "-c", script)
    assert shown.startswith(f"{128 * MIB}\nmark")
    dev.done("volume", "destroy", "raw")
    dev.settles_as(before)


def test_a_volume_in_use_grows_or_its_user_is_named(dev: DevCluster) -> None:
    providers = dev.post({"type": "GET_RESOURCE_PROVIDERS"})["get_resource_providers"]["resource_providers"]
    online = "ONLINE" in providers[0]["plugin"]["capabilities"]
    dev.done("volume", "create", "busy", "--profile", "block", "--size", "64MiB", "--block")
    with dev.task("--name", "user", "--volume", "busy:dev", "--", "sleep", "300"):
        dev.running_task("user")
        ran = dev.orlop("volume", "expand", "busy", "--size", "96MiB")
        if online:
            assert ran.returncode == 0, ran.stderr
        else:
            assert ran.returncode == 1 and "in use by" in ran.stderr
            assert inspected(dev, "busy")["state"] == "VOLUME_AVAILABLE"
    until(lambda: not inspected(dev, "busy").get("users"), 30, "the task has given the volume back")
    dev.done("volume", "expand", "busy", "--size", "128MiB")
    script = ("sh", "-c", "blockdev --getsize64 dev")
    assert dev.done("task", "run", "--volume", "busy:dev", "--", *script) == f"{128 * MIB}\n"
    dev.done("volume", "destroy", "busy")


def notices(dev: DevCluster) -> list[dict[str, str]]:
    providers = dev.post({"type": "GET_RESOURCE_PROVIDERS"})["get_resource_providers"]["resource_providers"]
    return [notice for provider in providers for notice in provider.get("notices", [])]


def test_a_mount_that_vanishes_is_told_and_made_anew_for_the_next_task(dev: DevCluster) -> None:
    before = dev.census()
    dev.done("volume", "create", "lost", "--profile", "default", "--size", "64MiB")
    dev.done("task", "run", "--volume", "lost:v", "--", "sh", "-c", "echo kept > v/file")
    with dev.task("--name", "holds", "--volume", "lost:v", "--", "sleep", "300"):
        dev.running_task("holds")
        source = inspected(dev, "lost")["resource"]["disk"]["source"]  # type: ignore[index]
        target = source["mount"]["root"]
        subprocess.run(["umount", "-l", target], check=True)
        told = until(
            lambda: [n for n in notices(dev) if n["kind"] == "DEAD_MOUNT"], 60, "the dead mount is told of"
        )
        assert told[0]["source_id"] == source["id"] and "restart" in told[0]["message"]
        until(lambda: Path(target, "file").exists(), 30, "it is mounted anew")
    until(lambda: not inspected(dev, "lost").get("users"), 30, "the task has given the volume back")
    again = dev.done("task", "run", "--volume", "lost:v", "--", "cat", "v/file")
    assert again == "kept\n"
    dev.done("volume", "destroy", "lost")
    dev.settles_as(before)
