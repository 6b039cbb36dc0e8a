"""Long calls do not hold anybody else up: how they are read, and what they ask for is told."""

from __future__ import annotations

import asyncio
import threading

import pytest

from api.wire import slices
from api.wire.http_rules import Accepted, Head, Rejection
from api.wire.reading import SHORT_BYTES, Reading
from api.wire.v1 import scheduler
from orchestrator import scheduler_api, streams
from orchestrator.replies import Answer
from tests.orchestrator_api.cluster import ApiCluster

HEAD = Head("POST", "application/json", "application/x-protobuf")


class Recorded:
    """An API that says where it was asked."""

    name = "recorded"

    def __init__(self) -> None:
        self.threads: list[int] = []

    def read(self, head: Head, body: bytes) -> Accepted[scheduler.Call] | Rejection:
        self.threads.append(threading.get_ident())
        return Rejection(400, f"{len(body)} bytes")

    async def answer(self, call: scheduler.Call, stream_id: str | None, media_type: object) -> Answer:
        raise AssertionError("nothing is asked")


async def test_a_long_body_is_read_beside_the_event_loop_and_a_short_one_at_once() -> None:
    api, reading = Recorded(), Reading()
    try:
        for length in (SHORT_BYTES, SHORT_BYTES + 1):
            answer = await reading.read(api.read, HEAD, b"x" * length)
            assert answer == Rejection(400, f"{length} bytes")
    finally:
        reading.close()
    here = threading.get_ident()
    assert [thread == here for thread in api.threads] == [True, False]


async def test_what_long_calls_say_is_understood(cluster: ApiCluster) -> None:
    await cluster.join()
    first = await cluster.subscribe()
    too_many = [{"task_id": {"value": f"task-{number}" * 10}} for number in range(10_001)]
    status, why = await first.call("RECONCILE", {"tasks": too_many})
    assert (status, "10001 are too many for one call" in why) == (400, True)
    assert (await first.call("RECONCILE", {"tasks": too_many[:2_000]}))[0] == 202
    last = too_many[1_999]["task_id"]
    told = await first.stream.wait("UPDATE", lambda body: body["status"]["task_id"] == last)
    assert told["status"]["state"] == "TASK_LOST"


async def test_the_statuses_that_a_framework_asks_for_come_as_fast_as_it_reads(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices.Slices, "is_over", property(lambda self: True))  # a turn for each of them
    monkeypatch.setattr(scheduler_api, "MUCH_BYTES", 1_000)
    monkeypatch.setattr(streams, "WAITING_LIMIT_BYTES", 20_000)  # a tenth of what is to be told
    await cluster.join()
    first = await cluster.subscribe()
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    beside = asyncio.ensure_future(others())
    asked = [{"task_id": {"value": f"task-{number}"}} for number in range(700)]
    assert (await first.call("RECONCILE", {"tasks": asked}))[0] == 202
    await first.stream.wait("UPDATE", lambda body: body["status"]["task_id"] == asked[-1]["task_id"])
    beside.cancel()
    assert turns >= len(asked)
    told = [body["status"]["task_id"] for body in first.stream.of_type("UPDATE")]
    assert told == [entry["task_id"] for entry in asked]


async def test_statuses_are_told_behind_the_answer_to_who_reads_nothing_before_it(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = asyncio.Event()

    async def caught_up(session: scheduler_api.SchedulerSession) -> None:
        await answered.wait()

    monkeypatch.setattr(slices.Slices, "is_over", property(lambda self: True))  # a turn for each of them
    monkeypatch.setattr(scheduler_api.SchedulerSession, "caught_up", caught_up)
    await cluster.join()
    first = await cluster.subscribe()
    asked = [{"task_id": {"value": f"task-{number}"}} for number in range(50)]
    async with asyncio.timeout(30):
        assert (await first.call("RECONCILE", {"tasks": asked}))[0] == 202
    assert len(first.stream.of_type("UPDATE")) <= 1
    answered.set()
    await first.stream.wait("UPDATE", lambda body: body["status"]["task_id"] == asked[-1]["task_id"])
    told = [body["status"]["task_id"] for body in first.stream.of_type("UPDATE")]
    assert told == [entry["task_id"] for entry in asked]
