"""The table of the messages of schedulers and resource providers. Data only: see `api.wire.served_fields`."""

from typing import Final

from api.wire.served_fields import Fields, Table
from api.wire.v1 import resource_provider, scheduler

SERVED_STREAMS: Final[Table] = {
    scheduler.Call: Fields(
        "framework_id type subscribe accept decline kill acknowledge reconcile revive suppress "
        "acknowledge_operation_status reconcile_operations accept_inverse_offers decline_inverse_offers "
        "update_framework shutdown message",
        ignored={"a hint, which changes no offer": "request"},
    ),
    scheduler.CallSubscribe: Fields("framework_info suppressed_roles offer_constraints"),
    scheduler.CallUpdateFramework: Fields("framework_info suppressed_roles offer_constraints"),
    scheduler.OfferConstraints: Fields("role_constraints"),
    scheduler.OfferConstraintsRoleConstraints: Fields("groups"),
    scheduler.OfferConstraintsRoleConstraintsGroup: Fields("attribute_constraints"),
    scheduler.AttributeConstraint: Fields("selector predicate"),
    scheduler.AttributeConstraintSelector: Fields("pseudoattribute_type attribute_name"),
    scheduler.AttributeConstraintPredicate: Fields(
        "exists not_exists text_equals text_not_equals text_matches text_not_matches"
    ),
    scheduler.AttributeConstraintPredicateTextMatches: Fields("regex"),
    scheduler.AttributeConstraintPredicateTextNotMatches: Fields("regex"),
    scheduler.AttributeConstraintPredicateExists: Fields(),
    scheduler.AttributeConstraintPredicateNotExists: Fields(),
    scheduler.AttributeConstraintPredicateTextEquals: Fields("value"),
    scheduler.AttributeConstraintPredicateTextNotEquals: Fields("value"),
    scheduler.CallAccept: Fields("offer_ids operations filters"),
    scheduler.CallDecline: Fields("offer_ids filters"),
    scheduler.CallAcceptInverseOffers: Fields("inverse_offer_ids filters"),
    scheduler.CallDeclineInverseOffers: Fields("inverse_offer_ids filters"),
    scheduler.CallShutdown: Fields("executor_id agent_id"),
    scheduler.CallMessage: Fields("agent_id executor_id data"),
    scheduler.CallKill: Fields("task_id agent_id kill_policy"),
    scheduler.CallAcknowledge: Fields("agent_id task_id uuid"),
    scheduler.CallReconcile: Fields("tasks"),
    scheduler.CallReconcileTask: Fields("task_id agent_id"),
    scheduler.CallRevive: Fields("roles"),
    scheduler.CallSuppress: Fields("roles"),
    scheduler.CallAcknowledgeOperationStatus: Fields("agent_id resource_provider_id uuid operation_id"),
    scheduler.CallReconcileOperations: Fields("operations"),
    scheduler.CallReconcileOperationsOperation: Fields("operation_id agent_id resource_provider_id"),
    scheduler.Event: Fields(
        "type subscribed offers rescind update error update_operation_status inverse_offers "
        "rescind_inverse_offer message failure",
    ),
    scheduler.EventSubscribed: Fields("framework_id heartbeat_interval_seconds master_info"),
    scheduler.EventOffers: Fields("offers"),
    scheduler.EventRescind: Fields("offer_id"),
    scheduler.EventInverseOffers: Fields("inverse_offers"),
    scheduler.EventRescindInverseOffer: Fields("inverse_offer_id"),
    scheduler.EventUpdate: Fields("status"),
    scheduler.EventMessage: Fields("agent_id executor_id data"),
    scheduler.EventFailure: Fields("agent_id executor_id status"),
    scheduler.EventError: Fields("message"),
    scheduler.EventUpdateOperationStatus: Fields("status"),
    resource_provider.Call: Fields(
        "resource_provider_id type subscribe update_operation_status update_state "
        "update_publish_resources_status"
    ),
    resource_provider.CallSubscribe: Fields("resource_provider_info"),
    resource_provider.CallUpdateOperationStatus: Fields("framework_id status latest_status operation_uuid"),
    resource_provider.CallUpdateState: Fields(
        "operations resources resource_version_uuid profiles plugin notices notices_total more capabilities"
    ),
    resource_provider.VolumeNotice: Fields("source_id kind message size_bytes"),
    resource_provider.ProfileInfo: Fields(
        "name block fs_type parameters description available message capacity_group cost_ratio sharing "
        "sharing_note"
    ),
    resource_provider.PluginState: Fields(
        "name vendor_version state message container_id restarts capabilities containers calls_in_flight "
        "calls_limit capabilities_detail next_start"
    ),
    resource_provider.PluginContainerState: Fields("container_id services state restarts message log"),
    resource_provider.PluginCapability: Fields("name use note"),
    resource_provider.CallUpdatePublishResourcesStatus: Fields("uuid status message published unsettled"),
    resource_provider.CallUpdatePublishResourcesStatusPublishedVolume: Fields(
        "source_id path block provider_id"
    ),
    resource_provider.Event: Fields(
        "type subscribed apply_operation publish_resources acknowledge_operation_status "
        "reconcile_operations unpublish_resources admit_volume retry_operation abandon_operation "
        "check_at_rest error"
    ),
    resource_provider.EventSubscribed: Fields("provider_id heartbeat_interval_seconds"),
    resource_provider.EventError: Fields("message"),
    resource_provider.EventApplyOperation: Fields("framework_id info operation_uuid resource_version_uuid"),
    resource_provider.EventPublishResources: Fields("uuid resources user readonly"),
    resource_provider.EventAcknowledgeOperationStatus: Fields("status_uuid operation_uuid"),
    resource_provider.EventReconcileOperations: Fields("operation_uuids"),
    resource_provider.EventUnpublishResources: Fields("uuid user"),
    resource_provider.EventAdmitVolume: Fields("source_id size_bytes"),
    resource_provider.EventRetryOperation: Fields("operation_uuid"),
    resource_provider.EventAbandonOperation: Fields("operation_uuid"),
    resource_provider.EventCheckAtRest: Fields("uuid"),
}
