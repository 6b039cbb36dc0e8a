"""The end of what a container printed, whatever it did with the files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.sandboxes.output_tail import TAIL_BYTES, last_lines


def test_errors_come_last_and_leave_a_quarter_to_what_was_printed(tmp_path: Path) -> None:
    (tmp_path / "stdout").write_text("".join(f"out {n}\n" for n in range(100)))
    (tmp_path / "stderr").write_text("".join(f"err {n}\n" for n in range(100)))
    assert last_lines(tmp_path, 8) == ("out 98", "out 99", *(f"err {n}" for n in range(94, 100)))
    (tmp_path / "stderr").write_text("only\n")
    assert last_lines(tmp_path, 3) == ("out 98", "out 99", "only")


def test_of_a_large_file_only_the_end_is_read_and_no_line_is_cut_in_two(tmp_path: Path) -> None:
    (tmp_path / "stderr").write_text("x" * (3 * TAIL_BYTES) + "y\nwhole\n")
    assert last_lines(tmp_path, 10) == ("whole",)


def test_a_file_that_has_just_begun_anew_is_read_with_the_one_before(tmp_path: Path) -> None:
    (tmp_path / "stderr.1").write_text("before\n")
    (tmp_path / "stderr").write_text("")
    assert last_lines(tmp_path, 10) == ("before",)


@pytest.mark.parametrize("kind", ["missing", "fifo", "link", "directory"])
def test_what_is_no_file_of_the_containers_is_left_alone(tmp_path: Path, kind: str) -> None:
    (tmp_path / "elsewhere").write_text("somebody's\n")
    path = tmp_path / "stderr"
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "link":
            path.symlink_to(tmp_path / "elsewhere")
        case "directory":
            path.mkdir()
    assert last_lines(tmp_path, 10) == ()
