"""The number of a loop device goes to another file as soon as it is free: nothing is done to that one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from provider.plugins.local_disk.loop_devices import KernelLoops, LoopDevice
from tests import census
from tests.census import loop_devices
from tests.local_disk.driver import MIB

pytestmark = pytest.mark.needs("root", "mount", "loop", "ext4")
TRIES = 50
"""Somebody else on the machine may be quicker in taking a number that has become free."""


def run(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def path_of(file: Path) -> str:
    """The device attached to the file; empty when there is none."""
    return next((line.split()[0] for line in loop_devices(str(file))), "")


def image(folder: Path, name: str) -> Path:
    path = folder / f"{name}.image"
    path.write_bytes(name.encode() * (MIB // len(name)))
    return path


@pytest.fixture
def folder(short_dir: Path) -> Iterator[Path]:
    with ExitStack() as stack:
        for name in ("ours", "theirs"):
            path = short_dir / f"{name}.image"
            stack.callback(lambda path=path: census.detach(path_of(path), str(path)))
        yield short_dir


def moved(loops: KernelLoops, ours: Path, theirs: Path) -> LoopDevice:
    """What was our file's device when it was found, and is another file's by now."""
    for _ in range(TRIES):
        device, descriptor = loops.attach(ours, until_unused=False)
        os.close(descriptor)
        run("losetup", "--detach", device.path)
        if subprocess.run(["losetup", device.path, theirs], check=False, timeout=60).returncode == 0:
            return device
    raise AssertionError("its number was taken by others each time")


def test_a_device_that_has_become_another_files_is_neither_detached_nor_changed(folder: Path) -> None:
    loops, theirs = KernelLoops(), image(folder, "theirs")
    device = moved(loops, image(folder, "ours"), theirs)
    loops.detach(device)
    assert path_of(theirs) == device.path
    for change in (lambda: loops.set_read_only(device, True), lambda: loops.refresh_size(device)):
        with pytest.raises(OSError, match="detached meanwhile"):
            change()
    assert not loops.read_only(device)
    assert Path(device.path).read_bytes()[:6] == b"theirs"


def test_what_a_test_leaves_is_detached_unless_its_number_has_become_another_files(folder: Path) -> None:
    ours, theirs = image(folder, "ours"), image(folder, "theirs")
    device = moved(KernelLoops(), ours, theirs)
    then = f"{device.path} {ours}"  # as a census found it, before what used it was unmounted
    census.remove(census.Census(frozenset(), frozenset({then}), *([frozenset()] * 3)))
    assert path_of(theirs) == device.path
    now = f"{device.path} {theirs}"
    census.remove(census.Census(frozenset(), frozenset({now}), *([frozenset()] * 3)))
    assert not path_of(theirs)


class MovesWhenFound(KernelLoops):
    """The device that is found goes to another file before anything is done to it."""

    def __init__(self, theirs: Path) -> None:
        super().__init__()
        self._theirs = theirs
        self.moved = False

    def find(self, image: Path) -> LoopDevice | None:
        device = super().find(image)
        if device is not None and not self.moved:
            run("losetup", "--detach", device.path)
            taken = subprocess.run(["losetup", device.path, self._theirs], check=False, timeout=60)
            self.moved = taken.returncode == 0
        return device


def test_a_volume_is_attached_anew_when_the_device_that_was_found_has_gone_to_another(folder: Path) -> None:
    ours, theirs = image(folder, "ours"), image(folder, "theirs")
    for _ in range(TRIES):
        loops = MovesWhenFound(theirs)
        _, before = loops.attach(ours, until_unused=False)
        os.close(before)
        device, descriptor = loops.held(ours)
        try:
            assert os.pread(descriptor, 4, 0) == b"ours"
        finally:
            os.close(descriptor)
        if loops.moved:
            break
    assert loops.moved
    assert path_of(theirs) != device.path
