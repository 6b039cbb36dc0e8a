"""Calls that meet on one volume, clients that give up, and a crowd of both."""

from __future__ import annotations

import asyncio
import random

import pytest

from csi_spec import csi_pb2 as csi
from provider.plugins.local_disk.in_flight import InFlight
from provider.plugins.local_disk.refusals import Refusal
from tests.local_disk.driver import MIB, create_request, outcome

DEFINITE = {"OK", "ABORTED", "FAILED_PRECONDITION", "NOT_FOUND"}


async def until_not_aborted(make_call) -> str:
    """Repeats the call as a client does on ABORTED."""
    for _ in range(1000):
        code = await outcome(make_call())
        if code != "ABORTED":
            return code
        await asyncio.sleep(0.01)
    raise TimeoutError("the call under way never ended")


async def test_a_call_goes_on_when_its_client_gives_up_and_a_repeat_finds_it_done(client):
    free = await client.available()
    for number in range(8):
        call = client.controller.CreateVolume(create_request(f"v{number}", 64 * MIB))
        await asyncio.sleep(0.001 * number)
        call.cancel()
    for number in range(8):
        request = create_request(f"v{number}", 64 * MIB)
        assert await until_not_aborted(lambda: client.controller.CreateVolume(request)) == "OK"  # noqa: B023
    listed = await client.controller.ListVolumes(csi.ListVolumesRequest())
    assert len(listed.entries) == 8
    assert await client.available() == free - 8 * 64 * MIB


async def test_work_is_carried_to_its_end_when_the_one_who_waits_is_cancelled():
    in_flight, gate, done = InFlight(), asyncio.Event(), []

    async def work() -> None:
        await gate.wait()
        done.append("done")

    waiting = asyncio.create_task(in_flight.alone("v", "First", work))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(Refusal, match="First is under way"):
        await in_flight.alone("v", "Second", work)
    gate.set()
    await in_flight.drain(10)
    assert done == ["done"]
    await in_flight.alone("v", "Second", work)
    assert done == ["done", "done"]


async def test_staging_and_deleting_at_once_never_both_succeed(client):
    for number in range(6):
        volume_id = (await client.create(f"v{number}")).volume_id
        staged, deleted = await asyncio.gather(
            outcome(client.stage(volume_id)), outcome(client.delete(volume_id))
        )
        assert {staged, deleted} <= DEFINITE
        assert (staged, deleted) != ("OK", "OK")
        if staged == "OK":
            await client.unstage(volume_id)
        assert await until_not_aborted(lambda: client.delete(volume_id)) == "OK"  # noqa: B023
    assert client.files() == set()


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_crowd_of_calls_on_few_volumes_ends_in_a_pool_that_can_be_emptied(client, seed):
    dice = random.Random(seed)
    free = await client.available()
    ids = [(await client.create(f"v{number}")).volume_id for number in range(3)]
    names = dict(zip(ids, ("v0", "v1", "v2"), strict=True))

    async def one_user() -> None:
        for _ in range(12):
            volume_id = dice.choice(ids)
            calls = (client.stage, client.publish, client.unpublish, client.unstage, client.delete)
            call = dice.choice([*calls, lambda volume_id: client.create(names[volume_id])])
            assert await outcome(call(volume_id)) in DEFINITE

    await asyncio.gather(*(one_user() for _ in range(8)))
    for volume_id in ids:
        for call in (client.unpublish, client.unstage, client.delete):
            assert await outcome(call(volume_id)) in ("OK", "NOT_FOUND")
        assert list(client.staging(volume_id).iterdir()) == []
        assert not client.target(volume_id).exists()
    assert client.files() == set()
    assert await client.available() == free
