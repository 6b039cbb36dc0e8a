"""The orchestrator's operator API, typed: one method per call, and the event stream.

It holds no state but connections. Every method raises Unreachable or Refused (client.errors).
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import TYPE_CHECKING, Final

from msgspec import UNSET

from api.wire import codec
from api.wire.errors import WireError
from api.wire.v1 import maintenance, master, mesos, protobuf, quota
from client.errors import Refused, Unreachable
from client.reconnection import DEFAULT_HEARTBEAT_SECONDS, SILENT_HEARTBEATS, resubscribing
from client.transport import Transport

if TYPE_CHECKING:
    import random  # noqa: TID251 - for its type

PATH: Final = "/api/v1"

T = master.CallType


class OperatorClient:
    """For operators' tools. Use it as an asynchronous context manager, or call `close`.

    `url` may be several, with commas between: whoever of them is there says who leads.
    """

    def __init__(self, url: str) -> None:
        self._transport = Transport(url)

    async def __aenter__(self) -> OperatorClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        await self._transport.close()

    @property
    def url(self) -> str:
        """The server that answered last: after a redirect, the leader."""
        return self._transport.url

    async def call(self, call: master.Call) -> master.Response:
        """The answer to any operator call; an empty one when the answer has no body."""
        answer = await self._transport.post(PATH, codec.encode(call))
        if not answer.body.strip():
            return master.Response()
        return _decoded(master.Response, answer.body)

    async def provision_volume(
        self,
        name: str,
        profile: str,
        size_bytes: int,
        *,
        block: bool = False,
        role: str | None = None,
        agent_id: str | None = None,
        provider: str | None = None,
    ) -> master.VolumeInfo:
        """Ask for a volume. It is durable, and CREATING, when this returns; a repeat changes nothing.

        `provider`: the name, or the id, of those that may make it; any that has the profile by default.
        """
        wanted = master.CallProvisionVolume(
            name=name,
            profile=profile,
            size_bytes=size_bytes,
            block=block,
            role=UNSET if role is None else role,
            agent_id=UNSET if agent_id is None else mesos.AgentID(value=agent_id),
            provider=UNSET if provider is None else provider,
        )
        response = await self.call(master.Call(type=T.PROVISION_VOLUME, provision_volume=wanted))
        if response.provision_volume is UNSET:
            raise _incomplete("provision_volume")
        return response.provision_volume.volume

    async def deprovision_volume(self, name: str, *, force: bool = False) -> master.VolumeInfo | None:
        """Ask for a volume's end. None: there was none (any more)."""
        wanted = master.CallDeprovisionVolume(name=name, force=force)
        response = await self.call(master.Call(type=T.DEPROVISION_VOLUME, deprovision_volume=wanted))
        if response.deprovision_volume is UNSET or response.deprovision_volume.volume is UNSET:
            return None
        return response.deprovision_volume.volume

    async def expand_volume(self, name: str, size_bytes: int) -> master.VolumeInfo:
        """Ask that a volume becomes as large. It is durable, and EXPANDING, when this returns; a repeat, and
        a volume that is as large already, change nothing."""
        wanted = master.CallExpandVolume(name=name, size_bytes=size_bytes)
        response = await self.call(master.Call(type=T.EXPAND_VOLUME, expand_volume=wanted))
        if response.expand_volume is UNSET:
            raise _incomplete("expand_volume")
        return response.expand_volume.volume

    async def operation_history(
        self, limit: int | None = None, before: str | None = None
    ) -> master.ResponseGetOperationHistory:
        """A page of all operations that are remembered, the newest first. `before`: the page's `next` that
        this one follows."""
        asked = master.CallGetOperationHistory(
            limit=UNSET if limit is None else limit, before=UNSET if before is None else before
        )
        response = await self.call(master.Call(type=T.GET_OPERATION_HISTORY, get_operation_history=asked))
        if response.get_operation_history is UNSET:
            raise _incomplete("get_operation_history")
        return response.get_operation_history

    async def registry_differences(self) -> master.ResponseGetRegistryDifferences:
        """What was found since the registry was restored from a backup."""
        response = await self.call(master.Call(type=T.GET_REGISTRY_DIFFERENCES))
        if response.get_registry_differences is UNSET:
            raise _incomplete("get_registry_differences")
        return response.get_registry_differences

    async def settle_registry_differences(self) -> None:
        """All of them were looked at: they are forgotten, and whom the registry does not know stays out."""
        await self.call(master.Call(type=T.SETTLE_REGISTRY_DIFFERENCES))

    async def volumes(self, name: str | None = None) -> list[master.VolumeInfo]:
        """Operators' volumes; with `name`, that one or none."""
        wanted = master.CallGetVolumes(name=UNSET if name is None else name)
        response = await self.call(master.Call(type=T.GET_VOLUMES, get_volumes=wanted))
        found = [] if response.get_volumes is UNSET else response.get_volumes.volumes
        return [volume for volume in found if name is None or volume.name == name]

    async def profiles(self) -> list[master.Profile]:
        response = await self.call(master.Call(type=T.GET_PROFILES))
        return [] if response.get_profiles is UNSET else response.get_profiles.profiles

    async def explain_offers(
        self, role: str, framework_id: str | None = None
    ) -> master.ResponseExplainOffers:
        """Why agents that have something free are not offered to the role's frameworks, or to one of them."""
        asked = master.CallExplainOffers(role=role)
        if framework_id is not None:
            asked.framework_id = mesos.FrameworkID(value=framework_id)
        response = await self.call(master.Call(type=T.EXPLAIN_OFFERS, explain_offers=asked))
        return master.ResponseExplainOffers() if response.explain_offers is UNSET else response.explain_offers

    async def providers(self) -> list[master.Provider]:
        response = await self.call(master.Call(type=T.GET_RESOURCE_PROVIDERS))
        found = response.get_resource_providers
        return [] if found is UNSET else found.resource_providers

    async def agents(self) -> master.ResponseGetAgents:
        response = await self.call(master.Call(type=T.GET_AGENTS))
        return master.ResponseGetAgents() if response.get_agents is UNSET else response.get_agents

    async def drain_agent(
        self, agent_id: str, max_grace_seconds: float | None = None, *, mark_gone: bool = False
    ) -> None:
        """Have an agent emptied; with `mark_gone` it is removed for good then. Durable when it returns."""
        asked = master.CallDrainAgent(agent_id=mesos.AgentID(value=agent_id), mark_gone=mark_gone)
        if max_grace_seconds is not None:
            seconds, nanos = divmod(round(max_grace_seconds * 1e9), 1_000_000_000)
            asked.max_grace_period = protobuf.Duration(seconds=seconds, nanos=nanos)
        await self.call(master.Call(type=T.DRAIN_AGENT, drain_agent=asked))

    async def deactivate_agent(self, agent_id: str) -> None:
        """Nothing of it is offered any more, what runs there runs on. Durable when it returns."""
        asked = master.CallDeactivateAgent(agent_id=mesos.AgentID(value=agent_id))
        await self.call(master.Call(type=T.DEACTIVATE_AGENT, deactivate_agent=asked))

    async def reactivate_agent(self, agent_id: str, *, force: bool = False) -> None:
        """It is offered again; one that drains is refused (409) unless `force`."""
        asked = master.CallReactivateAgent(agent_id=mesos.AgentID(value=agent_id), force=force or UNSET)
        await self.call(master.Call(type=T.REACTIVATE_AGENT, reactivate_agent=asked))

    async def mark_agent_gone(self, agent_id: str) -> None:
        """It is removed for good, with all that ran there. Durable when it returns."""
        asked = master.CallMarkAgentGone(agent_id=mesos.AgentID(value=agent_id))
        await self.call(master.Call(type=T.MARK_AGENT_GONE, mark_agent_gone=asked))

    async def frameworks(self) -> master.ResponseGetFrameworks:
        response = await self.call(master.Call(type=T.GET_FRAMEWORKS))
        return master.ResponseGetFrameworks() if response.get_frameworks is UNSET else response.get_frameworks

    async def tasks(self) -> master.ResponseGetTasks:
        response = await self.call(master.Call(type=T.GET_TASKS))
        return master.ResponseGetTasks() if response.get_tasks is UNSET else response.get_tasks

    async def executors(self) -> list[master.ResponseGetExecutorsExecutor]:
        response = await self.call(master.Call(type=T.GET_EXECUTORS))
        return [] if response.get_executors is UNSET else response.get_executors.executors

    async def operations(self) -> list[mesos.Operation]:
        response = await self.call(master.Call(type=T.GET_OPERATIONS))
        return [] if response.get_operations is UNSET else response.get_operations.operations

    async def adopt_volume(
        self,
        source_id: str,
        *,
        name: str | None = None,
        role: str | None = None,
        profile: str | None = None,
        agent_id: str | None = None,
        provider_id: str | None = None,
        size_bytes: int | None = None,
    ) -> master.VolumeInfo | None:
        """Let in a volume that a plugin had already; with a name, as the operator's volume that it is.

        Returns the volume when there is a name. Raises ClientError.
        """
        wanted = master.CallAdoptVolume(
            source_id=source_id,
            agent_id=UNSET if agent_id is None else mesos.AgentID(value=agent_id),
            resource_provider_id=(
                UNSET if provider_id is None else mesos.ResourceProviderID(value=provider_id)
            ),
            name=name or UNSET,
            role=role or UNSET,
            profile=profile or UNSET,
            size_bytes=UNSET if size_bytes is None else size_bytes,
        )
        response = await self.call(master.Call(type=T.ADOPT_VOLUME, adopt_volume=wanted))
        if response.adopt_volume is UNSET:
            raise _incomplete("adopt_volume")
        volume = response.adopt_volume.volume
        return None if volume is UNSET else volume

    async def retry_operation(self, operation_id: str) -> master.ResponseRetryOperation:
        """Have an operation's provider try again now. By UUID, the beginning of it, or its framework's id."""
        wanted = master.CallRetryOperation(operation_id=operation_id)
        response = await self.call(master.Call(type=T.RETRY_OPERATION, retry_operation=wanted))
        if response.retry_operation is UNSET:
            raise _incomplete("retry_operation")
        return response.retry_operation

    async def abandon_operation(self, operation_id: str) -> master.ResponseAbandonOperation:
        """Give an operation up. Durable when it returns; it ends once nothing can be left behind."""
        wanted = master.CallAbandonOperation(operation_id=operation_id)
        response = await self.call(master.Call(type=T.ABANDON_OPERATION, abandon_operation=wanted))
        if response.abandon_operation is UNSET:
            raise _incomplete("abandon_operation")
        return response.abandon_operation

    async def roles(self) -> list[mesos.Role]:
        response = await self.call(master.Call(type=T.GET_ROLES))
        return [] if response.get_roles is UNSET else response.get_roles.roles

    async def maintenance_schedule(self) -> maintenance.Schedule:
        response = await self.call(master.Call(type=T.GET_MAINTENANCE_SCHEDULE))
        found = response.get_maintenance_schedule
        return maintenance.Schedule() if found is UNSET else found.schedule

    async def maintenance_status(self) -> maintenance.ClusterStatus:
        response = await self.call(master.Call(type=T.GET_MAINTENANCE_STATUS))
        found = response.get_maintenance_status
        return maintenance.ClusterStatus() if found is UNSET else found.status

    async def update_maintenance_schedule(self, windows: list[maintenance.Window]) -> None:
        """Replace the schedule. Durable when it returns."""
        wanted = master.CallUpdateMaintenanceSchedule(schedule=maintenance.Schedule(windows=windows))
        await self.call(master.Call(type=T.UPDATE_MAINTENANCE_SCHEDULE, update_maintenance_schedule=wanted))

    async def start_maintenance(self, machines: list[mesos.MachineID]) -> None:
        """Take scheduled machines down. Durable when it returns."""
        wanted = master.CallStartMaintenance(machines=machines)
        await self.call(master.Call(type=T.START_MAINTENANCE, start_maintenance=wanted))

    async def stop_maintenance(self, machines: list[mesos.MachineID]) -> None:
        """Bring machines up that are down. Durable when it returns."""
        wanted = master.CallStopMaintenance(machines=machines)
        await self.call(master.Call(type=T.STOP_MAINTENANCE, stop_maintenance=wanted))

    async def quotas(self) -> list[quota.QuotaConfig]:
        """The quota of every role that has one, in units: cpus, and MB of 2^20 bytes for mem and disk."""
        response = await self.call(master.Call(type=T.GET_QUOTA))
        return [] if response.get_quota is UNSET else response.get_quota.status.configs

    async def update_quota(self, configs: list[quota.QuotaConfig], *, force: bool = False) -> None:
        """Set the quota of these roles, all or none; an empty one is removed. Durable when it returns.

        force: though more may be guaranteed than there is, or more be in use than a limit.
        """
        wanted = master.CallUpdateQuota(quota_configs=configs, force=force)
        await self.call(master.Call(type=T.UPDATE_QUOTA, update_quota=wanted))

    async def remove_quota(self, role: str) -> None:
        """Remove a role's quota. Refused when it has none."""
        await self.call(master.Call(type=T.REMOVE_QUOTA, remove_quota=master.CallRemoveQuota(role=role)))

    async def weights(self) -> list[mesos.WeightInfo]:
        """The roles that were given a weight; every other has 1."""
        response = await self.call(master.Call(type=T.GET_WEIGHTS))
        return [] if response.get_weights is UNSET else response.get_weights.weight_infos

    async def update_weights(self, weights: list[mesos.WeightInfo]) -> None:
        """Set the weights of these roles, all or none. Durable when it returns."""
        wanted = master.CallUpdateWeights(weight_infos=weights)
        await self.call(master.Call(type=T.UPDATE_WEIGHTS, update_weights=wanted))

    async def version(self) -> mesos.VersionInfo:
        response = await self.call(master.Call(type=T.GET_VERSION))
        if response.get_version is UNSET:
            raise _incomplete("get_version")
        return response.get_version.version_info

    async def leader(self) -> master.ResponseGetMaster:
        """Who leads, since when, and whether it offers."""
        response = await self.call(master.Call(type=T.GET_MASTER))
        if response.get_master is UNSET:
            raise _incomplete("get_master")
        return response.get_master

    async def healthy(self) -> bool:
        response = await self.call(master.Call(type=T.GET_HEALTH))
        return response.get_health is not UNSET and response.get_health.healthy

    async def state(self) -> master.ResponseGetState:
        """All at once: agents, frameworks, tasks, operations, volumes."""
        response = await self.call(master.Call(type=T.GET_STATE))
        return master.ResponseGetState() if response.get_state is UNSET else response.get_state

    async def teardown(self, framework_id: str) -> None:
        """Remove a framework and end its tasks."""
        wanted = master.CallTeardown(framework_id=mesos.FrameworkID(value=framework_id))
        await self.call(master.Call(type=T.TEARDOWN, teardown=wanted))

    async def kill_task(self, framework_id: str, task_id: str) -> None:
        """End a task, whoever launched it. Durable when it returns: an agent that is away is asked later.

        Refused: 404 for one that is not known, 409 for one that has ended.
        """
        wanted = master.CallKillTask(
            framework_id=mesos.FrameworkID(value=framework_id), task_id=mesos.TaskID(value=task_id)
        )
        await self.call(master.Call(type=T.KILL_TASK, kill_task=wanted))

    async def events(
        self,
        *,
        reconnect: bool = False,
        give_up_seconds: float | None = None,
        random: random.Random | None = None,
    ) -> AsyncGenerator[master.Event, None]:
        """SUBSCRIBED with the whole state, then every event, heartbeats included.

        Raises Unreachable when the stream breaks or falls silent. With `reconnect` it subscribes anew
        instead, once it was there, until nothing was heard for `give_up_seconds` (None: for ever): another
        SUBSCRIBED brings whatever was missed. `random` jitters the pauses between.
        """
        if not reconnect:
            give_up_seconds = -1.0
        subscriptions = resubscribing(
            self._subscription, random=random, give_up_seconds=give_up_seconds, first_is_retried=False
        )
        async with contextlib.aclosing(subscriptions) as events:
            async for event in events:
                yield event

    async def _subscription(self) -> AsyncGenerator[master.Event, None]:
        silence = SILENT_HEARTBEATS * DEFAULT_HEARTBEAT_SECONDS
        body = codec.encode(master.Call(type=T.SUBSCRIBE))
        async with (
            self._transport.stream(PATH, body) as stream,
            contextlib.aclosing(stream.records(silence)) as records,
        ):
            async for record in records:
                event = _decoded(master.Event, record)
                subscribed = event.subscribed
                if subscribed is not UNSET and subscribed.heartbeat_interval_seconds is not UNSET:
                    stream.silence_seconds = SILENT_HEARTBEATS * subscribed.heartbeat_interval_seconds
                yield event
        raise Unreachable(self._transport.url, "the orchestrator closed the stream")


def _decoded(kind: type[codec.M], body: bytes) -> codec.M:
    try:
        return codec.decode(kind, body)
    except WireError as error:
        raise Refused(200, f"the answer cannot be read ({error}): is this an orchestrator?") from error


def _incomplete(field: str) -> Refused:
    return Refused(200, f"the answer lacks {field}: is this an orchestrator?")
