"""An agent's images: their book, their keeper and their calls, built from the settings."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from prometheus_client.registry import Collector

from agent.containerizer.image_needs import ImagePorts
from agent.containerizer.image_store import ImageStore
from agent.daemon import Service
from agent.images.calls import ImageCalls
from agent.images.credentials import RegistryCredentials
from agent.images.gc_policy import ImagePolicy
from agent.images.keeper import ImageKeeper, Wanted
from agent.images.metrics import ImageMetrics
from agent.images.uses import ImageUses
from api.model.clock import Clock
from cli.agent_settings import AgentSettings
from store.port import Store

WITHOUT = "this agent runs plain processes: there are no images"

SETTINGS = (
    "image_gc",
    "image_gc_headroom",
    "image_gc_low_water",
    "image_gc_interval",
    "image_gc_all",
    "image_pin",
)
"""Those that `configure` takes while the agent runs."""

log = logging.getLogger(__name__)


class AgentImages:
    """The book is made before the containerizer, which writes in it; the rest when that has started."""

    def __init__(self, settings: AgentSettings, store: Store, clock: Clock) -> None:
        self._policy = image_policy(settings)
        self._uses = ImageUses(store, clock)
        self.ports = ImagePorts(book=self._uses)
        if settings.registry_credentials is not None:
            credentials = RegistryCredentials(settings.registry_credentials)
            if (problem := credentials.problem()) is not None:
                log.warning("credentials for registries: %s", problem)
            self.ports = ImagePorts(self._uses, credentials)
        self.keeper: ImageKeeper | None = None

    def keep(
        self, images: ImageStore | None, wanted: Wanted, failed: Callable[[BaseException], None]
    ) -> None:
        """From here on there is a keeper; not where the containerizer has no images."""
        if images is not None:
            self.keeper = ImageKeeper(images, self._uses, wanted, self._policy, failed)

    @property
    def services(self) -> Sequence[Service]:
        return [] if self.keeper is None else [self.keeper]

    @property
    def calls(self) -> ImageCalls:
        return ImageCalls(self.keeper, WITHOUT)

    @property
    def metrics(self) -> Sequence[Collector]:
        return [] if self.keeper is None else [ImageMetrics(self.keeper)]

    def configure(self, settings: AgentSettings) -> None:
        """Other settings, while it runs."""
        self._policy = image_policy(settings)
        if self.keeper is not None:
            self.keeper.configure(self._policy)


def image_policy(settings: AgentSettings) -> ImagePolicy:
    """When images are collected. Settings that contradict each other are refused when they are read."""
    return ImagePolicy(
        headroom=settings.image_gc_headroom if settings.image_gc else None,
        low_water=settings.image_gc_low_water,
        interval=settings.image_gc_interval,
        pins=settings.image_pin,
        everything=settings.image_gc_all,
    )
