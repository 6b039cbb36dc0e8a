"""Where the registry of an orchestrator is, by its settings. Nothing is opened here."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from cli.daemon_settings import OrchestratorSettings
from cli.failures import USAGE, CommandFailed
from store.registry import is_shared, registry_url, sqlite_url

DATABASE: Final = "orchestrator.db"
"""The file in the work directory, unless another registry is named."""


def registry_of(settings: OrchestratorSettings) -> URL:
    """The URL; `str` of it leaves out the password. Raises CommandFailed (USAGE)."""
    if settings.registry is None:
        return sqlite_url(settings.work_dir / DATABASE)
    try:
        return registry_url(settings.registry)
    except ValueError as error:
        raise CommandFailed(f"--registry: {error}", USAGE) from error


def database_of(url: URL) -> Path | None:
    """The file that the registry is; None when it is on a server. Of a link, what it leads to: that is where
    SQLite keeps its log."""
    if is_shared(url):
        return None
    database = Path(url.database or "")
    return Path(os.path.realpath(database)) if database.is_symlink() else database
