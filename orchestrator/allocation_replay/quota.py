"""A scenario's quotas: what the operator API would have answered, and which offers it would have rescinded.

Both are judged by the code that the orchestrator uses. Must not: rescind, or change a quota.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestrator.allocation_replay.cluster import Outstanding
from orchestrator.allocator import Allocator
from orchestrator.allocator.quota import Quantities, Quota, refusals
from orchestrator.allocator.rescinding import Offered, offers_to_rescind

OK = 200
BAD_REQUEST = 400


@dataclass(frozen=True, slots=True)
class Verdict:
    """status: of the operator API's answer; refusals: its reasons.

    is_set: whether the scenario goes on with the quota. It does so also when all that is wrong with it is
    that the cluster has not as much as is guaranteed: a scenario may set quotas first and add agents later.
    """

    status: int
    refusals: list[str]
    is_set: bool


def judge(
    allocator: Allocator,
    offers: Iterable[Outstanding],
    present: Mapping[str, Quota],
    wanted: Mapping[str, Quota],
    force: bool,
) -> Verdict:
    """Whether the quotas in `wanted` would be taken, all of them together."""
    consumed = in_use(allocator, offers, wanted)
    capacity = allocator.capacity()
    found = refusals(present, wanted, capacity, consumed, force)
    only_too_much = found == refusals(present, wanted, capacity, {}, force) and not refusals(
        present, wanted, capacity, consumed, force=True
    )
    return Verdict(BAD_REQUEST if found else OK, found, not found or only_too_much)


def rescinded(
    allocator: Allocator, offers: list[Outstanding], quotas: Mapping[str, Quota], changed: Iterable[str]
) -> list[Outstanding]:
    """The offers that go when quotas of the roles in `changed` are new. `quotas`: all, as they are now."""
    changed = list(changed)
    consumed = in_use(allocator, offers, {*quotas, *changed})
    offered = [
        Offered(str(offer.key), offer.role, offer.agent, allocator.quantities(offer.agent, offer.resources))
        for offer in offers
    ]
    keys = set(offers_to_rescind(quotas, changed, consumed, offered))
    return [offer for offer in offers if str(offer.key) in keys]


def in_use(
    allocator: Allocator, offers: Iterable[Outstanding], roles: Iterable[str]
) -> dict[str, Quantities]:
    """What each role consumes, its subtree included, without what is merely offered."""
    found: dict[str, Quantities] = {}
    for role in roles:
        consumed = dict(allocator.consumed(role))
        for offer in offers:
            if offer.role == role or offer.role.startswith(role + "/"):
                for name, amount in allocator.quantities(offer.agent, offer.resources).items():
                    consumed[name] = consumed.get(name, 0) - amount
        found[role] = {name: amount for name, amount in consumed.items() if amount}
    return found
