"""The kernel's mount table, with paths that nobody would choose."""

from __future__ import annotations

from agent.host.mount_table import mount_points, parse_mount_points


def line(path: bytes) -> bytes:
    return b"36 35 98:0 / " + path + b" rw,noatime shared:1 - ext4 /dev/loop0 rw\n"


def test_paths_are_as_they_were_before_the_kernel_escaped_them() -> None:
    table = line(b"/a\\040b") + line(b"/t\\011n\\012b\\134040") + line(b"/\xff")
    assert parse_mount_points(table) == ["/a b", "/t\tn\nb\\040", "/\udcff"]


def test_a_line_break_that_the_kernel_does_not_escape_is_part_of_the_path() -> None:
    assert parse_mount_points(line("/a\u2028b\x0cc".encode()) + line(b"/d")) == ["/a\u2028b\x0cc", "/d"]


def test_the_root_is_mounted() -> None:
    assert "/" in mount_points()
