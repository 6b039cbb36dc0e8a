"""From Podman's log to the sandbox's files: nothing lost, nothing twice, within the limit."""

from __future__ import annotations

import asyncio
import errno
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.containerizer import podman_watch
from agent.containerizer.libpod import Inspected
from agent.containerizer.logs import CHUNK, POSITION, PUMP_CHUNKS, KeptFile, LogSplitter
from agent.containerizer.podman_watch import Watch
from agent.containerizer.shim.cgroups import Hierarchies
from agent.containerizer.shim.output import KeptOutput
from api.model.clock import SystemClock

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


FLOOD = "".join(line(f"{number:07}", "stderr" if number % 3 == 0 else "stdout") for number in range(60_000))
"""Of a program that prints without pause: several pumps' worth of log."""

ENDED = Inspected(
    libpod_id="no-such-container",
    name="flood",
    status="exited",
    pid=0,
    conmon_pid=0,
    exit_code=0,
    oom_killed=False,
    error="",
    started_at=STAMP,
    finished_at=STAMP,
    cgroup_path="",
    static_dir="",
    addresses=(),
    has_input=False,
    labels={},
)


def printed(stream: str) -> str:
    numbers = range(60_000)
    return "".join(f"{number:07}\n" for number in numbers if (number % 3 == 0) == (stream == "stderr"))


class Counted(LogSplitter):
    """Says where its pumps were run."""

    threads: list[int]

    def pump(self) -> bool:
        self.threads.append(threading.get_ident())
        return super().pump()


async def test_flood_leaves_the_event_loop_its_turns_and_is_copied_to_its_end(tmp_path: Path) -> None:
    log, sandbox = places(tmp_path)
    log.write_text(FLOOD)
    splitter = Counted(log, sandbox, len(FLOOD))
    splitter.threads = []
    turns = 0

    async def inspect() -> Inspected | None:
        return ENDED

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    with ThreadPoolExecutor(1) as pool:
        watch = Watch(
            ENDED,
            inspect,
            log.parent,
            splitter,
            Hierarchies(2, {}),
            "orlop-none/flood",
            0,
            SystemClock(),
            pool,
        )
        busy = asyncio.ensure_future(others())
        ended = await watch.until_ended()
        busy.cancel()
    assert ended.status == 0
    assert len(splitter.threads) >= 3
    assert threading.get_ident() not in splitter.threads
    assert turns >= len(splitter.threads)
    for stream in ("stdout", "stderr"):
        assert (sandbox / stream).read_text() == printed(stream)


class Failing(LogSplitter):
    """The host has no descriptor left, say, when it is to copy for the first time."""

    failed = False

    def pump(self) -> bool:
        if not self.failed:
            self.failed = True
            raise OSError(errno.EMFILE, "too many open files")
        return super().pump()


async def test_output_that_cannot_be_copied_for_a_while_neither_ends_the_copying_nor_hides_the_exit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(podman_watch, "QUIET_PAUSE", 0.01)
    log, sandbox = places(tmp_path)
    log.write_text(line("printed"))
    splitter = Failing(log, sandbox, 1000)
    over = asyncio.Event()

    async def inspect() -> Inspected | None:
        await over.wait()
        return ENDED

    with ThreadPoolExecutor(1) as pool:
        rest = (log.parent, splitter, Hierarchies(2, {}), "orlop-none/flood", 0, SystemClock(), pool)
        watch = asyncio.ensure_future(Watch(replace(ENDED, status="running"), inspect, *rest).until_ended())
        async with asyncio.timeout(5):
            while (sandbox / "stdout").read_text() != "printed\n":
                await asyncio.sleep(0.01)
        with log.open("a") as file:
            file.write(line("at the end"))
        splitter.failed = False
        over.set()
        ended = await watch
    assert ended.status == 0


def test_a_position_that_cannot_be_written_or_read_loses_no_output(tmp_path: Path) -> None:
    log, sandbox = places(tmp_path)
    log.write_text(line("a"))
    (log.parent / f".{POSITION}.new").mkdir()  # as a full disk, nothing can be written there
    splitter = LogSplitter(log, sandbox, 1000)
    assert splitter.pump()
    splitter.close()
    assert (sandbox / "stdout").read_text() == "a\n"
    (log.parent / POSITION).write_text("inode 1\noff")  # the host went down
    LogSplitter(log, sandbox, 1000).pump()
    assert (sandbox / "stdout").read_text() == "a\n"


def test_one_pump_copies_a_bounded_part_and_writes_a_streams_part_of_a_chunk_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, sandbox = places(tmp_path)
    log.write_text(FLOOD)
    splitter = LogSplitter(log, sandbox, len(FLOOD))
    writes: list[bytes] = []
    append = KeptFile._append

    def counted(file: KeptFile, data: bytes) -> None:
        writes.append(data)
        append(file, data)

    monkeypatch.setattr(KeptFile, "_append", counted)
    assert splitter.pump()
    assert 0 < len(FLOOD) - splitter.behind() <= PUMP_CHUNKS * CHUNK
    assert len(writes) <= 2 * PUMP_CHUNKS
    while splitter.pump():
        pass
    splitter.close()
    assert (sandbox / "stdout").read_text() == printed("stdout")


@pytest.mark.parametrize("replaced", [False, True])
def test_of_a_backlog_that_is_longer_than_what_is_kept_the_newest_lines_are_copied(
    tmp_path: Path, replaced: bool
) -> None:
    log, sandbox = places(tmp_path)
    limit = len(FLOOD) // 10
    log.write_text("")
    splitter = LogSplitter(log, sandbox, limit)
    splitter.pump()
    cut = FLOOD.index("\n", len(FLOOD) * 9 // 10) + 1
    with log.open("a") as file:
        file.write(FLOOD[:cut] if replaced else FLOOD)
    if replaced:
        fresh = log.with_name("fresh")
        fresh.write_text(FLOOD[cut:])
        fresh.rename(log)
    assert splitter.behind() == len(FLOOD)
    while splitter.pump():
        pass
    assert splitter.behind() == 0
    splitter.close()
    kept = {stream: (sandbox / stream).read_text() for stream in ("stdout", "stderr")}
    for stream, text in kept.items():
        assert printed(stream).endswith(text), "the newest, from a line's start, in order"
        assert text.startswith("0")
    lines = sum(text.count("\n") for text in kept.values())
    assert lines == 2 * limit // len(line("0000000"))
