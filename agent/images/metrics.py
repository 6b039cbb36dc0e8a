"""The numbers of the collection of images for Prometheus, read when they are asked for. Counts nothing."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from agent.images.keeper import ImageKeeper


class ImageMetrics(Collector):
    """How much was collected, and whether something is in the way of it."""

    def __init__(self, keeper: ImageKeeper) -> None:
        self._keeper = keeper

    def collect(self) -> Iterable[Metric]:
        """What the registry asks for at each scrape."""
        keeper = self._keeper
        yield CounterMetricFamily(
            "orlop_agent_images_collected", "Images that were removed.", value=keeper.collected_images
        )
        yield CounterMetricFamily(
            "orlop_agent_images_collected_bytes",
            "What was stored of images that were removed.",
            value=keeper.collected_bytes,
        )
        yield GaugeMetricFamily(
            "orlop_agent_images_trouble",
            "Whether something is in the way of looking after images.",
            value=int(keeper.trouble is not None),
        )
