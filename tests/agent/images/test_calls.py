"""What operators are answered about images: GET_IMAGES, PRUNE_IMAGES, and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from agent import schema
from agent.containerizer.image_store import Image, ImageRefused, Layer
from agent.containerizer.interface import ContainerizerError, Who
from agent.images.calls import MAX_EXCLUDED, ImageCalls, validate
from agent.images.gc_policy import ImagePolicy
from agent.images.keeper import ImageKeeper
from agent.images.uses import ImageUses
from agent.sandboxes.work_space import Space
from api.model.clock import SystemClock
from api.wire.http_rules import Rejection
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos
from tests.agent.model_store import Disk, ModelStore

HOST = "registry.example"


class Shelf:
    """Images that can be removed but for one, which the runtime refuses."""

    def __init__(self) -> None:
        self.images = {
            f"{n:064x}": Image(f"{n:064x}", (f"{HOST}/app-{n}:1",), 10, float(n), (Layer(str(n), 10),))
            for n in range(1, 5)
        }
        self.trouble: Exception | None = None

    async def list(self) -> list[Image]:
        if self.trouble is not None:
            raise self.trouble
        return list(self.images.values())

    async def users(self) -> Mapping[str, tuple[str, ...]]:
        return {f"{1:064x}": ("in use by task web",)}

    async def named(self, name: str) -> str | None:
        return next((each.id for each in self.images.values() if name in each.names), None)

    async def remove(self, image: Image) -> None:
        if image.names == (f"{HOST}/app-2:1",):
            raise ImageRefused("image is in use by a container")
        del self.images[image.id]

    async def path(self) -> Path:
        return Path("/storage")


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def calls(shelf: Shelf) -> ImageCalls:
    uses = ImageUses(ModelStore(Disk(schema.metadata)), SystemClock())
    policy = ImagePolicy(everything=True, pins=(f"{HOST}/app-3:*",))
    keeper = ImageKeeper(shelf, uses, dict, policy, print, measure=lambda path: Space(40, 100, None))
    return ImageCalls(keeper)


def prune(*excluded: str, **fields: bool) -> wire.Call:
    images = [
        mesos.Image(type=mesos.ImageType.DOCKER, docker=mesos.ImageDocker(name=name)) for name in excluded
    ]
    wanted = wire.CallPruneImages(excluded_images=images, **fields)
    return wire.Call(type=wire.CallType.PRUNE_IMAGES, prune_images=wanted)


async def answered(calls: ImageCalls, call: wire.Call) -> wire.Response:
    answer = await calls.handle(call)
    assert isinstance(answer, wire.Response)
    return answer


async def test_images_are_shown_with_why_they_stay(calls: ImageCalls) -> None:
    answer = await answered(calls, wire.Call(type=wire.CallType.GET_IMAGES))
    assert isinstance(answer.get_images, wire.ResponseGetImages)
    why = {each.names[0].partition("/")[2]: each.kept for each in answer.get_images.images}
    assert why == {
        "app-1:1": ["in use by task web"],
        "app-2:1": [],
        "app-3:1": [f"pinned as {HOST}/app-3:*"],
        "app-4:1": [],
    }
    assert (answer.get_images.free_bytes, answer.get_images.headroom) == (40, 0.1)


async def test_a_plain_prune_is_answered_without_content_and_is_done(calls: ImageCalls, shelf: Shelf) -> None:
    assert await calls.handle(prune()) is None
    assert [each.names[0] for each in shelf.images.values()] == [f"{HOST}/app-{n}:1" for n in (1, 2, 3)]
    assert await calls.handle(prune()) is None, "again"
    assert await calls.handle(wire.Call(type=wire.CallType.PRUNE_IMAGES)) is None, "without its field"


async def test_a_report_tells_what_the_runtime_refused(calls: ImageCalls) -> None:
    answer = (await answered(calls, prune(report=True))).prune_images
    assert isinstance(answer, wire.ResponsePruneImages)
    assert [each.names for each in answer.removed] == [[f"{HOST}/app-4:1"]] and answer.freed_bytes == 10
    refused = next(each for each in answer.kept if each.names == [f"{HOST}/app-2:1"])
    assert refused.kept == ["refused: image is in use by a container"]


async def test_a_dry_run_removes_nothing(calls: ImageCalls, shelf: Shelf) -> None:
    answer = (await answered(calls, prune(f"{HOST}/app-4:1", dry_run=True))).prune_images
    assert isinstance(answer, wire.ResponsePruneImages)
    assert [each.names for each in answer.removed] == [[f"{HOST}/app-2:1"]]
    assert len(shelf.images) == 4


async def test_what_cannot_be_done_is_refused_with_who_acts(calls: ImageCalls, shelf: Shelf) -> None:
    appc = mesos.Image(type=mesos.ImageType.APPC, appc=mesos.ImageAppc(name="x"))
    call = wire.Call(
        type=wire.CallType.PRUNE_IMAGES, prune_images=wire.CallPruneImages(excluded_images=[appc])
    )
    for wrong in (call, prune("not a name"), prune("")):
        answer = await calls.handle(wrong)
        assert isinstance(answer, Rejection) and answer.status == 400
    shelf.trouble = ContainerizerError("podman does not answer", Who.RETRY)
    answer = await calls.handle(prune())
    assert isinstance(answer, Rejection) and answer.status == 500 and "repeat" in answer.message
    assert validate(wire.Call(type=wire.CallType.PRUNE_IMAGES)) is None
    assert validate(prune(*["x"] * (MAX_EXCLUDED + 1))) is not None
    assert validate(prune("x")) is None


async def test_an_agent_without_images_says_so() -> None:
    calls = ImageCalls(None, "plain processes")
    assert await calls.handle(prune()) is None
    shown = (await answered(calls, wire.Call(type=wire.CallType.GET_IMAGES))).get_images
    assert isinstance(shown, wire.ResponseGetImages) and shown.message == "plain processes"
