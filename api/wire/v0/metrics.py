"""Parts of /metrics/snapshot and GET_METRICS that orchestrator and agents have in common.

Pure. Names are those that Mesos's metrics have, for what there is here as well; nothing else is told.
"""

from __future__ import annotations

from collections.abc import Mapping

from api.model.process import MachineLoad
from api.model.quantity import from_milli
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


def usage(prefix: str, total: Mapping[str, int], used: Mapping[str, int]) -> Metrics:
    """What there is of resources and what is in use, in units, and the share of it (0 to 1).

    `total`, `used`: milli-units by name.
    """
    found: Metrics = {}
    for name in ALWAYS:
        has, uses = total.get(name, 0), used.get(name, 0)
        found[f"{prefix}/{name}_total"] = from_milli(has)
        found[f"{prefix}/{name}_used"] = from_milli(uses)
        found[f"{prefix}/{name}_percent"] = uses / has if has else 0.0
    return found
