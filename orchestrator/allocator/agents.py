"""One agent's books: what there is, who holds what, what is free for whom.

What is free is kept up with each change, total less held, so that nothing is added up again during a run.
It is kept in holdings that never change: an agent that gives all away and gets it back has the same object
again, and alike agents have the same one. What is held beyond the totals, as after they shrank, is the
deficit.

Here is no order among frameworks, and no time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.model.resources import EMPTY, Resources
from api.model.roles import UNRESERVED
from orchestrator.allocator.clients import Client, Holder
from orchestrator.allocator.config import AgentId, NotHeld
from orchestrator.allocator.filters import Masks
from orchestrator.allocator.groups import Group, by_group, groups_of, limit
from orchestrator.allocator.holdings import (
    NOTHING,
    SHARED,
    Amounts,
    Holding,
    Kind,
    add_amount,
    added,
    joined,
    removed,
)
from orchestrator.allocator.names import Vector
from orchestrator.allocator.reading import Kinds, OwnKinds
from orchestrator.allocator.stock import offerable
from orchestrator.allocator.traits import AgentTraits


class Agent:
    """An agent.

    stock: the totals, as amounts.
    star: what is free and not reserved, derived always; reserved: what is free and reserved, by role, no
        empty ones. Shared resources count as free as long as they exist, whoever holds them.
    deficit: what is held and is not there. lacks_others: whether ranges or sets are, too.
    filters: bits of the clients that refused so much until then.
    filtered: bits of the clients with a filter here.
    turns: how often each client was offered a part of a divided capacity group.
    gate: what a framework must be able to deal with. unwanted: bits of the clients that do not want it at
        all. is_listed: whether the whitelist has its host.
    offerable: what was counted as available of it for guarantees.
    """

    __slots__ = (
        "__weakref__",
        "deficit",
        "filtered",
        "filters",
        "gate",
        "groups",
        "held",
        "id",
        "is_active",
        "is_listed",
        "kinds",
        "lacks_others",
        "offerable",
        "own",
        "reserved",
        "sequence",
        "star",
        "stock",
        "total",
        "traits",
        "turns",
        "unwanted",
    )

    def __init__(self, agent_id: AgentId, sequence: int, kinds: Kinds, traits: AgentTraits) -> None:
        self.id = agent_id
        self.sequence = sequence
        self.kinds = kinds
        self.traits = traits
        self.own: OwnKinds | None = None
        self.is_active = True
        self.is_listed = True
        self.gate = 0
        self.unwanted = 0
        self.total = EMPTY
        self.stock = NOTHING
        self.held: dict[Holder, Holding] = {}
        self.star = NOTHING
        self.reserved: dict[str, Holding] = {}
        self.deficit: Amounts = {}
        self.lacks_others = False
        self.groups: list[Group] = []
        self.filters: Masks | None = None
        self.filtered = 0
        self.turns: dict[Client, int] = {}
        self.offerable: Vector = ()

    @property
    def may_offer(self) -> bool:
        """Whether offers are made of it at all."""
        return self.is_active and self.is_listed

    # What there is

    def read(self, resources: Resources) -> Holding:
        return self.kinds.read(resources, self)

    def set_total(self, total: Resources) -> None:
        """Takes over new totals and works out anew all that follows from them."""
        self.total = total.unallocated()
        self.stock = self.kinds.read(self.total, self, describe=True)
        if self.own:  # what disks count may be another sum than before
            self.held = {holder: Holding(dict(h.amounts), h.others) for holder, h in self.held.items()}
        self._rebuild()

    def _rebuild(self) -> None:
        """Works out what is free, and the groups, from the totals and what is held."""
        held: Amounts = {}
        for holding in self.held.values():
            for kind, amount in holding.amounts.items():
                add_amount(held, kind, amount)
        free = dict(self.stock.amounts)
        self.deficit = {}
        for kind, amount in held.items():
            if not kind.flags & SHARED:
                left = free.pop(kind, 0) - amount
                if left > 0:
                    free[kind] = left
                elif left < 0:
                    self.deficit[kind] = -left
        self._set_free(Holding(free, self._free_others()))
        self.groups = groups_of(self.stock.amounts, held) if self.own else []

    def _free_others(self) -> Resources:
        """Free ranges and sets, from the ground."""
        free = self.stock.others
        held = Resources.total(holding.others for holding in self.held.values())
        self.lacks_others = not free.contains(held)
        return free - held if held else free

    def _set_free(self, free: Holding) -> None:
        parts = free.by_role()
        self._put_free(UNRESERVED, self._one(parts.pop(UNRESERVED, NOTHING)))
        self.reserved = {}
        for role, part in parts.items():
            self._put_free(role, part)

    def _one(self, holding: Holding) -> Holding:
        return holding if self.own else self.kinds.one(holding)

    def change_total(self, lost: Holding, gained: Holding, total: Resources, *, is_held: bool) -> None:
        """The totals became `total`: `lost` is gone, `gained` is new, and all that follows changes alike.

        is_held: `lost` was held and `gained` is held in its place, so that what is free stays as it is.
        """
        self.total = total
        self.stock = self.stock.exchange(lost, gained)
        if not is_held:
            self._less(lost)
            self._more(gained)
        touched = [kind for kind in (*lost.amounts, *gained.amounts) if kind.group is not None]
        members = dict.fromkeys([kind for group in self.groups for kind in group.kinds] + touched)
        if members:
            stock = {kind: n for kind in members if (n := self.stock.amounts.get(kind, 0))}
            held = {kind: n for kind in members if (n := self.held_of(kind))}
            self.groups = groups_of(stock, held)

    def held_of(self, kind: Kind) -> int:
        """How much of a kind is held by anybody; of what is shared, 0."""
        return self.stock.amounts.get(kind, 0) - self.free_of(kind)

    def overdraws(self, holding: Holding) -> bool:
        """The same of what is in `holding`: of its kinds, and their groups."""
        if any(kind in self.deficit for kind in holding.amounts) or (holding.others and self.lacks_others):
            return True
        groups = {kind.group for kind in holding.amounts}
        return any(self._exceeds(group) for group in self.groups if group.key in groups)

    def _exceeds(self, group: Group) -> bool:
        return sum(self.held_of(kind) * kind.cost_milli for kind in group.kinds) > group.capacity

    def count_offerable(self) -> Vector:
        """What of the agent can be offered to anybody, as guarantees count it."""
        if not self.may_offer:
            return ()
        if not self.groups:
            return self.star.counted
        return offerable(self.star, lambda pools: self.fit(pools, 0))

    # Who holds what

    def take(self, holder: Holder, holding: Holding) -> bool:
        """Charges the holder; what is not free is a deficit. Whether it held nothing here before."""
        present = self.held.get(holder)
        self.held[holder] = holding if present is None else added(present, holding)
        if holding.flags & SHARED:
            self._less(holding)
        elif holding is self.star:
            self.star = NOTHING
        elif (role := self._all_of(holding)) is not None:
            del self.reserved[role]
        else:
            self._less(holding)
        return present is None

    def _all_of(self, holding: Holding) -> str | None:
        """The role for which just this is reserved and free."""
        for role, free in self.reserved.items():
            if free is holding:
                return role
        return None

    def give_back(self, holder: Holder, holding: Holding) -> bool:
        """The inverse of `take`. Raises NotHeld, and changes nothing, when the holder has less.

        Whether it holds nothing here any more."""
        self.require(holder, holding)
        present = self.held.get(holder)
        if present is None:
            return False
        left = removed(present, holding)
        if left:
            self.held[holder] = left
        else:
            del self.held[holder]
        self._more(holding if left else present if not self.own and present.is_like(holding) else holding)
        return not left

    def exchange_held(self, holder: Holder, consumed: Holding, converted: Holding) -> None:
        """The holder has `converted` in the place of `consumed`, which it has: `require` was asked."""
        left = removed(self.held[holder], consumed) if consumed else self.held.get(holder, NOTHING)
        left = added(left, converted) if left else converted
        if left:
            self.held[holder] = left
        else:
            self.held.pop(holder, None)

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

    def _less(self, part: Holding) -> None:
        """So much less is free; what was not free is a deficit."""
        for role, whole in part.by_role().items():
            piece = _unshared(whole)
            present = self.free_for(role)
            if piece is present:
                self._put_free(role, NOTHING)
                continue
            if not present.contains(piece):
                piece = self._overdraw(present, piece)
            self._put_free(role, present.minus(piece))
        if part.others and self.lacks_others:
            self._recount_others()

    def _overdraw(self, present: Holding, piece: Holding) -> Holding:
        """Notes what is not there; returns what is."""
        there: Amounts = {}
        for kind, amount in piece.amounts.items():
            found = min(present.amounts.get(kind, 0), amount)
            if found:
                there[kind] = found
            if amount > found:
                add_amount(self.deficit, kind, amount - found)
        if piece.others and not present.others.contains(piece.others):
            self.lacks_others = True
        return Holding(there, piece.others)

    def _more(self, part: Holding) -> None:
        """So much more is free, but for what covers a deficit."""
        for role, whole in part.by_role().items():
            piece = _unshared(whole)
            if self.deficit:
                piece = self._cover(piece)
            if piece:
                present = self.free_for(role)
                self._put_free(role, self._one(present.plus(piece)) if present else piece)
        if part.others and self.lacks_others:
            self._recount_others()

    def _cover(self, piece: Holding) -> Holding:
        left: Amounts = {}
        for kind, amount in piece.amounts.items():
            covered = min(self.deficit.get(kind, 0), amount)
            if covered:
                add_amount(self.deficit, kind, -covered)
            if amount > covered:
                left[kind] = amount - covered
        return Holding(left, piece.others)

    def _recount_others(self) -> None:
        amounts = dict(self.star.amounts)
        for holding in self.reserved.values():
            amounts.update(holding.amounts)
        self._set_free(Holding(amounts, self._free_others()))

    # What is free

    def free_for(self, role: str) -> Holding:
        """What is free and reserved for just this role; with "*", not reserved."""
        return self.star if role == UNRESERVED else self.reserved.get(role, NOTHING)

    def _put_free(self, role: str, free: Holding) -> None:
        if free.vector is None:
            free.derive()
        if role == UNRESERVED:
            self.star = free if free else NOTHING
        elif free:
            self.reserved[role] = free
        else:
            self.reserved.pop(role, None)

    def free_of(self, kind: Kind) -> int:
        """How much of a kind is free, capacity groups aside; negative when more is held than there is."""
        return self.free_for(kind.role).amounts.get(kind, 0) - self.deficit.get(kind, 0)

    def free(self, reservation_roles: Iterable[str]) -> Holding:
        """What is free and not reserved, or reserved for one of these; capacity groups aside."""
        if not self.reserved:
            return self.star
        parts = {role: self.reserved[role] for role in reservation_roles if role in self.reserved}
        if not parts:
            return self.star
        return joined({UNRESERVED: self.star, **parts} if self.star else parts)

    def all_free(self) -> Holding:
        """All that is free for anybody."""
        return self.free(self.reserved)

    def fit(self, wanted: Mapping[Kind, int], turn: int) -> Amounts:
        """`wanted`, which is free by itself, cut to what its capacity groups have left."""
        amounts = dict(wanted)
        for group in self.groups:
            if any(kind in amounts for kind in group.kinds):
                held = {kind: self.held_of(kind) for kind in group.kinds}
                limit(group, self.stock.amounts, held, amounts, turn)
        return amounts

    # What was refused

    def covers(self, refused: Holding, offered: Holding) -> bool:
        """Whether `offered` is within `refused`.

        Pools of one group are compared by the capacity they take together: another division of the
        same room is nothing new.
        """
        if refused is offered:
            return True
        known = refused.amounts
        for kind, amount in offered.amounts.items():
            had = known.get(kind, 0)
            if had < amount and (kind.group is None or not had):
                return False
        if self.groups and not self._groups_within(refused, offered):
            return False
        return not offered.others or refused.others.contains(offered.others)

    def _groups_within(self, refused: Holding, offered: Holding) -> bool:
        had, now = by_group(refused.amounts), by_group(offered.amounts)
        slack = {group.key: group.tolerance for group in self.groups}
        return all(taken <= had.get(key, 0) + slack.get(key, 0) for key, taken in now.items())


def _unshared(holding: Holding) -> Holding:
    if holding.vector is None:
        holding.derive()
    if not holding.flags & SHARED:
        return holding
    return Holding(
        {kind: n for kind, n in holding.amounts.items() if not kind.flags & SHARED}, holding.others
    )
