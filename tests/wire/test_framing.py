"""RecordIO and frames: however a stream is cut, the same comes out; what breaks the framing is named."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.wire.errors import RecordError
from api.wire.frames import FrameDecoder, encode_frame
from api.wire.recordio import RecordDecoder, encode_record

PAYLOADS = st.lists(st.binary(max_size=300), max_size=8)


def pieces(stream: bytes, cuts: Sequence[int]) -> Iterator[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return (stream[start:end] for start, end in pairwise(edges))


@pytest.mark.parametrize(
    ("write", "decoder"),
    [(encode_record, RecordDecoder), (encode_frame, FrameDecoder)],
    ids=["record", "frame"],
)
@given(payloads=PAYLOADS, cuts=st.lists(st.integers(min_value=0, max_value=5000), max_size=30))
def test_any_cutting_of_a_stream_gives_the_same(
    write: Callable[[bytes], bytes],
    decoder: Callable[[], RecordDecoder | FrameDecoder],
    payloads: list[bytes],
    cuts: list[int],
) -> None:
    reader = decoder()
    stream = b"".join(map(write, payloads))
    assert [each for piece in pieces(stream, cuts) for each in reader.feed(piece)] == payloads
    reader.finish()


@given(PAYLOADS.filter(bool), st.integers(min_value=1, max_value=10_000))
def test_a_stream_that_ends_within_a_record_is_told(payloads: list[bytes], lost: int) -> None:
    stream = b"".join(map(encode_record, payloads))
    last = len(encode_record(payloads[-1]))
    reader = RecordDecoder()
    reader.feed(stream[: len(stream) - 1 - lost % (last - 1)])
    with pytest.raises(RecordError, match="ended within"):
        reader.finish()


def test_a_record_is_a_decimal_length_a_newline_and_the_bytes() -> None:
    assert encode_record(b'{"a":1}') == b'7\n{"a":1}'
    assert encode_record(b"") == b"0\n"


@pytest.mark.parametrize(
    "line", [b"x\n", b"-1\n", b"+1\n", b" 1\n", b"1 \n", b"\n", b"1.0\n", b"0x1\n", b"\xb2\n"]
)
def test_a_malformed_length_is_refused_and_shown(line: bytes) -> None:
    with pytest.raises(RecordError) as caught:
        RecordDecoder().feed(line + b"abc")
    assert repr(line[:-1]) in str(caught.value)


@pytest.mark.parametrize("cut", [1, 2, 3, 100])
def test_a_length_that_does_not_end_is_refused_before_it_fills_memory(cut: int) -> None:
    reader = RecordDecoder(max_record_bytes=99)
    with pytest.raises(RecordError, match="at most 2 digits"):
        for piece in pieces(b"1" * 100, range(0, 100, cut)):
            reader.feed(piece)


def test_a_record_beyond_the_limit_is_refused_by_its_length_alone() -> None:
    assert RecordDecoder(max_record_bytes=12).feed(b"12\n" + b"x" * 12) == [b"x" * 12]
    with pytest.raises(RecordError, match="13 bytes exceeds the limit of 12"):
        RecordDecoder(max_record_bytes=12).feed(b"13\n")


def test_a_broken_stream_stays_broken() -> None:
    reader = RecordDecoder()
    with pytest.raises(RecordError):
        reader.feed(b"what\n")
    with pytest.raises(RecordError, match="what"):
        reader.feed(b"1\na")


def test_a_frame_is_four_bytes_of_length_and_the_payload() -> None:
    assert encode_frame(b"abc") == b"\x00\x00\x00\x03abc"


def test_frames_beyond_the_limit_are_neither_written_nor_read() -> None:
    with pytest.raises(RecordError, match="4 bytes exceeds the limit of 3"):
        encode_frame(b"abcd", max_frame_bytes=3)
    reader = FrameDecoder(max_frame_bytes=3)
    with pytest.raises(RecordError, match="4 bytes exceeds the limit of 3"):
        reader.feed(encode_frame(b"abcd")[:4])
    with pytest.raises(RecordError):
        reader.feed(b"")


def test_a_link_that_ends_within_a_frame_is_told() -> None:
    reader = FrameDecoder()
    assert reader.feed(encode_frame(b"one") + encode_frame(b"two")[:-1]) == [b"one"]
    with pytest.raises(RecordError, match="ended within"):
        reader.finish()


def test_what_speaks_http_at_the_port_of_the_link_is_told_by_its_name() -> None:
    with pytest.raises(RecordError, match="speaks HTTP: that is another port"):
        FrameDecoder().feed(b"HTTP/1.1 400 Bad Request\r\n")
