"""ACCEPT: from offers to operations and launches, all or each for itself.

The offers of one call become one pile of resources; each operation takes from it and puts its
result back, in the order given; what is left returns to the pool. A call that is repeated
because its answer was lost changes nothing. No I/O here.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET

from api.model.errors import OrlopError
from api.model.operation import (
    CREATE_DISK_WHOLE,
    CreateDisk,
    Destroy,
    DestroyDisk,
    InvalidOperation,
    OperationType,
    Reserve,
    is_speculative,
    is_whole,
    provider_of,
    resources_of,
    speculative_conversion,
)
from api.model.operation import consumed as consumed_by
from api.model.operation_rules import validate
from api.model.resource import Resource
from api.wire.convert_operations import operation_from_wire
from api.wire.errors import WireError
from api.wire.v1 import mesos, scheduler
from orchestrator.allocator import Allocator
from orchestrator.journal import Journal, Transaction
from orchestrator.launches import Launches
from orchestrator.ledger import Ledger
from orchestrator.offers import Offer, Offers
from orchestrator.operations import Operations
from orchestrator.pile import NotOffered, Pile
from orchestrator.provisioning import Provisioning
from orchestrator.quota_claims import QuotaClaims
from orchestrator.records import digest_of
from orchestrator.state import ClusterState, Framework, value_of
from orchestrator.task_rules import is_launch

UNACKNOWLEDGED_LIMIT = 10_000
"""Operations with an id that one framework may have unfinished, or ended and not acknowledged. A further
one is refused by OPERATION_ERROR until it acknowledges some: what it is owed is kept until then."""

Capability = mesos.FrameworkInfoCapabilityType


class OffersGone(Exception):
    """The call rests on offers that are not outstanding: the framework must wait for new ones."""


class Acceptance:
    """Carries out ACCEPT calls."""

    def __init__(
        self,
        state: ClusterState,
        ledger: Ledger,
        journal: Journal,
        allocator: Allocator,
        offers: Offers,
        operations: Operations,
        launches: Launches,
        provisioning: Provisioning,
        quota: QuotaClaims,
    ) -> None:
        self._state = state
        self._ledger = ledger
        self._journal = journal
        self._allocator = allocator
        self._offers = offers
        self._operations = operations
        self._refusals = operations.refusals
        self._launches = launches
        self._provisioning = provisioning
        self._quota = quota

    async def accept(self, framework: Framework, call: scheduler.CallAccept) -> None:
        """Carry a call out. Durable, whole, when this returns.

        What cannot be accepted is told to the framework by statuses, as Mesos does: TASK_ERROR or
        OPERATION_ERROR for what is invalid, TASK_DROPPED (TASK_LOST) for offers that have gone.
        """
        try:
            offers = self._outstanding(framework, call)
        except OffersGone as gone:
            transaction = Transaction()
            for operation in call.operations:
                if not self._is_repeat(transaction, framework, operation):
                    self._refuse(transaction, framework, operation, str(gone), invalid=False)
            for offer_id in call.offer_ids:
                offer = self._offers.find(framework.framework_id, offer_id.value)
                if offer is not None:
                    self._offers.take_back(offer)
            # A repeat of an accepted call is answered only when what it repeats is durable.
            await self._journal.commit(transaction)
            await self._journal.barrier()
            return
        pile = Pile(offers)
        for offer in offers:
            self._offers.take(offer)
        transaction = Transaction()
        try:
            for operation in call.operations:  # one may repeat another of the same call
                if not self._is_repeat(transaction, framework, operation):
                    self._carry_out(transaction, framework, pile, operation)
        finally:
            durable = self._journal.begin(transaction)  # what follows is memory's alone
            self._operations.settle_totals()
        self._give_back(framework, pile, call)
        await durable

    def _is_repeat(
        self, transaction: Transaction, framework: Framework, operation: mesos.OfferOperation
    ) -> bool:
        """Whether this was accepted, or refused, before. The same id for something else is refused here."""
        operation_id = value_of(operation.id)
        if operation_id is None:
            return False
        record = self._ledger.find(framework.framework_id, operation_id)
        if record is None:
            return self._refusals.repeat(transaction, framework.framework_id, operation_id)
        if record.digest and record.digest != digest_of(operation):
            self._refusals.tell_once(
                framework.framework_id,
                operation_id,
                f"operation id {operation_id!r} was used before for something else: choose another id",
            )
        return True

    def _outstanding(self, framework: Framework, call: scheduler.CallAccept) -> list[Offer]:
        if not call.offer_ids:
            raise OffersGone("the call names no offer")
        offers = []
        for offer_id in dict.fromkeys(entry.value for entry in call.offer_ids):
            offer = self._offers.find(framework.framework_id, offer_id)
            if offer is None:
                raise OffersGone(f"offer {offer_id} is no longer valid: wait for a new one")
            offers.append(offer)
        if len({offer.agent_id for offer in offers}) > 1:
            raise OffersGone("the offers are of several agents: accept those of one agent in one call")
        if len({offer.role for offer in offers}) > 1:
            raise OffersGone("the offers are of several roles: accept those of one role in one call")
        return offers

    def _carry_out(
        self, transaction: Transaction, framework: Framework, pile: Pile, info: mesos.OfferOperation
    ) -> None:
        if is_launch(info):
            self._operations.settle_totals()
            self._launches.carry_out(transaction, framework, pile, info)
            return
        try:
            self._operate(transaction, framework, pile, info)
        except (OrlopError, WireError) as error:
            self._refuse(transaction, framework, info, str(error), invalid=True)

    def _operate(
        self, transaction: Transaction, framework: Framework, pile: Pile, info: mesos.OfferOperation
    ) -> None:
        self._check_acknowledges(framework, info)
        operation = operation_from_wire(info)
        validate(operation)
        if isinstance(operation, Reserve):
            _check_reserved_for(pile.role, operation.type, operation.resources)
            if consumed_by(operation).reserved():
                self._operations.settle_totals()
                self._quota.check_refinement(operation)
            _check_refines(framework, operation.type, operation.resources)
        if isinstance(operation, CreateDisk | DestroyDisk) and is_whole(operation):
            self._check_whole(framework, pile, operation)
        if isinstance(operation, Destroy | DestroyDisk):
            self._check_own(operation)
        taken = consumed_by(operation)
        if not pile.left.contains(taken):
            raise NotOffered(taken, pile.left)
        if is_speculative(operation):
            pile.left = pile.left.apply(speculative_conversion(operation))
        else:
            pile.left = pile.left - taken
        self._operations.accept(
            transaction,
            info=info,
            operation=operation,
            agent_id=pile.agent_id,
            provider_id=provider_of(operation),
            framework_id=framework.framework_id,
            role=pile.role,
            is_last=False,
        )

    def _check_whole(self, framework: Framework, pile: Pile, operation: CreateDisk | DestroyDisk) -> None:
        """Raises InvalidOperation unless the provider can, and RESERVE could make the reservation."""
        provider = self._state.provider((pile.agent_id, provider_of(operation)))
        if provider is None or CREATE_DISK_WHOLE not in provider.capabilities:
            raise InvalidOperation(
                f"{operation.type} of {operation.source}: its provider does not make whole volumes: leave "
                "the extension fields out, and use RESERVE, CREATE, DESTROY, UNRESERVE"
            )
        if isinstance(operation, CreateDisk) and operation.target_reservations:
            _check_reserved_for(pile.role, operation.type, (operation.target,))
            _check_refines(framework, operation.type, (operation.target,))

    def _check_acknowledges(self, framework: Framework, info: mesos.OfferOperation) -> None:
        """Raises InvalidOperation when the framework is owed too many outcomes already."""
        if info.id is UNSET or self._ledger.awaited_by(framework.framework_id) < UNACKNOWLEDGED_LIMIT:
            return
        raise InvalidOperation(
            f"{UNACKNOWLEDGED_LIMIT} operations of this framework are unfinished, or have ended and are not "
            "acknowledged: acknowledge outcomes (RECONCILE_OPERATIONS tells what there is), then try again"
        )

    def _check_own(self, operation: Destroy | DestroyDisk) -> None:
        """Raises InvalidOperation for an operator's volume: whoever made it ends it."""
        for volume in resources_of(operation):
            record = self._provisioning.operators_volume(volume) if volume.is_persistent else None
            if record is not None:
                raise InvalidOperation(
                    f"{operation.type} of {volume}: it is an operator's volume; an operator ends it "
                    f"(`orlop volume destroy {record.name}`)"
                )

    def _give_back(self, framework: Framework, pile: Pile, call: scheduler.CallAccept) -> None:
        """What is left is in the pool again, and is not offered to this framework for a while."""
        if pile.left.is_empty:
            return
        until = self._offers.filter_until(call.filters)
        place = framework.framework_id, pile.role, pile.agent_id
        self._allocator.decline(*place, pile.left, until, is_held=False)

    def _refuse(
        self,
        transaction: Transaction,
        framework: Framework,
        info: mesos.OfferOperation,
        message: str,
        *,
        invalid: bool,
    ) -> None:
        if is_launch(info):
            self._launches.refuse(transaction, framework, info, message, invalid=invalid)
            return
        operation_id = value_of(info.id)
        if operation_id is not None:
            self._refusals.keep(transaction, framework.framework_id, operation_id, message)


def _check_reserved_for(role: str, kind: OperationType, resources: Iterable[Resource]) -> None:
    """Raises InvalidOperation unless all is reserved for the role that it was offered to."""
    for resource in resources:
        if resource.role != role:
            raise InvalidOperation(
                f"{kind} of {resource}: it was offered to role {role!r} and can be reserved for no other"
            )


def _check_refines(framework: Framework, kind: OperationType, resources: Iterable[Resource]) -> None:
    """Raises InvalidOperation when a reservation would rest on another, which the framework does not know."""
    if framework.has_capability(Capability.RESERVATION_REFINEMENT):
        return
    for resource in resources:
        if len(resource.reservations) > 1:
            raise InvalidOperation(
                f"{kind} of {resource}: it is reserved already, and would be reserved anew below that: this "
                "takes a framework with the capability RESERVATION_REFINEMENT"
            )
