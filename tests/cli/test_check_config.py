"""`orlop agent --check-config`: what a start would say is said beforehand, and nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.host.stated_resources import stated_resources
from cli.agent_configuration import check
from cli.agent_settings import AgentSettings
from cli.failures import USAGE, CommandFailed

GOOD = '[[device]]\nname = "fast"\npaths = ["/dev/disk/by-id/nvme-*"]\n'


def settings(folder: Path, **others: object) -> AgentSettings:
    return AgentSettings(work_dir=folder / "agent", orchestrator=["127.0.0.1:1"], **others)  # type: ignore[arg-type]


def test_a_first_start_is_told_as_that_and_makes_no_work_directory(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(settings(tmp_path)) == 0
    assert "this would be its first start" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[device]]\nname = "x"\nuse = "disc"\n', "one of pool, disk, never"),
        ('[[device]]\nname = "x"\neven_if_not_empty = ["/dev/sdb"]\n', "/dev/sdb"),
        (None, "rules.toml"),
    ],
)
def test_rules_of_devices_with_which_no_agent_starts_are_refused_beforehand(
    tmp_path: Path, text: str | None, said: str
) -> None:
    rules = tmp_path / "rules.toml"
    if text is not None:
        rules.write_text(text)
    with pytest.raises(CommandFailed, match="--devices: ") as raised:
        check(settings(tmp_path, devices=rules))
    assert said in str(raised.value)
    assert raised.value.status == USAGE
    rules.write_text(GOOD)
    assert check(settings(tmp_path, devices=rules)) == 0


def test_an_amount_that_is_given_twice_is_refused_beforehand_also_of_a_first_start(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="give one"):
        check(settings(tmp_path, cpus=2, resources=stated_resources("cpus:3")))


def test_credentials_that_cannot_be_used_are_noted_beforehand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "credentials.json"
    assert check(settings(tmp_path, registry_credentials=file)) == 0, "pulls fail, and the agent starts"
    assert "note: credentials for registries: " in capsys.readouterr().out
    file.write_text("{}")
    file.chmod(0o600)
    assert check(settings(tmp_path, registry_credentials=file)) == 0
    assert "note" not in capsys.readouterr().out
