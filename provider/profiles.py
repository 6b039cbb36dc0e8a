"""Profiles from a file: what operators call kinds of volumes, and what they mean to the plugin.

TOML or JSON, read whole and checked strictly: one mistake and nothing of the file is taken, the last
good content stays in force. A profile that was used never changes its meaning: volumes made under its
name would lie. Nothing here asks the plugin whether it can serve a profile.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from api.model.errors import OperatorNeeded
from provider.records import Profile
from provider.volume import VolumeCapability

MAX_FILE_BYTES = 1024 * 1024
"""A larger file is refused: it is read whole."""

MAX_PROFILES = 256
"""More are refused: each is asked for its capacity at every reading."""

MAX_MOUNT_FLAGS_BYTES = 4096
"""CSI 1.x, CreateVolume: mount flags together are at most 4 KiB."""

ACCESS_MODES = (
    "SINGLE_NODE_WRITER",
    "SINGLE_NODE_READER_ONLY",
    "MULTI_NODE_READER_ONLY",
    "MULTI_NODE_SINGLE_WRITER",
    "MULTI_NODE_MULTI_WRITER",
    "SINGLE_NODE_SINGLE_WRITER",
    "SINGLE_NODE_MULTI_WRITER",
)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


class InvalidProfiles(OperatorNeeded):
    """The profiles file cannot be used; the message says where and why. The last good one stays in force."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"profiles file {path}: {reason}", f"edit {path}")


class _ProfileEntry(msgspec.Struct, forbid_unknown_fields=True):
    block: bool = False
    fs_type: str | None = None
    mount_flags: list[str] = []
    access_mode: str = "SINGLE_NODE_WRITER"
    parameters: dict[str, str] = {}
    description: str = ""
    capacity_group: str | None = None


class _ProfilesFile(msgspec.Struct, forbid_unknown_fields=True):
    profiles: dict[str, _ProfileEntry]


def default_profiles_text() -> str:
    """The profiles that a cluster has when nobody wrote any, as the content of a file."""
    return """\
# What volumes can be asked for by name. Read again when this file changes; a profile that was used
# keeps its meaning, so give a new meaning a new name.

[profiles.default]
description = "file system of the plugin's choice"
# fs_type = "xfs"

[profiles.block]
description = "raw block device"
block = true
"""


def parse_profiles(text: str, path: Path) -> dict[str, Profile]:
    """Profiles by name, from the text of the file at `path` (JSON when it ends so, else TOML).

    Raises InvalidProfiles.
    """
    decode = msgspec.json.decode if path.suffix == ".json" else msgspec.toml.decode
    try:
        content = decode(text, type=_ProfilesFile)
    except (msgspec.MsgspecError, ValueError) as error:
        raise InvalidProfiles(path, str(error)) from error
    if not 0 < len(content.profiles) <= MAX_PROFILES:
        raise InvalidProfiles(path, f"it names {len(content.profiles)} profiles: give 1 to {MAX_PROFILES}")
    return {name: _profile(name, entry, path) for name, entry in sorted(content.profiles.items())}


def _profile(name: str, entry: _ProfileEntry, path: Path) -> Profile:
    problem = _problem(name, entry)
    if problem is not None:
        raise InvalidProfiles(path, f"profile {name[:80]!r}: {problem}")
    fs_type = "" if entry.fs_type is None else entry.fs_type
    capability = VolumeCapability(entry.block, fs_type, tuple(entry.mount_flags), entry.access_mode)
    return Profile(name, capability, entry.parameters, entry.description, entry.capacity_group)


def _problem(name: str, entry: _ProfileEntry) -> str | None:
    if not _NAME.fullmatch(name):
        return "its name needs 1 to 63 letters, digits, '_', '.' or '-', the first a letter or digit"
    if entry.access_mode not in ACCESS_MODES:
        return f"access_mode {entry.access_mode!r} is not one of {', '.join(ACCESS_MODES)}"
    if entry.block and (entry.fs_type is not None or entry.mount_flags):
        return "a block volume has no fs_type and no mount_flags: leave them out, or leave block out"
    if sum(len(flag.encode()) for flag in entry.mount_flags) > MAX_MOUNT_FLAGS_BYTES:
        return f"its mount_flags are longer than {MAX_MOUNT_FLAGS_BYTES} bytes"
    if entry.capacity_group == "":
        return "capacity_group is empty: name the group or leave it out"
    return None


class ProfileFile:
    """The profiles in force: the file's last good content, with what was used kept as it was.

    `used`: profiles as they were when volumes were first made of them (from the checkpoint).
    """

    def __init__(self, path: Path, used: Iterable[Profile] = ()) -> None:
        self._path = path
        self._used = {profile.name: profile for profile in used}
        self._seen: tuple[int, ...] | None = None
        self.profiles: Mapping[str, Profile] = {}

    def load(self) -> Mapping[str, Profile]:
        """Read the file whatever it was before. Raises InvalidProfiles; `profiles` stays then."""
        try:
            status = self._path.stat()
            self._seen = _version(status)
            if not stat.S_ISREG(status.st_mode):
                raise InvalidProfiles(self._path, "it is not a regular file")
            if status.st_size > MAX_FILE_BYTES:
                raise InvalidProfiles(self._path, f"it is larger than {MAX_FILE_BYTES} bytes")
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidProfiles(self._path, str(error)) from error
        found = parse_profiles(text, self._path)
        self._check_used(found)
        self.profiles = found
        return found

    def reload(self) -> Mapping[str, Profile] | None:
        """The profiles if the file changed since it was read last, else None. Raises InvalidProfiles."""
        try:
            status = self._path.stat()
        except OSError as error:
            if self._seen is None:
                return None  # said once already
            self._seen = None
            raise InvalidProfiles(self._path, str(error)) from error
        if self._seen == _version(status):
            return None
        return self.load()

    def use(self, profile: Profile) -> None:
        """A volume was made of `profile`: its meaning is fixed from here on."""
        self._used.setdefault(profile.name, profile)

    def _check_used(self, found: Mapping[str, Profile]) -> None:
        for name, profile in found.items():
            known = self._used.get(name)
            if known is not None and not _means_the_same(known, profile):
                raise InvalidProfiles(
                    self._path,
                    f"profile {name!r} has other properties than the volumes made of it: "
                    "restore them, and give the new properties a new name",
                )


def _version(status: os.stat_result) -> tuple[int, ...]:
    """Another one after every change, also of who may read the file."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino


def _means_the_same(one: Profile, other: Profile) -> bool:
    return one.capability == other.capability and dict(one.parameters) == dict(other.parameters)
