"""The table of the operator API of agents: its calls. Data only: see `api.wire.served_fields`."""

from typing import Final

from api.wire.served_fields import Fields, Table
from api.wire.v1 import agent, mesos

SERVED_AGENT: Final[Table] = {
    agent.Call: Fields(
        "type list_files read_file launch_nested_container wait_nested_container kill_nested_container "
        "launch_nested_container_session attach_container_input attach_container_output "
        "remove_nested_container launch_container wait_container kill_container remove_container "
        "add_resource_provider_config update_resource_provider_config remove_resource_provider_config "
        "get_containers mark_resource_provider_gone reconfigure prune_images get_metrics set_logging_level",
    ),
    agent.CallGetMetrics: Fields("", ignored={"numbers are told at once": "timeout"}),
    agent.CallSetLoggingLevel: Fields("level duration"),
    agent.CallListFiles: Fields("path"),
    agent.CallReadFile: Fields("path offset length"),
    agent.CallLaunchContainer: Fields("container_id command resources container limits stdin"),
    agent.CallLaunchNestedContainer: Fields("container_id command container"),
    agent.CallLaunchNestedContainerSession: Fields("container_id command container"),
    agent.CallWaitContainer: Fields("container_id"),
    agent.CallWaitNestedContainer: Fields("container_id"),
    agent.CallKillContainer: Fields("container_id signal grace_period"),
    agent.CallKillNestedContainer: Fields("container_id signal"),
    agent.CallRemoveContainer: Fields("container_id"),
    agent.CallRemoveNestedContainer: Fields("container_id"),
    agent.CallAttachContainerOutput: Fields("container_id"),
    agent.CallAttachContainerInput: Fields("type container_id process_io"),
    agent.ProcessIO: Fields("type data control"),
    agent.ProcessIOData: Fields("type data"),
    agent.ProcessIOControl: Fields("type heartbeat tty_info"),
    mesos.TTYInfo: Fields("window_size"),
    mesos.TTYInfoWindowSize: Fields("rows columns"),
    agent.ProcessIOControlHeartbeat: Fields("interval"),
    agent.CallGetContainers: Fields("show_nested show_standalone show_ended"),
    agent.CallAddResourceProviderConfig: Fields("info"),
    agent.CallUpdateResourceProviderConfig: Fields("info"),
    agent.CallRemoveResourceProviderConfig: Fields("type name"),
    agent.CallPruneImages: Fields("excluded_images dry_run report all"),
    agent.CallMarkResourceProviderGone: Fields("resource_provider_id"),
    agent.CallReconfigure: Fields("dry_run"),
}
