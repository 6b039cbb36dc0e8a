"""A private mount namespace with a container's binds in it. Leaves nothing on the host.

Called in the container's own process, before its program starts: `enter` first, then nothing
of this module again. Everything it mounts goes when the container's last process ends.

How a target that the host does not have comes to be: its nearest existing parent is replaced,
in the namespace only, by a *mirror*: a small tmpfs in which every entry of the original is bound
and the missing directory is made. So the host's files stay what and where they are, other
filesystems below included, and nothing is made on the host. Entries that appear on the host in
that one directory later are not seen.
"""

from __future__ import annotations

import os
import stat

from agent.containerizer.shim import kernel

MAX_MIRRORED_ENTRIES = 2000
"""Each entry of a mirrored directory is a mount; a target in a fuller directory is refused."""

MIRROR_OPTIONS = "size=4m,mode=0755"
"""A mirror holds mount points, not data."""


class MountRefused(Exception):
    """The binds cannot be made. `who` is a value of interface.Who."""

    def __init__(self, message: str, who: str) -> None:
        super().__init__(message)
        self.who = who


class Bind:
    """As interface.Bind, with an absolute target."""

    def __init__(self, source: str, target: str, read_only: bool, propagation: str) -> None:
        self.source = source
        self.target = target
        self.read_only = read_only
        self.propagation = propagation


def enter(binds: list[Bind], sandbox: str, scratch: str, hidden: list[str]) -> None:
    """Move the calling process into a namespace of its own and make the binds.

    `scratch` is an empty directory of the host to mount on, in the namespace only. Mounts below
    the `hidden` directories that are not among the binds are let go, so that a running container
    does not keep another one's volume busy. Raises MountRefused.
    """
    _unshare()
    kernel.mount("none", "/", None, kernel.MS_SLAVE | kernel.MS_REC)
    trees = [(bind, _tree(bind)) for bind in binds]
    _let_go(hidden, sandbox)
    namespace = _Namespace(sandbox, scratch)
    for bind, tree in sorted(trees, key=lambda pair: pair[0].target.count("/")):
        namespace.attach(bind, tree)
        os.close(tree)


def _unshare() -> None:
    uid, gid = os.getuid(), os.getgid()
    try:
        if uid == 0:
            kernel.unshare(kernel.CLONE_NEWNS)
        else:
            kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
            _write("/proc/self/setgroups", "deny")
            _write("/proc/self/uid_map", f"{uid} {uid} 1")
            _write("/proc/self/gid_map", f"{gid} {gid} 1")
    except OSError as error:
        raise MountRefused(
            f"volumes need a private mount namespace, and this host refuses one ({error}): run the agent"
            " as root, allow unprivileged user namespaces, or use --containerizer podman",
            "operator",
        ) from error


def _tree(bind: Bind) -> int:
    """The source as a detached tree, taken before anything covers it."""
    try:
        tree = kernel.clone_tree(bind.source)
        if bind.read_only:
            kernel.make_read_only(tree)
    except OSError as error:
        raise MountRefused(f"cannot bind {bind.source} to {bind.target}: {error}", "operator") from error
    return tree


def _let_go(hidden: list[str], sandbox: str) -> None:
    for target in reversed(_mount_points()):
        below = any(target.startswith(f"{directory}/") for directory in hidden)
        if below and not f"{sandbox}/".startswith(f"{target}/"):
            try:
                kernel.unmount_lazily(target)
            except OSError:
                continue  # in a user namespace inherited mounts cannot be taken apart


def _mount_points() -> list[str]:
    # Split where the kernel does: a path may hold any other line break.
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        return [_unescaped(line.split(" ")[4]) for line in file]


def _unescaped(path: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        path = path.replace(code, character)
    return path


class _Namespace:
    """Attaches trees, making targets as needed. Knows where making a directory is harmless."""

    def __init__(self, sandbox: str, scratch: str) -> None:
        self._own = [sandbox]  # below these a new directory leaves no trace elsewhere
        self._mirrors: set[int] = set()  # device numbers of the mirrors' filesystems
        self._scratch = scratch

    def attach(self, bind: Bind, tree: int) -> None:
        is_directory = stat.S_ISDIR(os.fstat(tree).st_mode)
        try:
            target = self._target(bind.target, is_directory)
            kernel.attach_tree(tree, target)
            if bind.propagation == "private":
                kernel.mount("none", target, None, kernel.MS_PRIVATE | kernel.MS_REC)
        except OSError as error:
            raise MountRefused(f"cannot bind {bind.source} to {bind.target}: {error}", "request") from error
        self._own.append(target)

    def _target(self, path: str, is_directory: bool) -> str:
        """The real path of the target, which exists on return and is of the right kind."""
        parent, missing = _split_at_existing(path)
        if not missing:
            if os.path.isdir(parent) != is_directory:
                kinds = ("file", "directory") if is_directory else ("directory", "file")
                raise MountRefused(f"{path} is a {kinds[0]}, the volume is a {kinds[1]}", "request")
            return parent
        if not os.path.isdir(parent):
            raise MountRefused(f"{path}: {parent} is not a directory", "request")
        if not self._may_make_in(parent):
            self._mirror(parent)
        target = os.path.join(parent, *missing)
        os.makedirs(target if is_directory else os.path.dirname(target), exist_ok=True)
        if not is_directory:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        return target

    def _may_make_in(self, directory: str) -> bool:
        inside = any(f"{directory}/".startswith(f"{own}/") for own in self._own)
        return inside or os.stat(directory).st_dev in self._mirrors

    def _mirror(self, directory: str) -> None:
        entries = list(os.scandir(directory))
        if len(entries) > MAX_MIRRORED_ENTRIES:
            raise MountRefused(
                f"no volume can be put into {directory}: it has {len(entries)} entries, more than"
                f" {MAX_MIRRORED_ENTRIES}; choose another container path",
                "request",
            )
        original = os.stat(directory)
        # The entry that holds the scratch directory is taken first, or its copy would hold the mirror.
        around = next((e for e in entries if f"{self._scratch}/".startswith(f"{e.path}/")), None)
        tree = kernel.clone_tree(around.path) if around else -1
        kernel.mount("tmpfs", self._scratch, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, MIRROR_OPTIONS)
        for entry in entries:
            _mirror_entry(entry, f"{self._scratch}/{entry.name}", tree if entry is around else -1)
        if tree >= 0:
            os.close(tree)
        _copy_owner(self._scratch, original)
        self._mirrors.add(os.stat(self._scratch).st_dev)
        if directory == "/":
            os.chdir(self._scratch)
            kernel.pivot_root_here()
        else:
            tree = kernel.clone_tree(self._scratch)
            kernel.unmount_lazily(self._scratch)
            kernel.attach_tree(tree, directory)
            os.close(tree)


def _mirror_entry(entry: os.DirEntry[str], copy: str, tree: int) -> None:
    if entry.is_symlink():
        os.symlink(os.readlink(entry.path), copy)
        return
    if entry.is_dir(follow_symlinks=False):
        os.mkdir(copy)
    else:
        os.close(os.open(copy, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    if tree >= 0:
        kernel.attach_tree(tree, copy)
        return
    try:
        kernel.mount(entry.path, copy, None, kernel.MS_BIND | kernel.MS_REC)
    except OSError:
        pass  # it went away, or cannot be reached (a dead network mount): seen as empty


def _copy_owner(path: str, original: os.stat_result) -> None:
    try:
        os.chown(path, original.st_uid, original.st_gid)
        os.chmod(path, stat.S_IMODE(original.st_mode))
    except OSError:
        pass  # in a user namespace only the own user exists; the mirror is then this user's


def _split_at_existing(path: str) -> tuple[str, list[str]]:
    """The nearest existing part, free of symbolic links, and the names that are missing below it."""
    missing: list[str] = []
    path = os.path.normpath(path)
    while not os.path.exists(path):
        if os.path.islink(path):
            raise MountRefused(f"{path} is a symbolic link to nowhere", "request")
        path, _, name = path.rpartition("/")
        path = path or "/"
        missing.insert(0, name)
    return os.path.realpath(path), missing


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
