"""What may change of an agent: every pair of some forty configurations, under each policy, by the rules.

A configuration is made of levels, one for each thing that can be set; the tables say for each thing which
level may follow which under `additive`. Nothing here asks the code how it compares.
"""

from __future__ import annotations

import itertools
from typing import Final

import pytest

from agent.host.reconfiguration import Attribute, Configuration, Policy, judge
from api.model.resource import Reservation, Resource
from api.model.resources import Resources
from api.model.values import Items, Ranges, Scalar

ENG: Final = (Reservation("eng", dynamic=False),)
OPS: Final = (Reservation("ops", dynamic=False),)

RESOURCES: Final = {
    ("cpus", "2"): [Resource("cpus", Scalar(2000))],
    ("cpus", "4"): [Resource("cpus", Scalar(4000))],
    ("cpus", "2+1 eng"): [Resource("cpus", Scalar(2000)), Resource("cpus", Scalar(1000), ENG)],
    ("cpus", "2+2 eng"): [Resource("cpus", Scalar(2000)), Resource("cpus", Scalar(2000), ENG)],
    ("cpus", "2+1 ops"): [Resource("cpus", Scalar(2000)), Resource("cpus", Scalar(1000), OPS)],
    ("cpus", "set"): [Resource("cpus", Items(("a", "b")))],
    ("ports", "none"): [],
    ("ports", "1-10"): [Resource("ports", Ranges(((1, 10),)))],
    ("ports", "1-5,6-10"): [Resource("ports", Ranges(((1, 5), (6, 10))))],
    ("ports", "1-20"): [Resource("ports", Ranges(((1, 20),)))],
    ("ports", "5-15"): [Resource("ports", Ranges(((5, 15),)))],
    ("nics", "none"): [],
    ("nics", "a"): [Resource("nics", Items(("a",)))],
    ("nics", "a,b"): [Resource("nics", Items(("a", "b")))],
    ("nics", "b"): [Resource("nics", Items(("b",)))],
}
ATTRIBUTES: Final = {
    ("rack", "none"): [],
    ("rack", "r1"): [Attribute("rack", "r1")],
    ("rack", "r2"): [Attribute("rack", "r2")],
    ("rack", "r1 and r2"): [Attribute("rack", "r1"), Attribute("rack", "r2")],
    ("cores", "none"): [],
    ("cores", "1"): [Attribute("cores", Scalar(1000))],
    ("cores", "2"): [Attribute("cores", Scalar(2000))],
    ("cores", "text 1"): [Attribute("cores", "1")],
    ("slots", "none"): [],
    ("slots", "1-4"): [Attribute("slots", Ranges(((1, 4),)))],
    ("slots", "1-8"): [Attribute("slots", Ranges(((1, 8),)))],
    ("slots", "3-8"): [Attribute("slots", Ranges(((3, 8),)))],
}

MAY_FOLLOW: Final[dict[str, dict[str, set[str]]]] = {
    # what: level -> levels that it may become, besides itself
    "hostname": {"h1": set(), "h2": set()},
    "port": {"5051": set(), "5052": set()},
    "domain": {"unset": {"r/z1", "r/z2"}, "r/z1": set(), "r/z2": set()},
    "cpus": {
        "2": {"4", "2+1 eng", "2+2 eng", "2+1 ops"},
        "4": set(),
        "2+1 eng": {"2+2 eng"},
        "2+2 eng": set(),
        "2+1 ops": set(),
        "set": set(),
    },
    "ports": {
        "none": {"1-10", "1-5,6-10", "1-20", "5-15"},
        "1-10": {"1-5,6-10", "1-20"},
        "1-5,6-10": {"1-10", "1-20"},
        "1-20": set(),
        "5-15": {"1-20"},
    },
    "nics": {"none": {"a", "a,b", "b"}, "a": {"a,b"}, "b": {"a,b"}, "a,b": set()},
    "rack": {"none": {"r1", "r2", "r1 and r2"}, "r1": {"r1 and r2"}, "r2": {"r1 and r2"}, "r1 and r2": set()},
    "cores": {"none": {"1", "2", "text 1"}, "1": set(), "2": set(), "text 1": set()},
    "slots": {"none": {"1-4", "1-8", "3-8"}, "1-4": {"1-8"}, "3-8": {"1-8"}, "1-8": set()},
}
SAME: Final = {("ports", "1-10", "1-5,6-10"), ("ports", "1-5,6-10", "1-10")}
"""Levels that are two ways to write one thing."""

PLAIN: Final = {
    "hostname": "h1",
    "port": "5051",
    "domain": "unset",
    "cpus": "2",
    "ports": "1-10",
    "nics": "a",
    "rack": "r1",
    "cores": "1",
    "slots": "1-4",
}


def variants() -> list[dict[str, str]]:
    """The plain one, each with one level changed, and some with several."""
    found = [PLAIN]
    for what, levels in MAY_FOLLOW.items():
        found += [{**PLAIN, what: level} for level in levels if level != PLAIN[what]]
    found += [
        {**PLAIN, "cpus": "4", "ports": "1-20", "nics": "a,b"},
        {**PLAIN, "cpus": "4", "ports": "5-15"},
        {**PLAIN, "cpus": "2+2 eng", "rack": "r1 and r2", "domain": "r/z1"},
        {**PLAIN, "cpus": "2+1 eng", "rack": "r2"},
        {**PLAIN, "hostname": "h2", "cpus": "4"},
        {**PLAIN, "port": "5052", "domain": "r/z2"},
        {**PLAIN, "nics": "none", "ports": "none", "rack": "none", "cores": "none", "slots": "none"},
        {**PLAIN, "cores": "2", "slots": "1-8"},
        {**PLAIN, "cores": "text 1", "slots": "3-8"},
        {**PLAIN, "cpus": "set", "nics": "b"},
        {**PLAIN, "ports": "1-5,6-10", "slots": "1-8"},
        {**PLAIN, "domain": "r/z1", "slots": "1-8", "nics": "a,b"},
        {**PLAIN, "cpus": "2+2 eng", "nics": "b", "rack": "none"},
        {**PLAIN, "hostname": "h2", "port": "5052", "domain": "r/z1", "cpus": "2+1 ops", "ports": "1-20"},
        {**PLAIN, "rack": "r1 and r2", "cores": "2", "slots": "1-8", "nics": "a,b", "ports": "1-20"},
        {**PLAIN, "cores": "none", "slots": "none"},
    ]
    return found


def made(levels: dict[str, str]) -> Configuration:
    region, _, zone = levels["domain"].partition("/")
    return Configuration(
        hostname=levels["hostname"],
        port=int(levels["port"]),
        resources=Resources(
            resource for key, found in RESOURCES.items() if levels[key[0]] == key[1] for resource in found
        ),
        attributes=tuple(
            attribute for key, found in ATTRIBUTES.items() if levels[key[0]] == key[1] for attribute in found
        ),
        region=None if region == "unset" else region,
        zone=zone or None,
    )


def differs(what: str, old: str, new: str) -> bool:
    return old != new and (what, old, new) not in SAME


VARIANTS: Final = variants()


def test_there_are_at_least_forty_configurations() -> None:
    assert len(VARIANTS) >= 40


@pytest.mark.parametrize("policy", list(Policy))
def test_every_pair_is_judged_by_the_rules(policy: Policy) -> None:
    wrong = []
    for old, new in itertools.product(VARIANTS, VARIANTS):
        changed = [what for what in PLAIN if differs(what, old[what], new[what])]
        refused = {
            Policy.EQUAL: changed,
            Policy.ADDITIVE: [what for what in changed if new[what] not in MAY_FOLLOW[what][old[what]]],
            Policy.ANY: [],
        }[policy]
        judgement = judge(policy, made(old), made(new))
        named = {what for what in PLAIN if any(_names(each.what, what) for each in judgement.refused)}
        if named != set(refused):
            wrong.append(f"{old} -> {new}: refused {named}, by the rules {refused}")
    assert not wrong, "\n".join(wrong[:5])


def _names(difference: str, what: str) -> bool:
    return difference.split("(")[0].split()[:2] in (["resource", what], ["attribute", what]) or (
        difference == {"domain": "fault domain"}.get(what, what)
    )


def test_a_refusal_names_everything_and_the_way_on() -> None:
    old, new = made(PLAIN), made({**PLAIN, "cpus": "4", "rack": "r2", "nics": "none"})
    told = judge(Policy.ADDITIVE, old, new).advice
    assert "attribute rack was r1 (TEXT) and is r2 (TEXT)" in told
    assert "resource nics SET ({a}) is gone" in told
    assert "cpus" not in told
    assert "--reconfiguration-policy any" in told
    assert "resource cpus was 2 and is 4" in judge(Policy.EQUAL, old, made({**PLAIN, "cpus": "4"})).advice
    assert (
        "--reconfiguration-policy additive" in judge(Policy.EQUAL, old, made({**PLAIN, "cpus": "4"})).advice
    )


def test_of_several_attributes_of_one_name_each_finds_its_own() -> None:
    def slots(*ranges: tuple[int, int]) -> Configuration:
        found = tuple(Attribute("slots", Ranges((each,))) for each in ranges)
        return Configuration("h", 1, Resources(()), found)

    assert not judge(Policy.ADDITIVE, slots((1, 2), (1, 4)), slots((1, 4), (1, 3))).refused
    assert judge(Policy.ADDITIVE, slots((1, 4), (1, 4)), slots((1, 4), (1, 3))).refused
