"""The stores that there are, for tests of what all of them promise."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import MetaData, make_url

from store.port import Store
from store.postgresql import PostgresStore
from store.sqlite import SqliteStore
from tests.postgresql import PostgresServer
from tests.simulation.simstore import SimDisk, SimStore


class Kind(Protocol):
    """One database, that can be opened again and again."""

    def open(self, version: int = 1) -> Store: ...

    def close(self) -> None: ...


class InFile:
    def __init__(self, metadata: MetaData, path: Path) -> None:
        self._metadata, self._path = metadata, path

    def open(self, version: int = 1) -> Store:
        return SqliteStore.open(self._path / "a.db", self._metadata, version)

    def close(self) -> None:
        pass


class OnServer:
    def __init__(self, metadata: MetaData, url: str) -> None:
        self._metadata, self._url = metadata, make_url(url)

    def open(self, version: int = 1) -> Store:
        return PostgresStore.open(self._url, self._metadata, version)

    def close(self) -> None:
        pass


class Simulated:
    def __init__(self, metadata: MetaData) -> None:
        self._disk = SimDisk(metadata)

    def open(self, version: int = 1) -> Store:
        return SimStore(self._disk, random.Random(1))

    def close(self) -> None:
        self._disk.close()


REAL = ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))]
ALL = [*REAL, "simulation"]

Made = Callable[[MetaData], Kind]


@pytest.fixture
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Made]:
    """Makes a database of the kind that the test is about. Parametrised by the tests."""
    kinds: list[Kind] = []

    def make(metadata: MetaData) -> Kind:
        if request.param == "sqlite":
            kinds.append(InFile(metadata, tmp_path))
        elif request.param == "simulation":
            kinds.append(Simulated(metadata))
        else:
            server: PostgresServer = request.getfixturevalue("postgresql")
            kinds.append(OnServer(metadata, server.url(server.new_database())))
        return kinds[-1]

    yield make
    for kind in kinds:
        kind.close()
