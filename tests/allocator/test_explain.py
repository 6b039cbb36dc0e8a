"""Why an agent that has something free is not offered: each reason, and that the reasons are true."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from api.model.resource import Reservation, Resource
from orchestrator.allocator import (
    AgentCapability,
    AgentTraits,
    Allocator,
    AllocatorConfig,
    Capability,
    FrameworkTraits,
    Quota,
)
from orchestrator.allocator.explain import TEXTS, Code
from tests.allocator.story import Story
from tests.allocator.vocabulary import cpus, gpus, mem, pool, reserved, revocable, shared, these

SMALL = these(cpus(2), mem(1024))
REFINED = reserved(cpus(4), "r").push_reservation(Reservation("r/sub"))

Spoil = Callable[[Allocator], object]


def declined(allocator: Allocator) -> None:
    (offer,) = allocator.allocate_cycle(0.0)
    allocator.decline(offer.framework_id, offer.role, offer.agent_id, offer.resources, 77.0)


def only(allocator: Allocator, *resources: Resource) -> None:
    allocator.update_agent_total("a1", these(*resources))


def pools_are_used(allocator: Allocator) -> None:
    only(allocator, pool("fast", 100, "g"), pool("slow", 100, "g"))
    allocator.allocate("f9", "s", "a1", these(pool("slow", 60, "g")))
    allocator.allocate(None, "t", "a1", these(pool("slow", 40, "g")))


def pools_are_taken_by_nobody(allocator: Allocator) -> None:
    only(allocator, pool("fast", 100, "g"), pool("slow", 100, "g"))
    allocator.allocate(None, None, "a1", these(pool("slow", 100, "g")))


def others_lack(allocator: Allocator) -> None:
    for role in ("q1", "q2", "q3", "q4", "q5"):
        allocator.set_quota(role, Quota({"cpus": 1000, "mem": 1024_000}, {}))


def limited(allocator: Allocator) -> None:
    allocator.set_quota("r", Quota({}, {"cpus": 0, "mem": 31_000}))
    only(allocator, mem(1024))


def limited_above(allocator: Allocator) -> None:
    allocator.add_framework("f1", ["r/sub"])
    allocator.set_quota("r", Quota({}, {"cpus": 0, "mem": 0}))


def below(*resources: Resource) -> Spoil:
    """The framework is in a role below, and the agent has just these."""

    def spoil(allocator: Allocator) -> None:
        allocator.add_framework("f1", ["r/sub"])
        only(allocator, *resources)

    return spoil


def describe(allocator: Allocator, traits: AgentTraits) -> None:
    """The agent registers anew, and says this."""
    allocator.add_agent("a1", allocator.agents["a1"].total, traits=traits)


def flat_agent(allocator: Allocator) -> None:
    allocator.add_framework("f1", ["r/sub"])
    can = frozenset(AgentCapability) - {AgentCapability.HIERARCHICAL_ROLE}
    describe(allocator, AgentTraits("h1", None, can))


def simple_agent(allocator: Allocator) -> None:
    allocator.add_framework("f1", ["r"], traits=FrameworkTraits(frozenset({Capability.MULTI_ROLE})))
    describe(allocator, AgentTraits("h1", None, frozenset()))


CASES: list[tuple[Code, str, str, Spoil]] = [
    (Code.NO_FRAMEWORK, "r", "no framework is subscribed to role r", lambda a: a.remove_framework("f1")),
    (
        Code.FRAMEWORK_DISCONNECTED,
        "r",
        "not connected",
        lambda a: a.set_framework_active("f1", False),
    ),
    (Code.SUPPRESSED, "r", "suppressed role r", lambda a: a.suppress("f1")),
    (Code.AGENT_INACTIVE, "r", "not active", lambda a: a.set_agent_active("a1", False)),
    (Code.NOT_WHITELISTED, "r", "host h1 is not", lambda a: a.set_whitelist(frozenset({"h2"}))),
    (
        Code.NOT_WANTED,
        "r",
        "constraints for role r leave this agent out",
        lambda a: a.add_framework("f1", ["r"], traits=FrameworkTraits(wants={"r": lambda about: False})),
    ),
    (
        Code.OTHER_REGION,
        "r",
        "region there.*REGION_AWARE",
        lambda a: describe(a, AgentTraits("h1", "there")),
    ),
    (Code.CAPABILITY_MISSING, "r", "GPU_RESOURCES.*has gpus", lambda a: only(a, cpus(1), gpus(1))),
    (Code.CAPABILITY_MISSING, "r", "REVOCABLE_RESOURCES.*revocable", lambda a: only(a, revocable(2))),
    (
        Code.CAPABILITY_MISSING,
        "r",
        "SHARED_RESOURCES.*shared",
        lambda a: only(a, reserved(shared("d", 9), "r")),
    ),
    (
        Code.CAPABILITY_MISSING,
        "r/sub",
        "RESERVATION_REFINEMENT.*refines",
        below(REFINED),
    ),
    (
        Code.CAPABILITY_MISSING,
        "r/sub",
        "RESERVATION_REFINEMENT",
        below(cpus(0.001), REFINED),
    ),
    (
        Code.AGENT_CAPABILITY_MISSING,
        "r/sub",
        "HIERARCHICAL_ROLE.*r/sub",
        flat_agent,
    ),
    (
        Code.AGENT_CAPABILITY_MISSING,
        "r",
        "agent lacks the capability MULTI_ROLE",
        simple_agent,
    ),
    (
        Code.RESERVED_FOR_OTHERS,
        "r",
        "other roles: y, z$",
        lambda a: only(a, reserved(cpus(1), "z"), reserved(mem(64), "y")),
    ),
    (Code.BELOW_MINIMUM, "r", "too little.*cpus:0.001", lambda a: only(a, cpus(0.001))),
    (
        Code.GROUP_EXHAUSTED,
        "r",
        "pools fast share.* by a volume or operation for role t, framework f9 in role s$",
        pools_are_used,
    ),
    (
        Code.GROUP_EXHAUSTED,
        "r",
        "pools fast share.* by an operation of an operator$",
        pools_are_taken_by_nobody,
    ),
    (
        Code.QUOTA_LIMIT,
        "r",
        "limit of role r on mem reached: 31MiB, of which it has 0",
        limited,
    ),
    (Code.QUOTA_LIMIT, "r/sub", "limit of role r on (cpus|mem) reached: 0", limited_above),
    (Code.HEADROOM, "r", r"headroom for role q1, q2, q3, 2 more: guarantees lack 5 of cpus", others_lack),
    (Code.FILTERED, "r", "declined .* here, until 77", declined),
]


@pytest.fixture
def allocator() -> Allocator:
    made = Allocator(AllocatorConfig(region="here"))
    made.add_agent("a1", SMALL, traits=AgentTraits("h1"))
    made.add_framework("f1", ["r"])
    return made


@pytest.mark.parametrize(("code", "role", "words", "spoil"), CASES)
def test_the_first_reason_is_named(
    allocator: Allocator, code: Code, role: str, words: str, spoil: Spoil
) -> None:
    assert allocator.withheld(role) == [] or role == "r/sub"
    spoil(allocator)
    (found,) = allocator.withheld(role)
    assert (found.code, found.role, found.agent_id) == (code, role, "a1")
    assert re.search(words, found.text), found.text
    assert allocator.allocate_cycle(1.0) == [], "what is withheld is not offered"
    if code is Code.FILTERED:
        assert found.until is not None and found.until >= 77.0


def test_every_code_has_a_text_and_a_case() -> None:
    assert set(TEXTS) == set(Code) == {code for code, *_ in CASES}


def test_what_is_about_to_be_offered_is_not_withheld(allocator: Allocator) -> None:
    assert allocator.withheld("r") == []
    assert len(allocator.allocate_cycle(0.0)) == 1
    assert allocator.withheld("r") == [], "nothing is free any more"


def test_what_a_limit_leaves_of_an_agent_is_withheld_once_the_rest_is_offered(allocator: Allocator) -> None:
    allocator.set_quota("r", Quota({}, {"cpus": 500, "mem": 1024_000}))
    assert allocator.withheld("r") == []
    (offer,) = allocator.allocate_cycle(0.0)
    assert str(offer.resources.unallocated()) == "cpus:0.5; mem:1024"
    (found,) = allocator.withheld("r")
    assert found.text == "limit of role r on cpus reached: 0.5, of which it has 0.5"


def test_a_guarantee_of_its_own_is_no_reason(allocator: Allocator) -> None:
    allocator.set_quota("r", Quota({"cpus": 2000, "mem": 1024_000}, {}))
    assert allocator.withheld("r") == []
    allocator.add_framework("f2", ["s"])
    (found,) = allocator.withheld("s", "f2")
    assert found.code is Code.HEADROOM and "role r" in found.text
    assert [(offer.framework_id) for offer in allocator.allocate_cycle(0.0)] == ["f1"]


def test_one_framework_and_a_number_of_answers_can_be_asked_for(allocator: Allocator) -> None:
    for number in range(5):
        allocator.add_agent(f"b{number}", SMALL)
    allocator.add_framework("f2", ["r"], suppressed=["r"])
    allocator.suppress("f1")
    assert {each.framework_id for each in allocator.withheld("r")} == {"f1", "f2"}
    assert [each.agent_id for each in allocator.withheld("r", "f2", limit=2)] == ["a1", "b0"]
    assert len(list(allocator.each_withheld("r"))) == 12


Answer = tuple[str, str, str]
"""Framework, role, agent."""


def withheld_in(allocator: Allocator) -> set[Answer]:
    roles = sorted(allocator.cluster.roster.roles)
    found = [each for role in roles for each in allocator.each_withheld(role)]
    assert all(each.text for each in found)
    return {(each.framework_id, each.role, each.agent_id) for each in found}


def open_in(allocator: Allocator, withheld: set[Answer]) -> set[Answer]:
    """Who is told no reason of an agent that has something free."""
    clients = [each for each in allocator.cluster.roster.clients.values() if each.is_subscribed]
    agents = [each for each in allocator.agents.values() if each.star or each.reserved]
    every = {(client.framework_id, client.role.path, agent.id) for client in clients for agent in agents}
    return every - withheld


@pytest.mark.parametrize("seed", range(10))
def test_in_random_stories_the_withheld_is_not_offered_and_the_rest_is(seed: int) -> None:
    """Who is told a reason gets nothing there by the next run. Where one is told none, somebody gets
    something, or others have taken first what there was to take."""
    story = Story(seed)
    for _ in range(30):
        story.step()
        withheld = withheld_in(story.real)
        unexplained = open_in(story.real, withheld)
        offers = story.real.allocate_cycle(story.now)
        story.reference.cycle(story.now, None)
        story.outstanding += offers
        assert not {(offer.framework_id, offer.role, offer.agent_id) for offer in offers} & withheld
        given = {offer.agent_id for offer in offers}
        passed_over = {each for each in unexplained if each[2] not in given}
        assert passed_over <= withheld_in(story.real), "free, not withheld, and not offered"
