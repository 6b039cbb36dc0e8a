"""The table of the operator API of the orchestrator. Data only: see `api.wire.served_fields`."""

from typing import Final

from api.wire.served_fields import Fields, Table
from api.wire.v1 import allocator, maintenance, master, mesos, protobuf, quota

SERVED_OPERATOR: Final[Table] = {
    master.Call: Fields(
        "type provision_volume deprovision_volume get_volumes expand_volume grow_volume shrink_volume "
        "teardown adopt_volume retry_operation abandon_operation update_maintenance_schedule "
        "start_maintenance stop_maintenance reserve_resources unreserve_resources create_volumes "
        "destroy_volumes explain_offers set_quota remove_quota update_quota update_weights kill_task "
        "mark_agent_gone drain_agent deactivate_agent reactivate_agent get_metrics set_logging_level "
        "list_files read_file subscribe follow get_operation_history",
    ),
    master.CallGetMetrics: Fields("", ignored={"numbers are told at once": "timeout"}),
    master.CallSetLoggingLevel: Fields("level duration"),
    master.CallListFiles: Fields("path"),
    master.CallReadFile: Fields("path offset length"),
    master.CallProvisionVolume: Fields("name profile size_bytes block role agent_id provider"),
    master.CallDeprovisionVolume: Fields("name force"),
    master.CallGetVolumes: Fields("name"),
    master.CallFollow: Fields("follower number standby address"),
    master.CallSubscribe: Fields("framework_ids agent_ids"),
    master.CallGetOperationHistory: Fields("limit before"),
    master.CallExpandVolume: Fields("name size_bytes"),
    master.CallGrowVolume: Fields("agent_id volume addition"),
    master.CallShrinkVolume: Fields("agent_id volume subtract"),
    master.CallExplainOffers: Fields("role framework_id limit"),
    master.CallReserveResources: Fields("agent_id resources source"),
    master.CallUnreserveResources: Fields("agent_id resources"),
    master.CallCreateVolumes: Fields("agent_id volumes"),
    master.CallDestroyVolumes: Fields("agent_id volumes"),
    master.CallAdoptVolume: Fields("source_id agent_id resource_provider_id name role profile size_bytes"),
    master.CallRetryOperation: Fields("operation_id"),
    master.CallAbandonOperation: Fields("operation_id"),
    master.CallKillTask: Fields("framework_id task_id kill_policy"),
    master.CallTeardown: Fields("framework_id"),
    master.CallDrainAgent: Fields("agent_id max_grace_period mark_gone"),
    master.CallDeactivateAgent: Fields("agent_id"),
    master.CallReactivateAgent: Fields("agent_id force"),
    master.CallMarkAgentGone: Fields("agent_id"),
    protobuf.Duration: Fields("seconds nanos"),
    master.CallUpdateMaintenanceSchedule: Fields("schedule"),
    master.CallStartMaintenance: Fields("machines"),
    master.CallStopMaintenance: Fields("machines"),
    master.CallUpdateQuota: Fields("force quota_configs"),
    master.CallSetQuota: Fields("quota_request"),
    master.CallRemoveQuota: Fields("role"),
    master.CallUpdateWeights: Fields("weight_infos"),
    quota.QuotaConfig: Fields("role guarantees limits"),
    quota.QuotaRequest: Fields("force role guarantee"),
    quota.QuotaInfo: Fields("role guarantee", ignored={"nobody is authenticated yet": "principal"}),
    quota.QuotaStatus: Fields("infos configs"),
    master.ResponseGetQuota: Fields("status"),
    master.ResponseGetWeights: Fields("weight_infos"),
    maintenance.Schedule: Fields("windows"),
    maintenance.Window: Fields("machine_ids unavailability"),
    maintenance.ClusterStatus: Fields("draining_machines down_machines"),
    maintenance.ClusterStatusDrainingMachine: Fields("id statuses"),
    allocator.InverseOfferStatus: Fields("status framework_id timestamp"),
    master.ResponseGetMaintenanceStatus: Fields("status"),
    master.ResponseGetMaintenanceSchedule: Fields("schedule"),
    master.Response: Fields(
        "type get_health get_version get_state get_agents get_frameworks get_tasks get_roles "
        "get_operations get_master provision_volume deprovision_volume get_volumes expand_volume "
        "get_profiles get_resource_providers adopt_volume retry_operation abandon_operation "
        "get_maintenance_status get_maintenance_schedule get_weights get_quota explain_offers get_executors "
        "get_flags get_metrics get_logging_level list_files read_file get_operation_history "
        "get_registry_differences",
    ),
    master.ResponseGetFlags: Fields("flags"),
    master.ResponseGetMetrics: Fields("metrics"),
    master.ResponseGetLoggingLevel: Fields("level"),
    master.ResponseListFiles: Fields("file_infos"),
    master.ResponseReadFile: Fields("size data"),
    mesos.Flag: Fields("name value"),
    mesos.Metric: Fields("name value"),
    mesos.FileInfo: Fields("path nlink size mtime mode uid gid"),
    master.ResponseGetHealth: Fields("healthy"),
    master.ResponseGetVersion: Fields("version_info"),
    master.ResponseGetMaster: Fields(
        "master_info start_time elected_time offers_paused writes_waiting registry_differences standbys"
    ),
    master.ResponseGetOperationHistory: Fields("operations next total"),
    master.ResponseGetRegistryDifferences: Fields("restoration differences"),
    master.RegistryRestoration: Fields("taken restored"),
    master.RegistryDifference: Fields("kind subject message found"),
    master.ResponseGetState: Fields(
        "get_tasks get_executors get_frameworks get_agents get_operations get_volumes"
    ),
    master.ResponseGetExecutors: Fields(
        "executors", ignored={"no executor outlives its framework": "orphan_executors"}
    ),
    master.ResponseGetExecutorsExecutor: Fields("executor_info agent_id"),
    master.ResponseGetTasks: Fields(
        "tasks completed_tasks unreachable_tasks",
        ignored={
            "a task is known from its launch on": "pending_tasks",
            "no task outlives its framework": "orphan_tasks",
        },
    ),
    master.ResponseGetFrameworks: Fields(
        "frameworks completed_frameworks", ignored={"they are in `frameworks`": "recovered_frameworks"}
    ),
    master.ResponseGetFrameworksFramework: Fields(
        "framework_info active connected registered_time reregistered_time unregistered_time offers "
        "allocated_resources offered_resources inverse_offers recovered offer_constraints",
    ),
    master.ResponseGetAgents: Fields("agents recovered_agents"),
    master.ResponseGetAgentsAgent: Fields(
        "deactivated agent_info active version pid registered_time reregistered_time total_resources "
        "allocated_resources offered_resources capabilities resource_providers findings drain_info "
        "estimated_drain_start_time",
    ),
    mesos.HostFinding: Fields("kind what advice"),
    master.ResponseGetAgentsAgentResourceProvider: Fields("resource_provider_info total_resources"),
    master.ResponseGetOperations: Fields("operations"),
    master.ResponseGetVolumes: Fields("volumes"),
    master.Standby: Fields("name address"),
    master.VolumeInfo: Fields(
        "name profile size_bytes block role agent_id resource_provider_id state message resource "
        "users operations created step wanted_bytes"
    ),
    master.ResponseGetRoles: Fields("roles"),
    master.ResponseProvisionVolume: Fields("volume operation_id"),
    master.ResponseDeprovisionVolume: Fields("volume"),
    master.ResponseExpandVolume: Fields("volume operation_id"),
    master.ResponseExplainOffers: Fields("withheld total"),
    master.Withheld: Fields("framework_id role agent_id hostname code reason"),
    master.ResponseAdoptVolume: Fields("volume"),
    master.ResponseRetryOperation: Fields("operation message"),
    master.ResponseAbandonOperation: Fields("operation message"),
    master.ResponseGetProfiles: Fields("profiles"),
    master.Profile: Fields(
        "name agent_id resource_provider_id block fs_type free_bytes total_bytes capacity_group "
        "description available message cost_ratio sharing sharing_note"
    ),
    master.ResponseGetResourceProviders: Fields("resource_providers"),
    master.Provider: Fields(
        "resource_provider_info agent_id total_resources resource_version_uuid plugin connected profiles "
        "notices notices_total"
    ),
    master.Event: Fields(
        "type subscribed task_added task_updated agent_added agent_removed framework_added "
        "framework_updated framework_removed operation_updated volume_updated provider_updated agent_updated"
    ),
    master.EventAgentUpdated: Fields("agent"),
    master.EventSubscribed: Fields("get_state heartbeat_interval_seconds"),
    master.EventTaskAdded: Fields("task"),
    master.EventTaskUpdated: Fields("framework_id status state"),
    master.EventAgentAdded: Fields("agent"),
    master.EventAgentRemoved: Fields("agent_id"),
    master.EventFrameworkAdded: Fields("framework"),
    master.EventFrameworkUpdated: Fields("framework"),
    master.EventFrameworkRemoved: Fields("framework_info"),
    master.EventOperationUpdated: Fields("operation"),
    master.EventVolumeUpdated: Fields("volume removed"),
    master.EventProviderUpdated: Fields("provider removed"),
}
