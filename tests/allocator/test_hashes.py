"""The same calls give the same offers, in the same order, in every process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORIES = 8


def transcript(hashes: str) -> list[str]:
    """What a process whose hashes begin with this seed was answered."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.allocator.transcript", str(STORIES)],
        env={**os.environ, "PYTHONHASHSEED": hashes},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.splitlines()


def test_the_same_story_gets_the_same_answers_whatever_the_hashes() -> None:
    first, second = transcript("1"), transcript("2")
    assert first[0] != second[0], "the two have the same hashes, so that they show nothing"
    assert first[1:] == second[1:]
    assert len([line for line in first if "Offer(" in line]) > 100
