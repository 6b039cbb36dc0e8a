"""A story that fails: cut down to what it needs, played again to the last line, and told as a diagram."""

from __future__ import annotations

import pytest

from tests.simulation.cluster import play
from tests.simulation.diagram import drawn
from tests.simulation.failing import cut_down, told
from tests.simulation.planted import PLANTS
from tests.simulation.shrink import kind_of, shrunk
from tests.simulation.trace import Event


@pytest.mark.parametrize("needed", [set(), {4}, {3, 17}, {0, 1, 29}, set(range(30))])
def test_a_list_is_cut_down_to_what_is_needed(needed: set[int]) -> None:
    plays = []

    def fails(parts: tuple[int, ...]) -> bool:
        plays.append(parts)
        return needed <= set(parts)

    assert shrunk(range(30), fails) == tuple(sorted(needed))
    assert len(plays) <= 150


def test_cutting_down_ends_after_so_many_plays() -> None:
    plays = []

    def fails(parts: tuple[int, ...]) -> bool:
        plays.append(parts)
        return len(parts) > 50

    assert len(shrunk(range(1000), fails, tries=20)) > 50
    assert len(plays) == 20


def test_two_failures_are_of_one_kind_when_only_names_and_numbers_differ() -> None:
    one = kind_of("volume agent-0-csi/8 (vol-c9cf7a93-7888) exists on agent-0 and nobody knows\nmore")
    assert one == kind_of("volume agent-2-csi/11 (vol-1234567-9999) exists on agent-1 and nobody knows")
    assert one != kind_of("the orchestrator is down")


def test_a_failing_seed_is_cut_down_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    PLANTS["a_write_without_its_epoch"](monkeypatch)
    outcome = next(outcome for seed in range(1000, 1050) if (outcome := play(seed)).failure is not None)
    found = cut_down(outcome)
    assert 0 < len(found.acts) < len(outcome.acts)
    assert set(found.acts) <= set(outcome.acts)
    assert found.outcome.failure is not None
    assert kind_of(found.outcome.failure) == kind_of(str(outcome.failure))
    text = told(found)
    assert f"seed {outcome.seed} fails with {len(found.acts)} acts" in text
    assert all(str(act) in text for act in found.acts)
    assert "==== BROKEN" in text and "->|" in text


def test_a_story_is_drawn_with_a_column_for_each_who_takes_part() -> None:
    events = [
        Event(0.5, "agent-0", "orchestrator", "REGISTER"),
        Event(0.6, "orchestrator", "agent-0", "REGISTERED (e1)"),
        Event(0.7, "orchestrator", "", "is killed"),
        Event(1.0, "chaos", "", "reboot (agent-0)"),
    ]
    head, *lines = drawn(events, ["orchestrator", "agent-0", "framework-0"]).splitlines()
    assert head.split() == ["orchestrator", "agent-0"]
    assert lines[0].split() == ["0.5000", "|<---", "REGISTER", "---|"]
    assert lines[1].split()[0] == "0.6000" and "REGISTERED (e1)" in lines[1] and lines[1].endswith(">|")
    assert lines[2].split() == ["0.7000", "*", "is", "killed", "|"]
    assert "==== chaos: reboot (agent-0) ====" in lines[3]
