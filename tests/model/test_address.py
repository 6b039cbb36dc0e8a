"""What is shown of addresses."""

from __future__ import annotations

import pytest

from api.model.address import without_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:secret@example.org/p.toml", "https://example.org/p.toml"),
        ("https://me:se@ret@example.org:8443", "https://example.org:8443"),
        ("https://token@[::1]:80/p@q", "https://[::1]:80/p@q"),
        ("https://example.org/p?signature=secret&x=/@y#part", "https://example.org/p#part"),
        ("https://me:secret@example.org?token=secret", "https://example.org"),
        ("no answer from 'http://a:b@c/?k=d' or http://e/f", "no answer from 'http://c/' or http://e/f"),
        ("/a/path/with?and@", "/a/path/with?and@"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_who_asks_and_what_proves_it(text: str, shown: str) -> None:
    assert without_secrets(text) == shown
