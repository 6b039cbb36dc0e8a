"""Times the parts of a workload. What was set up is frozen first, and the collector waits for as many young
objects, as in the orchestrator after recovery.

It counts the processor's time, not the clock's: an allocator never waits, and what else runs on the machine
is not its doing. On an idle machine both are the same.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar

from api.model.resources import Resources
from cli.daemon import YOUNG_OBJECTS
from orchestrator.allocator import Capability, FrameworkTraits, Offer, Quota

R = TypeVar("R")

# What all frameworks of the workloads say of themselves: the port knows no others.
ALL_CAPABLE = FrameworkTraits(capabilities=frozenset(Capability))


class Allocating(Protocol):
    """What workloads ask of an allocator, ours or the port."""

    def add_agent(
        self, agent_id: str, total: Resources, used: Mapping[str, Resources] | None = None
    ) -> None: ...
    def update_agent_total(self, agent_id: str, total: Resources) -> None: ...
    def set_agent_active(self, agent_id: str, is_active: bool) -> None: ...
    def add_framework(
        self,
        framework_id: str,
        roles: Iterable[str],
        suppressed: Iterable[str] = (),
        active: bool = True,
        traits: FrameworkTraits = ...,
    ) -> None: ...
    def set_quota(self, role: str, quota: Quota) -> None: ...
    def suppress(self, framework_id: str, roles: Iterable[str] | None = None) -> None: ...
    def revive(self, framework_id: str, roles: Iterable[str] | None = None) -> None: ...
    def allocate(self, framework_id: str, role: str, agent_id: str, resources: Resources) -> None: ...
    def release(self, framework_id: str, role: str, agent_id: str, resources: Resources) -> None: ...
    def decline(
        self, framework_id: str, role: str, agent_id: str, resources: Resources, filter_until: float | None
    ) -> None: ...
    def convert(
        self, agent_id: str, framework_id: str, role: str, consumed: Resources, converted: Resources
    ) -> None: ...
    def allocate_cycle(self, now: float, candidates: set[str] | None = None) -> list[Offer]: ...


Make = Callable[[], Allocating]


class Stopwatch:
    """Seconds by part; a part that is timed several times counts with its median."""

    def __init__(self) -> None:
        self._parts: dict[str, list[float]] = {}

    def time(self, part: str, action: Callable[[], R]) -> R:
        gc.collect()  # what others left is not this part's; what it collects itself is
        gc.freeze()
        thresholds = gc.get_threshold()
        gc.set_threshold(YOUNG_OBJECTS)
        began = time.process_time()
        result = action()
        self._parts.setdefault(part, []).append(time.process_time() - began)
        gc.set_threshold(*thresholds)
        gc.unfreeze()
        return result

    def seconds(self) -> dict[str, float]:
        return {part: statistics.median(found) for part, found in self._parts.items()}
