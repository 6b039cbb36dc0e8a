"""Quota for Prometheus: what roles are guaranteed, may have, and have. Read when asked for.

Must not: change anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.model.quantity import from_milli
from orchestrator.allocator.quota import Quantities, Quota
from orchestrator.quota import Quotas

MEASURED_LIMIT: Final = 2_000
"""Guarantees and limits that have gauges: those of the first roles. `orlop_quota_roles` counts all roles."""


class QuotaMetrics(Collector):
    """Gauges by role and name, in the API's units: cpus, and MB of 2^20 bytes for mem and disk."""

    def __init__(self, quotas: Quotas) -> None:
        self._quotas = quotas

    def describe(self) -> Iterable[Metric]:
        """Nothing is measured at registration."""
        return ()

    def collect(self) -> Iterator[Metric]:
        quotas = self._quotas.all
        roles = _first(quotas)
        guarantees = {role: quotas[role].guarantees for role in roles}
        limits = {role: quotas[role].limits for role in roles}
        has = self._quotas.consumed(roles)
        consumed = {
            role: {name: has[role].get(name, 0) for name in {**guarantees[role], **limits[role]}}
            for role in roles
        }
        yield GaugeMetricFamily("orlop_quota_roles", "Roles that have quota", len(quotas))
        yield _gauge("guarantee", "What a role is guaranteed", guarantees)
        yield _gauge("limit", "What a role may have at most", limits)
        yield _gauge("consumed", "What counts against a role's quota, offers aside", consumed)


def _first(quotas: Mapping[str, Quota]) -> list[str]:
    found, amounts = [], 0
    for role in sorted(quotas):
        amounts += len(quotas[role].guarantees) + len(quotas[role].limits)
        if amounts > MEASURED_LIMIT:
            break
        found.append(role)
    return found


def _gauge(name: str, text: str, amounts: Mapping[str, Quantities]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"orlop_quota_{name}", text, labels=("name", "role"))
    for role, by_name in amounts.items():
        for resource, milli in sorted(by_name.items()):
            family.add_metric((resource, role), from_milli(milli))
    return family
