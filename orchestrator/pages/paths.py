"""Under which other names paths are served. Pure."""

from __future__ import annotations

PREFIX = "/master"
OLD_SUFFIX = ".json"


def unprefixed(path: str) -> str:
    """The path without the name of the server's kind: /master/api/v1 is /api/v1."""
    return path.removeprefix(PREFIX) if path.startswith(f"{PREFIX}/") else path


def plain(path: str) -> str:
    """The path of a page without what may stand around it: /master/state.json/ is /state."""
    return unprefixed(path.rstrip("/")).removesuffix(OLD_SUFFIX)
