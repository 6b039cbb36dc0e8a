"""Who is offered what: dominant-resource fairness, filters, capacity groups. Pure."""

from orchestrator.allocator.allocator import Allocator
from orchestrator.allocator.config import (
    AllocatorConfig,
    Headroom,
    InvariantBroken,
    NotHeld,
    UnknownAgent,
    UnknownFramework,
)
from orchestrator.allocator.groups import converted_total
from orchestrator.allocator.offer import Offer
from orchestrator.allocator.quota import NO_QUOTA, Quota, QuotaName
from orchestrator.allocator.sorter import DEFAULT_WEIGHT
from orchestrator.allocator.traits import AgentCapability, AgentTraits, Capability, FrameworkTraits

__all__ = [
    "DEFAULT_WEIGHT",
    "NO_QUOTA",
    "AgentCapability",
    "AgentTraits",
    "Allocator",
    "AllocatorConfig",
    "Capability",
    "FrameworkTraits",
    "Headroom",
    "InvariantBroken",
    "NotHeld",
    "Offer",
    "Quota",
    "QuotaName",
    "UnknownAgent",
    "UnknownFramework",
    "converted_total",
]
