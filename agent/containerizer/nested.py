"""Containers that run in another one's namespaces, as `exec` does, whichever containerizer runs that one.

Each has a shim of its own, on the host, that enters the parent: so it is found again after anybody's
death, like the containers of the process containerizer. Its parent is somebody else's, or one of these.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from agent.containerizer.fitness import refuse_unfit
from agent.containerizer.interface import ContainerSpec, ContainerState
from agent.containerizer.shim_keeper import ShimKeeper
from agent.containerizer.shim_order import Parent
from agent.containerizer.watch import scope_of
from api.model.clock import Clock

FindParent = Callable[[str], Awaitable[Parent]]
"""The running container of that id. Raises LaunchError (Who.REQUEST): it does not run."""


class NestedContainers(ShimKeeper):
    """Those of one containerizer, in `WORK_DIR/containers/nested`. `has` says which ids are of this kind."""

    def __init__(self, work_dir: Path, clock: Clock, *, python: str = sys.executable) -> None:
        super().__init__(work_dir.resolve() / "containers" / "nested", scope_of(work_dir), clock, python)

    async def launch(self, spec: ContainerSpec, find_parent: FindParent) -> ContainerState:
        """Start it, once. Raises LaunchError.

        Invariant: spec.enters, and the id is not that of another kind of container.
        """
        assert spec.parent is not None, "a nested container has a parent"
        async with self.lock(spec.id):
            if (state := await self.existing(spec.id)) is not None:
                return state
            refuse_unfit(spec)
            if self.has(spec.parent):
                return await self.begin(spec, self.parent(spec.id, spec.parent))
            return await self.begin(spec, await find_parent(spec.parent))
