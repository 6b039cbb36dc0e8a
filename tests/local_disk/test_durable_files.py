"""Files that survive a crash: who waits for which sync, and what a failed write leaves."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provider.plugins.local_disk import durable_files
from provider.plugins.local_disk.durable_files import SharedFolderSync, holds_data, replace_file

SECONDS = 30


class SlowSync:
    """Syncs of a folder, counted; each ends when it is let go. Knows what was in the folder at its begin."""

    def __init__(self) -> None:
        self.begun: list[set[str]] = []
        self.entered = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)

    def __call__(self, folder: Path) -> None:
        self.begun.append({path.name for path in folder.iterdir()})
        self.entered.release()
        assert self.let_go.acquire(timeout=SECONDS)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> SlowSync:
    sync = SlowSync()
    monkeypatch.setattr(durable_files, "sync_folder", sync)
    return sync


def test_all_who_come_during_a_sync_share_the_next_one(tmp_path: Path, slow: SlowSync) -> None:
    shared = SharedFolderSync(tmp_path)

    def change(name: str) -> str:
        (tmp_path / name).touch()
        shared.sync()
        return name

    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(change, "first")
        assert slow.entered.acquire(timeout=SECONDS)
        others = [threads.submit(change, f"other-{number}") for number in range(8)]
        pause = threading.Event()
        assert any(shared._asked == 9 or pause.wait(0.01) for _ in range(SECONDS * 100))
        assert not any(each.done() for each in others), "the sync under way may have missed them"
        slow.let_go.release(9)
        assert {each.result(SECONDS) for each in others} == {f"other-{number}" for number in range(8)}
        assert first.result(SECONDS) == "first"
    assert len(slow.begun) == 2
    assert len(slow.begun[1]) == 9


def test_a_sync_that_fails_fails_for_who_made_it_and_is_made_again_for_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = [OSError("broken disk"), None]

    def sync(folder: Path) -> None:
        error = outcomes.pop(0)
        if error:
            raise error

    monkeypatch.setattr(durable_files, "sync_folder", sync)
    shared = SharedFolderSync(tmp_path)
    with pytest.raises(OSError, match="broken disk"):
        shared.sync()
    shared.sync()
    assert outcomes == []


def test_a_file_that_cannot_be_replaced_keeps_its_old_content_and_leaves_nothing_beside_it(
    tmp_path: Path,
) -> None:
    record = tmp_path / "record"
    replace_file(record, b"old")
    with pytest.raises(FileNotFoundError):
        replace_file(record, b"new", after=tmp_path / "gone")
    assert record.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [record]


def test_space_that_is_only_allocated_is_no_data(tmp_path: Path) -> None:
    image = tmp_path / "image"
    durable_files.allocate(image, 1 << 20)
    assert image.stat().st_blocks * 512 >= 1 << 20
    assert not holds_data(image)
    with image.open("r+b") as file:
        file.seek(1 << 19)
        file.write(b"x")
        os.fsync(file.fileno())
    assert holds_data(image)
