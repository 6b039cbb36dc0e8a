"""Random stories on small clusters, told to two allocators at once.

After each step both must say the same of what is consumed, free and shared out; a run must end in the same
offers; and whatever happened, what may never happen must not have happened (`Invariants`).
"""

from __future__ import annotations

import random
from dataclasses import replace

from api.model.resource import Reservation, Resource
from api.model.resources import Conversion, Resources
from api.model.values import Scalar
from orchestrator.allocator import (
    AgentCapability,
    AgentTraits,
    Allocator,
    AllocatorConfig,
    Capability,
    FrameworkTraits,
    Offer,
    Quota,
)
from tests.allocator.never import Never
from tests.allocator.reference import Reference, RefFramework
from tests.allocator.reference_agent import Holder
from tests.allocator.vocabulary import cpus, gpus, mem, mount, pool, ports, reserved, revocable, shared

ROLES = ("a", "b", "b/sub", "b/sub/deep", "b/x", "c", "*")
TOP = ("a", "b", "c")
PROFILES = "xyz"
REGION = "here"
QUOTA_NAMES = ("cpus", "mem", "disk", "disk[profile=x]", "disk[profile=fast]", "gpus")


class Story:
    """One story. `step` raises AssertionError when the two differ, or when the books are broken."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        minimum = self.draw.choice(
            [({"cpus": 10}, {"mem": 32_000})] * 3 + [(), ({"cpus": 1000, "mem": 100_000},)]
        )
        excluded = frozenset(self.draw.choice([[], [], [], ["mem"], ["gpus", "cpus"]]))
        self.real = Allocator(
            AllocatorConfig(min_allocatable=minimum, fair_sharing_excluded=excluded, region=REGION)
        )
        self.reference = Reference(minimum, excluded, REGION)
        self.never = Never(self.real, self.reference)
        self.outstanding: list[Offer] = []
        self.own: list[tuple[Holder, str, Resources]] = []
        self.now = 0.0
        self.volumes = 0
        self.offers_seen = 0
        self.has_quota = self.draw.random() < 0.75
        self.told: list[str] = []
        for begin in [self.add_agent] * 4 + [self.subscribe] * 5 + [self.set_quota] * 2:
            begin()

    def step(self) -> None:
        steps = [self.add_agent, self.change_total, self.remove_agent, self.toggle_agent]
        steps += [self.nudge_total] * 3 + [self.set_quota] * 2 + [self.set_weight, self.set_whitelist]
        steps += [self.subscribe, self.leave, self.toggle_framework, self.suppress, self.revive]
        steps += [self.revive, self.cycle, self.cycle] * 3 + [self.decline] * 8
        steps += [self.give_own] * 3 + [self.convert] * 3
        steps += [self.take_own, self.give_all, self.give_all]
        chosen = self.draw.choice(steps)
        self.told.append(chosen.__name__)
        chosen()
        self.real.validate()
        self.never.check_books(self.outstanding, self.own)

    # Agents

    def total(self) -> Resources:
        draw = self.draw
        found: list[Resource] = [cpus(draw.choice([0, 0.005, 1, 2, 7])), mem(draw.choice([0, 16, 512, 1000]))]
        if draw.random() < 0.4:
            return Resources(found)
        if draw.random() < 0.4:
            found.append(reserved(cpus(draw.choice([1, 3])), draw.choice(ROLES[:-1])))
        if draw.random() < 0.15:
            found.append(reserved(reserved(mem(200), "b"), draw.choice(["b/sub", "b/x"])))
        if draw.random() < 0.4:
            found.append(ports(31000, 31000 + draw.randrange(5)))
        if draw.random() < 0.5:
            found += self.pools()
        if draw.random() < 0.3:
            found.append(reserved(mount("m1", 100, persistent=True), draw.choice(ROLES[:-1])))
        if draw.random() < 0.3:
            found += [mount("m2", 150, cost=draw.choice([1, 2])), mount("m3", 40)]
        if draw.random() < 0.2:
            found.append(revocable(draw.choice([0.5, 4])))
        if draw.random() < 0.15:
            found.append(reserved(shared("s1", 60), draw.choice(ROLES[:-1])))
        if draw.random() < 0.15:
            found.append(gpus(draw.choice([1, 4])))
        return Resources(found)

    def pools(self) -> list[Resource]:
        draw = self.draw
        group = draw.choice(["g", "g", None])
        found = [pool(p, draw.randrange(1, 40) * 10, group, draw.choice([1, 1, 2, 1.5])) for p in PROFILES]
        found = found[: draw.randrange(1, 4)]
        if draw.random() < 0.2:  # reserved by default, but for what was taken back or refined of it
            found = [reserved(each, "b") for each in found]
            odd = draw.choice([found[0].pop_reservation(), reserved(found[0], "b/x")])
            return [*found, odd.with_value(Scalar(20_000))] if draw.random() < 0.7 else found
        if draw.random() < 0.3:
            found.append(reserved(found[0].with_value(Scalar(30_000)), draw.choice(ROLES[:-1])))
        return found

    def agent_traits(self) -> AgentTraits:
        draw = self.draw
        capabilities = set(AgentCapability)
        if draw.random() < 0.2:
            capabilities.discard(draw.choice([AgentCapability.MULTI_ROLE, AgentCapability.HIERARCHICAL_ROLE]))
        region = draw.choice([None, None, REGION, "there"])
        return AgentTraits(draw.choice(["h1", "h2", "h3"]), region, frozenset(capabilities))

    def add_agent(self) -> None:
        agent_id = f"agent{self.draw.randrange(5)}"
        self.forget(agent_id)
        total, traits = self.total(), self.agent_traits()
        self.real.add_agent(agent_id, total, None, traits)
        self.reference.add_agent(agent_id, total, traits)

    def some_agent(self) -> str | None:
        return self.draw.choice(sorted(self.reference.agents)) if self.reference.agents else None

    def some_framework(self) -> str | None:
        return self.draw.choice(sorted(self.reference.frameworks)) if self.reference.frameworks else None

    def some_roles(self) -> set[str]:
        return set(self.draw.sample(ROLES, self.draw.randrange(1, 4)))

    def change_total(self) -> None:
        if agent_id := self.some_agent():
            total = self.total()
            self.real.update_agent_total(agent_id, total)
            self.reference.update_agent_total(agent_id, total)

    def nudge_total(self) -> None:
        """A little of the totals goes, a little comes: told as a change to one, as totals to the other."""
        if not (agent_id := self.some_agent()):
            return
        total = self.reference.agents[agent_id].total
        lost, gained = [], []
        if total:
            chosen = self.draw.choice(list(total))
            if not chosen.is_counted and isinstance(chosen.value, Scalar):
                chosen = chosen.with_value(Scalar(self.draw.randrange(1, chosen.milli + 1)))
            if not chosen.shared:
                self.draw.choice([lost, gained, lost]).append(chosen)
        if self.draw.random() < 0.5:
            self.volumes += 1
            gained.append(mount(f"volume{self.volumes}", 10))
        change = Conversion(Resources(lost), Resources(gained))
        self.real.change_agent_total(agent_id, change)
        self.reference.update_agent_total(agent_id, total - change.consumed + change.converted)

    def remove_agent(self) -> None:
        if (agent_id := self.some_agent()) and self.draw.random() < 0.2:
            self.forget(agent_id)
            self.real.remove_agent(agent_id)
            self.reference.remove_agent(agent_id)

    def forget(self, agent_id: str) -> None:
        self.outstanding = [offer for offer in self.outstanding if offer.agent_id != agent_id]
        self.own = [own for own in self.own if own[1] != agent_id]

    def toggle_agent(self) -> None:
        if agent_id := self.some_agent():
            active = self.draw.random() < 0.7
            self.real.set_agent_active(agent_id, active)
            self.reference.set_agent_active(agent_id, active)

    def set_whitelist(self) -> None:
        hosts = self.draw.choice([None] * 9 + [frozenset({"h1", "h2"}), frozenset({"h3"}), frozenset()])
        self.real.set_whitelist(hosts)
        self.reference.whitelist = hosts

    # Frameworks

    def subscribe(self) -> None:
        draw = self.draw
        framework_id, roles = f"f{draw.randrange(6)}", self.some_roles()
        suppressed = {role for role in sorted(roles) if draw.random() < 0.2}
        active = draw.random() < 0.95
        capabilities = frozenset(each for each in Capability if draw.random() < 0.85)
        own = {r: draw.choice([(), ({"cpus": 3000},)]) for r in sorted(roles) if draw.random() < 0.1}
        traits = FrameworkTraits(capabilities, own)
        self.real.add_framework(framework_id, sorted(roles), sorted(suppressed), active, traits)
        self.reference.add_framework(framework_id, RefFramework(active, roles, suppressed, traits))

    def leave(self) -> None:
        if (framework_id := self.some_framework()) and self.draw.random() < 0.2:
            self.real.remove_framework(framework_id)
            self.reference.remove_framework(framework_id)

    def toggle_framework(self) -> None:
        if framework_id := self.some_framework():
            active = self.draw.random() < 0.8
            self.real.set_framework_active(framework_id, active)
            self.reference.set_framework_active(framework_id, active)

    def suppress(self) -> None:
        if framework_id := self.some_framework():
            roles = {self.draw.choice(ROLES)}
            self.real.suppress(framework_id, roles)
            self.reference.suppress(framework_id, roles)

    def revive(self) -> None:
        if framework_id := self.some_framework():
            roles = self.draw.choice([None, self.some_roles()])
            self.real.revive(framework_id, roles)
            self.reference.revive(framework_id, roles)

    # Quota and weights

    def set_quota(self) -> None:
        if not self.has_quota:
            return
        draw = self.draw
        role = draw.choice(ROLES[:-1])
        limits = {name: self.some_amount(name) for name in QUOTA_NAMES if draw.random() < 0.25}
        guarantees = {}
        if role in TOP:
            guarantees = {name: self.some_amount(name) for name in QUOTA_NAMES if draw.random() < 0.25}
            guarantees = {name: min(amount, limits.get(name, amount)) for name, amount in guarantees.items()}
        quota = Quota(guarantees, limits) if draw.random() < 0.8 else Quota()
        self.real.set_quota(role, quota)
        self.reference.set_quota(role, quota)

    def some_amount(self, name: str) -> int:
        if name in ("cpus", "gpus"):
            return self.draw.choice([0, 500, 1000, 2500, 4000, 12_000])
        return self.draw.choice([0, 20_500, 60_250, 133_333, 700_000, 2_000_000])

    def set_weight(self) -> None:
        role, weight = self.draw.choice(ROLES), self.draw.choice([1000, 1000, 500, 1500, 2000, 3333])
        self.real.set_weight(role, weight)
        self.reference.weights[role] = weight

    # Runs

    def cycle(self) -> None:
        self.now += self.draw.choice([0.0, 0.5, 1.0, 5.0])
        known = sorted(self.reference.agents)
        candidates = set(self.draw.sample(known, len(known) // 2)) if self.draw.random() < 0.3 else None
        self.never.before_a_run()
        offers = self.real.allocate_cycle(self.now, candidates)
        expected = self.reference.cycle(self.now, candidates)
        got = {(o.framework_id, o.role, o.agent_id): o.resources for o in offers}
        assert len(got) == len(offers), "one framework, role and agent has several offers"
        assert got == {(f, r, a): resources for f, r, a, resources in expected}
        self.never.check_run(offers, candidates)
        self.outstanding += offers
        self.offers_seen += len(offers)

    def some_offer(self) -> Offer | None:
        if not self.outstanding:
            return None
        return self.outstanding.pop(self.draw.randrange(len(self.outstanding)))

    def decline(self) -> None:
        offer = self.some_offer()
        if offer is None:
            return
        given = offer.resources
        holder = (offer.framework_id, offer.role)
        if self.draw.random() < 0.3:  # a part stays in use
            given = offer.resources.filter(lambda resource: resource.name != "cpus")
            self.own.append((holder, offer.agent_id, offer.resources - given))
        until = self.draw.choice([None, self.now, self.now + 1, self.now + 5, self.now + 1000])
        self.real.decline(offer.framework_id, offer.role, offer.agent_id, given, until)
        self.reference.decline(holder, offer.agent_id, given, until)

    def give_all(self) -> None:
        """All that is on offer comes back."""
        while offer := self.some_offer():
            self.real.release(offer.framework_id, offer.role, offer.agent_id, offer.resources)
            self.reference.release((offer.framework_id, offer.role), offer.agent_id, offer.resources)

    def convert(self) -> None:
        """Cuts a disk from a pool, or reserves cpus; all of the offer stays in use."""
        offer = self.some_offer()
        if offer is None:
            return
        holder, held = (offer.framework_id, offer.role), offer.resources
        made = self.conversion(offer)
        if made is not None:
            consumed, converted = made
            self.real.convert(offer.agent_id, *holder, consumed, converted)
            self.reference.convert(holder, offer.agent_id, consumed, converted)
            held = held - consumed + converted
        self.own.append((holder, offer.agent_id, held))

    def conversion(self, offer: Offer) -> tuple[Resources, Resources] | None:
        pools = [r for r in offer.resources if r.disk is not None and r.disk.is_pool and r.milli >= 1000]
        if pools:
            source = self.draw.choice(pools)
            milli = self.draw.randrange(1, source.milli // 1000 + 1) * 1000
            self.volumes += 1
            disk = mount(f"volume{self.volumes}", milli // 1000, cost=self.draw.choice([1, 2]))
            disk = replace(disk, reservations=source.reservations)
            return Resources([source.with_value(Scalar(milli))]), Resources(
                [disk.with_allocation(offer.role)]
            )
        plain = [r for r in offer.resources if r.name == "cpus" and not r.is_reserved and not r.revocable]
        if plain and offer.role != "*":
            return Resources(plain[:1]), Resources([plain[0].push_reservation(Reservation(offer.role))])
        again = [r for r in offer.resources if r.name == "cpus" and r.is_reserved]
        if again:
            return Resources(again[:1]), Resources([again[0].pop_reservation()])
        return None

    def take_own(self) -> None:
        """The orchestrator takes something for itself, whether or not it is free."""
        if agent_id := self.some_agent():
            total = [r for r in self.reference.agents[agent_id].total if isinstance(r.value, Scalar)]
            if total:
                chosen = self.draw.choice(total)
                role = self.draw.choice(["a", "b/x", None])
                taken = Resources([chosen.with_allocation(role)])
                self.real.allocate(None, role, agent_id, taken)
                self.reference.allocate((None, role), agent_id, taken)
                self.own.append(((None, role), agent_id, taken))

    def give_own(self) -> None:
        """Something in use ends."""
        if self.own:
            holder, agent_id, held = self.own.pop(self.draw.randrange(len(self.own)))
            self.real.release(*holder, agent_id, held)
            self.reference.release(holder, agent_id, held)


def tell(seed: int, steps: int) -> Story:
    story = Story(seed)
    for _ in range(steps):
        story.step()
    return story
