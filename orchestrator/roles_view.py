"""Roles as operators are shown them: the tree, with weight, quota and what each branch has.

It changes nothing and decides nothing. Amounts of a role are those of its subtree. They are added up in
slices of the event loop, so that amounts of one answer may be a moment apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from api.model.quantity import MILLI
from api.model.resources import EMPTY, Resources
from api.model.roles import UNRESERVED, ancestors
from api.wire.convert import resources_to_wire
from api.wire.slices import Slices
from api.wire.v1 import master, mesos
from orchestrator.allocator import NO_QUOTA, Allocator
from orchestrator.allocator.quota import quantities
from orchestrator.offers import Offers
from orchestrator.operations import Operations
from orchestrator.provisioning import Provisioning
from orchestrator.quota import Quotas
from orchestrator.quota_messages import amounts_to_wire
from orchestrator.state import ClusterState, ProviderKey
from orchestrator.weights import Weights

ADDED_AT_ONCE = 64
"""Collections of resources that are put together in one step."""

Sums = dict[str, dict[str, int]]
"""By role and name, in milli-units."""


class RolesView:
    """Every role that somebody is subscribed to, uses, or has been given something in."""

    def __init__(
        self,
        state: ClusterState,
        allocator: Allocator,
        offers: Offers,
        operations: Operations,
        provisioning: Provisioning,
        quotas: Quotas,
        weights: Weights,
    ) -> None:
        self._state = state
        self._allocator = allocator
        self._offers = offers
        self._operations = operations
        self._provisioning = provisioning
        self._quotas = quotas
        self._weights = weights
        self._reserved: dict[ProviderKey, tuple[Resources, Sums]] = {}
        """What each provider's totals reserve, and the totals that it was reckoned from."""

    async def shown(self) -> master.ResponseGetRoles:
        """All roles, by name: inner ones of the tree as well."""
        slices = Slices()
        reserved = await self._sum_reserved(slices)
        holders = self._in_use_by_tasks()
        held = await self._held_by_operations(slices)
        allocated = await _by_role(chain(holders, held), slices)
        offered = self._quotas.offered()
        holds = await _by_role_whole(chain(self._in_use_by_tasks(), self._offered()), slices)
        frameworks: dict[str, list[mesos.FrameworkID]] = {}
        for framework in self._state.frameworks.values():
            for role in framework.roles:
                frameworks.setdefault(role, []).append(mesos.FrameworkID(value=framework.framework_id))
        volumes = {record.role for record in self._provisioning.volumes.values()}
        named = {*frameworks, *allocated, *offered, *reserved, *volumes}
        named |= {*self._quotas.all, *self._weights.all}
        names = sorted({role for each in named for role in (each, *ancestors(each))})
        consumed = self._quotas.consumed(role for role in names if role != UNRESERVED)
        roles = []
        for name in names:
            quota = self._quotas.all.get(name, NO_QUOTA)
            roles.append(
                mesos.Role(
                    name=name,
                    weight=self._allocator.weight(name) / MILLI,
                    frameworks=frameworks.get(name, []),
                    resources=resources_to_wire(holds.get(name, EMPTY)),
                    guarantees=amounts_to_wire(quota.guarantees),
                    limits=amounts_to_wire(quota.limits),
                    consumed=amounts_to_wire(consumed.get(name, {})),
                    allocated=amounts_to_wire(allocated.get(name, {})),
                    offered=amounts_to_wire(offered.get(name, {})),
                    reserved=amounts_to_wire(reserved.get(name, {})),
                )
            )
        return master.ResponseGetRoles(roles=roles)

    def _in_use_by_tasks(self) -> Iterator[tuple[str, Resources]]:
        for task in list(self._state.tasks.values()):
            if not task.is_terminal:
                yield task.role, task.resources
        for executor in list(self._state.executors.values()):
            yield executor.role, executor.resources

    async def _held_by_operations(self, slices: Slices) -> list[tuple[str, Resources]]:
        found = []
        for agent_id in list(self._state.agents):
            held = self._operations.held(agent_id)
            found += [(record.role, resources) for record, resources in held if record.role is not None]
            if slices.is_over:
                await slices.next()
        return found

    def _offered(self) -> Iterator[tuple[str, Resources]]:
        for offer in self._offers.outstanding():
            yield offer.role, offer.resources

    async def _sum_reserved(self, slices: Slices) -> Sums:
        known, kept = self._reserved, {}
        found: Sums = {}
        for agent in list(self._state.agents.values()):
            for provider in list(agent.providers.values()):
                view = provider.totals.view
                before = known.get(provider.key)
                if before is not None and before[0] is view:
                    sums = before[1]
                else:
                    reserved = ((r.role, Resources((r,))) for r in view if r.is_reserved)
                    sums = await _by_role(reserved, slices)
                kept[provider.key] = (view, sums)
                for role, amounts in sums.items():
                    _add(found.setdefault(role, {}), amounts)
            if slices.is_over:
                await slices.next()
        self._reserved = kept
        return found


async def _by_role(parts: Iterable[tuple[str, Resources]], slices: Slices) -> Sums:
    """Summed for each role and all above it."""
    found: Sums = {}
    for role, resources in parts:
        amounts = quantities(resources)
        for each in (role, *ancestors(role)):
            _add(found.setdefault(each, {}), amounts)
        if slices.is_over:
            await slices.next()
    return found


async def _by_role_whole(parts: Iterable[tuple[str, Resources]], slices: Slices) -> dict[str, Resources]:
    """The role's own: what those below it hold is not in `resources`, as in Mesos."""
    found: dict[str, list[Resources]] = {}
    for role, resources in parts:
        pile = found.setdefault(role, [])
        pile.append(resources)
        if len(pile) >= ADDED_AT_ONCE:
            pile[:] = [Resources.total(pile)]
        if slices.is_over:
            await slices.next()
    return {role: Resources.total(pile) for role, pile in found.items()}


def _add(sums: dict[str, int], amounts: dict[str, int]) -> None:
    for name, milli in amounts.items():
        sums[name] = sums.get(name, 0) + milli
