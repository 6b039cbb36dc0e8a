"""All transports, for every test of the suite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.provider.contract.hosts import Host, HttpHost, ProtobufHost


@pytest.fixture(params=[Host, HttpHost, ProtobufHost], ids=["in-process", "http", "protobuf"])
async def host(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Host]:
    made: Host = request.param(tmp_path)
    await made.start()
    yield made
    await made.stop()
    assert not made.failures


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[HttpHost]:
    made = HttpHost(tmp_path)
    await made.start()
    yield made
    await made.stop()
    assert not made.failures
