"""Requests that are wrong, over real HTTP: each has a clear answer, and nothing changes.

"Nothing" is measured: the rows of both databases, the files of the pool, the mounts.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.conftest import CONTAINERIZERS, running
from e2e.harness import census, http
from e2e.harness.cluster import POOL, STORAGE_DATABASE, DevCluster
from e2e.harness.http import JSON, Subscription
from tests import census as tagged

FRAMEWORK = {
    "user": "root",
    "name": "bad-input",
    "roles": ["default"],
    "capabilities": [{"type": "MULTI_ROLE"}, {"type": "RESERVATION_REFINEMENT"}],
}
GARBAGE_BYTES = 10 * 2**20
MB = 2**20
TIB = 2**40


@pytest.fixture(scope="module", params=CONTAINERIZERS[1:])
def dev(request: pytest.FixtureRequest) -> Iterator[DevCluster]:
    """With the simplest containers: what is refused here is refused before there would be one."""
    cluster = DevCluster(request.param, "--pool-size", POOL)
    with running(cluster, request.config):
        yield cluster


def rows(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type='table'")]
        return {table: sorted(map(repr, connection.execute(f"select * from {table}"))) for table in tables}


def everything(dev: DevCluster) -> dict[str, Any]:
    """What must be the same before and after. Frameworks are recorded when they subscribe: not part of it."""
    cluster = dev.work_dir / "c"
    orchestrator = rows(cluster / "orchestrator" / "orchestrator.db")
    orchestrator.pop("frameworks")
    storage = rows(cluster / "agent-1" / STORAGE_DATABASE)
    storage.pop("local_storage_facts")  # the capacity is asked for anew every few seconds
    return {
        "orchestrator": orchestrator,
        "agent": rows(cluster / "agent-1" / "agent.db"),
        "storage": storage,
        "pool": census.images(dev.place),
        "mounts": sorted(tagged.mounts(*dev.place.tags)),
        "loop devices": sorted(tagged.loop_devices(*dev.place.tags)),
        "volumes": dev.post({"type": "GET_VOLUMES"}),
    }


@pytest.fixture
def unchanged(dev: DevCluster) -> Iterator[None]:
    before = everything(dev)
    yield
    assert everything(dev) == before


def provision(
    name: Any = "bad", profile: Any = "default", size: Any = 64 * MB, **more: Any
) -> dict[str, Any]:
    wanted = {"name": name, "profile": profile, "size_bytes": size, **more}
    return {"type": "PROVISION_VOLUME", "provision_volume": wanted}


BAD_VOLUMES = {
    "unknown profile": (provision(profile="nonesuch"), "nonesuch"),
    "size 0": (provision(size=0), "size"),
    "negative size": (provision(size=-1), "size"),
    "more than there is": (provision(size=TIB), ""),
    "more than a number can hold": (provision(size=2**63), ""),
    "no name": (provision(name=""), "name"),
    "a path for a name": (provision(name="../x"), "name"),
    "a name that is too long": (provision(name="x" * 5000), "shorten it"),
    "text for a size": (provision(size="1GiB"), "size_bytes"),
    "a role that is none": (provision(role="*"), "role"),
    "nothing asked": ({"type": "PROVISION_VOLUME"}, "provision_volume"),
    "no such agent": (provision(agent_id={"value": "nobody"}), ""),
}


@pytest.mark.parametrize("case", BAD_VOLUMES)
@pytest.mark.usefixtures("unchanged")
def test_a_volume_that_cannot_be_is_refused_at_once(dev: DevCluster, case: str) -> None:
    call, word = BAD_VOLUMES[case]
    answer = http.post(dev.address, call)
    assert answer.status in (400, 404, 409), f"{answer.status} {answer.text}"
    assert word in answer.text and len(answer.text.strip().splitlines()) == 1, answer.text


def test_a_name_used_twice_is_one_volume_or_a_refusal(dev: DevCluster) -> None:
    before = dev.census()
    dev.done("volume", "create", "twice", "--profile", "default", "--size", "64MiB")
    made = everything(dev)
    dev.done("volume", "create", "twice", "--profile", "default", "--size", "64MiB")
    other = dev.orlop("volume", "create", "twice", "--profile", "default", "--size", "65MiB")
    assert other.returncode == 1 and "twice" in other.stderr, other
    answer = http.post(dev.address, provision("twice", size=64 * MB, block=True))
    assert answer.status == 409, answer.text
    assert everything(dev) == made
    dev.done("volume", "destroy", "twice")
    dev.settles_as(before)


BAD_REQUESTS = {
    "malformed JSON": (b'{"type": "GET_VOLUMES"', JSON, 400),
    "not an object": (b"[1, 2, 3]", JSON, 400),
    "no body": (b"", JSON, 400),
    "an unknown type": (b'{"type": "MAKE_COFFEE"}', JSON, 400),
    "no type": (b"{}", JSON, 400),
    "wrong content type": (b'{"type": "GET_VOLUMES"}', {"Content-Type": "text/plain"}, 415),
    "no content type": (b'{"type": "GET_VOLUMES"}', {}, 400),
    "an answer nobody can give": (
        b'{"type": "GET_VOLUMES"}',
        {"Content-Type": "application/json", "Accept": "image/png"},
        406,
    ),
    "deep nesting": (b'{"type":' + b"[" * 100_000, JSON, 400),
    "bytes that are no text": (bytes(range(256)) * 4, JSON, 400),
}


@pytest.mark.parametrize("case", BAD_REQUESTS)
@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/scheduler"])
@pytest.mark.usefixtures("unchanged")
def test_a_request_that_cannot_be_read_is_told_so(dev: DevCluster, path: str, case: str) -> None:
    body, headers, status = BAD_REQUESTS[case]
    if path.endswith("scheduler"):
        body = body.replace(b"GET_VOLUMES", b"SUBSCRIBE")
        if case == "an answer nobody can give":
            body = json.dumps({"type": "SUBSCRIBE", "subscribe": {"framework_info": FRAMEWORK}}).encode()
    answer = raw(dev.address, path, body, headers)
    assert answer.status == status, f"{answer.status} {answer.text}"
    assert answer.text.strip(), "a refusal without a word"


def raw(address: str, path: str, body: bytes, headers: dict[str, str]) -> http.Answer:
    """Without the header that the library would add."""
    connection = http.client_connection(address)
    try:
        connection.putrequest("POST", path, skip_accept_encoding=True)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        return http.Answer(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/scheduler"])
@pytest.mark.usefixtures("unchanged")
def test_ten_megabytes_of_garbage_are_refused_and_the_next_caller_is_served(
    dev: DevCluster, path: str
) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it need not read them all
        answer = http.request(dev.address, "POST", path, b"\xff" * GARBAGE_BYTES)
        assert answer.status == 413, answer.text
    assert http.post(dev.address, {"type": "GET_HEALTH"}).status == 200


@pytest.mark.usefixtures("unchanged")
def test_chunks_of_garbage_without_end_are_cut_off(dev: DevCluster) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"\xff" * 2**16

    connection = http.client_connection(dev.address)
    try:
        connection.request("POST", "/api/v1", chunks(), JSON, encode_chunked=True)
        assert connection.getresponse().status == 413
    except (BrokenPipeError, ConnectionResetError):
        pass  # cut off in the middle, which is an answer too
    finally:
        connection.close()
    assert http.post(dev.address, {"type": "GET_HEALTH"}).status == 200


@contextlib.contextmanager
def subscribed(dev: DevCluster) -> Iterator[Subscription]:
    framework = Subscription(dev.address, FRAMEWORK)
    try:
        yield framework
        framework.call("TEARDOWN")
    finally:
        framework.close()


def call_as(framework: Subscription, headers: dict[str, str], **fields: Any) -> http.Answer:
    body = {"framework_id": framework.framework_id, **fields}
    return http.request(
        framework.address, "POST", "/api/v1/scheduler", json.dumps(body).encode(), {**JSON, **headers}
    )


@pytest.mark.usefixtures("unchanged")
def test_a_call_must_come_from_a_subscribed_framework_with_its_stream_id(dev: DevCluster) -> None:
    with subscribed(dev) as framework:
        missing = call_as(framework, {}, type="REVIVE")
        assert missing.status == 400 and "Mesos-Stream-Id" in missing.text, missing.text
        wrong = call_as(framework, {"Mesos-Stream-Id": "nonesuch"}, type="REVIVE")
        assert wrong.status == 400, wrong.text
        unknown = call_as(framework, {}, type="REVIVE", framework_id={"value": "nobody"})
        assert unknown.status == 400, unknown.text
        assert call_as(framework, {"Mesos-Stream-Id": framework.stream_id}, type="REVIVE").status == 202


def raw_disk(offer: dict[str, Any]) -> dict[str, Any]:
    return next(
        resource
        for resource in offer["resources"]
        if resource.get("disk", {}).get("source", {}).get("profile") == "default"
    )


def create_disk(disk: dict[str, Any], operation_id: str, size_mb: float = 16) -> dict[str, Any]:
    source = {**disk, "scalar": {"value": size_mb}}
    return {
        "type": "CREATE_DISK",
        "id": {"value": operation_id},
        "create_disk": {"source": source, "target_type": "MOUNT"},
    }


def refusal_of(framework: Subscription, operation_id: str) -> dict[str, Any]:
    def ours(content: dict[str, Any]) -> bool:
        return content["status"].get("operation_id") == {"value": operation_id}

    status: dict[str, Any] = framework.until("update_operation_status", ours)["status"]
    return status


def test_an_offer_that_has_gone_and_a_disk_that_was_not_offered_are_refused(dev: DevCluster) -> None:
    before = everything(dev)
    with subscribed(dev) as framework:
        offer = framework.until("offers")["offers"][0]
        disk = raw_disk(offer)
        cases = {
            "an offer that never was": ({"value": "nonesuch"}, create_disk(disk, "gone-1")),
            "more than was offered": (offer["id"], create_disk(disk, "gone-2", 10**9)),
        }
        for operation_id, (offer_id, operation) in zip(("gone-1", "gone-2"), cases.values(), strict=True):
            accept = {"offer_ids": [offer_id], "operations": [operation]}
            assert framework.call("ACCEPT", accept=accept).status == 202
            status = refusal_of(framework, operation_id)
            assert status["state"] in ("OPERATION_ERROR", "OPERATION_DROPPED"), status
            assert status["message"], "a refusal without a word"
    after = everything(dev)
    for what in ("agent", "storage", "pool", "mounts", "loop devices", "volumes"):
        assert after[what] == before[what], what
