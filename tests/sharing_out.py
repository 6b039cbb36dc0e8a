"""Who runs what when several processes run the tests: what stays together, and what begins first.

Everything that mounts or runs containers stays in one process, one after the other: a container has a copy of
all mounts of the host, those of another test's volumes too, and keeps them busy. That process mostly waits;
beside it the others share out the rest, file by file, or test by test where a file takes long and its
tests share nothing. What takes long begins first, so that no process is left alone with it in the end.
Without several processes this changes nothing. A pytest plugin; it must not change what a test does.
"""

from __future__ import annotations

import pytest

HOST = frozenset({"mount", "mount-namespace", "podman", "loop", "fuse", "csi-sanity", "mock-driver"})
"""Who needs one of these changes what other processes of the host see."""

LONG = ("tests/simulation/", "tests/provider/misbehaving/", "tests/provider/every_instruction/")
"""In which order they begin, and their tests are shared out one by one."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not getattr(config.option, "loadgroup", False) and config.getoption("dist", "no") != "loadgroup":
        return
    items.sort(key=_turn)
    for item in items:
        if _is_the_hosts(item):
            item.add_marker(pytest.mark.xdist_group("host"))
        elif not item.nodeid.startswith(LONG):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


def _turn(item: pytest.Item) -> int:
    """A stable sort by it leaves what is together together."""
    if _is_the_hosts(item):
        return -1
    return next((n for n, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))


def _is_the_hosts(item: pytest.Item) -> bool:
    needed = {name for mark in item.iter_markers("needs") for name in mark.args}
    return item.nodeid.startswith("e2e/") or not HOST.isdisjoint(needed)
