"""What an agent finds on its host of former lives, kept until it is settled, and told to operators.

    first start in this directory  ->  what `remains` sees of a former agent, durably
    boot id is another one         ->  which tasks and containers ended with the host, until the next start
    every start, every 10 seconds  ->  what is settled is told no more

It changes nothing on the host: each finding says what its operator can do. A `Service` of the agent, and the
first one: after it come those that mount and start things of their own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from agent.host import findings
from agent.host.findings import Finding, Kind
from agent.host.remains import Remains
from agent.schema import host_findings, host_life
from api.wire.v1 import mesos
from store.port import Change, Store

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 10.0
"""Between two looks whether what was found is settled; after a start they are closer."""
FINDINGS_LIMIT: Final = 200
"""So many are kept and told; the log has all of them."""
KEPT: Final = (Kind.LOOP_DEVICE, Kind.MOUNT, Kind.PROCESSES)
"""Kinds that are durable: what a former agent left can be told only while this one has made nothing yet."""


@dataclass(frozen=True, slots=True)
class Life:
    """What an agent knows as it starts. `tasks`, `containers`: of former boots, by their names for people;
    `found`: the ids of the containers that there are; `orphans`: those of them that nothing knows;
    `providers`: names of the providers that know their volumes."""

    boot_id: str
    tasks: Collection[str] = ()
    containers: Collection[str] = ()
    found: Collection[str] = ()
    orphans: Collection[str] = ()
    providers: Collection[str] = ()


class HostHistory:
    """The findings of one agent."""

    def __init__(
        self,
        store: Store,
        remains: Remains,
        life: Callable[[], Life],
        disks: Callable[[], Collection[str]],
        changed: Callable[[], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """`life` is asked once, at the start; `disks` are the ids of those that providers have; `changed` is
        told whenever the findings are others, `failed` what the agent cannot live with."""
        self._store = store
        self._remains = remains
        self._life = life
        self._disks = disks
        self._changed = changed
        self._failed = failed
        self._findings: list[Finding] = []
        self._job: asyncio.Task[None] | None = None

    @property
    def told(self) -> list[mesos.HostFinding]:
        """All there is to be told now."""
        shown = self._findings[:FINDINGS_LIMIT]
        return [mesos.HostFinding(kind=each.kind.value, what=each.what, advice=each.advice) for each in shown]

    async def start(self) -> None:
        """Look, write down what must not be forgotten, and say all of it in the log. Raises StoreFailed."""
        life, before = self._life(), self._store.read(_boot)
        if before is None:
            found = _once_each(self._remains.of_former_agent(life.found, life.providers))
            kept = [each for each in found if each.kind in KEPT][:FINDINGS_LIMIT]
            await self._store.write(_saved(life.boot_id), *map(_added, kept))
            if life.orphans:
                found.insert(0, findings.removed_containers(sorted(life.orphans)))
        else:
            found = self._store.read(_kept)
            if before != life.boot_id:
                found.insert(0, findings.rebooted(before, life.boot_id, [*life.tasks], [*life.containers]))
                await self._store.write(_saved(life.boot_id))
        self._findings = self._left(found)
        for each in self._findings:
            log.warning("found: %s. What to do: %s", each.what, each.advice)
        self._job = asyncio.create_task(self._look(), name="host-history")

    async def stop(self) -> None:
        """Look no more."""
        if self._job is not None:
            self._job.cancel()
            await asyncio.gather(self._job, return_exceptions=True)

    async def look(self) -> None:
        """See what is settled, and which volumes' directories nobody knows."""
        others = [each for each in self._findings if each.kind is not Kind.VOLUME]
        now = self._left(others) + self._remains.volumes()
        if now == self._findings:
            return
        places = {(each.kind, each.place) for each in now}
        for each in self._findings:
            if (each.kind, each.place) not in places:
                log.info("settled: %s", each.what)
                await self._store.write(_removed(each))
        known = {(each.kind, each.place) for each in self._findings}
        for each in now:
            if (each.kind, each.place) not in known:
                log.warning("found: %s. What to do: %s", each.what, each.advice)
        self._findings = now
        self._changed()

    def _left(self, found: list[Finding]) -> list[Finding]:
        if not found:
            return []
        seen, disks = self._remains.look(), self._disks()
        now = (self._remains.still_there(each, seen, disks) for each in found)
        return [each for each in now if each is not None]

    async def _look(self) -> None:
        pause = 1.0
        while True:
            await asyncio.sleep(pause)
            try:
                await self.look()
            except OSError as error:
                log.error("it cannot be seen what former lives left: %s", error)
            except Exception as error:
                self._failed(error)
                return
            pause = min(LOOK_SECONDS, 2 * pause)


def _once_each(found: list[Finding]) -> list[Finding]:
    """One file may be under two loop devices: the second is told when the first is settled."""
    first: dict[tuple[Kind, str], Finding] = {}
    for each in found:
        first.setdefault((each.kind, each.place), each)
    return list(first.values())


def _boot(connection: Connection) -> str | None:
    row = connection.execute(select(host_life)).one_or_none()
    return None if row is None else str(row.boot_id)


def _saved(boot_id: str) -> Change:
    statement = upsert(host_life).values(row=1, boot_id=boot_id)
    statement = statement.on_conflict_do_update(index_elements=["row"], set_={"boot_id": boot_id})
    return lambda connection: connection.execute(statement)


def _kept(connection: Connection) -> list[Finding]:
    rows = connection.execute(select(host_findings).order_by(host_findings.c.kind, host_findings.c.place))
    return [Finding(Kind(row.kind), row.place, row.what, row.advice) for row in rows]


def _added(finding: Finding) -> Change:
    statement = insert(host_findings).values(
        kind=finding.kind.value, place=finding.place, what=finding.what, advice=finding.advice
    )
    return lambda connection: connection.execute(statement)


def _removed(finding: Finding) -> Change:
    table = host_findings
    statement = delete(table).where(table.c.kind == finding.kind.value, table.c.place == finding.place)
    return lambda connection: connection.execute(statement)
