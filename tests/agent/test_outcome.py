"""What becomes of a configuration that is read anew: all of it, or nothing and why."""

from __future__ import annotations

from agent.host.outcome import Verdict, weighed
from agent.host.reconfiguration import Configuration, Difference, Judgement, Policy, judge
from api.model.resources import Resource, Resources, Scalar


def configured(cpus: int, hostname: str = "h", port: int = 1) -> Configuration:
    return Configuration(hostname, port, Resources([Resource("cpus", Scalar(cpus * 1000))]))


def setting(name: str) -> Difference:
    return Difference(name, "1", "2", grows=False)


def test_what_the_policy_allows_and_what_no_policy_speaks_of_is_applied() -> None:
    judgement = judge(Policy.ADDITIVE, configured(2), configured(4))
    outcome = weighed(judgement, [], [setting("log-level")])
    assert outcome.refusal is None
    assert [(each.difference.what, each.verdict) for each in outcome.changes] == [
        ("resource cpus", Verdict.ALLOWED),
        ("log-level", Verdict.ALLOWED),
    ]


def test_one_thing_that_the_policy_refuses_keeps_all_from_being_applied_and_is_named_with_the_way_on() -> (
    None
):
    outcome = weighed(judge(Policy.ADDITIVE, configured(4), configured(2)), [], [setting("log-level")])
    assert outcome.refusal is not None and "resource cpus was 4 and is 2" in outcome.refusal
    assert "Set reconfiguration-policy to any" in outcome.refusal and "log-level" not in outcome.refusal
    grown = weighed(judge(Policy.EQUAL, configured(2), configured(4)), [], [])
    assert grown.refusal is not None and "Set reconfiguration-policy to additive" in grown.refusal


def test_what_needs_a_restart_is_named_with_that_and_keeps_all_from_being_applied() -> None:
    outcome = weighed(judge(Policy.ANY, configured(4), configured(2)), [setting("pool-size")], [])
    assert outcome.refusal is not None and "pool-size was 1 and is 2" in outcome.refusal
    assert "orlop agents reconfigure" in outcome.refusal
    assert "Restart it" in outcome.refusal and "cpus" not in outcome.refusal
    assert "would not start again" not in outcome.refusal
    both = weighed(judge(Policy.EQUAL, configured(4), configured(2)), [setting("pool-size")], [])
    assert both.refusal is not None
    assert all(part in both.refusal for part in ("cpus", "pool-size", "would not start again"))


def test_who_an_agent_is_cannot_change_while_it_runs_whatever_the_policy() -> None:
    judgement = judge(Policy.ANY, configured(2), configured(2, "other", 2))
    outcome = weighed(judgement, [setting("hostname"), setting("port")], [])
    assert [each.verdict for each in outcome.changes] == [Verdict.RESTART, Verdict.RESTART]
    refused = weighed(judge(Policy.EQUAL, configured(2), configured(2, "other")), [setting("hostname")], [])
    assert {each.verdict for each in refused.changes} == {Verdict.RESTART, Verdict.REFUSED}


def test_a_host_that_was_given_another_name_needs_a_restart_of_its_agent_though_no_setting_changed() -> None:
    outcome = weighed(judge(Policy.ANY, configured(2), configured(2, "renamed")), [], [])
    assert [each.verdict for each in outcome.changes] == [Verdict.RESTART]
    assert outcome.refusal is not None and "hostname was h and is renamed" in outcome.refusal


def test_without_a_difference_there_is_nothing_to_say() -> None:
    assert weighed(Judgement(Policy.EQUAL), [], []).changes == ()
