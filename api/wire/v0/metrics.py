"""Parts of /metrics/snapshot and GET_METRICS that orchestrator and agents have in common.

Pure. Names are those that Mesos's metrics have, for what there is here as well; nothing else is told.
"""

from __future__ import annotations

from collections import Counter

from api.model.process import MachineLoad
from api.model.quantity import from_milli
from api.model.resource_sum import merged
from api.model.resources import Resources
from api.model.values import Scalar
from api.wire.v0.amounts import ALWAYS

Metrics = dict[str, float]


def system(load: MachineLoad) -> Metrics:
    """The machine's."""
    return {
        "system/cpus_total": float(load.cpus),
        "system/load_1min": load.load_1min,
        "system/load_5min": load.load_5min,
        "system/load_15min": load.load_15min,
        "system/mem_total_bytes": float(load.mem_total),
        "system/mem_free_bytes": float(load.mem_free),
    }


class Amounts:
    """Scalars added up by name, in milli-units; those that are revocable apart."""

    def __init__(self) -> None:
        self.fixed: Counter[str] = Counter()
        self.revocable: Counter[str] = Counter()

    def add(self, resources: Resources) -> None:
        """Count these, too."""
        self.fixed.update(resources.quantities())
        for identity, value in merged(resources):
            if identity.revocable and isinstance(value, Scalar):
                self.revocable[identity.name] += value.milli
                self.fixed[identity.name] -= value.milli


def usage(prefix: str, total: Amounts, used: Amounts) -> Metrics:
    """What there is of resources and what is in use, in units, and the share of it (0 to 1)."""
    found: Metrics = {}
    for kind, all_of_it, in_use in (
        ("", total.fixed, used.fixed),
        ("_revocable", total.revocable, used.revocable),
    ):
        for name in ALWAYS:
            has, uses = all_of_it[name], in_use[name]
            found[f"{prefix}/{name}{kind}_total"] = from_milli(has)
            found[f"{prefix}/{name}{kind}_used"] = from_milli(uses)
            found[f"{prefix}/{name}{kind}_percent"] = uses / has if has else 0.0
    return found
