"""Refuse hand-written product files of more than 400 lines: one room, one subject.

    python tools/check_file_sizes.py FOLDER…

Generated files are exempt. It must not judge anything but length.
"""

from __future__ import annotations

import sys
from pathlib import Path

LIMIT_LINES = 400
GENERATED = ("api/wire/v1/", "csi_spec/csi_pb2")


def too_long(folders: list[str]) -> list[tuple[Path, int]]:
    """Each Python file of `folders` that is longer than the limit, with its number of lines."""
    found = []
    for folder in folders:
        for path in sorted(Path(folder).rglob("*.py")):
            if path.as_posix().startswith(GENERATED):
                continue
            lines = len(path.read_text().splitlines())
            if lines > LIMIT_LINES:
                found.append((path, lines))
    return found


def main() -> int:
    found = too_long(sys.argv[1:])
    for path, lines in found:
        print(f"{path}: {lines} lines, the limit is {LIMIT_LINES}: split it by subject", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
