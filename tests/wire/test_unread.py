"""Who is cut off for not reading, and who is not."""

from __future__ import annotations

from api.wire.unread import PROGRESS_BYTES, Unread


class Connection:
    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        self.cut = False

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def abort(self) -> None:
        self.cut = True


def test_who_takes_nothing_is_cut_off_once_the_time_is_over() -> None:
    unread, deaf = Unread(30.0), Connection(100)
    unread.watch(deaf)
    assert [unread.look(now) for now in (0.0, 29.0, 30.0)] == [0, 0, 0]
    assert unread.look(31.0) == 1
    assert deaf.cut
    assert len(unread) == 0


def test_who_has_taken_all_is_looked_at_no_more() -> None:
    unread, quick = Unread(30.0), Connection(0)
    unread.watch(quick)
    unread.look(0.0)
    assert len(unread) == 0


def test_who_takes_a_good_piece_gets_more_time_and_who_takes_crumbs_does_not() -> None:
    unread, slow, dripping = Unread(30.0), Connection(10 * PROGRESS_BYTES), Connection(10 * PROGRESS_BYTES)
    unread.watch(slow)
    unread.watch(dripping)
    for number in range(5):
        unread.look(number * 25.0)
        slow.waiting -= PROGRESS_BYTES
        dripping.waiting -= 1
    assert (slow.cut, dripping.cut) == (False, True)


def test_asking_again_is_no_progress() -> None:
    unread, deaf = Unread(30.0), Connection(100)
    for now in (0.0, 20.0, 31.0):
        unread.watch(deaf)
        unread.look(now)
        deaf.waiting += 100
    assert deaf.cut


def test_one_that_others_look_after_is_spared() -> None:
    unread, stream = Unread(30.0), Connection(100)
    unread.watch(stream)
    unread.look(0.0)
    unread.spare(stream)
    unread.look(60.0)
    assert not stream.cut
