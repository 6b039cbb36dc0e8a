"""The operator's calls that reserve and make persistent: each as the operation that it asks for.

Must not: decide what may be reserved.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from api.wire.v1 import master, mesos
from orchestrator.replies import Answer, Reply
from orchestrator.reservations import Reservations

T = master.CallType
_Kind = mesos.OfferOperationType


class ReservationCalls:
    """Each of them as a handler of the operator API. All answer 202, with nothing: see GET_OPERATIONS."""

    def __init__(self, reservations: Reservations) -> None:
        self._reservations = reservations

    def handlers(self) -> Mapping[T, Callable[[master.Call], Awaitable[Reply]]]:
        return {
            T.RESERVE_RESOURCES: self._reserve,
            T.UNRESERVE_RESOURCES: self._unreserve,
            T.CREATE_VOLUMES: self._create,
            T.DESTROY_VOLUMES: self._destroy,
        }

    async def _reserve(self, call: master.Call) -> Reply:
        asked = call.reserve_resources
        assert isinstance(asked, master.CallReserveResources)
        reserve = mesos.OfferOperationReserve(resources=asked.resources, source=asked.source)
        return await self._accepted(asked.agent_id, mesos.OfferOperation(type=_Kind.RESERVE, reserve=reserve))

    async def _unreserve(self, call: master.Call) -> Reply:
        asked = call.unreserve_resources
        assert isinstance(asked, master.CallUnreserveResources)
        unreserve = mesos.OfferOperationUnreserve(resources=asked.resources)
        return await self._accepted(
            asked.agent_id, mesos.OfferOperation(type=_Kind.UNRESERVE, unreserve=unreserve)
        )

    async def _create(self, call: master.Call) -> Reply:
        asked = call.create_volumes
        assert isinstance(asked, master.CallCreateVolumes)
        create = mesos.OfferOperationCreate(volumes=asked.volumes)
        return await self._accepted(asked.agent_id, mesos.OfferOperation(type=_Kind.CREATE, create=create))

    async def _destroy(self, call: master.Call) -> Reply:
        asked = call.destroy_volumes
        assert isinstance(asked, master.CallDestroyVolumes)
        destroy = mesos.OfferOperationDestroy(volumes=asked.volumes)
        return await self._accepted(asked.agent_id, mesos.OfferOperation(type=_Kind.DESTROY, destroy=destroy))

    async def _accepted(self, agent_id: mesos.AgentID, info: mesos.OfferOperation) -> Reply:
        await self._reservations.carry_out(agent_id.value, info)
        return Answer(202)
