"""From a container's spec to a container that Podman has started, once; and its removal without a trace.

A container's directory is made before Podman hears of it and removed after all else: where there is none,
there is nothing of that container. It is made anew only when nothing of it has begun (`podman_starts`).
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

from agent.containerizer.fitness import device_rules
from agent.containerizer.image_needs import ImageNeeds
from agent.containerizer.images import is_missing
from agent.containerizer.interface import ContainerSpec, LaunchError, Progress, Who
from agent.containerizer.libpod import Inspected, LibpodError
from agent.containerizer.podman_calls import PodmanCalls
from agent.containerizer.podman_host import read_facts, refused
from agent.containerizer.podman_remains import Remains, runtimes_of
from agent.containerizer.podman_service import PodmanService
from agent.containerizer.podman_spec import HostFacts, Joined, container_name, create_document
from agent.containerizer.podman_starts import Begun, Starts, forget
from api.model.clock import Clock

LAUNCH_ATTEMPTS = 3
"""Launches in a row during which Podman's own processes may be killed."""

STARTS_PER_CPU = 2
"""Launches that Podman is asked for at the same time. More only wait for each other inside of it, and a
container that has started would be told of late; the others wait here, in their order."""


class Launcher:
    """Makes and removes containers of one agent. Calls for one id have to follow one another."""

    def __init__(
        self,
        scope: str,
        root: Path,
        runtime: str | None,
        calls: PodmanCalls,
        service: PodmanService,
        images: ImageNeeds,
        clock: Clock,
    ) -> None:
        self._scope = scope
        self._root = root
        self._runtime = runtime
        self._calls = calls
        self._service = service
        self._starts = Starts(calls, service, runtimes_of(runtime), clock)
        self._turns = asyncio.Semaphore(STARTS_PER_CPU * (os.cpu_count() or 1))
        self.images = images
        self.facts = HostFacts(scope, runtime, (), (), init=False)

    def read_facts(self) -> None:
        """Fresh at every launch: a service that was started anew may have other limits."""
        self.facts = read_facts(self._scope, self._runtime, self._service.process)

    async def launch(
        self,
        spec: ContainerSpec,
        remains: Remains,
        joined: Joined | None = None,
        progress: Progress | None = None,
    ) -> Inspected | None:
        """The container, which has begun; None: so has it, or may have, and it has ended unseen by Podman:
        how is on record, or nobody knows.

        Anew while the trouble is of the passing kind. Raises LaunchError, at last of that trouble, too.
        """
        for _ in range(LAUNCH_ATTEMPTS - 1):
            try:
                return await self._attempt(spec, remains, joined, progress)
            except LaunchError as error:
                if error.who is not Who.RETRY or error.about == "image":
                    raise  # Podman itself has tried several times to reach the registry
        return await self._attempt(spec, remains, joined, progress)

    async def found(self, container_id: str, remains: Remains) -> tuple[bool, Inspected | None]:
        """Of a launch that nobody finished: whether the container has begun, or may have; and that container,
        where there is one. Of one that has not, nothing is left."""
        name = container_name(self._scope, container_id)
        begun = await self._starts.called_off(name, self._root / container_id)
        if begun is Begun.NO:
            await self.clean(container_id, remains)
        return begun is not Begun.NO, await self._calls.look(name) if begun is Begun.KNOWN else None

    async def clean(self, container_id: str, remains: Remains) -> None:
        """Remove all there is of the container, except its sandbox. May be repeated."""
        forget(self._root / container_id)
        await self._calls.remove(container_name(self._scope, container_id))
        await remains.remove(container_id)
        shutil.rmtree(self._root / container_id, ignore_errors=True)

    async def _attempt(
        self, spec: ContainerSpec, remains: Remains, joined: Joined | None, progress: Progress | None
    ) -> Inspected | None:
        """From nothing, or from a launch that an earlier life did not finish."""
        directory = self._root / spec.id
        if directory.exists():
            has_begun, seen = await self.found(spec.id, remains)
            if has_begun:
                return seen
        directory.mkdir(mode=0o700)
        if self._service.process is None or not self._service.process.alive():
            await self._service.ensure()
        self.read_facts()
        document = create_document(spec, self.facts, str(directory), device_rules(spec), joined)
        name = container_name(self._scope, spec.id)
        try:
            begun = await self._make(spec, document, name, progress)
        except LibpodError as error:
            has_begun, seen = await self.found(spec.id, remains)
            if has_begun:
                return seen
            raise refused(spec, error) from error
        except LaunchError:  # the image cannot be had: nothing has been made
            shutil.rmtree(directory, ignore_errors=True)
            raise
        return await self._calls.look(name) if begun is Begun.KNOWN else None

    async def _make(
        self, spec: ContainerSpec, document: dict[str, object], name: str, progress: Progress | None
    ) -> Begun:
        """Create and start it, once its image is on the host; nobody removes that meanwhile."""
        directory = self._root / spec.id
        if spec.image is None:
            return await self._make_once(document, name, directory)
        async with self.images.ready(spec.image, progress, anew=spec.pull_anew):
            try:
                return await self._make_once(document, name, directory)
            except LibpodError as error:
                if not is_missing(error.message):
                    raise
                words = f"container {spec.id}: somebody removed its image {spec.image} meanwhile"
                raise LaunchError(words, Who.RETRY) from error

    async def _make_once(self, document: dict[str, object], name: str, directory: Path) -> Begun:
        """Whoever gives up waiting does so when Podman has done what it was asked, or a removal that follows
        would find nothing yet."""
        making = asyncio.ensure_future(self._create_and_start(document, name, directory))
        try:
            return await asyncio.shield(making)
        except asyncio.CancelledError:
            await asyncio.wait((making,))
            raise

    async def _create_and_start(self, document: dict[str, object], name: str, directory: Path) -> Begun:
        async with self._turns:
            await self._create(document, name)
            return await self._starts.start(name, directory)

    async def _create(self, document: dict[str, object], name: str) -> None:
        try:
            await self._calls.repeated(lambda: self._calls.libpod.create(document))
        except LibpodError:
            # An attempt whose answer was lost may have made it: then the name is taken, by us.
            if await self._calls.look(name) is None:
                raise
