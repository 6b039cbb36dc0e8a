"""The table of the vocabulary that all calls and events share. Data only: see `api.wire.served_fields`."""

from typing import Final

from api.wire.served_fields import Fields, Table
from api.wire.v1 import mesos

CHECKS: Final = "checks and health checks are not supported yet"
EXECUTORS: Final = "custom executors are not supported yet"
NETWORK: Final = "containers use the network of their host"
SECRETS: Final = "secrets are not supported yet"

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
        "type launch reserve unreserve create destroy id create_disk destroy_disk grow_volume shrink_volume",
        refused={EXECUTORS: "launch_group"},
    ),
    mesos.OfferOperationLaunch: Fields("task_infos"),
    mesos.TaskInfo: Fields(
        "name task_id agent_id resources command container labels kill_policy limits",
        ignored={"only custom executors read it": "data", "nobody acts on it": "discovery"},
        refused={
            EXECUTORS: "executor",
            CHECKS: "health_check check",
            "tasks are not stopped by time yet": "max_completion_time",
        },
    ),
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
        "container_path host_path mode", refused={"only disk resources can be mounted": "image source"}
    ),
    mesos.ResourceDiskInfoSource: Fields("type path mount id metadata profile vendor capacity_group cost"),
    mesos.ResourceDiskInfoSourcePath: Fields("root"),
    mesos.ResourceDiskInfoSourceMount: Fields("root"),
    mesos.ResourceReservationInfo: Fields("principal labels role type"),
    mesos.ResourceRevocableInfo: Fields(),
    mesos.ResourceSharedInfo: Fields(),
    mesos.ResourceAllocationInfo: Fields("role"),
    mesos.ResourceProviderID: Fields("value"),
    mesos.CommandInfo: Fields(
        "environment value user shell arguments",
        refused={"nothing is fetched yet: fetch in the command itself": "uris"},
    ),
    mesos.Environment: Fields("variables"),
    mesos.EnvironmentVariable: Fields("name value type", refused={SECRETS: "secret"}),
    mesos.ContainerInfo: Fields(
        "type docker mesos",
        refused={
            "use disk resources with a volume": "volumes",
            NETWORK: "hostname network_infos",
            "this setting of containers is not supported yet": "linux_info rlimit_info tty_info",
        },
    ),
    mesos.ContainerInfoDockerInfo: Fields(
        "image",
        refused={
            NETWORK: "network port_mappings",
            "tasks do not run privileged": "privileged",
            "options of other runtimes have no meaning here": "parameters volume_driver",
            "images are not pulled: pull it on the agent's host": "force_pull_image",
        },
    ),
    mesos.ContainerInfoMesosInfo: Fields("image"),
    mesos.Image: Fields(
        "type docker",
        ignored={"images are not pulled": "cached"},
        refused={"only docker images are supported": "appc"},
    ),
    mesos.ImageDocker: Fields("name", refused={SECRETS: "credential config"}),
    mesos.KillPolicy: Fields("grace_period"),
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
    mesos.MasterInfo: Fields(
        "id ip port pid hostname version address domain",
        ignored={"none of those there are is served yet": "capabilities"},
    ),
    mesos.Address: Fields("hostname ip port"),
    mesos.Offer: Fields(
        "id framework_id agent_id hostname resources attributes url allocation_info unavailability domain",
        ignored={EXECUTORS: "executor_ids"},
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
        "unreachable_time limitation",
        ignored={
            EXECUTORS: "data executor_id",
            CHECKS: "healthy check_status",
            "only custom executors set them": "labels",
        },
    ),
    mesos.ContainerStatus: Fields(
        "executor_pid container_id", ignored={NETWORK: "network_infos cgroup_info"}
    ),
    mesos.ContainerID: Fields("value", ignored={"nested containers are not supported yet": "parent"}),
    mesos.TimeInfo: Fields("nanoseconds"),
    mesos.TaskResourceLimitation: Fields("resources"),
    mesos.OperationStatus: Fields(
        "operation_id state message converted_resources uuid agent_id resource_provider_id timestamp"
    ),
    mesos.UUID: Fields("value"),
    mesos.ResourceProviderInfo: Fields("id attributes type name storage default_reservations"),
    mesos.ResourceProviderInfoStorage: Fields("plugin reconciliation_interval_seconds"),
    mesos.CSIPluginInfo: Fields(
        "type name containers target_path_root secrets admit max_concurrent_calls probe_seconds",
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
        "status_update_uuid labels container user kill_policy limits",
        ignored={EXECUTORS: "executor_id", "nobody acts on it": "discovery", CHECKS: "health_check"},
    ),
    mesos.AgentInfo: Fields("hostname resources attributes id port domain"),
    mesos.AgentInfoCapability: Fields("type"),
    mesos.Role: Fields(
        "name weight frameworks resources guarantees limits consumed allocated offered reserved"
    ),
    mesos.WeightInfo: Fields("weight role"),
}
