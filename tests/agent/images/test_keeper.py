"""Moments that random histories seldom hit: launches and pulls that end while the keeper looks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from agent import schema
from agent.containerizer.image_needs import ImageNeeds
from agent.containerizer.image_store import Image, Layer
from agent.containerizer.interface import ContainerizerError, Who
from agent.images.gc_policy import ImagePolicy
from agent.images.keeper import ImageKeeper
from agent.images.uses import ImageUses
from agent.sandboxes.work_space import Space
from api.model.clock import SystemClock
from tests.agent.model_store import Disk, ModelStore

NAME = "registry.example/app:1"
ONE = Image(f"{1:064x}", (NAME,), 10, 1.0, (Layer("1", 10),))


class Runtime:
    """One image, and whoever uses it; `asked` happens while it answers who that is."""

    def __init__(self) -> None:
        self.images = {ONE.id: ONE}
        self.containers: dict[str, tuple[str, ...]] = {}
        self.removed: list[str] = []
        self.silent = False

    async def asked(self) -> None:
        """Nothing, usually."""

    async def list(self) -> list[Image]:
        return list(self.images.values())

    async def users(self) -> Mapping[str, tuple[str, ...]]:
        found = dict(self.containers)
        await self.asked()
        return found

    async def named(self, name: str) -> str | None:
        if self.silent:
            raise ContainerizerError("podman does not answer", Who.RETRY)
        return next((each.id for each in self.images.values() if name in each.names), None)

    async def remove(self, image: Image) -> None:
        self.removed.append(image.id)
        self.images.pop(image.id, None)

    async def path(self) -> Path:
        return Path("/storage")


@pytest.fixture
def runtime() -> Runtime:
    return Runtime()


@pytest.fixture
def uses() -> ImageUses:
    return ImageUses(ModelStore(Disk(schema.metadata)), SystemClock())


@pytest.fixture
def keeper(runtime: Runtime, uses: ImageUses) -> ImageKeeper:
    return ImageKeeper(runtime, uses, dict, ImagePolicy(), print, measure=lambda path: Space(40, 100, None))


async def pulled(uses: ImageUses) -> None:
    await uses.pulling(NAME, None)
    await uses.pulled(NAME, ONE.id)


async def test_a_launch_that_makes_its_container_while_its_image_is_judged_keeps_it(
    runtime: Runtime, uses: ImageUses, keeper: ImageKeeper
) -> None:
    await pulled(uses)
    holds = uses.hold(NAME)
    looks = 0

    async def asked() -> None:
        """The plan is made without the launch; it is there when the image is judged, and done soon after."""
        nonlocal looks
        looks += 1
        if looks == 3:
            runtime.containers[ONE.id] = ("in use by container web",)
            await holds.__aexit__(None, None, None)

    runtime.asked = asked  # type: ignore[method-assign]
    plain = keeper._remove

    async def judged(*arguments: Any, **more: Any) -> Any:
        await holds.__aenter__()
        return await plain(*arguments, **more)

    keeper._remove = judged  # type: ignore[method-assign]
    done = await keeper.prune()
    assert looks == 3 and runtime.removed == []
    assert [each.kept for each in done.kept] == [("a container of it is about to start",)]


async def test_a_dry_run_counts_what_a_pull_brought_that_was_broken_off(
    uses: ImageUses, keeper: ImageKeeper
) -> None:
    await uses.pulling(NAME, None)
    uses.pull_broken_off(NAME)
    would = (await keeper.survey()).plan.remove
    did = (await keeper.prune()).removed
    assert [each.image.id for each in would] == [each.image.id for each in did] == [ONE.id]


async def test_what_a_pull_brought_is_the_agents_also_when_nobody_could_be_asked_then(
    runtime: Runtime, uses: ImageUses, keeper: ImageKeeper
) -> None:
    runtime.images.clear()

    async def pull(name: str) -> AsyncIterator[Mapping[str, Any]]:
        runtime.images[ONE.id] = ONE
        runtime.silent = True
        yield {"id": "1", "status": "Download complete"}

    needs = ImageNeeds(runtime.named, pull, uses)
    with pytest.raises(ContainerizerError):
        async with needs.ready(NAME, None, anew=False):
            pass
    runtime.silent = False
    assert [each.image.id for each in (await keeper.prune()).removed] == [ONE.id]
