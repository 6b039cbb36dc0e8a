"""What a task asks for on the command line."""

from __future__ import annotations

import pytest

from api.wire.v1 import mesos
from cli.task_request import Mount, parse_mount

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
