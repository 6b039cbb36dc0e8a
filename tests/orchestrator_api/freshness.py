"""Whether what operators are shown, which is encoded once and kept, is what there is.

A view that was made this moment, and has kept nothing, is asked the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from api.wire.content import JSON
from api.wire.v1 import master
from orchestrator.kinds import Kinds
from orchestrator.staleness import Staleness
from orchestrator.state_view import StateView
from tests.orchestrator_api.cluster import ApiCluster

T = master.CallType
CALLS = (T.GET_STATE, T.GET_RESOURCE_PROVIDERS)
TRIES = 20
"""Timers of the cluster go on: an offer may be made between the two questions."""


async def check_that_nothing_shown_is_stale(cluster: ApiCluster) -> None:
    for call in CALLS:
        for _ in range(TRIES):
            shown = dict(_elements(await cluster.operator(call)))
            there = dict(_elements(json.loads(b"".join(_made_now(cluster, call)))))
            if shown == there:
                break
        else:
            differences = [
                (name, _less(shown, there, name), "instead of", _less(there, shown, name))
                for name in sorted({*shown, *there})
                if shown.get(name) != there.get(name)
            ]
            raise AssertionError(f"{call} shows what is not there: {differences}")


def _made_now(cluster: ApiCluster, call: T) -> list[bytes]:
    rooms = cluster.orchestrator
    provisioning = rooms.provisioning
    kinds = Kinds(
        rooms.state, rooms.operations, rooms.offers, provisioning, rooms.standings, rooms.inverse_offers
    )
    staleness = Staleness(kinds, rooms.state, rooms.ledger, rooms.offers, provisioning, rooms.inverse_offers)
    view = StateView(
        rooms.state, rooms.offers, provisioning, rooms.allocator, rooms.standings, kinds, staleness
    )
    for _ in view.steps(call, JSON):
        pass
    return view.body(call, JSON)


def _elements(shown: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every list of the answer, in an order that does not depend on who came first."""
    for name, value in shown.items():
        if isinstance(value, dict):
            yield from _elements(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", sorted(json.dumps(each, sort_keys=True) for each in value)


def _less(one: dict[str, list[str]], other: dict[str, list[str]], name: str) -> list[str]:
    return sorted({*one.get(name, ())} - {*other.get(name, ())})
