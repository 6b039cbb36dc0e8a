"""A scenario, run: each step does what the orchestrator would, on the allocator, and says what came of it.

Which ops allocate at once, for which agents, and how long filters live, is as in the orchestrator; time is
virtual and moves only by `tick` and `advance_s`. Must not: read files or a clock, print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from api.model.errors import OrlopError
from api.model.resource import Reservation, Resource
from api.model.resources import Conversion, Resources
from api.model.roles import UNRESERVED, is_under
from api.model.values import Scalar
from orchestrator.allocation_replay.amounts import NotThere, Written, present, taken
from orchestrator.allocation_replay.cluster import Cluster, Launched, Outstanding
from orchestrator.allocation_replay.document import BadScenario, Scenario, Step
from orchestrator.allocation_replay.expectations import MadeOffer, Outcome
from orchestrator.allocation_replay.quota import BAD_REQUEST, OK, judge, rescinded
from orchestrator.allocator import (
    Allocator,
    AllocatorConfig,
    Capability,
    FrameworkTraits,
    Offer,
    Quota,
)
from orchestrator.filter_life import filter_until

CONFLICT = 409
"""What a reservation wants is in use, or not there."""

WITHHELD_LIMIT = 10_000
"""Reasons that one step tells at most, of each role; more are left out."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What came of a step. refusals: why the status is not 200."""

    step: Step
    outcome: Outcome
    refusals: list[str] = field(default_factory=list)

    @property
    def differences(self) -> list[str]:
        expected = self.step.expected
        return expected.differences(self.outcome) if expected is not None else []


class _Refused(Exception):
    """The operator API would have answered `status`; nothing has changed."""

    def __init__(self, status: int, reasons: list[str]) -> None:
        super().__init__(*reasons)
        self.status = status
        self.reasons = reasons


class Replay:
    """One scenario on one allocator. `run` may be called once."""

    def __init__(self, scenario: Scenario, explain: bool = False) -> None:
        """`explain`: say after each step what was withheld, and why."""
        self._scenario = scenario
        self._explain = explain
        config = AllocatorConfig(
            min_allocatable=scenario.min_allocatable,
            fair_sharing_excluded=scenario.fair_sharing_excluded,
            allocation_interval=scenario.allocation_interval,
        )
        self.allocator = Allocator(config)
        self._now = 0.0
        self._cluster = Cluster()
        self._quotas: dict[str, Quota] = {}
        self._roles_ever = {
            step.given["framework"]: step.given["roles"]
            for step in reversed(scenario.steps)
            if step.op == "add_framework"
        }
        self._made: list[MadeOffer] = []
        self._rescinded: list[Outstanding] = []
        self._ops: Mapping[str, Callable[..., None]] = {
            "add_agent": self._add_agent,
            "add_agents": self._add_agents,
            "remove_agent": self._remove_agent,
            "update_agent": self._update_agent,
            "set_revocable": self._set_revocable,
            "add_resource_provider": self._add_resource_provider,
            "add_framework": self._add_framework,
            "activate": self._activate,
            "deactivate": self._deactivate,
            "remove_framework": self._remove_framework,
            "suppress": self._suppress,
            "revive": self._revive,
            "decline": self._decline,
            "launch": self._launch,
            "recover_all": self._recover_all,
            "reserve": self._reserve,
            "unreserve": self._unreserve,
            "set_quota": self._set_quota,
            "remove_quota": self._remove_quota,
            "set_weight": self._set_weight,
            "tick": self._tick,
            "advance_s": self._advance,
        }

    def run(self) -> list[StepResult]:
        """All steps. Raises BadScenario, naming the step, for one that makes no sense where it stands."""
        return [self._step(step) for step in self._scenario.steps]

    def shares(self) -> dict[str, float]:
        """Each role's dominant share as it is now, 0 to 1."""
        return self.allocator.shares()

    def _step(self, step: Step) -> StepResult:
        self._made, self._rescinded = [], []
        status, refusals = OK, []
        try:
            self._ops[step.op](**step.given)
        except _Refused as refused:
            status, refusals = refused.status, refused.reasons
        except OrlopError as error:
            raise BadScenario(f"{step.title}: {error}") from error
        expected = step.expected
        explained = self._explain or (expected is not None and expected.withheld is not None)
        outcome = Outcome(
            status=status,
            offers=tuple(self._made),
            rescinds=tuple({"framework": o.framework, "agent": o.agent} for o in self._rescinded),
            withheld=tuple(self._withheld()) if explained else (),
            shares=self.shares() if expected is not None and expected.shares is not None else {},
        )
        return StepResult(step, outcome, refusals)

    # Agents

    def _add_agent(self, agent: str, resources: Written, used: Mapping[str, Written]) -> None:
        self._cluster.new_agent(agent)
        self._admit(agent, present(resources), used)
        self._allocate({agent})

    def _add_agents(self, resources: Written, agents: tuple[str, ...], count: int | None) -> None:
        if bool(agents) == (count is not None):
            raise BadScenario("give either agents or count")
        names = self._cluster.numbered_agents(count) if count is not None else list(agents)
        for agent in names:
            self._cluster.new_agent(agent)
            self._admit(agent, present(resources), {})
        self._allocate(set(names))

    def _admit(self, agent: str, total: Resources, used: Mapping[str, Written]) -> None:
        parts = [part for framework in used for part in self._used(agent, framework, total, used[framework])]
        self._cluster.agents[agent] = total
        self.allocator.add_agent(agent, total)
        self._charge(parts)

    def _used(self, agent: str, framework: str, total: Resources, used: Written) -> list[Launched]:
        """What a framework uses, by role. It may be added later: so it is when agents are back before it."""
        roles = self._cluster.frameworks.get(framework) or self._roles_ever.get(framework)
        if not roles:
            raise BadScenario(f"there is no framework {framework!r} that could use anything: add it")
        found: dict[str, list[Resource]] = {}
        for resource in taken(total, used):
            role = next((r for r in roles if resource.is_reserved and is_under(r, resource.role)), roles[0])
            found.setdefault(role, []).append(resource)
        return [Launched(framework, role, agent, Resources(part)) for role, part in found.items()]

    def _charge(self, parts: Iterable[Launched]) -> None:
        for part in parts:
            self._cluster.use(part)
            self.allocator.allocate(part.framework, part.role, part.agent, part.resources)

    def _remove_agent(self, agent: str) -> None:
        self._cluster.agent(agent)
        self._rescind(self._cluster.offers_on(agent))
        self.allocator.remove_agent(agent)
        self._cluster.forget_agent(agent)

    def _update_agent(self, agent: str, total: Written) -> None:
        self._change_total(agent, present(total, self._cluster.agent(agent)))
        self._allocate({agent})

    def _set_revocable(self, agent: str, cpus: int) -> None:
        total = self._cluster.agent(agent).filter(lambda r: not (r.revocable and r.name == "cpus"))
        self._change_total(agent, total + Resources([Resource("cpus", Scalar(cpus), revocable=True)]))
        self._allocate({agent})

    def _add_resource_provider(self, agent: str, total: Written, used: Mapping[str, Written]) -> None:
        before = self._cluster.agent(agent)
        present_pools = {r.disk.source.profile for r in before if r.disk and r.disk.source and r.disk.is_pool}
        for part in total.values():
            if doubled := present_pools & part.pools.keys():
                raise BadScenario(
                    f"{agent} has a pool {sorted(map(str, doubled))[0]!r} already: name another"
                )
        added = present(total, before, more=True)
        parts = [part for name in used for part in self._used(agent, name, added, used[name])]
        self._change_total(agent, before + added)
        self._charge(parts)

    def _change_total(self, agent: str, total: Resources) -> None:
        """As few offers as will do are rescinded of those that hold what is short now, the latest first."""
        lost = self._cluster.agents[agent] - total
        self._cluster.agents[agent] = total
        self.allocator.update_agent_total(agent, total)
        for offer in reversed(self._cluster.offers_on(agent)) if lost else ():
            if not total.contains(offer.resources) or self.allocator.overdraws(agent, offer.resources):
                self._rescind([offer])

    # Frameworks

    def _add_framework(
        self,
        framework: str,
        roles: tuple[str, ...],
        capabilities: frozenset[Capability],
        active: bool,
        suppressed: tuple[str, ...],
    ) -> None:
        self._cluster.new_framework(framework)
        if foreign := [role for role in suppressed if role not in roles]:
            raise BadScenario(f"suppressed has role {foreign[0]!r}, which is not among its roles")
        self._cluster.frameworks[framework] = roles
        traits = FrameworkTraits(capabilities | {Capability.MULTI_ROLE})
        self.allocator.add_framework(framework, roles, suppressed, active, traits)
        self._allocate_everywhere()

    def _activate(self, framework: str) -> None:
        self._cluster.framework(framework)
        self.allocator.set_framework_active(framework, True)
        self._allocate_everywhere()

    def _deactivate(self, framework: str) -> None:
        self._cluster.framework(framework)
        self.allocator.set_framework_active(framework, False)
        self._take_back([offer for offer in self._cluster.offers() if offer.framework == framework])

    def _remove_framework(self, framework: str) -> None:
        """All that it was offered and used comes back, as when its tasks have ended."""
        self._deactivate(framework)
        self.allocator.remove_framework(framework)
        for each in self._cluster.end_use(framework):
            self.allocator.release(framework, each.role, each.agent, each.resources)
        del self._cluster.frameworks[framework]

    def _suppress(self, framework: str, roles: tuple[str, ...] | None) -> None:
        self.allocator.suppress(framework, self._own_roles(framework, roles))

    def _revive(self, framework: str, roles: tuple[str, ...] | None) -> None:
        self.allocator.revive(framework, self._own_roles(framework, roles))
        self._allocate_everywhere()

    def _own_roles(self, framework: str, roles: tuple[str, ...] | None) -> tuple[str, ...]:
        own = self._cluster.framework(framework)
        foreign = [role for role in roles or () if role not in own]
        if foreign:
            raise BadScenario(f"{framework} is not in role {foreign[0]!r}; it is in {', '.join(own)}")
        return own if roles is None else roles

    # Offers

    def _decline(self, framework: str, agent: str, resources: Written, refuse_s: float | None) -> None:
        until = filter_until(self._now, refuse_s or 0.0, self._scenario.allocation_interval)
        for offer, part in self._taken(framework, agent, resources):
            self.allocator.decline(framework, offer.role, agent, part, until)

    def _launch(self, framework: str, agent: str, resources: Written) -> None:
        for offer, part in self._taken(framework, agent, resources):
            self._cluster.use(Launched(framework, offer.role, agent, part))

    def _taken(self, framework: str, agent: str, resources: Written) -> list[tuple[Outstanding, Resources]]:
        self._cluster.framework(framework)
        self._cluster.agent(agent)
        return self._cluster.take(framework, agent, resources)

    def _recover_all(self) -> None:
        self._take_back(self._cluster.offers())

    def _rescind(self, offers: list[Outstanding]) -> None:
        self._take_back(offers)
        self._rescinded += offers

    def _take_back(self, offers: list[Outstanding]) -> None:
        self._cluster.drop(offers)
        for offer in offers:
            self.allocator.release(offer.framework, offer.role, offer.agent, offer.resources)

    # Reservations

    def _reserve(self, agent: str, role: str, resources: Written, kind: str | None) -> None:
        if role == UNRESERVED:
            raise BadScenario(f"{role!r} is for what nobody has reserved: name another role")
        reservation = Reservation(role, dynamic=kind != "static")
        for reserved_for in resources:
            if reserved_for != UNRESERVED and not (is_under(role, reserved_for) and role != reserved_for):
                raise BadScenario(
                    f"what is reserved for {reserved_for} can only be refined to a role below it"
                )
        wanted = self._freed(agent, resources)
        self._convert(agent, wanted, wanted.push_reservation(reservation))

    def _unreserve(self, agent: str, role: str, resources: Written, kind: str | None) -> None:
        """What is written may say that it is reserved for the role, or leave that out."""
        if len(resources) != 1 or not resources.keys() <= {UNRESERVED, role}:
            raise BadScenario(f"unreserve for role {role} takes what is reserved for {role} alone")
        own: Written = {role: next(iter(resources.values()))}
        dynamic = None if kind is None else kind == "dynamic"
        wanted = self._freed(agent, own, dynamic)
        self._convert(agent, wanted, wanted.pop_reservation())

    def _freed(self, agent: str, written: Written, dynamic: bool | None = None) -> Resources:
        """What is written, nobody's now: offers that hold what is lacking are rescinded. Raises _Refused."""
        total = self._cluster.agent(agent)
        if dynamic is not None:
            total = total.filter(lambda r: bool(r.reservations) and r.reservations[-1].dynamic == dynamic)
        try:
            wanted = taken(total - self._cluster.in_use(agent), written)
        except NotThere as error:
            raise _Refused(CONFLICT, [f"on {agent}, what is used left aside: {error}"]) from error
        for offer in self._cluster.offers_on(agent):
            free = self._cluster.free(agent)
            with suppress(NotThere):
                return taken(free - (free - total), written)
            lacking = wanted - free
            if lacking - offer.resources != lacking:
                self._rescind([offer])
        return wanted

    def _convert(self, agent: str, consumed: Resources, converted: Resources) -> None:
        change = Conversion(consumed, converted)
        self._cluster.agents[agent] = self._cluster.agents[agent].apply(change)
        self.allocator.change_agent_total(agent, change)

    # Quota and weights

    def _set_quota(
        self, role: str, guarantees: Mapping[str, int], limits: Mapping[str, int], force: bool
    ) -> None:
        wanted = {role: Quota(guarantees, limits)}
        verdict = judge(self.allocator, self._cluster.offers(), self._quotas, wanted, force)
        if verdict.is_set:
            self._quotas = {name: q for name, q in {**self._quotas, **wanted}.items() if q}
            self.allocator.set_quota(role, wanted[role])
        if verdict.refusals:
            raise _Refused(verdict.status, verdict.refusals)
        self._rescind(rescinded(self.allocator, self._cluster.offers(), self._quotas, [role]))

    def _remove_quota(self, role: str) -> None:
        if self._quotas.pop(role, None) is None:
            raise _Refused(BAD_REQUEST, [f"role {role!r} has no quota to remove"])
        self.allocator.set_quota(role, Quota({}, {}))

    def _set_weight(self, role: str, weight: int) -> None:
        self.allocator.set_weight(role, weight)

    # Time and runs

    def _tick(self, n: int) -> None:
        for _ in range(n):
            self._now += self._scenario.allocation_interval
            self._keep(self.allocator.allocate_cycle(self._now, None))

    def _advance(self, s: float) -> None:
        self._now += s

    def _allocate_everywhere(self) -> None:
        self._allocate(set(self._cluster.agents))

    def _allocate(self, agents: set[str]) -> None:
        self._keep(self.allocator.allocate_cycle(self._now, agents))

    def _keep(self, offers: Iterable[Offer]) -> None:
        for offer in offers:
            resources = offer.resources.unallocated()
            self._made.append(MadeOffer(offer.framework_id, offer.role, offer.agent_id, resources))
            self._cluster.offered(offer.framework_id, offer.role, offer.agent_id, resources)

    def _withheld(self) -> list[dict[str, Any]]:
        found = []
        for role in sorted({role for roles in self._cluster.frameworks.values() for role in roles}):
            found += [
                {"framework": w.framework_id, "role": w.role, "agent": w.agent_id, "reason": w.text}
                for w in self.allocator.withheld(role, limit=WITHHELD_LIMIT)
            ]
        return found
