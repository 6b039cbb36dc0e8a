"""How long a run of the allocator takes, beside a loop over as many dicts in the same process.

    python -m bench.bench_allocator [AGENTS]

For each number of frameworks (a tenth of them roles, at least 10): a run in which every agent is free,
one in which a hundredth of the agents has come free again, one in which nothing has changed, and one
in which every agent is free again, and filtered for the framework that declined it. The reference
copies, sums and sorts one dict of four amounts per agent: a rate of this machine, not of this code.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable

from api.model.resource import scalar
from api.model.resources import Resources
from orchestrator.allocator import Allocator, AllocatorConfig, Offer

FRAMEWORKS = (50, 500)
REPEATS = 3


def cluster(agents: int, frameworks: int, alike: bool) -> Allocator:
    """All free. `alike`: all agents have the same; otherwise each has its own amount of memory."""
    allocator = Allocator(AllocatorConfig())
    roles = max(frameworks // 10, 10)
    for at in range(agents):
        mb = 64_000 + (0 if alike else at)
        total = Resources([scalar("cpus", 24_000), scalar("mem", mb * 1000), scalar("disk", 10**9)])
        allocator.add_agent(f"agent-{at:05}", total)
    for at in range(frameworks):
        allocator.add_framework(f"framework-{at:04}", [f"role-{at % roles:03}"])
    return allocator


def decline(allocator: Allocator, offers: list[Offer], until: float | None) -> None:
    for offer in offers:
        allocator.decline(offer.framework_id, offer.role, offer.agent_id, offer.resources, until)


def milliseconds(action: Callable[[], object]) -> float:
    gc.collect()  # what others left is not this action's; what it collects itself is
    begin = time.perf_counter()
    action()
    return (time.perf_counter() - begin) * 1000


def reference(agents: int) -> float:
    """Milliseconds to copy and add up one dict of four amounts per agent, and sort the results."""
    amounts = [{"cpus": at % 7, "mem": at, "disk": at * 3 % 11, "ports": 1} for at in range(agents)]

    def loop() -> list[tuple[int, int]]:
        return sorted((sum(dict(found).values()), at) for at, found in enumerate(amounts))

    return min(milliseconds(loop) for _ in range(REPEATS))


def measure(agents: int, frameworks: int, alike: bool) -> dict[str, float]:
    """The best of some rounds, each kind of run by name, in milliseconds."""
    best: dict[str, float] = {}
    for _ in range(REPEATS):
        for name, took in one_round(cluster(agents, frameworks, alike)).items():
            best[name] = min(took, best.get(name, took))
        gc.unfreeze()
    return best


def one_round(allocator: Allocator) -> dict[str, float]:
    """Each kind of run once, in milliseconds. What is set up is frozen first, as the orchestrator does."""
    gc.collect()
    gc.freeze()
    offers: list[Offer] = []
    times = {"all free": milliseconds(lambda: offers.extend(allocator.allocate_cycle(0.0)))}
    count = len(allocator.agents)
    assert len(offers) == count
    changed = offers[:: count // (count // 100 or 1)]
    decline(allocator, changed, None)
    again: list[Offer] = []
    times["1% changed"] = milliseconds(lambda: again.extend(allocator.allocate_cycle(1.0)))
    assert len(again) == len(changed)
    times["nothing changed"] = milliseconds(lambda: allocator.allocate_cycle(2.0))
    kept = {offer.agent_id for offer in changed}
    declined = [offer for offer in offers if offer.agent_id not in kept] + again
    times["declining all"] = milliseconds(lambda: decline(allocator, declined, 1e9))
    times["all free, one filter each"] = milliseconds(lambda: allocator.allocate_cycle(3.0))
    return times


def main(agents: int = 10_000) -> None:
    """Prints one line for each kind of run."""
    base = reference(agents)
    print(f"reference: {agents} dicts copied, summed, sorted: {base:.1f} ms")
    for frameworks in FRAMEWORKS:
        for alike in (True, False):
            kind = "alike" if alike else "all different"
            for name, took in measure(agents, frameworks, alike).items():
                print(
                    f"{agents} agents ({kind}) x {frameworks} frameworks, {name}: "
                    f"{took:.2f} ms, {took / base:.2f} x reference"
                )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
