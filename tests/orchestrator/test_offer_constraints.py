"""Which agents a framework's constraints let through."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from agent.host.stated_attributes import stated_attributes
from api.wire.fault_domain import fault_domain
from api.wire.v1 import mesos, scheduler
from orchestrator.offer_constraints import Wanted, problem_of

AGENT = mesos.AgentInfo(
    hostname="host-7",
    attributes=list(stated_attributes("rack:r1;rack:r2;cores:16;slots:[1-4,9-9];kinds:{ssd,nvme}")),
    domain=fault_domain("europe", "a"),
)
RACK: dict[str, Any] = {"attribute_name": "rack"}
HOST: dict[str, Any] = {"pseudoattribute_type": "HOSTNAME"}


def constraints(*groups: list[tuple[dict[str, Any], dict[str, Any]]]) -> scheduler.OfferConstraints:
    document = {
        "role_constraints": {
            "r": {
                "groups": [
                    {"attribute_constraints": [{"selector": s, "predicate": p} for s, p in group]}
                    for group in groups
                ]
            }
        }
    }
    return msgspec.convert(document, scheduler.OfferConstraints)


def is_wanted(*groups: list[tuple[dict[str, Any], dict[str, Any]]]) -> bool:
    made = constraints(*groups)
    assert problem_of(made) is None
    return Wanted(made.role_constraints["r"])(AGENT)


@pytest.mark.parametrize(
    ("selector", "predicate", "holds"),
    [
        (RACK, {"exists": {}}, True),
        (RACK, {"not_exists": {}}, False),
        (RACK, {"text_equals": {"value": "r1"}}, True),
        (RACK, {"text_equals": {"value": "r2"}}, False),  # the first of its name counts
        (RACK, {"text_not_equals": {"value": "r2"}}, True),
        ({"attribute_name": "absent"}, {"text_equals": {"value": ""}}, False),
        ({"attribute_name": "absent"}, {"text_not_equals": {"value": "x"}}, True),
        ({"attribute_name": "absent"}, {"not_exists": {}}, True),
        ({"attribute_name": "cores"}, {"text_equals": {"value": "17"}}, True),  # not text: let through
        ({"attribute_name": "kinds"}, {"text_not_equals": {"value": "ssd"}}, True),
        (HOST, {"text_equals": {"value": "host-7"}}, True),
        (HOST, {"text_matches": {"regex": r"host-\d"}}, True),
        (HOST, {"text_matches": {"regex": "host"}}, False),  # all of it must match
        (HOST, {"text_not_matches": {"regex": "host"}}, True),
        (RACK, {"text_not_matches": {"regex": "r[12]"}}, False),
        ({"attribute_name": "absent"}, {"text_matches": {"regex": ".*"}}, False),
        ({"attribute_name": "absent"}, {"text_not_matches": {"regex": ".*"}}, True),
        ({"attribute_name": "cores"}, {"text_matches": {"regex": "x"}}, True),
        ({"pseudoattribute_type": "REGION"}, {"text_equals": {"value": "europe"}}, True),
        ({"pseudoattribute_type": "ZONE"}, {"text_not_equals": {"value": "a"}}, False),
    ],
)
def test_one_constraint(selector: dict[str, Any], predicate: dict[str, Any], holds: bool) -> None:
    assert is_wanted([(selector, predicate)]) is holds


def test_all_constraints_of_any_group_must_hold() -> None:
    right, wrong = (HOST, {"exists": {}}), (RACK, {"not_exists": {}})
    assert not is_wanted([right, wrong])
    assert is_wanted([right, wrong], [right])


def test_an_agent_without_a_domain_has_no_region() -> None:
    made = constraints([({"pseudoattribute_type": "REGION"}, {"exists": {}})])
    assert not Wanted(made.role_constraints["r"])(mesos.AgentInfo(hostname="h"))


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ([], "name at least one group"),
        ([[]], "is empty"),
        ([[({}, {"exists": {}})]], "either an attribute or a pseudo-attribute"),
        ([[(RACK | HOST, {"exists": {}})]], "either an attribute or a pseudo-attribute"),
        ([[({"pseudoattribute_type": "UNKNOWN"}, {"exists": {}})]], "one of HOSTNAME"),
        ([[(RACK, {})]], "one predicate"),
        ([[(RACK, {"exists": {}, "not_exists": {}})]], "one predicate"),
        ([[(RACK, {"text_matches": {"regex": "(r"}})]], "text_matches: a '(' is not closed"),
        ([[(RACK, {"text_not_matches": {"regex": "(?=r)"}})]], "are served"),
        ([[(RACK, {"exists": {}})] * 1001], "too many"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(groups: Any, why: str) -> None:
    assert why in str(problem_of(constraints(*groups)))


@pytest.mark.parametrize("text", ["rack", "rack:", ":r1", "slots:[1]", "slots:[4-1]", "slots:[1-2,x]"])
def test_attributes_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="as in"):
        stated_attributes(text)
