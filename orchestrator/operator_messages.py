"""What operators are shown of agents, providers, frameworks and profiles, put together.

Pure constructors: knowledge in, messages out. Who asked, and how an answer is assembled, is known
to `state_view`.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET, UnsetType

from api.model.quantity import mb_milli_to_bytes
from api.model.resource import Resource
from api.wire.codec import decode_msgpack
from api.wire.convert import in_both_forms, resources_to_wire
from api.wire.v1 import master, mesos, resource_provider
from orchestrator.allocator import Allocator
from orchestrator.offers import Offer
from orchestrator.placement import taken_from
from orchestrator.state import Agent, ClusterState, Framework, Provider
from orchestrator.volumes import VolumeRecord

NANOSECONDS = 1_000_000_000


def time_of(seconds: float | None) -> mesos.TimeInfo | UnsetType:
    return UNSET if seconds is None else mesos.TimeInfo(nanoseconds=int(seconds * NANOSECONDS))


def _as_shown(resources: Iterable[Resource]) -> list[mesos.Resource]:
    """With `role` and `reservation` beside `reservations`: tools of all ages read it."""
    return [in_both_forms(each) for each in resources_to_wire(resources)]


def agent_shown(agent: Agent, allocated: Iterable[Resource]) -> master.ResponseGetAgentsAgent:
    """An agent that has registered; what of it is on offer is added by the view."""
    shown = agent_described(agent)
    shown.total_resources, shown.allocated_resources = _as_shown(agent.total()), _as_shown(allocated)
    return shown


def agent_described(agent: Agent) -> master.ResponseGetAgentsAgent:
    """The same without its own resources: neither how many there are, nor who holds some."""
    drain = agent.withdrawal.info
    if drain is not None:
        drain.waiting = list(agent.drain_waits)
    return master.ResponseGetAgentsAgent(
        agent_info=agent.info,
        active=agent.connected and agent.is_offered,
        deactivated=not agent.is_offered,
        drain_info=drain or UNSET,
        estimated_drain_start_time=time_of(agent.withdrawal.since) if drain else UNSET,
        version=agent.version,
        pid=f"slave(1)@{agent.address}" if agent.address else UNSET,
        registered_time=time_of(agent.registered_at),
        reregistered_time=time_of(agent.reregistered_at),
        capabilities=agent.capabilities,
        resource_providers=[
            master.ResponseGetAgentsAgentResourceProvider(
                resource_provider_info=provider.info,
                total_resources=_as_shown(provider.totals.view),
            )
            for provider in agent.providers.values()
            if provider.info is not None
        ],
        findings=agent.findings,
    )


def framework_shown(
    framework: Framework, allocated: Iterable[Resource]
) -> master.ResponseGetFrameworksFramework:
    """A framework; what it is offered is added by the view."""
    return master.ResponseGetFrameworksFramework(
        framework_info=framework.info,
        active=framework.connected,
        connected=framework.connected,
        recovered=framework.recovered,
        registered_time=time_of(framework.registered_at),
        reregistered_time=time_of(framework.reregistered_at),
        unregistered_time=time_of(framework.unregistered_at),
        allocated_resources=_as_shown(allocated),
        offer_constraints=framework.offer_constraints or UNSET,
    )


def provider_shown(provider: Provider, connected: bool) -> master.Provider:
    """A resource provider with an id."""
    assert provider.info is not None
    return master.Provider(
        resource_provider_info=provider.info,
        agent_id=mesos.AgentID(value=provider.key[0]),
        total_resources=_as_shown(provider.totals.view),
        resource_version_uuid=mesos.UUID(value=provider.version),
        plugin=provider.plugin if provider.plugin is not None else UNSET,
        connected=connected,
        profiles=provider.profiles,
        notices=provider.notices,
        notices_total=provider.notices_total or UNSET,
    )


def volume_shown(
    record: VolumeRecord, users: Iterable[str], whole: bool, state: ClusterState
) -> master.VolumeInfo:
    """An operator's volume. `users`: ids of the tasks that use it; `whole`: its provider makes whole ones.

    One that nobody can reach now is what it was, as far as is known; the message says that it is not known.
    """
    info = master.VolumeInfo(
        name=record.name,
        profile=record.profile,
        size_bytes=record.size_mb * 2**20,
        block=record.block,
        role=record.role,
        agent_id=mesos.AgentID(value=record.agent_id),
        resource_provider_id=mesos.ResourceProviderID(value=record.provider_id),
        state=master.VolumeState(f"VOLUME_{record.state}"),
        users=list(users),
        operations=[mesos.UUID(value=uuid) for uuid in record.operations],
        created=record.created,
    )
    if message := record.message or _out_of_reach(record, state):
        info.message = message
    if record.resource is not None:
        info.resource = decode_msgpack(mesos.Resource, record.resource)
    if (next_step := record.next_step(whole=whole)) is not None:
        info.step = str(next_step)
    if record.wanted_mb:
        info.wanted_bytes = record.wanted_mb * 2**20
    return info


def _out_of_reach(record: VolumeRecord, state: ClusterState) -> str:
    """Why nobody can say now how the volume is; "" when its provider is here."""
    agent = state.agents.get(record.agent_id)
    if agent is None or not agent.connected:
        return f"not known now: its agent {record.agent_id} is not connected; start it (see `orlop agents`)"
    if record.provider_id and record.provider_id not in agent.providers:
        why = agent.departed.get(record.provider_id)
        reason = f": {why}" if why else " (see `orlop providers`)"
        return f"not known now: its provider {record.provider_id} is not here{reason}"
    return ""


def profile_shown(
    provider: Provider,
    profile: resource_provider.ProfileInfo,
    connected: bool,
    allocator: Allocator,
    offers: Iterable[Offer],
) -> master.Profile:
    """A profile at one provider.

    free_bytes: what a new volume could take, offers to schedulers included, for they are rescinded
    for it. total_bytes: that of the pool, and of the disks that were made of it.
    """
    agent_id, provider_id = provider.key
    assert provider_id is not None
    made = provider.totals.view.filter(lambda resource: _profile_of(resource) == profile.name)
    pools = [resource for resource in made if resource.disk is not None and resource.disk.is_pool]
    on_offer = [resource for offer in offers for resource in offer.resources]
    groups = {group for pool in pools if (group := _group_of(pool)) is not None}
    free = sum(
        min(pool.milli, allocator.free(agent_id, pool) + taken_from(pool, on_offer))
        for pool in pools
        if pool.reservations in ((), provider.default_reservations)
    )
    return master.Profile(
        name=profile.name,
        agent_id=mesos.AgentID(value=agent_id),
        resource_provider_id=mesos.ResourceProviderID(value=provider_id),
        block=profile.block,
        fs_type=profile.fs_type,
        free_bytes=mb_milli_to_bytes(free),
        total_bytes=mb_milli_to_bytes(sum(resource.milli for resource in made)),
        capacity_group=next(iter(groups)) if groups else UNSET,
        description=profile.description,
        available=profile.available is not False and connected,
        cost_ratio=profile.cost_ratio,
        sharing=profile.sharing,
        sharing_note=profile.sharing_note,
        message=profile.message if connected else "the agent of this provider is not connected",
    )


def _profile_of(resource: Resource) -> str | None:
    source = resource.disk.source if resource.disk is not None else None
    return source.profile if source is not None else None


def _group_of(resource: Resource) -> str | None:
    source = resource.disk.source if resource.disk is not None else None
    return source.capacity_group if source is not None else None
