"""GET_DEVICES: what an agent's operator is shown of the host's disks. No HTTP here, and nothing is
decided."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import UNSET

from agent.devices.keeper import DeviceKeeper
from agent.devices.plan import Row
from api.wire.v1 import agent as wire

C, R = wire.CallType, wire.ResponseType
Wire = wire.ResponseGetDevicesDevice


class DeviceCalls:
    """The calls on devices (`agent.operator_api.CallGroup`)."""

    def __init__(self, keeper: DeviceKeeper) -> None:
        self._keeper = keeper
        self._handlers: Mapping[wire.CallType, Callable[[], Awaitable[wire.Response]]] = {
            C.GET_DEVICES: self._get
        }

    def serves(self, call: wire.Call) -> bool:
        """Whether `handle` answers this type of call."""
        return call.type in self._handlers

    async def handle(self, call: wire.Call) -> wire.Response:
        """The answer to a call."""
        assert call.type is not UNSET, "check_call refuses calls without a type"
        return await self._handlers[call.type]()

    async def _get(self) -> wire.Response:
        """All devices, looked at for this answer."""
        rows = await self._keeper.rows()
        found = wire.ResponseGetDevices(
            devices=[_shown(row) for row in rows], message=self._keeper.problem or UNSET
        )
        return wire.Response(type=R.GET_DEVICES, get_devices=found)


def _shown(row: Row) -> Wire:
    record, rule = row.record, row.rule
    shown = Wire(path="" if record is None else record.path, state=str(row.state), message=row.why or UNSET)
    if record is not None:
        shown.pool = UNSET if record.whole else record.pool_id
        shown.provider, shown.size = record.provider, record.size
        shown.rule, shown.use, shown.identity = record.rule, record.use, record.identity or UNSET
    elif rule is not None:
        shown.rule, shown.use = rule.name, str(rule.use)
    if row.sight is not None:
        device, contents = row.sight.device, row.sight.contents
        shown.path, shown.kind, shown.size = device.path, str(device.kind), device.size
        shown.model, shown.identity = device.model or UNSET, device.identity or UNSET
        shown.rotational, shown.read_only = device.rotational, device.read_only
        shown.links = list(device.links)
        if record is not None and record.whole:
            shown.contents = "offered whole"
        elif record is not None:
            shown.contents = f"pool {record.pool_id}"
        elif device.volume:
            shown.contents = "a volume of a pool"
        elif contents is not None:
            shown.contents = contents.what or contents.busy or contents.unreadable or "nothing"
        elif row.sight.busy:
            shown.contents = row.sight.busy
    return shown
