"""mesos.v1.scheduler. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, UnsetType

from api.wire.message import Double, Int32, Message, UInt32
from api.wire.v1 import mesos


class APIResult(Message, kw_only=True):
    """mesos.v1.scheduler.APIResult"""

    status_code: UInt32
    response: Response | UnsetType = UNSET
    error: str | UnsetType = UNSET


class AttributeConstraint(Message, kw_only=True):
    """mesos.v1.scheduler.AttributeConstraint"""

    selector: AttributeConstraintSelector
    predicate: AttributeConstraintPredicate


class AttributeConstraintPredicate(Message, kw_only=True):
    """mesos.v1.scheduler.AttributeConstraint.Predicate"""

    exists: AttributeConstraintPredicateExists | UnsetType = UNSET
    not_exists: AttributeConstraintPredicateNotExists | UnsetType = UNSET
    text_equals: AttributeConstraintPredicateTextEquals | UnsetType = UNSET
    text_not_equals: AttributeConstraintPredicateTextNotEquals | UnsetType = UNSET
    text_matches: AttributeConstraintPredicateTextMatches | UnsetType = UNSET
    text_not_matches: AttributeConstraintPredicateTextNotMatches | UnsetType = UNSET


class AttributeConstraintPredicateExists(Message, kw_only=True):
    """mesos.v1.scheduler.AttributeConstraint.Predicate.Exists"""


class AttributeConstraintPredicateNotExists(Message, kw_only=True):
    """mesos.v1.scheduler.AttributeConstraint.Predicate.NotExists"""


class AttributeConstraintPredicateTextEquals(Message, kw_only=True):
    """mesos.v1.scheduler.AttributeConstraint.Predicate.TextEquals"""

    value: str


class AttributeConstraintPredicateTextMatches(Message, kw_only=True):
    """mesos.v1.scheduler.AttributeConstraint.Predicate.TextMatches"""

    regex: str


class AttributeConstraintPredicateTextNotEquals(Message, kw_only=True):
    """mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotEquals"""

    value: str


class AttributeConstraintPredicateTextNotMatches(Message, kw_only=True):
    """mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotMatches"""

    regex: str


class AttributeConstraintSelectorPseudoattributeType(StrEnum):
    """mesos.v1.scheduler.AttributeConstraint.Selector.PseudoattributeType"""

    UNKNOWN = "UNKNOWN"
    HOSTNAME = "HOSTNAME"
    REGION = "REGION"
    ZONE = "ZONE"


class AttributeConstraintSelector(Message, kw_only=True):
    """mesos.v1.scheduler.AttributeConstraint.Selector"""

    pseudoattribute_type: AttributeConstraintSelectorPseudoattributeType | UnsetType = UNSET
    attribute_name: str | UnsetType = UNSET


class CallType(StrEnum):
    """mesos.v1.scheduler.Call.Type"""

    UNKNOWN = "UNKNOWN"
    SUBSCRIBE = "SUBSCRIBE"
    TEARDOWN = "TEARDOWN"
    ACCEPT = "ACCEPT"
    DECLINE = "DECLINE"
    REVIVE = "REVIVE"
    KILL = "KILL"
    SHUTDOWN = "SHUTDOWN"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    RECONCILE = "RECONCILE"
    MESSAGE = "MESSAGE"
    REQUEST = "REQUEST"
    SUPPRESS = "SUPPRESS"
    ACCEPT_INVERSE_OFFERS = "ACCEPT_INVERSE_OFFERS"
    DECLINE_INVERSE_OFFERS = "DECLINE_INVERSE_OFFERS"
    ACKNOWLEDGE_OPERATION_STATUS = "ACKNOWLEDGE_OPERATION_STATUS"
    RECONCILE_OPERATIONS = "RECONCILE_OPERATIONS"
    UPDATE_FRAMEWORK = "UPDATE_FRAMEWORK"


class Call(Message, kw_only=True):
    """mesos.v1.scheduler.Call"""

    framework_id: mesos.FrameworkID | UnsetType = UNSET
    type: CallType | UnsetType = UNSET
    subscribe: CallSubscribe | UnsetType = UNSET
    accept: CallAccept | UnsetType = UNSET
    decline: CallDecline | UnsetType = UNSET
    kill: CallKill | UnsetType = UNSET
    shutdown: CallShutdown | UnsetType = UNSET
    acknowledge: CallAcknowledge | UnsetType = UNSET
    reconcile: CallReconcile | UnsetType = UNSET
    message: CallMessage | UnsetType = UNSET
    request: CallRequest | UnsetType = UNSET
    accept_inverse_offers: CallAcceptInverseOffers | UnsetType = UNSET
    decline_inverse_offers: CallDeclineInverseOffers | UnsetType = UNSET
    revive: CallRevive | UnsetType = UNSET
    suppress: CallSuppress | UnsetType = UNSET
    acknowledge_operation_status: CallAcknowledgeOperationStatus | UnsetType = UNSET
    reconcile_operations: CallReconcileOperations | UnsetType = UNSET
    update_framework: CallUpdateFramework | UnsetType = UNSET


class CallAccept(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Accept"""

    offer_ids: list[mesos.OfferID] = []
    operations: list[mesos.OfferOperation] = []
    filters: mesos.Filters | UnsetType = UNSET


class CallAcceptInverseOffers(Message, kw_only=True):
    """mesos.v1.scheduler.Call.AcceptInverseOffers"""

    inverse_offer_ids: list[mesos.OfferID] = []
    filters: mesos.Filters | UnsetType = UNSET


class CallAcknowledge(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Acknowledge"""

    agent_id: mesos.AgentID
    task_id: mesos.TaskID
    uuid: bytes


class CallAcknowledgeOperationStatus(Message, kw_only=True):
    """mesos.v1.scheduler.Call.AcknowledgeOperationStatus"""

    agent_id: mesos.AgentID | UnsetType = UNSET
    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET
    uuid: bytes
    operation_id: mesos.OperationID


class CallDecline(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Decline"""

    offer_ids: list[mesos.OfferID] = []
    filters: mesos.Filters | UnsetType = UNSET


class CallDeclineInverseOffers(Message, kw_only=True):
    """mesos.v1.scheduler.Call.DeclineInverseOffers"""

    inverse_offer_ids: list[mesos.OfferID] = []
    filters: mesos.Filters | UnsetType = UNSET


class CallKill(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Kill"""

    task_id: mesos.TaskID
    agent_id: mesos.AgentID | UnsetType = UNSET
    kill_policy: mesos.KillPolicy | UnsetType = UNSET


class CallMessage(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Message"""

    agent_id: mesos.AgentID
    executor_id: mesos.ExecutorID
    data: bytes


class CallReconcile(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Reconcile"""

    tasks: list[CallReconcileTask] = []


class CallReconcileTask(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Reconcile.Task"""

    task_id: mesos.TaskID
    agent_id: mesos.AgentID | UnsetType = UNSET


class CallReconcileOperations(Message, kw_only=True):
    """mesos.v1.scheduler.Call.ReconcileOperations"""

    operations: list[CallReconcileOperationsOperation] = []


class CallReconcileOperationsOperation(Message, kw_only=True):
    """mesos.v1.scheduler.Call.ReconcileOperations.Operation"""

    operation_id: mesos.OperationID
    agent_id: mesos.AgentID | UnsetType = UNSET
    resource_provider_id: mesos.ResourceProviderID | UnsetType = UNSET


class CallRequest(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Request"""

    requests: list[mesos.Request] = []


class CallRevive(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Revive"""

    roles: list[str] = []


class CallShutdown(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Shutdown"""

    executor_id: mesos.ExecutorID
    agent_id: mesos.AgentID


class CallSubscribe(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Subscribe"""

    framework_info: mesos.FrameworkInfo
    suppressed_roles: list[str] = []
    offer_constraints: OfferConstraints | UnsetType = UNSET


class CallSuppress(Message, kw_only=True):
    """mesos.v1.scheduler.Call.Suppress"""

    roles: list[str] = []


class CallUpdateFramework(Message, kw_only=True):
    """mesos.v1.scheduler.Call.UpdateFramework"""

    framework_info: mesos.FrameworkInfo
    suppressed_roles: list[str] = []
    offer_constraints: OfferConstraints | UnsetType = UNSET


class EventType(StrEnum):
    """mesos.v1.scheduler.Event.Type"""

    UNKNOWN = "UNKNOWN"
    SUBSCRIBED = "SUBSCRIBED"
    OFFERS = "OFFERS"
    RESCIND = "RESCIND"
    UPDATE = "UPDATE"
    MESSAGE = "MESSAGE"
    FAILURE = "FAILURE"
    ERROR = "ERROR"
    HEARTBEAT = "HEARTBEAT"
    INVERSE_OFFERS = "INVERSE_OFFERS"
    RESCIND_INVERSE_OFFER = "RESCIND_INVERSE_OFFER"
    UPDATE_OPERATION_STATUS = "UPDATE_OPERATION_STATUS"


class Event(Message, kw_only=True):
    """mesos.v1.scheduler.Event"""

    type: EventType | UnsetType = UNSET
    subscribed: EventSubscribed | UnsetType = UNSET
    offers: EventOffers | UnsetType = UNSET
    rescind: EventRescind | UnsetType = UNSET
    update: EventUpdate | UnsetType = UNSET
    message: EventMessage | UnsetType = UNSET
    failure: EventFailure | UnsetType = UNSET
    error: EventError | UnsetType = UNSET
    inverse_offers: EventInverseOffers | UnsetType = UNSET
    rescind_inverse_offer: EventRescindInverseOffer | UnsetType = UNSET
    update_operation_status: EventUpdateOperationStatus | UnsetType = UNSET


class EventError(Message, kw_only=True):
    """mesos.v1.scheduler.Event.Error"""

    message: str


class EventFailure(Message, kw_only=True):
    """mesos.v1.scheduler.Event.Failure"""

    agent_id: mesos.AgentID | UnsetType = UNSET
    executor_id: mesos.ExecutorID | UnsetType = UNSET
    status: Int32 | UnsetType = UNSET


class EventInverseOffers(Message, kw_only=True):
    """mesos.v1.scheduler.Event.InverseOffers"""

    inverse_offers: list[mesos.InverseOffer] = []


class EventMessage(Message, kw_only=True):
    """mesos.v1.scheduler.Event.Message"""

    agent_id: mesos.AgentID
    executor_id: mesos.ExecutorID
    data: bytes


class EventOffers(Message, kw_only=True):
    """mesos.v1.scheduler.Event.Offers"""

    offers: list[mesos.Offer] = []


class EventRescind(Message, kw_only=True):
    """mesos.v1.scheduler.Event.Rescind"""

    offer_id: mesos.OfferID


class EventRescindInverseOffer(Message, kw_only=True):
    """mesos.v1.scheduler.Event.RescindInverseOffer"""

    inverse_offer_id: mesos.OfferID


class EventSubscribed(Message, kw_only=True):
    """mesos.v1.scheduler.Event.Subscribed"""

    framework_id: mesos.FrameworkID
    heartbeat_interval_seconds: Double | UnsetType = UNSET
    master_info: mesos.MasterInfo | UnsetType = UNSET


class EventUpdate(Message, kw_only=True):
    """mesos.v1.scheduler.Event.Update"""

    status: mesos.TaskStatus


class EventUpdateOperationStatus(Message, kw_only=True):
    """mesos.v1.scheduler.Event.UpdateOperationStatus"""

    status: mesos.OperationStatus


class OfferConstraints(Message, kw_only=True):
    """mesos.v1.scheduler.OfferConstraints"""

    role_constraints: dict[str, OfferConstraintsRoleConstraints] = {}


class OfferConstraintsRoleConstraints(Message, kw_only=True):
    """mesos.v1.scheduler.OfferConstraints.RoleConstraints"""

    groups: list[OfferConstraintsRoleConstraintsGroup] = []


class OfferConstraintsRoleConstraintsGroup(Message, kw_only=True):
    """mesos.v1.scheduler.OfferConstraints.RoleConstraints.Group"""

    attribute_constraints: list[AttributeConstraint] = []


class ResponseType(StrEnum):
    """mesos.v1.scheduler.Response.Type"""

    UNKNOWN = "UNKNOWN"
    RECONCILE_OPERATIONS = "RECONCILE_OPERATIONS"


class Response(Message, kw_only=True):
    """mesos.v1.scheduler.Response"""

    type: ResponseType | UnsetType = UNSET
    reconcile_operations: ResponseReconcileOperations | UnsetType = UNSET  # deprecated


class ResponseReconcileOperations(Message, kw_only=True):
    """mesos.v1.scheduler.Response.ReconcileOperations"""

    operation_statuses: list[mesos.OperationStatus] = []  # deprecated
