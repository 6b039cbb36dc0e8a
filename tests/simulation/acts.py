"""What goes wrong in a story, drawn before it is played: a list that can be cut down and played again. Pure.

An act says what happens to whom and when, and nothing of how things stand then: so any part of a list is a
list, and plays the same way whenever it is played.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

SHORT = (0.01, 0.5, 0.5, 3.0, 25.0)
"""Seconds that a process is down."""

PAUSES = (0.3, 1.5, 4.0, 8.0, 30.0)
"""Seconds that a process is stopped, or a way is silent."""

JUMPS = (-86_400.0, -3_600.0, -5.0, 5.0, 3_600.0, 86_400.0)
"""Seconds that a wall clock jumps."""


@dataclass(frozen=True, slots=True)
class Act:
    """`at`: seconds since things began to go wrong. What the others mean depends on `what`; `pick` chooses
    among what there is then, from 0 to 1."""

    at: float
    what: str
    who: str
    other: str = ""
    seconds: float = 0.0
    number: int = 0
    pick: float = 0.0

    def __str__(self) -> str:
        where = f"{self.who} -> {self.other}" if self.other else self.who
        more = f", {self.seconds:g} s" if self.seconds else ""
        more += f", {self.number} commits later" if self.number else ""
        return f"{self.at:6.2f} s: {self.what} ({where}{more})"


@dataclass(frozen=True)
class Cast:
    """Who there is: names of parts. `database`: "" when the orchestrator has its own."""

    orchestrators: tuple[str, ...]
    agents: tuple[str, ...]
    frameworks: tuple[str, ...]
    database: str = ""


def drawn(rng: random.Random, cast: Cast, seconds: float, mean_pause: float) -> tuple[Act, ...]:
    """The acts of one story, in order."""
    acts: list[Act] = []
    at = rng.expovariate(1.0 / mean_pause)
    while at < seconds:
        acts.append(_drawn(rng, cast, at))
        at += rng.expovariate(1.0 / mean_pause)
    return tuple(acts)


def _drawn(rng: random.Random, cast: Cast, at: float) -> Act:
    agent, orchestrator = rng.choice(cast.agents), rng.choice(cast.orchestrators)
    framework, pick = rng.choice(cast.frameworks or cast.agents), rng.random()
    what = rng.choice(_SHARED if cast.database else _OWN)
    if what.startswith("kill "):
        who = {"kill orchestrator": orchestrator, "kill framework": framework}.get(what, agent)
        down = rng.choice(SHORT)
        return Act(at, what, who, seconds=min(down, 5.0) if who == orchestrator else down, pick=pick)
    if what.startswith("doom "):
        who = orchestrator if what == "doom orchestrator" else agent
        return Act(at, what, who, number=rng.randrange(1, 12), pick=pick)
    if what.startswith("stop "):
        who = {"stop orchestrator": orchestrator, "stop framework": framework}.get(what, agent)
        return Act(at, what, who, seconds=rng.choice(PAUSES))
    if what == "partition":
        return Act(at, what, rng.choice((agent, orchestrator)), seconds=rng.choice((1.0, 8.0, 40.0)))
    if what == "silence":
        ends = rng.choice(_ways(orchestrator, agent, framework, cast.database))
        return Act(at, what, *(ends if rng.random() < 0.5 else ends[::-1]), seconds=rng.choice(PAUSES))
    if what == "fade":
        return Act(at, what, orchestrator, cast.database, seconds=rng.choice((4.0, 8.0)))
    if what == "clock jumps":
        who = rng.choice((agent, agent, orchestrator, *((cast.database,) if cast.database else ())))
        return Act(at, what, who, seconds=rng.choice(JUMPS))
    if what in ("cut database", "end orchestrator"):
        return Act(at, what, orchestrator, pick=pick)
    return Act(at, what, cast.database if what == "restart database" else agent, pick=pick)


def _ways(orchestrator: str, agent: str, framework: str, database: str) -> Sequence[tuple[str, str]]:
    ways = [(orchestrator, agent), (orchestrator, agent), (orchestrator, framework)]
    return [*ways, (orchestrator, database), (orchestrator, database)] if database else ways


_OWN = (
    "kill orchestrator",
    *("doom orchestrator",) * 2,
    *("doom agent",) * 3,
    "kill agent",
    "kill plugin",
    "kill executor",
    "kill framework",
    "cut link",
    "cut stream",
    "cut provider",
    "partition",
    "silence",
    "stop orchestrator",
    "stop agent",
    "stop framework",
    "clock jumps",
    "reboot",
    "kill plugin",
)
_SHARED = (
    *_OWN,
    "kill orchestrator",
    "doom orchestrator",
    "end orchestrator",
    "restart database",
    *("stop orchestrator",) * 3,
    *("silence",) * 2,
    *("cut database",) * 3,
    *("fade",) * 2,
)
