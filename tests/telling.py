"""What tests tell beside passing: how much they tried, with which seed.

The fixture `tell` prints a line at once; of a test that runs in another process, at the end of the run. It
must not decide anything. A pytest plugin.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

TOLD = "told"
IN_A_WORKER = "PYTEST_XDIST_WORKER" in os.environ

Tell = Callable[[str], None]


class Told:
    """What the tests of other processes told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            self.lines += [str(what) for name, what in report.user_properties if name == TOLD]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self.lines:
            terminalreporter.write_line(line)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Told())


@pytest.fixture
def tell(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Tell:
    """Say something that whoever runs the tests should see, also when they pass."""

    def say(text: str) -> None:
        if IN_A_WORKER:
            request.node.user_properties.append((TOLD, text))
            return
        with capsys.disabled():
            print(f"\n{text}", end="", flush=True)

    return say
