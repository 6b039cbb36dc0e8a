"""A framework may have very many roles: that it comes and goes is no look at all agents for each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from orchestrator.allocator import Allocator, AllocatorConfig, Capability, FrameworkTraits
from orchestrator.allocator.agents import Agent
from orchestrator.allocator.config import InvariantBroken
from tests.allocator.vocabulary import cpus, mem, pool, these

ROLES = [f"r{at}" for at in range(50)]
CAPABLE = FrameworkTraits(frozenset(Capability))


class CountedAgents(dict[str, Agent]):
    """Agents that know how often all of them were gone through."""

    looks = 0

    def values(self) -> Iterator[Agent]:  # type: ignore[override]
        self.looks += 1
        yield from list(super().values())


@pytest.fixture
def allocator() -> Allocator:
    made = Allocator(AllocatorConfig())
    for at in range(3):
        made.add_agent(f"a{at}", these(cpus(1), mem(64), pool("x", 90, "g"), pool("y", 90, "g")))
    return made


def counted(allocator: Allocator) -> CountedAgents:
    agents: Mapping[str, Agent] = allocator.cluster.agents
    found = allocator.cluster.agents = CountedAgents(agents)
    return found


def test_a_framework_of_many_roles_comes_and_goes_with_few_looks_at_all_agents(allocator: Allocator) -> None:
    agents = counted(allocator)
    allocator.add_framework("f", ROLES, traits=CAPABLE)
    assert len(allocator.cluster.awake) == 3
    allocator.remove_framework("f")
    assert agents.looks <= 4
    assert not allocator.cluster.roster.clients
    allocator.validate()


def test_whoever_agents_have_notes_of_is_forgotten_by_all_of_them(allocator: Allocator) -> None:
    """Its place, and its bit in their masks, may be another's afterwards."""
    wants = FrameworkTraits(frozenset(Capability), wants={"s": lambda about: False})
    allocator.add_framework("picky", ["s"], traits=wants)
    allocator.add_framework("f", ["r"], traits=CAPABLE)
    offers = allocator.allocate_cycle(0.0)
    assert any(agent.turns for agent in allocator.agents.values())
    for offer in offers:
        allocator.release(offer.framework_id, offer.role, offer.agent_id, offer.resources)
    for framework in ("picky", "f"):
        allocator.remove_framework(framework)
        allocator.validate()
    assert not any(agent.turns or agent.unwanted for agent in allocator.agents.values())
    allocator.add_framework("next", ["s"], traits=CAPABLE)
    assert len(allocator.allocate_cycle(1.0)) == 3


def test_the_books_notice_what_is_remembered_of_those_that_are_gone(allocator: Allocator) -> None:
    allocator.add_framework("f", ["r"], traits=CAPABLE)
    allocator.agents["a0"].unwanted = 1
    with pytest.raises(InvariantBroken, match="unwanted by who wants every agent"):
        allocator.validate()
