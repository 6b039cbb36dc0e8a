"""Enters a running container, as `exec` does: its namespaces, with no more rights than it has.

The container is known by its main process. It is looked at from the host (`Target`) before anything is
entered; after `enter` the host's files are out of sight, so nothing may be imported or looked up here.
Not taken over is the container's filter of system calls (seccomp): the kernel hands none out.
"""

from __future__ import annotations

import os

from agent.containerizer.shim import kernel, records

MAX_ENVIRONMENT_BYTES = 1 << 20
"""Of the container's environment; what is beyond is left out."""

_NAMESPACES = (
    ("user", kernel.CLONE_NEWUSER),
    ("mnt", kernel.CLONE_NEWNS),
    ("net", kernel.CLONE_NEWNET),
    ("ipc", kernel.CLONE_NEWIPC),
    ("uts", kernel.CLONE_NEWUTS),
    ("cgroup", kernel.CLONE_NEWCGROUP),
)


class TargetGone(Exception):
    """The container that was to be entered has ended."""


class Target:
    """The main process of the container to enter, as the host sees it. Raises TargetGone."""

    def __init__(self, pid: int, start_time: int) -> None:
        self.pid = pid
        try:
            self.process = os.pidfd_open(pid)
        except ProcessLookupError:
            raise TargetGone from None
        # Asked after the descriptor was got: from here on the pid cannot mean another process.
        if records.start_time(pid) != start_time:
            os.close(self.process)
            raise TargetGone

    def enter_pid_namespace(self) -> None:
        """For children made from now on. Does nothing where the container has none of its own."""
        if self._differs("pid"):
            self._enter(kernel.CLONE_NEWPID)

    def look(self) -> View:
        """What has to be known of it before it is entered."""
        try:
            kinds = sum(kind for name, kind in _NAMESPACES if self._differs(name))
            return View(self, kinds, _status(self.pid), _environment(self.pid))
        except (FileNotFoundError, ProcessLookupError):
            raise TargetGone from None

    def _differs(self, name: str) -> bool:
        try:
            return os.readlink(f"/proc/{self.pid}/ns/{name}") != os.readlink(f"/proc/self/ns/{name}")
        except FileNotFoundError:
            raise TargetGone from None

    def _enter(self, kinds: int) -> None:
        try:
            kernel.enter_namespaces(self.process, kinds)
        except ProcessLookupError:
            raise TargetGone from None


class View:
    """A container as seen from the host, just before it is entered."""

    def __init__(
        self, target: Target, kinds: int, status: dict[str, str], environment: dict[str, str]
    ) -> None:
        self._target = target
        self._kinds = kinds
        self._bounding = int(status["CapBnd"], 16)
        self._no_new_privileges = status.get("NoNewPrivs") == "1"
        self.environment = environment
        # Real, effective, saved and filesystem ids; the effective ones are what it acts as.
        self.user = (
            int(status["Uid"].split()[1]),
            int(status["Gid"].split()[1]),
            [int(group) for group in status["Groups"].split()],
        )

    def enter(self) -> None:
        if self._kinds:
            self._target._enter(self._kinds)

    def forgo(self) -> None:
        """Give up, for the program to come, what the container may not do. Before the change of user."""
        kernel.forgo_capabilities(self._bounding)
        if self._no_new_privileges:
            kernel.forgo_new_privileges()


def _status(pid: int) -> dict[str, str]:
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        return {key: value.strip() for key, _, value in (line.partition(":") for line in file)}


def _environment(pid: int) -> dict[str, str]:
    fd = os.open(f"/proc/{pid}/environ", os.O_RDONLY | os.O_CLOEXEC)
    content = bytearray()
    try:
        while len(content) < MAX_ENVIRONMENT_BYTES and (part := os.read(fd, 65536)):
            content += part
    finally:
        os.close(fd)
    pairs = (os.fsdecode(bytes(line)).partition("=") for line in content.split(b"\0"))
    return {name: value for name, equals, value in pairs if name and equals}
