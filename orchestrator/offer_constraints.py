"""Offer constraints: which agents a framework wants to be offered at all, by attributes.

For a role there are groups of constraints: an agent is wanted when every constraint of some group holds. A
role without constraints wants every agent. A pseudo-attribute (hostname, region, zone) is text; of attributes
with one name the first counts. A predicate on text that meets an attribute of another type holds, so that the
framework sees the offer and judges for itself. A regular expression is of the whole text.

Pure. Must not: know offers or the allocator.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from api.wire.fault_domain import region_of, zone_of
from api.wire.v1 import mesos, scheduler
from orchestrator.linear_regex import InvalidRegex, Regex

CONSTRAINTS_LIMIT = 1_000
"""Constraints of one framework, over all its roles; more are refused."""

Selector = scheduler.AttributeConstraintSelector
Predicate = scheduler.AttributeConstraintPredicate
Pseudo = scheduler.AttributeConstraintSelectorPseudoattributeType

PSEUDO = (Pseudo.HOSTNAME, Pseudo.REGION, Pseudo.ZONE)
PREDICATES = ("exists", "not_exists", "text_equals", "text_not_equals", "text_matches", "text_not_matches")


def problem_of(constraints: scheduler.OfferConstraints) -> str | None:
    """What is wrong with them, in words for their framework; None when nothing is."""
    count = 0
    for role, of_role in constraints.role_constraints.items():
        where = f"offer_constraints.role_constraints[{role!r}]"
        if not of_role.groups:
            return f"{where}.groups: name at least one group, or leave the role out to want every agent"
        for index, group in enumerate(of_role.groups):
            count += len(group.attribute_constraints)
            if not group.attribute_constraints:
                return f"{where}.groups[{index}] is empty: leave the role out to want every agent"
            for constraint in group.attribute_constraints:
                if problem := _problem(constraint):
                    return f"{where}.groups[{index}]: {problem}"
    if count > CONSTRAINTS_LIMIT:
        return f"offer_constraints: {count} are too many, the limit is {CONSTRAINTS_LIMIT}"
    return None


class Wanted:
    """Which agents may be offered in a role that has these constraints, which were checked."""

    def __init__(self, of_role: scheduler.OfferConstraintsRoleConstraints) -> None:
        self._groups = [
            [
                (each.selector, each.predicate, _regex_of(each.predicate))
                for each in group.attribute_constraints
            ]
            for group in of_role.groups
        ]

    def __call__(self, agent: object) -> bool:
        """`agent`: a mesos.AgentInfo."""
        assert isinstance(agent, mesos.AgentInfo)
        return any(all(_holds(agent, *each) for each in group) for group in self._groups)


def _problem(constraint: scheduler.AttributeConstraint) -> str | None:
    selector = constraint.selector
    named = selector.attribute_name is not UNSET
    if named == (selector.pseudoattribute_type is not UNSET):
        return "a selector names either an attribute or a pseudo-attribute"
    if not named and selector.pseudoattribute_type not in PSEUDO:
        return f"a pseudo-attribute is one of {', '.join(PSEUDO)}"
    chosen = [name for name in PREDICATES if getattr(constraint.predicate, name) is not UNSET]
    if len(chosen) != 1:
        return f"a constraint has one predicate of {', '.join(PREDICATES)}"
    try:
        _regex_of(constraint.predicate)
    except InvalidRegex as why:
        return f"{chosen[0]}: {why}; `.`, classes, groups, `|` and repetitions are served"
    return None


def _regex_of(predicate: Predicate) -> Regex | None:
    """Raises InvalidRegex."""
    if predicate.text_matches is not UNSET:
        return Regex(predicate.text_matches.regex)
    return None if predicate.text_not_matches is UNSET else Regex(predicate.text_not_matches.regex)


def _holds(agent: mesos.AgentInfo, selector: Selector, predicate: Predicate, regex: Regex | None) -> bool:
    found = next(_values(selector, agent), None)
    if predicate.exists is not UNSET:
        return found is not None
    if predicate.not_exists is not UNSET:
        return found is None
    negated = predicate.text_not_equals is not UNSET or predicate.text_not_matches is not UNSET
    if found is None:
        return negated
    return (
        not isinstance(found.text, mesos.ValueText)
        or _is_meant(found.text.value, predicate, regex) != negated
    )


def _is_meant(text: str, predicate: Predicate, regex: Regex | None) -> bool:
    if regex is not None:
        return regex.matches_all_of(text)
    equal = predicate.text_equals if predicate.text_equals is not UNSET else predicate.text_not_equals
    return equal is not UNSET and text == equal.value


def _values(selector: Selector, agent: mesos.AgentInfo) -> Iterator[mesos.Attribute]:
    """What is meant, as attributes."""
    if isinstance(selector.attribute_name, str):
        yield from (each for each in agent.attributes if each.name == selector.attribute_name)
        return
    pseudo = selector.pseudoattribute_type
    if pseudo is Pseudo.HOSTNAME:
        text: str | None = agent.hostname
    else:
        text = region_of(agent.domain) if pseudo is Pseudo.REGION else zone_of(agent.domain)
    if text is not None:
        yield _text(text)


def _text(value: str) -> mesos.Attribute:
    return mesos.Attribute(name="", type=mesos.ValueType.TEXT, text=mesos.ValueText(value=value))
