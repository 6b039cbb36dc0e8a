"""The workloads of a cluster with quota: one function each, told to any allocator."""

from __future__ import annotations

from functools import partial

from api.model.resources import Resources
from bench.allocator.clusters import add_frameworks, agent, mixed_total, quantities, quota, role, scalars
from bench.allocator.stopwatch import Allocating, Make, Stopwatch
from bench.allocator.workloads import Size
from orchestrator.allocator import Quota


def large_and_small(make: Make, size: Size, watch: Stopwatch) -> None:
    """Five roles of six with a small quota, one of six with a large; the second run has nothing to give."""
    allocator = make()
    large = max(size.roles // 6, 1)
    for at in range(size.roles):
        allocator.set_quota(role(at), quota(4, 4096, 4096) if at < large else quota(1, 1024, 1024))
    add_frameworks(allocator, size.frameworks, size.roles)
    add_small_agents(allocator, size.agents)
    watch.time("first run", lambda: allocator.allocate_cycle(0.0))
    watch.time("nothing to give", lambda: allocator.allocate_cycle(1.0))


def with_and_without(make: Make, size: Size, watch: Stopwatch) -> None:
    """The same cluster without quota, and with one for each role: two agents, two frameworks a role."""
    for part, limited in (("without quota", False), ("with quota", True)):
        allocator = make()
        if limited:
            for at in range(size.roles):
                allocator.set_quota(role(at), quota(4, 4096, 4096))
        add_frameworks(allocator, size.frameworks, size.roles)
        add_small_agents(allocator, size.agents)
        watch.time(part, partial(allocator.allocate_cycle, 0.0))


def add_small_agents(allocator: Allocating, agents: int) -> None:
    for at in range(agents):
        allocator.add_agent(agent(at), Resources(scalars(2, 2048, 2048)))


def large_cluster(make: Make, size: Size, watch: Stopwatch) -> None:
    """Each tenth role has a quota; together they are guaranteed a fifth of the cluster, and limited to twice
    that."""
    allocator = make()
    with_quota = range(0, size.roles, 10)
    for at in with_quota:
        cpus, mb = 24 * size.agents // 5 // len(with_quota), 4096 * size.agents // 5 // len(with_quota)
        limits = quantities(2 * cpus, 2 * mb, 2 * mb)
        allocator.set_quota(role(at), Quota(quantities(cpus, mb, mb), limits))
    add_frameworks(allocator, size.frameworks, size.roles)
    for at in range(size.agents):
        allocator.add_agent(agent(at), mixed_total(at, role(at % size.roles)))
    watch.time("full cycle", lambda: allocator.allocate_cycle(0.0))
    watch.time("nothing to give", lambda: allocator.allocate_cycle(1.0))


def metrics(make: Make, size: Size, watch: Stopwatch) -> None:
    """One role for each framework, with a quota each: setting it, adding agents with a run."""
    allocator = make()

    def set_quotas() -> None:
        for at in range(size.roles):
            allocator.set_quota(role(at), quota(1, 512, 256))

    def add_agents() -> None:
        for at in range(size.agents):
            allocator.add_agent(agent(at), Resources(scalars(16, 2048, 1024)))
        allocator.allocate_cycle(0.0)

    watch.time("set quota of each role", set_quotas)
    add_frameworks(allocator, size.frameworks, size.roles)
    watch.time("add agents and run", add_agents)
