"""A host with images under virtual time: a runtime that outlives the agent, a registry, other people, and a
judge who knows what is in use whatever the agent believes.

The agent's own rooms (`ImageUses`, `ImageNeeds`, `ImageKeeper`) run in a process that may be killed at any
moment; its database is kept. Whatever the judge sees wrong is in `World.wrong`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent import schema
from agent.containerizer.image_needs import ImageNeeds
from agent.containerizer.image_store import Image, ImageRefused, Layer
from agent.containerizer.interface import LaunchError
from agent.images.gc_policy import ImagePolicy
from agent.images.keeper import ImageKeeper
from agent.images.reference import is_meant
from agent.images.uses import ImageUses
from agent.sandboxes.work_space import Space
from tests.simulation.clock import SimClock
from tests.simulation.loop import Process, VirtualLoop
from tests.simulation.simstore import SimDisk, SimStore

REGISTRY = "registry:5000"
CAPACITY = 1_000
SETTLED = 300.0
"""Seconds after which every pull and every launch has ended."""
PINNED = f"{REGISTRY}/pinned:1"


@dataclass
class Runtime:
    """Images, containers and a disk, as Podman keeps them; `foreign` are ids and names of other people's."""

    rng: random.Random
    images: dict[str, Image] = field(default_factory=dict)
    containers: dict[str, str] = field(default_factory=dict)
    registry: dict[str, Image] = field(default_factory=dict)
    foreign: set[str] = field(default_factory=set)
    brought: set[str] = field(default_factory=set)
    """Ids that pulls of the agent brought, and that were not there before."""
    taken: int = 0
    """By what is no image: a pull's parts, other files."""
    built: int = 0

    def build(self, name: str) -> None:
        """Another image of that name in the registry, on one of a few common bases."""
        self.built += 1
        base = self.rng.randrange(3)
        layers = [Layer(f"base-{base}", 30 + 20 * base)]
        layers += [Layer(f"{self.built}-{n}", self.rng.randint(5, 90)) for n in range(self.rng.randint(1, 3))]
        size = sum(layer.size_bytes for layer in layers)
        self.registry[name] = Image(f"{self.built:064x}", (), size, float(self.built), tuple(layers))

    @property
    def used_bytes(self) -> int:
        layers = {layer.key: layer.size_bytes for image in self.images.values() for layer in image.layers}
        return sum(layers.values()) + self.taken

    def space(self, _: Path = Path()) -> Space:
        return Space(CAPACITY - self.used_bytes, CAPACITY, None)

    def leads_to(self, name: str) -> str | None:
        return next((image.id for image in self.images.values() if name in image.names), None)

    def have(self, image: Image, name: str) -> None:
        """The image is here, and the name leads to it from now on."""
        for each in list(self.images.values()):
            rest = tuple(own for own in each.names if own != name)
            self.images[each.id] = Image(each.id, rest, each.size_bytes, each.created, each.layers)
        names = self.images[image.id].names if image.id in self.images else ()
        self.images[image.id] = Image(
            image.id, tuple(sorted({*names, name})), image.size_bytes, image.created, image.layers
        )

    async def pull(self, name: str) -> AsyncIterator[Mapping[str, Any]]:
        """Layer by layer; those that are here already are counted upon."""
        wanted = self.registry[name]
        here = {layer.key for image in self.images.values() for layer in image.layers}
        missing = [layer for layer in wanted.layers if layer.key not in here]
        loaded = 0
        try:
            for layer in missing:
                await asyncio.sleep(self.rng.choice((0.01, 0.3, 5.0)))
                if self.used_bytes + layer.size_bytes > CAPACITY:
                    yield {"error": "writing blob: write /d: no space left on device"}
                    return
                loaded += layer.size_bytes
                self.taken += layer.size_bytes
                yield {"id": layer.key, "status": "Download complete"}
            now = {layer.key for image in self.images.values() for layer in image.layers}
            if any(layer.key in here - now for layer in wanted.layers):
                yield {"error": "committing: layer not known"}
                return
            if wanted.id not in self.images:
                self.brought.add(wanted.id)
            self.have(wanted, name)
        finally:
            self.taken -= loaded


class Judge:
    """What the agent sees of the runtime (`ImageStore`), and a look at each removal."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._runtime = world.runtime

    async def _pause(self) -> None:
        await asyncio.sleep(self._world.rng.choice((0.0, 0.001, 0.05)))

    async def list(self) -> list[Image]:
        await self._pause()
        found = sorted(self._runtime.images.values(), key=lambda image: image.id)
        await self._pause()
        return found

    async def users(self) -> Mapping[str, tuple[str, ...]]:
        await self._pause()
        found: dict[str, list[str]] = {}
        for container, image_id in self._runtime.containers.items():
            found.setdefault(image_id, []).append(f"in use by {container}")
        await self._pause()
        return {image_id: tuple(users) for image_id, users in found.items()}

    async def named(self, name: str) -> str | None:
        await self._pause()
        return self._runtime.leads_to(name)

    async def path(self) -> Path:
        return Path("/storage")

    async def remove(self, image: Image) -> None:
        now = self._runtime.images.get(image.id)
        if now is None:
            return
        if len(now.names) > 1 >= len(image.names):
            raise ImageRefused("unable to delete by ID with more than one tag")
        if any(image_id == image.id for image_id in self._runtime.containers.values()):
            if any(
                image_id == image.id and container.startswith("own")
                for container, image_id in self._runtime.containers.items()
            ):
                self._world.wrong.append(f"{now} is used by a container of ours")
            raise ImageRefused("image is in use by a container")
        self._world.judge(image)
        self._world.removed += 1
        del self._runtime.images[image.id]
        await asyncio.sleep(self._world.rng.choice((0.0, 0.05, 3.0)))  # launches wait


@dataclass(eq=False)
class Launch:
    """A launch from its arrival until its container is made. `image_id` is set once it was told that it is
    here."""

    name: str
    image_id: str | None = None


class World:
    """One random history. `run` plays it."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.loop = VirtualLoop()
        self.runtime = Runtime(self.rng)
        self.wrong: list[str] = []
        self.launches: set[Launch] = set()
        self.started = 0
        self.removed = 0
        self.refused: list[str] = []
        self.lives = 0
        self._disk = SimDisk(schema.metadata)
        self._names = [f"{REGISTRY}/app-{n}:1" for n in range(8)] + [PINNED]
        for name in self._names:
            self.runtime.build(name)

    def judge(self, image: Image) -> None:
        """An image is about to go: whether anybody would miss it."""
        for launch in self.launches:
            if launch.image_id == image.id or launch.name in image.names:
                self.wrong.append(f"{image.names} goes while a launch of {launch.name} is under way")
        if is_meant(PINNED, image.id, image.names):
            self.wrong.append(f"{image.names} goes and is pinned")
        if image.id in self.runtime.foreign or self.runtime.foreign & set(image.names):
            self.wrong.append(f"{image.names} goes and is somebody else's")

    def run(self, steps: int) -> None:
        asyncio.set_event_loop(None)
        try:
            self.loop.run_until_complete(self._play(steps))
            self.wrong += self.loop.errors
        finally:
            self.loop.bury()

    async def _play(self, steps: int) -> None:
        self._begin_life()
        for _ in range(steps):
            await asyncio.sleep(self.rng.choice((0.0, 0.01, 0.5, 3.0, 40.0)))
            self.rng.choices(
                (self._launch, self._exit, self._prune, self._crash, self._others, self._push),
                (12, 12, 2, 1, 1, 2),
            )[0]()
        await self._settle()

    # what happens

    def _begin_life(self) -> None:
        self.lives += 1
        self.process = Process(self.loop, f"agent-{self.lives}")
        self.process.call(self._build)
        self.process.spawn(self.keeper.start())

    def _build(self) -> None:
        store = SimStore(self._disk, self.rng)
        self.uses = ImageUses(store, SimClock(self.loop))
        judge = Judge(self)
        self.needs = ImageNeeds(judge.named, self.runtime.pull, self.uses)
        policy = ImagePolicy(headroom=0.2, low_water=0.4, interval=10.0, pins=(PINNED,))
        self.keeper = ImageKeeper(
            judge, self.uses, self._wanted, policy, self._failed, measure=self.runtime.space
        )

    def _wanted(self) -> Mapping[str, str]:
        return {launch.name: "a task waits to start" for launch in self.launches}

    def _failed(self, error: BaseException) -> None:
        self.wrong.append(f"the keeper failed: {error!r}")

    def _launch(self) -> None:
        launch = Launch(self.rng.choice(self._names))
        self.launches.add(launch)
        self.process.spawn(self._start(launch, anew=self.rng.random() < 0.2))

    async def _start(self, launch: Launch, *, anew: bool) -> None:
        await asyncio.sleep(self.rng.choice((0.0, 0.2, 4.0)))  # its volumes, its files
        try:
            async with self.needs.ready(launch.name, None, anew=anew):
                launch.image_id = self.runtime.leads_to(launch.name)
                await asyncio.sleep(self.rng.choice((0.0, 0.05, 1.0)))
                image_id = self.runtime.leads_to(launch.name)
                if image_id is None:
                    self.wrong.append(f"{launch.name} is not there when its container is made")
                else:
                    self.started += 1
                    self.runtime.containers[f"own-{self.started}"] = image_id
        except LaunchError as error:
            self.refused.append(error.message)
        finally:
            self.launches.discard(launch)

    def _exit(self) -> None:
        if self.runtime.containers:
            del self.runtime.containers[self.rng.choice(sorted(self.runtime.containers))]

    def _prune(self) -> None:
        self.process.spawn(self._prune_but(self.rng.choice(self._names)))

    async def _prune_but(self, excluded: str) -> None:
        done = await self.keeper.prune((excluded,))
        if any(excluded in each.image.names for each in done.removed):
            self.wrong.append(f"{excluded} went and was excluded")
        if any(not each.kept for each in done.kept):
            self.wrong.append("an image stays, and nobody is told why")

    def _crash(self) -> None:
        """SIGKILL. What was about to start is launched again by the next life, or never."""
        self.process.kill()
        self.launches.clear()
        if self.rng.random() < 0.5:  # the runtime goes on with what it was asked for
            name = self.rng.choice(self._names)
            if name in self.uses.open_pulls or name in self._under_way():
                self._completes(name)
        self._begin_life()

    def _under_way(self) -> set[str]:
        return set(self.uses._pulls)

    def _completes(self, name: str) -> None:
        wanted = self.runtime.registry[name]
        if self.runtime.used_bytes + wanted.size_bytes <= CAPACITY:
            if wanted.id not in self.runtime.images:
                self.runtime.brought.add(wanted.id)
            self.runtime.have(wanted, name)

    def _others(self) -> None:
        """Somebody pulls by hand, gives a name, or runs something of what is here."""
        ids = sorted(self.runtime.images)
        match self.rng.randrange(3):
            case 0 if len(self.runtime.foreign) < 4:
                name = f"docker.io/other-{self.runtime.built}:1"
                self.runtime.build(name)
                image = self.runtime.registry.pop(name)
                if self.runtime.used_bytes + image.size_bytes < CAPACITY:
                    self.runtime.have(image, name)
                    self.runtime.foreign.add(image.id)
            case 1 if ids and len(self.runtime.foreign) < 4:
                name = f"localhost/mine-{self.runtime.built}:1"
                self.runtime.have(self.runtime.images[self.rng.choice(ids)], name)
                self.runtime.foreign.add(name)
            case 2 if ids:
                self.runtime.containers[f"other-{self.started}"] = self.rng.choice(ids)

    def _push(self) -> None:
        self.runtime.build(self.rng.choice(self._names))

    # how it ends

    async def _settle(self) -> None:
        """Nothing happens for a while, then all that may go is to go."""
        await asyncio.sleep(SETTLED)
        free = self.runtime.space().free_bytes / CAPACITY
        survey = await self.process.spawn(self.keeper.survey())
        if free < 0.2 and survey.plan.remove:
            self.wrong.append(f"{free:.0%} are free, and {len(survey.plan.remove)} images may go and stay")
        await self.process.spawn(self.keeper.prune())
        for image in self.runtime.images.values():
            foreign = image.id not in self.runtime.brought or self.runtime.foreign & set(image.names)
            used = image.id in self.runtime.containers.values()
            if not foreign and not used and PINNED not in image.names:
                self.wrong.append(f"{image.id[-4:]} {image.names} is ours, is not used, and stays")
