"""What an operator says that a host has: in text, in JSON, in a file; and what cannot be meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.host.detection import Wanted, host_resources
from agent.host.stated_resources import InvalidStatement, stated_resources
from api.model.resources import Reservation, Resource, Resources, scalar
from api.model.values import Items, Ranges

ENG = (Reservation("eng/dev", dynamic=False),)


def test_text_names_amounts_ranges_and_sets_each_with_a_role_or_without() -> None:
    text = " cpus(eng/dev):2.5 ; cpus:1;mem( * ):512;ports:[31000-31009, 32000-32000];zones(eng/dev):{a, b};"
    assert stated_resources(text) == (
        scalar("cpus", 2500).push_reservation(ENG[0]),
        scalar("cpus", 1000),
        scalar("mem", 512_000),
        Resource("ports", Ranges(((31000, 31009), (32000, 32000)))),
        Resource("zones", Items(("a", "b")), ENG),
    )


def listed(**more: Any) -> dict[str, Any]:
    return {"name": "cpus", "type": "SCALAR", "scalar": {"value": 2}, **more}


def test_json_says_the_same_in_either_form(tmp_path: Path) -> None:
    wanted = (scalar("cpus", 2000).push_reservation(ENG[0]),)
    newer = json.dumps([listed(reservations=[{"type": "STATIC", "role": "eng/dev"}])])
    older = json.dumps([listed(role="eng/dev")])
    assert stated_resources(newer) == stated_resources(older) == wanted
    (tmp_path / "resources.json").write_text(newer)
    assert stated_resources(f"file://{tmp_path}/resources.json") == wanted


def test_what_is_not_named_is_detected(tmp_path: Path) -> None:
    stated = stated_resources("cpus(eng/dev):1;ports:[1-2];gpus:1")
    found = host_resources(tmp_path, Wanted(stated=stated, mem=2**30))
    assert found.named("cpus") == Resources((scalar("cpus", 1000).push_reservation(ENG[0]),))
    assert found.named("ports") == Resources((Resource("ports", Ranges(((1, 2),))),))
    assert found.scalar_milli("mem") == 1024_000 and found.scalar_milli("gpus") == 1000
    assert found.scalar_milli("disk") > 0


DISK = {"source": {"type": "MOUNT", "mount": {"root": "/mnt"}}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cpus", "NAME:VALUE"),
        ("cpus(eng:1", "NAME"),
        ("cpus:one", "not a number"),
        ("cpus:-1", "-1"),
        ("cpus:0", "empty"),
        ("cpus(a b):1", "whitespace"),
        ("cpus():1", "role is empty"),
        ("ports:[1-]", "not a number"),
        ("ports:[9-1]", "9"),
        (" ; ", "names no resources"),
        ("[]", "names no resources"),
        ("[{]", "JSON"),
        ("[1]", "JSON"),
        (json.dumps([listed(disk=DISK, name="disk")]), "storage providers"),
        (json.dumps([listed(reservations=[{"type": "DYNAMIC", "role": "a"}])]), "STATIC"),
        (json.dumps([listed(provider_id={"value": "p"})]), "provider_id"),
        (json.dumps([listed(revocable={})]), "revocable"),
        (json.dumps([listed(scalar={})]), "scalar"),
        ("file:///nowhere/at/all", "cannot be read"),
        ("x:{" + "a" * 300_000 + "}", "bytes"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_part(text: str, words: str) -> None:
    with pytest.raises(InvalidStatement, match=words):
        stated_resources(text)
