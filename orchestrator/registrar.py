"""The registry: agents (admitted, withdrawn, gone), frameworks, quota and weights of roles, and the epoch.

It keeps what was admitted, not whether it is here now: that is knowledge, and lives in `state`. It keeps what
was set, not whether it may be: `quota` and `weights` judge that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Column, Row, bindparam, delete, insert, update
from sqlalchemy.sql.dml import Delete

from api.wire.codec import decode_msgpack, encode_msgpack
from api.wire.v1 import mesos
from orchestrator import schema
from orchestrator.agent_lives import Life
from orchestrator.allocator import DEFAULT_WEIGHT, Quota
from orchestrator.found_rows import Found
from orchestrator.withdrawal import Drain, Mode, Withdrawal
from store.port import Change, Run, Several
from store.upsert import upsert

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


def _forget(column: Column[Any], value: str) -> Delete:
    return delete(column.table).where(column == bindparam(value))


# Made once: making a statement costs more than running it.
_PUT_AGENT: Final = upsert(schema.agents, "info", "life", "life_id")
_FORGET_AGENT: Final = _forget(schema.agents.c.agent_id, "agent")
_PUT_WITHDRAWN: Final = upsert(schema.withdrawn_agents, "mode", "uuid", "config", "since")
_FORGET_WITHDRAWN: Final = _forget(schema.withdrawn_agents.c.agent_id, "agent")
_ADD_GONE_AGENT: Final = insert(schema.gone_agents)
_FORGET_GONE_AGENT: Final = _forget(schema.gone_agents.c.agent_id, "agent")
_PUT_FRAMEWORK: Final = upsert(schema.frameworks, "info")
_REMOVE_FRAMEWORK: Final = (
    update(schema.frameworks)
    .where(schema.frameworks.c.framework_id == bindparam("framework"))
    .values(removed=bindparam("now"))
)
_FORGET_FRAMEWORK: Final = _forget(schema.frameworks.c.framework_id, "framework")
_ADD_GONE_PROVIDER: Final = insert(schema.gone_providers)
_FORGET_GONE_PROVIDER: Final = _forget(schema.gone_providers.c.agent_id, "agent").where(
    schema.gone_providers.c.provider_id == bindparam("provider")
)
_PUT_QUOTA: Final = upsert(schema.quotas, "quota")
_FORGET_QUOTA: Final = _forget(schema.quotas.c.role, "its")
_PUT_WEIGHT: Final = upsert(schema.weights, "milli")
_FORGET_WEIGHT: Final = _forget(schema.weights.c.role, "its")


class Registrar:
    """What was admitted and set: in memory what is on disk."""

    def __init__(self) -> None:
        self.agents: dict[str, mesos.AgentInfo] = {}
        self.lives: dict[str, Life] = {}
        """Of agents, that of the process that registered last."""
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

    def load(self, found: Found) -> Iterator[None]:
        """Fill memory from disk. Once, at start; others may have a turn wherever it yields."""
        for row in found.rows(schema.agents):
            self.agents[row.agent_id] = decode_msgpack(mesos.AgentInfo, row.info)
            if row.life:
                self.lives[row.agent_id] = Life(row.life, row.life_id)
            yield
        for row in found.rows(schema.withdrawn_agents):
            self.withdrawn[row.agent_id] = _withdrawal(row)
            yield
        for row in found.rows(schema.gone_agents):
            self.gone_agents[row.agent_id] = row.hostname
            yield
        for row in found.rows(schema.frameworks):
            info = decode_msgpack(mesos.FrameworkInfo, row.info)
            self.frameworks[row.framework_id] = FrameworkRecord(info, row.registered, row.removed)
            yield
        for row in found.rows(schema.gone_providers):
            self.gone_providers[row.agent_id, row.provider_id] = row.gone
            yield
        for row in found.rows(schema.quotas):
            self.quotas[row.role] = msgspec.msgpack.decode(row.quota, type=Quota)
            yield
        for row in found.rows(schema.weights):
            self.weights[row.role] = row.milli
            yield

    def admit_agent(self, info: mesos.AgentInfo, now: float, life: Life | None = None) -> Change | None:
        """Admit an agent, or record its changed info; None when it is as it is known. `info.id` is set.

        `life`: of the process that speaks as it; None of the one that is known.
        """
        assert isinstance(info.id, mesos.AgentID)
        agent_id = info.id.value
        life = life or self.lives.get(agent_id)
        if self.agents.get(agent_id) == info and self.lives.get(agent_id) == life:
            return None
        self.agents[agent_id] = info
        if life is not None:
            self.lives[agent_id] = life
        number, life_id = (0, b"") if life is None else (life.number, life.id)
        row = {"agent_id": agent_id, "info": encode_msgpack(info), "admitted": now}
        return Run(_PUT_AGENT, {**row, "life": number, "life_id": life_id})

    def withdraw(self, agent_id: str, withdrawal: Withdrawal) -> Change:
        """Record an agent's mode; ACTIVE needs none."""
        if withdrawal.mode is Mode.ACTIVE:
            self.withdrawn.pop(agent_id, None)
            return Run(_FORGET_WITHDRAWN, {"agent": agent_id})
        self.withdrawn[agent_id] = withdrawal
        drain = withdrawal.drain
        row = {
            "agent_id": agent_id,
            "mode": str(withdrawal.mode),
            "uuid": None if drain is None else drain.uuid,
            "config": None if drain is None else encode_msgpack(drain.config),
            "since": withdrawal.since,
        }
        return Run(_PUT_WITHDRAWN, row)

    def agent_gone(self, agent_id: str, hostname: str, now: float) -> Change:
        """Record that an operator removed an agent for good, with all that is said of it alone."""
        self.agents.pop(agent_id, None)
        self.lives.pop(agent_id, None)
        self.withdrawn.pop(agent_id, None)
        self.gone_agents[agent_id] = hostname
        forgotten = list(self.gone_agents)[: max(0, len(self.gone_agents) - GONE_AGENTS_LIMIT)]
        for each in forgotten:
            del self.gone_agents[each]
        it = {"agent": agent_id}
        row = {"agent_id": agent_id, "hostname": hostname, "gone": now}
        left = [Run(_FORGET_GONE_AGENT, {"agent": each}) for each in forgotten]
        return Several((Run(_FORGET_AGENT, it), Run(_FORGET_WITHDRAWN, it), Run(_ADD_GONE_AGENT, row), *left))

    def admit_framework(self, info: mesos.FrameworkInfo, now: float) -> Change:
        """Admit a framework, or record its changed info. `info.id` is set."""
        assert isinstance(info.id, mesos.FrameworkID)
        framework_id = info.id.value
        known = self.frameworks.get(framework_id)
        self.frameworks[framework_id] = FrameworkRecord(info, known.registered if known else now)
        row = {"framework_id": framework_id, "info": encode_msgpack(info), "registered": now, "removed": None}
        return Run(_PUT_FRAMEWORK, row)

    def remove_framework(self, framework_id: str, now: float) -> Change:
        """Record that a framework is gone for good."""
        self.frameworks[framework_id].removed = now
        removed = [key for key, record in self.frameworks.items() if record.removed is not None]
        forgotten = removed[: max(0, len(removed) - REMOVED_FRAMEWORKS_LIMIT)]
        for key in forgotten:
            del self.frameworks[key]
        left = [Run(_FORGET_FRAMEWORK, {"framework": each}) for each in forgotten]
        return Several((Run(_REMOVE_FRAMEWORK, {"framework": framework_id, "now": now}), *left))

    def provider_gone(self, agent_id: str, provider_id: str, now: float) -> Change | None:
        """Record that an operator removed a provider for good; None when that is known."""
        key = (agent_id, provider_id)
        if key in self.gone_providers:
            return None
        self.gone_providers[key] = now
        added = Run(_ADD_GONE_PROVIDER, {"agent_id": agent_id, "provider_id": provider_id, "gone": now})
        if len(self.gone_providers) <= GONE_PROVIDERS_LIMIT:
            return added
        agent, provider = next(iter(self.gone_providers))
        del self.gone_providers[agent, provider]
        return Several((added, Run(_FORGET_GONE_PROVIDER, {"agent": agent, "provider": provider})))

    def set_quota(self, role: str, quota: Quota) -> Change:
        """Record a role's quota; an empty one is forgotten."""
        if not quota:
            self.quotas.pop(role, None)
            return Run(_FORGET_QUOTA, {"its": role})
        self.quotas[role] = quota
        return Run(_PUT_QUOTA, {"role": role, "quota": msgspec.msgpack.encode(quota)})

    def set_weight(self, role: str, milli: int) -> Change:
        """Record a role's weight, in thousandths; the default one is no weight of its own."""
        if milli == DEFAULT_WEIGHT:
            self.weights.pop(role, None)
            return Run(_FORGET_WEIGHT, {"its": role})
        self.weights[role] = milli
        return Run(_PUT_WEIGHT, {"role": role, "milli": milli})


def _withdrawal(row: Row[Any]) -> Withdrawal:
    drain = None if row.uuid is None else Drain(row.uuid, decode_msgpack(mesos.DrainConfig, row.config))
    return Withdrawal(Mode(row.mode), drain, row.since)
