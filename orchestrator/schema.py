"""Tables of the orchestrator's database: the ledger and the registry.

Tables only. What a row means is the business of `ledger` and `registrar`; messages are kept as
msgpack, so that a release reads what the same release wrote, whole.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

SCHEMA_VERSION = 11

metadata = MetaData()

LEASE_HELD = "lease_held"
"""The check that a write of an epoch which has ended breaks: see `lease`."""

lease = Table(
    "lease",
    metadata,
    Column("id", Integer, primary_key=True),  # there is one row, 1
    Column("epoch", BigInteger, nullable=False),
    Column("holder", String, nullable=False),  # a UUID that each life of a process draws; "" when it let go
    Column("name", String, nullable=False),
    Column("http", String, nullable=False),  # host:port
    Column("link", String, nullable=False),  # host:port
    Column("expires", Float, nullable=False),  # seconds since the epoch, by the database's clock
    CheckConstraint("epoch >= 0", name=LEASE_HELD),
)

agents = Table(
    "agents",
    metadata,
    Column("agent_id", String, primary_key=True),
    Column("info", LargeBinary, nullable=False),
    Column("admitted", Float, nullable=False),
    Column("life", BigInteger, nullable=False),  # of the process that registered last; 0 when it did not say
    Column("life_id", LargeBinary, nullable=False),
)

frameworks = Table(
    "frameworks",
    metadata,
    Column("framework_id", String, primary_key=True),
    Column("info", LargeBinary, nullable=False),
    Column("registered", Float, nullable=False),
    Column("removed", Float, nullable=True),
)

withdrawn_agents = Table(
    "withdrawn_agents",
    metadata,
    Column("agent_id", String, primary_key=True),
    Column("mode", String, nullable=False),  # a Mode of `withdrawal`; agents that are ACTIVE have no row
    Column("uuid", LargeBinary, nullable=True),  # of the drain; 16 bytes
    Column("config", LargeBinary, nullable=True),  # mesos.v1.DrainConfig
    Column("since", Float, nullable=False),  # seconds since the epoch
)

gone_agents = Table(
    "gone_agents",
    metadata,
    Column("agent_id", String, primary_key=True),
    Column("hostname", String, nullable=False),
    Column("gone", Float, nullable=False),  # seconds since the epoch
)

gone_providers = Table(
    "gone_providers",
    metadata,
    Column("provider_id", String, primary_key=True),
    Column("agent_id", String, primary_key=True),
    Column("gone", Float, nullable=False),
)

maintenance = Table(
    "maintenance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("schedule", LargeBinary, nullable=False),
    Column("status", LargeBinary, nullable=False),
)

operations = Table(
    "operations",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("uuid", LargeBinary, nullable=False, unique=True),
    Column("framework_id", String, nullable=True),
    Column("operation_id", String, nullable=True),
    Column("agent_id", String, nullable=False),
    Column("provider_id", String, nullable=True),
    Column("role", String, nullable=True),
    Column("info", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
    Column("provisioning", String, nullable=True),
    Column("statuses", LargeBinary, nullable=False),
    Column("terminal", Boolean, nullable=False),
    Column("acknowledged", Boolean, nullable=False),
    Column("abandoned", Float, nullable=True),
)
Index("operations_by_id", operations.c.framework_id, operations.c.operation_id)

launches = Table(
    "launches",
    metadata,
    Column("framework_id", String, primary_key=True),
    Column("task_id", String, primary_key=True),
    Column("agent_id", String, nullable=False),
    Column("role", String, nullable=False),
    Column("info", LargeBinary, nullable=False),
    Column("created", Float, nullable=False),
)

task_ends = Table(
    "task_ends",
    metadata,
    Column("framework_id", String, primary_key=True),
    Column("task_id", String, primary_key=True),
    Column("agent_id", String, nullable=False),
    Column("status", LargeBinary, nullable=False),  # mesos.v1.TaskStatus
)

operation_refusals = Table(
    "operation_refusals",
    metadata,
    Column("framework_id", String, primary_key=True),
    Column("operation_id", String, primary_key=True),
    Column("status", LargeBinary, nullable=False),  # mesos.v1.OperationStatus
)

kills = Table(
    "kills",
    metadata,
    Column("framework_id", String, primary_key=True),
    Column("task_id", String, primary_key=True),
    Column("agent_id", String, nullable=False),
    Column("call", LargeBinary, nullable=False),
)

shutdowns = Table(
    "shutdowns",
    metadata,
    Column("agent_id", String, primary_key=True),
    Column("framework_id", String, primary_key=True),
    Column("executor_id", String, primary_key=True),
)

provisionings = Table(
    "provisionings",
    metadata,
    Column("name", String, primary_key=True),
    Column("record", LargeBinary, nullable=False),
)

quotas = Table(
    "quotas",
    metadata,
    Column("role", String, primary_key=True),
    Column("quota", LargeBinary, nullable=False),
)

weights = Table(
    "weights",
    metadata,
    Column("role", String, primary_key=True),
    Column("milli", BigInteger, nullable=False),
)

cluster = Table(
    "cluster",
    metadata,
    Column("id", Integer, primary_key=True),  # 1
    Column("uuid", String, nullable=False),  # the cluster's own: another one's registry is told by it
    Column("created", Float, nullable=False),  # seconds since the epoch
)

restorations = Table(
    "restorations",
    metadata,
    Column("id", Integer, primary_key=True),  # 1: the last one
    Column("taken", Float, nullable=False),  # when the backup was made; seconds since the epoch
    Column("restored", Float, nullable=False),
    Column("epoch", BigInteger, nullable=False),  # that led when the backup was made
    Column("settled", Float, nullable=True),  # when an operator said that nothing is left to look at
)

differences = Table(
    "differences",
    metadata,
    Column("kind", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("message", String, nullable=False),
    Column("found", Float, nullable=False),
)

backups = Table(
    "backups",
    metadata,
    Column("id", Integer, primary_key=True),  # 1, in a backup; there is none in a registry that is in use
    Column("taken", Float, nullable=False),  # seconds since the epoch
    Column("release", String, nullable=False),
)
