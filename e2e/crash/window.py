"""The moment between a call to the plugin and the checkpoint of its answer: when it is, and the proof of it.

The kernel tells of it: a volume's file that appears in (or is renamed in) the pool's folder means that the
plugin is carrying out a call now. Nothing in the product knows that it is watched.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import select
import sqlite3
import struct
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from provider.calls import volume_name

IN_CREATE = 0x100
IN_MOVED_TO = 0x80
_HEAD = struct.Struct("iIII")
_libc = ctypes.CDLL(None, use_errno=True)

PENDING = "OPERATION_PENDING"
CREATING = (".image", ".folder")
DELETING = (".deleting",)
RECORDING = (".json",)
"""A record that is replaced: a volume was made, grows, is staged or published."""


def act_when(folder: Path, suffixes: tuple[str, ...], act: Callable[[], None], seconds: float) -> Seen:
    """Wait until a file with one of the suffixes comes to be in `folder`, and `act` at once.

    Nothing is done when none comes in time. Blocking: for a thread.
    """
    watch = _libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
    if watch < 0 or _libc.inotify_add_watch(watch, os.fsencode(folder), IN_CREATE | IN_MOVED_TO) < 0:
        raise OSError(ctypes.get_errno(), "inotify")
    try:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            select.select([watch], [], [], left)
            with contextlib.suppress(BlockingIOError):
                for name in _names(os.read(watch, 65536)):
                    if name.endswith(suffixes):
                        act()
                        return Seen(name, time.time())
        return Seen()
    finally:
        os.close(watch)


def _names(data: bytes) -> list[str]:
    names, at = [], 0
    while at < len(data):
        _, _, _, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        names.append(os.fsdecode(data[at : at + length].rstrip(b"\0")))
        at += length
    return names


@dataclass(frozen=True)
class Seen:
    """A file of a volume that was seen before a kill; when the kill was done, in seconds since the epoch."""

    file: str = ""
    killed_at: float = 0.0

    @property
    def volume(self) -> str:
        return self.file.partition(".")[0]


def unanswered(database: Path, pool: Path, seen: Seen) -> list[str]:
    """Calls that the plugin had begun to carry out at the kill, and whose answer was not checkpointed then.

    Read after the kill, from the checkpoint and the pool's folder as they are on disk. A call counts when
    its operation is still pending though the plugin has done something for it; or, for the volume whose
    file was seen before the kill, when its operation says that it ended after the kill.
    """
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
        operations = [msgspec.msgpack.decode(value) for value in _values(connection, "operations")]
        volumes = {
            volume["id"]: volume["capacity_bytes"]
            for volume in (msgspec.msgpack.decode(value) for value in _values(connection, "volumes"))
        }
    files = {path.name for path in pool.iterdir()}
    found = []
    for operation in operations:
        call, volume = _call_of(operation)
        pending = operation.get("state", PENDING) == PENDING
        if call == "CreateVolume":
            acted = volume not in volumes and bool(files & {f"{volume}{suffix}" for suffix in CREATING})
        elif call == "ControllerExpandVolume":
            acted = _promised(pool / f"{volume}.json") > volumes.get(volume, 0)
        else:
            acted = f"{volume}.json" not in files
        ended_later = volume == seen.volume and (operation.get("ended") or 0) > seen.killed_at
        if call and ((pending and acted) or ended_later):
            found.append(f"{call} of {volume}")
    return found


def _call_of(operation: dict[str, Any]) -> tuple[str, str]:
    """Which call of the plugin's an operation makes, and for which volume; empty for all others."""
    content = operation["operation"]
    if content["type"] == "CREATE_DISK":
        return "CreateVolume", volume_id(volume_name(uuid.UUID(bytes=operation["uuid"])))
    if content["type"] == "DESTROY_DISK":
        return "DeleteVolume", content["destroy_disk"]["source"]["disk"]["source"]["id"]
    if content["type"] == "GROW_VOLUME":
        return "ControllerExpandVolume", content["grow_volume"]["volume"]["disk"]["source"]["id"]
    return "", ""


def _promised(record: Path) -> int:
    """The bytes that the plugin has promised, or is about to."""
    try:
        found = msgspec.json.decode(record.read_bytes())
    except (OSError, msgspec.DecodeError):
        return 0
    return max(found["size_bytes"], found.get("growing_to", 0))


def known_volumes(database: Path) -> set[str]:
    """Ids of the volumes in the provider's checkpoint."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
        return {msgspec.msgpack.decode(value)["id"] for value in _values(connection, "volumes")}


def volume_id(name: str) -> str:
    """How the built-in plugin names the volume of that CSI name (its documentation says so)."""
    return "v-" + hashlib.sha256(name.encode()).hexdigest()[:40]


def _values(connection: sqlite3.Connection, table: str) -> list[bytes]:
    return [value for (value,) in connection.execute(f"select value from local_storage_{table}")]
