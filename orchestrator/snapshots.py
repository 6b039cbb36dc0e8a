"""Answers that show state, each as it was at one moment, made without holding up anything else.

What is stale is encoded in slices of the event loop's time. When nothing is stale any more, that moment is
the answer's: whatever changed before is in it, nothing that changed after it is. Whoever asks while an answer
is being made gets that one, as its moment is still to come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from api.wire.content import MediaType
from api.wire.v1 import master
from orchestrator.selection import Selection

SLICE_SECONDS = 0.002
"""Of the event loop's time at once; then everything else has its turn."""

IN_SLICES_SECONDS = 10.0
"""How long an answer is made in slices of that length. When it is not made by then, changes may come faster
than they are encoded: slices become longer from there on, until it is."""

LONGER = 1.1
"""Each slice is that much longer than the one before, once `IN_SLICES_SECONDS` are over."""

T = master.CallType


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The body of an answer, in chunks, and the `StateView.moment` that it shows."""

    body: list[bytes] = field(repr=False)
    moment: int


class View(Protocol):
    """What is shown; see `StateView`."""

    @property
    def moment(self) -> int: ...

    def steps(self, call: T, media_type: MediaType) -> Iterator[None]: ...

    def body(self, call: T, media_type: MediaType) -> list[bytes]: ...


class StateSnapshots:
    """Makes them. One for each view."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._under_way: dict[tuple[T, MediaType], asyncio.Task[Snapshot]] = {}

    async def take(self, call: T, media_type: MediaType) -> Snapshot:
        """The body of the call's answer, as it is at a moment after the call and before the return."""
        key = call, media_type
        making = self._under_way.get(key)
        if making is None:
            steps = self._view.steps(call, media_type)
            if self._are_few(steps):  # as in every small cluster: it is made at once
                return self._made(call, media_type)
            making = self._under_way[key] = asyncio.ensure_future(self._make(call, media_type, steps))
        return await asyncio.shield(making)

    async def select(self, selection: Selection, media_type: MediaType) -> Snapshot:
        """The same of a part of GET_STATE."""
        await in_slices(selection.steps(media_type))
        return Snapshot(selection.body(media_type), self._view.moment)

    @staticmethod
    def _are_few(steps: Iterator[None]) -> bool:
        """Take steps for one slice; whether that were all."""
        clock = asyncio.get_running_loop().time
        until = clock() + SLICE_SECONDS
        return all(clock() < until for _ in steps)

    async def _make(self, call: T, media_type: MediaType, steps: Iterator[None]) -> Snapshot:
        try:
            await in_slices(steps)
            return self._made(call, media_type)
        finally:
            # At once, not by a callback: who asks from now on asks for a later moment.
            del self._under_way[call, media_type]

    def _made(self, call: T, media_type: MediaType) -> Snapshot:
        return Snapshot(self._view.body(call, media_type), self._view.moment)


async def in_slices(steps: Iterator[None]) -> None:
    """Take all steps, and let others have their turn after every `SLICE_SECONDS`.

    When it returns, no turn was given since the last step.
    """
    clock = asyncio.get_running_loop().time
    patient_until = clock() + IN_SLICES_SECONDS
    slice_seconds = SLICE_SECONDS
    until = clock() + slice_seconds
    for _ in steps:
        if (now := clock()) >= until:
            await asyncio.sleep(0)
            if now >= patient_until:
                slice_seconds *= LONGER
            until = clock() + slice_seconds
