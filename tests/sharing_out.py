"""Who runs what when several processes run the tests: what stays together, and what begins first.

A file's tests stay together, as they may share what was made for all of them; those of a file that makes it
for each containerizer apart, by containerizer. Files without anything in common are shared out test by test.
What takes long begins first, so that no process is left alone with it in the end. Without several
processes this changes nothing. A pytest plugin; it must not change what a test does.
"""

from __future__ import annotations

import pytest

LONG = (
    "e2e/crash/",
    "e2e/third_party/test_mock_driver.py",
    "tests/simulation/",
    "e2e/",
    "tests/provider/misbehaving/",
    "tests/containerizer/",
    "tests/local_disk/",
    "tests/provider/every_instruction/",
)
"""In which order they begin; whatever is not named here is quick and comes last."""

APART = (
    "tests/simulation/",
    "tests/provider/misbehaving/",
    "tests/provider/every_instruction/",
    "tests/local_disk/",
)
"""Whose tests share nothing but code."""

CONTAINERIZERS = ("podman", "process")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not getattr(config.option, "loadgroup", False) and config.getoption("dist", "no") != "loadgroup":
        return
    items.sort(key=_turn)
    for item in items:
        if not item.nodeid.startswith(APART):
            item.add_marker(pytest.mark.xdist_group(_group(item)))


def _turn(item: pytest.Item) -> int:
    """A stable sort by it leaves what is together together."""
    return next((n for n, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))


def _group(item: pytest.Item) -> str:
    path, _, name = item.nodeid.partition("::")
    kind = next((kind for kind in CONTAINERIZERS if f"[{kind}" in name or f"-{kind}" in name), "")
    return f"{path} {kind}"
