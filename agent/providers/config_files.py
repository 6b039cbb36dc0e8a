"""A directory of provider configurations, one JSON file each: read whole, written so that a crash leaves the
old content or the new one.

It must not know which providers run, and starts none. Files that cannot be used are told, never fatal, and
never touched.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from agent.providers.config import (
    MAX_CONFIG_BYTES,
    InvalidConfig,
    Key,
    decode_config,
    encode_config,
    key_of,
    validate,
)
from agent.providers.plugin_config import SAMPLE, plugin_config
from api.wire.v1 import mesos

MAX_FILES: Final = 200
"""Files that are read, in the order of their names; those beyond are told as a problem."""

SUFFIX: Final = ".json"
STAGING: Final = ".staging"
"""Ends the name of a file that is being written. What a crash leaves of it is removed at the next reading."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A configuration and the file that holds it."""

    path: Path
    info: mesos.ResourceProviderInfo


@dataclass(frozen=True, slots=True)
class Contents:
    """What the directory holds: configurations by provider, and what is wrong with the other files."""

    files: Mapping[Key, ConfigFile] = field(default_factory=dict)
    problems: Mapping[Path, str] = field(default_factory=dict)


def judge(info: mesos.ResourceProviderInfo) -> None:
    """Raises InvalidConfig unless a provider can be made of it."""
    validate(info)
    assert info.storage, "validate says so"
    plugin_config(info.storage.plugin, SAMPLE)


class ConfigDirectory:
    """The files of one agent. Made when it is missing."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Contents:
        """All of it. Raises OSError when the directory itself cannot be read."""
        self.path.mkdir(parents=True, exist_ok=True)
        files: dict[Key, ConfigFile] = {}
        problems: dict[Path, str] = {}
        for leftover in self.path.glob(f".*{STAGING}"):
            with contextlib.suppress(OSError):
                leftover.unlink()
        for index, path in enumerate(self._names()):
            try:
                if index >= MAX_FILES:
                    raise InvalidConfig("the directory", f"more than {MAX_FILES} files: this one is not read")
                info = _read(path)
                if (other := files.get(key_of(info))) is not None:
                    raise InvalidConfig("name", f"{other.path.name} has the same type and name: remove one")
            except (InvalidConfig, OSError) as error:
                problems[path] = str(error)
            else:
                files[key_of(info)] = ConfigFile(path, info)
        return Contents(files, problems)

    def write(self, info: mesos.ResourceProviderInfo, path: Path | None = None) -> Path:
        """Put it into `path`, or into a new file; it is durable when this returns. Raises OSError."""
        self.path.mkdir(parents=True, exist_ok=True)
        target = self._fresh(info) if path is None else path
        staging = target.with_name(f".{target.name}{STAGING}")
        try:
            with staging.open("wb") as file:
                file.write(encode_config(info))
                file.flush()
                os.fsync(file.fileno())
            staging.replace(target)
        except OSError:
            with contextlib.suppress(OSError):
                staging.unlink()
            raise
        self._sync()
        return target

    def remove(self, path: Path) -> None:
        """Durably; nothing happens when it is gone already. Raises OSError."""
        path.unlink(missing_ok=True)
        self._sync()

    def _names(self) -> list[Path]:
        return sorted(
            path for path in self.path.iterdir() if path.suffix == SUFFIX and not path.name.startswith(".")
        )

    def _fresh(self, info: mesos.ResourceProviderInfo) -> Path:
        """A name that no file has: one that cannot be read may hold what somebody still wants."""
        path = self.path / f"{info.type}.{info.name}{SUFFIX}"
        number = 2
        while path.exists():
            path = self.path / f"{info.type}.{info.name}.{number}{SUFFIX}"
            number += 1
        return path

    def _sync(self) -> None:
        directory = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def _read(path: Path) -> mesos.ResourceProviderInfo:
    """Raises InvalidConfig, OSError."""
    if not path.is_file():
        raise InvalidConfig("the file", "it is not a regular file")
    with path.open("rb") as file:
        info = decode_config(file.read(MAX_CONFIG_BYTES + 1))
    judge(info)
    return info
