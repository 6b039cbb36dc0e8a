"""What the agent's resource providers have reported, and the way between them and the orchestrator.

It owns no resource and decides about no operation: providers do. After a registration it has every
provider report anew: a report that is repeated from memory may have been overtaken by operations
that ended since, and what they made would be lost to an orchestrator that knows only the report.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import UNSET, UnsetType

from api.wire.v1 import link, mesos
from api.wire.v1 import resource_provider as rp
from provider.manager.manager import Undeliverable
from provider.manager.silence import SILENT_SECONDS
from provider.own import OWN

log = logging.getLogger(__name__)

Send = Callable[[link.AgentMessage], None]
Told = link.OrchestratorMessageType


class OperationSink(Protocol):
    """Where a provider's operations go. None of these waits; `provider_id` is OWN for the agent's own."""

    def apply_operation(self, provider_id: str, operation: rp.EventApplyOperation) -> None:
        """Apply it once, however often it is said."""

    def acknowledge(self, provider_id: str, acknowledgement: rp.EventAcknowledgeOperationStatus) -> None:
        """That status has arrived for good."""

    def reconcile(self, provider_id: str, operation_uuids: Sequence[mesos.UUID]) -> None:
        """Say again how these operations stand."""

    def intervene(self, provider_id: str, operation: mesos.UUID, event: rp.Event) -> None:
        """What an operator wants of an operation that is stuck."""

    def ask_for_reports(self) -> None:
        """Have each provider report its state now, and its unacknowledged statuses."""


class EventSink(OperationSink, Protocol):
    """Where everything else for providers goes, too."""

    def send(self, provider_id: str, event: rp.Event) -> bool:
        """Send an event that needs no answer; False when the provider is not here to get it."""


class Providers:
    """The providers of one agent, as the orchestrator is told of them.

    Providers, manager and agent each know it; so it is made first, and told of the others once: of those
    that operations go to by `connect`, of the way to the orchestrator by `attach`.
    """

    def __init__(self) -> None:
        self._send: Send = _nowhere
        self._sinks: dict[str, OperationSink] = {}
        self._manager: EventSink | None = None
        self._reports: dict[str, link.AgentMessageUpdateProvider] = {}

    def connect(self, own: OperationSink, manager: EventSink) -> None:
        """Where operations go: to the agent's own resources, and to all other providers."""
        self._sinks[OWN] = own
        self._manager = manager

    def attach(self, send: Send) -> None:
        """Where reports and statuses go. Until then, and without a link, nowhere: they are said again."""
        self._send = send

    @property
    def reports(self) -> list[link.AgentMessageUpdateProvider]:
        """The latest report of each provider, the agent's own first; for those who look at this agent."""
        return [self._reports[key] for key in sorted(self._reports)]

    def ask_for_reports(self) -> None:
        """The orchestrator knows nothing (any more): everything is stated anew, by those who own it."""
        for sink in (*self._sinks.values(), self._manager):
            if sink is not None:
                sink.ask_for_reports()

    # told by providers

    def provider_updated(self, info: mesos.ResourceProviderInfo | None, state: rp.CallUpdateState) -> None:
        """UPDATE_STATE of a provider; `info` is None for the agent's own resources."""
        key = OWN if info is None else _provider_key(info.id)
        report = link.AgentMessageUpdateProvider(
            resource_provider_info=UNSET if info is None else info, update_state=state
        )
        self._reports[key] = report
        self._send(link.AgentMessage(type=link.AgentMessageType.UPDATE_PROVIDER, update_provider=report))

    def provider_disconnected(self, provider_id: str, message: str = "", *, gone: bool = False) -> None:
        """A provider has left; its disks go on being used, nothing new can be done with them. `gone`: for
        good. Said also of one that has not been here for long, and again after each registration.
        """
        self._reports.pop(provider_id, None)
        left = link.AgentMessageProviderDisconnected(
            resource_provider_id=mesos.ResourceProviderID(value=provider_id),
            message=message or UNSET,
            gone=True if gone else UNSET,
        )
        self._send(
            link.AgentMessage(type=link.AgentMessageType.PROVIDER_DISCONNECTED, provider_disconnected=left)
        )

    def operation_undeliverable(self, provider_id: str, operation: mesos.UUID, why: Undeliverable) -> None:
        """An operation did not reach its provider: the orchestrator is told what is known of it instead.

        It is no part of a status stream (no UUID), and so is not repeated: the operation is asked for, or
        sent, again when its provider is back.
        """
        state, message = UNDELIVERABLE[why]
        status = mesos.OperationStatus(
            state=state, message=message, resource_provider_id=mesos.ResourceProviderID(value=provider_id)
        )
        update = rp.CallUpdateOperationStatus(status=status, latest_status=status, operation_uuid=operation)
        self.operation_status(provider_id, update)

    def operation_status(self, provider_id: str, update: rp.CallUpdateOperationStatus) -> None:
        """UPDATE_OPERATION_STATUS of a provider. Its stream repeats it until it is acknowledged."""
        told = link.AgentMessageUpdateOperationStatus(
            resource_provider_id=UNSET if provider_id == OWN else mesos.ResourceProviderID(value=provider_id),
            update=update,
        )
        self._send(
            link.AgentMessage(
                type=link.AgentMessageType.UPDATE_OPERATION_STATUS, update_operation_status=told
            )
        )

    # told by the orchestrator

    def received(self, message: link.OrchestratorMessage) -> bool:
        """Whether `message` was one for a provider; it is on its way there then."""
        if message.apply_operation is not UNSET:
            apply = message.apply_operation
            key = _provider_key(apply.resource_provider_id)
            self._sink(key).apply_operation(key, apply.operation)
        elif message.acknowledge_operation_status is not UNSET:
            told = message.acknowledge_operation_status
            key = _provider_key(told.resource_provider_id)
            self._sink(key).acknowledge(key, told.acknowledgement)
        elif message.reconcile_operations is not UNSET:
            asked = message.reconcile_operations
            key = _provider_key(asked.resource_provider_id)
            self._sink(key).reconcile(key, asked.operation_uuids)
        elif message.admit_volume is not UNSET:
            self._admit(message.admit_volume)
        elif message.retry_operation is not UNSET:
            wish = message.retry_operation
            retry = rp.EventRetryOperation(operation_uuid=wish.operation_uuid)
            self._intervene(wish, rp.Event(type=rp.EventType.RETRY_OPERATION, retry_operation=retry))
        elif message.abandon_operation is not UNSET:
            given_up = message.abandon_operation
            abandon = rp.EventAbandonOperation(operation_uuid=given_up.operation_uuid)
            event = rp.Event(type=rp.EventType.ABANDON_OPERATION, abandon_operation=abandon)
            self._intervene(given_up, event)
        else:
            return False
        return True

    def _intervene(
        self,
        wish: link.OrchestratorMessageRetryOperation | link.OrchestratorMessageAbandonOperation,
        event: rp.Event,
    ) -> None:
        key = _provider_key(wish.resource_provider_id)
        self._sink(key).intervene(key, wish.operation_uuid, event)

    def _admit(self, wish: link.OrchestratorMessageAdmitVolume) -> None:
        """Lost when the provider is not here: who wants the volume asks again."""
        assert self._manager is not None, "connect() comes before the link"
        event = rp.Event(type=rp.EventType.ADMIT_VOLUME, admit_volume=wish.volume)
        self._manager.send(wish.resource_provider_id.value, event)

    def _sink(self, key: str) -> OperationSink:
        sink = self._sinks.get(key, self._manager)
        assert sink is not None, "connect() comes before the link"
        return sink


UNDELIVERABLE = {
    Undeliverable.AWAY: (
        mesos.OperationState.OPERATION_RECOVERING,
        "its provider is not here: the operation goes on when it is back; start it, or look at its log",
    ),
    Undeliverable.SILENT: (
        mesos.OperationState.OPERATION_PENDING,
        f"its provider got it and has said nothing for {SILENT_SECONDS:g} s: see its log, and whether its "
        "process still runs; the operation goes on when it does",
    ),
    Undeliverable.REMOVED: (
        mesos.OperationState.OPERATION_GONE_BY_OPERATOR,
        "its provider was removed for good by an operator",
    ),
    Undeliverable.NEVER_ADMITTED: (
        mesos.OperationState.OPERATION_DROPPED,
        "no such provider was ever admitted by this agent",
    ),
}
"""What is said of an operation that did not reach its provider."""


def _nowhere(message: link.AgentMessage) -> None:
    log.debug("a message of type %s has nowhere to go yet", message.type)


def _provider_key(provider_id: mesos.ResourceProviderID | UnsetType) -> str:
    return OWN if provider_id is UNSET else provider_id.value
