"""Answers that show state, each as it was at one moment, made without holding up anything else.

What is stale is encoded in slices of the event loop's time. When nothing is stale any more, that moment is
the answer's: whatever changed before is in it, nothing that changed after it is. Whoever asks while an answer
is being made gets that one, as its moment is still to come.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

from api.wire.content import MediaType
from api.wire.v1 import master
from orchestrator.state_view import StateView
from orchestrator.subjects import Filter

SLICE_SECONDS = 0.002
"""Of the event loop's time at once; then everything else has its turn."""

IN_SLICES_SECONDS = 10.0
"""How long an answer is made in slices. When changes come faster than they are encoded, for so long, the rest
is made in one go."""

T = master.CallType


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The body of an answer, in chunks, and the `StateView.moment` that it shows."""

    body: list[bytes] = field(repr=False)
    moment: int


class StateSnapshots:
    """Makes them. One for each view."""

    def __init__(self, view: StateView) -> None:
        self._view = view
        self._under_way: dict[tuple[T, MediaType], asyncio.Task[Snapshot]] = {}

    async def take(self, call: T, media_type: MediaType) -> Snapshot:
        """The body of the call's answer, as it is at a moment after the call and before the return."""
        key = call, media_type
        making = self._under_way.get(key)
        if making is None:
            making = self._under_way[key] = asyncio.ensure_future(self._make(call, media_type))
        return await asyncio.shield(making)

    async def select(self, wanted: Filter, media_type: MediaType) -> Snapshot:
        """The same of that part of GET_STATE which a filter admits."""
        selection = self._view.selection(wanted)
        await in_slices(selection.steps(media_type))
        return Snapshot(selection.body(media_type), self._view.moment)

    async def _make(self, call: T, media_type: MediaType) -> Snapshot:
        try:
            await in_slices(self._view.steps(call, media_type))
            return Snapshot(self._view.body(call, media_type), self._view.moment)
        finally:
            # At once, not by a callback: who asks from now on asks for a later moment.
            del self._under_way[call, media_type]


async def in_slices(steps: Iterator[None]) -> None:
    """Take all steps, and let others have their turn after every `SLICE_SECONDS`.

    When it returns, no turn was given since the last step.
    """
    clock = asyncio.get_running_loop().time
    began = clock()
    until = began + SLICE_SECONDS
    for _ in steps:
        now = clock()
        if now >= until and now < began + IN_SLICES_SECONDS:
            await asyncio.sleep(0)
            until = clock() + SLICE_SECONDS
