"""Where an operator's volume goes: a share of a pool, taken ahead of offers.

Chooses and makes room; the caller accepts the operation that takes the share, before anything
else can happen. Must not write, send, or wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET

from api.model.errors import InvalidRequest, StaleView
from api.model.quantity import MILLI
from api.model.resource import Resource
from api.model.resources import Scalar
from orchestrator.allocator import Allocator
from orchestrator.offers import Offers
from orchestrator.state import Agent, ClusterState, Provider
from orchestrator.volumes import VolumeRecord
from orchestrator.withdrawal import Mode

AWAY_SHOWN: Final = 3
"""Agents that an error names; of those beyond it, the number."""

AWAY_SECONDS: Final = 600.0
"""An agent that has been away for longer is not waited for: nobody is told to try again because of it."""

TRY_AGAIN: Final = "try again in a moment (see `orlop agents`, `orlop plugins`)"

PLUGIN_UP: Final = "READY"
"""The state of a plugin that is up, as providers report it."""


class NotEnough(StaleView):
    """There is no room now; there may be later, or with another size or profile."""


class NotYetKnown(StaleView):
    """An agent that may offer what is asked for is not back: the same request may succeed in a moment."""

    @property
    def http_status(self) -> int:
        return 503


@dataclass(frozen=True, slots=True)
class Placement:
    """A share of one provider's pool, free at this moment."""

    agent_id: str
    provider_id: str
    share: Resource


@dataclass(frozen=True, slots=True)
class _Candidate:
    provider: Provider
    pool: Resource
    free: int


def place(
    record: VolumeRecord, state: ClusterState, allocator: Allocator, offers: Offers, now: float
) -> Placement:
    """The share for a volume; offers that hold what it needs are rescinded, as few as will do.

    The provider with the most free capacity is chosen, so that volumes spread. `now`: seconds since the
    epoch. Raises
    InvalidRequest when no provider has the profile, NotYetKnown when an agent that may have it, or its
    pool, is not here, NotEnough when none has the room or the wanted agent is none.
    """
    _check_place(record, state, now)
    _check_profile(record, state, now)
    need = record.size_mb * MILLI
    candidates = sorted(
        _candidates(record, state, allocator),
        key=lambda candidate: (-candidate.free, candidate.provider.key[0], candidate.provider.key[1] or ""),
    )
    for candidate in candidates:
        if candidate.free >= need:
            return _placement(candidate, need)
    for candidate in candidates:
        if candidate.pool.milli >= need and _make_room(candidate, need, allocator, offers):
            return _placement(candidate, need)
    wanted = [agent for agent in _awaited(state, now) if record.wanted_agent_id in (None, agent.agent_id)]
    coming = [agent for agent in wanted if agent.withdrawal.mode is Mode.ACTIVE]
    if not candidates and (why := _reasons(coming, _without_pools)):
        raise NotYetKnown(f"no pool of profile {record.profile!r} is here now, and {why}: {TRY_AGAIN}")
    away = _reasons(wanted, _absence)
    largest = max((_free_and_offered(candidate, offers) for candidate in candidates), default=0)
    raise NotEnough(
        f"not enough room for {record.size_mb} MiB of profile {record.profile!r}: at most "
        f"{largest // MILLI} MiB can be had now{f', while {away}' if away else ''}; "
        f"ask for less, or free some (`orlop volume list`){_not_awaited(state, now)}"
    )


def make_room(
    record: VolumeRecord, milli: int, state: ClusterState, allocator: Allocator, offers: Offers
) -> Resource:
    """A share of `milli` milli-MB of the pool that the volume was made from; offers that hold it go.

    Raises NotEnough when its provider has no such room, or is not here.
    """
    provider = state.provider((record.agent_id, record.provider_id))
    pools = [] if provider is None else list(_pools(provider, record))
    largest = 0
    for pool in pools:
        assert provider is not None
        candidate = _Candidate(provider, pool, allocator.free(record.agent_id, pool))
        enough = candidate.free >= milli
        if enough or (pool.milli >= milli and _make_room(candidate, milli, allocator, offers)):
            return pool.with_value(Scalar(milli))
        largest = max(largest, _free_and_offered(candidate, offers))
    raise NotEnough(
        f"not enough room for {-(-milli // MILLI)} MiB more of profile {record.profile!r} where volume "
        f"{record.name!r} is: at most {largest // MILLI} MiB can be had now; ask for less, or free some there"
    )


def may_make(provider: Provider, record: VolumeRecord) -> bool:
    """Whether the volume was asked for of this provider, among others perhaps."""
    info, wanted = provider.info, record.wanted_provider
    if record.wanted_agent_id not in (None, provider.key[0]):
        return False
    return wanted is None or wanted == provider.key[1] or (info is not None and info.name == wanted)


def _has_profile(provider: Provider, record: VolumeRecord) -> bool:
    """Whether the name means the right kind of volume there: others may mean something else by it."""
    return any(
        each.name == record.profile and (each.block is True) == record.block for each in provider.profiles
    )


def _check_place(record: VolumeRecord, state: ClusterState, now: float) -> None:
    """Whether there are the agent and the provider that are asked for."""
    wanted = record.wanted_provider
    if record.wanted_agent_id is not None and record.wanted_agent_id not in state.agents:
        raise NotEnough(f"there is no agent {record.wanted_agent_id!r}: see `orlop agents`")
    if wanted is None or any(may_make(provider, record) for provider in state.providers()):
        return
    where = "" if record.wanted_agent_id is None else f" on agent {record.wanted_agent_id}"
    if away := _reasons(_awaited(state, now), _absence):
        raise NotYetKnown(f"no provider {wanted!r} is here{where} while {away}: {TRY_AGAIN}")
    raise NotEnough(f"there is no provider {wanted!r}{where}: see `orlop providers`")


def _check_profile(record: VolumeRecord, state: ClusterState, now: float) -> None:
    found = [p for provider in state.providers() if may_make(provider, record) for p in provider.profiles]
    known = {profile.name for profile in found}
    if record.profile not in known:
        names = ", ".join(sorted(known)) or "none: no provider is connected"
        if away := _reasons(_awaited(state, now), _absence):
            raise NotYetKnown(
                f"profile {record.profile!r} is not known while {away}: {TRY_AGAIN}; there are now: {names}"
            )
        raise InvalidRequest(
            f"there is no profile {record.profile!r}; there are: {names}{_not_awaited(state, now)}"
        )
    fitting = sorted({each.name for each in found if (each.block is True) == record.block})
    if record.profile not in fitting:
        wanted, other = ("block", "filesystem") if record.block else ("filesystem", "block")
        hint = "leave --block (`block`) out" if record.block else "ask for such a one with --block (`block`)"
        raise InvalidRequest(
            f"profile {record.profile!r} makes {other} volumes, not {wanted} ones: {hint}; "
            f"profiles that make {wanted} ones: {', '.join(fitting) or 'none'}"
        )


def _awaited(state: ClusterState, now: float) -> list[Agent]:
    """The agents that are here, or may be back in a moment."""
    return [agent for agent in state.agents.values() if not _away_for_long(agent, now)]


def _away_for_long(agent: Agent, now: float) -> bool:
    return agent.away_since is not None and now - agent.away_since > AWAY_SECONDS


def _not_awaited(state: ClusterState, now: float) -> str:
    """That there are agents which may have it and are not counted on; "" when there are none."""
    count = sum(_away_for_long(agent, now) for agent in state.agents.values())
    return (
        f"; of {count} agents that have been away for long nothing is known (`orlop agents`)" if count else ""
    )


def _reasons(agents: Iterable[Agent], why: Callable[[Agent], str]) -> str:
    """Which of the agents cannot give now what they may have, and why; "" when all can."""
    reasons = [f"agent {agent.agent_id} {reason}" for agent in agents if (reason := why(agent))]
    if len(reasons) > AWAY_SHOWN:
        reasons[AWAY_SHOWN:] = [f"{len(reasons) - AWAY_SHOWN} more are away"]
    return ", ".join(reasons)


def _absence(agent: Agent) -> str:
    """Why its providers are not known now, as after a restart."""
    if not agent.connected:
        return "is not connected"
    if agent.down:
        return "is down for maintenance (`orlop maintenance`)"
    if not agent.is_offered:
        return f"is {agent.withdrawal.mode} (`orlop agents`)"
    if all(provider_id is None for provider_id in agent.providers):
        return "has not reported its storage yet"
    return ""


def _without_pools(agent: Agent) -> str:
    """Why its pools are not known now: a provider reports them once its plugin was up."""
    plugins = [provider.plugin for provider in agent.providers.values() if provider.plugin is not None]
    states = [str(plugin.state) for plugin in plugins if plugin.state not in (UNSET, PLUGIN_UP)]
    return _absence(agent) or (f"waits for its plugin, which is {states[0]}" if states else "")


def _candidates(record: VolumeRecord, state: ClusterState, allocator: Allocator) -> Iterator[_Candidate]:
    for provider in state.providers():
        agent_id = provider.key[0]
        agent = state.agents[agent_id]
        can = may_make(provider, record) and _has_profile(provider, record)
        if not can or not agent.connected or not agent.is_offered:
            continue
        for pool in _pools(provider, record):
            yield _Candidate(provider, pool, allocator.free(agent_id, pool))


def _pools(provider: Provider, record: VolumeRecord) -> Iterator[Resource]:
    """Pools of the volume's profile that nobody in particular has reserved: what others have is theirs."""
    for resource in provider.totals.view.divisible:
        disk = resource.disk
        if disk is None or disk.source is None or not disk.is_pool:
            continue
        if disk.source.profile == record.profile and provider.is_common(resource, record.role):
            yield resource


def _make_room(candidate: _Candidate, need: int, allocator: Allocator, offers: Offers) -> bool:
    """Rescind offers that hold capacity of the provider until the share is free."""
    agent_id, pool = candidate.provider.key[0], candidate.pool
    holding = [offer for offer in offers.of_agent(agent_id) if taken_from(pool, offer.resources)]
    if candidate.free + taken_from(pool, (r for offer in holding for r in offer.resources)) < need:
        return False
    for offer in holding:
        offers.rescind(offer)
        if allocator.free(agent_id, candidate.pool) >= need:
            return True
    return False


def _free_and_offered(candidate: _Candidate, offers: Offers) -> int:
    offered = taken_from(
        candidate.pool,
        (r for offer in offers.of_agent(candidate.provider.key[0]) for r in offer.resources),
    )
    return min(candidate.pool.milli, candidate.free + offered)


def taken_from(pool: Resource, resources: Iterable[Resource]) -> int:
    """Milli-MB that `pool` has less because of what `resources` hold of it and of its siblings."""
    mine = pool.disk.source if pool.disk is not None else None
    units = 0
    for resource in resources:
        source = resource.disk.source if resource.disk is not None else None
        if mine is None or source is None or not source.is_pool or resource.reservations != pool.reservations:
            continue  # what stands apart is not given back to the pool when it is not on offer any more
        if resource.provider_id != pool.provider_id:
            continue
        shares = source.capacity_group is not None and source.capacity_group == mine.capacity_group
        if source == mine or shares:
            units += resource.milli * source.cost_milli
    return units // mine.cost_milli if mine is not None else 0


def _placement(candidate: _Candidate, need: int) -> Placement:
    agent_id, provider_id = candidate.provider.key
    assert provider_id is not None
    return Placement(agent_id, provider_id, candidate.pool.with_value(Scalar(need)))
