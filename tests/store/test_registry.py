"""Which database a URL names, and what is said of one that names none."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from api.model.address import without_secrets
from store.port import StoreError
from store.registry import is_shared, open_registry, registry_url, sqlite_url

metadata = MetaData()
Table("numbers", metadata, Column("number", Integer, primary_key=True))


def test_a_password_is_not_shown() -> None:
    url = registry_url("postgresql+psycopg://me:hidden@db.example:5432/orlop")
    assert url.password == "hidden" and "hidden" not in str(url)
    assert is_shared(url)


def test_no_character_of_a_password_is_shown_where_settings_are() -> None:
    for password in ("plain", "a%40b", "a:b", "a%2Fb", "a%3Fb%23c"):
        text = f"postgresql+psycopg://me:{password}@db/orlop"
        assert registry_url(text).password == unquote(password)
        assert without_secrets(text) == "postgresql+psycopg://db/orlop"


def test_the_driver_may_be_left_out() -> None:
    assert registry_url("postgresql://me@db/orlop") == registry_url("postgresql+psycopg://me@db/orlop")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "sqlite:///path"),
        ("orchestrator.db", "sqlite:///path"),
        ("mysql://me@db/orlop", "sqlite:///path"),
        ("postgresql+asyncpg://me@db/orlop", "several orchestrators"),
        ("sqlite://", "name the file"),
        ("sqlite:///:memory:", "name the file"),
        ("postgresql://me@db/orlop?password=hidden", "before the host"),
        ("postgresql://me:hidden/x@db/orlop", "write %40, %2F"),
        ("postgresql://me:hidden@x@db/orlop", "write %40, %2F"),
    ],
)
def test_what_is_no_registry_is_told_what_one_is(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        registry_url(text)
    assert "hidden" not in str(caught.value)


async def test_a_file_is_made_where_its_url_says(tmp_path: Path) -> None:
    for url in (sqlite_url(tmp_path / "a.db"), registry_url(f"sqlite:///{tmp_path}/b.db")):
        assert not is_shared(url)
        await (await open_registry(url, metadata, 1)).close()
    assert {file.name for file in tmp_path.glob("*.db")} == {"a.db", "b.db"}  # noqa: ASYNC240 - a test


async def test_a_server_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(StoreError, match=r"cannot open the database .*127\.0\.0\.1:1/"):
        await open_registry(registry_url("postgresql://me@127.0.0.1:1/orlop"), metadata, 1)
