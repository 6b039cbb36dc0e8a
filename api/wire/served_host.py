"""The tables of the executor API, and of what agents answer. Data only: see `api.wire.served_fields`."""

from typing import Final

from api.wire.served_fields import Fields, Table
from api.wire.v1 import agent, executor, mesos

SERVED_HOST: Final[Table] = {
    executor.Call: Fields("executor_id framework_id type subscribe update message"),
    executor.CallSubscribe: Fields("unacknowledged_tasks unacknowledged_updates"),
    executor.CallUpdate: Fields("status"),
    executor.CallMessage: Fields("data"),
    executor.Event: Fields("type subscribed acknowledged launch kill message error launch_group"),
    executor.EventSubscribed: Fields("executor_info framework_info agent_info container_id"),
    executor.EventAcknowledged: Fields("task_id uuid"),
    executor.EventLaunch: Fields("task"),
    executor.EventKill: Fields("task_id kill_policy"),
    executor.EventMessage: Fields("data"),
    executor.EventError: Fields("message"),
    executor.EventLaunchGroup: Fields("task_group"),
    agent.Response: Fields(
        "type get_health get_flags get_version get_metrics get_logging_level list_files read_file "
        "get_state get_containers get_frameworks get_executors get_tasks wait_nested_container "
        "get_agent wait_container get_resource_providers get_operations get_resource_provider_configs "
        "get_images reconfigure get_devices prune_images"
    ),
    agent.ResponseGetHealth: Fields("healthy"),
    agent.ResponseGetFlags: Fields("flags"),
    agent.ResponseGetVersion: Fields("version_info"),
    agent.ResponseGetMetrics: Fields("metrics"),
    agent.ResponseGetLoggingLevel: Fields("level"),
    agent.ResponseListFiles: Fields("file_infos"),
    agent.ResponseReadFile: Fields("size data"),
    agent.ResponseGetState: Fields("get_tasks get_executors get_frameworks"),
    agent.ResponseGetTasks: Fields(
        "queued_tasks launched_tasks terminated_tasks",
        ignored={
            "a task is known from its launch on": "pending_tasks",
            "what has ended and was acknowledged is forgotten": "completed_tasks",
        },
    ),
    agent.ResponseGetExecutors: Fields(
        "executors", ignored={"what has ended and was acknowledged is forgotten": "completed_executors"}
    ),
    agent.ResponseGetExecutorsExecutor: Fields("executor_info"),
    agent.ResponseGetFrameworks: Fields(
        "frameworks", ignored={"what has ended and was acknowledged is forgotten": "completed_frameworks"}
    ),
    agent.ResponseGetFrameworksFramework: Fields("framework_info"),
    agent.ResponseGetContainers: Fields("containers"),
    agent.ResponseGetContainersContainer: Fields(
        "framework_id executor_id executor_name container_id container_status resource_statistics "
        "kind state exit created command image task_id message"
    ),
    mesos.ResourceStatistics: Fields(
        "timestamp cpus_user_time_secs cpus_system_time_secs cpus_limit mem_rss_bytes mem_limit_bytes "
        "cpus_nr_periods cpus_nr_throttled cpus_throttled_time_secs disk_limit_bytes disk_used_bytes "
        "processes threads mem_total_bytes disk_statistics",
        ignored={
            "of containers only the other fields are measured": "mem_file_bytes mem_anon_bytes "
            "mem_mapped_file_bytes perf net_rx_packets net_rx_bytes "
            "net_rx_errors net_rx_dropped net_tx_packets net_tx_bytes net_tx_errors net_tx_dropped "
            "net_tcp_rtt_microsecs_p50 net_tcp_rtt_microsecs_p90 net_tcp_rtt_microsecs_p95 "
            "net_tcp_rtt_microsecs_p99 net_tcp_active_connections net_tcp_time_wait_connections "
            "mem_low_pressure_counter mem_medium_pressure_counter mem_critical_pressure_counter "
            "net_traffic_control_statistics mem_total_memsw_bytes mem_soft_limit_bytes "
            "mem_cache_bytes mem_swap_bytes mem_unevictable_bytes net_snmp_statistics "
            "blkio_statistics cpus_soft_limit net_tx_rate_limit net_tx_burst_rate_limit "
            "net_tx_burst_size net_rx_rate_limit net_rx_burst_rate_limit net_rx_burst_size "
            "mem_kmem_usage_bytes mem_kmem_tcp_usage_bytes net_rate_statistics net_ephemeral_ports"
        },
    ),
    mesos.DiskStatistics: Fields("source persistence limit_bytes used_bytes"),
    agent.ResponseWaitContainer: Fields(
        "exit_status state reason message", ignored={"the reason says which it was": "limitation"}
    ),
    agent.ResponseWaitNestedContainer: Fields(
        "exit_status state reason message", ignored={"the reason says which it was": "limitation"}
    ),
    agent.ResponseGetAgent: Fields(
        "agent_info drain_config isolation findings",
        ignored={"the orchestrator knows since when, and says it": "estimated_drain_start_time"},
    ),
    agent.ResponseIsolation: Fields(
        "containerizer volumes memory_limit cpu_limit images notes processes_limit networks"
    ),
    agent.ResponseGetResourceProviders: Fields("resource_providers"),
    agent.ResponseGetResourceProvidersResourceProvider: Fields(
        "resource_provider_info total_resources connected message"
    ),
    agent.ResponseGetOperations: Fields("operations"),
    agent.ResponseGetResourceProviderConfigs: Fields("configs"),
    agent.ResponseGetResourceProviderConfigsConfig: Fields("info file state message"),
    agent.ResponseGetImages: Fields("images path free_bytes total_bytes headroom low_water message"),
    agent.ResponseGetImagesImage: Fields("id names size_bytes own_bytes created last_used pulled kept"),
    agent.ResponseReconfigure: Fields("changes applied refusal notes"),
    agent.ResponseReconfigureChange: Fields("what old new verdict"),
    agent.ResponseGetDevices: Fields("devices message"),
    agent.ResponseGetDevicesDevice: Fields(
        "path kind size model rotational read_only links identity contents state rule use provider "
        "message pool"
    ),
    agent.ResponsePruneImages: Fields("removed kept freed_bytes free_bytes total_bytes message"),
}
