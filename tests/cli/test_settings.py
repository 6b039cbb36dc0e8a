"""Settings of the daemons: which source wins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.agent_settings import AgentSettings
from cli.agent_storage import resend_of
from cli.daemon_settings import DevSettings, OrchestratorSettings
from cli.failures import USAGE, CommandFailed
from cli.settings import resolve
from provider.status_stream import Resend


def write(folder: Path, text: str) -> Path:
    file = folder / "orlop.toml"
    file.write_text(text)
    return file


def test_a_flag_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    config = write(tmp_path, 'port = 1\nlink-port = 2\nwork_dir = "/file"\n')
    environ = {"ORLOP_PORT": "3", "ORLOP_LINK_PORT": "4"}
    settings = resolve(OrchestratorSettings, {"port": "5"}, environ, config)
    assert (settings.port, settings.link_port, settings.work_dir) == (5, 4, Path("/file"))
    assert settings.address == "127.0.0.1"


def test_sizes_and_switches_are_read_from_every_source(tmp_path: Path) -> None:
    config = write(tmp_path, 'pool-size = "1GiB"\nend-containers = true\n')
    settings = resolve(AgentSettings, {}, {"ORLOP_MEM": "2GiB"}, config)
    assert (settings.pool_size, settings.mem, settings.end_containers) == (2**30, 2**31, True)


def test_the_built_in_plugin_is_switched_off_from_every_source(tmp_path: Path) -> None:
    config = write(tmp_path, "local-disk = false\n")
    assert resolve(AgentSettings, {}, {}, None).local_disk
    assert not resolve(AgentSettings, {"local_disk": False}, {}, None).local_disk
    assert not resolve(AgentSettings, {}, {"ORLOP_LOCAL_DISK": "no"}, None).local_disk
    assert not resolve(AgentSettings, {}, {}, config).local_disk


def test_several_orchestrators_are_named_with_commas_and_in_the_file_as_a_list(tmp_path: Path) -> None:
    named = ("a:5060", "[::1]:5061")
    config = write(tmp_path, 'orchestrator = ["a:5060", "[::1]:5061"]\n')
    assert resolve(AgentSettings, {}, {}, config).orchestrator == named
    assert (
        resolve(AgentSettings, {}, {"ORLOP_ORCHESTRATOR": "a:5060, [::1]:5061,a:5060"}, None).orchestrator
        == named
    )
    assert resolve(AgentSettings, {}, {}, None).orchestrator == ("127.0.0.1:5060",)
    for text in ('orchestrator = ["a:5060", 1]\n', 'orchestrator = "a"\n', "orchestrator = []\n"):
        with pytest.raises(CommandFailed) as failed:
            resolve(AgentSettings, {}, {}, write(tmp_path, text))
        assert "orchestrator" in str(failed.value) and failed.value.status == USAGE


def test_a_number_in_the_file_may_be_a_number(tmp_path: Path) -> None:
    assert resolve(DevSettings, {}, {}, write(tmp_path, "agents = 3\n")).agents == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prot = 1\n", "unknown settings: prot"),
        ("port = [1]\n", "not a plain value: port"),
        ("port = 70000\n", "port in "),
        ("port = \n", "cannot read"),
    ],
)
def test_a_file_with_mistakes_is_refused_and_the_mistake_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CommandFailed, match=said) as caught:
        resolve(OrchestratorSettings, {}, {}, write(tmp_path, text))
    assert caught.value.status == USAGE


def test_a_wrong_variable_is_refused_by_its_name() -> None:
    with pytest.raises(CommandFailed, match="ORLOP_PORT: 'x' is not a port"):
        resolve(OrchestratorSettings, {}, {"ORLOP_PORT": "x"}, None)


def test_how_often_statuses_are_sent_again_can_be_set_but_not_backwards() -> None:
    chosen = resolve(AgentSettings, {"status_resend": "2", "status_resend_longest": "30"}, {}, None)
    assert resend_of(chosen) == Resend(2.0, 30.0)
    assert resend_of(resolve(AgentSettings, {}, {}, None)) == Resend(10.0, 600.0)
    backwards = resolve(AgentSettings, {"status_resend": "20", "status_resend_longest": "3"}, {}, None)
    with pytest.raises(CommandFailed, match="make it the same or more") as refused:
        resend_of(backwards)
    assert refused.value.status == USAGE


@pytest.mark.parametrize("text", ["0.5", "3601", "nan", "soon"])
def test_sandboxes_are_measured_neither_all_the_time_nor_never(text: str) -> None:
    with pytest.raises(CommandFailed, match="from 1 to 3600") as caught:
        resolve(AgentSettings, {"enforce_disk_interval": text}, {}, None)
    assert caught.value.status == USAGE
    assert resolve(AgentSettings, {"enforce_disk_interval": "2.5"}, {}, None).enforce_disk_interval == 2.5
