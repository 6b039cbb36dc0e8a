"""Files of the agent's host that a task may have copied into its sandbox. Blocking.

An agent that runs as root can read everything, so what it hands out is decided here: what anybody on the host
may read, what the task's own user may read, and what an operator has named (`--fetch-from`). Never anything
below the agent's own directories: other tasks' sandboxes, volumes and databases are there.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from agent.fetch.uris import FetchFailed


class HostFiles:
    """`hidden` are directories that nothing is read from; from `allowed` ones everything may be read."""

    def __init__(self, hidden: Sequence[Path], allowed: Sequence[Path] = ()) -> None:
        self._hidden = [str(path.resolve()) for path in hidden]
        self.allow(allowed)

    def allow(self, directories: Sequence[Path]) -> None:
        """From these everything may be read from now on, and from no others."""
        self._allowed = [str(path.resolve()) for path in directories]

    def open(self, path: str, owner: tuple[int, int] | None) -> int:
        """A descriptor to read from. `owner`: the task's (uid, gid), None the agent's. Raises FetchFailed."""
        try:
            found = os.open(path, os.O_PATH | os.O_CLOEXEC)  # opens nothing yet: a device may act upon that
        except OSError as error:
            raise FetchFailed(f"{path} cannot be read on this host: {error.strerror}") from error
        try:
            self._refuse_private(found, path, owner)
            return os.open(f"/proc/self/fd/{found}", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise FetchFailed(f"{path} cannot be read on this host: {error.strerror}") from error
        finally:
            os.close(found)

    def _refuse_private(self, file: int, path: str, owner: tuple[int, int] | None) -> None:
        """Judged by what was found, wherever the links on the way have led."""
        real = str(Path(f"/proc/self/fd/{file}").readlink())
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode):
            raise FetchFailed(f"{path} is not a regular file")
        if _below(real, self._hidden):
            raise FetchFailed(f"{path} is the agent's own: no task gets it")
        if _below(real, self._allowed):
            return
        for place in (*Path(real).parents, Path(real)):
            if not _may(place, owner, os.R_OK if str(place) == real else os.X_OK):
                raise FetchFailed(
                    f"{path} is private: not everybody may read it. Make it readable, or start the agent "
                    f"with --fetch-from {Path(real).parent}"
                )


def _may(place: Path, owner: tuple[int, int] | None, right: int) -> bool:
    """Whether the task's user may, or anybody; root's rights do not count, for a task of root's neither."""
    try:
        found = place.stat()
    except OSError:
        return False
    if owner is not None and owner[0] != 0 and found.st_uid == owner[0]:
        return bool(found.st_mode >> 6 & right)
    if owner is not None and owner[1] != 0 and found.st_gid == owner[1]:
        return bool(found.st_mode >> 3 & right)
    return bool(found.st_mode & right)


def _below(path: str, directories: Sequence[str]) -> bool:
    return any(f"{path}/".startswith(f"{directory.rstrip('/')}/") for directory in directories)
