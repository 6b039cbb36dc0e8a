"""The operator calls on the resource providers that this agent knows, and their answers.

No HTTP here: `agent.operator_api` is the edge. Who is admitted, who is here and who may be removed is for the
manager; configurations of providers are another room's (`agent.providers.config_calls`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import UNSET

from agent.providers.providers import Providers
from api.wire.http_rules import Rejection
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos
from provider.manager.manager import ProviderInUse, ResourceProviderManager, UnknownProvider
from provider.manager.registry import Admitted
from store.port import StoreError

C, R = wire.CallType, wire.ResponseType
Shown = wire.ResponseGetResourceProvidersResourceProvider


class ProviderCalls:
    """GET_RESOURCE_PROVIDERS and MARK_RESOURCE_PROVIDER_GONE."""

    def __init__(self, providers: Providers, manager: ResourceProviderManager) -> None:
        self._providers = providers
        self._manager = manager
        self._handlers: Mapping[
            wire.CallType, Callable[[wire.Call], Awaitable[wire.Response | Rejection | None]]
        ] = {
            C.GET_RESOURCE_PROVIDERS: self._get,
            C.MARK_RESOURCE_PROVIDER_GONE: self._mark_gone,
        }

    def serves(self, call: wire.Call) -> bool:
        """Whether `handle` answers this type of call."""
        return call.type in self._handlers

    async def handle(self, call: wire.Call) -> wire.Response | Rejection | None:
        """The answer to a call that is valid; None is 200 without content."""
        assert call.type is not UNSET, "check_call refuses calls without a type"
        return await self._handlers[call.type](call)

    async def _get(self, call: wire.Call) -> wire.Response:
        """Those that are here, with what they have, and those that are admitted and away, which have nothing
        that anybody could use now.
        """
        here: dict[str, Shown] = {}
        for report in self._providers.reports:
            info = report.resource_provider_info
            if info is not UNSET and info.id is not UNSET:
                here[info.id.value] = Shown(
                    resource_provider_info=info,
                    total_resources=report.update_state.resources,
                    connected=True,
                )
        others = [
            *(_shown(each, True, SILENT) for each in self._manager.here if each.id not in here),
            *(_shown(each, False, self._manager.absences.why(each, AWAY)) for each in self._manager.away),
        ]
        found = wire.ResponseGetResourceProviders(resource_providers=[*here.values(), *others])
        return wire.Response(type=R.GET_RESOURCE_PROVIDERS, get_resource_providers=found)

    async def _mark_gone(self, call: wire.Call) -> Rejection | None:
        """For good; a repeat is answered as the first. 500 is what existing agents answer to one in use."""
        assert call.mark_resource_provider_gone is not UNSET, "validate() comes first"
        try:
            await self._manager.remove(call.mark_resource_provider_gone.resource_provider_id.value)
        except UnknownProvider as error:
            return Rejection(404, f"{error}: GET_RESOURCE_PROVIDERS tells who was")
        except ProviderInUse as error:
            return Rejection(500, str(error))
        except StoreError as error:
            return Rejection(500, f"the removal is not durable, and the agent restarts: repeat it ({error})")
        return None


SILENT = "here, and has not reported yet what it has"
AWAY = "not here now: start it, or give it up for good (`orlop providers gone`)"


def _shown(admitted: Admitted, connected: bool, message: str) -> Shown:
    info = mesos.ResourceProviderInfo(
        id=mesos.ResourceProviderID(value=admitted.id), type=admitted.type, name=admitted.name
    )
    return Shown(resource_provider_info=info, connected=connected, message=message)


def validate(call: wire.Call) -> str | None:
    """What is missing in a call whose type says that it has content."""
    if call.type is C.MARK_RESOURCE_PROVIDER_GONE and call.mark_resource_provider_gone is UNSET:
        return "expecting 'mark_resource_provider_gone' to be present"
    return None
