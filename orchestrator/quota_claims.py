"""Whether a role's quota lets an operator take something for it: its own limits, those of the roles above it,
and what is kept free for the guarantees of others.

Judged when something is about to be taken, ahead of offers; what it takes is charged by whoever takes it.
Must not: take, rescind, write.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Final

from api.model.errors import StaleView
from api.model.operation import (
    CreateDisk,
    GrowVolume,
    Operation,
    Reserve,
    consumed,
    is_speculative,
    speculative_conversion,
)
from api.model.quantity import MILLI
from api.model.resource import Resource
from api.model.resources import Conversion, Resources
from api.model.roles import UNRESERVED, ancestors, is_under
from api.model.values import Scalar
from api.wire.convert_operations import operation_from_wire
from orchestrator.allocator import NO_QUOTA, Allocator
from orchestrator.allocator.quota import Quantities, amount_text, disk_of_profile, quantities
from orchestrator.ledger import Ledger
from orchestrator.placement import may_make
from orchestrator.quota import Quotas
from orchestrator.state import ClusterState, Provider
from orchestrator.volumes import Goal, Rung, VolumeRecord

NOTHING: Final = Conversion(Resources(), Resources())

HOLDERS_SHOWN: Final = 3
"""Roles that a refusal names, for whose guarantees something is kept; of those beyond it, the number."""


class QuotaExceeded(StaleView):
    """The role would have more than its limit, or than that of a role above it."""


class KeptForOthers(StaleView):
    """What is free is kept for guarantees of other roles."""


class QuotaClaims:
    """Judges by the quota that is set now."""

    def __init__(self, state: ClusterState, ledger: Ledger, allocator: Allocator, quotas: Quotas) -> None:
        self._state = state
        self._ledger = ledger
        self._allocator = allocator
        self._quotas = quotas

    def check_new(self, record: VolumeRecord, volumes: Iterable[VolumeRecord]) -> None:
        """Whether a volume may be made, or (with a source_id) a disk that is there be taken for one.

        A volume counts with its size, whatever it costs its pool. `volumes`: all that there are.
        Raises QuotaExceeded, KeptForOthers.
        """
        if record.source_id is None:
            where = [each for each in self._state.providers() if may_make(each, record)]
        else:
            where = self._provider_of(record)
        self._check(record, record.size_mb * MILLI, volumes, where, pooled=record.source_id is None)

    def check_more(self, record: VolumeRecord, milli: int, volumes: Iterable[VolumeRecord]) -> None:
        """Whether a volume that stands may have `milli` milli-MB more. Raises as `check_new`."""
        self._check(record, milli, volumes, self._provider_of(record), pooled=True)

    def _check(
        self,
        record: VolumeRecord,
        milli: int,
        volumes: Iterable[VolumeRecord],
        where: list[Provider],
        *,
        pooled: bool,
    ) -> None:
        if not self._quotas.all:
            return
        pools = [pool for provider in where for pool in _pools(provider, record.profile)]
        counted = {"disk": milli, disk_of_profile(record.profile): milli}
        others = [each for each in volumes if each is not record]
        within = _reserved_already(record.role, pools)
        self._check_limits(record.role, counted, others, within)
        if within:
            return  # it is taken from what is theirs
        taken = {"disk": milli} if not pooled else {**counted, "disk": _at_cost(pools, milli)}
        self._check_headroom(record.role, taken)

    def _provider_of(self, record: VolumeRecord) -> list[Provider]:
        provider = self._state.provider((record.agent_id, record.provider_id))
        return [] if provider is None else [provider]

    def check_operation(self, operation: Operation) -> None:
        """Whether an operator's operation may be made: what it reserves for a role beyond what was reserved
        for that role before counts. Raises QuotaExceeded.
        """
        if not self._quotas.all:
            return
        change = _change(operation)
        had, has = _reserved(change.consumed), _reserved(change.converted)
        for role in sorted(has):
            more = {name: milli - had.get(role, {}).get(name, 0) for name, milli in has[role].items()}
            self._check_limits(role, {name: milli for name, milli in more.items() if milli > 0})

    def check_refinement(self, operation: Reserve) -> None:
        """Whether a framework may reserve what it was offered. That changes what is consumed only where it is
        reserved for a role above already: then it is new to the role that it will be reserved for.

        The offer is accepted: none of it is charged at this moment. Raises QuotaExceeded.
        """
        if consumed(operation).reserved():
            self.check_operation(operation)

    # Limits.

    def _check_limits(
        self,
        role: str,
        more: Quantities,
        volumes: Sequence[VolumeRecord] = (),
        within: Container[str] = (),
    ) -> None:
        """`within`: the roles that have it already."""
        for each in (role, *ancestors(role)):
            limits = self._quotas.all.get(each, NO_QUOTA).limits
            if each not in within and any(name in limits for name in more):
                most = self._with_volumes(each, dict(self._allocator.consumed(each)), volumes)
                if all(
                    most.get(name, 0) + milli <= limits.get(name, math.inf) for name, milli in more.items()
                ):
                    continue  # even with all that is merely offered to it
                has = self._with_volumes(each, self._quotas.consumed((each,))[each], volumes)
                for name, milli in sorted(more.items()):
                    if name in limits and has.get(name, 0) + milli > limits[name]:
                        raise _exceeded(role, each, name, milli, has.get(name, 0), limits[name])

    def _with_volumes(
        self, role: str, has: dict[str, int], volumes: Sequence[VolumeRecord]
    ) -> dict[str, int]:
        """What the role has, its volumes counted right: also those that wait for their share, or whose
        provider is not back since the orchestrator's start; and those that are being made by their size, not
        by what they cost the pool.
        """
        for record in volumes:
            if not is_under(record.role, role):
                continue
            if self._is_uncharged(record):
                milli = record.size_mb * MILLI
                _add(has, {"disk": milli, disk_of_profile(record.profile): milli})
            elif record.operation is not None:
                _add(has, {"disk": -self._surcharge(record.operation)})
        return has

    def _is_uncharged(self, record: VolumeRecord) -> bool:
        """Whether it is in no totals, and not charged as something under way either."""
        if record.rung is Rung.NOTHING and record.operation is None:
            return record.goal is Goal.PRESENT
        if self._state.provider((record.agent_id, record.provider_id)) is not None or record.gone:
            return False
        return record.agent_id not in self._allocator.agents or record.rung not in (Rung.NOTHING, Rung.DISK)

    def _surcharge(self, uuid: bytes) -> int:
        """By how much an operation that cuts from a pool is charged more than what it cuts, while it runs."""
        record = self._ledger.operations.get(uuid)
        operation = operation_from_wire(record.info) if record is not None and not record.terminal else None
        if isinstance(operation, CreateDisk):
            piece = operation.source
        elif isinstance(operation, GrowVolume):
            piece = operation.addition
        else:
            return 0
        return max(quantities((piece,)).get("disk", 0) - piece.milli, 0)

    # Headroom.

    def _check_headroom(self, role: str, taken: Quantities) -> None:
        """What is taken beyond the role's own guarantee comes from what no guarantee needs."""
        top = (role, *ancestors(role))[-1]
        if not self._allocator.has_guarantees or self._is_plenty(top, taken):
            return
        unmet = self._unmet()
        available = self._allocator.headroom().available
        offered = self._offered()
        for name, milli in sorted(taken.items()):
            others = {
                holder: lacks[name] for holder, lacks in unmet.items() if holder != top and name in lacks
            }
            beyond = milli - unmet.get(top, {}).get(name, 0)
            if beyond <= 0 or not others:
                continue
            free = available.get(name, 0) + offered.get(name, 0)
            spare = max(free - sum(others.values()) - (milli - beyond), 0)
            if beyond > spare and milli <= free:
                raise _kept(role, name, milli, spare, others)

    def _is_plenty(self, top: str, taken: Quantities) -> bool:
        """Whether there is enough without any offer being withdrawn: what an offer holds is free then, and of
        it no more is lacked than that. So the allocator's own sums tell, and nothing is added up."""
        headroom, own = self._allocator.headroom(), self._allocator.lacks(top)
        return all(
            milli + headroom.required.get(name, 0) - own.get(name, 0) <= headroom.available.get(name, 0)
            for name, milli in taken.items()
        )

    def _unmet(self) -> dict[str, dict[str, int]]:
        """By role, what it lacks of its guarantees; offers do not count, for they can be rescinded."""
        guaranteed = {role: q.guarantees for role, q in self._quotas.all.items() if q.guarantees}
        consumed = self._quotas.consumed(guaranteed)
        return {
            role: {
                name: least - consumed[role].get(name, 0)
                for name, least in guarantees.items()
                if least > consumed[role].get(name, 0)
            }
            for role, guarantees in guaranteed.items()
        }

    def _offered(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for role, amounts in self._quotas.offered().items():
            if not ancestors(role):  # it has what is offered below it
                _add(found, amounts)
        return found


def _pools(provider: Provider, profile: str) -> Iterator[Resource]:
    for pool in provider.totals.view.divisible:
        source = pool.disk.source if pool.disk is not None else None
        if source is not None and source.is_pool and source.profile == profile:
            yield pool


def _at_cost(pools: list[Resource], milli: int) -> int:
    """What `milli` of a profile takes of the cluster's `disk`, where it is cheapest."""
    costs = [pool.disk.source.cost_milli for pool in pools if pool.disk is not None and pool.disk.source]
    return -(-milli * min(costs, default=MILLI) // MILLI)


def _reserved_already(role: str, pools: list[Resource]) -> set[str]:
    """The roles for which all of these pools are reserved as they are, so that what is cut counts already."""
    stacks = [
        {pool.role, *ancestors(pool.role)} if pool.role != UNRESERVED else set()
        for pool in pools
        if pool.role == UNRESERVED or is_under(role, pool.role)
    ]
    return set.intersection(*stacks) if stacks else set()


def _change(operation: Operation) -> Conversion:
    """What it makes of what, as far as that is known beforehand."""
    if isinstance(operation, GrowVolume):
        volume = operation.volume.with_allocation(None)
        grown = volume.with_value(Scalar(volume.milli + operation.addition.milli))
        return Conversion(consumed(operation), Resources((grown,)))
    return speculative_conversion(operation) if is_speculative(operation) else NOTHING


def _reserved(resources: Resources) -> dict[str, dict[str, int]]:
    """What is reserved, by role and for each role above."""
    found: dict[str, dict[str, int]] = {}
    for resource in resources:
        if resource.role != UNRESERVED:
            for role in (resource.role, *ancestors(resource.role)):
                _add(found.setdefault(role, {}), quantities((resource,)))
    return found


def _add(sums: dict[str, int], amounts: Mapping[str, int]) -> None:
    for name, milli in amounts.items():
        sums[name] = sums.get(name, 0) + milli


def _exceeded(role: str, limited: str, name: str, more: int, has: int, limit: int) -> QuotaExceeded:
    whose = "its limit" if limited == role else f"the limit of role {limited!r}, which it is part of,"
    there = "" if limited == role else " there"
    enough = amount_text(name, has + more)
    return QuotaExceeded(
        f"role {role!r} would get {amount_text(name, more)} more of {name}, and {whose} is "
        f"{amount_text(name, limit)}, of which {amount_text(name, has)} is reserved or in use{there}: "
        f"free {amount_text(name, has + more - limit)} (`orlop roles`, `orlop volume list`), or raise the "
        f"limit (`orlop quota set {limited} --limit '{name}={enough}'`)"
    )


def _kept(role: str, name: str, milli: int, spare: int, others: Mapping[str, int]) -> KeptForOthers:
    lacking = [f"{holder} lacks {amount_text(name, lack)}" for holder, lack in sorted(others.items())]
    if len(lacking) > HOLDERS_SHOWN:
        lacking[HOLDERS_SHOWN:] = [f"{len(lacking) - HOLDERS_SHOWN} more"]
    return KeptForOthers(
        f"{amount_text(name, milli)} of {name} for role {role!r} is free, but all except "
        f"{amount_text(name, spare)} is kept for guarantees of other roles ({', '.join(lacking)}): ask for "
        "less, add storage, guarantee it to this role, or lower theirs (`orlop quota`)"
    )
