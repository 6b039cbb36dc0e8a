"""What the README shows a new user, word for word, and what is left afterwards: nothing."""

from __future__ import annotations

import re

from e2e.harness import census
from e2e.harness.cluster import DevCluster

FILESYSTEM_SHARE = 0.85
"""Of a 1 GiB volume at least this much is seen by df: the filesystem keeps some for itself."""


def size_in_df(text: str) -> tuple[float, str]:
    """The size column of the only line of `df -h`, as a number and a unit."""
    (line,) = [line for line in text.splitlines() if line.rstrip().endswith(" /data")]
    number, unit = re.fullmatch(r"([0-9.]+)([KMGT])", line.split()[1]).groups()
    return float(number), unit


def test_the_first_steps_of_a_new_user_work_and_leave_nothing(dev: DevCluster) -> None:
    before = dev.census()
    assert "default" in dev.done("profiles")
    dev.done("volume", "create", "data", "--profile", "default", "--size", "1GiB")
    (volume,) = census.stored_volumes(dev.place)
    write = ("sh", "-c", "echo hello > /data/x; df -h /data")
    shown = dev.done("task", "run", "--volume", "data:/data", "--", *write)
    number, unit = size_in_df(shown)
    in_gib = number / 1024 if unit == "M" else number
    assert unit in "MG" and FILESYSTEM_SHARE <= in_gib <= 1, shown
    assert dev.done("task", "run", "--volume", "data:/data", "--", "cat", "/data/x") == "hello\n"
    listed = dev.done("volume", "list")
    assert re.search(r"^data +AVAILABLE +default +1GiB", listed, re.M), listed
    assert volume in "".join(census.images(dev.place))
    dev.done("volume", "destroy", "data")
    assert not census.stored_volumes(dev.place)
    assert "data" not in dev.done("volume", "list", "--output", "json")
    dev.settles_as(before)


def test_a_volume_of_the_right_size_is_what_a_task_gets_to_the_byte(dev: DevCluster) -> None:
    before = dev.census()
    dev.done("volume", "create", "small", "--profile", "default", "--size", "64MiB")
    shown = dev.done("task", "run", "--volume", "small:/data", "--", "df", "-k", "/data")
    kb = int(next(line for line in shown.splitlines() if line.endswith(" /data")).split()[1])
    assert 0.7 * 64 * 1024 <= kb <= 64 * 1024
    fill = ("dd", "if=/dev/zero", "of=/data/x", "bs=1M")
    full = dev.orlop("task", "run", "--volume", "small:/data", "--", *fill)
    assert full.returncode == 1 and "No space left" in full.stderr, full
    dev.done("volume", "destroy", "small")
    dev.settles_as(before)


def test_a_task_has_the_status_and_output_of_its_command(dev: DevCluster) -> None:
    ran = dev.orlop("task", "run", "--", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (ran.returncode, ran.stdout) == (7, "out\n")
    assert ran.stderr.startswith("err\n"), ran.stderr


def test_a_volume_in_use_is_not_destroyed_and_says_who_has_it(dev: DevCluster) -> None:
    before = dev.census()
    dev.done("volume", "create", "held", "--profile", "default", "--size", "64MiB")
    with dev.task("--name", "holder", "--volume", "held:/data", "--", "sleep", "300") as run:
        task_id = dev.running_task("holder")
        refused = dev.orlop("volume", "destroy", "held")
        assert refused.returncode == 1 and task_id in refused.stderr, refused
        dev.done("task", "kill", task_id)
        assert run.wait(30) not in (0, 125)
    dev.done("volume", "destroy", "held")
    dev.settles_as(before)


def test_a_read_only_volume_cannot_be_written(dev: DevCluster) -> None:
    before = dev.census()
    dev.done("volume", "create", "fixed", "--profile", "default", "--size", "64MiB")
    dev.done("task", "run", "--volume", "fixed:/data", "--", "sh", "-c", "echo there > /data/x")
    both = ("sh", "-c", "cat /data/x; touch /data/y")
    ran = dev.orlop("task", "run", "--volume", "fixed:/data:ro", "--", *both)
    assert ran.returncode != 0 and ran.stdout == "there\n" and "Read-only" in ran.stderr, ran
    dev.done("volume", "destroy", "fixed")
    dev.settles_as(before)
