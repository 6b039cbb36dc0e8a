"""What must hold, looked at from outside: the kernel, the disks, each process's own file, plain HTTP.

It changes nothing, and takes nobody's word for what somebody else owns.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

from e2e.crash import window
from e2e.harness import census
from e2e.partitions.load import Load
from e2e.partitions.site import Site

AGREE_SECONDS: Final = 60.0
WATCH_SECONDS: Final = 0.25
OVER: Final = ("OPERATION_FINISHED", "OPERATION_FAILED", "OPERATION_ERROR", "OPERATION_DROPPED")


class Epochs:
    """Watches the epoch that each agent obeys: it never goes back."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._highest: dict[str, int] = {}
        self.wrong: list[str] = []

    async def watch(self) -> None:
        """For ever. Reads the agents' own files."""
        while True:
            self.look(await asyncio.to_thread(self._site.epochs))
            await asyncio.sleep(WATCH_SECONDS)

    def look(self, now: dict[str, int]) -> None:
        for agent, epoch in now.items():
            before = self._highest.get(agent, 0)
            if epoch < before:
                self.wrong.append(f"{agent} obeyed epoch {before}, and after it {epoch}")
            self._highest[agent] = max(before, epoch)

    @property
    def highest(self) -> int:
        return max(self._highest.values(), default=0)


def disagreement(site: Site, load: Load) -> str:
    """Where the views of what volumes there are differ; empty when all are one. Raises AssertionError when
    nobody leads."""
    volumes = site.post({"type": "GET_VOLUMES"})["get_volumes"].get("volumes", [])
    owners = {each["resource"]["disk"]["source"]["id"] for each in volumes} | load.scheduler.disks
    stored = census.stored_volumes(site.place)
    views = {
        "owners": owners,
        "the leader": _known_to_the_leader(site),
        "providers": set().union(*(window.known_volumes(file) for file in site.storage_databases())),
    }
    wrong = [
        f"{name} has too many: {sorted(view - stored)}, lacks: {sorted(stored - view)}"
        for name, view in views.items()
        if view != stored
    ]
    names = {each["name"] for each in volumes}
    if names != set(load.operators.standing):
        wrong.append(f"operators' volumes: {sorted(names)}, and they know {sorted(load.operators.standing)}")
    wrong += [f"not over: {json.dumps(each)}" for each in open_operations(site)]
    return "\n".join(wrong)


def open_operations(site: Site) -> list[dict[str, Any]]:
    found = site.post({"type": "GET_OPERATIONS"})["get_operations"].get("operations", [])
    return [each for each in found if each["latest_status"]["state"] not in OVER]


def _known_to_the_leader(site: Site) -> set[str]:
    return {
        resource["disk"]["source"]["id"]
        for provider in site.providers()
        for resource in provider.get("total_resources", [])
        if resource.get("disk", {}).get("source", {}).get("id")
    }


async def comes_true(wrong: Callable[[], str], seconds: float = AGREE_SECONDS) -> None:
    """Fail with what is still wrong after so many seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        try:
            found = await asyncio.to_thread(wrong)
        except AssertionError as error:
            found = str(error)
        if not found:
            return
        assert loop.time() < deadline, f"not within {seconds:g} s:\n{found}"
        await asyncio.sleep(0.3)
