"""The model operator's hand that reserves on agents and gives it back, by operators' own calls.

The same call again is another operation, so a call without an answer is not repeated: what is reserved tells.
In the end all of it is given back.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from api.model.errors import InvalidRequest, StaleView
from api.model.operation import Operation, Reserve, Unreserve
from api.model.resource import Reservation, Resource
from api.model.values import Scalar
from api.wire.convert_operations import operation_to_wire
from orchestrator.daemon import Orchestrator
from tests.simulation.parts import NoAnswer
from tests.simulation.trace import Trace

ROLES = ("default", "red", "nobody")
MARK = "the operator"
"""The principal of what this hand reserved."""

MOST_MILLI = 200_000
"""Of a pool or a scalar: there has to be something left for the others."""

Ask = Callable[[Callable[[Orchestrator], Awaitable[Any]]], Awaitable[Any]]


@dataclass(frozen=True)
class Found:
    agent_id: str
    resource: Resource

    @property
    def is_ours(self) -> bool:
        return self.resource.is_reserved and self.resource.reservations[-1].principal == MARK


class ReservingHand:
    """One operator's. `ask`: makes a call once; raises NoAnswer."""

    def __init__(self, seed: int, trace: Trace, ask: Ask) -> None:
        self._dice = random.Random(f"{seed}-reservations")
        self._trace = trace
        self._ask = ask
        self.done: Counter[str] = Counter()

    async def run(self, is_over: Callable[[], bool]) -> None:
        """Reserve and give back until `is_over`; then give back what there still is, again and again."""
        while True:
            await asyncio.sleep(self._dice.uniform(0.3, 4.0))
            found = await self._found()
            ours = [each for each in found if each.is_ours]
            if is_over():
                for each in ours:
                    await self._unreserve(each)
            elif ours and self._dice.random() < 0.5:
                await self._unreserve(self._dice.choice(ours))
            elif free := [each for each in found if not each.resource.is_reserved]:
                await self._reserve(self._dice.choice(free))

    async def _reserve(self, found: Found) -> None:
        milli = self._dice.randrange(1, min(found.resource.milli, MOST_MILLI) + 1)
        role = Reservation(self._dice.choice(ROLES), dynamic=True, principal=MARK)
        piece = found.resource.with_value(Scalar(milli)).push_reservation(role)
        await self._carry_out(found.agent_id, Reserve((piece,)), "reserved")

    async def _unreserve(self, found: Found) -> None:
        await self._carry_out(found.agent_id, Unreserve((found.resource,)), "given back")

    async def _carry_out(self, agent_id: str, operation: Operation, done: str) -> None:
        info = operation_to_wire(operation)
        try:
            await self._ask(lambda rooms: rooms.reservations.carry_out(agent_id, info))
        except NoAnswer:
            self.done["unanswered"] += 1
        except (StaleView, InvalidRequest) as refusal:
            self.done["refused"] += 1
            self._trace.note("operator", f"{operation} is refused: {refusal}"[:160])
        else:
            self.done[done] += 1
            self._trace.note("operator", f"{operation}")

    async def _found(self) -> list[Found]:
        """Scalars and pools that there are, as far as anybody answers."""
        try:
            found: list[Found] = await self._ask(_scalars)
        except NoAnswer:
            return []
        return found


async def _scalars(rooms: Orchestrator) -> list[Found]:
    return [
        Found(agent.agent_id, resource)
        for agent in rooms.state.agents.values()
        if agent.connected
        for resource in agent.total().divisible
        if isinstance(resource.value, Scalar) and (resource.disk is None or resource.disk.is_pool)
    ]
