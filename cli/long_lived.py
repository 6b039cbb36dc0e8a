"""What lives long is not looked at by the garbage collector again and again.

After a failover agents report their tasks by the hundred thousand within seconds. A full collection would
hold the event loop for half a second then, and at each one later. So what was reported is set aside as it
comes: it is freed when it is forgotten, as everything is, and only cycles among it would not be found.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Final

from orchestrator.state import ClusterState, StateChange, Task

TOGETHER: Final = 1_000
"""Tasks that agents have reported, after which all is set aside that there is."""


class LongLived:
    """Sets aside what agents report, from now on."""

    def __init__(self, state: ClusterState) -> None:
        self._new = 0
        state.listen(self._changed, of=(Task,), added=self._added)

    def _changed(self, change: StateChange) -> None:
        """One task by itself is nothing to act upon."""

    def _added(self, tasks: Sequence[Task]) -> None:
        self._new += len(tasks)
        if self._new >= TOGETHER:
            self._new = 0
            gc.collect(0)
            gc.freeze()
