"""One run: agent by agent, who is next gets what it may have.

In two stages over the same agents. First roles that lack something of their guarantees, in their order: each
gets what it lacks, and more if there is enough for all. Then all roles, in their order. In a role its
frameworks are asked in theirs; one whose filters let the offer through gets all that its role may have there:
what is reserved for it, ranges and sets, and of the rest what limits and the guarantees of others leave. So
an agent makes one offer most often, and further ones for what is left.

Only agents that may have something new to offer are visited: `run` is given those. Nothing is added up here;
shares, consumption and headroom move by what was offered. While an agent is visited, the order stands still.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from orchestrator.allocator.agents import Agent
from orchestrator.allocator.clients import Client, Role
from orchestrator.allocator.filters import blocked, refuses
from orchestrator.allocator.gates import without
from orchestrator.allocator.holdings import ALONE, NOTHING, RESERVED, REVOCABLE, SHARED, UNEVEN, Holding, Kind
from orchestrator.allocator.names import Slot
from orchestrator.allocator.offer import Offer, Texts
from orchestrator.allocator.pools import askable, within_quota
from orchestrator.allocator.roster import Roster
from orchestrator.allocator.sharing import charge_shared
from orchestrator.allocator.walk import all_leaves, leaves, leaves_under, next_client
from orchestrator.allocator.worth import Worth

SPECIAL = REVOCABLE | SHARED | RESERVED | ALONE | UNEVEN


@dataclass(slots=True)
class Outcome:
    """What a run decided. restless: agents that may have more to offer though nothing comes free;
    kept_back: those with something that quota keeps from somebody."""

    offers: list[Offer]
    restless: list[Agent]
    kept_back: list[Agent]


class Run:
    """The books of one run."""

    def __init__(self, roster: Roster, worth: Worth, texts: Texts) -> None:
        self._roster = roster
        self._headroom = roster.headroom
        self._worth = worth
        self._texts = texts
        self._pieces: dict[tuple[Agent, Client], Offer] = {}  # of the first stage, to be enlarged
        self._is_first = False
        self._shared: dict[Agent, set[Kind]] = {}
        self._in_turns: set[Agent] = set()  # those that gave in the first stage, where turns decide what
        self._cut = False
        self._has_given = False  # on the agent that is visited
        self._is_divided = False
        self.outcome = Outcome([], [], [])

    def over(self, agents: list[Agent]) -> Outcome:
        """Decides the offers on these agents, in this order, and charges them."""
        roster = self._roster
        roster.refresh()
        usable = [agent for agent in agents if agent.may_offer]
        if len(roster.wanting):
            self._first_stage(usable)
        for agent in usable:
            if agent.star is not NOTHING or agent.reserved:
                self._cut = False
                self._has_given = agent in self._in_turns
                self._settle(self._visit(agent, is_first=False))
                if agent.star is not NOTHING or agent.reserved:
                    self._remember(agent)
        return self.outcome

    def _first_stage(self, usable: list[Agent]) -> None:
        self._is_first = True
        for agent in usable:
            if not len(self._roster.wanting):
                break
            if self._is_lacked(agent.star):
                self._settle(self._visit(agent, is_first=True))
        self._is_first = False

    def _is_lacked(self, star: Holding) -> bool:
        """Whether it has something of any name of which guarantees lack something."""
        required = self._headroom.required
        for slot, _ in star.counted:  # noqa: SIM110 - asked for each offer
            if required[slot]:
                return True
        return False

    def _remember(self, agent: Agent) -> None:
        """The agent has something left."""
        if self._has_given or agent in self._shared:
            self.outcome.restless.append(agent)
        if self._cut or self._roster.spent:
            self.outcome.kept_back.append(agent)

    def _settle(self, made: list[Client]) -> None:
        for client in made:
            self._roster.settle(client, client.role)

    def _visit(self, agent: Agent, *, is_first: bool) -> list[Client]:
        """The offers on one agent in one stage; who got them and is to be settled."""
        made: list[Client] = []
        asked = self._asked(agent)
        if not asked:
            return made
        below = leaves_under(self._roster.roles, agent.reserved, asked) if agent.reserved else []
        is_simple = not agent.reserved and not agent.star.flags & SPECIAL and not agent.groups
        if not is_first and self._give_all(agent, asked):
            self._ask_below(agent, below, asked, is_first, made)
        elif is_simple and not self._roster.choosy:
            self._visit_plain(agent, asked, is_first, made)
        else:
            self._visit_mixed(agent, below, asked, is_first, is_simple, made)
        return made

    def _visit_mixed(
        self, agent: Agent, below: list[Role], asked: int, is_first: bool, is_simple: bool, made: list[Client]
    ) -> None:
        """Any agent. below: the roles for which something is reserved there, and those below them."""
        seen = set()
        for role in self._order(asked, is_first, is_simple):
            if self._is_for_few(agent):
                break
            if is_first and not _has_of(agent.star, role.top.unmet):
                continue
            if is_simple and not role.choosy:
                self._ask_alike(agent, role, asked, is_first, made)
            else:
                self._ask_each(agent, role, asked, is_first, made)
                seen.add(role)
            if is_first and not self._is_lacked(agent.star):
                return
        if below and self._is_for_few(agent):
            self._ask_below(agent, [role for role in below if role not in seen], asked, is_first, made)

    def _ask_below(
        self, agent: Agent, below: list[Role], asked: int, is_first: bool, made: list[Client]
    ) -> None:
        for role in below:
            if not is_first or _has_of(agent.star, role.top.unmet):
                self._ask_each(agent, role, asked, is_first, made)

    def _visit_plain(self, agent: Agent, asked: int, is_first: bool, made: list[Client]) -> None:
        """The same where all is plain, and all frameworks judge alike what is worth an offer."""
        star = agent.star
        if not self._worth.is_enough(star):
            return
        for role in self._order(asked, is_first, is_simple=True):
            if is_first and not _has_of(star, role.top.unmet):
                continue
            self._ask_alike(agent, role, asked, is_first, made)
            if agent.star is not star:
                star = agent.star
                if star is NOTHING or not self._worth.is_enough(star):
                    return
                if is_first and not self._is_lacked(star):
                    return

    def _give_all(self, agent: Agent, asked: int) -> bool:
        """The commonest case, in few steps: who is next has no quota, and gets all that is not reserved."""
        headroom, star = self._headroom, agent.star
        if self._roster.choosy or star.flags & (REVOCABLE | SHARED) or agent.groups:
            return False
        if star.flags and self._roster.spent:
            return False  # who stands aside might take a disk
        if star is NOTHING or not self._worth.is_enough(star):
            return False
        assert self._roster.root.inner is not None, "the root is a parent"
        client = next_client(self._roster.root.inner, asked)
        if client is None or client.bit & agent.filtered:
            return False
        if agent.reserved and not agent.reserved.keys().isdisjoint(client.role.reserved_for):
            return False
        if headroom.tight and not headroom.allows(star.counted):
            return False
        if agent.take(client.holder, star):
            client.places += 1
        self._roster.charge_next(client, star.counted)
        if headroom.is_kept:
            headroom.recount(agent)
        self._note(agent, client, star)
        return True

    def _is_for_few(self, agent: Agent) -> bool:
        """Whether at most what is reserved there is worth an offer to anybody."""
        star = agent.star
        return star is NOTHING or (not self._roster.choosy and not self._worth.is_enough(star))

    def _asked(self, agent: Agent) -> int:
        """The bits of the clients that might take something there."""
        asked = self._roster.open
        if agent.gate:
            asked &= ~self._roster.barred(agent.gate)
        if agent.unwanted:
            asked &= ~agent.unwanted
        if agent.filtered & asked:
            asked &= ~blocked(agent, agent.all_free())
        return asked

    def _ask_alike(self, agent: Agent, role: Role, asked: int, is_first: bool, made: list[Client]) -> None:
        """Asks the frameworks of a role, to all of which the same would be offered."""
        offered = self._simple(agent, role, is_first)
        if offered is None:
            return
        filtered = agent.filtered & asked
        for _, _, _, client in role.order.places():
            if not client.bit & asked or (filtered & client.bit and refuses(agent, client, offered)):
                continue
            self._give(agent, client, offered)
            made.append(client)
            if agent.star is NOTHING:
                return
            offered = self._simple(agent, role, is_first)
            if offered is None:
                return

    def _ask_each(self, agent: Agent, role: Role, asked: int, is_first: bool, made: list[Client]) -> None:
        """Asks the frameworks of a role, each of which might be offered something else."""
        free = self._free(agent, role)
        nothing_for = set()  # what frameworks lack for which nothing is left
        for _, _, _, client in role.order.places():
            lacks = client.lacks & free.flags
            if not client.bit & asked or (not client.is_choosy and lacks in nothing_for):
                continue
            offered = self._whole(agent, client, without(free, lacks), is_first)
            if offered is None:
                if not lacks and not role.choosy and not agent.groups:
                    return  # who lacks more would be offered less
                if not client.is_choosy and not agent.groups:  # of those, each is offered what its turn is
                    nothing_for.add(lacks)
                continue
            if client.bit & agent.filtered and refuses(agent, client, offered):
                continue
            self._give(agent, client, offered)
            made.append(client)
            free = self._free(agent, role)
            if not free:
                return

    def _free(self, agent: Agent, role: Role) -> Holding:
        """What is free for the role, without shared resources that are in another offer of this run."""
        free = agent.free(role.reserved_for)
        gone = self._shared.get(agent)
        if gone:
            free = Holding({kind: n for kind, n in free.amounts.items() if kind not in gone}, free.others)
        if free.vector is None:
            free.derive()
        return free

    def _order(self, asked: int, is_first: bool, is_simple: bool) -> Iterator[Role]:
        roster = self._roster
        if is_first:
            return all_leaves(roster.wanting, None, asked)
        assert roster.root.inner is not None, "the root is a parent"
        if is_simple or not roster.spent:
            return leaves(roster.root.inner, asked)
        return all_leaves(roster.root.inner, roster.root.spent, asked)

    def _simple(self, agent: Agent, role: Role, is_first: bool) -> Holding | None:
        """What any framework of the role would be offered of an agent where all is plain."""
        star = agent.star
        if not self._worth.is_enough(star):
            return None
        if not is_first and self._is_within(star, role, is_first):
            return star
        return self._cut_down(star, role, self._worth, is_first)

    def _is_within(self, wanted: Holding, role: Role, is_first: bool) -> bool:
        """Whether limits, and the guarantees of others, leave all of it to the role."""
        headroom = self._headroom
        if headroom.tight and not headroom.allows(wanted.counted, role.top.unmet if is_first else None):
            return False
        for cap in role.caps:  # noqa: SIM110 - asked for each offer
            if not cap.has_room(wanted.counted):
                return False
        return True

    def _whole(self, agent: Agent, client: Client, have: Holding, is_first: bool) -> Holding | None:
        """What the framework would be offered of any agent, where it could deal with so much."""
        if not client.worth.is_enough(have):
            return None
        self._is_divided = False
        if agent.groups:
            return self._pooled(agent, client, have, is_first)
        if have.vector is None:
            have.derive()
        if not is_first and self._is_within(have, client.role, is_first):
            return have
        return self._cut_down(have, client.role, client.worth, is_first)

    def _pooled(self, agent: Agent, client: Client, have: Holding, is_first: bool) -> Holding | None:
        """The same where pools share a capacity."""
        turn = agent.turns.get(client, 0)
        is_bound = is_first or self._headroom.tight or client.role.caps
        wanted = have.amounts
        if is_bound:
            wanted = askable(wanted, client.role, self._headroom, is_first=is_first)
            self._cut = self._cut or wanted != have.amounts
        fitting = agent.fit(wanted, turn)
        self._is_divided = fitting != wanted
        if fitting != have.amounts:
            have = Holding(fitting, have.others)
            if not client.worth.is_enough(have):
                return None
        if not is_bound:
            return have
        return self._cut_down(have, client.role, client.worth, is_first, agent, turn)

    def _cut_down(
        self,
        have: Holding,
        role: Role,
        worth: Worth,
        is_first: bool,
        agent: Agent | None = None,
        turn: int = 0,
    ) -> Holding | None:
        """What quota leaves of it; None if that is not worth an offer. agent: where its pools share."""
        offered, is_divided = within_quota(
            have, role, self._headroom, is_first=is_first, agent=agent, turn=turn
        )
        self._is_divided = self._is_divided or is_divided
        if offered is None or offered is have:
            return offered
        self._cut = True
        return offered if worth.is_enough(offered) else None

    def _give(self, agent: Agent, client: Client, offered: Holding) -> None:
        """Charges the offer and notes it."""
        if offered.vector is None:
            offered.derive()
        if offered.flags & SHARED:
            shared = {kind for kind in offered.amounts if kind.flags & SHARED}
            self._shared.setdefault(agent, set()).update(shared)
        if agent.groups and self._is_divided:
            agent.turns[client] = agent.turns.get(client, 0) + 1
            client.took_turns = True
            if self._is_first:
                self._in_turns.add(agent)
        if agent.take(client.holder, offered):
            client.places += 1
        if offered.flags & SHARED:
            charge_shared(self._roster, agent, client, client.role, offered)
        else:
            self._roster.charge(client, client.role, offered)
        if self._headroom.is_kept:
            self._headroom.recount(agent)
        self._note(agent, client, offered)

    def _note(self, agent: Agent, client: Client, offered: Holding) -> None:
        self._has_given = True
        if self._pieces:
            piece = self._pieces.get((agent, client))
            if piece is not None:
                piece.enlarge(offered)
                return
        offer = Offer(client.framework_id, client.role.path, agent.id, offered, self._texts)
        if self._is_first:
            self._pieces[agent, client] = offer
        self.outcome.offers.append(offer)


def _has_of(star: Holding, wanted: Collection[Slot]) -> bool:
    """Whether it has something of any name of which something is wanted."""
    for slot, _ in star.counted:  # noqa: SIM110 - asked of each agent and role
        if slot in wanted:
            return True
    return False
