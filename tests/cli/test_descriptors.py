"""How many may dial an orchestrator whose shell gave it the usual thousand open files."""

from __future__ import annotations

import resource
import subprocess
import sys

from cli.descriptors import KEPT, for_links

SHOWN = """
import resource
from cli.descriptors import raised
print(raised(), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_the_soft_limit_of_open_files_is_raised_to_the_hard_one() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    def lower() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))

    run = subprocess.run(
        [sys.executable, "-c", SHOWN], preexec_fn=lower, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == [str(hard)] * 3


def test_links_leave_descriptors_to_the_rest() -> None:
    assert for_links(20_000, 50_000) == 20_000 - KEPT
    assert for_links(1_000_000, 50_000) == 50_000
    assert for_links(1_024, 50_000) == 512
