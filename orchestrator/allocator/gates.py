"""Which agents and which resources a framework can deal with, as bits.

An agent demands something (its gate), a framework in a role lacks something (its bars); where the two share
a bit, the framework is offered nothing of that agent. Resources have flags (`holdings`), a framework lacks
some; where those share a bit, the resource is left out of its offer. Plain rules, nothing is kept.
"""

from __future__ import annotations

from typing import Final

from orchestrator.allocator.config import AllocatorConfig
from orchestrator.allocator.holdings import REFINED, REVOCABLE, SHARED, Holding
from orchestrator.allocator.traits import AgentCapability, AgentTraits, Capability, FrameworkTraits

GPUS: Final = 1
ONE_ROLE: Final = 2  # the agent knows frameworks of one role only
FLAT_ROLES: Final = 4  # the agent knows roles without "/" only
REMOTE: Final = 8


def gate(traits: AgentTraits, stock: Holding, config: AllocatorConfig) -> int:
    """What an agent with this in stock demands."""
    has_gpus = any(kind.name == "gpus" for kind in stock.amounts)
    is_remote = None not in (traits.region, config.region) and traits.region != config.region
    return (
        GPUS * (has_gpus and config.filter_gpu_resources)
        | ONE_ROLE * (AgentCapability.MULTI_ROLE not in traits.capabilities)
        | FLAT_ROLES * (AgentCapability.HIERARCHICAL_ROLE not in traits.capabilities)
        | REMOTE * is_remote
    )


def bars(traits: FrameworkTraits, role: str) -> int:
    """What of that a framework cannot deal with in this role."""
    has = traits.capabilities
    return (
        GPUS * (Capability.GPU_RESOURCES not in has)
        | ONE_ROLE * (Capability.MULTI_ROLE in has)
        | FLAT_ROLES * ("/" in role)
        | REMOTE * (Capability.REGION_AWARE not in has)
    )


def lacks(traits: FrameworkTraits) -> int:
    """The flags of resources that a framework cannot deal with."""
    has = traits.capabilities
    return (
        REVOCABLE * (Capability.REVOCABLE_RESOURCES not in has)
        | SHARED * (Capability.SHARED_RESOURCES not in has)
        | REFINED * (Capability.RESERVATION_REFINEMENT not in has)
    )


def without(holding: Holding, flags: int) -> Holding:
    """The holding without what has one of these flags."""
    if holding.vector is None:
        holding.derive()
    if not holding.flags & flags:
        return holding
    others = holding.others
    if flags & REFINED and others:
        others = others.filter(lambda resource: len(resource.reservations) < 2)
    return Holding(
        {kind: amount for kind, amount in holding.amounts.items() if not kind.flags & flags}, others
    )
