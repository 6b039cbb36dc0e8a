"""The operator's calls that withdraw agents and bring them back: passed on to `draining`.

Must not: decide what may follow what.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from api.wire.v1 import master
from orchestrator.draining import Draining
from orchestrator.replies import Answer, Reply
from orchestrator.withdrawal import config_of

T = master.CallType


class AgentCalls:
    """Each of them as a handler of the operator API. 200: it is durable."""

    def __init__(self, draining: Draining) -> None:
        self._draining = draining

    def handlers(self) -> Mapping[T, Callable[[master.Call], Awaitable[Reply]]]:
        return {
            T.DRAIN_AGENT: self._drain,
            T.DEACTIVATE_AGENT: self._deactivate,
            T.REACTIVATE_AGENT: self._reactivate,
            T.MARK_AGENT_GONE: self._mark_gone,
        }

    async def _drain(self, call: master.Call) -> Reply:
        asked = call.drain_agent
        assert isinstance(asked, master.CallDrainAgent)
        await self._draining.drain(asked.agent_id.value, config_of(asked.max_grace_period, asked.mark_gone))
        return Answer(200)

    async def _deactivate(self, call: master.Call) -> Reply:
        assert isinstance(call.deactivate_agent, master.CallDeactivateAgent)
        await self._draining.deactivate(call.deactivate_agent.agent_id.value)
        return Answer(200)

    async def _reactivate(self, call: master.Call) -> Reply:
        asked = call.reactivate_agent
        assert isinstance(asked, master.CallReactivateAgent)
        await self._draining.reactivate(asked.agent_id.value, force=asked.force is True)
        return Answer(200)

    async def _mark_gone(self, call: master.Call) -> Reply:
        assert isinstance(call.mark_agent_gone, master.CallMarkAgentGone)
        await self._draining.mark_gone(call.mark_agent_gone.agent_id.value)
        return Answer(200)
