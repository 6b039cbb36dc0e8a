"""A seed that fails: cut down to what it needs, and told."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from tests.simulation.acts import Act
from tests.simulation.cluster import FAULTS, HANDS, Cut, Outcome, play
from tests.simulation.diagram import drawn
from tests.simulation.shrink import kind_of, shrunk

EXTRAS = (*FAULTS, *HANDS, "framework-1", "framework-2")
"""What else may be left out of a story."""


@dataclass(frozen=True)
class Found:
    """What a failing story came down to. `needed`: of the extras."""

    outcome: Outcome
    acts: tuple[Act, ...]
    needed: tuple[str, ...]
    plays: int


def cut_down(outcome: Outcome, player: Callable[..., Outcome] = play) -> Found:
    """The smallest story that was found which fails as `outcome` does, drawn."""
    assert outcome.failure is not None
    kind, seed, plays = kind_of(outcome.failure), outcome.seed, 0

    def fails(parts: tuple[Act | str, ...]) -> bool:
        nonlocal plays
        plays += 1
        again = player(seed, None, _cut(parts)).failure
        return again is not None and kind_of(again) == kind

    before = logging.root.manager.disable
    logging.disable()
    try:
        left = shrunk((*outcome.acts, *EXTRAS), fails)
        final = player(seed, None, _cut(left), draw=True)
    finally:
        logging.disable(before)
    acts = tuple(each for each in left if isinstance(each, Act))
    return Found(final, acts, tuple(each for each in left if isinstance(each, str)), plays)


def _cut(parts: tuple[Act | str, ...]) -> Cut:
    names = frozenset(each for each in parts if isinstance(each, str))
    return Cut(tuple(each for each in parts if isinstance(each, Act)), frozenset(EXTRAS) - names)


def told(found: Found) -> str:
    """For people: what is needed, how it goes, and how it ends."""
    outcome = found.outcome
    lines = [
        f"seed {outcome.seed} fails with {len(found.acts)} acts (found in {found.plays} plays):",
        *(f"  {act}" for act in found.acts),
        f"  with: {', '.join(found.needed) or 'nothing else going wrong'}",
        "",
        drawn(outcome.events, outcome.names),
        "",
        str(outcome.failure),
    ]
    return "\n".join(lines)
