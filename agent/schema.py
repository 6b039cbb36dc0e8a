"""The tables of the agent's own checkpoint. Nothing is read or written here.

One SQLite file in the agent's work directory holds them, together with those that the rooms of
`provider` bring for what the agent hosts: the providers it has admitted, and its own resources.
Storage providers bring a file of their own.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from provider.checkpoint import ProviderTables
from provider.manager.registry import RegistryTables

SCHEMA_VERSION = 6
"""Raised with every change of a table; a store of another version is refused."""

metadata = MetaData()

agent_identity = Table(
    "agent_identity",
    metadata,
    Column("row", Integer, primary_key=True),  # always 1: an agent has one identity
    Column("agent_id", String),
    Column("highest_epoch", Integer, nullable=False),
    Column("life", Integer, nullable=False),  # starts of the agent on this work directory
    Column("life_ids", LargeBinary, nullable=False),  # 16 bytes for each of the last starts
)

agent_configuration = Table(
    "agent_configuration",
    metadata,
    Column("row", Integer, primary_key=True),  # always 1: what it was started with last
    Column("info", LargeBinary, nullable=False),  # mesos.v1.AgentInfo, with what its operator stated
)

agent_drain = Table(
    "agent_drain",
    metadata,
    Column("row", Integer, primary_key=True),  # always 1; none: it has not to drain
    Column("uuid", LargeBinary),  # 16 bytes; none of an agent that was removed for good
    Column("config", LargeBinary, nullable=False),  # mesos.v1.DrainConfig
    Column("gone", String),  # why it was removed for good, for people
)

host_life = Table(
    "host_life",
    metadata,
    Column("row", Integer, primary_key=True),  # always 1: as it was at the last start
    Column("boot_id", String, nullable=False),  # of the host
)

host_findings = Table(
    "host_findings",
    metadata,
    Column("kind", String, primary_key=True),  # a findings.Kind
    Column("place", String, primary_key=True),  # by what it is found again
    Column("what", String, nullable=False),
    Column("advice", String, nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    Column("framework_id", String, primary_key=True),
    Column("task_id", String, primary_key=True),
    Column("container_id", String, nullable=False, unique=True),
    Column("received_at", Float, nullable=False),  # seconds since the epoch
    Column("phase", String, nullable=False),  # a TaskPhase
    Column("boot_id", String),  # of the host, when its container was about to be started
    Column("kill_grace_seconds", Float),  # set when someone wants it to end
    Column("kill_message", String),
    Column("kill_reason", String),
    Column("kill_gone", Boolean),  # its end is told as that of an agent that is gone
    Column("released", Boolean, nullable=False),
    Column("started_at", Float),  # seconds since the epoch
    Column("healthy", Boolean),  # what its checks have found
    Column("health_failures", Integer),
    Column("check_status", LargeBinary),  # mesos.v1.CheckStatusInfo
    Column("parent", String),  # the container that it is nested in
    Column("executor_id", String),
    Column("executor_container", String),
    Column("group_id", String),  # the same for all tasks that were launched as one group
    Column("acknowledged", LargeBinary),  # UUIDs of 16 bytes, one behind the other, the oldest first
    Column("framework", LargeBinary, nullable=False),  # mesos.v1.FrameworkInfo
    Column("info", LargeBinary, nullable=False),  # mesos.v1.TaskInfo
)

task_statuses = Table(
    "task_statuses",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),  # order of the updates
    Column("framework_id", String, nullable=False, index=True),
    Column("task_id", String, nullable=False),
    Column("uuid", LargeBinary, nullable=False),  # executors choose theirs: unique within its task only
    Column("status", LargeBinary, nullable=False),  # mesos.v1.TaskStatus
    UniqueConstraint("framework_id", "task_id", "uuid"),
)

executors = Table(
    "executors",
    metadata,
    Column("framework_id", String, primary_key=True),
    Column("executor_id", String, primary_key=True),
    Column("container_id", String, nullable=False, unique=True),
    Column("received_at", Float, nullable=False),  # seconds since the epoch
    Column("phase", String, nullable=False),  # an ExecutorPhase
    Column("boot_id", String),  # of the host, when its container was about to be started
    Column("end_grace_seconds", Float),  # set when it has to end, or has ended
    Column("end_message", String),
    Column("end_reason", String),
    Column("exit_status", Integer),
    Column("framework", LargeBinary, nullable=False),  # mesos.v1.FrameworkInfo
    Column("info", LargeBinary, nullable=False),  # mesos.v1.ExecutorInfo
)

plugin_containers = Table(
    "plugin_containers",
    metadata,
    Column("container_id", String, primary_key=True),
    Column("shared", LargeBinary, nullable=False),  # directories shared with the host, msgpack
    Column("removing", Boolean, nullable=False),
)

pool_devices = Table(
    "pool_devices",
    metadata,
    Column("pool_id", String, primary_key=True),  # what the pool itself carries
    Column("provider", String, nullable=False, unique=True),  # its resource provider's name
    Column("rule", String, nullable=False),
    Column("use", String, nullable=False),  # a provider.local_storage.device_rules.Use
    Column("identity", String, nullable=False),  # the device's own, when it was admitted; may be empty
    Column("path", String, nullable=False),  # where it was seen last
    Column("size", Integer, nullable=False),  # bytes
    Column("prepared", Boolean, nullable=False),  # False: it may still have to be made a pool
    Column("attachments", Integer, nullable=False),  # how often it was attached: no mount outlives one
    Column("admitted_at", Float, nullable=False),  # seconds since the epoch
)

operator_containers = Table(
    "operator_containers",
    metadata,
    Column("path", String, nullable=False, index=True),  # from the outermost inwards, with dots between
    Column("run_id", String, primary_key=True),
    Column("parent", String),  # the containerizer's id of the container that it is nested in
    Column("call", LargeBinary, nullable=False),  # mesos.v1.agent.Call.LaunchContainer
    Column("session", Boolean, nullable=False),
    Column("created_at", Float, nullable=False),  # seconds since the epoch
    Column("boot_id", String, nullable=False),  # of the host, when it was launched
    Column("phase", String, nullable=False),  # a ContainerPhase
    Column("kill_grace", Float),  # set when it was to end before it was known to run
    Column("limited", String),  # why it is ended for what it takes
    Column("ended", LargeBinary),  # how it ended, msgpack
)

image_uses = Table(
    "image_uses",
    metadata,
    Column("image_id", String, primary_key=True),
    Column("last_used", Float, nullable=False),  # seconds since the epoch
    Column("pulled_at", Float),  # seconds since the epoch; NULL: somebody else brought it here
    Column("names", LargeBinary, nullable=False),  # that this agent pulled it by, msgpack
)

image_pulls = Table(
    "image_pulls",
    metadata,
    Column("name", String, primary_key=True),
    Column("before", String),  # the image that the name led to when the pull began
    Column("began_at", Float, nullable=False),  # seconds since the epoch
)

registry = RegistryTables(metadata)
own_resources = ProviderTables(metadata, "own")
