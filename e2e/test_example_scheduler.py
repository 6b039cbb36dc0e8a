"""The example scheduler of the documentation, as its reader would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from e2e.harness.cluster import DevCluster

EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "scheduler.py"


def test_the_example_scheduler_makes_uses_and_gives_back_a_disk(dev: DevCluster) -> None:
    before = dev.census()
    ran = subprocess.run(
        [sys.executable, str(EXAMPLE), f"http://{dev.address}"],
        cwd=dev.work_dir,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for line in (
        "CREATE_DISK OPERATION_FINISHED",
        "TASK_RUNNING",
        "TASK_FINISHED",
        "DESTROY_DISK OPERATION_FINISHED",
    ):
        assert line in ran.stdout, ran.stdout
    dev.settles_as(before)
