"""All roles and clients: who competes, and what each is charged with.

Roles and clients come into being when first named and are forgotten when they neither compete nor
hold anything. Nothing here knows agents.
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.allocator.clients import Client, Holder, Role
from orchestrator.allocator.config import FrameworkId
from orchestrator.allocator.shares import ClusterTotals
from orchestrator.allocator.sorter import DEFAULT_WEIGHT, Sorter, factors


class Roster:
    """Invariant: `order` holds the roles that have open clients, and no others."""

    def __init__(self, totals: ClusterTotals) -> None:
        self._totals = totals
        self.weights: dict[str, int] = {}
        self._default_factor, self._factors = factors(self.weights)
        self.roles: dict[str, Role] = {}
        self.clients: dict[Holder, Client] = {}
        self.order: Sorter[Role] = Sorter(totals)
        self._by_framework: dict[FrameworkId, dict[str, Client]] = {}
        self._bits = 0

    def role(self, path: str) -> Role:
        role = self.roles.get(path)
        if role is None:
            role = self.roles[path] = Role(path, self._totals)
            role.factor = self._factors.get(path, self._default_factor)
        return role

    def set_weight(self, path: str, milli: int) -> None:
        if milli == DEFAULT_WEIGHT:
            self.weights.pop(path, None)
        else:
            self.weights[path] = milli
        self._default_factor, self._factors = factors(self.weights)
        for role in self.roles.values():
            role.factor = self._factors.get(role.path, self._default_factor)
        self.order.refresh()

    def client(self, framework_id: FrameworkId, path: str) -> Client:
        client = self.clients.get((framework_id, path))
        if client is None:
            bit = ~self._bits & (self._bits + 1)  # the lowest that is not in use
            self._bits |= bit
            role = self.role(path)
            client = role.clients[framework_id] = Client(framework_id, role, bit)
            self.clients[framework_id, path] = client
            self._by_framework.setdefault(framework_id, {})[path] = client
        return client

    def of_framework(self, framework_id: FrameworkId) -> list[Client]:
        """The framework's clients, those that it left but still hold something included."""
        return list(self._by_framework.get(framework_id, {}).values())

    def charge(self, holder: Holder, amounts: Mapping[str, int], times: int = 1) -> None:
        """Adds to what the holder and its role have; `times`: how often it counts as served."""
        framework_id, path = holder
        if path is None:
            return
        role = self.role(path)
        role.charge(amounts)
        role.served += times
        self.order.moved(role)
        if framework_id is not None:
            client = self.client(framework_id, path)
            client.charge(amounts)
            client.served += times
            role.order.moved(client)

    def discharge(self, holder: Holder, amounts: Mapping[str, int]) -> None:
        framework_id, path = holder
        if path is None:
            return
        role = self.role(path)
        role.discharge(amounts)
        self.order.moved(role)
        if framework_id is not None:
            client = self.client(framework_id, path)
            client.discharge(amounts)
            role.order.moved(client)

    def open_or_close(self, client: Client) -> bool:
        """Puts the client into its role's order or takes it out; whether it was put in just now."""
        role = client.role
        if client.is_open == bool(role.mask & client.bit):
            return False
        role.mask ^= client.bit
        if client.is_open:
            role.order.add(client)
        else:
            role.order.remove(client)
        if role.mask and role not in self.order:
            self.order.add(role)
        elif not role.mask and role in self.order:
            self.order.remove(role)
        return client.is_open

    def forget_client(self, client: Client) -> None:
        """Its bit may be another's from now on: nobody may remember it."""
        framework_id, path = client.framework_id, client.role.path
        del self.clients[framework_id, path]
        del client.role.clients[framework_id]
        of_framework = self._by_framework[framework_id]
        del of_framework[path]
        if not of_framework:
            del self._by_framework[framework_id]
        self._bits &= ~client.bit

    def forget_role(self, role: Role) -> None:
        del self.roles[role.path]
