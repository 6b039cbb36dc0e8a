"""The arithmetic of capacity, and the kernel's mount table, as properties."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.plugins.local_disk.geometry import (
    BYTES_PER_INODE_CHOICES,
    MIB,
    TIB,
    Layout,
    allocated_bytes,
    largest_size,
)
from provider.plugins.local_disk.mounts import parse_mountinfo
from provider.plugins.local_disk.refusals import Refusal
from provider.plugins.local_disk.volume_table import CapacityLedger

ADDING_UP = [
    Layout("block", ""),
    Layout("mount", ""),
    *(Layout("mount", "ext4", each) for each in BYTES_PER_INODE_CHOICES),
]
sizes = st.integers(1, 1 << 20).map(lambda mib: mib * MIB)
bytes_free = st.integers(0, 4 * TIB)


@given(st.sampled_from([*ADDING_UP, Layout("mount", "xfs")]), bytes_free)
def test_what_is_offered_fits_and_a_mib_more_would_not(layout, free):
    size = largest_size(layout, free)
    assert size % MIB == 0
    assert size == 0 or allocated_bytes(layout, size) <= free
    assert allocated_bytes(layout, size + MIB) > free


@given(st.sampled_from(ADDING_UP), bytes_free, sizes)
def test_a_volume_takes_exactly_its_size_from_what_is_offered(layout, free, size):
    offered = largest_size(layout, free)
    if size <= offered:
        assert largest_size(layout, free - allocated_bytes(layout, size)) == offered - size


@given(st.sampled_from(ADDING_UP), sizes)
def test_images_are_whole_blocks(layout, size):
    assert allocated_bytes(layout, size) % 4096 == 0


changes = st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 60)), max_size=40)


@given(st.integers(0, 200), changes)
def test_the_ledger_never_promises_more_than_there_is(total, changes):
    ledger, expected = CapacityLedger(total), dict[str, int]()
    for volume_id, size in changes:
        if size == 0:
            ledger.release(volume_id)
            expected.pop(volume_id, None)
        else:
            fits = sum(expected.values()) - expected.get(volume_id, 0) + size <= total
            with contextlib.nullcontext() if fits else pytest.raises(Refusal):
                ledger.charge(volume_id, size)
            if fits:
                expected[volume_id] = size
        assert ledger.free == total - sum(expected.values())


def test_a_pool_made_smaller_than_its_volumes_has_nothing_left():
    ledger = CapacityLedger(100)
    ledger.restore("a", 150)
    assert ledger.free == 0
    with pytest.raises(Refusal):
        ledger.charge("b", 1)
    ledger.release("a")
    assert ledger.free == 100


def test_mount_points_with_blanks_backslashes_and_other_scripts_are_read():
    line = r"36 35 7:12 /a\040b /mnt/x\134y\011z-ü rw,noatime shared:1 - ext4 /dev/loop12 rw"
    mount, other = parse_mountinfo(f"{line}\n{line.replace('x', chr(0x2028) + chr(13))}\n")
    assert other.point == "/mnt/\u2028\r\\y\tz-ü", "line breaks that the kernel does not escape"
    assert mount.device == (7, 12)
    assert mount.root == "/a b"
    assert mount.point == "/mnt/x\\y\tz-ü"
    assert not mount.read_only
