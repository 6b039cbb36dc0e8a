"""Status streams: in order, one in flight, sent again until acknowledged."""

from __future__ import annotations

import uuid
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.status_stream import (
    MAX_QUEUED,
    MAX_RESEND,
    RESEND_BATCH,
    Acknowledged,
    Resend,
    StatusStreams,
)

OP, FIRST, SECOND = (uuid.UUID(int=n) for n in (1, 11, 12))


def streams() -> StatusStreams:
    made = StatusStreams()
    made.resume(0.0)
    return made


def test_a_status_is_sent_at_once_and_again_after_ten_seconds_doubling_to_ten_minutes():
    made = streams()
    made.append(OP, FIRST, terminal=True, now=0.0)
    assert made.due(0.0) == [(OP, FIRST)]
    times = []
    while len(times) < 9:
        now = made.next_due()
        assert made.due(now - 0.001) == []
        assert made.due(now) == [(OP, FIRST)]
        times.append(now)
    gaps = [b - a for a, b in zip([0.0, *times], times, strict=False)]
    assert gaps == [10, 20, 40, 80, 160, 320, 600, 600, 600]
    assert Resend().after(10**6) == MAX_RESEND


def test_only_the_oldest_is_in_flight_and_the_next_follows_its_acknowledgement():
    made = streams()
    made.append(OP, FIRST, terminal=False, now=0.0)
    made.append(OP, SECOND, terminal=True, now=0.0)
    assert made.due(100.0) == [(OP, FIRST)]
    assert made.acknowledge(OP, SECOND, 100.0) is Acknowledged.STALE
    assert made.acknowledge(OP, FIRST, 100.0) is Acknowledged.NEXT
    assert made.due(100.0) == [(OP, SECOND)]
    assert made.acknowledge(OP, SECOND, 101.0) is Acknowledged.CLOSED
    assert OP not in made and made.next_due() is None


def test_a_repeated_acknowledgement_changes_nothing():
    made = streams()
    made.append(OP, FIRST, terminal=False, now=0.0)
    made.due(0.0)
    assert made.acknowledge(OP, FIRST, 1.0) is Acknowledged.WAITING
    assert made.acknowledge(OP, FIRST, 1.0) is Acknowledged.STALE
    made.append(OP, SECOND, terminal=True, now=2.0)
    assert made.due(2.0) == [(OP, SECOND)]


def test_without_a_session_nothing_is_sent_and_with_one_everything_is():
    made = StatusStreams()
    made.append(OP, FIRST, terminal=True, now=0.0)
    assert made.due(1000.0) == [] and made.next_due() is None
    made.resume(1000.0)
    assert made.due(1000.0) == [(OP, FIRST)]
    made.pause()
    assert made.due(5000.0) == []


def test_a_status_after_the_terminal_one_is_a_fault():
    made = streams()
    made.append(OP, FIRST, terminal=True, now=0.0)
    made.append(OP, FIRST, terminal=True, now=0.0)
    with pytest.raises(ValueError, match="terminal"):
        made.append(OP, SECOND, terminal=False, now=0.0)


def test_what_a_stream_holds_is_bounded():
    made = streams()
    for number in range(MAX_QUEUED):
        made.append(OP, uuid.UUID(int=100 + number), terminal=False, now=0.0)
    with pytest.raises(ValueError, match="unacknowledged"):
        made.append(OP, SECOND, terminal=True, now=0.0)


def test_many_that_are_due_go_out_in_batches():
    made = streams()
    for number in range(RESEND_BATCH + 5):
        made.append(uuid.UUID(int=number), uuid.UUID(int=number), terminal=True, now=0.0)
    assert len(made.due(0.0)) == RESEND_BATCH
    assert made.next_due() == 0.0
    assert len(made.due(0.0)) == 5


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("wait"), st.floats(0.1, 700)),
            st.tuples(st.just("ack"), st.integers(0, 3)),
            st.sampled_from([("pause", 0), ("resume", 0), ("resend", 0)]),
        ),
        max_size=40,
    )
)
def test_statuses_arrive_in_order_whatever_is_lost_or_repeated(story):
    made = streams()
    statuses = [uuid.UUID(int=100 + n) for n in range(4)]
    for number, status in enumerate(statuses):
        made.append(OP, status, terminal=number == 3, now=0.0)
    now, seen = 0.0, [status for _, status in made.due(0.0)]
    for what, value in [*story, ("resume", 0), *[("ack", n) for n in range(4)]]:
        if what == "wait":
            now += value
        elif what == "ack":
            if statuses[value] in seen:  # nobody acknowledges what was never sent
                made.acknowledge(OP, statuses[value], now)
        else:
            {"pause": lambda _: made.pause(), "resume": made.resume, "resend": partial(made.resend, OP)}[
                what
            ](now)
        for _, status in made.due(now):
            if status not in seen:
                seen.append(status)
    assert seen == statuses
    assert OP not in made


def test_the_waits_between_resends_can_be_chosen():
    made = StatusStreams(Resend(first=1.0, longest=4.0))
    made.resume(0.0)
    made.append(OP, FIRST, terminal=True, now=0.0)
    times = []
    for _ in range(5):
        times.append(made.next_due())
        assert made.due(times[-1]) == [(OP, FIRST)]
    assert times == [0.0, 1.0, 3.0, 7.0, 11.0]
