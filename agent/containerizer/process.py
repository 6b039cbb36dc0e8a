"""The process containerizer: every container is a process tree under a small shim of its own.

What runs is in `shim_keeper`; here is decided what can run without a container runtime, and found out
what this host can enforce.

No protection against the container's program: it is an ordinary process of the host, and sees
the host's files. What is private is its mounts, what is bounded its memory, cpu, processes and output.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from agent.containerizer.fitness import refuse_unfit
from agent.containerizer.interface import (
    MIN_CPU_LIMIT,
    MIN_MEMORY_LIMIT,
    ContainerSpec,
    ContainerState,
    Isolation,
    LaunchError,
    Progress,
    Who,
)
from agent.containerizer.shim.cgroups import Group
from agent.containerizer.shim_keeper import ShimKeeper
from agent.containerizer.watch import scope_of
from api.model.clock import Clock

PROBED_PROCESSES = 100
"""A limit to try whether there are limits of processes."""

_PACKAGE_ROOT = str(Path(__file__).resolve().parents[2])


class ProcessContainerizer(ShimKeeper):
    """Implements interface.Containerizer; see there for what each call promises."""

    name = "process"

    def __init__(self, work_dir: Path, clock: Clock, *, python: str = sys.executable) -> None:
        self._work_dir = work_dir.resolve()
        super().__init__(self._work_dir / "containers" / "process", scope_of(work_dir), clock, python)
        self._python = python
        self._isolation = Isolation(volumes=False, memory_limit=False, cpu_limit=False, images=False)

    @property
    def isolation(self) -> Isolation:
        return self._isolation

    async def start(self) -> None:
        await super().start()
        self._isolation = await self._probe()

    async def launch(self, spec: ContainerSpec, progress: Progress | None = None) -> ContainerState:
        async with self.lock(spec.id):
            if (state := await self.existing(spec.id)) is not None:
                return state
            _refuse_unfit(spec)
            parent = None if spec.parent is None else self.parent(spec.id, spec.parent)
            return await self.begin(spec, parent, hidden=[str(self._work_dir)])

    async def _probe(self) -> Isolation:
        """Try each thing once: what a kernel allows cannot be told from its version."""
        group = Group.create(self.hierarchies, self.group_name("probe"))
        missing = group.limit(MIN_MEMORY_LIMIT, MIN_CPU_LIMIT, PROBED_PROCESSES)
        group.remove()
        volumes = await self._can_unshare()
        notes = [f"no control group for {name} can be made: its limits are not enforced" for name in missing]
        if not volumes:
            notes.append("no mount namespace can be made: tasks with volumes need root or podman")
        return Isolation(
            volumes,
            "memory" not in missing,
            "cpu" not in missing,
            images=False,
            notes=tuple(notes),
            processes_limit="processes" not in missing,
        )

    async def _can_unshare(self) -> bool:
        program = (
            "import os, sys; sys.path.append(sys.argv[1]); from agent.containerizer.shim import kernel;"
            "kernel.unshare(kernel.CLONE_NEWNS | (kernel.CLONE_NEWUSER if os.getuid() else 0))"
        )
        trial = await asyncio.create_subprocess_exec(
            self._python, *("-I", "-S", "-c", program, _PACKAGE_ROOT), stderr=asyncio.subprocess.DEVNULL
        )
        return await trial.wait() == 0


def _refuse_unfit(spec: ContainerSpec) -> None:
    if spec.image is not None:
        raise LaunchError(
            f"container {spec.id}: image {spec.image!r} needs --containerizer podman on this agent",
            Who.OPERATOR,
            "image",
        )
    if spec.network.mode != "host":
        raise LaunchError(
            f"container {spec.id}: network mode {spec.network.mode!r} needs --containerizer podman on this"
            " agent; without it there is the host's network only",
            Who.OPERATOR,
            "network",
        )
    if spec.hostname is not None and os.geteuid() != 0:
        raise LaunchError(
            f"container {spec.id}: a hostname of its own needs an agent that is root, or podman", Who.OPERATOR
        )
    refuse_unfit(spec)
    for bind in spec.binds:
        if bind.is_device and bind.read_only and not spec.privileged:
            # A device stays writable under a read-only mount, and nothing else is between it and root.
            raise LaunchError(
                f"container {spec.id}: a read-only device at {bind.target} needs --containerizer podman"
                " on this agent",
                Who.OPERATOR,
                "volume",
            )
        if spec.privileged and bind.source != bind.target:
            raise LaunchError(
                f"container {spec.id}: a privileged container without podman sees the host's own paths;"
                f" bind {bind.source} at {bind.source}, not at {bind.target}",
                Who.REQUEST,
                "volume",
            )
