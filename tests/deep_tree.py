"""A directory tree of a shape that recursion cannot follow, as a container could leave it."""

from __future__ import annotations

import os
from pathlib import Path


def nest(top: Path, depth: int) -> None:
    """`depth` directories in one another below `top`, each with a file; far longer than a path may be."""
    current = os.open(top, os.O_RDONLY)
    for _ in range(depth):
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=current))
        os.mkdir("down", dir_fd=current)
        below = os.open("down", os.O_RDONLY, dir_fd=current)
        os.close(current)
        current = below
    os.close(current)
