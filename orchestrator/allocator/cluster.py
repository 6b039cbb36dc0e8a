"""The allocator's books put together: agents, roles, totals, filters, and who is to be visited.

Each change of one is carried to the others here, once, so that nothing needs to be added up in a run. The
order in which they are told matters: who has something is discharged by the old description and charged by
the new one.

No offers are decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from api.model.resources import Conversion, Resources
from orchestrator.allocator.agents import Agent
from orchestrator.allocator.clients import Client, Holder, Role
from orchestrator.allocator.config import AgentId, AllocatorConfig, FrameworkId, UnknownAgent
from orchestrator.allocator.filters import Filters
from orchestrator.allocator.gates import gate
from orchestrator.allocator.groups import converted_total
from orchestrator.allocator.holdings import SHARED, Holding
from orchestrator.allocator.names import Names, Vector
from orchestrator.allocator.quota import Quota
from orchestrator.allocator.reading import Kinds
from orchestrator.allocator.roster import Roster
from orchestrator.allocator.shares import ClusterTotals
from orchestrator.allocator.sharing import charge_shared, discharge_shared
from orchestrator.allocator.stock import capacities, reservations, revocable, share
from orchestrator.allocator.traits import AgentTraits
from orchestrator.allocator.worth import CommonWorth


class Cluster:
    """awake: agents that may have something new to offer. kept_back: those that have something which only
    quota keeps from somebody, to be woken when there is more room."""

    def __init__(self, config: AllocatorConfig) -> None:
        self.config = config
        self.names = Names()
        self.kinds = Kinds(self.names)
        self.totals = ClusterTotals(self.names, config.fair_sharing_excluded)
        self.worth = CommonWorth(config.min_allocatable)
        self.roster = Roster(self.names, self.totals, self.worth)
        self.filters = Filters(config.max_filter_masks, config.allocation_interval, self.wake)
        self.agents: dict[AgentId, Agent] = {}
        self.whitelist: frozenset[str] | None = None
        self.awake: set[Agent] = set()
        self.kept_back: set[Agent] = set()
        self._agents_made = 0

    def agent(self, agent_id: AgentId) -> Agent:
        agent = self.agents.get(agent_id)
        if agent is None:
            raise UnknownAgent(f"agent {agent_id} is not known to the allocator: add it first")
        return agent

    # Who is to be visited

    def wake(self, agent: Agent) -> None:
        """The agent may have something new to offer."""
        if self.agents.get(agent.id) is agent:
            self.awake.add(agent)

    def awake_of(self, candidates: set[AgentId] | None) -> list[Agent]:
        """Those of these agents that are to be visited; None: of all. In no order."""
        if candidates is None or len(candidates) > len(self.awake):
            return [agent for agent in self.awake if candidates is None or agent.id in candidates]
        named = (self.agents.get(agent_id) for agent_id in candidates)
        return [agent for agent in named if agent is not None and agent in self.awake]

    def wake_all(self) -> None:
        self.awake.update(self.agents.values())

    def wake_kept_back(self) -> None:
        """If there is more room than there was."""
        if self.roster.headroom.grew:
            self.awake |= self.kept_back
            self.kept_back.clear()
            self.roster.headroom.grew = False

    # What there is

    def add_agent(self, agent_id: AgentId, total: Resources, traits: AgentTraits) -> None:
        if agent_id in self.agents:
            self.remove_agent(agent_id)
        self._agents_made += 1
        agent = Agent(agent_id, self._agents_made, self.kinds, traits)
        agent.set_total(total)
        self.agents[agent_id] = agent
        self._count_in(agent)
        self.set_gate(agent)
        self.ask_about(agent)
        self.filters.join(agent)

    def remove_agent(self, agent_id: AgentId, *, comes_back: bool = False) -> None:
        """comes_back: it is expected to be added again soon, as it was, and has its filters then."""
        agent = self.agents.get(agent_id)
        if agent is None:
            if not comes_back:
                self.filters.part_for_good(agent_id)
            return
        reserved = self._discharge_all(agent)
        del self.agents[agent_id]
        if comes_back:
            self.filters.part(agent)
        else:
            self.filters.clear_agent(agent)
        self.awake.discard(agent)
        self.kept_back.discard(agent)
        for holder in agent.held:
            self._count_place(holder, -1)
        for holder in agent.held:
            self.forget_if_idle(holder)
        self._forget_idle(reserved)

    def set_gate(self, agent: Agent) -> None:
        agent.gate = gate(agent.traits, agent.stock, self.config)
        agent.is_listed = self.whitelist is None or agent.traits.hostname in self.whitelist
        self.recount(agent)
        self.wake(agent)

    def set_active(self, agent: Agent, is_active: bool) -> None:
        agent.is_active = is_active
        self.recount(agent)
        self.wake(agent)

    def ask_about(self, agent: Agent) -> None:
        """Asks those that do not want every agent whether they want this one."""
        agent.unwanted = 0
        for client in self.roster.picky:
            self._ask(client, agent)

    def ask_for(self, client: Client) -> None:
        """Asks a client which agents it wants."""
        for agent in self.agents.values():
            self._ask(client, agent)

    def _ask(self, client: Client, agent: Agent) -> None:
        if client.wants is None or client.wants(agent.traits.about):
            agent.unwanted &= ~client.bit
        else:
            agent.unwanted |= client.bit

    def set_total(self, agent: Agent, total: Resources) -> None:
        """New totals, whatever they are."""
        reserved = self._discharge_all(agent)
        agent.set_total(total)
        self._charge_all(agent, reserved)

    def change_total(self, agent: Agent, change: Conversion) -> None:
        """Totals of which just this has changed."""
        lost, gained = agent.read(change.consumed), agent.read(change.converted)
        total = agent.total.exchange(change.consumed, change.converted)
        if not agent.stock.contains(lost) or _is_odd(lost) or _is_odd(gained):
            self.set_total(agent, total)
        else:
            self._change_total(agent, lost, gained, total, is_held=False)

    def _change_total(
        self, agent: Agent, lost: Holding, gained: Holding, total: Resources, *, is_held: bool
    ) -> None:
        before = capacities(agent.groups)
        agent.change_total(lost, gained, total, is_held=is_held)
        less, more = share(lost.amounts) + before, share(gained.amounts) + capacities(agent.groups)
        self.totals.change(_summed(less), _summed(more))
        self.totals.change_revocable(revocable(lost), revocable(gained))
        self._reserve(reservations(lost), reservations(gained))
        self.recount(agent)
        if any(kind.name == "gpus" for kind in (*lost.amounts, *gained.amounts)):
            self.set_gate(agent)  # looks at all that is there, which may be very many disks
        else:
            self.wake(agent)

    def convert(
        self, agent: Agent, holder: Holder, lost: Holding, consumed: Resources, converted: Resources
    ) -> None:
        """What the holder has became something else, and the totals alike."""
        described = converted.unallocated().described_as_in(agent.total)
        gained = agent.read(described)
        kinds = (*lost.amounts, *gained.amounts)
        is_plain = not any(kind.group is not None for kind in kinds) and agent.stock.contains(lost)
        if is_plain and not _is_odd(lost) and not _is_odd(gained):
            self.discharge(agent, holder, lost)
            self._exchange_held(agent, holder, lost, gained)
            total = agent.total.exchange(consumed.unallocated(), described)
            self._change_total(agent, lost, gained, total, is_held=True)
            self.charge(agent, holder, gained, times=0)
        else:
            reserved = self._discharge_all(agent)
            self._exchange_held(agent, holder, lost, gained)
            agent.set_total(converted_total(agent.total, consumed, converted))
            self._charge_all(agent, reserved)
        self.forget_if_idle(holder)

    def _exchange_held(self, agent: Agent, holder: Holder, lost: Holding, gained: Holding) -> None:
        before = holder in agent.held
        agent.exchange_held(holder, lost, gained)
        self._count_place(holder, (holder in agent.held) - before)

    def _discharge_all(self, agent: Agent) -> Collection[str]:
        """Before an agent's totals change as a whole, or it goes: nothing of it counts any more.

        Returns the roles that something was reserved for. Those that nothing else is known of have to be
        forgotten, but not before it is clear what counts again: how often a role was served is lost with it.
        """
        held = dict(agent.held)
        for holder, holding in held.items():
            agent.held.pop(holder)
            self.discharge(agent, holder, holding)
        agent.held.update(held)
        self.totals.change(_summed(share(agent.stock.amounts) + capacities(agent.groups)), ())
        self.totals.change_revocable(revocable(agent.stock), ())
        reserved = reservations(agent.stock)
        for role in sorted(reserved):
            self.roster.reserve(role, reserved[role], ())
        if agent.offerable:
            self.roster.headroom.lose(agent)
        return reserved

    def _charge_all(self, agent: Agent, before: Collection[str]) -> None:
        """`before`: the roles that something was reserved for."""
        held = dict(agent.held)
        agent.held.clear()
        for holder, holding in held.items():
            agent.held[holder] = holding
            self.charge(agent, holder, holding, times=0)
        self._count_in(agent)
        self.set_gate(agent)
        self._forget_idle(before)

    def _forget_idle(self, roles: Collection[str]) -> None:
        for role in sorted(roles):
            self.roster.forget_idle_role(role)

    def _count_in(self, agent: Agent) -> None:
        self.totals.change((), _summed(share(agent.stock.amounts) + capacities(agent.groups)))
        self.totals.change_revocable((), revocable(agent.stock))
        self._reserve({}, reservations(agent.stock))
        self.recount(agent)

    def _reserve(self, less: dict[str, Vector], more: dict[str, Vector]) -> None:
        for role in sorted({*less, *more}):
            self.roster.reserve(role, less.get(role, ()), more.get(role, ()))
        self._forget_idle(less)

    def recount(self, agent: Agent) -> None:
        """The agent may have more or less to offer than was counted."""
        if self.roster.headroom.is_kept:
            self.roster.headroom.recount(agent)

    # Who has what

    def take(self, agent: Agent, holder: Holder, holding: Holding, times: int = 1) -> None:
        if agent.take(holder, holding):
            self._count_place(holder, 1)
        self.charge(agent, holder, holding, times)
        self.recount(agent)

    def give_back(self, agent: Agent, holder: Holder, holding: Holding) -> None:
        """Raises NotHeld, and changes nothing, when the holder has less."""
        if not holding:
            return
        is_last = agent.give_back(holder, holding)
        self.discharge(agent, holder, holding)
        if is_last:
            self._count_place(holder, -1)
            self.forget_if_idle(holder)
        self.recount(agent)
        self.wake(agent)

    def charge(self, agent: Agent, holder: Holder, holding: Holding, times: int = 1) -> None:
        """The holder has it on the agent from just now."""
        if holder[1] is None:
            return
        client, role = self._charged(holder)
        if holding.vector is None:
            holding.derive()
        if holding.flags & SHARED:
            charge_shared(self.roster, agent, client, role, holding, times)
        else:
            self.roster.charge(client, role, holding, times)
        self.roster.settle(client, role)

    def discharge(self, agent: Agent, holder: Holder, holding: Holding) -> None:
        """The holder has it on the agent no more."""
        if holder[1] is None:
            return
        client, role = self._charged(holder)
        if holding.vector is None:
            holding.derive()
        if holding.flags & SHARED:
            discharge_shared(self.roster, agent, client, role, holding)
        else:
            self.roster.discharge(client, role, holding)
        self.roster.settle(client, role)

    def _charged(self, holder: Holder) -> tuple[Client | None, Role]:
        framework_id, path = holder
        assert path is not None, "nobody is charged for what has no role"
        if framework_id is None:
            return None, self.roster.role(path)
        client = self.roster.client(framework_id, path)
        return client, client.role

    def _count_place(self, holder: Holder, change: int) -> None:
        if holder[1] is not None and change:
            client, role = self._charged(holder)
            if client is not None:
                client.places += change
            else:
                role.places += change

    def leave(self, framework_id: FrameworkId, kept: set[str]) -> None:
        """The framework leaves all roles but those."""
        for client in self.roster.of_framework(framework_id):
            if client.role.path not in kept:
                client.is_subscribed = False
                self.filters.clear_client(client, self.agents.values())
                self.open_or_close([client])
                self.forget_if_idle(client.holder)

    def forget_if_idle(self, holder: Holder) -> None:
        """Forgets a client that is not subscribed and holds nothing, and a role that nobody uses."""
        client = self.roster.clients.get(holder)
        if client is not None and not client.is_subscribed and not client.places:
            is_noted = client.took_turns or client in self.roster.picky
            self.roster.forget_client(client)
            for agent in self.agents.values() if is_noted else ():
                agent.unwanted &= ~client.bit
                if agent.turns:
                    agent.turns.pop(client, None)
        if holder[1] is not None:
            self.roster.forget_idle_role(holder[1])

    # What operators decide

    def set_quotas(self, quotas: Mapping[str, Quota]) -> None:
        for role, quota in quotas.items():
            self.roster.set_quota(role, quota)
        headroom = self.roster.headroom
        if headroom.is_kept != self.roster.has_guarantees:
            headroom.restart(is_kept=not headroom.is_kept)
            for agent in self.agents.values():
                agent.offerable = ()
                self.recount(agent)
        self.wake_all()

    def set_whitelist(self, hostnames: frozenset[str] | None) -> None:
        self.whitelist = hostnames
        for agent in self.agents.values():
            self.set_gate(agent)

    def open_or_close(self, clients: Iterable[Client]) -> None:
        """After they changed: puts them where they may be asked, or takes them out."""
        opened = [self.roster.open_or_close(client) for client in clients]
        if any(opened):
            self.wake_all()


def _is_odd(part: Holding) -> bool:
    """Whether a change by this cannot be worked out from the change alone."""
    return bool(part.others) or any(kind.flags & SHARED for kind in part.amounts)


def _summed(parts: Vector) -> Vector:
    found: dict[int, int] = {}
    for slot, amount in parts:
        found[slot] = found.get(slot, 0) + amount
    return tuple(sorted((slot, amount) for slot, amount in found.items() if amount))
