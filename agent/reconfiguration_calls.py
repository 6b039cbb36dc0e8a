"""RECONFIGURE of the operator API, and its answer: what would become, or became, of a configuration.

No HTTP here: `agent.operator_api` is the edge. What may change is for `agent.host`; where it is read, and to
whom it is told, for who builds the agent.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from msgspec import UNSET

from agent.host.outcome import ConfigurationUnreadable, Outcome, Reconfigurable
from api.wire.http_rules import Rejection
from api.wire.v1 import agent as wire

C, R = wire.CallType, wire.ResponseType


class ReconfigurationCalls:
    """RECONFIGURE."""

    def __init__(self, agent: Reconfigurable) -> None:
        self._agent = agent
        self._handlers: Mapping[
            wire.CallType, Callable[[wire.Call], Awaitable[wire.Response | Rejection]]
        ] = {C.RECONFIGURE: self._reconfigure}

    def serves(self, call: wire.Call) -> bool:
        """Whether `handle` answers this type of call."""
        return call.type in self._handlers

    async def handle(self, call: wire.Call) -> wire.Response | Rejection:
        """The answer to a call that is valid."""
        assert call.type is not UNSET, "check_call refuses calls without a type"
        return await self._handlers[call.type](call)

    async def _reconfigure(self, call: wire.Call) -> wire.Response | Rejection:
        """200 also for a dry run that says that it would be refused; 409 when it is."""
        asked = call.reconfigure
        dry_run = asked is not UNSET and asked.dry_run is True
        try:
            outcome = await self._agent.reconfigure(dry_run=dry_run)
        except ConfigurationUnreadable as error:
            return Rejection(400, f"nothing is applied: {error}")
        if outcome.refusal is not None and not dry_run:
            return Rejection(409, outcome.refusal)
        return wire.Response(type=R.RECONFIGURE, reconfigure=_as_wire(outcome))


def _as_wire(outcome: Outcome) -> wire.ResponseReconfigure:
    changes = [
        wire.ResponseReconfigureChange(
            what=each.difference.what,
            old=each.difference.old or UNSET,
            new=each.difference.new or UNSET,
            verdict=each.verdict.value,
        )
        for each in outcome.changes
    ]
    return wire.ResponseReconfigure(
        changes=changes,
        applied=outcome.applied,
        refusal=UNSET if outcome.refusal is None else outcome.refusal,
        notes=list(outcome.notes),
    )
