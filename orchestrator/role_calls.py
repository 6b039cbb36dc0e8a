"""The operator's calls on roles: their quota, their weights, and what there is of them.

What comes in is passed on to `quota` and `weights`, what is there is shown. Must not: decide what may be set.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from api.wire.message import Message
from api.wire.v1 import master
from orchestrator.journal import Journal
from orchestrator.quota import Quotas
from orchestrator.quota_messages import legacy_quota, quotas_of, status_of
from orchestrator.replies import Answer, Reply, told
from orchestrator.roles_view import RolesView
from orchestrator.weights import Weights

T = master.CallType
R = master.ResponseType


class RoleCalls:
    """Each of them as a handler of the operator API."""

    def __init__(self, quotas: Quotas, weights: Weights, view: RolesView, journal: Journal) -> None:
        self._quotas = quotas
        self._weights = weights
        self._view = view
        self._journal = journal

    def handlers(self) -> Mapping[T, Callable[[master.Call], Awaitable[Reply]]]:
        return {
            T.GET_ROLES: self._get_roles,
            T.GET_QUOTA: self._get_quota,
            T.UPDATE_QUOTA: self._update_quota,
            T.SET_QUOTA: self._set_quota,
            T.REMOVE_QUOTA: self._remove_quota,
            T.GET_WEIGHTS: self._get_weights,
            T.UPDATE_WEIGHTS: self._update_weights,
        }

    async def _get_roles(self, call: master.Call) -> Reply:
        return await self._show(R.GET_ROLES, await self._view.shown())

    async def _get_quota(self, call: master.Call) -> Reply:
        return await self._show(R.GET_QUOTA, master.ResponseGetQuota(status=status_of(self._quotas.all)))

    async def _get_weights(self, call: master.Call) -> Reply:
        return await self._show(R.GET_WEIGHTS, master.ResponseGetWeights(weight_infos=self._weights.shown()))

    async def _update_quota(self, call: master.Call) -> Reply:
        wanted = call.update_quota
        assert isinstance(wanted, master.CallUpdateQuota)
        await self._quotas.update(quotas_of(wanted.quota_configs), force=wanted.force is True)
        return Answer(200)

    async def _set_quota(self, call: master.Call) -> Reply:
        assert isinstance(call.set_quota, master.CallSetQuota)
        request = call.set_quota.quota_request
        role, quota = legacy_quota(request)
        await self._quotas.set_new(role, quota, force=request.force is True)
        return Answer(200)

    async def _remove_quota(self, call: master.Call) -> Reply:
        assert isinstance(call.remove_quota, master.CallRemoveQuota)
        await self._quotas.remove(call.remove_quota.role)
        return Answer(200)

    async def _update_weights(self, call: master.Call) -> Reply:
        assert isinstance(call.update_weights, master.CallUpdateWeights)
        await self._weights.update(call.update_weights.weight_infos)
        return Answer(200)

    async def _show(self, kind: R, message: Message) -> Reply:
        """What was read from memory is told when it is durable."""
        await self._journal.barrier()
        return told(kind, message)
