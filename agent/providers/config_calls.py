"""The operator calls on the configurations of this agent's resource providers, and their answers.

No HTTP here: `agent.operator_api` is the edge. What a configuration may say and what becomes of it is for
`agent.providers.provider_set`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import UNSET

from agent.providers.config import InvalidConfig
from agent.providers.provider_set import ConfigConflict, ProviderSet
from api.wire.http_rules import Rejection
from api.wire.v1 import agent as wire
from provider.plugins.containers import ContainerFailed

C, R = wire.CallType, wire.ResponseType

CONTENT: Mapping[wire.CallType, str] = {
    C.ADD_RESOURCE_PROVIDER_CONFIG: "add_resource_provider_config",
    C.UPDATE_RESOURCE_PROVIDER_CONFIG: "update_resource_provider_config",
    C.REMOVE_RESOURCE_PROVIDER_CONFIG: "remove_resource_provider_config",
}


class ConfigCalls:
    """ADD_, UPDATE_, REMOVE_RESOURCE_PROVIDER_CONFIG and GET_RESOURCE_PROVIDER_CONFIGS."""

    def __init__(self, providers: ProviderSet) -> None:
        self._providers = providers
        self._handlers: Mapping[wire.CallType, Callable[[wire.Call], Awaitable[wire.Response | None]]] = {
            C.ADD_RESOURCE_PROVIDER_CONFIG: self._add,
            C.UPDATE_RESOURCE_PROVIDER_CONFIG: self._update,
            C.REMOVE_RESOURCE_PROVIDER_CONFIG: self._remove,
            C.GET_RESOURCE_PROVIDER_CONFIGS: self._get,
        }

    def serves(self, call: wire.Call) -> bool:
        """Whether `handle` answers this type of call."""
        return call.type in self._handlers

    async def handle(self, call: wire.Call) -> wire.Response | Rejection | None:
        """The answer to a call that is valid; None is 200 without content."""
        assert call.type is not UNSET, "check_call refuses calls without a type"
        try:
            return await self._handlers[call.type](call)
        except InvalidConfig as error:
            return Rejection(400, str(error))
        except ConfigConflict as error:
            return Rejection(409, str(error))
        except (ContainerFailed, OSError) as error:
            return Rejection(500, f"{error}; what was asked is not done, or not wholly: repeat the call")

    async def _add(self, call: wire.Call) -> None:
        assert call.add_resource_provider_config, "validate() comes first"
        await self._providers.add(call.add_resource_provider_config.info)

    async def _update(self, call: wire.Call) -> None:
        assert call.update_resource_provider_config, "validate() comes first"
        await self._providers.update(call.update_resource_provider_config.info)

    async def _remove(self, call: wire.Call) -> None:
        asked = call.remove_resource_provider_config
        assert asked, "validate() comes first"
        await self._providers.remove(asked.type, asked.name)

    async def _get(self, call: wire.Call) -> wire.Response:
        configs = [
            wire.ResponseGetResourceProviderConfigsConfig(
                info=UNSET if each.info is None else each.info,
                file=each.file or UNSET,
                state=each.state,
                message=each.message or UNSET,
            )
            for each in self._providers.states()
        ]
        answer = wire.ResponseGetResourceProviderConfigs(configs=configs)
        return wire.Response(type=R.GET_RESOURCE_PROVIDER_CONFIGS, get_resource_provider_configs=answer)


def validate(call: wire.Call) -> str | None:
    """What is missing in a call whose type says that it has content."""
    name = CONTENT.get(call.type) if call.type is not UNSET else None
    if name is not None and getattr(call, name) is UNSET:
        return f"expecting '{name}' to be present"
    return None
