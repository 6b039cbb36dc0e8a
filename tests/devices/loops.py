"""Disks for tests: loop devices on sparse files. What a test attached is detached at its end."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests import census

MIB = 2**20


def run(*command: str) -> str:
    """What it printed. Raises CalledProcessError."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Loops:
    """Loop devices on files of the test's own; all of them are gone at its end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.attached: list[str] = []
        self._files: dict[str, str] = {}

    def file(self, name: str, size: int = 96 * MIB) -> Path:
        path = self._folder / name
        with path.open("wb") as file:
            file.truncate(size)
        return path

    def attach(self, file: Path, *options: str) -> str:
        ran = run("losetup", "--find", "--show", *options, str(file))
        self.attached.append(ran.strip())
        self._files[self.attached[-1]] = str(file.resolve())
        return self.attached[-1]

    def detach(self, path: str) -> None:
        self.attached.remove(path)
        run("losetup", "--detach", path)

    def die(self, path: str, file: Path) -> Path:
        """The disk goes while it is in use: it has no bytes any more, and answers all with errors. What was
        on it then is in the file that is returned."""
        rescued = file.with_name(f"{file.stem}-rescued{file.suffix}.part")
        run("cp", "--sparse=always", str(file), str(rescued))
        with file.open("r+b") as opened:
            opened.truncate(0)
        run("losetup", "--set-capacity", path)
        return Path(shutil.move(rescued, rescued.with_suffix("")))

    def close(self) -> None:
        """What is not detached already; whatever still has one open keeps it until it ends."""
        for path in self.attached:
            census.detach(path, self._files[path])
        self.attached.clear()
