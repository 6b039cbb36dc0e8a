"""The Podman containerizer: Podman's containers, and those that run in the namespaces of one of them.

It only says which room a call is for: `podman_keeper`, or `nested` for the ids that are of that kind.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from agent.containerizer.image_needs import ImagePorts
from agent.containerizer.image_store import ImageStore
from agent.containerizer.interface import (
    ContainerInput,
    ContainerSpec,
    ContainerState,
    Exit,
    Isolation,
    LaunchError,
    Limits,
    Progress,
    Statistics,
    Who,
)
from agent.containerizer.nested import NestedContainers
from agent.containerizer.podman_host import NO_BRIDGE, NO_INIT, default_socket, networks
from agent.containerizer.podman_keeper import PodmanKeeper
from agent.containerizer.watch import scope_of
from api.model.clock import Clock


class PodmanContainerizer:
    """Implements interface.Containerizer; see there for what each call promises."""

    name = "podman"

    def __init__(
        self,
        work_dir: Path,
        clock: Clock,
        *,
        podman: str = "podman",
        runtime: str | None = None,
        socket: Path | None = None,
        images: ImagePorts | None = None,
    ) -> None:
        """`runtime`: the OCI runtime, by default runc where it is installed, else Podman's own choice."""
        runtime = runtime or ("runc" if shutil.which("runc") else None)
        socket = socket or default_socket(scope_of(work_dir))
        self._own = PodmanKeeper(work_dir, clock, podman, runtime, socket, images or ImagePorts())
        self._nested = NestedContainers(work_dir, clock)

    @property
    def isolation(self) -> Isolation:
        present = networks()
        notes = (*(() if self._own.has_init else (NO_INIT,)), *(() if "bridge" in present else (NO_BRIDGE,)))
        return Isolation(
            volumes=True,
            memory_limit=True,
            cpu_limit=True,
            images=True,
            notes=notes,
            processes_limit=True,
            networks=present,
        )

    @property
    def images(self) -> ImageStore:
        """The images in Podman's storage."""
        return self._own.images

    async def start(self) -> None:
        await self._own.start()
        await self._nested.start()

    async def close(self) -> None:
        await self._nested.close()
        await self._own.close()

    async def launch(self, spec: ContainerSpec, progress: Progress | None = None) -> ContainerState:
        if spec.enters:
            return await self._nested.launch(spec, self._own.parent)
        if spec.terminal is not None:
            text = "with Podman a terminal is for what runs within a container: orlop container exec --tty"
            raise LaunchError(f"container {spec.id}: {text}", Who.REQUEST)
        if spec.parent is not None and self._nested.has(spec.parent):
            raise LaunchError(
                f"container {spec.id}: {spec.parent} runs in another one's namespaces; join that one's"
                " network instead",
                Who.REQUEST,
            )
        return await self._own.launch(spec, progress)

    async def wait(self, container_id: str) -> Exit:
        ended = await self._room(container_id).wait(container_id)
        await self._nested.children_ended(container_id)
        return ended

    async def kill(
        self, container_id: str, grace_period: float | None = None, signal: int | None = None
    ) -> None:
        await self._room(container_id).kill(container_id, grace_period, signal)

    async def remove(self, container_id: str) -> None:
        await self._room(container_id).remove(container_id)

    async def list(self) -> list[ContainerState]:
        found = [*await self._own.list(), *await self._nested.list()]
        return sorted(found, key=lambda state: state.id)

    async def statistics(self, container_id: str) -> Statistics:
        return await self._room(container_id).statistics(container_id)

    async def input(self, container_id: str) -> ContainerInput:
        return await self._room(container_id).input(container_id)

    async def update(self, container_id: str, limits: Limits) -> None:
        await self._room(container_id).update(container_id, limits)

    def _room(self, container_id: str) -> PodmanKeeper | NestedContainers:
        return self._nested if self._nested.has(container_id) else self._own
