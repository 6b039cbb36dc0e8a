"""Role names: which are good, and who stands above whom."""

from __future__ import annotations

import pytest

from api.model.roles import MAX_ROLE_LENGTH, InvalidRole, ancestors, is_under, validate_role


@pytest.mark.parametrize(
    "role", ["*", "default", "eng/storage", "a-b", "a.b", "...", "ü", "x" * MAX_ROLE_LENGTH]
)
def test_ordinary_names_and_paths_are_roles(role: str) -> None:
    validate_role(role)


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        ("", "empty"),
        ("/a", "empty component"),
        ("a/", "empty component"),
        ("a//b", "empty component"),
        (".", "'.'"),
        ("a/..", "'..'"),
        ("a/*", "'*'"),
        ("-a", "starts with '-'"),
        ("a/-b", "starts with '-'"),
        ("a b", "whitespace"),
        ("a\tb", "whitespace"),
        ("a\x7f", "control"),
        ("x" * (MAX_ROLE_LENGTH + 1), "at most"),
    ],
)
def test_a_bad_name_is_refused_with_the_rule_it_breaks(role: str, reason: str) -> None:
    with pytest.raises(InvalidRole) as refusal:
        validate_role(role)
    assert reason in str(refusal.value)


def test_ancestors_come_nearest_first() -> None:
    assert ancestors("a/b/c") == ("a/b", "a")
    assert ancestors("a") == ancestors("*") == ()


def test_a_role_is_under_itself_and_what_is_above_it_only() -> None:
    assert is_under("a", "a") and is_under("a/b/c", "a") and is_under("a/b/c", "a/b")
    assert not is_under("ab", "a") and not is_under("a", "a/b") and not is_under("a", "*")
