"""Fixed point and sizes: what rounds which way, what is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.model.quantity import (
    MAX_MILLI,
    MAX_SIZE_BYTES,
    MB,
    InvalidQuantity,
    bytes_to_mb_down,
    bytes_to_mb_up,
    format_milli,
    format_size,
    from_milli,
    mb_milli_to_bytes,
    parse_size,
    to_milli,
)
from tests.model.samples import LAWFUL


@pytest.mark.parametrize(
    ("units", "milli"),
    [(0, 0), (1, 1000), (0.1, 100), (0.1 + 0.2, 300), (1.0005, 1001), (0.0005, 1), (0.0004, 0), (2.5, 2500)],
)
def test_units_round_to_the_nearest_thousandth_half_up(units: float, milli: int) -> None:
    assert to_milli(units) == milli


@pytest.mark.parametrize("units", [math.nan, math.inf, -math.inf, -0.001, -1, 1e300, MAX_MILLI / 999])
def test_what_is_no_quantity_is_refused(units: float) -> None:
    with pytest.raises(InvalidQuantity):
        to_milli(units)


@LAWFUL
@given(st.integers(0, MAX_MILLI))
def test_every_milli_amount_survives_the_way_through_a_float(milli: int) -> None:
    assert to_milli(from_milli(milli)) == milli
    assert to_milli(float(format_milli(milli))) == milli


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512MiB", 512 * MB),
        ("1.5TiB", 3 * 2**39),
        ("10GB", 10**10),
        ("1048576", 2**20),
        ("0", 0),
        ("7B", 7),
        (" 1 gib ", 2**30),
        ("0.3KiB", 308),
        ("8388607TiB", 8388607 * 2**40),
    ],
)
def test_sizes_are_read_in_binary_and_decimal_units(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "-1GiB", "1 2", "GiB", "1e9", "0x10", "1,5GiB", "1XiB", "1G", "inf", "1.", ".5GiB", "١GiB"]
)
def test_what_is_no_size_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidQuantity, match="is not a size: write for example 512MiB"):
        parse_size(text)


@pytest.mark.parametrize("text", ["9223372036854775808", "8EiB", "999999999EiB"])
def test_sizes_beyond_int64_are_refused(text: str) -> None:
    with pytest.raises(InvalidQuantity, match="too large"):
        parse_size(text)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0B"),
        (900, "900B"),
        (2**30, "1GiB"),
        (3 * 2**39, "1.5TiB"),
        (10**10, "9.31GiB"),
        (2**20 * 100, "100MiB"),
    ],
)
def test_sizes_are_shown_in_the_largest_unit_that_fits(size: int, text: str) -> None:
    assert format_size(size) == text


@LAWFUL
@given(st.integers(0, MAX_SIZE_BYTES))
def test_a_volume_rounds_up_to_whole_megabytes_and_a_pool_down(size: int) -> None:
    assert bytes_to_mb_down(size) * MB <= size <= bytes_to_mb_up(size) * MB
    assert bytes_to_mb_up(size) - bytes_to_mb_down(size) == (size % MB > 0)
    assert mb_milli_to_bytes(bytes_to_mb_up(size) * 1000) == bytes_to_mb_up(size) * MB
