"""Growing a filesystem that is not mounted, killed at any moment: begun again, with all that was in it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import shutil
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from provider.plugins.local_disk.commands import Subprocesses
from provider.plugins.local_disk.filesystems import Filesystems, ext4_arguments
from provider.plugins.local_disk.geometry import Layout

MB = 2**20
MOST_KILLS = 60
ENOUGH = 2
"""Kills that left what e2fsck does not mend by itself."""
LATEST = 0.03
"""Seconds after its start at which resize2fs is killed at the latest: mostly it is at work then."""

pytestmark = pytest.mark.needs("ext4")


@pytest.fixture
def original(tmp_path: Path) -> Path:
    """An image of 64 MB whose filesystem holds files."""
    source = tmp_path / "source"
    source.mkdir()
    for number in range(4):
        (source / f"file-{number}").write_bytes(os.urandom(MB))
    image = tmp_path / "original"
    image.touch()
    os.truncate(image, 64 * MB)
    layout = Layout(access_type="mount", fs_type="ext4", bytes_per_inode=16384)
    assert run(*ext4_arguments(image, layout, 64 * MB), "-d", str(source), str(image)) == 0
    return image


def run(*command: str) -> int:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode


def contents(image: Path) -> dict[str, str]:
    target = image.with_name("read-back")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    run("debugfs", "-R", f"rdump / {target}", str(image))
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in target.glob("file-*")}


async def killed_while_it_grows(image: Path, seconds: float) -> bool:
    process = await asyncio.create_subprocess_exec(
        *("resize2fs", str(image)), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    await asyncio.sleep(seconds)
    if process.returncode is None:
        process.kill()
    return await process.wait() < 0


async def test_a_growth_that_was_killed_at_any_moment_is_begun_again_and_nothing_is_lost(
    original: Path, tmp_path: Path
) -> None:
    before, rng, filesystems = contents(original), random.Random(4), Filesystems(Subprocesses())
    assert len(before) == 4
    image, copy = tmp_path / "image", tmp_path / "copy"
    killed = refused = 0
    for _ in range(MOST_KILLS):
        shutil.copyfile(original, image)
        os.truncate(image, rng.choice((72, 80)) * MB)
        killed += await killed_while_it_grows(image, rng.random() * LATEST)
        shutil.copyfile(image, copy)
        refused += run("e2fsck", "-f", "-p", str(copy)) not in (0, 1)
        await filesystems.check(image)
        await filesystems.grow_detached(image)
        assert run("e2fsck", "-f", "-n", str(image)) == 0
        assert contents(image) == before
        if refused >= ENOUGH:
            break
    assert killed > 0
    print(f"{refused} of {killed} kills left what needed more than an ordinary check")


def half_written_superblock(image: Path) -> None:
    """Its blocks are counted anew, and the checksum is still of what was there before."""
    with image.open("r+b") as opened:
        opened.seek(1024 + 4)
        opened.write(struct.pack("<I", image.stat().st_size // 1024))


def resize_inode_behind(image: Path) -> None:
    """The inode that holds room for descriptors is begun anew, and does not hold it yet."""
    assert run("debugfs", "-w", "-R", "set_inode_field <7> block[DIND] 0", str(image)) == 0


@pytest.mark.parametrize("cut", [half_written_superblock, resize_inode_behind])
async def test_a_growth_that_was_killed_between_two_writes_of_its_last_steps_is_begun_again(
    original: Path, tmp_path: Path, cut: Callable[[Path], None]
) -> None:
    """As resize2fs leaves them when it is stopped at each of its writes in turn."""
    before, filesystems, image = contents(original), Filesystems(Subprocesses()), tmp_path / "image"
    shutil.copyfile(original, image)
    os.truncate(image, 72 * MB)
    cut(image)
    assert run("e2fsck", "-f", "-p", str(image)) not in (0, 1), "nothing was cut"
    await filesystems.grow_detached(image)
    assert run("e2fsck", "-f", "-n", str(image)) == 0
    assert contents(image) == before
