"""What is not at rest at the providers of this agent, asked of each of them before the host is left.

A provider that is away is named: what it left mounted here is not known. One that cannot be asked such a
thing (it lacks CHECK_AT_REST) is taken to have unmounted what was given back. It must not: change anything.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from msgspec import UNSET

from agent.providers.providers import Providers
from api.model.operation import CHECK_AT_REST
from provider.manager.publishing import PublishFailed
from provider.manager.registry import Admitted

ANSWER_SECONDS: Final = 10.0
"""A provider that has not answered by then is named, and asked again at the next look."""


class Asked(Protocol):
    """The part of the resource provider manager that is asked here."""

    @property
    def here(self) -> list[Admitted]: ...

    @property
    def away(self) -> list[Admitted]: ...

    async def check_at_rest(self, provider_id: str) -> list[str]:
        """Raises PublishFailed."""


class ProvidersAtRest:
    """Callable: see `agent.draining.AtRest`."""

    def __init__(
        self, manager: Asked, providers: Providers, is_explained: Callable[[Admitted], bool] = lambda _: False
    ) -> None:
        """`is_explained`: it is away for a reason that leaves nothing here, as its disk was pulled out."""
        self._manager = manager
        self._providers = providers
        self._is_explained = is_explained

    async def __call__(self) -> Sequence[str]:
        """Lines about all of them."""
        can = {
            report.resource_provider_info.id.value: CHECK_AT_REST in report.update_state.capabilities
            for report in self._providers.reports
            if report.resource_provider_info is not UNSET and report.resource_provider_info.id is not UNSET
        }
        away = [
            f"provider {each.name} is not here, so nobody knows what it left mounted: start it, or remove it "
            f"for good (`orlop providers gone {each.id}`)"
            for each in self._manager.away
            if not self._is_explained(each)
        ]
        here = self._manager.here
        answers = await asyncio.gather(*(self._of(each, can.get(each.id)) for each in here))
        return [*away, *(line for lines in answers for line in lines)]

    async def _of(self, provider: Admitted, can: bool | None) -> list[str]:
        """`can`: whether it can be asked; None when it has not reported yet."""
        if can is None:
            return [f"provider {provider.name} has not reported yet: see `orlop providers`"]
        if not can:
            return []
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._manager.check_at_rest(provider.id)
        except TimeoutError:
            return [f"provider {provider.name} does not say whether its volumes are at rest: see its log"]
        except PublishFailed as error:
            return [f"provider {provider.name} cannot say whether its volumes are at rest: {error}"]
