"""The operator calls on images, GET_IMAGES and PRUNE_IMAGES, and their answers.

No HTTP here: `agent.operator_api` is the edge. What may go is the keeper's to say.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import MappingProxyType

from msgspec import UNSET

from agent.containerizer.interface import ContainerizerError
from agent.images.keeper import Collected, ImageKeeper, Survey
from agent.images.plan import Judged, own_bytes
from agent.images.reference import problem
from api.wire.http_rules import Rejection
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos
from store.port import StoreError

C, R = wire.CallType, wire.ResponseType
Shown = wire.ResponseGetImagesImage

MAX_EXCLUDED = 1_000
"""Images that one call may exclude; more are refused."""


class ImageCalls:
    """`keeper` None: this agent's containerizer has no images, for the reason `without`."""

    def __init__(self, keeper: ImageKeeper | None, without: str = "") -> None:
        self._keeper = keeper
        self._without = without
        self._handlers: Mapping[wire.CallType, Callable[[wire.Call], Awaitable[wire.Response | None]]] = {
            C.GET_IMAGES: self._get,
            C.PRUNE_IMAGES: self._prune,
        }

    def serves(self, call: wire.Call) -> bool:
        """Whether `handle` answers this type of call."""
        return call.type in self._handlers

    async def handle(self, call: wire.Call) -> wire.Response | Rejection | None:
        """The answer to a call that is valid; None is 200 without content."""
        assert call.type is not UNSET, "check_call refuses calls without a type"
        try:
            return await self._handlers[call.type](call)
        except _BadImage as error:
            return Rejection(400, str(error))
        except ContainerizerError as error:
            return Rejection(500, f"the images cannot be had: {error}; what was to go may be gone: repeat it")
        except OSError as error:
            return Rejection(500, f"the disk of the images cannot be looked at: {error}")
        except StoreError as error:
            return Rejection(500, f"what went is not durable, and the agent restarts: repeat it ({error})")

    async def _get(self, call: wire.Call) -> wire.Response:
        keeper = self._keeper
        if keeper is None:
            return wire.Response(type=R.GET_IMAGES, get_images=wire.ResponseGetImages(message=self._without))
        survey = await keeper.survey()
        automatic = keeper.policy.headroom is not None
        found = wire.ResponseGetImages(
            images=_shown((*survey.plan.remove, *survey.plan.kept), survey),
            path=str(survey.path),
            free_bytes=survey.space.free_bytes,
            total_bytes=survey.space.total_bytes,
            headroom=keeper.policy.headroom if keeper.policy.headroom is not None else UNSET,
            low_water=keeper.policy.low_water if automatic else UNSET,
            message=keeper.trouble or UNSET,
        )
        return wire.Response(type=R.GET_IMAGES, get_images=found)

    async def _prune(self, call: wire.Call) -> wire.Response | None:
        asked = call.prune_images or wire.CallPruneImages()
        excluded = tuple(_name_of(image) for image in asked.excluded_images)
        everything = asked.all is True
        if self._keeper is None:
            done = wire.ResponsePruneImages(freed_bytes=0, message=self._without)
        elif asked.dry_run is True:
            done = _would_do(await self._keeper.survey(excluded, everything=everything))
        else:
            done = _did(await self._keeper.prune(excluded, everything=everything))
        if asked.report is not True and asked.dry_run is not True:
            return None
        return wire.Response(type=R.PRUNE_IMAGES, prune_images=done)


class _BadImage(Exception):
    """What is to be excluded is no image; the text says why."""


def _name_of(image: mesos.Image) -> str:
    if image.docker is UNSET:
        raise _BadImage("excluded_images: only docker images are supported: name them in `docker.name`")
    if (wrong := problem(image.docker.name)) is not None:
        raise _BadImage(f"excluded_images: {wrong}")
    return image.docker.name


def _would_do(survey: Survey) -> wire.ResponsePruneImages:
    return wire.ResponsePruneImages(
        removed=_shown(survey.plan.remove, survey),
        kept=_shown(survey.plan.kept, survey),
        freed_bytes=survey.plan.freed_bytes,
        free_bytes=survey.space.free_bytes,
        total_bytes=survey.space.total_bytes,
    )


def _did(done: Collected) -> wire.ResponsePruneImages:
    return wire.ResponsePruneImages(
        removed=[_image(each) for each in done.removed],
        kept=[_image(each) for each in done.kept],
        freed_bytes=done.freed_bytes,
        free_bytes=done.space.free_bytes,
        total_bytes=done.space.total_bytes,
    )


def _shown(found: Sequence[Judged], survey: Survey) -> list[Shown]:
    own = own_bytes([each.image for each in (*survey.plan.remove, *survey.plan.kept)])
    return [_image(each, own) for each in found]


def _image(judged: Judged, own: Mapping[str, int] = MappingProxyType({})) -> Shown:
    image, use = judged.image, judged.use
    return Shown(
        id=image.id,
        names=list(image.names),
        size_bytes=image.size_bytes,
        own_bytes=own.get(image.id, UNSET),
        created=_time(image.created),
        last_used=_time(use.last_used),
        pulled=use.pulled_at is not None,
        kept=list(judged.kept),
    )


def _time(seconds: float) -> mesos.TimeInfo:
    return mesos.TimeInfo(nanoseconds=int(seconds * 1e9))


def validate(call: wire.Call) -> str | None:
    """What is wrong with a call's content."""
    if call.type is not C.PRUNE_IMAGES or call.prune_images is UNSET:  # clients leave it out when it is empty
        return None
    if len(call.prune_images.excluded_images) > MAX_EXCLUDED:
        return f"expecting at most {MAX_EXCLUDED} 'prune_images.excluded_images'"
    return None
