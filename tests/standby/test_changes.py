"""What followers are told: all there is, then what changed; and never a mixture of two moments."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from api.wire.content import JSON
from orchestrator.following import followers
from orchestrator.standby.source import SourceFailed
from orchestrator.streams import TooManySubscribers
from tests.standby.told import Leader, Told, everything


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of few entities, so that there are many, and a turn for others after every one."""
    monkeypatch.setattr(followers, "PART_ENTITIES", 7)
    monkeypatch.setattr(followers, "SLICE_SECONDS", 0.0)


@pytest.mark.parametrize("seed", range(20))
async def test_a_replica_is_always_what_the_leader_had_and_in_the_end_what_it_has(seed: int) -> None:
    random = Random(seed)
    leader = Leader(random)
    told = [Told(leader), Told(leader)]

    def meanwhile() -> None:
        for _ in range(random.choice([0, 0, 1, 5])):
            leader.change()

    async def others() -> None:
        while True:
            await asyncio.sleep(0)
            meanwhile()

    going_on = asyncio.ensure_future(others())
    for _ in range(200):
        leader.change()
    for _ in range(25):
        follower = random.choice(told)
        leader.journal.turns = random.randrange(3)
        lost = random.choice([None, None, None, 0, 1, 2, 3])
        try:
            await follower.ask(meanwhile, lost)
        except SourceFailed:
            assert lost is not None
        if follower.replica is not None:
            follower.check()
        meanwhile()
    going_on.cancel()
    for follower in told:
        await follower.ask()
        follower.check()
        assert follower.replica is not None
        assert everything(follower.replica, JSON) == leader.shown()


async def test_an_answer_that_was_lost_is_told_again_and_nothing_else_is() -> None:
    leader = Leader(Random(1))
    told = Told(leader)
    for _ in range(100):
        leader.change()
    await told.ask()
    leader.kinds["volumes"].put(("volumes", 500), "new")
    leader.note()
    with pytest.raises(SourceFailed):
        await told.ask(take=2)
    told.check()
    before = leader.followers.effort.bytes
    await told.ask()
    assert told.begun == 1
    assert leader.followers.effort.bytes - before < 500
    assert told.replica is not None
    assert everything(told.replica, JSON) == leader.shown()


async def test_what_changed_often_is_told_once() -> None:
    leader = Leader(Random(2))
    told = Told(leader)
    await told.ask()
    for number in range(1_000):
        leader.kinds["volumes"].put(("volumes", 1), f"{number}")
    leader.note()
    before = leader.followers.effort.bytes
    await told.ask()
    assert leader.followers.effort.bytes - before < 500
    told.check()


async def test_a_follower_that_does_not_ask_is_forgotten_and_begins_anew() -> None:
    leader = Leader(Random(3))
    told = Told(leader)
    await told.ask()
    assert len(leader.followers) == 1
    leader.now += followers.FORGOTTEN_SECONDS + 1
    leader.followers._look()
    assert len(leader.followers) == 0
    assert not leader.kinds["volumes"]._watchers
    leader.change()
    await told.ask()
    assert told.begun == 2
    told.check()


async def test_a_follower_that_too_much_waits_for_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "CHANGES_LIMIT", 50)
    leader = Leader(Random(4))
    told = Told(leader)
    await told.ask()
    for _ in range(300):
        leader.change()
    leader.followers._look()
    assert len(leader.followers) == 0
    await told.ask()
    assert told.begun == 2
    told.check()


async def test_who_is_forgotten_while_it_is_told_is_not_told_the_end() -> None:
    leader = Leader(Random(5))
    for _ in range(300):
        leader.change()
    told = Told(leader)

    def forget() -> None:
        for follower in tuple(leader.followers._known.values()):
            leader.followers._forget(follower)

    with pytest.raises(ConnectionResetError):
        await told.ask(meanwhile=forget)
    assert told.replica is None


async def test_more_followers_than_may_be_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "FOLLOWERS_LIMIT", 2)
    leader = Leader(Random(6))
    for _ in range(2):
        await Told(leader).ask()
    with pytest.raises(TooManySubscribers):
        await Told(leader).ask()
