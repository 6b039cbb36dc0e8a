"""The tree of roles, and all clients: who competes, and what each is charged with.

A place for each component of each role's path; in each, what competes below it stands in order. Only places
with open clients stand there. Those that have reached their limits so far that no plain agent can be worth an
offer to them stand aside (`spent`), so that a run does not ask them one by one.

Roles and clients come into being when first named and are forgotten when they neither compete nor hold
anything, and nothing is reserved or decided for them. Nothing here knows agents.
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.allocator.clients import Client, Holder, Own, Place, Role, enough_limits
from orchestrator.allocator.config import FrameworkId
from orchestrator.allocator.headroom import HeadroomBooks
from orchestrator.allocator.holdings import Holding
from orchestrator.allocator.names import MICRO, Names, Vector
from orchestrator.allocator.quota import Quota, QuotaName
from orchestrator.allocator.shares import ClusterTotals
from orchestrator.allocator.sorter import DEFAULT_WEIGHT, Node, Sorter, weighing
from orchestrator.allocator.traits import FrameworkTraits
from orchestrator.allocator.worth import Worth

ROOT = ""


class Roster:
    """Invariant: each place with open clients, no other, stands in the order of the one above it, or aside.

    wanting: the top-level roles among them that lack something of their guarantees.
    open: the bits of all clients that are open. choosy: how many have a rule of their own for what is worth
        an offer.
    """

    def __init__(self, names: Names, totals: ClusterTotals, worth: Worth) -> None:
        self._names = names
        self._totals = totals
        self._worth = worth
        self.headroom = HeadroomBooks(names)
        self.root = Role(ROOT, None, totals)
        self.root.inner = Sorter(totals)
        self.root.spent = Sorter(totals)
        self.wanting = Sorter(totals)
        self.roles: dict[str, Role] = {}
        self.clients: dict[Holder, Client] = {}
        self.quotas: dict[str, Quota] = {}
        self.weights: dict[str, int] = {}
        self.open = 0
        self.spent = 0
        self.choosy = 0
        self._factor, self._divisor = weighing(self.weights)
        self._least = [
            tuple((names.slot(name), milli * MICRO) for name, milli in alternative)
            for alternative in worth.alternatives
        ]
        self._by_framework: dict[FrameworkId, list[Client]] = {}
        self._bits = 0
        self._barred: dict[int, int] = {}
        self.picky: set[Client] = set()
        """Clients that do not want every agent."""
        names.grown.append(self._grow)

    def _grow(self) -> None:
        for role in (self.root, *self.roles.values()):
            role.grow(len(self._names))

    # Who there is

    def role(self, path: str) -> Role:
        """The role, with those above it; they are made when they are not known."""
        role = self.roles.get(path)
        if role is None:
            above, _, _ = path.rpartition("/")
            parent = self.role(above) if above else self.root
            role = self.roles[path] = Role(path, parent, self._totals)
            self._weigh(role, role.path)
            parent.children[path] = role
            if parent is not self.root and parent.inner is None:
                self._become_parent(parent)
        return role

    def _become_parent(self, role: Role) -> None:
        role.inner, role.spent = Sorter(self._totals), Sorter(self._totals)
        role.own = Own(role)
        self._weigh(role.own)
        role.line = (role.own, *role.line)
        self._put(role.own, role.inner if role.mask else None)

    def _become_leaf(self, role: Role) -> None:
        if role.own is not None:
            self._put(role.own, None)
        role.inner = role.spent = role.own = None
        role.line = role.lineage

    def client(self, framework_id: FrameworkId, path: str) -> Client:
        client = self.clients.get((framework_id, path))
        if client is None:
            bit = ~self._bits & (self._bits + 1)  # the lowest that is not in use
            self._bits |= bit
            role = self.role(path)
            client = role.clients[framework_id] = Client(framework_id, role, bit, self._worth)
            self.clients[framework_id, path] = client
            self._by_framework.setdefault(framework_id, []).append(client)
            self._barred.clear()
        return client

    def of_framework(self, framework_id: FrameworkId) -> list[Client]:
        """The framework's clients, those that it left but still hold something included."""
        return list(self._by_framework.get(framework_id, ()))

    def set_traits(self, client: Client, traits: FrameworkTraits) -> None:
        before = client.is_choosy
        client.set_traits(traits, self._worth)
        (self.picky.add if client.wants is not None else self.picky.discard)(client)
        self._barred.clear()
        self._count_choosy(client.role, client.is_choosy - before)

    def _count_choosy(self, role: Role, change: int) -> None:
        if change:
            self.choosy += change
            for above in role.lineage:
                above.choosy += change
                self._place(above)

    def barred(self, gate: int) -> int:
        """The bits of the clients that cannot deal with an agent that demands this."""
        found = self._barred.get(gate)
        if found is None:
            found = 0
            for client in self.clients.values():
                if client.bars & gate:
                    found |= client.bit
            self._barred[gate] = found
        return found

    def forget_client(self, client: Client) -> None:
        """Its bit may be another's from now on: nobody may remember it."""
        framework_id, path = client.framework_id, client.role.path
        self._count_choosy(client.role, -client.is_choosy)
        self.picky.discard(client)
        del self.clients[framework_id, path]
        del client.role.clients[framework_id]
        of_framework = self._by_framework[framework_id]
        of_framework.remove(client)
        if not of_framework:
            del self._by_framework[framework_id]
        self._bits &= ~client.bit
        self._barred.clear()

    def forget_idle_role(self, path: str) -> None:
        """Forgets the role, and those above it, as far as nothing is left to know of them."""
        role = self.roles.get(path)
        while role is not None and role is not self.root and self._is_idle(role):
            parent = role.parent
            assert parent is not None, "only the root has no parent"
            del self.roles[role.path]
            del parent.children[role.path]
            if parent is not self.root and not parent.children:
                self._become_leaf(parent)
            role = parent

    def _is_idle(self, role: Role) -> bool:
        known = role.clients or role.children or role.places or role.path in self.quotas
        return not known and not (role.reserved is not None and any(role.reserved))

    # Weights and quota

    def set_weights(self, weights: Mapping[str, int]) -> None:
        """These, beside those that there are; the default one is no weight of its own."""
        self.weights.update(weights)
        for path, milli in weights.items():
            if milli == DEFAULT_WEIGHT:
                del self.weights[path]
        self._factor, self._divisor = weighing(self.weights)
        for role in self.roles.values():
            self._weigh(role, role.path)
            if role.own is not None:
                self._weigh(role.own)
        self._totals.outdate()

    def _weigh(self, place: Place, path: str = ROOT) -> None:
        """path: for which a weight may be set."""
        place.factor, place.divisor = self._factor, self.weights.get(path, self._divisor)

    def set_quota(self, path: str, quota: Quota) -> None:
        """An empty one removes it."""
        role = self.role(path)
        if quota:
            self.quotas[path] = quota
        else:
            self.quotas.pop(path, None)
        role.limits = dict(self._by_slot(quota.limits))
        role.enough = enough_limits(role.limits, self._least)
        for slot, _ in role.guarantees:
            self.headroom.require(slot, -role.unmet.get(slot, 0))
        role.unmet = {}
        role.guarantees = self._by_slot(quota.guarantees) if role.top is role else ()
        self._recap(role)
        self.follow(role)
        self._place(role)
        if not quota:
            self.forget_idle_role(path)

    def _by_slot(self, amounts: Mapping[QuotaName, int]) -> Vector:
        return tuple((self._names.slot(name), milli * MICRO) for name, milli in sorted(amounts.items()))

    def _recap(self, role: Role) -> None:
        role.caps = tuple(above for above in role.lineage if above.limits)
        for child in role.children.values():
            self._recap(child)

    @property
    def has_guarantees(self) -> bool:
        return any(any(quota.guarantees.values()) for quota in self.quotas.values())

    # Charges

    def charge(self, client: Client | None, role: Role, holding: Holding, times: int = 1) -> None:
        """Adds to what the client and its role have, and counts it; `settle` must follow before a run
        reads the order."""
        vector = holding.vector
        if vector is None:
            vector = holding.derive()
        apart = holding.flags and holding.counted is not vector
        if client is not None:
            used = client.used
            for slot, amount in vector:
                used[slot] += amount
            client.served += times
        role.direct += times
        for place in role.line:
            used = place.used
            for slot, amount in vector:
                used[slot] += amount
            place.served += times
        if apart:
            self._set_apart(role, holding, 1)
        if role.top.guarantees:
            self.follow(role.top)

    def charge_next(self, client: Client, vector: Vector) -> None:
        """`charge` and `settle` in one, for who is the `next_client`."""
        role = client.role
        role.order.charge_first(vector)
        role.direct += 1
        for place in role.line:
            assert place.home is not None, "who is next stands in an order"
            place.home.charge_first(vector)

    def discharge(self, client: Client | None, role: Role, holding: Holding) -> None:
        """The inverse of `charge`, but for the count."""
        vector = holding.vector
        if vector is None:
            vector = holding.derive()
        used_lists = [place.used for place in role.line]
        if client is not None:
            used_lists.append(client.used)
        for used in used_lists:
            for slot, amount in vector:
                used[slot] -= amount
        if holding.flags and holding.counted is not vector:
            self._set_apart(role, holding, -1)
        if role.caps:
            self.headroom.grew = True
        if role.top.guarantees:
            self.follow(role.top)

    def _set_apart(self, role: Role, holding: Holding, sign: int) -> None:
        parts = dict(holding.vector or ())
        for slot, amount in holding.counted:
            parts[slot] -= amount
        for above in role.lineage:
            if above.apart is None:
                above.apart = [0] * len(self._names)
            for slot, amount in parts.items():
                above.apart[slot] += sign * amount

    def add_share(self, nodes: list[Node], vector: Vector, sign: int) -> None:
        """Changes shares alone, not consumption: for what is shared."""
        for node in nodes:
            for slot, amount in vector:
                node.used[slot] += sign * amount
                if isinstance(node, Role):
                    if node.apart is None:
                        node.apart = [0] * len(self._names)
                    node.apart[slot] += sign * amount

    def reserve(self, path: str, less: Vector, more: Vector) -> None:
        """What is reserved for a role, over all agents, has lost and gained this. Forgets no role."""
        role = self.role(path)
        for above in role.lineage:
            if above.reserved is None:
                above.reserved = [0] * len(self._names)
            for slot, amount in less:
                above.reserved[slot] -= amount
            for slot, amount in more:
                above.reserved[slot] += amount
        if role.caps and less:
            self.headroom.grew = True
        if role.top.guarantees:
            self.follow(role.top)
        self.settle(None, role)

    def follow(self, top: Role) -> None:
        """Works out anew what a role lacks of its guarantees."""
        unmet = top.unmet
        for slot, guaranteed in top.guarantees:
            after = guaranteed - top.consumed(slot)
            if after > 0:
                before = unmet.get(slot, 0)
                if before != after:
                    self.headroom.require(slot, after - before)
                    unmet[slot] = after
            elif slot in unmet:
                self.headroom.require(slot, -unmet.pop(slot))

    # Order

    def refresh(self) -> None:
        """Sorts the top of the tree, if it waits for that. While agents are visited it must not be sorted by
        charges that are not settled."""
        for order in (self.root.inner, self.root.spent, self.wanting):
            if order is not None:
                order.places()

    def settle(self, client: Client | None, role: Role) -> None:
        """Moves the client and its role to their new places."""
        if client is not None:
            role.order.move(client)
        for place in role.line:
            home = place.home
            if home is None:
                continue
            if not place.wanting:
                home.move(place)
                continue
            old = place.key
            home.move(place)
            if old is not None and place.key is not None:
                if place.key is old:
                    self.wanting.move(place)
                else:
                    self.wanting.replace(old, place.key)
        top = role.top
        for cap in role.caps:
            self._place(cap)
            if cap is top:
                return
        if top.guarantees:
            self._place(top)

    def open_or_close(self, client: Client) -> bool:
        """Puts the client into its role's order or takes it out; whether it was put in just now."""
        role = client.role
        if client.is_open == bool(role.mask & client.bit):
            return False
        role.mask ^= client.bit
        self.open ^= client.bit
        if client.is_open:
            role.order.add(client)
        else:
            role.order.remove(client)
            client.key = None
        for place in role.line:
            place.reach ^= client.bit
        for place in reversed(role.line):
            self._place(place)
        return client.is_open

    def _place(self, place: Place) -> None:
        """Puts it where it belongs: in the order of the one above it, aside, or nowhere."""
        if isinstance(place, Own):
            self._put(place, place.role.inner if place.reach else None)
            return
        role = place.role
        parent = role.parent
        if parent is None:
            return
        if not role.reach:
            self._put(role, None)
        else:
            self._put(role, parent.spent if role.enough and role.is_spent() else parent.inner)
        wanting = bool(role.reach and role.unmet)
        if wanting != role.wanting:
            role.wanting = wanting
            self.wanting.add(role) if wanting else self.wanting.remove(role)

    def _put(self, place: Place, home: Sorter | None) -> None:
        if place.home is home:
            return
        parent = place.role if isinstance(place, Own) else place.role.parent
        if place.home is not None:
            place.home.remove(place)
            self.spent -= parent is not None and place.home is parent.spent
        place.home = home
        if home is not None:
            home.add(place)
            self.spent += parent is not None and home is parent.spent
