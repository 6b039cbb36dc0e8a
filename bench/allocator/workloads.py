"""The workloads of a cluster without quota: one function each, told to any allocator.

Sizes and amounts are those of the benchmarks that Mesos publishes, so that figures can be set side by side;
rounds are fewer. What is timed is the runs alone, unless a part says otherwise.
"""

from __future__ import annotations

import gc
import os
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from api.model.resource import Resource
from api.model.resources import Resources
from api.model.values import Ranges
from bench.allocator.clusters import (
    add_frameworks,
    agent,
    framework,
    give_back,
    labelled,
    mixed_total,
    ports,
    role,
    scalars,
    volume,
)
from bench.allocator.port import Port
from bench.allocator.stopwatch import ALL_CAPABLE, Allocating, Make, Stopwatch
from orchestrator.allocator import Allocator, Offer

FOREVER = 365 * 86400.0
ROUNDS = 6
TASK_SECONDS = 30


@dataclass(frozen=True)
class Size:
    """How large a workload is."""

    agents: int
    frameworks: int
    roles: int = 1

    def scaled(self, by: float) -> Size:
        """All of it smaller; one role stays one."""

        def part(number: int) -> int:
            return number if number == 1 else max(round(number * by), 2)

        return Size(part(self.agents), part(self.frameworks), part(self.roles))

    def __str__(self) -> str:
        roles = f", {self.roles} roles" if self.roles > 1 else ""
        return f"{self.agents} x {self.frameworks}{roles}"


def full_cycle(make: Make, size: Size, watch: Stopwatch) -> None:
    """All free; a hundredth changed; nothing changed."""
    allocator = make()
    add_frameworks(allocator, size.frameworks, size.roles)
    for at in range(size.agents):
        allocator.add_agent(agent(at), mixed_total(at, role(at % size.roles)))
    give_back(allocator, watch.time("full cycle", lambda: allocator.allocate_cycle(0.0)))
    offers = watch.time("full cycle, all offers read", lambda: read(allocator.allocate_cycle(0.0)))
    changed = offers[:: max(len(offers) // (size.agents // 100 or 1), 1)]
    for now in range(1, 4):
        give_back(allocator, changed)
        changed = watch.time("1% of agents changed", partial(allocator.allocate_cycle, float(now)))
    watch.time("nothing changed", lambda: allocator.allocate_cycle(5.0))


def read(offers: list[Offer]) -> list[Offer]:
    """Has their resources made, as whoever encodes them does."""
    for offer in offers:
        assert offer.resources
    return offers


def all_filtered(make: Make, size: Size, watch: Stopwatch) -> None:
    """Every framework has declined every agent, in the course of five seconds."""
    allocator = make()
    add_frameworks(allocator, size.frameworks, size.roles)
    for at in range(size.agents):
        allocator.add_agent(agent(at), Resources([*scalars(24, 4096 + at, 4096), ports()]))
    before = resident_bytes()
    filter_all(allocator, size)
    print(f"    {size}: filters take {(resident_bytes() - before) / 1e6:.0f} MB", file=sys.stderr)
    for now in range(3):
        assert not watch.time("all filtered", partial(allocator.allocate_cycle, float(now)))
        for at in range(size.agents):  # so that each is looked at again
            allocator.set_agent_active(agent(at), False)
            allocator.set_agent_active(agent(at), True)


def filter_all(allocator: Allocating, size: Size) -> None:
    """Sets the filters without the offers that were declined: those of ten million would take minutes."""
    for at in range(size.agents):
        whole = Resources([*scalars(24, 4096 + at, 4096), ports()])
        holders = [(framework(number), role(number % size.roles)) for number in range(size.frameworks)]
        for one in getattr(allocator, "both", (allocator,)):
            if isinstance(one, Allocator):
                books = one.agents[agent(at)]
                refused = books.read(whole)
                for number, holder in enumerate(holders):
                    one.cluster.filters.install(
                        books, one.cluster.roster.clients[holder], refused, 10.0 + number % 5
                    )
            elif isinstance(one, Port):
                for number, holder in enumerate(holders):
                    one.install(agent(at), holder, whole, 10.0 + number % 5)


def resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def add_and_update(make: Make, size: Size, watch: Stopwatch) -> None:
    allocator = make()
    watch.time("add frameworks", lambda: add_frameworks(allocator, size.frameworks, 1))
    total = Resources([*scalars(2, 1024, 4096), ports()])
    used = Resources([*scalars(1, 128, 1024), ports(4)]).allocated(role(0))

    def add_agents() -> None:
        for at in range(size.agents):
            allocator.add_agent(agent(at), total, {framework(at % size.frameworks): used})
        allocator.allocate_cycle(0.0)

    revocable = [replace(r, revocable=True) for r in scalars(10, 0)[:1]]
    larger = Resources([*total, *revocable])

    def update_agents() -> None:
        for at in range(size.agents):
            allocator.update_agent_total(agent(at), larger)
        allocator.allocate_cycle(1.0)

    watch.time("add agents and run", add_agents)
    watch.time("update agents and run", update_agents)


def used_cluster(
    make: Make, size: Size, watch: Stopwatch, used: Resources, extra: bool = False
) -> Allocating:
    """Agents that are part in use already, by one framework after the other."""
    allocator = make()
    add_frameworks(allocator, size.frameworks, 1)
    for at in range(size.agents):
        total, its = [*scalars(24, 4096, 4096), ports()], used
        if extra:
            kept = [scalars(8, 0)[0].push_reservation(labelled(role(0), 12, f"{at}-{n}")) for n in range(2)]
            total = [*scalars(8, 4096, 4096), ports(), *kept]
            its = its + Resources(kept).allocated(role(0))
        allocator.add_agent(agent(at), Resources(total), {framework(at % size.frameworks): its})
    return allocator


def decline_offers(make: Make, size: Size, watch: Stopwatch, labels: bool = False) -> None:
    """Each round all offers of the last are declined for ever, so that ever more filters stand in the way."""
    amounts = scalars(16, 2014, 1024)[1:] if labels else scalars(16, 2014, 1024)
    used = Resources([*amounts, ports(16)]).allocated(role(0))
    allocator = used_cluster(make, size, watch, used, extra=labels)
    offers = watch.time("first run", lambda: allocator.allocate_cycle(0.0))
    for at in range(1, ROUNDS):
        give_back(allocator, offers, at + FOREVER)
        offers = watch.time("round after declining all", partial(allocator.allocate_cycle, float(at)))


def resource_labels(make: Make, size: Size, watch: Stopwatch) -> None:
    decline_offers(make, size, watch, labels=True)


def suppress_offers(make: Make, size: Size, watch: Stopwatch, step: float = 0.2) -> None:
    """Five rounds; before each, a further part of the frameworks suppresses, and all offers come back."""
    used = Resources([*scalars(16, 1024, 1024), ports(16)]).allocated(role(0))
    allocator = used_cluster(make, size, watch, used)
    suppressed = 0
    offers = allocator.allocate_cycle(0.0)
    for at in range(5):
        wanted = min(round(size.frameworks * step * (at + 1 if step < 0.5 else 1)), size.frameworks)
        for number in range(suppressed, wanted):
            allocator.suppress(framework(number))
        suppressed = max(suppressed, wanted)
        give_back(allocator, offers)
        offers = watch.time("round", partial(allocator.allocate_cycle, at + 1.0))


def extreme_suppress_offers(make: Make, size: Size, watch: Stopwatch) -> None:
    suppress_offers(make, size, watch, step=0.99)


def persistent_volumes(make: Make, size: Size, watch: Stopwatch, shared: tuple[bool, ...]) -> None:
    """All reserved, with a volume each; every round all comes back."""
    allocator = make()
    add_frameworks(allocator, size.frameworks, 1)
    used = [r.push_reservation(labelled(role(0), 1, "")) for r in [*scalars(16, 1024, 1024), ports(16)]]
    for at in range(size.agents):
        kept = [r.push_reservation(labelled(role(0), 1, "")) for r in [*scalars(24, 4096, 3072), ports()]]
        kept.append(volume(1024, f"volume-{at}", role(0), shared[at % len(shared)]))
        holder = framework(at % size.frameworks)
        allocator.add_agent(agent(at), Resources(kept), {holder: Resources(used).allocated(role(0))})
    offers = allocator.allocate_cycle(0.0)
    for at in range(ROUNDS):
        give_back(allocator, offers)
        offers = watch.time("round", partial(allocator.allocate_cycle, at + 1.0))


def backlog(make: Make, size: Size, watch: Stopwatch) -> None:
    """One revive for each framework, a run over all agents after each; nothing is free but at first."""
    allocator = make()
    add_frameworks(allocator, size.frameworks, 1)
    for at in range(size.agents):
        allocator.add_agent(agent(at), Resources([*scalars(24, 4096, 4096), ports()]))
    allocator.allocate_cycle(0.0)

    def revive_all() -> None:
        for at in range(size.frameworks):
            allocator.suppress(framework(at))
            allocator.revive(framework(at))
            allocator.allocate_cycle(1.0 + at)

    watch.time("revive and run, each framework", revive_all)


def update_allocation(make: Make, size: Size, watch: Stopwatch) -> None:
    """One agent with four labelled reservations for each role; twenty are given back and made again."""
    allocator = make()
    add_frameworks(allocator, size.frameworks, size.roles)
    kept = []
    for at in range(size.roles):
        pieces = [*scalars(0.1, 100, 100), Resource("ports", Ranges(((31000 + at, 31000 + at),)))]
        kept += [r.push_reservation(labelled(role(at), 3, f"{at}")) for r in pieces]
    allocator.add_agent(agent(0), Resources(kept))
    [offer] = [o for o in allocator.allocate_cycle(0.0) if o.role == role(0)]
    bare = offer.resources.pop_reservation()

    def there_and_back() -> None:
        for _ in range(20):
            allocator.convert(offer.agent_id, offer.framework_id, offer.role, offer.resources, bare)
            allocator.convert(offer.agent_id, offer.framework_id, offer.role, bare, offer.resources)

    watch.time("20 x unreserve and reserve", there_and_back)


def full_sort(make: Make, size: Size, watch: Stopwatch, branch: int | None = None) -> None:
    """Everybody has something on each agent in turn; then all places change at once, and then none does.

    branch: so many roles stand below each, one for each framework; None: all are in one role.
    """
    allocator = make()
    paths = [role(0) if branch is None else tree_role(at, branch) for at in range(size.frameworks)]
    for at, path in enumerate(paths):
        allocator.add_framework(framework(at), [path], traits=ALL_CAPABLE)
    for at in range(size.agents):
        allocator.add_agent(agent(at), Resources([*scalars(24, 4096, 4096), ports()]))
    used = Resources(scalars(16, 1024, 1024))
    turns = [at % len(paths) for at in range(size.agents)]
    held = [(framework(turn), paths[turn], agent(at), used) for at, turn in enumerate(turns)]

    def add_all() -> None:
        for each in held:
            allocator.allocate(*each)

    def remove_all() -> None:
        for each in held:
            allocator.release(*each)

    watch.time("add allocations", add_all)
    for now in range(3):
        allocator.update_agent_total(agent(0), Resources([*scalars(25 + now, 4096, 4096), ports()]))
        one = {agent(0)}
        offers = watch.time("one agent, all places new", partial(allocator.allocate_cycle, 2.0 * now, one))
        give_back(allocator, offers)
        offers = watch.time("one agent, none new", partial(allocator.allocate_cycle, 2.0 * now + 1, one))
        give_back(allocator, offers)
    watch.time("remove allocations", remove_all)


def tree_role(at: int, branch: int) -> str:
    """The path of a role of a tree that is numbered level by level."""
    above = f"{tree_role(at // branch - 1, branch)}/" if at >= branch else ""
    return above + role(at % branch)


@dataclass
class Placing:
    """A framework that places tasks: so many, of this size, so many of them from one offer."""

    left: int
    task: Resources
    at_once: int


def multi_framework(make: Make, size: Size, watch: Stopwatch) -> None:
    """Frameworks of three sorts place their tasks; what an offer has left is given back at once."""
    allocator = make()
    wanted: dict[str, Placing] = {}
    for at in range(4):
        wanted[framework(at)] = Placing(4000 * size.agents // 80, Resources(scalars(0.07, 400)), 100)
        allocator.add_framework(framework(at), [f"large-{at}"], traits=ALL_CAPABLE)
    for at in range(4, 4 + size.frameworks):
        wanted[framework(at)] = Placing(5, Resources(scalars(0.1, 4000)), 1)
        allocator.add_framework(framework(at), ["many"], traits=ALL_CAPABLE)
    for at in range(4 + size.frameworks, 4 + size.frameworks + size.roles):
        wanted[framework(at)] = Placing(20, Resources(scalars(1, 1000)), 5)
        allocator.add_framework(framework(at), [role(at)], traits=ALL_CAPABLE)
    for at in range(size.agents):
        allocator.add_agent(agent(at), Resources(scalars(64, 488_000)))

    def place_all() -> None:
        for now in range(TASK_SECONDS):
            for offer in allocator.allocate_cycle(float(now)):
                placing, rest = wanted[offer.framework_id], offer.resources
                task = placing.task.allocated(offer.role)
                for _ in range(min(placing.left, placing.at_once)):
                    if rest.contains(task):
                        rest, placing.left = rest - task, placing.left - 1
                until = now + FOREVER if not placing.left else None
                allocator.decline(offer.framework_id, offer.role, offer.agent_id, rest, until)
            if not any(placing.left for placing in wanted.values()):
                return

    watch.time("until placed or 30 runs", place_all)
