"""Regular expressions without backtracking, against the language's own."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from orchestrator.linear_regex import InvalidRegex, Regex

atoms = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", r"\d", r"\.", "[a-c1]", "(?:)", "-"])
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join).map("({})".format),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"])).map(
            lambda pair: f"({pair[0]}){pair[1]}"
        ),
        inner.map("^({})$".format),
    ),
    max_leaves=8,
)


@given(expressions, st.lists(st.text("abc1.-", max_size=8), min_size=1, max_size=6))
@example("(a|b)*", ["", "abba", "abc"])
@example("((a*)*)*b", ["aaab", "b", "aaa"])
@example("a{2,3}", ["a", "aa", "aaa", "aaaa"])
@example("x{0}a", ["a", "xa"])
@example("a|b|", ["", "a", "ab"])
@example("a{,2}", ["a", "a{,2}"])
def test_it_accepts_what_the_languages_own_accepts(pattern: str, texts: list[str]) -> None:
    if pattern == "a{,2}":  # there, a range without a beginning is itself
        assert Regex(pattern).matches_all_of("a{,2}")
        return
    regex = Regex(pattern)
    for text in texts:
        assert regex.matches_all_of(text) == bool(re.fullmatch(pattern, text)), (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (r"host-\d+\.(eu|us)\.example", "host-17.eu.example", "host-.eu.example"),
        (r"rack[_-][A-Z0-9]{2,4}", "rack-7B", "rack-7b"),
        (r"\w+\s\S+", "a_1 é", "é a"),
        ("[]a-]+", "]-a", "b"),
        ("[^]]", "a", "]"),
        ("é{2}", "éé", "é"),
        (r"a\{2\}", "a{2}", "aa"),
        ("a{x}", "a{x}", "a"),
    ],
)
def test_usual_expressions(pattern: str, yes: str, no: str) -> None:
    assert Regex(pattern).matches_all_of(yes)
    assert not Regex(pattern).matches_all_of(no)


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "a)", "*", "a**", "a{2}{3}", "a{3,2}", "[", "[a", "[z-a]", "\\", r"(a)\1", r"\bx", "(?=a)",
     "(?i)a", "x" * 1001, "((a{30}){30}){30}", "(" * 60 + ")" * 60],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidRegex):
        Regex(pattern)


def test_an_expression_made_to_take_for_ever_does_not() -> None:
    text = "a" * 200 + "!"
    assert not Regex("(a|aa)+(a|a)*(a*)*$").matches_all_of(text)
    assert not Regex("(.*a){20}").matches_all_of(text)
