"""Settings that say how offers are made, and the whitelist file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.allocation_settings import a_fault_domain, a_share, least_offer, names
from cli.failures import CommandFailed
from cli.whitelist import Hosts, Whitelist


def test_the_least_offer_is_alternatives_of_amounts() -> None:
    assert least_offer("cpus=0.01|mem=32MiB") == ({"cpus": 10}, {"mem": 32_000})
    assert least_offer("cpus=1, mem=1GiB") == ({"cpus": 1000, "mem": 1024_000},)
    assert least_offer("any") == ()


@pytest.mark.parametrize(
    "text", ["", "cpus", "cpus=", "cpus=x", "cpus=-1", "cpus=1,cpus=2", "|", "mem=1 mile"]
)
def test_a_least_offer_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        least_offer(text)


def test_shares_names_and_domains() -> None:
    assert (a_share("0.8"), a_share("80%"), a_share("0")) == (0.8, 0.8, 0.0)
    assert names("gpus, licences") == {"gpus", "licences"}
    assert a_fault_domain("europe/a") == ("europe", "a")
    for parse, text in ((a_share, "81"), (a_share, "nan"), (names, "a b"), (a_fault_domain, "europe")):
        with pytest.raises(ValueError):
            parse(text)  # type: ignore[operator]


async def test_a_whitelist_is_followed_and_stays_as_it_was_when_it_cannot_be_read(tmp_path: Path) -> None:
    file, told = tmp_path / "hosts", list[Hosts]()
    whitelist = Whitelist(file, told.append)
    with pytest.raises(CommandFailed, match="--whitelist"):
        whitelist.begin()
    file.write_text("# mine\nhost-1\n\n host-2 \n")
    whitelist.begin()
    await whitelist.reread()
    file.write_text("host-1 host-2\n")
    await whitelist.reread()
    file.unlink()
    await whitelist.reread()
    assert told == [frozenset({"host-1", "host-2"})]
    file.write_text("")
    await whitelist.reread()
    file.write_text("*\n")
    await whitelist.reread()
    assert told[1:] == [frozenset(), None]
