"""What frameworks and agents can do, as far as offers depend on it. Plain values, no decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Capability(StrEnum):
    """What a framework says that it can deal with; the value is the name on the wire."""

    GPU_RESOURCES = "GPU_RESOURCES"
    REVOCABLE_RESOURCES = "REVOCABLE_RESOURCES"
    SHARED_RESOURCES = "SHARED_RESOURCES"
    RESERVATION_REFINEMENT = "RESERVATION_REFINEMENT"
    MULTI_ROLE = "MULTI_ROLE"
    REGION_AWARE = "REGION_AWARE"


class AgentCapability(StrEnum):
    """What an agent says that it can deal with; the value is the name on the wire."""

    MULTI_ROLE = "MULTI_ROLE"
    HIERARCHICAL_ROLE = "HIERARCHICAL_ROLE"
    RESERVATION_REFINEMENT = "RESERVATION_REFINEMENT"


@dataclass(frozen=True, slots=True)
class FrameworkTraits:
    """A framework beyond its roles.

    min_allocatable: by role, what an offer must hold at least in place of the allocator's own rule:
        alternatives, each a set of amounts in milli-units by name; no alternative: anything is enough.
    wants: by role, whether it wants to be offered an agent at all, from what is said `about` that; every
        one where there is no such rule. Asked once for each agent, and so it must always answer the same.
    """

    capabilities: frozenset[Capability] = frozenset()
    min_allocatable: Mapping[str, tuple[Mapping[str, int], ...]] = field(default_factory=dict)
    wants: Mapping[str, Callable[[object], bool]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgentTraits:
    """An agent beyond its resources.

    region: of its fault domain; None when it says none. about: for `FrameworkTraits.wants`, else unread.
    """

    hostname: str = ""
    region: str | None = None
    capabilities: frozenset[AgentCapability] = frozenset(AgentCapability)
    about: object = None
