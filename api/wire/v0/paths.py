"""Under which other names paths are served. Pure."""

from __future__ import annotations

OLD_SUFFIX = ".json"


def unprefixed(path: str, prefix: str) -> str:
    """The path without the name of who serves it: with /master, /master/api/v1 is /api/v1."""
    return path.removeprefix(prefix) if path.startswith(f"{prefix}/") else path


def plain(path: str, prefix: str) -> str:
    """The path of a page without what may stand around it: with /master, /master/state.json/ is /state."""
    return unprefixed(path.rstrip("/"), prefix).removesuffix(OLD_SUFFIX)
