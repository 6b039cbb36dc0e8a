"""Quota as the v1 API writes it, and as it is judged: units there, milli-units here.

Pure: messages in, values out, and back. Must not: judge which quota makes sense.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import UNSET

from api.model.errors import InvalidRequest
from api.model.quantity import from_milli, to_milli
from api.wire.convert import resource_from_wire
from api.wire.v1 import mesos, quota
from orchestrator.allocator import Quota
from orchestrator.allocator.quota import MAX_NAMES, Quantities, profile_of, quantities


def quotas_of(configs: Iterable[quota.QuotaConfig]) -> dict[str, Quota]:
    """UPDATE_QUOTA's roles. Raises InvalidRequest for a role named twice and for what is no amount."""
    found: dict[str, Quota] = {}
    for config in configs:
        if config.role in found:
            raise InvalidRequest(f"role {config.role[:80]!r} is named twice: name each role once")
        guarantees = _amounts(config.role, "guarantee", config.guarantees)
        limits = _amounts(config.role, "limit", config.limits)
        found[config.role] = Quota({name: milli for name, milli in guarantees.items() if milli}, limits)
    return found


def _amounts(role: str, kind: str, written: Mapping[str, mesos.ValueScalar]) -> dict[str, int]:
    found = {}
    for name, scalar in written.items():
        try:
            found[name] = to_milli(scalar.value)
        except InvalidRequest as error:
            raise InvalidRequest(f"role {role[:80]!r}: the {kind} of {name[:80]!r}: {error}") from error
    return found


def legacy_quota(request: quota.QuotaRequest) -> tuple[str, Quota]:
    """SET_QUOTA's role and quota: what is guaranteed is the limit, too.

    Raises InvalidRequest for what is not a plain amount: reserved, revocable, shared, a disk with a source.
    """
    if not isinstance(request.role, str) or not request.role:
        raise InvalidRequest("quota_request.role is missing: name a role")
    if not request.guarantee or len(request.guarantee) > MAX_NAMES:
        raise InvalidRequest(f"quota_request.guarantee has {len(request.guarantee)} resources: give 1 to 64")
    found: dict[str, int] = {}
    for wire in request.guarantee:
        resource = resource_from_wire(wire)
        plain = not (resource.is_reserved or resource.revocable or resource.shared or resource.disk)
        if not plain or wire.scalar is UNSET:
            raise InvalidRequest(
                f"guarantee of {resource}: only plain amounts can be guaranteed (UPDATE_QUOTA)"
            )
        if resource.name in found:
            raise InvalidRequest(f"guarantee of {resource.name} is given twice: add the amounts up")
        found |= quantities((resource,))
    return request.role, Quota(found, found)


def amounts_to_wire(amounts: Quantities) -> dict[str, mesos.ValueScalar]:
    return {name: mesos.ValueScalar(value=from_milli(milli)) for name, milli in sorted(amounts.items())}


def status_of(quotas: Mapping[str, Quota]) -> quota.QuotaStatus:
    """All quota, by role. `infos` is what older clients read: guarantees of plain names."""
    roles = sorted(quotas)
    return quota.QuotaStatus(
        infos=[_info(role, quotas[role]) for role in roles if quotas[role].guarantees],
        configs=[
            quota.QuotaConfig(
                role=role,
                guarantees=amounts_to_wire(quotas[role].guarantees),
                limits=amounts_to_wire(quotas[role].limits),
            )
            for role in roles
        ],
    )


def _info(role: str, having: Quota) -> quota.QuotaInfo:
    return quota.QuotaInfo(
        role=role,
        guarantee=[
            mesos.Resource(name=name, type=mesos.ValueType.SCALAR, scalar=scalar)
            for name, scalar in amounts_to_wire(having.guarantees).items()
            if profile_of(name) is None
        ],
    )
