"""Who uses which volumes, durably, and who waits for a volume to be published.

A volume's users are known by name, as agents give them, with those among them that only read. What is
written here outlives the process, so that a restart never takes a volume from under a live user. It must
not: bring a volume anywhere, call a plugin. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from provider.attempts import Turn
from provider.events import AnswerPublish, PublishedVolume
from provider.records import Checkpoint, SaveHolders


@dataclass(slots=True)
class _Request:
    """A Publish that is not answered yet."""

    user: str
    volumes: tuple[str, ...]


class Holders:
    """Users by volume. Those that hold a volume keep it published."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.users: dict[str, tuple[str, ...]] = {v: tuple(u) for v, u in checkpoint.holders.items() if u}
        self._readers: dict[str, tuple[str, ...]] = {v: tuple(u) for v, u in checkpoint.readers.items() if u}
        self._requests: dict[UUID, _Request] = {}
        self._waited_for: dict[str, dict[UUID, None]] = {}

    def hold(self, turn: Turn, volume_id: str, user: str, *, readonly: bool = False) -> bool:
        """Note durably that `user` uses the volume; whether anything changed.

        A user that asks for reading once and for writing once writes.
        """
        users, readers = self.users.get(volume_id, ()), self._readers.get(volume_id, ())
        if user in users and (readonly or user not in readers):
            return False
        if user not in users:
            users = (*users, user)
        readers = tuple(r for r in readers if r != user)
        if readonly:
            readers = (*readers, user)
        self._put(turn, volume_id, users, readers)
        return True

    def release(self, turn: Turn, volume_id: str, user: str) -> bool:
        """`user` uses the volume no more; whether it did."""
        users = self.users.get(volume_id, ())
        if user not in users:
            return False
        readers = self._readers.get(volume_id, ())
        self._put(
            turn,
            volume_id,
            tuple(u for u in users if u != user),
            tuple(r for r in readers if r != user),
        )
        return True

    def _put(self, turn: Turn, volume_id: str, users: tuple[str, ...], readers: tuple[str, ...]) -> None:
        for kept, now in ((self.users, users), (self._readers, readers)):
            if now:
                kept[volume_id] = now
            else:
                kept.pop(volume_id, None)
        turn.persist(SaveHolders(volume_id, users, readers))

    def of(self, user: str) -> list[str]:
        """The volumes that `user` holds, sorted."""
        return sorted(v for v, users in self.users.items() if user in users)

    def only_read(self, volume_id: str) -> bool:
        """Whether it has users and none of them writes."""
        users = self.users.get(volume_id, ())
        return bool(users) and set(users) == set(self._readers.get(volume_id, ()))

    # Those that wait

    def wait(self, request: UUID, user: str, volume_ids: tuple[str, ...]) -> None:
        """`user`, which holds the volumes, is to be answered once all of them are published."""
        self._requests[request] = _Request(user, volume_ids)
        for volume_id in volume_ids:
            self._waited_for.setdefault(volume_id, {})[request] = None

    def is_awaited(self, volume_id: str) -> bool:
        """Whether somebody waits for the volume to be published."""
        return volume_id in self._waited_for

    def answer(
        self,
        turn: Turn,
        requests: Iterable[UUID],
        is_published: Callable[[str], bool],
        shown: Callable[[str], PublishedVolume],
    ) -> list[str]:
        """Answer those whose volumes are all there; which these are."""
        answered: list[str] = []
        for request in list(requests):
            waiting = self._requests.get(request)
            if waiting is not None and all(is_published(v) for v in waiting.volumes):
                self._close(request)
                turn.act(AnswerPublish(request, tuple(shown(v) for v in waiting.volumes)))
                answered += waiting.volumes
        return answered

    def waiting_for(self, volume_id: str) -> tuple[UUID, ...]:
        """The requests that need the volume, in the order in which they came."""
        return tuple(self._waited_for.get(volume_id, ()))

    def refuse(self, turn: Turn, request: UUID, message: str) -> list[str]:
        """Answer that it cannot be; the volumes that its user held for it alone, and holds no more."""
        waiting = self._requests[request]
        self._close(request)
        turn.act(AnswerPublish(request, message=message))
        return [v for v in waiting.volumes if self.release(turn, v, waiting.user)]

    def drop_requests(self, turn: Turn, user: str) -> None:
        """`user` gives everything back: whatever it waits for is off."""
        for request, waiting in list(self._requests.items()):
            if waiting.user == user:
                self._close(request)
                turn.act(AnswerPublish(request, message=f"{user} gave its volumes back meanwhile"))

    def _close(self, request: UUID) -> None:
        for volume_id in self._requests.pop(request).volumes:
            waiting = self._waited_for.get(volume_id)
            if waiting is not None:
                waiting.pop(request, None)
                if not waiting:
                    del self._waited_for[volume_id]

    def validate(self) -> None:
        """Raises AssertionError when an invariant is broken."""
        assert all(self.users.values()), self.users
        for volume_id, readers in self._readers.items():
            assert set(readers) <= set(self.users.get(volume_id, ())), f"{volume_id}: a reader is no user"
        for waiting in self._requests.values():
            for volume_id in waiting.volumes:
                assert waiting.user in self.users.get(volume_id, ()), f"{waiting.user} waits unheld"
        waited = {v for waiting in self._requests.values() for v in waiting.volumes}
        assert waited == set(self._waited_for), "who waits for what is not what was asked"


def held_by(volume_ids: Iterable[str], holders: dict[str, tuple[str, ...]]) -> str | None:
    """Who uses the volumes, for a refusal; None when nobody does."""
    users = sorted({user for v in volume_ids for user in holders.get(v, ())})
    if not users:
        return None
    return f"in use by {', '.join(users)}: stop what uses it first"
