"""Whether a task is healthy: what each finding of its health check changes. Pure: no clock, no messages.

    UNKNOWN --PASSED--> HEALTHY <--PASSED/FAILED--> UNHEALTHY --FAILED_TOO_OFTEN--> HOPELESS

Failures before the first success count only after the grace period. A task that is HOPELESS is ended.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from agent.checks.definition import HealthRule


class Health(enum.StrEnum):
    """What is known of a task's health."""

    UNKNOWN = "UNKNOWN"
    """Nothing has succeeded yet, and no failure has counted."""
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    HOPELESS = "HOPELESS"
    """It failed as often in a row as its owner allows."""


class Finding(enum.StrEnum):
    """How a probe went, as far as it matters."""

    PASSED = "PASSED"
    EXCUSED = "EXCUSED"
    """A failure within the grace period, before anything has succeeded."""
    FAILED = "FAILED"
    FAILED_TOO_OFTEN = "FAILED_TOO_OFTEN"


H, F = Health, Finding

TRANSITIONS: Final[dict[tuple[Health, Finding], Health]] = {
    (H.UNKNOWN, F.PASSED): H.HEALTHY,
    (H.UNKNOWN, F.EXCUSED): H.UNKNOWN,
    (H.UNKNOWN, F.FAILED): H.UNHEALTHY,
    (H.UNKNOWN, F.FAILED_TOO_OFTEN): H.HOPELESS,
    (H.HEALTHY, F.PASSED): H.HEALTHY,
    (H.HEALTHY, F.FAILED): H.UNHEALTHY,
    (H.HEALTHY, F.FAILED_TOO_OFTEN): H.HOPELESS,
    (H.UNHEALTHY, F.PASSED): H.HEALTHY,
    (H.UNHEALTHY, F.FAILED): H.UNHEALTHY,
    (H.UNHEALTHY, F.FAILED_TOO_OFTEN): H.HOPELESS,
}

UNTOLD: Final = frozenset({(H.UNKNOWN, F.EXCUSED), (H.HEALTHY, F.PASSED)})
"""What the task's owner is not told: nothing has changed. Each failure that counts is told."""


class InvalidHealthTransition(Exception):
    """A finding that the health does not allow: a fault of the agent's own; report it."""

    def __init__(self, health: Health, finding: Finding) -> None:
        super().__init__(f"a task whose health is {health} cannot take the finding {finding}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """The health after a finding, failures in a row that counted, and whether the owner is told."""

    health: Health
    failures: int
    told: bool


def health_of(healthy: bool | None) -> Health:
    """The health of a task whose owner was told `healthy` last."""
    if healthy is None:
        return Health.UNKNOWN
    return Health.HEALTHY if healthy else Health.UNHEALTHY


def judge(health: Health, failures: int, passed: bool, age: float, rule: HealthRule) -> Judgement:
    """What a probe that ended `age` seconds after the task's start means."""
    finding = _finding(health, failures, passed, age, rule)
    try:
        following = TRANSITIONS[health, finding]
    except KeyError:
        raise InvalidHealthTransition(health, finding) from None
    counted = failures + 1 if finding in (F.FAILED, F.FAILED_TOO_OFTEN) else 0
    return Judgement(following, counted, (health, finding) not in UNTOLD)


def _finding(health: Health, failures: int, passed: bool, age: float, rule: HealthRule) -> Finding:
    if passed:
        return F.PASSED
    if health is H.UNKNOWN and age <= rule.grace:
        return F.EXCUSED
    return F.FAILED_TOO_OFTEN if failures + 1 >= rule.failures else F.FAILED
