"""Roles, and the frameworks that compete in them.

A `Client` is one framework in one role: what is sorted within the role, suppressed, filtered, and
charged. It outlives its subscription while it still holds something.
"""

from __future__ import annotations

from api.model.roles import UNRESERVED, ancestors
from orchestrator.allocator.config import FrameworkId
from orchestrator.allocator.shares import ClusterTotals
from orchestrator.allocator.sorter import Node, Sorter

Holder = tuple[FrameworkId | None, str | None]


class Client(Node):
    """A framework in a role. `bit` is its own in every agent's masks.

    Invariant: it stands in its role's order exactly when `is_open`.
    """

    __slots__ = (
        "bit",
        "framework_active",
        "framework_id",
        "holder",
        "is_subscribed",
        "is_suppressed",
        "role",
    )

    def __init__(self, framework_id: FrameworkId, role: Role, bit: int) -> None:
        super().__init__(framework_id)
        self.framework_id = framework_id
        self.role = role
        self.bit = bit
        self.holder: Holder = (framework_id, role.path)
        self.is_subscribed = False
        self.is_suppressed = False
        self.framework_active = False

    @property
    def is_open(self) -> bool:
        """Whether it may be made offers."""
        return self.is_subscribed and self.framework_active and not self.is_suppressed


class Role(Node):
    """A role with its clients. `mask`: the bits of those that are open.

    `reserved_for`: the roles whose reservations may be offered to it, itself first; without "*".
    """

    __slots__ = ("clients", "mask", "order", "reserved_for")

    def __init__(self, path: str, totals: ClusterTotals) -> None:
        super().__init__(path)
        self.clients: dict[FrameworkId, Client] = {}
        self.order: Sorter[Client] = Sorter(totals)
        self.mask = 0
        self.reserved_for = () if path == UNRESERVED else (path, *ancestors(path))
