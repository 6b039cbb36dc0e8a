"""What may never happen to an allocator's books, whatever its rules decide.

- What is offered and in use is just what is held, by whom and where: nothing appears, nothing is lost,
  nothing is given out twice.
- A run takes no role above a limit, its own or that of a role above it.
- A run leaves no guarantee further from being met by what is free than it was: only who is entitled gets
  what guarantees need. (Not of disk, which has several names: who is entitled by one takes of the others.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from api.model.resources import EMPTY, Resources
from orchestrator.allocator import Allocator, Offer

if TYPE_CHECKING:
    from tests.allocator.reference import Reference
    from tests.allocator.reference_agent import Holder


class Never:
    """Watches a real allocator; the reference tells sums that are worked out anew each time."""

    def __init__(self, real: Allocator, reference: Reference) -> None:
        self.real = real
        self.reference = reference
        self.consumed: dict[str, dict[str, int]] = {}
        self.shortfall: Mapping[str, int] = {}

    def check_books(self, offers: Iterable[Offer], own: Iterable[tuple[Holder, str, Resources]]) -> None:
        """What is told of each role and of the whole is what adds up; what is held, is on offer or in use."""
        expected: dict[tuple[str, Holder], Resources] = {}
        for offer in offers:
            at = (offer.agent_id, (offer.framework_id, offer.role))
            expected[at] = expected.get(at, EMPTY) + offer.resources.unallocated()
        for holder, agent_id, held in own:
            if held:
                at = (agent_id, holder)
                expected[at] = expected.get(at, EMPTY) + held.unallocated()
        actual = {
            (agent_id, holder): holding.resources(None)
            for agent_id, agent in self.real.agents.items()
            for holder, holding in agent.held.items()
        }
        assert actual == expected, "what is held differs from what is on offer or in use"
        for role in sorted(self.reference.known_roles()):
            assert dict(self.real.consumed(role)) == _milli(self.reference.consumed(role), up=True), role
        assert dict(self.real.capacity()) == _milli(self.reference.capacity())
        headroom = self.real.headroom()
        assert dict(headroom.required) == _milli(self.reference.required(), up=True)
        assert self.real.shares().keys() == self.reference.known_roles()
        for role, share in self.real.shares().items():
            assert abs(share - float(self.reference.share(("role", role)))) < 1e-9, role

    def before_a_run(self) -> None:
        self.consumed = {role: self.reference.consumed(role) for role in self.reference.quotas}
        required, available = self.reference.required(), self.reference.available()
        self.shortfall = {name: amount - available.get(name, 0) for name, amount in required.items()}

    def check_run(self, offers: Sequence[Offer], candidates: set[str] | None) -> None:
        for role, quota in self.reference.quotas.items():
            has = self.reference.consumed(role)
            for name, limit in quota.limits.items():
                before = self.consumed[role].get(name, 0)
                assert has.get(name, 0) <= max(limit * 1000, before), f"{role} is above its limit of {name}"
        required, available = self.reference.required(), self.reference.available()
        for name, amount in required.items():
            if name.startswith("disk"):
                continue
            short = amount - available.get(name, 0)
            assert short <= max(self.shortfall.get(name, 0), 0), f"{name} that is guaranteed was given away"


def _milli(amounts: Mapping[str, int], up: bool = False) -> dict[str, int]:
    found = {name: -(-amount // 1000) if up else amount // 1000 for name, amount in sorted(amounts.items())}
    return {name: amount for name, amount in found.items() if amount}
