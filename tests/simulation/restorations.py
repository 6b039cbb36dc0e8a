"""A registry that is lost and put back from a backup: in some seeds, once.

The backup is taken at some moment while all goes on; later all orchestrators end, and what they find when
they start is the backup, made ready as `orlop registry restore` does. What an operator does then is here too:
what the differences say.
"""

from __future__ import annotations

import asyncio
import random
import re
from typing import TYPE_CHECKING

import msgspec

from api.model.errors import InvalidRequest, StaleView
from api.wire.v1 import master, mesos
from orchestrator.daemon import Orchestrator
from orchestrator.effects import TERMINAL_STATES
from orchestrator.gone_agents import UnknownAgent
from orchestrator.restoration import Kind, restored
from orchestrator.volume_requests import NoSuchVolume, VolumeConflict
from orchestrator.withdrawal import NotNow
from tests.simulation.acts import Act
from tests.simulation.parts import NoAnswer
from tests.simulation.trace import Broken

if TYPE_CHECKING:
    from tests.simulation.cluster import Cluster

SHARE = 0.15
"""Of the seeds in which it happens."""

REGISTRY = "registry"
BACK_UP, RESTORE = "back up", "restore"

_ADOPT = re.compile(r"orlop volume adopt (\S+) --name (\S+) --role (\S+?)`")


class Restorations:
    """See the module."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._dice = random.Random(f"{cluster.seed}-restorations")
        self._plays = self._dice.random() < SHARE
        self._copy: tuple[bytes, float] | None = None
        self.done = 0
        """How often the registry was put back."""
        self._gone: list[str] = []
        """Agents that were removed for good before it was lost."""
        self._ends: dict[bytes, str] = {}
        """How operations of frameworks had ended before it was lost, as far as that was written."""

    def acts(self, seconds: float) -> tuple[Act, ...]:
        """When it happens, if it does."""
        if not self._plays:
            return ()
        taken, lost = sorted(self._dice.uniform(0.0, seconds) for _ in range(2))
        down = self._dice.choice((0.2, 2.0, 10.0))
        return Act(taken, BACK_UP, REGISTRY), Act(lost, RESTORE, REGISTRY, seconds=down)

    def back_up(self, act: Act) -> None:
        self._copy = self._cluster.orchestrator.disk.image(), self._cluster.loop.time()

    def restore(self, act: Act) -> None:
        """All orchestrators end; the registry is the backup. Nothing when none was made."""
        if self._copy is None:
            return
        cluster, disk = self._cluster, self._cluster.orchestrator.disk
        for part in cluster.orchestrator.parts:
            part.kill(act.seconds)
        self._gone += [agent_id for (agent_id,) in disk.query("SELECT agent_id FROM gone_agents")]
        self._ends.update(self._written_ends())
        image, taken = self._copy
        disk.restore(image)
        with disk.connection.begin():
            restored(disk.connection, taken, cluster.loop.time())
        if cluster.server is not None:
            cluster.server.restored()
        self.done += 1
        cluster.invariants.restored()
        cluster.operator.restored()
        for framework in cluster.frameworks:
            framework.killed.clear()  # who asked for it knows no more whether that is written

    def check(self) -> None:
        """An operation ends as it had ended before. Raises Broken."""
        if not self.done or not self._ends:
            return
        for uuid, state in self._written_ends().items():
            before = self._ends.get(uuid, state)
            if before != state:
                raise Broken(f"operation {uuid.hex()} had ended as {before}; restored, it ends as {state}")

    def _written_ends(self) -> dict[bytes, str]:
        found = self._cluster.orchestrator.disk.query(
            "SELECT uuid, statuses FROM operations WHERE terminal AND operation_id IS NOT NULL"
        )
        ends: dict[bytes, str] = {}
        for uuid, statuses in found:
            told = msgspec.msgpack.decode(statuses, type=list[mesos.OperationStatus])
            ends[uuid] = next(str(each.state) for each in told if each.state in TERMINAL_STATES)
        return ends

    # The operator's hand.

    async def run(self) -> None:
        """Do what the differences say to do, again and again."""
        while True:
            await asyncio.sleep(3.0)
            if not self.done:
                continue
            try:
                for agent_id in self._gone:
                    await self._cluster.orchestrator.ask(lambda rooms, gone=agent_id: _give_up(rooms, gone))
                for call in await self._cluster.orchestrator.ask(_unknown_volumes):
                    await self._adopt(call)
            except NoAnswer:
                continue

    async def _adopt(self, call: master.CallAdoptVolume) -> None:
        try:
            await self._cluster.orchestrator.ask(lambda rooms: rooms.adoptions.adopt(call))
        except (NoSuchVolume, VolumeConflict, InvalidRequest, StaleView) as refusal:
            self._cluster.trace.note("operator", f"{call.name} is not adopted: {refusal}"[:160])
        else:
            self._cluster.trace.note("operator", f"{call.name} is an operator's again")


async def _give_up(rooms: Orchestrator, agent_id: str) -> None:
    """One that was given up before, and that the backup still knows."""
    if agent_id in rooms.state.agents:
        try:
            await rooms.draining.mark_gone(agent_id)
        except (NotNow, UnknownAgent):
            pass


async def _unknown_volumes(rooms: Orchestrator) -> list[master.CallAdoptVolume]:
    """The operators' among them; a framework's own are left to it."""
    told = [each.message for each in rooms.restoration.found if each.kind is Kind.VOLUME_UNKNOWN]
    found = [match.groups() for message in told if (match := _ADOPT.search(message)) is not None]
    return [
        master.CallAdoptVolume(source_id=source, name=name, role=role)
        for source, name, role in found
        if name.startswith("op-")
    ]
