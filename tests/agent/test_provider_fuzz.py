"""Whatever a provider sends is answered with a reason, or can be read by everybody behind the manager."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.convert import resources_from_wire
from api.wire.convert_operations import operation_from_wire
from api.wire.v1 import link
from api.wire.v1 import resource_provider as rp
from tests.provider.contract.hosts import HttpHost

SEED = 20_260_720
MUTATIONS = 1500
UUID = {"value": "AAAAAAAAAAAAAAAAAAAAAQ=="}
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    1e308,
    2**63,
    "",
    "\0",
    "*",
    "é€😀",
    "x" * 3000,
    [],
    [None],
    {},
    {"value": None},
    {"value": -1},
    "AAAA",
    "OPERATION_FINISHED",
    "RAW",
    "LAUNCH",
    [[]],
    {"scalar": {"value": "1"}},
)


def documents(provider: dict[str, Any]) -> list[dict[str, Any]]:
    """One good call of each type that is taken in a session."""
    reservation = {"type": "DYNAMIC", "role": "web", "principal": "ops", "labels": {"labels": [{"key": "a"}]}}
    disk = {
        "name": "disk",
        "type": "SCALAR",
        "scalar": {"value": 8},
        "provider_id": provider,
        "reservations": [reservation],
        "disk": {
            "source": {
                "type": "MOUNT",
                "id": "v",
                "profile": "p",
                "vendor": "x",
                "mount": {"root": "/r"},
                "metadata": {"labels": [{"key": "k", "value": "v"}]},
            },
            "persistence": {"id": "data", "principal": "ops"},
        },
    }
    pool = {**disk, "reservations": [], "disk": {"source": {"type": "RAW", "profile": "p"}}}
    status = {
        "state": "OPERATION_FINISHED",
        "converted_resources": [disk],
        "uuid": UUID,
        "resource_provider_id": provider,
        "message": "done",
    }
    info = {"type": "CREATE_DISK", "create_disk": {"source": pool, "target_type": "MOUNT"}}
    operation = {"info": info, "latest_status": status, "statuses": [status], "uuid": UUID}
    state = {
        "resources": [disk, pool],
        "operations": [operation],
        "resource_version_uuid": UUID,
        "profiles": [{"name": "p", "available": True, "capacity_group": "g", "cost_ratio": 2.0}],
        "plugin": {"name": "x", "state": "READY", "restarts": 1},
        "notices": [{"source_id": "v", "kind": "LOST", "message": "m", "size_bytes": 1}],
    }
    update = {
        "status": status,
        "latest_status": status,
        "operation_uuid": UUID,
        "framework_id": {"value": "f"},
    }
    published = [{"source_id": "v", "path": "/r", "provider_id": provider}]
    answer = {"uuid": UUID, "status": "OK", "published": published}
    common = {"resource_provider_id": provider}
    return [
        {**common, "type": "UPDATE_STATE", "update_state": state},
        {**common, "type": "UPDATE_OPERATION_STATUS", "update_operation_status": update},
        {**common, "type": "UPDATE_PUBLISH_RESOURCES_STATUS", "update_publish_resources_status": answer},
    ]


def places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) within the document."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        yield document, key
        if isinstance(value, dict | list):
            yield from places(value)


def mutated(document: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    copied = copy.deepcopy(document)
    for _ in range(rng.randint(1, 2)):
        container, key = rng.choice(list(places(copied)))
        if isinstance(container, list) and key >= len(container):
            continue
        what = rng.random()
        if what < 0.3:
            container.pop(key) if isinstance(container, list) else container.pop(key, None)
        elif what < 0.5 and isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        else:
            container[key] = copy.deepcopy(rng.choice(ODD))
    return copied


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[HttpHost]:
    made = HttpHost(tmp_path)
    await made.start()
    yield made
    await made.stop()
    assert not made.failures


async def test_whatever_is_taken_can_be_read_by_everybody_behind(http: HttpHost) -> None:
    rng = random.Random(SEED)
    session, provider_id = await http.subscribe()
    headers = {
        "Content-Type": "application/json",
        "Mesos-Stream-Id": session._response.headers["Mesos-Stream-Id"],  # type: ignore[attr-defined]
    }
    good = documents({"value": provider_id})
    answers = {202: 0, 400: 0, 501: 0}
    for document in good:
        async with http.client.post(http.url, json=document, headers=headers) as response:
            assert response.status == 202, await response.text()
    for number in range(MUTATIONS):
        document = mutated(good[number % len(good)], rng)
        body = json.dumps(document)
        async with http.client.post(http.url, data=body, headers=headers) as response:
            text = await response.text()
            assert response.status in answers, (response.status, text, body)
            assert (response.status == 202) == (not text.strip()), (text, body)
            answers[response.status] += 1
        for state in http.heard.states.values():
            read_as_the_orchestrator_does(state)
        for statuses in http.heard.statuses.values():
            for status in statuses:
                resources_from_wire(status.converted_resources)
        http.heard.statuses.clear()
    print(f"seed {SEED}: {answers}")
    assert answers[202] > MUTATIONS / 10 and answers[400] > MUTATIONS / 10
    assert http.manager.subscribed == [provider_id]


def read_as_the_orchestrator_does(state: rp.CallUpdateState) -> None:
    message = link.AgentMessage(
        type=link.AgentMessageType.UPDATE_PROVIDER,
        update_provider=link.AgentMessageUpdateProvider(update_state=state),
    )
    told = decode_msgpack(link.AgentMessage, encode_msgpack(message)).update_provider
    assert isinstance(told, link.AgentMessageUpdateProvider)
    resources_from_wire(told.update_state.resources).unallocated()
    for operation in told.update_state.operations:
        operation_from_wire(operation.info)
        resources_from_wire(operation.latest_status.converted_resources)
