"""Every call of every v1 API, in JSON and in protobuf, is answered with the status that clients rely on."""

from __future__ import annotations

from pathlib import Path

from tests.compatibility.page import PAGE, page
from tests.compatibility.run import every_cell


async def test_every_call_is_answered_as_expected_and_the_page_shows_it(tmp_path: Path) -> None:
    cells = await every_cell(tmp_path)
    assert [str(cell) for found in cells.values() for cell in found if not cell.is_right] == []
    assert page(cells) == PAGE.read_text(), "run `python -m tests.compatibility`"
