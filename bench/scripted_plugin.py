"""A CSI plugin that takes a fixed time for each call that changes something, and keeps its volumes in memory.

    python -m bench.scripted_plugin ENDPOINT DELAY_MS COUNTS

The tests' scripted server in a process of its own, with a script for measurements. COUNTS is a file that
says how often each call was made, as JSON, written a moment after they were. It is a load, not an example of
a driver: nothing outlives it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from tests.provider.scripted_plugin import Memory, Script, ScriptedPlugin, Step

NAME = "scripted.bench"
CAPACITY = 2**50
WRITE_SECONDS = 0.2
DELAYED = ("CreateVolume", "DeleteVolume", "NodePublishVolume", "NodeUnpublishVolume")


class Counts(Memory):
    """Volumes in memory; of the calls only their number is kept."""

    def __init__(self, script: Script, path: Path) -> None:
        super().__init__(script)
        self._path = path
        self._made: dict[str, int] = {}

    def note(self, method: str, request: Any) -> None:
        self._made[method] = self._made.get(method, 0) + 1

    async def write(self) -> None:
        """For ever."""
        written: dict[str, int] = {}
        while True:
            await asyncio.sleep(WRITE_SECONDS)
            if written != self._made:
                written = dict(self._made)
                fresh = self._path.with_suffix(".new")
                fresh.write_text(json.dumps(written))
                fresh.replace(self._path)


def script(delay: float) -> Script:
    """`delay`: seconds that each call takes which changes something."""
    return Script(
        name=NAME,
        node_id="bench",
        capacity=CAPACITY,
        expansion=(),
        controller=("CREATE_DELETE_VOLUME", "LIST_VOLUMES", "GET_CAPACITY"),
        node=(),
        context={},
        steps={call: [Step(seconds=delay, times=0)] for call in DELAYED} if delay else {},
    )


async def serve(socket_path: str, delay: float, counts: Path) -> None:
    memory = Counts(script(delay), counts)
    await ScriptedPlugin(memory).start(socket_path)
    await memory.write()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1].removeprefix("unix://"), float(sys.argv[2]) / 1000, Path(sys.argv[3])))
