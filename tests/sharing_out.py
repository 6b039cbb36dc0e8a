"""Who runs what when several processes run the tests: what stays together, and what begins first.

Tests that mount or run containers mostly wait, the others reckon: there is one process more than cores, and
of every three two do the first kind of work and one the other, as long as there is both. Each process has
mounts of its own (own_mounts.py); the rest of the host they share, and tests know their part of it by their
work directories. Work is dealt out file by file; of a file for both containerizers each one's tests by
themselves, for a cluster has one of them; where a file takes long and its tests share nothing, test by test.
What takes long begins first, so that no process is left alone with it in the end. Without several processes
this changes nothing. A pytest plugin; it must not change what a test does.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController

HOST = frozenset({"mount", "mount-namespace", "podman", "loop", "fuse", "csi-sanity", "mock-driver"})
"""Who needs one of these works on the host."""

ON_THE_HOST = "host: "
"""How the names of the groups begin that do."""

LONG_ON_THE_HOST = ("e2e/crash/", "e2e/task_crash/", "e2e/", "tests/local_disk/")
LONG = ("tests/simulation/", "tests/provider/misbehaving/", "tests/provider/every_instruction/")
"""In which order they begin; of LONG the tests are dealt out one by one."""

KINDS = frozenset({"podman", "process"})


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadGroupScheduling | None:
    if config.getoption("dist") != "loadgroup":
        return None
    return BothKindsAtOnce(config, log)


class BothKindsAtOnce(LoadGroupScheduling):
    """Deals groups out in their order, but so that neither kind of work waits for the other one."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(self._next_for(node), last=False)
        super()._assign_work_unit(node)

    def _next_for(self, node: WorkerController) -> str:
        """The first group of the kind that too few of the others are at; of the other kind in the end."""
        at_work = sum(
            any(scope.startswith(ON_THE_HOST) and not all(tests.values()) for scope, tests in work.items())
            for other, work in self.assigned_work.items()
            if other is not node
        )
        wanted = at_work < len(self.nodes) - max(1, len(self.nodes) // 3)
        fitting = (scope for scope in self.workqueue if scope.startswith(ON_THE_HOST) == wanted)
        return next(fitting, next(iter(self.workqueue)))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not getattr(config.option, "loadgroup", False) and config.getoption("dist", "no") != "loadgroup":
        return
    items.sort(key=_turn)
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))


def _group(item: pytest.Item) -> str:
    """What stays together with it; empty for what is by itself."""
    file = item.nodeid.partition("::")[0]
    if not _is_the_hosts(item):
        return "" if item.nodeid.startswith(LONG) else file
    callspec = getattr(item, "callspec", None)
    values = callspec.params.values() if callspec is not None else ()
    kind = next((value for value in values if isinstance(value, str) and value in KINDS), "")
    return f"{ON_THE_HOST}{file} {kind}".strip()


def _turn(item: pytest.Item) -> int:
    """A stable sort by it leaves what is together together."""
    order = LONG_ON_THE_HOST if _is_the_hosts(item) else LONG
    return next((n for n, path in enumerate(order) if item.nodeid.startswith(path)), len(order))


def _is_the_hosts(item: pytest.Item) -> bool:
    needed = {name for mark in item.iter_markers("needs") for name in mark.args}
    return item.nodeid.startswith("e2e/") or not HOST.isdisjoint(needed)
