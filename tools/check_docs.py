"""Refuse docs that fell behind: rooms that docs/architecture.md does not name, links that lead nowhere.

    python tools/check_docs.py

A room is a module or package of the product. It judges names, not what is said about them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ARCHITECTURE = ROOT / "docs" / "architecture.md"
NAMED_TOGETHER = (
    "api/wire/v1",
    "provider/plugins/local_disk",
    "orchestrator/allocator",
    "agent/containerizer/shim",
)
"""Packages that the page names as one: their insides are told elsewhere."""


def unnamed() -> Iterator[str]:
    """Rooms that the page does not name, as paths. Commands (cli) are named by themselves."""
    names = [
        name.rstrip("/").rpartition("/")[2].removesuffix(".py")
        for code in re.findall(r"`([^`\n]+)`", ARCHITECTURE.read_text())
        for name in code.split()
    ]
    for floor in ("api", "store", "provider", "orchestrator", "agent", "client"):
        for path in sorted((ROOT / floor).rglob("*.py")):
            where = path.relative_to(ROOT).as_posix()
            known = path.stem == "__init__" or where.startswith(NAMED_TOGETHER)
            if not known and not any(fnmatch(path.stem, name) for name in names):
                yield where


def dead_links() -> Iterator[str]:
    """Links of pages to files that are not there."""
    for page in (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            if not (page.parent / target).exists():
                yield f"{page.relative_to(ROOT)} → {target}"


def main() -> int:
    faults = [f"docs/architecture.md does not name {where}" for where in unnamed()]
    faults += [f"dead link: {link}" for link in dead_links()]
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
