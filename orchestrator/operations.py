"""Operations from acceptance to acknowledgement.

    accepted (ledger) -> sent to the agent -> status from the provider (ledger) -> told to the
    owner -> acknowledged (ledger) -> acknowledged to the provider

Every arrow that leaves the process comes after the write on its left. What was accepted and has
no outcome is sent again whenever its provider is back; providers apply an operation once.
No I/O here; what an operation does to resources is `api.model.operation`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial

from msgspec import UNSET, structs

from api.model.clock import Clock
from api.model.errors import InvalidRequest
from api.model.ids import IdSource
from api.model.operation import Operation, is_speculative, speculative_conversion
from api.model.resources import Conversion, Resources
from api.wire.convert import resources_from_wire
from api.wire.convert_operations import operation_from_wire
from api.wire.v1 import mesos, resource_provider, scheduler
from orchestrator.allocator import Allocator
from orchestrator.effects import TERMINAL_STATES, holds_of, is_nothing, outcome_of
from orchestrator.in_flight import InFlight
from orchestrator.journal import Transaction
from orchestrator.ledger import Ledger
from orchestrator.messages import addressed_status, status_uuid
from orchestrator.offers import Offers
from orchestrator.operation_mail import OperationMail
from orchestrator.reckoning import Reckoning
from orchestrator.reconciliation import gone_status
from orchestrator.records import OperationRecord, digest_of
from orchestrator.refusal_mail import RefusalMail
from orchestrator.restoration import Restoration
from orchestrator.restored_operations import ASKED, LOST, AskedFor, learned, note_learned, note_lost
from orchestrator.standings import Standings
from orchestrator.state import ChangeKind, ClusterState, Provider, value_of
from orchestrator.troubles import Troubles

log = logging.getLogger(__name__)

Ended = Callable[[OperationRecord, Transaction], None]
"""Told, within the same transaction, that an operation has its outcome."""


class Operations:
    """Accepts operations for their providers and tells their owners how they went."""

    def __init__(
        self,
        state: ClusterState,
        ledger: Ledger,
        allocator: Allocator,
        offers: Offers,
        mail: OperationMail,
        refusals: RefusalMail,
        standings: Standings,
        restoration: Restoration,
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._state = state
        self._ledger = ledger
        self._restoration = restoration
        self._allocator = allocator
        self._offers = offers
        self._mail = mail
        self._standings = standings
        self._clock, self._ids = clock, ids
        self._troubles = Troubles(state, clock)
        self._in_flight = InFlight()
        self._asked_for = AskedFor()
        reckoning = Reckoning(state, allocator)
        self._begin_speculation, self.settle_totals = reckoning.begin, reckoning.settle
        self.totals_changed = reckoning.totals_changed
        self._on_provisioning_ended: Ended | None = None
        self.refusals = refusals
        """Of those that were not accepted."""

    def on_provisioning_ended(self, callback: Ended) -> None:
        """Whom to tell when an operation of a provisioning has its outcome."""
        self._on_provisioning_ended = callback

    def recover(self) -> Iterator[None]:
        """Take up the ledger's operations after a start. Agents are not here yet."""
        unfinished = (each for each in self._ledger.operations.values() if not each.terminal)
        yield from map(self._in_flight.take_up, unfinished)

    def accept(
        self,
        transaction: Transaction,
        *,
        info: mesos.OfferOperation,
        operation: Operation,
        agent_id: str,
        provider_id: str | None,
        framework_id: str | None = None,
        role: str | None = None,
        provisioning: str | None = None,
        is_last: bool = True,
    ) -> OperationRecord:
        """Accept a validated operation whose resources its owner holds; send it once durable.

        The caller has taken `consumed(operation)` out of what is allocated: from here on this
        operation holds what must not be offered meanwhile. `is_last`: False when the caller has more, and
        calls `settle_totals` after the last, and before it looks at the allocator.
        """
        record = OperationRecord(
            uuid=self._ids.uuid().bytes,
            framework_id=framework_id,
            operation_id=value_of(info.id),
            agent_id=agent_id,
            provider_id=provider_id,
            role=role,
            info=info,
            digest=digest_of(info) if info.id is not UNSET else b"",
            created=self._clock.now(),
            provisioning=provisioning,
        )
        self._take_up(transaction, record, operation)
        self._begin_speculation(record, operation)
        if is_last:
            self.settle_totals()
        transaction.afterwards(lambda: self._mail.send(record))
        return record

    def _take_up(self, transaction: Transaction, record: OperationRecord, operation: Operation) -> None:
        provider = self._state.provider((record.agent_id, record.provider_id))
        holds = holds_of(record, operation).described_as_in(provider.totals.view if provider else Resources())
        self._in_flight.begin(record, operation, holds)
        if holds:
            self.settle_totals()
            self._allocator.allocate(record.framework_id, record.role, record.agent_id, holds)
        transaction.add(self._ledger.accept_operation(record))
        self._state.changed(ChangeKind.OPERATION_UPDATED, record)

    def held(self, agent_id: str) -> list[tuple[OperationRecord, Resources]]:
        """What operations without an outcome hold on one agent."""
        return self._in_flight.held(agent_id)

    def provider_reported(
        self,
        transaction: Transaction,
        provider: Provider,
        update: resource_provider.CallUpdateState,
        *,
        first: bool,
    ) -> None:
        """A provider restated its totals and operations.

        An operation that it reports as ended is in its totals already. When this is its first
        report since it came back, what it does not know is sent (again).
        """
        agent_id, provider_id = provider.key
        reported = {operation.uuid.value: operation for operation in update.operations}
        # In the order in which the provider tells them: what follows from each must not depend on hashes.
        ended = [
            uuid for uuid, operation in reported.items() if operation.latest_status.state in TERMINAL_STATES
        ]
        provider.totals.report(resources_from_wire(update.resources).unallocated(), ended)
        if first:
            self._compare(transaction, provider, reported)
            self._restore_speculation(provider, reported)
            # Before what follows from the outcomes below: that is sent by itself, and after these.
            for record in self._in_flight.of_provider(*provider.key):
                if record.uuid not in reported and record.uuid not in self._asked_for:
                    transaction.afterwards(lambda record=record: self._mail.send(record))  # type: ignore[misc]
                elif record.abandoned is not None and record.uuid in reported:
                    transaction.afterwards(lambda record=record: self._mail.abandon(record))  # type: ignore[misc]
        for record in self._in_flight.of_provider(*provider.key):
            self._troubles.reported(record, reported.get(record.uuid))
            self._troubles.noted(record, ASKED if record.uuid in self._asked_for else UNSET)
        for uuid in ended:
            self._status(transaction, uuid, agent_id, provider_id, reported[uuid].latest_status, counted=True)
        self.totals_changed(provider)

    def status_arrived(
        self,
        transaction: Transaction,
        agent_id: str,
        provider_id: str | None,
        update: resource_provider.CallUpdateOperationStatus,
    ) -> None:
        """A provider tells of one operation, perhaps again."""
        uuid = update.operation_uuid.value
        self._status(transaction, uuid, agent_id, provider_id, update.status, counted=False)

    def acknowledge(
        self, transaction: Transaction, framework_id: str, call: scheduler.CallAcknowledgeOperationStatus
    ) -> bool:
        """A framework has seen a status. False when there is no such operation or status."""
        if self.refusals.acknowledge(transaction, framework_id, call):
            return True
        record = self._ledger.find(framework_id, call.operation_id.value)
        if record is None or not any(status_uuid(status) == call.uuid for status in record.statuses):
            return False
        self._acknowledged(transaction, record, call.uuid)
        return True

    def orphan(self, transaction: Transaction, framework_id: str) -> None:
        """The framework is gone for good: acknowledge in its place, now and later."""
        for record in list(self._ledger.operations.values()):
            if record.framework_id == framework_id and record.terminal and not record.acknowledged:
                self._acknowledged(transaction, record, status_uuid(record.statuses[-1]))
        self.refusals.orphan(transaction, framework_id)

    def resend(self, transaction: Transaction, framework_id: str) -> None:
        """A framework has (re)subscribed: what it has not acknowledged is told again, once it is durable."""
        for record in self._ledger.operations.values():
            if record.framework_id == framework_id and record.terminal and not record.acknowledged:
                transaction.afterwards(partial(self._mail.tell_outcome, record))

    def agent_lost(self, agent_id: str) -> None:
        """Its operations go on, and nobody knows how: their owners are told so, once."""
        for record in self._in_flight.of_agent(agent_id):
            self._troubles.over(record)
            self._mail.tell(record, self._standings.latest(record))

    def provider_left(self, agent_id: str, provider_id: str) -> None:
        """What it said of its operations may be so no more; that it is away is what is known now."""
        for record in self._in_flight.of_provider(agent_id, provider_id):
            self._troubles.over(record)

    def provider_gone(self, transaction: Transaction, agent_id: str, provider_id: str) -> None:
        """An operator removed a provider for good: what has no outcome will have no other than that."""
        for record in self._in_flight.of_provider(agent_id, provider_id):
            self._end(transaction, record, gone_status(), counted=False)

    def agent_gone(self, transaction: Transaction, agent_id: str) -> None:
        """The same of an agent with all its providers."""
        for record in self._in_flight.of_agent(agent_id):
            self._end(transaction, record, gone_status(), counted=False)

    def abandon_uuid(self, transaction: Transaction, uuid: bytes) -> None:
        """The same of the operation with this UUID, if it has no outcome yet."""
        record = self._ledger.operations.get(uuid)
        if record is not None and not record.terminal:
            self.abandon(transaction, record)

    def abandon(self, transaction: Transaction, record: OperationRecord) -> None:
        """An operator gives up an operation without an outcome: its provider is told, once it is here."""
        if self._asked_for.answered(record, LOST) is not None:
            self._is_lost(transaction, record)
            return
        if record.abandoned is None:
            transaction.add(self._ledger.abandon(record, self._clock.now()))
            self._state.changed(ChangeKind.OPERATION_UPDATED, record)
        transaction.afterwards(lambda: self._mail.send(record))

    # Speculation: a RESERVE, UNRESERVE, CREATE or DESTROY shows in totals from its acceptance on.

    def _restore_speculation(self, provider: Provider, reported: dict[bytes, mesos.Operation]) -> None:
        for record in self._in_flight.of_provider(*provider.key):
            operation = self._in_flight.operation(record)
            known = reported.get(record.uuid)
            ended = known is not None and known.latest_status.state in TERMINAL_STATES
            if not ended and is_speculative(operation) and record.uuid not in self._asked_for:
                provider.totals.begin(record.uuid, speculative_conversion(operation))

    # After the registry was restored from a backup.

    def _compare(
        self, transaction: Transaction, provider: Provider, reported: dict[bytes, mesos.Operation]
    ) -> None:
        """What the provider has and the backup has not is learned. What the backup has and the provider does
        not tell of is never sent again: it may have been done since, and its outcome acknowledged. It is
        asked for, but for steps of volumes: of these the volume itself says more."""
        for uuid, told in reported.items() if self._restoration.is_open else ():
            record = None if uuid in self._ledger.operations else learned(told, provider.key)
            if record is not None:
                self._take_up(transaction, record, operation_from_wire(record.info))
                note_learned(self._restoration, transaction, record)
        records = self._in_flight.of_provider(*provider.key)
        lacking = [r for r in records if r.uuid not in reported and self._restoration.precedes(r.created)]
        for record in lacking:
            if record.provisioning is not None:
                self._is_lost(transaction, record)
        asked = self._asked_for.ask(each for each in lacking if each.provisioning is None)
        transaction.afterwards(lambda: self._mail.ask(*provider.key, asked))

    def _is_lost(self, transaction: Transaction, record: OperationRecord) -> None:
        note_lost(self._restoration, transaction, record)
        self._end(transaction, record, LOST, counted=True, goes_on=False)

    # Outcomes.

    def _status(
        self,
        transaction: Transaction,
        uuid: bytes,
        agent_id: str,
        provider_id: str | None,
        status: mesos.OperationStatus,
        *,
        counted: bool,
    ) -> None:
        record = self._ledger.operations.get(uuid)
        if record is None or (record.agent_id, record.provider_id) != (agent_id, provider_id):
            if self._restoration.is_open and self._state.provider((agent_id, provider_id)) is None:
                return  # told again; its provider says first what it was
            # Forgotten since its owner had the outcome, or not this provider's to tell: nobody waits for it.
            transaction.afterwards(lambda: self._mail.acknowledge(uuid, agent_id, provider_id, status))
            return
        if record.terminal:
            self._repeated(transaction, record, status)
        elif status.state not in TERMINAL_STATES:
            self._troubles.noted(record, status.message)
        elif (answer := self._asked_for.answered(record, status)) is None:
            self._end(transaction, record, status, counted)
        elif answer is LOST:
            self._is_lost(transaction, record)
        else:
            self._end(transaction, record, answer, counted=True)

    def _end(
        self,
        transaction: Transaction,
        record: OperationRecord,
        status: mesos.OperationStatus,
        counted: bool,
        goes_on: bool = True,
    ) -> None:
        """An operation has its outcome: durable, reckoned with, and told. `goes_on`: its provisioning does.

        One that cannot be reckoned with is shown: the operation stays open, and what it holds stays held.
        """
        try:
            made = outcome_of(self._in_flight.operation(record), status)
        except InvalidRequest as error:
            log.error("the result of operation %s cannot be read: %s", record.uuid.hex(), error)
            self._troubles.noted(
                record, f"its provider says it is done, which cannot be: {error}; mend the provider"
            )
            return
        self._troubles.over(record)
        status = self._addressed(record, status)
        nobody_waits = self._acknowledged_by_orchestrator(record)
        transaction.add(self._ledger.record_status(record, status, terminal=True, acknowledged=nobody_waits))
        self._settle(record, made, counted)
        if goes_on and record.provisioning is not None and self._on_provisioning_ended is not None:
            self._on_provisioning_ended(record, transaction)
        transaction.afterwards(lambda: self._pass_on(record, status))
        self._state.changed(ChangeKind.OPERATION_UPDATED, record)

    def _settle(self, record: OperationRecord, made: Conversion | None, counted: bool) -> None:
        """Give back what the operation held, and let totals say what it made; None when it did nothing."""
        flight = self._in_flight.end(record)
        self._allocator.release(record.framework_id, record.role, record.agent_id, flight.holds)
        provider = self._state.provider((record.agent_id, record.provider_id))
        if provider is None or counted:
            return
        if made is not None:
            change = provider.totals.finish(record.uuid, made)
        else:
            change = provider.totals.undo(record.uuid)
        self.totals_changed(provider, change)
        if record.provisioning is not None or not is_nothing(change):
            self._offers.triggers.agent(record.agent_id)
        # The result of a speculative operation may be on offer already, and now will never be.
        self._offers.rescind_lost(provider, change.consumed)

    def _repeated(
        self, transaction: Transaction, record: OperationRecord, status: mesos.OperationStatus
    ) -> None:
        """The provider tells an outcome again: the owner, or the provider, has missed something."""
        if not record.acknowledged and self._acknowledged_by_orchestrator(record):
            transaction.add(self._ledger.acknowledge(record))
        transaction.afterwards(lambda: self._pass_on(record, status))

    def _pass_on(self, record: OperationRecord, status: mesos.OperationStatus) -> None:
        if record.acknowledged:
            self._mail.acknowledge(record.uuid, record.agent_id, record.provider_id, status)
        else:
            self._mail.tell(record, record.statuses[-1])

    def _acknowledged_by_orchestrator(self, record: OperationRecord) -> bool:
        if record.framework_id is None or record.operation_id is None:
            return True
        return record.framework_id not in self._state.frameworks

    def _acknowledged(self, transaction: Transaction, record: OperationRecord, uuid: bytes) -> None:
        if record.terminal and status_uuid(record.statuses[-1]) == uuid:
            transaction.add(self._ledger.acknowledge(record))
            self._state.changed(ChangeKind.OPERATION_ACKNOWLEDGED, record)
        status = next(status for status in record.statuses if status_uuid(status) == uuid)
        transaction.afterwards(
            lambda: self._mail.acknowledge(record.uuid, record.agent_id, record.provider_id, status)
        )

    def _addressed(self, record: OperationRecord, status: mesos.OperationStatus) -> mesos.OperationStatus:
        """An outcome that no provider's stream repeats gets its UUID here, so that its owner is told until it
        acknowledges."""
        told = status_uuid(status) or self._acknowledged_by_orchestrator(record)
        uuid = status.uuid if told else mesos.UUID(value=self._ids.uuid().bytes)
        return addressed_status(record, structs.replace(status, uuid=uuid), self._clock.now())
