"""From Podman's log to the sandbox's files: nothing lost, nothing twice, within the limit."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agent.containerizer.logs import LogSplitter
from agent.containerizer.shim.output import KeptOutput

STAMP = "2026-01-02T03:04:05.000000006+00:00"


def line(text: str, stream: str = "stdout", whole: bool = True) -> str:
    return f"{STAMP} {stream} {'F' if whole else 'P'} {text}\n"


def places(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "runtime").mkdir()
    (tmp_path / "sandbox").mkdir()
    return tmp_path / "runtime" / "log", tmp_path / "sandbox"


def test_streams_are_told_apart_and_partial_lines_joined(tmp_path: Path) -> None:
    log, sandbox = places(tmp_path)
    log.write_text(line("one ") + line("oops", "stderr") + line("tw", whole=False) + line("o"))
    splitter = LogSplitter(log, sandbox, 1000)
    assert splitter.pump()
    assert not splitter.pump()
    splitter.close()
    assert (sandbox / "stdout").read_text() == "one \ntwo\n"
    assert (sandbox / "stderr").read_text() == "oops\n"


def test_line_that_is_still_being_written_is_left_for_later(tmp_path: Path) -> None:
    log, sandbox = places(tmp_path)
    log.write_text(line("first") + line("second")[:-3])
    splitter = LogSplitter(log, sandbox, 1000)
    splitter.pump()
    assert (sandbox / "stdout").read_text() == "first\n"
    with log.open("a") as file:
        file.write(line("second")[-3:])
    splitter.pump()
    assert (sandbox / "stdout").read_text() == "first\nsecond\n"


def test_next_life_goes_on_where_the_last_position_was_written(tmp_path: Path) -> None:
    log, sandbox = places(tmp_path)
    log.write_text(line("a"))
    LogSplitter(log, sandbox, 1000).pump()
    with log.open("a") as file:
        file.write(line("b"))
    with (sandbox / "stdout").open("a") as file:
        file.write("b\n")  # copied by a life that ended before it wrote its position
    LogSplitter(log, sandbox, 1000).pump()
    assert (sandbox / "stdout").read_text() == "a\nb\n"


def test_log_that_was_begun_anew_is_read_from_its_start(tmp_path: Path) -> None:
    log, sandbox = places(tmp_path)
    log.write_text(line("old"))
    splitter = LogSplitter(log, sandbox, 1000)
    splitter.pump()
    with log.open("a") as file:
        file.write(line("last of the old"))
    fresh = log.with_name("fresh")
    fresh.write_text(line("new"))
    fresh.rename(log)
    splitter.pump()
    assert (sandbox / "stdout").read_text() == "old\nlast of the old\nnew\n"


def test_container_without_a_log_yet_is_nothing_special(tmp_path: Path) -> None:
    log, sandbox = places(tmp_path)
    assert not LogSplitter(log, sandbox, 1000).pump()
    assert (sandbox / "stdout").read_text() == ""


@given(st.lists(st.binary(min_size=1, max_size=300), max_size=30), st.integers(2, 400))
def test_kept_output_is_the_newest_and_never_more_than_the_limit(chunks: list[bytes], limit: int) -> None:
    import os
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "stdout"
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        output = KeptOutput(reading, str(path), limit)
        for chunk in chunks:
            os.write(writing, chunk)
            output.pump()
        os.close(writing)
        output.close()
        older = path.with_name("stdout.1")
        kept = (older.read_bytes() if older.exists() else b"") + path.read_bytes()
    written = b"".join(chunks)
    assert written.endswith(kept)
    assert len(kept) <= limit
    assert len(kept) >= min(len(written), limit // 2)


def test_what_a_program_prints_is_kept_byte_for_byte(tmp_path: Path) -> None:
    log, sandbox = places(tmp_path)
    printed = b"one\r two\r\n\x0b\x0c\x85\x00\xff"
    stamp = STAMP.encode()
    log.write_bytes(b"%b stdout F one\r two\r\n%b stdout P \x0b\x0c\x85\x00\xff\n" % (stamp, stamp))
    splitter = LogSplitter(log, sandbox, 1000)
    assert splitter.pump()
    splitter.close()
    assert (sandbox / "stdout").read_bytes() == printed
