"""What the findings of a health check come to."""

from __future__ import annotations

import pytest

from agent.checks.definition import HealthRule
from agent.checks.health import TRANSITIONS, Finding, Health, Judgement, health_of, judge

RULE = HealthRule(failures=3, grace=10.0)


def follow(*probes: tuple[bool, float], rule: HealthRule = RULE) -> list[Judgement]:
    """The judgements on (passed, age) one after the other."""
    health, failures, told = Health.UNKNOWN, 0, []
    for passed, age in probes:
        judged = judge(health, failures, passed, age, rule)
        health, failures = judged.health, judged.failures
        told.append(judged)
    return told


def test_the_first_success_is_told_and_further_ones_are_not() -> None:
    first, second = follow((True, 1), (True, 2))
    assert (first.health, first.told) == (Health.HEALTHY, True)
    assert not second.told


def test_failures_in_the_grace_period_count_for_nothing() -> None:
    judged = follow((False, 1), (False, 5), (False, 10))
    assert {(each.health, each.failures, each.told) for each in judged} == {(Health.UNKNOWN, 0, False)}


def test_the_grace_period_ends_with_the_first_success() -> None:
    *_, failed = follow((True, 1), (False, 2))
    assert (failed.health, failed.failures, failed.told) == (Health.UNHEALTHY, 1, True)


def test_as_many_failures_in_a_row_as_allowed_are_the_end() -> None:
    judged = follow((False, 11), (False, 12), (False, 13))
    assert [each.health for each in judged] == [Health.UNHEALTHY, Health.UNHEALTHY, Health.HOPELESS]
    assert all(each.told for each in judged)


def test_a_success_in_between_counts_from_the_beginning_again() -> None:
    judged = follow((False, 11), (False, 12), (True, 13), (False, 14), (False, 15))
    assert judged[-1] == Judgement(Health.UNHEALTHY, 2, told=True)


def test_one_allowed_failure_ends_a_task_at_once() -> None:
    (judged,) = follow((False, 11), rule=HealthRule(1, 10.0))
    assert judged.health is Health.HOPELESS


@pytest.mark.parametrize(
    ("told", "health"), [(None, Health.UNKNOWN), (True, Health.HEALTHY), (False, Health.UNHEALTHY)]
)
def test_what_was_told_before_a_restart_is_where_it_goes_on(told: bool | None, health: Health) -> None:
    assert health_of(told) is health


def test_nothing_follows_on_hopelessness() -> None:
    assert not [pair for pair in TRANSITIONS if pair[0] is Health.HOPELESS]
    assert {finding for _, finding in TRANSITIONS} == set(Finding)
