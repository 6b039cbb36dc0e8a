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
from pathlib import Path

import msgspec

IN_CREATE = 0x100
IN_MOVED_TO = 0x80
_HEAD = struct.Struct("iIII")
_libc = ctypes.CDLL(None, use_errno=True)

CREATING = (".image", ".folder")
DELETING = (".deleting",)


def act_when(folder: Path, suffixes: tuple[str, ...], act: Callable[[], None], seconds: float) -> str:
    """Wait until a file with one of the suffixes comes to be in `folder`, and `act` at once.

    The name of the file; empty when none came in time, and nothing was done. Blocking: for a thread.
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
                        return name
        return ""
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


def unanswered(database: Path, pool: Path) -> list[str]:
    """Calls that the plugin has begun to carry out and whose answer the provider has not checkpointed.

    Read from the checkpoint as it is on disk, and from the pool's folder: an operation that is still
    pending while the volume named after it exists; a volume that is still being deleted while its record
    at the plugin is gone already. Read after a kill, so what it shows was so at the kill as well.
    """
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
        operations = [msgspec.msgpack.decode(value) for value in _values(connection, "operations")]
        volumes = [msgspec.msgpack.decode(value) for value in _values(connection, "volumes")]
    files = {path.name for path in pool.iterdir()}
    found = []
    for operation in operations:
        pending = operation.get("state", "OPERATION_PENDING") == "OPERATION_PENDING"
        volume = volume_id(str(uuid.UUID(bytes=operation["uuid"])))
        if pending and files & {f"{volume}{suffix}" for suffix in CREATING}:
            known = any(each["id"] == volume for each in volumes)
            if not known:
                found.append(f"CreateVolume of {volume}")
    found += [
        f"DeleteVolume of {volume['id']}"
        for volume in volumes
        if volume["state"] == "DELETING" and f"{volume['id']}.json" not in files
    ]
    return found


def known_volumes(database: Path) -> set[str]:
    """Ids of the volumes in the provider's checkpoint."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
        return {msgspec.msgpack.decode(value)["id"] for value in _values(connection, "volumes")}


def volume_id(name: str) -> str:
    """How the built-in plugin names the volume of that CSI name (its documentation says so)."""
    return "v-" + hashlib.sha256(name.encode()).hexdigest()[:40]


def _values(connection: sqlite3.Connection, table: str) -> list[bytes]:
    return [value for (value,) in connection.execute(f"select value from local_storage_{table}")]
