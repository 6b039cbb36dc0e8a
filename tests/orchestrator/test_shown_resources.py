"""Resources as they are shown: what is kept encoded of them is what they are."""

from __future__ import annotations

import json

from api.model.resources import Resources
from api.wire.content import JSON
from api.wire.v1 import master
from orchestrator.assembly import Repeated, extended
from orchestrator.shown_resources import ShownResources
from tests.allocator.vocabulary import cpus, pool


def shown(room: ShownResources, resources: Resources, role: str | None = None) -> list[dict[str, object]]:
    fields = [Repeated(room.field, room.pieces(resources, role, JSON))]
    body = b"".join(extended(b"{}", master.ResponseGetAgentsAgent, fields, JSON))
    elements: list[dict[str, object]] = json.loads(body).get(room.field, [])
    return elements


def test_a_pool_that_is_described_otherwise_is_shown_so() -> None:
    room = ShownResources(master.ResponseGetAgentsAgent, "total_resources")
    before, after = (Resources([cpus(2), pool("fast", 100, group, 2.0)]) for group in ("one", "other"))
    assert before == after  # for who knows nothing of groups
    for resources, group in ((before, "one"), (after, "other"), (before, "one")):
        disk = next(each["disk"] for each in shown(room, resources) if each["name"] == "disk")
        assert isinstance(disk, dict)
        assert disk["source"]["capacity_group"] == group


def test_what_is_alike_is_encoded_once_for_each_role() -> None:
    room = ShownResources(master.ResponseGetAgentsAgent, "allocated_resources")
    one = room.pieces(Resources([cpus(2)]), "a", JSON)
    assert room.pieces(Resources([cpus(2)]), "a", JSON) is one
    roles = [shown(room, Resources([cpus(2)]), role)[0]["allocation_info"] for role in ("a", "b")]
    assert roles == [{"role": "a"}, {"role": "b"}]
    assert shown(room, Resources()) == []
