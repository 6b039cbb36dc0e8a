"""What the allocator's books take in memory, beyond the resources that they were told of."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable

from bench.allocator.clusters import agent, framework, mixed_total, role
from bench.allocator.stopwatch import ALL_CAPABLE
from orchestrator.allocator import Allocator, AllocatorConfig

HEADINGS = ("state, bytes", "each", "target", "")

AGENTS, FRAMEWORKS, ROLES = 10_000, 1_000, 10
BYTES_OF_AGENT, BYTES_OF_FRAMEWORK = 2_000, 1_000


def rows(scale: float) -> list[list[str]]:
    agents, frameworks = max(round(AGENTS * scale), 100), max(round(FRAMEWORKS * scale), 10)
    totals = [mixed_total(at, role(at % ROLES)) for at in range(agents)]
    names = [agent(at) for at in range(agents)]
    allocator = Allocator(AllocatorConfig())
    offers: list[object] = []

    def add_agents() -> None:
        for name, total in zip(names, totals, strict=True):
            allocator.add_agent(name, total)

    def add_frameworks() -> None:
        for at in range(frameworks):
            allocator.add_framework(framework(at), [role(at % ROLES)], traits=ALL_CAPABLE)

    per_agent = traced(add_agents) / agents
    per_framework = traced(add_frameworks) / frameworks
    held = traced(lambda: offers.extend(allocator.allocate_cycle(0.0))) / agents
    return [
        row(f"an agent, of {agents}", per_agent, BYTES_OF_AGENT),
        row(f"a framework, of {frameworks}, its name included", per_framework, BYTES_OF_FRAMEWORK),
        row("an agent with an offer out, the offer included", per_agent + held, BYTES_OF_AGENT),
    ]


def row(name: str, each: float, target: int) -> list[str]:
    return [name, f"{each:.0f}", f"< {target}", "met" if each < target else "missed"]


def traced(action: Callable[[], object]) -> int:
    """Bytes that are still in use after `action` and were not before."""
    gc.collect()
    tracemalloc.start()
    try:
        action()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
