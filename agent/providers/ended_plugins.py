"""Plugin containers that are wanted no more, ended and removed: a provider's, or those of nobody.

It must not: know configurations, decide which providers there are.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from provider.plugins.containers import EndedContainers, FoundContainer, end_container

log = logging.getLogger(__name__)

PREFIX = "plugin-"
"""Begins the ids of all plugin containers."""


def container_prefix(name: str) -> str:
    """Begins the ids of a provider's plugin containers, and of no other's: names of providers from files have
    no '-' in them."""
    return f"{PREFIX}{name}--"


async def end_of(containers: EndedContainers, name: str) -> None:
    """End and remove the plugin containers of the provider of that name. Raises ContainerFailed."""
    await _end(containers, await containers.list(container_prefix(name)))


async def end_all_but(containers: EndedContainers, wanted: Callable[[], Iterable[str]]) -> None:
    """End and remove those of providers that are none of `wanted`, which is asked after it was seen what
    there is. Raises ContainerFailed."""
    there = await containers.list(PREFIX)
    kept = tuple(container_prefix(name) for name in wanted())
    found = [each for each in there if not each.id.startswith(kept)]
    for each in found:
        log.warning("nothing is configured for the plugin container %s: it is ended", each.id)
    await _end(containers, found)


async def _end(containers: EndedContainers, found: Sequence[FoundContainer]) -> None:
    for each in found:
        await end_container(containers, each.id)
