"""No bytes make the codec or RecordIO do anything but read them or say what is wrong (see `fuzzing`)."""

from __future__ import annotations

import pytest

from tests.wire.fuzzing import play

ROUNDS = 25


@pytest.mark.parametrize("first", [0, 1_000, 2_000, 3_000])
def test_no_bytes_are_more_than_read_or_refused(first: int) -> None:
    for seed in range(first, first + ROUNDS):
        try:
            play(seed)
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
