"""The table of the vocabulary that all calls and events share. Data only: see `api.wire.served_fields`."""

from typing import Final

from api.wire.served_fields import Fields, Table
from api.wire.v1 import mesos

ADDRESSES: Final = "agents give addresses out by themselves"
SECRETS: Final = "there is no store of secrets: give its value (type VALUE)"

SERVED_VOCABULARY: Final[Table] = {
    mesos.FrameworkID: Fields("value"),
    mesos.FrameworkInfo: Fields(
        "name id failover_timeout role hostname principal webui_url capabilities labels roles offer_filters",
        ignored={
            "commands name their own user, and run as the agent otherwise": "user",
            "tasks always outlive their agent": "checkpoint",
        },
    ),
    mesos.FrameworkInfoCapability: Fields("type"),
    mesos.OfferFilters: Fields("min_allocatable_resources"),
    mesos.OfferFiltersMinAllocatableResources: Fields("quantities"),
    mesos.OfferFiltersResourceQuantities: Fields("quantities"),
    mesos.DomainInfo: Fields("fault_domain"),
    mesos.DomainInfoFaultDomain: Fields("region zone"),
    mesos.DomainInfoFaultDomainRegionInfo: Fields("name"),
    mesos.DomainInfoFaultDomainZoneInfo: Fields("name"),
    mesos.Labels: Fields("labels"),
    mesos.Label: Fields("key value"),
    mesos.OfferID: Fields("value"),
    mesos.OfferOperation: Fields(
        "type launch reserve unreserve create destroy id create_disk destroy_disk grow_volume shrink_volume "
        "launch_group",
    ),
    mesos.OfferOperationLaunch: Fields("task_infos"),
    mesos.OfferOperationLaunchGroup: Fields("executor task_group"),
    mesos.TaskGroupInfo: Fields("tasks"),
    mesos.ExecutorID: Fields("value"),
    mesos.ExecutorInfo: Fields(
        "executor_id data resources command framework_id name container shutdown_grace_period labels type "
        "discovery",
        ignored={"nobody acts on it": "source"},
    ),
    mesos.TaskInfo: Fields(
        "name task_id agent_id resources command container labels kill_policy limits executor data "
        "health_check check max_completion_time discovery",
    ),
    mesos.DiscoveryInfo: Fields("visibility name environment location version ports labels"),
    mesos.Ports: Fields("ports"),
    mesos.Port: Fields("number name protocol visibility labels"),
    mesos.HealthCheck: Fields(
        "http delay_seconds interval_seconds timeout_seconds consecutive_failures grace_period_seconds "
        "command type tcp"
    ),
    mesos.HealthCheckHTTPCheckInfo: Fields("port path scheme statuses protocol"),
    mesos.HealthCheckTCPCheckInfo: Fields("port protocol"),
    mesos.CheckInfo: Fields("type command http delay_seconds interval_seconds timeout_seconds tcp"),
    mesos.CheckInfoCommand: Fields("command"),
    mesos.CheckInfoHttp: Fields("port path"),
    mesos.CheckInfoTcp: Fields("port"),
    mesos.CheckStatusInfo: Fields("type command http tcp"),
    mesos.CheckStatusInfoCommand: Fields("exit_code"),
    mesos.CheckStatusInfoHttp: Fields("status_code"),
    mesos.CheckStatusInfoTcp: Fields("succeeded"),
    mesos.TaskID: Fields("value"),
    mesos.AgentID: Fields("value"),
    mesos.Resource: Fields(
        "name type scalar ranges set role disk reservation revocable shared allocation_info "
        "provider_id reservations"
    ),
    mesos.ValueScalar: Fields("value"),
    mesos.ValueRanges: Fields("range"),
    mesos.ValueRange: Fields("begin end"),
    mesos.ValueSet: Fields("item"),
    mesos.ResourceDiskInfo: Fields("persistence volume source"),
    mesos.ResourceDiskInfoPersistence: Fields("id principal"),
    mesos.Volume: Fields(
        "container_path host_path mode source", refused={"images are not mounted as volumes": "image"}
    ),
    mesos.VolumeSource: Fields(
        "type sandbox_path host_path",
        refused={
            "use disk resources with a volume": "docker_volume csi_volume",
            "give it as a variable of the environment": "secret",
        },
    ),
    mesos.VolumeSourceSandboxPath: Fields("type path"),
    mesos.VolumeSourceHostPath: Fields("path mount_propagation"),
    mesos.MountPropagation: Fields("mode"),
    mesos.ResourceDiskInfoSource: Fields("type path mount id metadata profile vendor capacity_group cost"),
    mesos.ResourceDiskInfoSourcePath: Fields("root"),
    mesos.ResourceDiskInfoSourceMount: Fields("root"),
    mesos.ResourceReservationInfo: Fields("principal labels role type"),
    mesos.ResourceRevocableInfo: Fields(),
    mesos.ResourceSharedInfo: Fields(),
    mesos.ResourceAllocationInfo: Fields("role"),
    mesos.ResourceProviderID: Fields("value"),
    mesos.CommandInfo: Fields(
        "uris environment value user shell arguments",
    ),
    mesos.CommandInfoURI: Fields(
        "value executable extract output_file", ignored={"what is fetched is not kept for others": "cache"}
    ),
    mesos.Environment: Fields("variables"),
    mesos.EnvironmentVariable: Fields("name value type secret"),
    mesos.Secret: Fields("type value", refused={SECRETS: "reference"}),
    mesos.SecretValue: Fields("data"),
    mesos.ContainerInfo: Fields(
        "type docker mesos volumes network_infos rlimit_info hostname",
        refused={
            "this setting of containers is not supported yet": "linux_info",
            "terminals are for containers of operators": "tty_info",
        },
    ),
    mesos.RLimitInfo: Fields("rlimits"),
    mesos.RLimitInfoRLimit: Fields("type hard soft"),
    mesos.NetworkInfo: Fields(
        "name port_mappings ip_addresses labels",
        refused={"networks have no groups": "groups"},
    ),
    mesos.NetworkInfoIPAddress: Fields("protocol ip_address"),
    mesos.NetworkInfoPortMapping: Fields("host_port container_port protocol"),
    mesos.ContainerInfoDockerInfo: Fields(
        "image network port_mappings force_pull_image",
        refused={
            "tasks do not run privileged": "privileged",
            "options of other runtimes have no meaning here": "parameters volume_driver",
        },
    ),
    mesos.ContainerInfoDockerInfoPortMapping: Fields("host_port container_port protocol"),
    mesos.ContainerInfoMesosInfo: Fields("image"),
    mesos.Image: Fields(
        "type docker cached",
        refused={"only docker images are supported": "appc"},
    ),
    mesos.ImageDocker: Fields(
        "name", refused={"log in to the registry on the agent's host": "credential config"}
    ),
    mesos.KillPolicy: Fields("grace_period"),
    mesos.DrainConfig: Fields("max_grace_period mark_gone"),
    mesos.DrainInfo: Fields("state config waiting"),
    mesos.DurationInfo: Fields("nanoseconds"),
    mesos.OfferOperationReserve: Fields("resources source"),
    mesos.OfferOperationUnreserve: Fields("resources"),
    mesos.OfferOperationCreate: Fields("volumes"),
    mesos.OfferOperationDestroy: Fields("volumes"),
    mesos.OfferOperationGrowVolume: Fields("volume addition"),
    mesos.OfferOperationShrinkVolume: Fields("volume subtract"),
    mesos.OperationID: Fields("value"),
    mesos.OfferOperationCreateDisk: Fields(
        "source target_type target_profile target_reservations target_persistence"
    ),
    mesos.OfferOperationDestroyDisk: Fields("source whole"),
    mesos.Filters: Fields("refuse_seconds"),
    mesos.MasterInfo: Fields("id ip port pid hostname version address domain capabilities"),
    mesos.MasterInfoCapability: Fields("type"),
    mesos.Address: Fields("hostname ip port"),
    mesos.Offer: Fields(
        "id framework_id agent_id hostname resources attributes url allocation_info unavailability domain "
        "executor_ids",
    ),
    mesos.InverseOffer: Fields(
        "id framework_id agent_id unavailability",
        ignored={"it is for the whole agent": "resources", "the agent's offers have it": "url"},
    ),
    mesos.Unavailability: Fields("start duration"),
    mesos.MachineID: Fields("hostname ip"),
    mesos.Attribute: Fields("name type scalar ranges text set"),
    mesos.ValueText: Fields("value"),
    mesos.URL: Fields("scheme address path", ignored={"the URL of an agent has none": "query fragment"}),
    mesos.TaskStatus: Fields(
        "task_id state message agent_id timestamp source reason uuid container_status "
        "unreachable_time limitation data executor_id healthy check_status labels",
    ),
    mesos.ContainerStatus: Fields(
        "executor_pid container_id network_infos", ignored={"networks are not told by class": "cgroup_info"}
    ),
    mesos.ContainerID: Fields("value parent"),
    mesos.TimeInfo: Fields("nanoseconds"),
    mesos.TaskResourceLimitation: Fields("resources"),
    mesos.OperationStatus: Fields(
        "operation_id state message converted_resources uuid agent_id resource_provider_id timestamp"
    ),
    mesos.UUID: Fields("value"),
    mesos.ResourceProviderInfo: Fields("id attributes type name storage default_reservations"),
    mesos.ResourceProviderInfoStorage: Fields("plugin reconciliation_interval_seconds"),
    mesos.CSIPluginInfo: Fields(
        "type name containers target_path_root secrets admit max_concurrent_calls probe_seconds "
        "learn_capacity_groups",
        refused={"plugins run as containers": "endpoints target_path_exists"},
    ),
    mesos.CSIPluginSecret: Fields("key file calls"),
    mesos.CSIPluginContainerInfo: Fields("services command resources container"),
    mesos.Operation: Fields(
        "framework_id agent_id info latest_status statuses uuid created resource_provider_id "
        "provisioning_name trouble troubles abandoned acknowledged"
    ),
    mesos.OperationTrouble: Fields("message times since latest"),
    mesos.VersionInfo: Fields(
        "version product product_version",
        ignored={"not recorded in a build": "build_date build_time build_user git_sha git_branch git_tag"},
    ),
    mesos.Task: Fields(
        "name task_id framework_id agent_id state resources statuses status_update_state "
        "status_update_uuid labels container user kill_policy limits executor_id health_check discovery",
    ),
    mesos.AgentInfo: Fields("hostname resources attributes id port domain"),
    mesos.AgentInfoCapability: Fields("type"),
    mesos.Role: Fields(
        "name weight frameworks resources guarantees limits consumed allocated offered reserved"
    ),
    mesos.WeightInfo: Fields("weight role"),
}
