"""Operations whose end was acknowledged: what became of them can be asked for, for a while."""

from __future__ import annotations

import dataclasses

from api.model.operation import OperationState
from provider.attempts import Instant, Turn
from provider.events import Acknowledge, Persist, Reconcile
from provider.records import OperationRecord, SaveAcknowledged, SaveOperation
from provider.remembered import REMEMBERED_SECONDS, Remembered
from tests.provider.resources import create_disk, op
from tests.provider.stories import world
from tests.provider.test_checkpoint import RECORD, Database

DAY = 86_400.0


def test_an_acknowledged_operation_is_told_again_when_it_is_asked_for_until_it_is_acknowledged_again():
    made = world()
    made.apply(create_disk(1, 64))
    (first,) = made.told[op(1)]
    made.acknowledge = False
    made.feed(Reconcile((op(1),)))
    made.run(seconds=60)
    again = made.told[op(1)][1:]
    assert len(again) > 1 and {each.status_uuid for each in again} == {first.status_uuid}
    assert {each.state for each in again} == {OperationState.FINISHED} and not made.unknown
    made.feed(Acknowledge(op(1), first.status_uuid))
    made.run(seconds=1)
    count = len(made.told[op(1)])
    made.run(seconds=600)
    assert len(made.told[op(1)]) == count


def test_it_is_known_after_a_restart_and_not_sent_by_itself():
    made = world()
    made.apply(create_disk(1, 64))
    made.start()
    made.run(seconds=60)
    assert len(made.told[op(1)]) == 1, "it was acknowledged"
    made.apply(Reconcile((op(1),)))
    assert len(made.told[op(1)]) == 2


def test_one_that_was_asked_for_is_owed_after_a_restart_too():
    made = world()
    made.apply(create_disk(1, 64))
    made.acknowledge = False
    made.feed(Reconcile((op(1),)))
    made.run(seconds=1)
    made.start()
    made.run(seconds=1)
    assert len(made.told[op(1)]) == 3


def test_a_repeat_of_an_acknowledged_operation_does_nothing_but_tell_its_end():
    made = world()
    made.apply(create_disk(1, 64))
    volumes, totals = list(made.plugin.volumes), made.totals
    made.apply(create_disk(1, 64))
    assert list(made.plugin.volumes) == volumes and made.totals == totals
    assert [each.state for each in made.told[op(1)]] == [OperationState.FINISHED] * 2


def remember(remembered: Remembered, number: int, at: float) -> list[object]:
    turn = Turn(Instant(at, at))
    remembered.add(turn, dataclasses.replace(RECORD, uuid=op(number)))
    (write,) = turn.instructions()
    assert isinstance(write, Persist)
    return list(write.changes)


def test_beyond_the_limit_the_oldest_are_forgotten_several_in_one_write():
    remembered = Remembered(limit=4, together=2)
    writes = [remember(remembered, number, at=float(number)) for number in range(1, 8)]
    assert [len(changes) for changes in writes] == [1, 1, 1, 1, 1, 3, 1]
    assert [number for number in range(1, 8) if op(number) in remembered] == [3, 4, 5, 6, 7]


def test_what_was_acknowledged_long_ago_is_forgotten():
    remembered = Remembered()
    remember(remembered, 1, at=0.0)
    remember(remembered, 2, at=DAY)
    remember(remembered, 3, at=REMEMBERED_SECONDS + 1.0)
    assert [number for number in (1, 2, 3) if op(number) in remembered] == [2, 3]


def test_the_checkpoint_keeps_apart_what_is_owed_and_what_is_remembered():
    database = Database()
    acknowledged = dataclasses.replace(RECORD, acknowledged=20.0)
    pending = OperationRecord(op(8), RECORD.operation, 14.0, 4)
    database.write([SaveOperation(RECORD), SaveOperation(pending), SaveAcknowledged(acknowledged)])
    assert database.checkpoint.operations == (pending,)
    assert database.checkpoint.remembered == (acknowledged,)
    database.write([SaveAcknowledged(RECORD)])
    assert database.checkpoint.operations == (RECORD, pending) and not database.checkpoint.remembered
