"""The example schedulers of the documentation, as their reader would run them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from e2e.conftest import CONTAINERIZERS
from e2e.harness.cluster import DaemonCluster, DevCluster

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
EXAMPLE = EXAMPLES / "scheduler.py"
ON_CLIENT = EXAMPLES / "scheduler_on_client.py"
STEPS = (
    "CREATE_DISK OPERATION_FINISHED",
    "TASK_RUNNING",
    "TASK_FINISHED",
    "DESTROY_DISK OPERATION_FINISHED",
)
SECONDS = 90


def test_the_example_scheduler_makes_uses_and_gives_back_a_disk(dev: DevCluster) -> None:
    before = dev.census()
    ran = subprocess.run(
        [sys.executable, str(EXAMPLE), f"http://{dev.address}"],
        cwd=dev.work_dir,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for line in STEPS:
        assert line in ran.stdout, ran.stdout
    dev.settles_as(before)


@pytest.mark.parametrize("standing_cluster", CONTAINERIZERS[1:], indirect=True)
def test_its_second_form_lives_through_an_orchestrator_that_is_killed_twice(standing: DaemonCluster) -> None:
    said = []
    with subprocess.Popen(
        [sys.executable, str(ON_CLIENT), f"http://{standing.address}"],
        cwd=standing.work_dir,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as scheduler:
        try:
            assert scheduler.stdout is not None
            for line in scheduler.stdout:
                said.append(line)
                if "CREATE_DISK" in line or "TASK_RUNNING" in line:
                    standing.orchestrator.kill()
                    standing.orchestrator.start()
            assert scheduler.wait(SECONDS) == 0, "".join(said)
        finally:
            scheduler.kill()
    for step in STEPS:
        assert sum(step in line for line in said) == 1, "".join(said)


def test_the_second_form_is_at_most_half_as_long_as_the_first() -> None:
    first, second = (len(example.read_text().splitlines()) for example in (EXAMPLE, ON_CLIENT))
    assert second * 2 <= first
