"""What the allocator is told once, and what it answers with. Plain values, no decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.model.errors import StaleView

AgentId = str
FrameworkId = str

# Pairs of (what was refused, when that ends) that the allocator remembers at most, over all agents; each
# costs some hundred bytes, however many frameworks it binds. Beyond it those that end soonest are dropped,
# so that their frameworks are merely asked again a little early.
MAX_FILTER_MASKS = 500_000

# Refusals that one framework, in one role, has in force on one agent. Beyond it the one that ends soonest is
# dropped, so that it is merely asked again a little early.
MAX_REFUSALS = 8

# Disks that can be divided are offered in whole MB: no volume is smaller.
WHOLE_MB = 1000


@dataclass(frozen=True)
class AllocatorConfig:
    """How offers are made.

    min_allocatable: alternatives, each a set of amounts in milli-units by name that must all be there
        for an offer to be worth making; none: any amount is. Disks of a resource provider of 1 MB or
        more, and persistent volumes, are always worth an offer.
    fair_sharing_excluded: names that do not count in dominant shares.
    allocation_interval: seconds from one run over all agents to the next.
    region: where the orchestrator is; agents elsewhere are offered to REGION_AWARE frameworks only.
    filter_gpu_resources: whether agents with GPUs are offered to GPU_RESOURCES frameworks only.
    """

    min_allocatable: tuple[Mapping[str, int], ...] = field(default=({"cpus": 10}, {"mem": 32_000}))
    fair_sharing_excluded: frozenset[str] = frozenset()
    max_filter_masks: int = MAX_FILTER_MASKS
    allocation_interval: float = 1.0
    region: str | None = None
    filter_gpu_resources: bool = True


@dataclass(frozen=True, slots=True)
class Headroom:
    """What is kept free for guarantees, by name in milli-units, over the whole cluster.

    required: what roles lack of their guarantees; available: what is free, unreserved and not revocable.
    What is available beyond the required may go to anybody.
    """

    required: Mapping[str, int]
    available: Mapping[str, int]


class NotHeld(StaleView):
    """Something is given back that was not held. The caller's books differ from the allocator's."""


class UnknownAgent(StaleView):
    """The agent is not known here: add it first."""


class UnknownFramework(StaleView):
    """The framework is not known here: add it first."""


class InvariantBroken(AssertionError):
    """The allocator's books contradict each other: a bug here, never the caller's fault."""
