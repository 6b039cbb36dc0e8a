"""Operators' containers on models: a host and a disk that survive, and a keeper that can die at any write."""

from __future__ import annotations

import random
from pathlib import Path

from msgspec import UNSET

from agent import schema
from agent.containerizer.interface import Exit
from agent.containers.keeper import OperatorContainers
from agent.containers.parts import ContainerLimits, ContainerParts, Parent
from agent.containers.paths import ContainerPath, of_text
from agent.sandboxes.sandbox import Sandboxes
from api.model.clock import SystemClock
from api.model.ids import SeededIds
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos
from tests.agent.model_containerizer import Host, ModelContainerizer
from tests.agent.model_store import Disk, ModelStore

FAST = ContainerLimits(first_retry=0.005, max_retry=0.02, family=0.2, session_result=0.05, sweep=0.02)


class ModelParents:
    """Tasks' containers: those that are said to be there."""

    def __init__(self) -> None:
        self.running: set[str] = set()
        self.known: set[str] = set()

    def find(self, path: ContainerPath) -> Parent | None:
        return Parent(path[-1], f"/sandboxes/{path[-1]}") if path[-1] in self.running else None

    def knows(self, path: ContainerPath) -> bool:
        return path[-1] in self.known | self.running


class House:
    """What survives the agent, and the agent's room for operators' containers."""

    def __init__(self, path: Path) -> None:
        self.clock = SystemClock()
        self.host = Host(self.clock)
        self.disk = Disk(schema.metadata)
        self.sandboxes = Sandboxes(path / "sandboxes", self.clock)
        self.parents = ModelParents()
        self.boot_id = "boot"
        self.limits = FAST
        self.failures: list[BaseException] = []
        self._ids = SeededIds(random.Random(11))
        self.containers: OperatorContainers
        self.known: set[str] = set()

    async def start(self, dies_after: int | None = None) -> OperatorContainers:
        """The room of a new agent, on what survived."""
        containerizer = ModelContainerizer(self.host)
        self.containers = OperatorContainers(
            ContainerParts(
                store=ModelStore(self.disk, dies_after),
                containerizer=containerizer,
                sandboxes=self.sandboxes,
                clock=self.clock,
                ids=self._ids,
                owner_of=lambda user: None,
                failed=self.failures.append,
                boot_id=self.boot_id,
                limits=self.limits,
            )
        )
        self.containers.connect(self.parents)
        self.known = self.containers.load()
        await self.containers.resume({state.id: state for state in await containerizer.list()})
        await self.containers.start()
        return self.containers

    async def restart(self, dies_after: int | None = None) -> OperatorContainers:
        await self.containers.stop()
        return await self.start(dies_after)

    async def close(self) -> None:
        await self.containers.stop()
        self.disk.close()

    def end(self, path: str, status: int | None, signal: int | None = None) -> None:
        """The program of that container ends."""
        record = self.containers.find(of_text(path))
        assert record is not None
        self.host.end(record.run_id, status, signal)

    async def wait(self, path: str) -> Exit:
        return await self.containers.wait(of_text(path))

    def phase(self, path: str) -> str | None:
        record = self.containers.find(of_text(path))
        return None if record is None else record.phase.value

    @property
    def sandbox_files(self) -> list[str]:
        root = self.sandboxes.root
        return sorted(str(each.relative_to(root)) for each in root.glob("*/*/*")) if root.exists() else []


def launch(path: str, command: str = "sleep 1000", **fields: object) -> wire.CallLaunchContainer:
    """A call for the container of that path, as `a.b` for `b` nested in `a`."""
    container_id: mesos.ContainerID | None = None
    for value in path.split("."):
        container_id = mesos.ContainerID(value=value, parent=UNSET if container_id is None else container_id)
    assert container_id is not None
    return wire.CallLaunchContainer(
        container_id=container_id,
        command=mesos.CommandInfo(value=command),
        **fields,  # type: ignore[arg-type]
    )
