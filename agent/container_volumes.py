"""The volumes that a task's container asks for, other than disks: host paths, and paths in a sandbox.

From ContainerInfo.volumes to what is bound. A path in a sandbox is walked name by name and no link is
followed, because what is in a sandbox is the tasks' own work; what leads out of it is refused. Directories
that are missing are made below the sandbox, and nowhere else.

What is walked is bound by its name later, so nobody else may be able to change a directory above it until
then. A task's own sandbox is nobody's before the task starts. A group's is shared with tasks that run
already: there a path is one name, because only the agent can change what a name in that directory leads to.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from msgspec import UNSET

from agent.commands import InvalidTask
from agent.containerizer.interface import Bind, Propagation
from api.wire.v1 import mesos

MAX_VOLUMES: Final = 100
"""Volumes of one container."""

MAX_PATH: Final = 4_000
"""Bytes of a path; Linux takes 4095."""

ROOT: Final = "root"
"""In the sandbox of a group: of the container that holds the group together."""

KEPT: Final = frozenset({"tasks", ROOT, "stdout", "stderr", "stdout.1", "stderr.1"})
"""What the agent itself keeps in the sandbox of a group: whoever may write there leads the agent, which is
root, where he likes."""

UNFINISHED: Final = 0o700
"""The mode of a directory of the agent's between its making and its giving away: after a crash in between it
is given away by the repeat."""

Source = mesos.VolumeSourceType
SandboxPath = mesos.VolumeSourceSandboxPathType
Spread = mesos.MountPropagationMode


class VolumeRefused(Exception):
    """A volume cannot be had on this host: the text names it and says why."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A volume of a group's executor, which stands at its target in the sandbox of the group.

    `is_disk`: it is one of the executor's resources.
    """

    bind: Bind
    is_disk: bool


@dataclass(frozen=True, slots=True)
class Places:
    """Where a task's volumes may be: its own sandbox, its group's with the volumes `shared` in it.

    `owner` has what is made there; no host path may lead into the `hidden` directories of the agent; `lend`
    makes a disk of the executor's usable by the task.
    """

    sandbox: Path
    parent: Callable[[], Path] | None
    owner: tuple[int, int] | None
    hidden: tuple[Path, ...] = ()
    shared: tuple[Shared, ...] = ()
    lend: Callable[[Bind], Bind] = lambda bind: bind


def validate_volumes(container: mesos.ContainerInfo, *, grouped: bool) -> None:
    """Raises InvalidTask for what no agent can do. Pure. `grouped`: the task is one of a group."""
    if len(container.volumes) > MAX_VOLUMES:
        raise InvalidTask(f"container.volumes: at most {MAX_VOLUMES} are taken")
    for volume in container.volumes:
        about = f"volume {volume.container_path[:200]!r}"
        _check_path(about, "container_path", volume.container_path)
        if volume.image is not UNSET:
            raise InvalidTask(f"{about}: images cannot be mounted as volumes")
        kind, path = _wanted(volume, about)
        _check_path(about, "its path", path)
        if kind == "parent" and not grouped:
            raise InvalidTask(f"{about}: only tasks of a group have a parent's sandbox: use SELF")


def volume_binds(container: mesos.ContainerInfo, places: Places) -> tuple[Bind, ...]:
    """What is bound for the volumes, in their order; missing directories of a sandbox are made.

    A repeat answers the same. Raises VolumeRefused, OSError.
    """
    return tuple(_bind(volume, places) for volume in container.volumes)


def check_target(sandbox: Path, target: str) -> None:
    """Refuse a relative mount target that a link leads out of the sandbox. Raises VolumeRefused."""
    if target.startswith("/"):
        return
    try:
        os.close(_walk(sandbox, _parts(target), make=False, owner=None))
    except FileNotFoundError:
        return
    except OSError as error:
        raise VolumeRefused(f"volume {target!r}: {_why_not(error)}") from error


def make_sandbox(root: Path, sandbox: Path, owner: tuple[int, int] | None) -> None:
    """`sandbox`, below `root`, exists afterwards and is `owner`'s; what is between them is the agent's.

    Idempotent. Raises OSError, also when something else is in the way.
    """
    *between, name = sandbox.relative_to(root).parts
    directory = _walk(root, between, make=True, owner=None)
    try:
        os.close(_walk_on(directory, [name], make=True, owner=owner))
    finally:
        os.close(directory)


def _bind(volume: mesos.Volume, places: Places) -> Bind:
    about = f"volume {volume.container_path[:200]!r}"
    kind, path = _wanted(volume, about)
    read_only = volume.mode is mesos.VolumeMode.RO
    check_target(places.sandbox, volume.container_path)
    if kind == "host":
        source = _host_path(about, path, places.hidden)
        return Bind(source, volume.container_path, read_only, _propagation(volume, about))
    if kind == "parent" and places.parent is None:
        raise VolumeRefused(f"{about}: only tasks of a group have a parent's sandbox: use SELF")
    if kind == "parent" and (shared := _shared(about, path, places)) is not None:
        lent = replace(
            shared.bind, target=volume.container_path, read_only=read_only or shared.bind.read_only
        )
        return places.lend(lent) if shared.is_disk else lent
    root = places.parent() if kind == "parent" and places.parent is not None else places.sandbox
    return Bind(_sandbox_path(about, root, path, places.owner), volume.container_path, read_only)


def _shared(about: str, path: str, places: Places) -> Shared | None:
    """The volume of the executor that is meant by a path in the sandbox of its group."""
    parts = _parts(path)
    for each in places.shared:
        target = each.bind.target
        found = [] if target.startswith("/") else _parts(target)
        if found == parts:
            return each
        if found and found[: len(parts)] == parts:
            raise VolumeRefused(
                f"{about}: its executor has a volume at {target!r}, below what is asked for: give that one"
                " a path of one name"
            )
    return None


def _wanted(volume: mesos.Volume, about: str) -> tuple[str, str]:
    """("host" | "self" | "parent", path). Raises InvalidTask for other sources."""
    source = volume.source
    if source is UNSET or source.type is UNSET:
        path = volume.container_path.lstrip("/") if volume.host_path is UNSET else volume.host_path
        return ("host" if path.startswith("/") else "self"), path
    if volume.host_path is not UNSET:
        raise InvalidTask(f"{about}: it has both a host_path and a source: leave one out")
    if source.type is Source.HOST_PATH and source.host_path is not UNSET:
        if not source.host_path.path.startswith("/"):
            raise InvalidTask(f"{about}: a host path is absolute; for the sandbox use SANDBOX_PATH")
        _propagation(volume, about)
        return "host", source.host_path.path
    if source.type is Source.SANDBOX_PATH and source.sandbox_path is not UNSET:
        inner = source.sandbox_path
        if inner.path.startswith("/"):
            raise InvalidTask(f"{about}: a sandbox path is relative to the sandbox")
        if inner.type is SandboxPath.PARENT:
            _check_shared(about, inner.path)
            return "parent", inner.path
        if inner.type in (UNSET, SandboxPath.SELF):
            return "self", inner.path
    raise InvalidTask(
        f"{about}: a source of type {source.type} is not supported; HOST_PATH and SANDBOX_PATH (SELF, PARENT)"
        " are, and disk resources with a volume"
    )


def _propagation(volume: mesos.Volume, about: str) -> Propagation:
    source = volume.source
    if source is UNSET or source.host_path is UNSET or source.host_path.mount_propagation is UNSET:
        return "private"
    mode = source.host_path.mount_propagation.mode
    if mode is Spread.BIDIRECTIONAL:
        raise InvalidTask(f"{about}: tasks cannot mount on the host (BIDIRECTIONAL)")
    return "rslave" if mode is Spread.HOST_TO_CONTAINER else "private"


def _check_shared(about: str, path: str) -> None:
    """Raises InvalidTask for what a task cannot have of its group's sandbox."""
    parts = _parts(path)
    if len(parts) > 1:
        raise InvalidTask(
            f"{about}: {path[:200]!r}: a path in a parent's sandbox is one name, because other tasks could"
            f" change what is below it: ask for {parts[0][:200]!r} and use what is in it"
        )
    if parts and parts[0] in KEPT:
        raise InvalidTask(
            f"{about}: the agent keeps {parts[0]!r} in a parent's sandbox for itself: choose another name"
        )


def _check_path(about: str, what: str, path: str) -> None:
    for wrong, message in (
        (not path.strip("/."), "names nothing that can be mounted"),
        ("\0" in path, "has a NUL character"),
        (".." in path.split("/"), "has '..' in it: name the place itself"),
        (len(path.encode("utf-8", "surrogateescape")) > MAX_PATH, f"is longer than {MAX_PATH} bytes"),
    ):
        if wrong:
            raise InvalidTask(f"{about}: {what} {message}")


def _host_path(about: str, path: str, hidden: tuple[Path, ...]) -> str:
    try:
        real = Path(path).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise VolumeRefused(f"{about}: {path} on the agent's host: {reason}: make it there first") from error
    for directory in hidden:
        if real.is_relative_to(directory) or directory.is_relative_to(real):
            raise VolumeRefused(f"{about}: {path} leads to the agent's own files: choose another host path")
    mode = real.stat().st_mode
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)):
        raise VolumeRefused(f"{about}: {path} is neither a directory nor a file nor a socket")
    return str(real)


def _sandbox_path(about: str, root: Path, path: str, owner: tuple[int, int] | None) -> str:
    parts = _parts(path)
    try:
        os.close(_walk(root, parts, make=True, owner=owner))
    except OSError as error:
        raise VolumeRefused(f"{about}: {path!r} in the sandbox: {_why_not(error)}") from error
    return str(root.joinpath(*parts))


def _walk(root: Path, parts: list[str], *, make: bool, owner: tuple[int, int] | None) -> int:
    """A descriptor of what is at `parts` below `root`, through real directories only. Raises OSError:
    ELOOP or ENOTDIR where something else is in the way."""
    start = os.open(root, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_DIRECTORY)
    try:
        return _walk_on(start, parts, make=make, owner=owner)
    finally:
        os.close(start)


def _walk_on(start: int, parts: list[str], *, make: bool, owner: tuple[int, int] | None) -> int:
    current = os.dup(start)
    for part in parts:
        try:
            if make:
                _make(current, part, owner)
            following = os.open(part, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=current)
        finally:
            os.close(current)
        current = following
        if stat.S_ISLNK(os.fstat(current).st_mode):
            os.close(current)
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return current


def _make(directory: int, name: str, owner: tuple[int, int] | None) -> None:
    """Something of that name is there afterwards. A directory that was made here is `owner`'s; what was there
    stays whose it is."""
    try:
        os.mkdir(name, 0o755 if owner is None else UNFINISHED, dir_fd=directory)
    except FileExistsError:
        found = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if found.st_uid != os.geteuid() or found.st_mode != stat.S_IFDIR | UNFINISHED:
            return
    if owner is None:
        return
    made = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)
    try:
        os.fchown(made, *owner)
        os.fchmod(made, 0o755)
    finally:
        os.close(made)


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in {"", "."}]


def _why_not(error: OSError) -> str:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return "a link or a file is in the way, which could lead out of the sandbox: remove it"
    return error.strerror or str(error)
