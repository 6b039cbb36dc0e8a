"""What exists on the machine, asked of the kernel and of Podman, and a guard that finds leaks with it.

A test that makes mounts, loop devices, containers or processes takes the fixture `leak_guard`: whatever
is there at its end that was not there at its start, and carries the test's tag (a piece of a path or of a
command line), fails the test and is removed. It must not touch what carries no tag of its own: other
tests and other people use the machine at the same time. A pytest plugin.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

SETTLE_SECONDS = 5.0
"""How long processes and lazy unmounts get to go away before they count as leaked."""

REMOVALS = 3
"""Attempts to remove a container."""

LOOP_CLR_FD = 0x4C01
DELETED = " (deleted)"
"""What the kernel adds to the name of a file that is in no folder any more."""


@dataclass(frozen=True)
class Census:
    """What carries a tag: mount points, `device backing-file`, container names, `pid command`, cgroups."""

    mounts: frozenset[str]
    loop_devices: frozenset[str]
    containers: frozenset[str]
    processes: frozenset[str]
    cgroups: frozenset[str]

    def __sub__(self, before: Census) -> Census:
        return Census(
            self.mounts - before.mounts,
            self.loop_devices - before.loop_devices,
            self.containers - before.containers,
            self.processes - before.processes,
            self.cgroups - before.cgroups,
        )

    def __bool__(self) -> bool:
        return any((self.mounts, self.loop_devices, self.containers, self.processes, self.cgroups))

    def __str__(self) -> str:
        kinds = (
            ("mount", self.mounts),
            ("loop device", self.loop_devices),
            ("container", self.containers),
            ("process", self.processes),
            ("cgroup", self.cgroups),
        )
        return "\n".join(f"  {kind}: {one}" for kind, found in kinds for one in sorted(found))


NOTHING = Census(*(frozenset[str]() for _ in fields(Census)))


def take(*tags: str, ask_podman: bool = True) -> Census:
    """All that carries one of the tags now. Podman takes longer to answer than all others together."""
    return Census(
        mounts=frozenset(mounts(*tags)),
        loop_devices=frozenset(loop_devices(*tags)),
        containers=frozenset(containers(*tags) if ask_podman else ()),
        processes=frozenset(processes(*tags)),
        cgroups=frozenset(cgroups(*tags)),
    )


def _carries(text: str, tags: tuple[str, ...]) -> bool:
    return any(tag in text for tag in tags)


def mounts(*tags: str) -> Iterator[str]:
    """Mount points whose own path or source carries a tag, one line of mountinfo each."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields = line.split()
        point, source = fields[4], fields[fields.index("-") + 2]
        if _carries(f"{point} {source} {fields[3]}", tags):
            yield f"{fields[0]} {point}"


def loop_devices(*tags: str) -> Iterator[str]:
    for backing in Path("/sys/block").glob("loop*/loop/backing_file"):
        with contextlib.suppress(OSError):
            file = backing.read_text().strip()
            if _carries(file, tags):
                yield f"/dev/{backing.parent.parent.name} {file}"


def containers(*tags: str) -> Iterator[str]:
    if os.geteuid() != 0 or not shutil.which("podman"):
        return
    listed = subprocess.run(
        ["podman", "ps", "--all", "--format", "json"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    for container in json.loads(listed.stdout or b"[]"):
        if _carries(json.dumps(container), tags):
            yield str(container["Names"][0])


def processes(*tags: str) -> Iterator[str]:
    """Processes whose command line or folder carries a tag; not the test itself and its parents."""
    own = _own_line()
    for folder in Path("/proc").glob("[0-9]*"):
        if int(folder.name) in own:
            continue
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            if command and (_carries(command, tags) or _carries(str((folder / "cwd").readlink()), tags)):
                yield f"{folder.name} {command}"


def _own_line() -> set[int]:
    line, pid = set(), os.getpid()
    while pid > 0:
        line.add(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
    return line


def cgroups(*tags: str) -> Iterator[str]:
    for root, folders, _files in os.walk("/sys/fs/cgroup"):
        yield from (f"{root}/{name}" for name in folders if _carries(name, tags))


def remove(leaked: Census) -> None:
    """Take away what a test left: processes first, mounts from the inside out."""
    for process in leaked.processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process.split()[0]), signal.SIGKILL)
    for name in leaked.containers:
        # The first attempt fails where the monitor was killed, and makes Podman see the end.
        any(_run("podman", "rm", "--force", "--time", "0", name) for _ in range(REMOVALS))
    for mount in sorted(leaked.mounts, key=lambda line: -len(line)):
        _run("umount", "--lazy", mount.split(" ", 1)[1])
    for device in leaked.loop_devices:
        detach(*device.split(" ", 1))
    deadline = time.monotonic() + SETTLE_SECONDS  # the kernel needs a moment for what was killed
    left = sorted(leaked.cgroups, key=len, reverse=True)
    while left and time.monotonic() < deadline:
        left = [path for path in left if not _is_removed(Path(path))]
        time.sleep(0.05 if left else 0)


def detach(device: str, file: str) -> bool:
    """Detach a loop device if it is still the one of that file; whether it was. `file`: its path, of
    which the kernel may tell only the end by now, when the container has gone in which it was attached.

    What it was mounted for may have let it go meanwhile, and the kernel gives its number to whoever asks
    next: to a volume of somebody else's, under whose user it must not be taken away. While it is open here
    the kernel does neither.
    """
    with contextlib.suppress(OSError):
        descriptor = os.open(device, os.O_RDONLY | os.O_CLOEXEC)
        try:
            behind = Path("/sys/block", Path(device).name, "loop", "backing_file").read_text().strip()
            if behind.startswith("/") and file.removesuffix(DELETED).endswith(behind.removesuffix(DELETED)):
                fcntl.ioctl(descriptor, LOOP_CLR_FD, 0)
                return True
        finally:
            os.close(descriptor)
    return False


def _is_removed(group: Path) -> bool:
    """Remove a control group with all below it; whether nothing of it is left."""
    for folder, _, _ in os.walk(group, topdown=False):
        with contextlib.suppress(OSError):
            Path(folder).rmdir()
    return not group.exists()


def _run(*command: str) -> bool:
    """Whether it did what it should."""
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    return ran.returncode == 0


@contextlib.contextmanager
def no_leaks(
    tag: str, settle: float = SETTLE_SECONDS, *, before: Census | None = None, ask_podman: bool = True
) -> Iterator[None]:
    """Fail when something with `tag` is there at the end that was not there at the start, or `before`."""
    before = take(tag) if before is None else before
    try:
        yield
    finally:
        deadline = time.monotonic() + settle
        while (leaked := take(tag, ask_podman=ask_podman) - before) and time.monotonic() < deadline:
            time.sleep(0.2)
        if leaked:
            remove(leaked)
    if leaked:
        pytest.fail(f"left behind:\n{leaked}", pytrace=False)


@pytest.fixture
def leak_guard(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yields the tag: the name of a folder that the test must work in (`short_dir` is made from it).

    Nobody has used it before. Podman is asked after a test that says that it needs Podman.
    """
    tag = f"orlop-test-{uuid.uuid4().hex[:8]}"
    needed = {name for mark in request.node.iter_markers("needs") for name in mark.args}
    with no_leaks(tag, before=NOTHING, ask_podman="podman" in needed):
        yield tag


@pytest.fixture
def short_dir(leak_guard: str) -> Iterator[Path]:
    """A folder with a short path (unix sockets allow 107 bytes) that carries the tag; removed at the end."""
    folder = Path("/tmp", leak_guard)
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        for line in sorted(mounts(leak_guard), key=len, reverse=True):
            # What is still mounted below is a leak, and the guard says so: never delete through it.
            if str(folder) in line:
                break
        else:
            shutil.rmtree(folder, ignore_errors=True)
