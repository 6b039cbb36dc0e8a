"""That the measurements of state and events run, at a small size; what they say is for `make bench`."""

from __future__ import annotations

from bench import bench_events, bench_state


def test_the_measurement_of_state_at_size_runs() -> None:
    rows = bench_state.run(agents=5, tasks=50, rounds=1, poll_seconds=1.0)
    assert {len(row) for row in rows} == {len(bench_state.HEADINGS)}
    assert sum("GET_STATE" in row[0] for row in rows) == 2
    assert sum("/health" in row[0] for row in rows) == 2


def test_the_measurement_of_events_runs_and_who_does_not_read_is_not_waited_for() -> None:
    rates, flood = bench_events.run(subscribers=20, stopped=2, events=((20, 1), (100, 10)), flood=1_000)
    assert [row[0] for row in rates] == ["one by one", "10 at once"]
    assert {len(row) for row in rates} == {len(bench_events.HEADINGS)}
    assert [len(row) for row in flood] == [len(bench_events.FLOOD_HEADINGS)]
