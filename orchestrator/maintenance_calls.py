"""The operator's calls on maintenance: what comes in is passed on to `machines`, what is there is shown.

Must not: decide what may be scheduled, started or stopped.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from api.wire.v1 import master
from orchestrator.journal import Journal
from orchestrator.machines import Machines
from orchestrator.replies import Answer, Reply, told

T = master.CallType
R = master.ResponseType


class MaintenanceCalls:
    """Each of them as a handler of the operator API."""

    def __init__(self, machines: Machines, journal: Journal) -> None:
        self._machines = machines
        self._journal = journal

    def handlers(self) -> Mapping[T, Callable[[master.Call], Awaitable[Reply]]]:
        return {
            T.GET_MAINTENANCE_SCHEDULE: self._get_schedule,
            T.GET_MAINTENANCE_STATUS: self._get_status,
            T.UPDATE_MAINTENANCE_SCHEDULE: self._update_schedule,
            T.START_MAINTENANCE: self._start,
            T.STOP_MAINTENANCE: self._stop,
        }

    async def _get_schedule(self, call: master.Call) -> Reply:
        await self._journal.barrier()
        shown = master.ResponseGetMaintenanceSchedule(schedule=self._machines.schedule())
        return told(R.GET_MAINTENANCE_SCHEDULE, shown)

    async def _get_status(self, call: master.Call) -> Reply:
        await self._journal.barrier()
        shown = master.ResponseGetMaintenanceStatus(status=self._machines.status())
        return told(R.GET_MAINTENANCE_STATUS, shown)

    async def _update_schedule(self, call: master.Call) -> Reply:
        assert isinstance(call.update_maintenance_schedule, master.CallUpdateMaintenanceSchedule)
        await self._machines.update_schedule(call.update_maintenance_schedule.schedule)
        return Answer(200)

    async def _start(self, call: master.Call) -> Reply:
        assert isinstance(call.start_maintenance, master.CallStartMaintenance)
        await self._machines.start(call.start_maintenance.machines)
        return Answer(200)

    async def _stop(self, call: master.Call) -> Reply:
        assert isinstance(call.stop_maintenance, master.CallStopMaintenance)
        await self._machines.stop(call.stop_maintenance.machines)
        return Answer(200)
