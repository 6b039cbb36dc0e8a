"""One agent's books: what there is, who holds what, what is free for whom.

Free is kept as a running balance, total less held, so that nothing is added up again during a run. A
balance may be negative: totals shrink under what is held, and then nothing of that kind is free.

Here is no order among frameworks, and no time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from weakref import WeakValueDictionary

from api.model.resources import EMPTY, Conversion, Resources
from api.model.roles import UNRESERVED
from orchestrator.allocator.clients import Client, Holder
from orchestrator.allocator.config import AgentId, NotHeld
from orchestrator.allocator.filters import Masks, Refused, refuses
from orchestrator.allocator.groups import Group, by_group, groups_of, limit
from orchestrator.allocator.holdings import Amounts, Holding, Kind, Kinds, OwnKinds, add_amount

_NOTHING: Mapping[Kind, int] = MappingProxyType({})


class Agent:
    """An agent.

    balance: total less held, by the role that the resources are reserved for ("*": unreserved); no
        zeros, no empty tables.
    others: free ranges and sets, likewise.
    filters: bits of the clients that refused so much until then.
    filtered: bits of the clients with a filter here; blocked: of those whose filters suppress all that
        is free now, and so of no use to ask again before something comes free.
    verdicts: (what was free, bits blocked by it) at the last visit: an agent that is declined is soon as it
        was before, and then nobody's filters need be looked up again.
    turns: how often each client was offered a part of a divided capacity group.
    _ungrouped: what the totals add to shares by name, capacity groups aside.
    may_exceed: somebody else's decision (a smaller total, something found in use) put more to use than
        there is. Invariant: without it, what is held fits.
    """

    __slots__ = (
        "__weakref__",
        "_total_amounts",
        "_ungrouped",
        "balance",
        "blocked",
        "filtered",
        "filters",
        "groups",
        "held",
        "id",
        "is_active",
        "kinds",
        "may_exceed",
        "others",
        "own",
        "sequence",
        "total",
        "turns",
        "verdicts",
    )

    def __init__(self, agent_id: AgentId, sequence: int, kinds: Kinds) -> None:
        self.id = agent_id
        self.sequence = sequence
        self.kinds = kinds
        self.own: OwnKinds = WeakValueDictionary()
        self.is_active = True
        self.total = EMPTY
        self._total_amounts = Holding()
        self._ungrouped: dict[str, int] = {}
        self.held: dict[Holder, Holding] = {}
        self.balance: dict[str, Amounts] = {}
        self.others: dict[str, Resources] = {}
        self.groups: list[Group] = []
        self.filters: Masks | None = None
        self.filtered = 0
        self.blocked = 0
        self.verdicts: tuple[object, int] = (None, 0)
        self.turns: dict[Client, int] = {}
        self.may_exceed = False

    # What there is

    def read(self, resources: Resources) -> Holding:
        return self.kinds.read(resources, self.own)

    def set_total(self, total: Resources) -> None:
        """Takes over new totals and works out anew all that follows from them."""
        self._read_total(total)
        self._rebuild()

    def _read_total(self, total: Resources) -> None:
        self.total = total.unallocated()
        self._total_amounts = self.kinds.read(self.total, self.own, describe=True)
        self._ungrouped = {}
        for kind, amount in self._total_amounts.amounts.items():
            self._add_share(kind, amount)

    def _add_share(self, kind: Kind, amount: int) -> None:
        if kind.group is None:
            self._ungrouped[kind.name] = self._ungrouped.get(kind.name, 0) + amount * kind.weight

    def _rebuild(self) -> None:
        """Works out balance and groups from totals and what is held."""
        held: Amounts = {}
        self.balance = {}
        self.verdicts = (None, 0)
        for kind, amount in self._total_amounts.amounts.items():
            self._add_balance(kind.role, {kind: amount})
        for holding in self.held.values():
            for kind, amount in holding.amounts.items():
                add_amount(held, kind, amount)
                self._add_balance(kind.role, {kind: -amount})
        self.groups = groups_of(self._total_amounts.amounts, held)
        self._count_others()
        self.note_excess()

    def change_total(self, change: Conversion) -> bool:
        """Totals lose and gain a little, and all that follows from them changes alike.

        False, and nothing has changed, when that cannot be worked out from the change alone.
        """
        lost, gained = self.read(change.consumed), self.read(change.converted)
        amounts = self._total_amounts.amounts
        if lost.others or gained.others or not self._total_amounts.contains(lost):
            return False
        self.total = self.total.exchange(change.consumed, change.converted)
        for sign, part in ((-1, lost), (1, gained)):
            for kind, amount in part.amounts.items():
                add_amount(amounts, kind, sign * amount)
                self._add_share(kind, sign * amount)
                self._add_balance(kind.role, {kind: sign * amount})
        self.verdicts = (None, 0)
        touched = {**lost.amounts, **gained.amounts}
        self._regroup(touched)
        self.note_excess(touched)
        return True

    def _regroup(self, touched: Iterable[Kind]) -> None:
        """Works out the groups anew after the totals of these kinds changed."""
        members = dict.fromkeys(kind for group in self.groups for kind in group.kinds)
        members.update(dict.fromkeys(kind for kind in touched if kind.group is not None))
        if members:
            total = {kind: self._total_amounts.amounts.get(kind, 0) for kind in members}
            held = {kind: amount for kind in members if (amount := self.held_of(kind))}
            self.groups = groups_of({kind: amount for kind, amount in total.items() if amount}, held)

    def note_excess(self, touched: Iterable[Kind] | None = None) -> None:
        """Remembers whether more is in use than there is. `touched`: only these kinds have changed."""
        if touched is None or self.may_exceed:
            self.may_exceed = self.exceeds()
        else:
            self.may_exceed = any(self.free_of(kind) < 0 for kind in touched) or self._groups_exceed()

    def exceeds(self) -> bool:
        """Whether more is held than there is, of a kind or of a group."""
        if any(amount < 0 for amounts in self.balance.values() for amount in amounts.values()):
            return True
        return self._groups_exceed()

    def _groups_exceed(self) -> bool:
        return any(
            sum(self.held_of(kind) * kind.cost_milli for kind in group.kinds) > group.capacity
            for group in self.groups
        )

    def share_totals(self) -> dict[str, int]:
        """What the agent adds to the cluster, in the unit of shares; a capacity group counts once."""
        found = {name: amount for name, amount in self._ungrouped.items() if amount}
        for group in self.groups:
            kind = group.kinds[0]
            if kind.weight and group.capacity:
                found[kind.name] = found.get(kind.name, 0) + group.capacity
        return found

    def total_amounts(self) -> Amounts:
        """What there is of each kind; not to be changed."""
        return self._total_amounts.amounts

    def held_of(self, kind: Kind) -> int:
        """How much of a kind is held by anybody."""
        return self._total_amounts.amounts.get(kind, 0) - self.balance.get(kind.role, {}).get(kind, 0)

    # Who holds what

    def take(self, holder: Holder, holding: Holding) -> None:
        """Charges the holder; what is not free makes a negative balance."""
        balance = self.balance
        for kind, amount in holding.amounts.items():
            amounts = balance.get(kind.role)
            if amounts is None:
                amounts = balance[kind.role] = {}
            left = amounts.get(kind, 0) - amount
            if left:
                amounts[kind] = left
            else:
                del amounts[kind]
                if not amounts:
                    del balance[kind.role]
        present = self.held.get(holder)
        if present is None:
            self.held[holder] = Holding(dict(holding.amounts), holding.others)
        else:
            present.add(holding)
        if holding.others:
            self._count_others()

    def give_back(self, holder: Holder, holding: Holding) -> None:
        """The inverse of `take`. Raises NotHeld, and changes nothing, when the holder has less."""
        self._remove_held(holder, holding)
        for kind, amount in holding.amounts.items():
            self._add_balance(kind.role, {kind: amount})
        if holding.others:
            self._count_others()
        if self.may_exceed:
            self.note_excess()

    def exchange(self, holder: Holder, consumed: Holding, converted: Resources, total: Resources) -> None:
        """The holder's `consumed` became `converted`, and the totals `total`. Raises NotHeld."""
        self._remove_held(holder, consumed)
        self._read_total(total)
        gained = self.read(converted)
        if gained:
            self.held.setdefault(holder, Holding()).add(gained)
        self._rebuild()

    def require(self, holder: Holder, holding: Holding) -> None:
        """Raises NotHeld when the holder has less."""
        present = self.held.get(holder)
        if holding and (present is None or not present.contains(holding)):
            have = present.resources(None) if present is not None else EMPTY
            framework_id, role = holder
            raise NotHeld(
                f"framework {framework_id or '(none)'} in role {role or '(none)'} does not hold "
                f"{holding.resources(None)} on agent {self.id}; it holds {have}: give back what it has"
            )

    def _remove_held(self, holder: Holder, holding: Holding) -> None:
        self.require(holder, holding)
        present = self.held.get(holder)
        if present is not None:
            present.subtract(holding)
            if not present:
                del self.held[holder]

    # What is free

    def free_of(self, kind: Kind) -> int:
        """How much of a kind is free, capacity groups aside; negative when more is held than there is."""
        return self.balance.get(kind.role, _NOTHING).get(kind, 0)

    def free(self, reservation_roles: Iterable[str]) -> Holding:
        """What is free of resources reserved for these roles ("*": unreserved), capacity groups aside."""
        found: Amounts = {}
        others = EMPTY
        for role in reservation_roles:
            for kind, amount in self.balance.get(role, _NOTHING).items():
                if amount > 0:
                    found[kind] = amount
            if self.others and role in self.others:
                others = others + self.others[role]
        return Holding(found, others)

    def has_reserved(self) -> bool:
        """Whether something, free or overdrawn, is reserved for any role."""
        if len(self.balance) > (UNRESERVED in self.balance):
            return True
        return bool(self.others) and len(self.others) > (UNRESERVED in self.others)

    def has_reserved_for(self, roles: Iterable[str]) -> bool:
        """Whether any of it is reserved for one of these."""
        return any(role in self.balance or role in self.others for role in roles)

    def fit(self, wanted: Holding, turn: int) -> Holding:
        """`wanted`, which is free by itself, cut to what its capacity groups have left."""
        amounts = dict(wanted.amounts)
        for group in self.groups:
            if any(kind in amounts for kind in group.kinds):
                held = {kind: self.held_of(kind) for kind in group.kinds}
                limit(group, self._total_amounts.amounts, held, amounts, turn)
        return Holding(amounts, wanted.others)

    # What was refused

    def covers(self, refused: Holding | Refused, offered: Holding | Refused) -> bool:
        """Whether `offered` is within `refused`.

        Pools of one group are compared by the capacity they take together: another division of the
        same room is nothing new.
        """
        known = refused.amounts
        for kind, amount in offered.amounts.items():
            had = known.get(kind, 0)
            if had < amount and (kind.group is None or not had):
                return False
        if self.groups and not self._groups_within(refused, offered):
            return False
        return not offered.others or refused.others.contains(offered.others)

    def recall(self) -> None:
        """Takes up the verdicts of the last visit if the same is free again.

        Not with capacity groups: there, what a client would be offered depends on its turn, too.
        """
        if not self.filtered or self.groups:
            return
        free = frozenset((role, frozenset(amounts.items())) for role, amounts in self.balance.items())
        state = (free, tuple(self.others.items()))
        if self.verdicts[0] == state:
            self.blocked |= self.verdicts[1]
        else:
            self.verdicts = (state, 0)

    def remember(self) -> None:
        """Keeps the verdicts that hold for what is free now; `recall` came before."""
        if not self.groups:
            self.verdicts = (self.verdicts[0], self.blocked)

    def unblock(self, bits: int) -> None:
        """A filter of these clients is gone, or they themselves."""
        self.blocked &= ~bits
        self.verdicts = (self.verdicts[0], self.verdicts[1] & ~bits)

    def refuses(self, client: Client, offered: Holding) -> bool:
        """Whether a filter of the client suppresses the offer."""
        return refuses(self, client, offered)

    def _groups_within(self, refused: Holding | Refused, offered: Holding | Refused) -> bool:
        had, now = by_group(refused.amounts), by_group(offered.amounts)
        slack = {group.key: group.tolerance for group in self.groups}
        return all(taken <= had.get(key, 0) + slack.get(key, 0) for key, taken in now.items())

    def _add_balance(self, role: str, more: Amounts) -> None:
        amounts = self.balance.setdefault(role, {})
        for kind, amount in more.items():
            add_amount(amounts, kind, amount)
        if not amounts:
            del self.balance[role]

    def _count_others(self) -> None:
        """Free ranges and sets, from scratch: few agents have any, and their arithmetic is the model's."""
        self.others = {}
        if not self._total_amounts.others:
            return
        free = self._total_amounts.others
        for holding in self.held.values():
            free = free - holding.others
        for role in (UNRESERVED, *free.roles()):
            part = free.unreserved() if role == UNRESERVED else free.reserved_to(role)
            if part:
                self.others[role] = part
