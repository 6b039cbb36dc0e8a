"""A host that lost its records, but not its pool: nothing is given away, everything can be had back."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until

SECONDS = 30.0


def notices(cluster: DaemonCluster) -> list[dict[str, Any]]:
    return json.loads(cluster.done("volume", "list", "--output", "json")).get("notices", [])


@pytest.mark.timeout(300)
def test_volumes_of_a_lost_work_directory_are_withheld_and_adopted_by_name(daemons: DaemonCluster) -> None:
    daemons.done("volume", "create", "data", "--profile", "default", "--size", "64MiB")
    daemons.done("volume", "create", "other", "--profile", "default", "--size", "32MiB")
    for name in ("data", "other"):
        daemons.done("task", "run", "--volume", f"{name}:/data", "--", "sh", "-c", f"echo {name} > /data/x")
    daemons.agent.terminate()
    home = daemons.work_dir / "agent"
    for database in home.glob("agent.db*"):
        database.unlink()
    shutil.rmtree(home / "providers")
    shutil.rmtree(home / "resource-providers", ignore_errors=True)
    daemons.agent.start()

    until(lambda: len(notices(daemons)) == 2, SECONDS, "two volumes are withheld")
    found = {notice["size_bytes"] >> 20: notice for notice in notices(daemons)}
    assert sorted(found) == [32, 64] and {notice["kind"] for notice in found.values()} == {"WITHHELD"}
    free = {p["name"]: p["free_bytes"] for p in daemons.profiles() if p.get("available")}
    assert sorted(free) == ["block", "default"]
    assert all(size <= 3 * 2**30 - 96 * 2**20 for size in free.values()), f"what is used is on offer: {free}"
    assert "WITHHELD" in daemons.done("volume", "list")

    source_id = found[64]["source_id"]
    daemons.done("volume", "adopt", source_id, "--name", "data")
    read = ("task", "run", "--volume", "data:/data", "--", "cat", "/data/x")
    assert daemons.done(*read) == "data\n"
    taken = daemons.orlop("volume", "adopt", source_id, "--name", "again", "--profile", "default")
    assert taken.returncode == 1 and "'data' already" in taken.stderr, taken
    daemons.done("volume", "adopt", found[32]["source_id"], "--name", "kept", "--profile", "default")
    assert notices(daemons) == []
    read = ("task", "run", "--volume", "kept:/data", "--", "cat", "/data/x")
    assert daemons.done(*read) == "other\n"
    for name in ("data", "kept"):
        daemons.done("volume", "destroy", name)
