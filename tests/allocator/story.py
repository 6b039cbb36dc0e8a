"""Random stories on small clusters, told to two allocators at once."""

from __future__ import annotations

import random

from api.model.resource import Reservation, Resource
from api.model.resources import Conversion, Resources
from api.model.values import Scalar
from orchestrator.allocator import Allocator, AllocatorConfig, Offer
from tests.allocator.dumb import DumbAllocator
from tests.allocator.vocabulary import cpus, mem, mount, pool, ports, reserved

ROLES = ("a", "b", "b/sub", "c")
WEIGHTS = {"b": 2000, "c": 1500}


class Story:
    """One story. `step` raises AssertionError when the two differ, or when the books are broken."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.clever = Allocator(AllocatorConfig())
        for role, milli in WEIGHTS.items():
            self.clever.set_weight(role, milli)
        self.dumb = DumbAllocator(WEIGHTS)
        self.outstanding: list[Offer] = []
        self.own: list[tuple[str | None, str, Resources]] = []
        self.now = 0.0
        self.volumes = 0
        self.offers_seen = 0
        for begin in [self.add_agent] * 4 + [self.subscribe] * 5:
            begin()

    def step(self) -> None:
        steps = [self.add_agent, self.change_total, self.remove_agent, self.toggle_agent]
        steps += [self.nudge_total] * 3
        steps += [self.subscribe, self.leave, self.toggle_framework, self.suppress, self.revive]
        steps += [self.revive, self.cycle, self.cycle] * 3 + [self.decline] * 8
        steps += [self.give_own] * 3 + [self.convert] * 3
        steps.append(self.take_own)
        self.draw.choice(steps)()
        self.clever.validate()

    def total(self) -> Resources:
        draw = self.draw
        found: list[Resource] = [cpus(draw.choice([0, 0.005, 1, 2, 7])), mem(draw.choice([0, 16, 512, 1000]))]
        if draw.random() < 0.4:
            found.append(reserved(cpus(draw.choice([1, 3])), draw.choice(ROLES)))
        if draw.random() < 0.4:
            found.append(ports(31000, 31000 + draw.randrange(5)))
        if draw.random() < 0.6:
            found += self.pools()
        if draw.random() < 0.3:
            found.append(reserved(mount("m1", 100, persistent=True), draw.choice(ROLES)))
        return Resources(found)

    def pools(self) -> list[Resource]:
        draw = self.draw
        group = draw.choice(["g", "g", None])
        found = [pool(p, draw.randrange(1, 40) * 10, group, draw.choice([1, 1, 2, 1.5])) for p in "xyz"]
        found = found[: draw.randrange(1, 4)]
        if draw.random() < 0.3:
            found.append(reserved(found[0].with_value(Scalar(30_000)), draw.choice(ROLES)))
        return found

    def add_agent(self) -> None:
        agent_id = f"agent{self.draw.randrange(5)}"
        self.forget(agent_id)
        total = self.total()
        self.clever.add_agent(agent_id, total)
        self.dumb.add_agent(agent_id, total)

    def some_agent(self) -> str | None:
        return self.draw.choice(sorted(self.dumb.agents)) if self.dumb.agents else None

    def some_framework(self) -> str | None:
        return self.draw.choice(sorted(self.dumb.frameworks)) if self.dumb.frameworks else None

    def some_roles(self) -> set[str]:
        return set(self.draw.sample(ROLES, self.draw.randrange(1, 4)))

    def change_total(self) -> None:
        if agent_id := self.some_agent():
            total = self.total()
            self.clever.update_agent_total(agent_id, total)
            self.dumb.update_agent_total(agent_id, total)

    def nudge_total(self) -> None:
        """A little of the totals goes, a little comes: told as a change to one, as totals to the other."""
        if not (agent_id := self.some_agent()):
            return
        total = self.dumb.agents[agent_id].total
        lost, gained = [], []
        if total:
            chosen = self.draw.choice(list(total))
            if not chosen.is_counted and isinstance(chosen.value, Scalar):
                chosen = chosen.with_value(Scalar(self.draw.randrange(1, chosen.milli + 1)))
            self.draw.choice([lost, gained, lost]).append(chosen)
        if self.draw.random() < 0.5:
            self.volumes += 1
            gained.append(mount(f"volume{self.volumes}", 10))
        change = Conversion(Resources(lost), Resources(gained))
        self.clever.change_agent_total(agent_id, change)
        self.dumb.update_agent_total(agent_id, total - change.consumed + change.converted)

    def remove_agent(self) -> None:
        if (agent_id := self.some_agent()) and self.draw.random() < 0.2:
            self.forget(agent_id)
            self.clever.remove_agent(agent_id)
            self.dumb.remove_agent(agent_id)

    def forget(self, agent_id: str) -> None:
        self.outstanding = [offer for offer in self.outstanding if offer.agent_id != agent_id]
        self.own = [own for own in self.own if own[1] != agent_id]

    def toggle_agent(self) -> None:
        if agent_id := self.some_agent():
            active = self.draw.random() < 0.7
            self.clever.set_agent_active(agent_id, active)
            self.dumb.set_agent_active(agent_id, active)

    def subscribe(self) -> None:
        framework_id, roles = f"f{self.draw.randrange(6)}", self.some_roles()
        suppressed = {role for role in roles if self.draw.random() < 0.2}
        active = self.draw.random() < 0.95
        self.clever.add_framework(framework_id, sorted(roles), sorted(suppressed), active)
        self.dumb.add_framework(framework_id, roles, suppressed, active)

    def leave(self) -> None:
        if (framework_id := self.some_framework()) and self.draw.random() < 0.2:
            self.clever.remove_framework(framework_id)
            self.dumb.remove_framework(framework_id)

    def toggle_framework(self) -> None:
        if framework_id := self.some_framework():
            active = self.draw.random() < 0.8
            self.clever.set_framework_active(framework_id, active)
            self.dumb.set_framework_active(framework_id, active)

    def suppress(self) -> None:
        if framework_id := self.some_framework():
            roles = {self.draw.choice(ROLES)}
            self.clever.suppress(framework_id, roles)
            self.dumb.suppress(framework_id, roles)

    def revive(self) -> None:
        if framework_id := self.some_framework():
            roles = self.draw.choice([None, self.some_roles()])
            self.clever.revive(framework_id, roles)
            self.dumb.revive(framework_id, roles)

    def cycle(self) -> None:
        self.now += self.draw.choice([0.0, 0.5, 1.0, 5.0])
        known = sorted(self.dumb.agents)
        candidates = set(self.draw.sample(known, len(known) // 2)) if self.draw.random() < 0.3 else None
        offers = self.clever.allocate_cycle(self.now, candidates)
        expected = self.dumb.cycle(self.now, candidates)
        assert [(o.framework_id, o.role, o.agent_id, o.resources) for o in offers] == expected
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
        if self.draw.random() < 0.3:  # a part stays in use
            given = offer.resources.filter(lambda resource: resource.name != "cpus")
            self.own.append((offer.framework_id, offer.agent_id, offer.resources - given))
        until = self.draw.choice([None, self.now, self.now + 1, self.now + 5, self.now + 1000])
        self.clever.decline(offer.framework_id, offer.role, offer.agent_id, given, until)
        self.dumb.decline((offer.framework_id, offer.role), offer.agent_id, given, until)

    def convert(self) -> None:
        """Cuts a disk from a pool, or reserves cpus; all of the offer stays in use."""
        offer = self.some_offer()
        if offer is None:
            return
        holder, held = (offer.framework_id, offer.role), offer.resources
        made = self.conversion(offer)
        if made is not None:
            consumed, converted = made
            self.clever.convert(offer.agent_id, *holder, consumed, converted)
            self.dumb.convert(holder, offer.agent_id, consumed, converted)
            held = held - consumed + converted
        self.own.append((offer.framework_id, offer.agent_id, held))

    def conversion(self, offer: Offer) -> tuple[Resources, Resources] | None:
        pools = [r for r in offer.resources if r.disk is not None and r.disk.is_pool]
        if pools:
            source = self.draw.choice(pools)
            milli = self.draw.randrange(1, source.milli // 1000 + 1) * 1000
            self.volumes += 1
            disk = mount(f"volume{self.volumes}", milli // 1000).with_allocation(offer.role)
            return Resources([source.with_value(Scalar(milli))]), Resources([disk])
        plain = [r for r in offer.resources if r.name == "cpus" and not r.is_reserved]
        if plain and offer.role != "*":
            return Resources(plain[:1]), Resources([plain[0].push_reservation(Reservation(offer.role))])
        return None

    def take_own(self) -> None:
        """The orchestrator takes something for itself, whether or not it is free."""
        if agent_id := self.some_agent():
            total = [r for r in self.dumb.agents[agent_id].total if isinstance(r.value, Scalar)]
            if total:
                chosen = self.draw.choice(total)
                if not chosen.is_counted:
                    assert self.clever.free(agent_id, chosen) == self.dumb.free(agent_id, chosen)
                taken = Resources([chosen.with_allocation("a")])
                self.clever.allocate(None, "a", agent_id, taken)
                self.dumb.allocate((None, "a"), agent_id, taken)
                self.own.append((None, agent_id, taken))

    def give_own(self) -> None:
        """Something in use ends."""
        if self.own:
            framework_id, agent_id, held = self.own.pop(self.draw.randrange(len(self.own)))
            for role in sorted({r.allocated_to or "" for r in held}):
                part = held.filter(lambda resource, role=role: resource.allocated_to == role)  # type: ignore[misc]
                self.clever.release(framework_id, role, agent_id, part)
                self.dumb.release((framework_id, role), agent_id, part)


def tell(seed: int, steps: int) -> Story:
    story = Story(seed)
    for _ in range(steps):
        story.step()
    return story
