"""Offer constraints: which agents a framework wants to be offered at all, by attributes.

For a role there are groups of constraints: an agent is wanted when every constraint of some group holds. A
role without constraints wants every agent. A pseudo-attribute (hostname, region, zone) is text; of attributes
with one name the first counts. A predicate on text that meets an attribute of another type holds, so that the
framework sees the offer and judges for itself.

Pure. Must not: know offers or the allocator.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from api.wire.fault_domain import region_of, zone_of
from api.wire.v1 import mesos, scheduler

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


def wants(of_role: scheduler.OfferConstraintsRoleConstraints, agent: object) -> bool:
    """Whether an agent, a mesos.AgentInfo, may be offered in a role that has these, which were checked."""
    assert isinstance(agent, mesos.AgentInfo)
    return any(
        all(_holds(constraint, agent) for constraint in group.attribute_constraints)
        for group in of_role.groups
    )


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
    if chosen[0] in ("text_matches", "text_not_matches"):
        return (
            f"{chosen[0]}: regular expressions are not served: name the values, each by text_equals in a "
            "group of its own, or by text_not_equals in one group"
        )
    return None


def _holds(constraint: scheduler.AttributeConstraint, agent: mesos.AgentInfo) -> bool:
    found = next(_values(constraint.selector, agent), None)
    predicate = constraint.predicate
    if predicate.exists is not UNSET:
        return found is not None
    if predicate.not_exists is not UNSET:
        return found is None
    text = found.text.value if found is not None and isinstance(found.text, mesos.ValueText) else None
    if predicate.text_equals is not UNSET:
        return found is not None and (text is None or text == predicate.text_equals.value)
    assert predicate.text_not_equals is not UNSET
    return text is None or text != predicate.text_not_equals.value


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
