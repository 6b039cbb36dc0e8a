"""Quota of roles: set by operators, durable, and what follows from it at once.

    judged (allocator.quota) -> allocator told -> offers in its way rescinded -> durable -> answered

Allocation obeys it from the next run on. What is in use is never taken away. No I/O here; what comes in and
goes out is `quota_calls`', whether a volume may be made is `quota_claims`'.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Final

from api.model.errors import InvalidRequest, StaleView
from api.model.roles import ancestors
from orchestrator.allocator import NO_QUOTA, Allocator, Quota
from orchestrator.allocator.quota import Quantities, refusals
from orchestrator.allocator.rescinding import Offered, offers_to_rescind
from orchestrator.journal import Journal, Transaction
from orchestrator.offers import Offer, Offers
from orchestrator.registrar import Registrar

QUOTAS_LIMIT: Final = 10_000
"""Roles that may have quota. A further one is refused until one is removed."""


REASONS_SHOWN: Final = 20
"""Reasons that one refusal names; of those beyond it, the number."""


class InvalidQuota(InvalidRequest):
    """The quota cannot be set as asked; the message names every reason."""


class QuotaConflict(StaleView):
    """The quota cannot be set as things are now: more is promised than there is. For SET_QUOTA."""


class Quotas:
    """The quota of every role that has one."""

    def __init__(self, registrar: Registrar, journal: Journal, allocator: Allocator, offers: Offers) -> None:
        self._registrar = registrar
        self._journal = journal
        self._allocator = allocator
        self._offers = offers

    def recover(self) -> None:
        """Tell the allocator what is on disk, before it is told of anything else."""
        self._allocator.set_quotas(self._registrar.quotas)

    @property
    def all(self) -> Mapping[str, Quota]:
        """By role; of those that have one."""
        return self._registrar.quotas

    async def update(self, wanted: Mapping[str, Quota], *, force: bool) -> None:
        """Set the quota of several roles, or of none; an empty one is removed. Durable when it returns.

        Raises InvalidQuota, and nothing has changed.
        """
        self._check_number(wanted)
        lines = self._refusals(wanted, force)
        if lines:
            raise InvalidQuota(_reasons(lines))
        await self._set(wanted)

    async def set_new(self, role: str, quota: Quota, *, force: bool) -> None:
        """SET_QUOTA: for a role that has none. Durable when it returns.

        Raises InvalidQuota, and QuotaConflict when guarantees would be more than there is.
        """
        if role in self.all:
            raise InvalidQuota(
                f"role {role!r} has a quota already: change it (UPDATE_QUOTA, `orlop quota set {role}`), or "
                "remove it first"
            )
        wanted = {role: quota}
        self._check_number(wanted)
        lines = self._refusals(wanted, force=True)
        if lines:
            raise InvalidQuota(_reasons(lines))
        if not force and (lines := self._refusals(wanted, force=False)):
            raise QuotaConflict(_reasons(lines))
        await self._set(wanted)

    async def remove(self, role: str) -> None:
        """REMOVE_QUOTA. Durable when it returns. Raises InvalidQuota when the role has none."""
        if role not in self.all:
            raise InvalidQuota(f"role {role[:80]!r} has no quota to remove: see `orlop quota`")
        await self._set({role: NO_QUOTA})

    def consumed(self, roles: Iterable[str]) -> dict[str, dict[str, int]]:
        """What each role has, its subtree included: reserved, or in use and not reserved. In milli-units.

        What is merely offered does not count.
        """
        wanted = dict.fromkeys(roles)
        offered = self.offered(wanted)
        return {role: less(self._allocator.consumed(role), offered.get(role, {})) for role in wanted}

    def offered(self, roles: Container[str] | None = None) -> dict[str, dict[str, int]]:
        """What is on offer to each role (of these), its subtree included, of what nobody has reserved."""
        found: dict[str, dict[str, int]] = {}
        for offer in self._offers.outstanding():
            path = (offer.role, *ancestors(offer.role))
            counting = path if roles is None else [role for role in path if role in roles]
            amounts = self._amounts(offer) if counting else {}
            for role in counting:
                sums = found.setdefault(role, {})
                for name, milli in amounts.items():
                    sums[name] = sums.get(name, 0) + milli
        return found

    def _amounts(self, offer: Offer) -> Mapping[str, int]:
        return self._allocator.quantities(offer.agent_id, offer.resources)

    def _check_number(self, wanted: Mapping[str, Quota]) -> None:
        new = sum(1 for role, quota in wanted.items() if quota and role not in self.all)
        if new and len(self.all) + new > QUOTAS_LIMIT:
            raise InvalidQuota(
                f"{len(self.all)} roles have quota, at most {QUOTAS_LIMIT} can: remove some first"
            )

    def _refusals(self, wanted: Mapping[str, Quota], force: bool) -> list[str]:
        limited = () if force else [role for role, quota in wanted.items() if quota.limits]
        capacity = {} if force else self._allocator.capacity()
        return refusals(self.all, wanted, capacity, self.consumed(limited), force)

    async def _set(self, wanted: Mapping[str, Quota]) -> None:
        transaction = Transaction()
        for role, quota in wanted.items():
            transaction.add(self._registrar.set_quota(role, quota))
        self._allocator.set_quotas(wanted)
        if not self.all:
            self._offers.pause.cancel()
        self._rescind(wanted)
        await self._journal.commit(transaction)

    def _rescind(self, changed: Iterable[str]) -> None:
        """Withdraw the offers that leave no room for what was set."""
        changed = [role for role in changed if role in self.all]
        guaranteed = [role for role, quota in self.all.items() if quota.guarantees]
        if not changed:
            return
        outstanding = [
            Offered(offer.offer_id, offer.role, offer.agent_id, self._amounts(offer))
            for offer in self._offers.outstanding()
        ]
        consumed = self.consumed({*changed, *guaranteed})
        gone = set(offers_to_rescind(self.all, changed, consumed, outstanding))
        for offer in self._offers.outstanding():
            if offer.offer_id in gone:
                self._offers.rescind(offer)


def _reasons(lines: list[str]) -> str:
    shown = lines[:REASONS_SHOWN]
    if len(lines) > REASONS_SHOWN:
        shown.append(f"and {len(lines) - REASONS_SHOWN} more")
    return "; ".join(shown)


def less(amounts: Quantities, taken: Quantities) -> dict[str, int]:
    """`amounts` without what was `taken`; what becomes nothing is left out."""
    left = {name: amount - taken.get(name, 0) for name, amount in amounts.items()}
    return {name: amount for name, amount in left.items() if amount > 0}
