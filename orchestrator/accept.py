"""ACCEPT: from offers to operations and launches, all or each for itself.

The offers of one call become one pile of resources; each operation takes from it and puts its
result back, in the order given; what is left returns to the pool. A call that is repeated
because its answer was lost changes nothing. No I/O here.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET

from api.model.errors import InvalidRequest, OrlopError
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
from api.model.resources import Resources
from api.model.validation import validate_resources
from api.wire.convert import resources_from_wire
from api.wire.convert_operations import operation_from_wire
from api.wire.errors import WireError
from api.wire.served import refusals
from api.wire.v1 import mesos, scheduler
from orchestrator.allocator import Allocator
from orchestrator.journal import Journal, Transaction
from orchestrator.ledger import Ledger
from orchestrator.offers import Offer, Offers
from orchestrator.operations import Operations
from orchestrator.provisioning import Provisioning
from orchestrator.quota_claims import QuotaClaims
from orchestrator.records import digest_of
from orchestrator.state import ClusterState, Framework, value_of
from orchestrator.tasks import Tasks

TASK_ID_LIMIT = 255
"""Characters in a task's id: it names a folder on the agent."""

UNACKNOWLEDGED_LIMIT = 10_000
"""Operations with an id that one framework may have unfinished, or ended and not acknowledged. A further
one is refused by OPERATION_ERROR until it acknowledges some: what it is owed is kept until then."""

FRAMEWORK_TASKS_LIMIT = 50_000
"""Tasks that one framework may have running, or ended and not acknowledged. A further one is dropped
(TASK_DROPPED, or TASK_LOST) until it acknowledges the end of some."""

NO_LAUNCH_ID = "a LAUNCH has no outcome but its tasks' statuses: leave its operation id out"

Reason = mesos.TaskStatusReason
Capability = mesos.FrameworkInfoCapabilityType


class OffersGone(Exception):
    """The call rests on offers that are not outstanding: the framework must wait for new ones."""


class InvalidTask(InvalidRequest):
    """The task can never run as it is; the message says what to change."""


class NotOffered(InvalidRequest):
    """The call uses what its offers do not hold."""

    def __init__(self, wanted: Resources, left: Resources) -> None:
        missing = wanted - left
        super().__init__(f"not in the accepted offers: {missing}; they still hold: {left}")


class _Pile:
    """What is left of the accepted offers while a call's operations take from it."""

    def __init__(self, offers: list[Offer]) -> None:
        self.agent_id = offers[0].agent_id
        self.role = offers[0].role
        self.left = Resources.total(offer.resources for offer in offers)


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
        tasks: Tasks,
        provisioning: Provisioning,
        quota: QuotaClaims,
    ) -> None:
        self._state = state
        self._ledger = ledger
        self._journal = journal
        self._allocator = allocator
        self._offers = offers
        self._operations = operations
        self._tasks = tasks
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
            for operation in call.operations:
                if not self._is_repeat(framework, operation):
                    self._refuse(framework, operation, str(gone), invalid=False)
            for offer_id in call.offer_ids:
                offer = self._offers.find(framework.framework_id, offer_id.value)
                if offer is not None:
                    self._offers.take_back(offer)
            # A repeat of an accepted call is answered only when what it repeats is durable.
            await self._journal.barrier()
            return
        pile = _Pile(offers)
        for offer in offers:
            self._offers.take(offer)
        transaction = Transaction()
        for operation in call.operations:  # one may repeat another of the same call
            if not self._is_repeat(framework, operation):
                self._carry_out(transaction, framework, pile, operation)
        self._give_back(framework, pile, call)
        await self._journal.commit(transaction)

    def _is_repeat(self, framework: Framework, operation: mesos.OfferOperation) -> bool:
        """Whether this was accepted before. The same id for something else is refused here."""
        operation_id = value_of(operation.id)
        if operation_id is None:
            return False
        record = self._ledger.find(framework.framework_id, operation_id)
        if record is None:
            return False
        if record.digest != digest_of(operation):
            self._operations.tell_error(
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
        self, transaction: Transaction, framework: Framework, pile: _Pile, info: mesos.OfferOperation
    ) -> None:
        if info.type is mesos.OfferOperationType.LAUNCH:
            for task in launched_by(info):
                if info.id is UNSET:
                    self._launch(transaction, framework, pile, task)
                else:
                    self._tasks.refuse(
                        framework, task, Reason.REASON_TASK_INVALID, NO_LAUNCH_ID, invalid=True
                    )
            return
        try:
            self._operate(transaction, framework, pile, info)
        except (OrlopError, WireError) as error:
            self._refuse(framework, info, str(error), invalid=True)

    def _operate(
        self, transaction: Transaction, framework: Framework, pile: _Pile, info: mesos.OfferOperation
    ) -> None:
        self._check_acknowledges(framework, info)
        operation = operation_from_wire(info)
        validate(operation)
        if isinstance(operation, Reserve):
            _check_reserved_for(pile.role, operation.type, operation.resources)
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
        )

    def _check_whole(self, framework: Framework, pile: _Pile, operation: CreateDisk | DestroyDisk) -> None:
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

    def _launch(
        self, transaction: Transaction, framework: Framework, pile: _Pile, info: mesos.TaskInfo
    ) -> None:
        if self._tasks.is_known(framework.framework_id, info.task_id.value):
            task = self._state.tasks[framework.framework_id, info.task_id.value]
            if task.info == info:
                return  # the same call again
            message = f"task id {info.task_id.value!r} is in use: choose another"
            self._tasks.refuse(framework, info, Reason.REASON_TASK_INVALID, message, invalid=True)
            return
        if self._state.count_tasks_of(framework.framework_id) >= FRAMEWORK_TASKS_LIMIT:
            message = (
                f"{FRAMEWORK_TASKS_LIMIT} tasks of this framework run, or have ended and are not "
                "acknowledged: acknowledge their last statuses (RECONCILE tells them), then try again"
            )
            self._tasks.refuse(framework, info, Reason.REASON_TASK_INVALID, message, invalid=False)
            return
        try:
            resources = self._checked_resources(pile, info)
        except (OrlopError, WireError) as error:
            self._tasks.refuse(framework, info, Reason.REASON_TASK_INVALID, str(error), invalid=True)
            return
        pile.left = pile.left - resources
        self._tasks.launch(transaction, framework, pile.role, info, resources)

    def _checked_resources(self, pile: _Pile, info: mesos.TaskInfo) -> Resources:
        task_id = info.task_id.value
        if not task_id or len(task_id) > TASK_ID_LIMIT or "/" in task_id or task_id in (".", ".."):
            raise InvalidTask(f"task id {task_id!r}: use 1 to {TASK_ID_LIMIT} characters without '/'")
        if info.agent_id.value != pile.agent_id:
            raise InvalidTask(f"agent_id is {info.agent_id.value}, the offer is of {pile.agent_id}")
        if refused := refusals(info):
            raise InvalidTask(f"not served: {'; '.join(refused)}")
        if info.command is UNSET:
            raise InvalidTask("the task has no command: set one (executors are not supported yet)")
        resources = resources_from_wire(info.resources)
        validate_resources(resources)
        resources = resources.unallocated()
        if resources.is_empty:
            raise InvalidTask("the task uses no resources: give it at least cpus and mem")
        if not pile.left.contains(resources):
            raise NotOffered(resources, pile.left)
        return resources

    def _give_back(self, framework: Framework, pile: _Pile, call: scheduler.CallAccept) -> None:
        """What is left returns to the pool, and is not offered to this framework for a while."""
        if pile.left.is_empty:
            return
        framework_id, until = framework.framework_id, self._offers.filter_until(call.filters)
        self._allocator.allocate(framework_id, pile.role, pile.agent_id, pile.left)
        self._allocator.decline(framework_id, pile.role, pile.agent_id, pile.left, until)

    def _refuse(
        self, framework: Framework, info: mesos.OfferOperation, message: str, *, invalid: bool
    ) -> None:
        if info.type is mesos.OfferOperationType.LAUNCH:
            for task in launched_by(info):
                # A repeat may be of a launch that went through: then its task is what speaks.
                if not self._tasks.may_exist(framework.framework_id, task):
                    self._tasks.refuse(
                        framework, task, Reason.REASON_INVALID_OFFERS, message, invalid=invalid
                    )
            return
        operation_id = value_of(info.id)
        if operation_id is not None:
            self._operations.tell_error(framework.framework_id, operation_id, message)


def launched_by(info: mesos.OfferOperation) -> list[mesos.TaskInfo]:
    """The tasks of a LAUNCH."""
    return info.launch.task_infos if isinstance(info.launch, mesos.OfferOperationLaunch) else []


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
