"""docs/compatibility.md speaks of every call and every event of the v1 APIs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.wire.v1 import agent, executor, master, resource_provider, scheduler
from tests.compatibility.table import of_the_api

PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"


@pytest.mark.parametrize("api", [scheduler, master, agent, executor], ids=lambda api: api.__name__)
def test_every_call_is_named(api: object) -> None:
    assert not of_the_api(api.Call) - _named(PAGE)  # type: ignore[attr-defined]


@pytest.mark.parametrize("api", [scheduler, master, executor], ids=lambda api: api.__name__)
def test_every_event_is_named(api: object) -> None:
    assert not of_the_api(api.Event) - _named(PAGE)  # type: ignore[attr-defined]


def test_the_guide_to_providers_names_what_they_call_and_are_told() -> None:
    guide = _named(PAGE.parent / "writing-a-provider.md") | _named(PAGE)
    assert not of_the_api(resource_provider.Call) - guide
    assert not of_the_api(resource_provider.Event) - guide


def _named(page: Path) -> set[str]:
    return set(re.findall(r"[A-Z][A-Z_]+", page.read_text()))
