"""A daemon's own process, as GET_FLAGS, GET_LOGGING_LEVEL and the metrics show it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from api.model.errors import InvalidRequest
from cli.agent_settings import AgentSettings
from cli.daemon_settings import OrchestratorSettings
from cli.process import DaemonProcess
from cli.setting_values import the_attributes


@pytest.fixture(autouse=True)
def root_level() -> Iterator[None]:
    """The level of logging is the process's: it is put back."""
    before = logging.getLogger().level
    yield
    logging.getLogger().setLevel(before)


def test_flags_are_the_settings_in_force_as_texts() -> None:
    settings = AgentSettings(
        profiles="https://me:sec@ret@example.org/profiles.toml?token=secret",
        attributes=the_attributes("rack:r7;slots:[1-4]"),
        image_pin=("a", "b"),
        enforce_disk=False,
        pool_size=2**30,
    )
    flags = DaemonProcess(lambda: settings).flags
    assert flags["profiles"] == "https://example.org/profiles.toml"
    assert (flags["image_pin"], flags["enforce_disk"], flags["pool_size"]) == ("a,b", "false", "1073741824")
    assert flags["attributes"] == "rack:r7;slots:[1-4]"
    assert "runtime" not in flags
    frozen = OrchestratorSettings(fair_sharing_excluded=frozenset({"gpus", "cpus"}))
    assert DaemonProcess(lambda: frozen).flags["fair_sharing_excluded"] == "cpus,gpus"


async def test_more_is_logged_for_a_time_whatever_is_configured_meanwhile() -> None:
    settings = AgentSettings(log_level="warning")
    process = DaemonProcess(lambda: settings)
    process.set_verbosity(1, 3600.0)
    process.set_verbosity(2, 0.02)
    settings = replace(settings, log_level="error")
    process.reconfigured()
    assert (process.verbosity, logging.getLogger().level) == (2, logging.DEBUG)
    async with asyncio.timeout(10):
        while process.verbosity:  # noqa: ASYNC110 - there is nothing to wait for
            await asyncio.sleep(0.005)
    assert logging.getLogger().level == logging.ERROR
    settings = replace(settings, log_level="info")
    process.reconfigured()
    assert logging.getLogger().level == logging.INFO


async def test_no_time_has_to_be_said_for_less() -> None:
    process = DaemonProcess(lambda: AgentSettings())
    process.set_verbosity(2, 3600.0)
    process.set_verbosity(0, 0.0)
    assert (process.verbosity, logging.getLogger().level) == (0, logging.INFO)


@pytest.mark.parametrize(("level", "seconds"), [(4, 1.0), (-1, 1.0), (1, 0.0), (1, -5.0), (1, 1e9)])
async def test_a_level_that_cannot_be_changes_nothing(level: int, seconds: float) -> None:
    process = DaemonProcess(lambda: AgentSettings())
    before = logging.getLogger().level
    with pytest.raises(InvalidRequest):
        process.set_verbosity(level, seconds)
    assert (process.verbosity, logging.getLogger().level) == (0, before)


def test_the_log_is_read_in_parts(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = DaemonProcess(lambda: AgentSettings(log_file=log))
    assert process.read_log(0, 10) is None
    log.write_bytes(b"0123456789")
    assert [process.read_log(offset, 4).data for offset in (0, 8, 10, 2**70)] == [b"0123", b"89", b"", b""]  # type: ignore[union-attr]
    assert process.read_log(0, 0).size == 10  # type: ignore[union-attr]
    assert DaemonProcess(lambda: AgentSettings()).read_log(0, 10) is None


def test_the_machine_is_as_the_kernel_says() -> None:
    load = DaemonProcess(lambda: AgentSettings()).load()
    assert 0 < load.mem_free < load.mem_total
    assert load.cpus >= 1
    assert min(load.load_1min, load.load_5min, load.load_15min) >= 0.0
