"""The example of docs/allocation-replay.md prints what the page says, and the page names every op."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from orchestrator.allocation_replay.document import OPS

PAGE = (Path(__file__).parents[2] / "docs" / "allocation-replay.md").read_text()
ORLOP = Path(sys.executable).parent / "orlop"


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def test_the_example_prints_what_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "db.json").write_text(block("json"))
    ended = subprocess.run(
        [ORLOP, "allocator", "replay", "--explain", "db.json"], cwd=tmp_path, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == block("text")


def test_the_page_names_every_op_with_its_arguments() -> None:
    rows = {
        name: row
        for row in re.findall(r"^\| `.*$", PAGE, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", row)
    }
    for op, arguments in OPS.items():
        for argument in (*arguments.needed, *arguments.optional):
            assert f"`{argument}`" in rows[op], f"{op}: {argument}"
