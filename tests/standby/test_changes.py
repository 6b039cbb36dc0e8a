"""What followers are told: all there is, then what changed; and never a mixture of two moments."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from msgspec import Raw

from api.wire.content import JSON
from api.wire.v1 import master
from orchestrator.following import followers
from orchestrator.following.documents import Made
from orchestrator.following.records import Part
from orchestrator.standby.replica import Known, Replica
from orchestrator.standby.source import SourceFailed
from orchestrator.streams import TooManySubscribers
from tests.standby.told import Leader, Told, everything

T = master.CallType


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


async def test_a_leader_that_stops_forgets_its_followers() -> None:
    leader = Leader(Random(9))
    await Told(leader).ask()
    leader.is_closing = True
    leader.followers._look()
    assert len(leader.followers) == 0
    assert not leader.kinds["volumes"]._watchers
    with pytest.raises(ConnectionResetError):
        await Told(leader).ask()


async def test_more_followers_than_may_be_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followers, "FOLLOWERS_LIMIT", 2)
    leader = Leader(Random(6))
    for _ in range(2):
        await Told(leader).ask()
    with pytest.raises(TooManySubscribers):
        await Told(leader).ask()


async def test_nothing_is_told_that_is_not_durable() -> None:
    leader = Leader(Random(7))
    told = Told(leader)
    await told.ask()
    written = leader.journal.hold()
    leader.change()
    before = told.replica and everything(told.replica, JSON)
    asking = asyncio.ensure_future(told.ask())
    for _ in range(50):
        await asyncio.sleep(0)
    assert not asking.done()
    assert told.replica is not None
    assert everything(told.replica, JSON) == before
    leader.change()  # after the moment of the answer
    moment = leader.had.copy()
    written.set()
    await asking
    assert everything(told.replica, JSON) in moment
    assert everything(told.replica, JSON) != leader.shown()
    await told.ask()
    assert everything(told.replica, JSON) == leader.shown()


def test_an_answer_that_is_on_its_way_is_as_old_as_what_it_shows() -> None:
    replica = Replica(epoch=1, moment=5)
    replica.complete(10.0, {})
    part = Part("recovered", [], [Raw(b'"a"')], [Raw(b'{"hostname":"a"}')])
    for _ in replica.put([part]):
        pass
    replica.complete(11.0, {})
    assert replica.moment == 6
    replica.complete(12.0, {})
    assert [replica.was_true_until(moment) for moment in (4, 5, 6)] == [0.0, 10.0, 12.0]


def test_no_answer_is_made_while_some_of_a_moment_is_missing() -> None:
    replica = Replica(epoch=1, moment=1)
    replica.complete(10.0, {})
    parts = [
        Part("recovered", [], [Raw(b'"%b"' % name)], [Raw(b'{"hostname":"%b"}' % name)])
        for name in (b"a", b"b")
    ]
    making = replica.put(parts)
    next(making)
    answer = replica.steps(T.GET_AGENTS, JSON)
    for _ in range(20):
        assert next(answer, "made") is None
    for _ in making:
        pass
    assert next(answer, "made") is None
    replica.complete(11.0, {})
    assert list(answer) is not None
    assert b"".join(replica.body(T.GET_AGENTS, JSON)).count(b"hostname") == 2


async def test_a_document_is_told_when_it_changed_and_its_age_always() -> None:
    leader = Leader(Random(8))
    told = Told(leader)
    leader.documents.made = {T.GET_WEIGHTS: Made(b'{"weight_infos":[]}', began=-2.0, due=0.0)}
    await told.ask()
    assert told.replica is not None
    assert told.replica.documents[T.GET_WEIGHTS] == Known(b'{"weight_infos":[]}', -2.0)
    before = leader.followers.effort.bytes
    leader.now = 5.0
    leader.documents.made = {T.GET_WEIGHTS: Made(leader.documents.made[T.GET_WEIGHTS].body, 4.0, 0.0)}
    await told.ask()
    assert told.replica.documents[T.GET_WEIGHTS] == Known(b'{"weight_infos":[]}', 4.0)
    assert leader.followers.effort.bytes - before < 100, "only its age was told"
    changed = b'{"weight_infos":[{"weight":2.0}]}'
    leader.documents.made = {T.GET_WEIGHTS: Made(changed, 4.5, 0.0)}
    with pytest.raises(SourceFailed):
        await told.ask(take=1)
    await told.ask()
    assert told.replica.documents[T.GET_WEIGHTS].body == changed


def test_an_answer_that_was_begun_before_a_moment_is_put_in_waits_for_all_of_it() -> None:
    replica = Replica(epoch=1, moment=1)
    for _ in replica.put([part_of(b"a"), part_of(b"b")]):
        pass
    replica.complete(10.0, {})
    answer = replica.steps(T.GET_AGENTS, JSON)
    next(answer)
    making = replica.put([part_of(b"c"), part_of(b"d")])
    next(making)
    for _ in range(20):
        assert next(answer, "made") is None
    for _ in making:
        pass
    replica.complete(11.0, {})
    assert list(answer) is not None
    assert b"".join(replica.body(T.GET_AGENTS, JSON)).count(b"hostname") == 4


def part_of(name: bytes) -> Part:
    return Part("recovered", [], [Raw(b'"%b"' % name)], [Raw(b'{"hostname":"%b"}' % name)])
