"""An agent with one storage provider and a framework, both played by a script.

The provider here is a second, small one: it applies what it is told to plain totals, once each,
and keeps its answers until they are acknowledged.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path
from random import Random

from msgspec import UNSET

from api.model.clock import SystemClock
from api.model.disk import DEFAULT_COST_MILLI, Disk, DiskSource, SourceType
from api.model.ids import SeededIds
from api.model.operation import (
    CreateDisk,
    DestroyDisk,
    GrowVolume,
    consumed,
    is_speculative,
    provider_of,
    speculative_conversion,
)
from api.model.resources import Conversion, Reservation, Resource, Resources, Scalar
from api.wire.convert import reservation_to_wire, resources_to_wire
from api.wire.convert_operations import operation_from_wire
from api.wire.v1 import link, mesos, resource_provider, scheduler
from orchestrator import schema
from orchestrator.daemon import Orchestrator, OrchestratorConfig
from orchestrator.lease import Candidate, Lease
from orchestrator.term import unending
from store.sqlite import SqliteStore

PROVIDER = "provider-1"


def pool(mb: int, profile: str = "default") -> Resource:
    """One of those that share a capacity."""
    source = DiskSource(SourceType.RAW, profile=profile, vendor="test.pool", capacity_group="pool")
    return Resource("disk", Scalar(mb * 1000), disk=Disk(source), provider_id=PROVIDER)


class ScriptedAgent:
    """Everything that an agent has survives its link: totals, ended operations, tasks."""

    def __init__(self, mb: int = 10_000, *defaults: Reservation) -> None:
        """`defaults`: as its provider is reserved as a whole."""
        self.agent_id: str | None = None
        self.defaults = defaults
        self.totals = Resources([replace(pool(mb), reservations=defaults)])
        self.own = Resources([Resource("cpus", Scalar(4000)), Resource("mem", Scalar(4096_000))])
        self.received: list[link.OrchestratorMessage] = []
        self.applied: list[bytes] = []
        self.ended: dict[bytes, mesos.OperationStatus] = {}
        self.tasks: dict[str, mesos.Task] = {}
        self.executors: dict[str, link.Executor] = {}
        self.refuse: dict[str, mesos.OperationState] = {}
        self.capabilities: list[str] = []
        self.hostname = "host-1"
        self.attributes: list[mesos.Attribute] = []
        self.domain: mesos.DomainInfo | None = None
        can = mesos.AgentInfoCapabilityType
        self.can = [can.MULTI_ROLE, can.HIERARCHICAL_ROLE, can.RESERVATION_REFINEMENT]
        """Capabilities of the agent itself."""
        self.deaf = False
        self.busy = False
        self.highest_epoch: int | None = None
        """Of the leaders that it has obeyed, as it says; None: it does not."""
        self.asked: dict[bytes, resource_provider.EventApplyOperation] = {}
        """All that its provider was asked to apply, ever."""
        self.heard: dict[bytes, resource_provider.EventApplyOperation] = {}
        """What the provider of a busy agent was asked to apply, and goes on about."""
        self.remembered: dict[bytes, mesos.OperationStatus] = {}
        """Ends that were acknowledged."""
        self.retried: list[bytes] = []
        self.abandoned: list[bytes] = []
        self.troubles: dict[bytes, mesos.OperationTrouble] = {}
        self._of_own: set[bytes] = set()
        """Operations on the agent's own resources."""
        self._orchestrator: Orchestrator | None = None

    def send(self, message: link.OrchestratorMessage) -> None:
        self.received.append(message)
        if isinstance(message.apply_operation, link.OrchestratorMessageApplyOperation):
            asked = message.apply_operation.operation
            self.asked[asked.operation_uuid.value] = asked
            if self.busy and asked.operation_uuid.value not in self.ended:
                self.heard[asked.operation_uuid.value] = asked
            elif not self.deaf:
                self.apply(asked)
        if isinstance(message.retry_operation, link.OrchestratorMessageRetryOperation):
            self.retried.append(message.retry_operation.operation_uuid.value)
        if isinstance(message.abandon_operation, link.OrchestratorMessageAbandonOperation):
            self.abandoned.append(message.abandon_operation.operation_uuid.value)
        acknowledged = message.acknowledge_operation_status
        if isinstance(acknowledged, link.OrchestratorMessageAcknowledgeOperationStatus):
            key = acknowledged.acknowledgement.operation_uuid.value
            if key in self.ended:
                self.remembered[key] = self.ended.pop(key)
        questions = message.reconcile_operations
        if isinstance(questions, link.OrchestratorMessageReconcileOperations):
            for each in questions.operation_uuids:
                self._answer(each.value)

    def _answer(self, key: bytes) -> None:
        """What became of an operation, told as its provider tells it."""
        if key in self.remembered:
            self.ended[key] = self.remembered.pop(key)
        if key in self.ended:
            self.tell_status(key)
        elif key not in self.heard:
            self.note(key, mesos.OperationState.OPERATION_DROPPED, "it never came here")

    def close(self, reason: str) -> None:
        self._orchestrator = None

    async def join(self, orchestrator: Orchestrator) -> None:
        info = mesos.AgentInfo(
            hostname=self.hostname, attributes=self.attributes, domain=self.domain or UNSET
        )
        if self.agent_id is not None:
            info.id = mesos.AgentID(value=self.agent_id)
        register = link.AgentMessageRegister(
            agent_info=info,
            version="1",
            tasks=list(self.tasks.values()),
            executors=list(self.executors.values()),
            address="127.0.0.1:5051",
            capabilities=[mesos.AgentInfoCapability(type=each) for each in self.can],
            highest_epoch=UNSET if self.highest_epoch is None else self.highest_epoch,
        )
        self._orchestrator = orchestrator
        self.agent_id = await orchestrator.agents.register(register, self)
        self.report(self.own, None)
        self.report_provider()

    def report_provider(self) -> None:
        self.report(
            self.totals,
            mesos.ResourceProviderInfo(
                id=mesos.ResourceProviderID(value=PROVIDER),
                type="test",
                name="pool",
                default_reservations=[reservation_to_wire(each) for each in self.defaults],
            ),
        )

    def report(self, totals: Resources, info: mesos.ResourceProviderInfo | None) -> None:
        operations = [
            self._told(operation, status) for operation, status in self.ended_of(own=info is None).items()
        ]
        if info is not None:
            operations += [self._pending(key) for key in self.heard if key not in self.ended]
        update = resource_provider.CallUpdateState(
            resources=resources_to_wire(totals),
            operations=operations,
            resource_version_uuid=mesos.UUID(value=uuid.uuid4().bytes),
            profiles=[resource_provider.ProfileInfo(name="default", available=True)],
            capabilities=self.capabilities,
        )
        message = link.AgentMessageUpdateProvider(update_state=update)
        if info is not None:
            message.resource_provider_info = info
            self.last_report = message
        self.tell_report(message)

    def tell_report(self, message: link.AgentMessageUpdateProvider) -> None:
        self.tell(link.AgentMessage(type=link.AgentMessageType.UPDATE_PROVIDER, update_provider=message))

    def _told(self, key: bytes, status: mesos.OperationStatus) -> mesos.Operation:
        """An operation as its provider reports it: what it was asked for, and by whom."""
        asked = self.asked.get(key)
        if asked is None:
            return mesos.Operation(
                info=mesos.OfferOperation(), latest_status=status, uuid=mesos.UUID(value=key)
            )
        return mesos.Operation(
            info=asked.info,
            framework_id=asked.framework_id,
            latest_status=status,
            uuid=mesos.UUID(value=key),
        )

    def _pending(self, key: bytes) -> mesos.Operation:
        operation = mesos.Operation(
            info=self.heard[key].info,
            latest_status=mesos.OperationStatus(state=mesos.OperationState.OPERATION_PENDING),
            uuid=mesos.UUID(value=key),
        )
        if key in self.troubles:
            operation.trouble = self.troubles[key]
        return operation

    def leave(self, message: str = "", *, gone: bool = False) -> None:
        """The provider's session ends; with `gone` an operator removed it for good."""
        left = link.AgentMessageProviderDisconnected(
            resource_provider_id=mesos.ResourceProviderID(value=PROVIDER), message=message
        )
        if gone:
            left.gone = True
        self.tell(
            link.AgentMessage(type=link.AgentMessageType.PROVIDER_DISCONNECTED, provider_disconnected=left)
        )

    def key_of(self, operation_id: str) -> bytes:
        """The UUID of an operation that a framework gave this id."""
        named = mesos.OperationID(value=operation_id)
        return next(key for key, asked in self.asked.items() if asked.info.id == named)

    def work_off(self) -> None:
        """Apply what was heard and not applied."""
        for key in list(self.heard):
            self.apply(self.heard.pop(key))

    def fail(self, key: bytes, message: str) -> None:
        """The operation that was heard ends as FAILED."""
        self.heard.pop(key)
        self.ended[key] = mesos.OperationStatus(
            state=mesos.OperationState.OPERATION_FAILED,
            message=message,
            uuid=mesos.UUID(value=uuid.uuid4().bytes),
        )
        self.tell_status(key)

    def note(self, key: bytes, state: mesos.OperationState, message: str) -> None:
        """A status without a UUID, as the agent answers for a provider that is not here."""
        status = mesos.OperationStatus(state=state, message=message)
        update = resource_provider.CallUpdateOperationStatus(
            operation_uuid=mesos.UUID(value=key), status=status
        )
        told = link.AgentMessageUpdateOperationStatus(
            resource_provider_id=mesos.ResourceProviderID(value=PROVIDER), update=update
        )
        self.tell(
            link.AgentMessage(
                type=link.AgentMessageType.UPDATE_OPERATION_STATUS, update_operation_status=told
            )
        )

    def ended_of(self, *, own: bool) -> dict[bytes, mesos.OperationStatus]:
        """What ended and is not acknowledged, of the agent's own resources or of the provider."""
        return {key: status for key, status in self.ended.items() if (key in self._of_own) is own}

    def tell(self, message: link.AgentMessage) -> None:
        if self._orchestrator is not None and self.agent_id is not None:
            self._orchestrator.agents.message(self.agent_id, message)

    def apply(self, call: resource_provider.EventApplyOperation) -> None:
        key = call.operation_uuid.value
        if key not in self.ended:
            self.applied.append(key)
            if provider_of(operation_from_wire(call.info)) is None:
                self._of_own.add(key)
            self.ended[key] = self._outcome(call.info)
        self.tell_status(key)

    def tell_status(self, key: bytes) -> None:
        update = resource_provider.CallUpdateOperationStatus(
            operation_uuid=mesos.UUID(value=key), status=self.ended[key]
        )
        told = link.AgentMessageUpdateOperationStatus(update=update)
        if key not in self.ended_of(own=True):
            told.resource_provider_id = mesos.ResourceProviderID(value=PROVIDER)
        self.tell(
            link.AgentMessage(
                type=link.AgentMessageType.UPDATE_OPERATION_STATUS, update_operation_status=told
            )
        )

    def _outcome(self, info: mesos.OfferOperation) -> mesos.OperationStatus:
        status = mesos.OperationStatus(
            state=self.refuse.get(str(info.type), mesos.OperationState.OPERATION_FINISHED),
            uuid=mesos.UUID(value=uuid.uuid4().bytes),
        )
        if status.state is not mesos.OperationState.OPERATION_FINISHED:
            status.message = "the script refuses"
            return status
        conversion = _conversion(info, self.defaults)
        if provider_of(operation_from_wire(info)) is None:
            self.own = self.own.apply(conversion)
        else:
            self.totals = self.totals.apply(conversion)
        status.converted_resources = resources_to_wire(conversion.converted)
        return status


def _conversion(info: mesos.OfferOperation, defaults: tuple[Reservation, ...]) -> Conversion:
    operation = operation_from_wire(info)
    if isinstance(operation, CreateDisk):
        source = operation.source
        assert source.disk is not None
        assert source.disk.source is not None
        root = "/volumes/x" if operation.target_type is SourceType.MOUNT else None
        made = replace(
            source.disk.source,
            type=operation.target_type,
            id=str(uuid.uuid4()),
            root=root,
            capacity_group=None,
            cost_milli=DEFAULT_COST_MILLI,
        )
        disk = replace(
            source.with_allocation(None),
            disk=Disk(made, operation.target_persistence),
            reservations=(*source.reservations, *operation.target_reservations),
        )
        return Conversion(consumed(operation), Resources([disk]))
    if isinstance(operation, DestroyDisk):
        stack = defaults if operation.whole else operation.source.reservations
        given_back = replace(pool(operation.source.milli // 1000), reservations=stack)
        return Conversion(consumed(operation), Resources([given_back]))
    if isinstance(operation, GrowVolume) and not is_speculative(operation):
        size = Scalar(operation.volume.milli + operation.addition.milli)
        grown = operation.volume.with_allocation(None).with_value(size)
        return Conversion(consumed(operation), Resources([grown]))
    return speculative_conversion(operation)


class ScriptedFramework:
    """A session that remembers what it was told."""

    def __init__(self) -> None:
        self.events: list[scheduler.Event] = []
        self.closed = ""

    def send(self, message: scheduler.Event) -> None:
        self.events.append(message)

    def close(self, reason: str) -> None:
        self.closed = reason

    def offers(self) -> list[mesos.Offer]:
        return [
            offer
            for event in self.events
            if isinstance(event.offers, scheduler.EventOffers)
            for offer in event.offers.offers
        ]

    def operation_statuses(self) -> list[mesos.OperationStatus]:
        return [
            event.update_operation_status.status
            for event in self.events
            if isinstance(event.update_operation_status, scheduler.EventUpdateOperationStatus)
        ]

    def statuses(self) -> list[mesos.TaskStatus]:
        return [
            event.update.status for event in self.events if isinstance(event.update, scheduler.EventUpdate)
        ]


def open_store(folder: Path) -> SqliteStore:
    return SqliteStore.open(folder / "orchestrator.db", schema.metadata, schema.SCHEMA_VERSION)


async def lead(
    store: SqliteStore, seed: int = 1, config: OrchestratorConfig = OrchestratorConfig()
) -> Orchestrator:
    random, clock = Random(seed), SystemClock()
    ids = SeededIds(random)
    epoch = await Lease(store, Candidate("test", "127.0.0.1:5050", "127.0.0.1:5060"), ids).take()
    assert epoch is not None, "another one leads"
    return await Orchestrator.lead(config, store, unending(epoch, clock), clock, ids, random)
