"""Device rules as operators write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from provider.local_storage.device import Kind
from provider.local_storage.device_rule_file import MAX_RULES, InvalidRules, parse_rules, read_rules
from provider.local_storage.device_rules import Rule, Use


def test_all_that_a_rule_can_say() -> None:
    (rule,) = parse_rules(
        """
        [[device]]
        name = "fast"
        use = "pool"
        paths = ["/dev/disk/by-id/nvme-*"]
        identities = ["wwn:*"]
        model = "Samsung*"
        min_size = "100GiB"
        max_size = "2TiB"
        rotational = false
        kind = ["disk", "partition"]
        even_if_not_empty = ["wwn:eui.0025"]
        """
    )
    assert rule == Rule(
        "fast",
        Use.POOL,
        ("/dev/disk/by-id/nvme-*",),
        ("wwn:*",),
        "Samsung*",
        100 * 2**30,
        2 * 2**40,
        False,
        frozenset({Kind.DISK, Kind.PARTITION}),
        ("wwn:eui.0025",),
    )


def test_a_file_without_rules_is_one_that_gives_nothing_away() -> None:
    assert parse_rules("") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[device", "TOML"),
        ("[[devices]]\nname='a'", "devices"),
        ("[device]\nname='a'", "[[device]]"),
        ("[[device]]\nuse='pool'", "rule 1"),
        ("[[device]]\nname='a-b'", "rule 1"),
        ("[[device]]\nname='a'\nsize='1GiB'", "size"),
        ("[[device]]\nname='a'\nmin_size=5", "unit"),
        ("[[device]]\nname='a'\nmin_size='much'", "much"),
        ("[[device]]\nname='a'\nmin_size='2GiB'\nmax_size='1GiB'", "max_size"),
        ("[[device]]\nname='a'\npaths=['sda']", "absolute"),
        ("[[device]]\nname='a'\npaths='/dev/sda'", "list"),
        ("[[device]]\nname='a'\nkind='raid'", "partition"),
        ("[[device]]\nname='a'\nuse='wipe'", "never"),
        ("[[device]]\nname='a'\nrotational='no'", "true or false"),
        ("[[device]]\nname='a'\neven_if_not_empty=['/dev/sda']", "/dev/sda"),
        ("[[device]]\nname='a'\neven_if_not_empty=['wwn:*']", "to the letter"),
        ("[[device]]\nname='a'\n[[device]]\nname='a'", "two rules"),
        ("[[device]]\nname='a'\n" * (MAX_RULES + 1), str(MAX_RULES)),
    ],
)
def test_a_file_that_may_not_mean_what_its_author_thinks_is_refused_whole(text: str, said: str) -> None:
    with pytest.raises(InvalidRules) as refusal:
        parse_rules(text)
    assert said in str(refusal.value)


def test_a_refusal_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    for content in (b"[[device]]\n", b"\xff", None):
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
        with pytest.raises(InvalidRules) as refusal:
            read_rules(file)
        assert str(file) in str(refusal.value)
