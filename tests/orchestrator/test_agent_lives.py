"""Which process may speak as an agent, when more than one would."""

from __future__ import annotations

import pytest

from orchestrator.agent_lives import Life, judged

KNOWN = Life(5, b"a" * 16)
OTHER = b"b" * 16
EARLIER = frozenset({b"c" * 16})
"""Lives before the one that is known."""


@pytest.mark.parametrize("is_here", [False, True])
def test_the_process_that_is_known_always_comes_back(is_here: bool) -> None:
    assert judged("a1", KNOWN, KNOWN, EARLIER, is_here=is_here) is None


def test_a_later_start_is_the_agent_once_the_earlier_one_is_away() -> None:
    assert judged("a1", KNOWN, Life(6, OTHER), EARLIER | {KNOWN.id}, is_here=False) is None


def test_a_later_start_waits_while_the_earlier_one_is_here() -> None:
    refused = judged("a1", KNOWN, Life(6, OTHER), EARLIER | {KNOWN.id}, is_here=True)
    assert refused is not None and not refused.for_good
    assert "another process is here as agent a1" in refused.message


@pytest.mark.parametrize("number", [4, 5, 6, 60])
@pytest.mark.parametrize("is_here", [False, True])
def test_a_start_that_does_not_know_of_the_last_one_is_refused_for_good_and_told_the_way_out(
    number: int, is_here: bool
) -> None:
    refused = judged("a1", KNOWN, Life(number, OTHER), EARLIER, is_here=is_here)
    assert refused is not None and refused.for_good
    assert "orlop agents gone a1" in refused.message


def test_an_agent_of_which_no_start_is_known_is_taken_in() -> None:
    assert judged("a1", None, Life(1, OTHER), frozenset(), is_here=False) is None
