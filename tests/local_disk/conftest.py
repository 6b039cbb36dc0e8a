"""The plugin under test, with each backend that the machine can run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.local_disk.driver import Client, serving

IMAGE = pytest.param("image", marks=pytest.mark.needs("root", "mount", "loop", "ext4"))
BACKENDS = ["dir", IMAGE]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
async def client(short_dir: Path, backend: str) -> AsyncIterator[Client]:
    async with serving(short_dir, backend) as client:
        yield client


@pytest.fixture
async def image_client(short_dir: Path) -> AsyncIterator[Client]:
    """Use with the marks of IMAGE."""
    async with serving(short_dir, "image") as client:
        yield client
