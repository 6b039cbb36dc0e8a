"""Run the table and write it: `python -m tests.compatibility [--check]`, from the root of the repository."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from tests.compatibility.page import PAGE, page
from tests.compatibility.run import every_cell


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="only say whether the page is stale")
    check = parser.parse_args().check
    with tempfile.TemporaryDirectory() as folder:
        cells = asyncio.run(every_cell(Path(folder)))
    wrong = [f"{api}: {cell}" for api, found in cells.items() for cell in found if not cell.is_right]
    for line in wrong:
        print(line)
    text = page(cells)
    stale = not PAGE.is_file() or PAGE.read_text() != text
    if stale and check:
        print(f"{PAGE} is stale")
    elif stale:
        PAGE.write_text(text)
    return 1 if wrong or (stale and check) else 0


if __name__ == "__main__":
    sys.exit(main())
