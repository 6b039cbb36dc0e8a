"""The registry: agents (admitted, withdrawn, gone), frameworks, quota and weights of roles, and the epoch.

It keeps what was admitted, not whether it is here now: that is knowledge, and lives in `state`. It keeps what
was set, not whether it may be: `quota` and `weights` judge that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import mesos
from orchestrator import schema
from orchestrator.allocator import DEFAULT_WEIGHT, Quota
from orchestrator.withdrawal import Drain, Mode, Withdrawal
from store.port import Change, Store

REMOVED_FRAMEWORKS_LIMIT = 1_000
"""Removed frameworks that are remembered, so that they are refused when they come back. The
oldest are forgotten beyond it and would then be admitted as new ones under their old id."""


@dataclass(slots=True)
class FrameworkRecord:
    info: mesos.FrameworkInfo
    registered: float
    removed: float | None = None


GONE_AGENTS_LIMIT = 10_000
"""Agents that operators removed for good and that are remembered. The oldest are forgotten beyond it: one of
those that comes back is refused as one that was never known, and does not end its tasks by itself."""

GONE_PROVIDERS_LIMIT = 10_000
"""Resource providers that operators removed for good and that are remembered. The oldest are forgotten
beyond it: what is asked about them then is answered as for one that was never known."""


class Registrar:
    """What was admitted and set: in memory what is on disk."""

    def __init__(self) -> None:
        self.agents: dict[str, mesos.AgentInfo] = {}
        self.frameworks: dict[str, FrameworkRecord] = {}
        self.withdrawn: dict[str, Withdrawal] = {}
        """Agents that are not ACTIVE, and not gone either."""
        self.gone_agents: dict[str, str] = {}
        """Those that operators removed for good, oldest first, and their hostnames."""
        self.gone_providers: dict[tuple[str, str], float] = {}
        """(agent id, provider id) of those that operators removed for good, and when."""
        self.quotas: dict[str, Quota] = {}
        self.weights: dict[str, int] = {}
        """By role, in thousandths; those that an operator set."""

    def load(self, store: Store) -> None:
        """Fill memory from disk. Once, at start."""
        store.read(self._load)

    def admit_agent(self, info: mesos.AgentInfo, now: float) -> Change | None:
        """Admit an agent, or record its changed info; None when it is as it is known. `info.id` is set."""
        assert isinstance(info.id, mesos.AgentID)
        agent_id = info.id.value
        if self.agents.get(agent_id) == info:
            return None
        self.agents[agent_id] = info
        blob = encode_msgpack(info)
        query = insert(schema.agents).values(agent_id=agent_id, info=blob, admitted=now)
        query = query.on_conflict_do_update(index_elements=["agent_id"], set_={"info": blob})
        return lambda connection: connection.execute(query)

    def withdraw(self, agent_id: str, withdrawal: Withdrawal) -> Change:
        """Record an agent's mode; ACTIVE needs none."""
        table = schema.withdrawn_agents
        if withdrawal.mode is Mode.ACTIVE:
            self.withdrawn.pop(agent_id, None)
            forget = delete(table).where(table.c.agent_id == agent_id)
            return lambda connection: connection.execute(forget)
        self.withdrawn[agent_id] = withdrawal
        drain = withdrawal.drain
        values = {
            "mode": str(withdrawal.mode),
            "uuid": None if drain is None else drain.uuid,
            "config": None if drain is None else encode_msgpack(drain.config),
            "since": withdrawal.since,
        }
        query = insert(table).values(agent_id=agent_id, **values)
        query = query.on_conflict_do_update(index_elements=["agent_id"], set_=values)
        return lambda connection: connection.execute(query)

    def agent_gone(self, agent_id: str, hostname: str, now: float) -> Change:
        """Record that an operator removed an agent for good, with all that is said of it alone."""
        self.agents.pop(agent_id, None)
        self.withdrawn.pop(agent_id, None)
        self.gone_agents[agent_id] = hostname
        forgotten = list(self.gone_agents)[: max(0, len(self.gone_agents) - GONE_AGENTS_LIMIT)]
        for each in forgotten:
            del self.gone_agents[each]
        table = schema.gone_agents

        def change(connection: Connection) -> None:
            for owned in (schema.agents, schema.withdrawn_agents):
                connection.execute(delete(owned).where(owned.c.agent_id == agent_id))
            connection.execute(insert(table).values(agent_id=agent_id, hostname=hostname, gone=now))
            if forgotten:
                connection.execute(delete(table).where(table.c.agent_id.in_(forgotten)))

        return change

    def admit_framework(self, info: mesos.FrameworkInfo, now: float) -> Change:
        """Admit a framework, or record its changed info. `info.id` is set."""
        assert isinstance(info.id, mesos.FrameworkID)
        framework_id = info.id.value
        known = self.frameworks.get(framework_id)
        self.frameworks[framework_id] = FrameworkRecord(info, known.registered if known else now)
        blob = encode_msgpack(info)
        query = insert(schema.frameworks).values(
            framework_id=framework_id, info=blob, registered=now, removed=None
        )
        query = query.on_conflict_do_update(index_elements=["framework_id"], set_={"info": blob})
        return lambda connection: connection.execute(query)

    def remove_framework(self, framework_id: str, now: float) -> Change:
        """Record that a framework is gone for good."""
        self.frameworks[framework_id].removed = now
        removed = [key for key, record in self.frameworks.items() if record.removed is not None]
        forgotten = removed[: max(0, len(removed) - REMOVED_FRAMEWORKS_LIMIT)]
        for key in forgotten:
            del self.frameworks[key]
        table = schema.frameworks

        def change(connection: Connection) -> None:
            connection.execute(update(table).where(table.c.framework_id == framework_id).values(removed=now))
            if forgotten:
                connection.execute(delete(table).where(table.c.framework_id.in_(forgotten)))

        return change

    def provider_gone(self, agent_id: str, provider_id: str, now: float) -> Change | None:
        """Record that an operator removed a provider for good; None when that is known."""
        key = (agent_id, provider_id)
        if key in self.gone_providers:
            return None
        self.gone_providers[key] = now
        forgotten = None
        if len(self.gone_providers) > GONE_PROVIDERS_LIMIT:
            forgotten = next(iter(self.gone_providers))
            del self.gone_providers[forgotten]
        table = schema.gone_providers

        def change(connection: Connection) -> None:
            row = {"agent_id": agent_id, "provider_id": provider_id, "gone": now}
            connection.execute(insert(table).values(row))
            if forgotten is not None:
                is_it = (table.c.agent_id == forgotten[0], table.c.provider_id == forgotten[1])
                connection.execute(delete(table).where(*is_it))

        return change

    def set_quota(self, role: str, quota: Quota) -> Change:
        """Record a role's quota; an empty one is forgotten."""
        table = schema.quotas
        if not quota:
            self.quotas.pop(role, None)
            return lambda connection: connection.execute(delete(table).where(table.c.role == role))
        self.quotas[role] = quota
        blob = msgspec.msgpack.encode(quota)
        query = insert(table).values(role=role, quota=blob)
        query = query.on_conflict_do_update(index_elements=["role"], set_={"quota": blob})
        return lambda connection: connection.execute(query)

    def set_weight(self, role: str, milli: int) -> Change:
        """Record a role's weight, in thousandths; the default one is no weight of its own."""
        if milli == DEFAULT_WEIGHT:
            self.weights.pop(role, None)
            forget = delete(schema.weights).where(schema.weights.c.role == role)
            return lambda connection: connection.execute(forget)
        self.weights[role] = milli
        query = insert(schema.weights).values(role=role, milli=milli)
        query = query.on_conflict_do_update(index_elements=["role"], set_={"milli": milli})
        return lambda connection: connection.execute(query)

    def _load(self, connection: Connection) -> None:
        for row in connection.execute(select(schema.agents)):
            self.agents[row.agent_id] = decode_msgpack(mesos.AgentInfo, row.info)
        for row in connection.execute(select(schema.withdrawn_agents)):
            self.withdrawn[row.agent_id] = _withdrawal(row)
        left = schema.gone_agents
        for row in connection.execute(select(left).order_by(left.c.gone)):
            self.gone_agents[row.agent_id] = row.hostname
        table = schema.frameworks
        for row in connection.execute(select(table).order_by(table.c.registered)):
            info = decode_msgpack(mesos.FrameworkInfo, row.info)
            self.frameworks[row.framework_id] = FrameworkRecord(info, row.registered, row.removed)
        gone = schema.gone_providers
        for row in connection.execute(select(gone).order_by(gone.c.gone)):
            self.gone_providers[row.agent_id, row.provider_id] = row.gone
        for row in connection.execute(select(schema.quotas).order_by(schema.quotas.c.role)):
            self.quotas[row.role] = msgspec.msgpack.decode(row.quota, type=Quota)
        for row in connection.execute(select(schema.weights).order_by(schema.weights.c.role)):
            self.weights[row.role] = row.milli


def _withdrawal(row: Row[Any]) -> Withdrawal:
    drain = None if row.uuid is None else Drain(row.uuid, decode_msgpack(mesos.DrainConfig, row.config))
    return Withdrawal(Mode(row.mode), drain, row.since)
