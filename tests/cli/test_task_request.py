"""What a task asks for on the command line."""

from __future__ import annotations

import pytest

from api.wire.v1 import mesos
from cli.task_request import Mount, TaskRequest, lacking, parse_mount, take
from tests.agent.world import scalar

RW, RO = mesos.VolumeMode.RW, mesos.VolumeMode.RO


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("data:/d", Mount("data", "/d", RW)),
        ("data:/d:rw", Mount("data", "/d", RW)),
        ("data:d:ro", Mount("data", "d", RO)),
        ("data:ro", Mount("data", "ro", RW)),
        ("a:b:/d", Mount("a:b", "/d", RW)),
        ("a:b:/d:ro", Mount("a:b", "/d", RO)),
    ],
)
def test_a_volume_is_named_with_its_path_though_its_name_has_colons(text, mount):
    assert parse_mount(text) == mount


@pytest.mark.parametrize("text", ["data", "data:", ":/d", ":", ""])
def test_a_volume_needs_a_name_and_a_path(text):
    with pytest.raises(ValueError, match="NAME:/path"):
        parse_mount(text)


def test_disk_for_the_sandbox_is_taken_when_it_is_asked_for() -> None:
    offered = [scalar("cpus", 1), scalar("mem", 64), scalar("disk", 100)]
    asked = TaskRequest(("true",), 0.1, 2**20, (), None, "default", "t", 1.0)
    assert [each.name for each in take(asked, offered) or ()] == ["cpus", "mem"]
    asked = TaskRequest(("true",), 0.1, 2**20, (), None, "default", "t", 1.0, disk_bytes=5 * 2**20)
    assert [(each.name, each.scalar.value) for each in take(asked, offered) or ()][2] == ("disk", 5.0)  # type: ignore[union-attr]
    asked = TaskRequest(("true",), 0.1, 2**20, (), None, "default", "t", 1.0, disk_bytes=2**30)
    assert take(asked, offered) is None
    assert lacking(asked, offered) == "disk (100MiB of 1GiB)"
