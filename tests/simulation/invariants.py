"""What must hold, worked out from the ground: disks, plugins, containers, and everybody's books.

`check` holds at any moment, `left` says what is not yet gone after everything was destroyed,
`check_end` compares the books when nothing moves any more.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from uuid import UUID

from api.model.operation import CreateDisk
from api.model.resources import Resources
from orchestrator.daemon import Orchestrator
from orchestrator.operations import TERMINAL_STATES
from provider.calls import volume_name
from tests.simulation.departures import Departed
from tests.simulation.trace import Broken

if TYPE_CHECKING:
    from tests.simulation.agents import AgentPart
    from tests.simulation.cluster import Cluster
    from tests.simulation.frameworks import FrameworkPart

EMPTY_TABLES = (
    "tasks",
    "task_statuses",
    "operations",
    "volumes",
    "holders",
    "disks",
    "launches",
    "task_ends",
    "kills",
    "executors",
    "shutdowns",
    "provisionings",
)
"""Tables (without prefix) that hold nothing when everything was destroyed and acknowledged."""

KEPT_TABLES = ("operations",)
"""The orchestrator keeps ended and acknowledged operations, up to a limit."""


def require(holds: object, what: str) -> None:
    """Raises Broken unless `holds`."""
    if not holds:
        raise Broken(what)


class Invariants:
    """See the module."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._seen: dict[str, tuple[int, int]] = {}
        self._departures = Departed(cluster)
        self._ended: dict[bytes, bytes] = {}
        """What was seen to be written of operations that have ended."""

    # At any moment.

    def check(self) -> None:
        """Raises Broken, InvariantBroken or AssertionError."""
        self._check_ledger()
        for part in self._cluster.orchestrator.parts:
            if part.standby is not None:
                part.standby.check()
        rooms = self._cluster.orchestrator.rooms
        if rooms is not None:
            rooms.allocator.validate()
            self._check_offers(rooms)
            self._check_operations(rooms)
            self._departures.check(rooms)
        for agent in self._cluster.agents:
            if agent.provider is not None:
                agent.provider.machine.validate_state()
            if agent.own is not None:
                agent.own.machine.validate_state()
            self._check_plugin(agent)

    def check_recovered(self, rooms: Orchestrator) -> None:
        """Who begins to lead knows all that is written. Raises Broken."""
        ledger, volumes = rooms.ledger, rooms.provisioning.volumes
        known = {
            "operations": len(ledger.operations),
            "launches": len(ledger.launches),
            "kills": len(ledger.kills),
            "shutdowns": len(ledger.shutdowns),
            "provisionings": len(volumes),
        }
        for table, count in known.items():
            ((written,),) = self._cluster.orchestrator.disk.query(f"SELECT count(*) FROM {table}")
            what = f"epoch {rooms.epoch} begins with {count} of {written} {table}"
            self._cluster.trace.require(count == written, what)

    def _check_offers(self, rooms: Orchestrator) -> None:
        """What is offered of an agent is there, and no disk is offered twice."""
        for agent in rooms.state.agents.values():
            offered = rooms.offers.of_agent(agent.agent_id)
            seen: set[str] = set()
            total, together = agent.total(), Resources()
            for offer in offered:
                together = together + offer.resources
                require(total.contains(offer.resources), f"{offer.resources} is offered, there is {total}")
                for resource in offer.resources:
                    source = resource.disk.source if resource.disk is not None else None
                    if source is not None and source.id is not None:
                        require(source.id not in seen, f"disk {source.id} is offered twice")
                        seen.add(source.id)

            require(total.contains(together), f"{together} is offered in all, there is {total}")

    def _check_operations(self, rooms: Orchestrator) -> None:
        """Each has at most one end, whoever leads; a provisioning has at most one volume."""
        made: dict[str, str] = {}
        for record in rooms.ledger.operations.values():
            ends = {str(each.state) for each in record.statuses if each.state in TERMINAL_STATES}
            require(len(ends) <= 1, f"operation {record.uuid.hex()} ended as {sorted(ends)}")
            if record.provisioning is not None:
                made[volume_name(UUID(bytes=record.uuid))] = record.provisioning
        volumes = Counter(
            made[volume.name]
            for agent in self._cluster.agents
            for volume in agent.plugin.disk.volumes.values()
            if volume.name in made
        )
        for name, count in volumes.items():
            require(count == 1, f"there are {count} volumes of the provisioning {name}")

    def _check_ledger(self) -> None:
        """What is written of an operation that has ended stays as it is, whoever leads."""
        ended = self._cluster.orchestrator.disk.query(
            "SELECT uuid, statuses FROM operations WHERE terminal AND abandoned IS NULL"
        )
        now = dict(ended)
        for uuid, statuses in self._ended.items():
            require(now.get(uuid, statuses) == statuses, f"operation {uuid.hex()} ended twice")
        again = self._cluster.orchestrator.disk.query("SELECT uuid FROM operations WHERE NOT terminal")
        for (uuid,) in again:
            require(uuid not in self._ended, f"operation {uuid.hex()} had ended, and has not")
        self._ended = now
        self._cluster.restorations.check()

    def restored(self) -> None:
        """The registry is an older one from here on."""
        self._ended.clear()

    def _check_plugin(self, agent: AgentPart) -> None:
        """What exists is known durably (or is being made), and what is known exists (or is being unmade)."""
        now = (agent.storage_disk.commits, len(agent.plugin.disk.requests))
        if agent.has_older or self._seen.get(agent.name) == now:
            return  # nothing was written and nothing was asked since the last look
        self._seen[agent.name] = now
        checkpoint = agent.checkpoint()
        known = {volume.id: volume for volume in checkpoint.volumes}
        creating = {
            volume_name(record.uuid)
            for record in checkpoint.operations
            if isinstance(record.operation, CreateDisk) and not record.state.is_terminal
        }
        for volume in agent.plugin.disk.volumes.values():
            require(
                volume.id in known or volume.name in creating,
                f"volume {volume.id} ({volume.name}) exists on {agent.name} and nobody knows",
            )
        for volume_id, record in known.items():
            exists = volume_id in agent.plugin.disk.volumes
            require(
                exists or str(record.state) == "DELETING", f"{volume_id} is {record.state} and does not exist"
            )

    # After everything was destroyed.

    def left(self) -> str | None:
        """The first thing that is not yet gone or not yet settled, None when all is."""
        cluster = self._cluster
        rooms = cluster.orchestrator.rooms
        if rooms is None:
            return "the orchestrator is down"
        for framework in cluster.frameworks:
            if framework.stream is None or not framework.stream.is_open:
                return f"{framework.name} is not connected"
            for asked in (*framework.operations.values(), *framework.tasks.values()):
                if not asked.ended:
                    return f"{framework.name} has heard nothing final of {asked.name} ({asked.about})"
        found = self._left_in(rooms)
        if found is not None:
            return found
        for agent in cluster.agents:
            found = self._left_on(agent, rooms)
            if found is not None:
                return found
        return None

    def _left_in(self, rooms: Orchestrator) -> str | None:
        for record in rooms.ledger.operations.values():
            if not record.terminal or not record.acknowledged:
                what = "acknowledged" if record.terminal else "ended"
                return f"operation {UUID(bytes=record.uuid)} ({record.info.type}) is not {what}"
        if rooms.ledger.launches:
            return f"launches {sorted(rooms.ledger.launches)}"
        for volume in rooms.provisioning.volumes.values():
            return f"volume {volume.name} is {volume.state}: {volume.message}"
        for task in rooms.state.tasks.values():
            return f"task {task.task_id} is {task.state} at the orchestrator"
        for executor in rooms.state.executors.values():
            return f"executor {executor.executor_id} on {executor.agent_id} is still charged"
        return None

    def _left_on(self, agent: AgentPart, rooms: Orchestrator) -> str | None:
        if agent.agent is None or agent.provider is None:
            return f"{agent.name} is down"
        if not agent.agent.link.connected:
            return f"{agent.name} is not connected"
        for volume in agent.plugin.disk.volumes.values():
            return f"volume {volume.id} exists on {agent.name}"
        plugin = agent.host.plugin_container
        others = sorted(c for c in agent.host.containers if c != plugin)
        if plugin is None or others:
            return f"containers on {agent.name}: {others}, the plugin's: {plugin}"
        for table, count in agent.rows().items():
            if count and table.removeprefix("provider_").removeprefix("own_") in EMPTY_TABLES:
                return f"{count} rows in {table} of {agent.name}"
        view = rooms.state.agents.get(agent.agent_id)
        if view is None or not view.connected or len(view.providers) != 2:
            return f"the orchestrator does not see all of {agent.name}"
        machine = agent.provider.machine
        if not any(True for _ in machine.totals.all()):
            return f"{agent.name} was set up anew, and has not read its capacity"
        for resource in machine.totals.all():
            if resource.reservations != machine.totals.defaults:
                return f"{resource} is reserved on {agent.name}"
        for resource in view.total():
            if resource.is_reserved and resource.provider_id is None:
                return f"{resource} is reserved on {agent.name}"
        if view.providers[machine.provider_id].totals.view != machine.totals.all():
            return f"the orchestrator sees other totals of {agent.name} than there are"
        return None

    def check_end(self) -> None:
        """Nothing moves any more: all books say the same."""
        rooms = self._cluster.orchestrator.rooms
        assert rooms is not None
        self.check()
        for agent in self._cluster.agents:
            self._check_totals(agent)
        self._check_books(rooms)
        for framework in self._cluster.frameworks:
            self._check_told(framework, rooms)
            self._check_groups(framework)

    def _check_totals(self, agent: AgentPart) -> None:
        assert agent.provider is not None
        totals = agent.provider.machine.totals.all()
        capacity = agent.plugin.disk.capacity // 2**20
        pools = [resource for resource in totals if resource.disk is not None]
        for pool in pools:
            require(pool.disk is not None and pool.disk.is_pool, f"{pool} is left on {agent.name}")
            require(
                pool.milli == capacity * 1000, f"{pool} on {agent.name}, and its capacity is {capacity} MB"
            )
        require(len(pools) == 2, f"{agent.name} has the pools {[str(p) for p in pools]}")
        free = agent.files.directories
        require(not free or all(d.endswith("default") for d in free), f"directories are left: {sorted(free)}")

    def _check_books(self, rooms: Orchestrator) -> None:
        """Nobody is charged with anything but what is on offer."""
        offered: dict[str, Counter[str]] = {}
        for offer in rooms.offers.outstanding():
            amounts = rooms.allocator.quantities(offer.agent_id, offer.resources)
            offered.setdefault(offer.role, Counter()).update(amounts)
        for role in sorted({framework.role for framework in self._cluster.frameworks}):
            charged = {name: amount for name, amount in rooms.allocator.consumed(role).items() if amount}
            mine = {name: amount for name, amount in offered.get(role, Counter()).items() if amount}
            require(charged == mine, f"{role} is charged with {charged}, it is offered {mine}")

    def _check_told(self, framework: object, rooms: Orchestrator) -> None:
        """Each operation in the ledger: its owner was told that state, and no other."""
        told = {name: asked.told for name, asked in framework.operations.items()}  # type: ignore[attr-defined]
        for record in rooms.ledger.operations.values():
            if record.framework_id != framework.framework_id or record.operation_id is None:  # type: ignore[attr-defined]
                continue
            state = str(record.statuses[-1].state)
            require(
                told[record.operation_id] == [state],
                f"{record.operation_id} ended as {state}, its owner was told {told[record.operation_id]}",
            )

    def _check_groups(self, framework: FrameworkPart) -> None:
        """Of a group of which a task was refused, none has run."""
        refused = {asked.group for asked in framework.tasks.values() if asked.group and asked.refused}
        for asked in framework.tasks.values():
            require(
                not (asked.ran and asked.group in refused), f"{asked.name} ran, of its group one was refused"
            )
