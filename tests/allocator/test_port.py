"""What the allocator is measured against follows the same rules: both make the same offers."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from api.model.resource import Resource
from api.model.resources import Resources
from bench.allocator.port import Port
from bench.allocator.stopwatch import Stopwatch
from bench.allocator.suite import WORKLOADS, Workload
from orchestrator.allocator import Allocator, AllocatorConfig, Offer, Quota
from tests.allocator.vocabulary import cpus, mem, mount, ports, reserved, these

ROLES = ("a", "b", "b/x", "b/y", "c")


def total(draw: random.Random) -> Resources:
    found: list[Resource] = [cpus(draw.choice([1, 2, 4])), mem(draw.choice([512, 1024, 2048]))]
    if draw.random() < 0.5:
        found.append(ports(31000, 31000 + draw.randrange(9)))
    if draw.random() < 0.3:
        found.append(reserved(cpus(draw.choice([1, 2])), draw.choice(ROLES)))
    if draw.random() < 0.3:
        found += [mount("m1", 100), reserved(mount("m2", 100, persistent=True), draw.choice(ROLES))]
    return Resources(found)


class Both:
    """The allocator and its port, told the same."""

    def __init__(self) -> None:
        self.allocator, self.port = Allocator(AllocatorConfig()), Port(AllocatorConfig())
        self.both = (self.allocator, self.port)
        self.now = 0.0

    def cycle(self, candidates: set[str] | None = None) -> list[Offer]:
        """A run of each; the offers, when they are the same."""
        self.now += 1.0
        ours, theirs = (one.allocate_cycle(self.now, candidates) for one in self.both)
        assert {key(offer): offer.resources for offer in ours} == {
            key(offer): offer.resources for offer in theirs
        }
        assert len(ours) == len(theirs)
        return sorted(ours, key=key)

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Any other call is made to both."""

        def call(*args: object, **kwargs: object) -> None:
            for one in self.both:
                getattr(one, name)(*args, **kwargs)

        return call

    def allocate_cycle(self, now: float, candidates: set[str] | None = None) -> list[Offer]:
        self.now = now - 1.0
        return self.cycle(candidates)


def key(offer: Offer) -> tuple[str, str, str]:
    return (offer.framework_id, offer.role, offer.agent_id)


def tell(seed: int, quotas: dict[str, Quota]) -> int:
    draw, both = random.Random(seed), Both()
    for role, quota in quotas.items():
        both.set_quota(role, quota)
    both.set_weight("b", 2000)
    both.set_weight("b/x", 4000)
    for at in range(draw.randrange(2, 7)):
        roles = draw.sample(ROLES, draw.choice([1, 1, 2]))
        both.add_framework(f"f{at}", roles)
    for at in range(draw.randrange(2, 9)):
        found = total(draw)
        both.add_agent(f"a{at}", found)
    seen = 0
    for _ in range(8):
        offers = both.cycle()
        seen += len(offers)
        framework = f"f{draw.randrange(2)}"
        if draw.random() < 0.3:
            both.suppress(framework)
        elif draw.random() < 0.5:
            both.revive(framework)
        for offer in offers:
            both.decline(
                *key(offer), offer.resources, draw.choice([None, both.now + 1, both.now + 5, both.now + 5])
            )
    return seen


@pytest.mark.parametrize("seed", range(40))
def test_the_port_makes_the_same_offers(seed: int) -> None:
    tell(seed, {})


QUOTAS = {
    "guaranteed": {"a": Quota({"cpus": 3000, "mem": 1024_000}, {"cpus": 3000, "mem": 1024_000})},
    "bursting": {"a": Quota({"cpus": 2000}, {"cpus": 6000}), "c": Quota({"mem": 512_000}, {})},
    "limited": {"b": Quota({}, {"cpus": 2000, "mem": 900_000}), "b/x": Quota({}, {"cpus": 1000})},
    "disks": {"a": Quota({}, {"disk": 150_000}), "c": Quota({"disk": 200_000}, {})},
}


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("quotas", QUOTAS.values(), ids=QUOTAS)
def test_the_port_makes_the_same_offers_under_quota(quotas: dict[str, Quota], seed: int) -> None:
    tell(seed, quotas)


def test_these_clusters_are_about_something() -> None:
    assert sum(tell(seed, QUOTAS["guaranteed"]) for seed in range(5)) > 50


@pytest.mark.parametrize("workload", WORKLOADS, ids=[workload.name for workload in WORKLOADS])
def test_in_each_workload_both_make_the_same_offers(workload: Workload) -> None:
    watch = Stopwatch()
    workload.run(Both, workload.full.scaled(0.004), watch)  # type: ignore[arg-type]
    assert set(workload.targets) <= set(watch.seconds())


def test_the_port_follows_reservations_and_new_totals() -> None:
    both = Both()
    before, kept = these(cpus(2), mem(1024)), reserved(cpus(1), "a")
    both.add_framework("f1", ["a"])
    both.add_framework("f2", ["b"])
    both.add_agent("a1", before)
    [offer] = both.cycle()
    consumed = these(cpus(1)).allocated("a")
    both.convert("a1", "f1", "a", consumed, these(kept).allocated("a"))
    both.release("f1", "a", "a1", offer.resources - consumed)
    assert [(o.framework_id, o.resources) for o in both.cycle()] == [
        ("f2", these(cpus(1), mem(1024)).allocated("b"))
    ]
    both.update_agent_total("a1", these(cpus(4), mem(1024), kept))
    assert [o.resources for o in both.cycle()] == [these(cpus(3)).allocated("a")]
