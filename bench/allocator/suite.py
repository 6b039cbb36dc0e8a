"""Which workloads there are: how large they are in full, what Mesos published, what is to be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from bench.allocator import quota_workloads, workloads
from bench.allocator.stopwatch import Make, Stopwatch
from bench.allocator.workloads import Size

Run = Callable[[Make, Size, Stopwatch], None]


@dataclass(frozen=True)
class Target:
    """What is to be reached at full size: at most so many seconds, at least so many times the port, at most
    this part of another."""

    seconds: float | None = None
    times_port: float | None = None
    part_of: tuple[float, str] | None = None

    def __str__(self) -> str:
        found = [f"< {self.seconds * 1000:.0f} ms"] if self.seconds is not None else []
        if self.times_port is not None:
            found.append(f">= {self.times_port:.0f} x")
        if self.part_of is not None:
            found.append(f"< {self.part_of[0]:.0%} of {self.part_of[1]}")
        return ", ".join(found)

    def is_met(self, seconds: float, ratio: float | None, parts: Mapping[str, float]) -> bool:
        if self.seconds is not None and seconds >= self.seconds:
            return False
        if self.times_port is not None and (ratio is None or ratio < self.times_port):
            return False
        return self.part_of is None or seconds < self.part_of[0] * parts[self.part_of[1]]


@dataclass(frozen=True)
class Workload:
    """mesos: published seconds by part, at full size; on machines that are not stated."""

    name: str
    run: Run
    full: Size
    mesos: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)


TEN_THOUSAND = Size(10_000, 1_000)
TREES = {32: 1_056, 3: 1_092, 2: 1_022}  # roles below each: roles in all, of 2, 6 and 9 levels
VOLUMES = {"Regular": (False,), "Shared": (True,), "Mixed": (False, True)}

WORKLOADS = (
    Workload(
        "FullCycle",
        workloads.full_cycle,
        TEN_THOUSAND,
        {"full cycle": "1.1 (1.8), 6.3 (1.6)"},
        {
            "full cycle": Target(seconds=0.1, times_port=20),
            "1% of agents changed": Target(seconds=0.003),
        },
    ),
    Workload(
        "LargeClusterWithQuota",
        quota_workloads.large_cluster,
        Size(50_000, 2_000, 400),
        targets={"full cycle": Target(seconds=0.6)},
    ),
    Workload(
        "AllFiltered", workloads.all_filtered, TEN_THOUSAND, targets={"all filtered": Target(seconds=0.03)}
    ),
    Workload(
        "LargeAndSmallQuota",
        quota_workloads.large_and_small,
        Size(3_000, 3_000, 3_000),
        {"first run": "15.4, 30.4 before", "nothing to give": "13.7, 27.1 before"},
        {"first run": Target(seconds=0.5), "nothing to give": Target(part_of=(0.05, "first run"))},
    ),
    Workload(
        "UpdateAllocation",
        workloads.update_allocation,
        Size(1, 200, 200),
        {"20 x unreserve and reserve": "2.1, 131 before"},
        {"20 x unreserve and reserve": Target(seconds=1.0)},
    ),
    Workload("AddAndUpdateSlave", workloads.add_and_update, TEN_THOUSAND),
    Workload(
        "DeclineOffers",
        workloads.decline_offers,
        TEN_THOUSAND,
        {"first run": "3.5, 5.4 before", "round after declining all": "1.1, 3.2 before"},
    ),
    Workload("ResourceLabels", workloads.resource_labels, TEN_THOUSAND),
    Workload("SuppressOffers", workloads.suppress_offers, TEN_THOUSAND),
    Workload("ExtremeSuppressOffers", workloads.extreme_suppress_offers, TEN_THOUSAND),
    *(
        Workload(
            f"PersistentVolumes{kind}", partial(workloads.persistent_volumes, shared=shared), TEN_THOUSAND
        )
        for kind, shared in VOLUMES.items()
    ),
    Workload("NonQuotaVsQuota", quota_workloads.with_and_without, Size(2_000, 2_000, 1_000)),
    Workload("MultiFrameworkAllocations", workloads.multi_framework, Size(80, 500, 50)),
    Workload("Metrics", quota_workloads.metrics, Size(10_000, 1_000, 1_000)),
    Workload("AllocatorBacklog", workloads.backlog, TEN_THOUSAND),
    Workload(
        "FullSort",
        workloads.full_sort,
        Size(50_000, 1_000),
        {"add allocations": "0.18, 0.09 before", "remove allocations": "12.2, 5.4 before"},
    ),
    *(
        Workload(f"FullSort{branch}Below", partial(workloads.full_sort, branch=branch), Size(50_000, clients))
        for branch, clients in TREES.items()
    ),
)
