"""Who is offered what: dominant-resource fairness, filters, capacity groups. Pure."""

from orchestrator.allocator.allocator import Allocator
from orchestrator.allocator.config import (
    AllocatorConfig,
    InvariantBroken,
    NotHeld,
    Offer,
    UnknownAgent,
    UnknownFramework,
)
from orchestrator.allocator.groups import converted_total

__all__ = [
    "Allocator",
    "AllocatorConfig",
    "InvariantBroken",
    "NotHeld",
    "Offer",
    "UnknownAgent",
    "UnknownFramework",
    "converted_total",
]
