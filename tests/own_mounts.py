"""A process that runs tests beside others has mounts of its own: what it mounts, the others do not see.

A container has a copy of all mounts that its agent saw, and keeps them busy: were they the mounts of another
process's tests, these could not be taken away. Loop devices, control groups and Podman's containers are still
everybody's, and tests know theirs by their work directories. Without several processes, or without the right
to do it, nothing is changed. A pytest plugin; it must not change the host's mounts.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

import pytest

CLONE_NEWNS = 0x00020000
MS_REC, MS_PRIVATE, MS_SHARED = 0x4000, 1 << 18, 1 << 20


def pytest_configure(config: pytest.Config) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ and os.geteuid() == 0:
        leave_the_others()


def leave_the_others() -> None:
    """Mounts are shared with nobody else from here on; below `/` among those that are, if that was so before,
    as it is where systemd runs. Does nothing where the kernel refuses it. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    shared = _is_shared("/")
    if libc.unshare(CLONE_NEWNS) != 0:
        return
    if Path("/proc/self/ns/mnt").readlink() != Path("/proc/thread-self/ns/mnt").readlink():
        raise OSError("only the main thread may do it: the others keep the mounts that they have")
    for change in (MS_PRIVATE, *((MS_SHARED,) if shared else ())):
        if libc.mount(None, b"/", None, MS_REC | change, None) != 0:
            raise OSError(ctypes.get_errno(), "mount /")


def _is_shared(point: str) -> bool:
    lines = (line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines())
    last = [line for line in lines if line[4] == point][-1]
    return any(field.startswith("shared:") for field in last[6 : last.index("-")])
