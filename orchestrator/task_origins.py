"""Where tasks that are known come from: an agent's report, or a launch of the ledger.

Values only: it keeps nothing and tells nobody.
"""

from __future__ import annotations

from sys import intern

from api.model.resources import Resources
from api.wire.v1 import mesos
from orchestrator.records import LaunchRecord
from orchestrator.reports import ReportedTask
from orchestrator.state import Agent, Task, value_of

STATUSES_KEPT = 16
"""Statuses of a task that are shown; the oldest are left out beyond it."""


def of_report(agent: Agent, reported: ReportedTask) -> Task:
    """A task that only its agent knew."""
    head = reported.head
    return Task(
        framework_id=intern(head.framework_id.value),  # as many tasks have it
        task_id=head.task_id.value,
        agent_id=agent.agent_id,
        role=reported.role,
        name=intern(head.name),
        state=head.state,
        resources=reported.resources,
        reported=reported.raw,
        statuses=head.statuses[-STATUSES_KEPT:] if head.statuses else (),
        executor_id=value_of(head.executor_id),
    )


def of_launch(record: LaunchRecord, resources: Resources) -> Task:
    """The task of a launch that its agent has not spoken of."""
    executor = record.info.executor
    return Task(
        framework_id=record.framework_id,
        task_id=record.task_id,
        agent_id=record.agent_id,
        role=record.role,
        name=record.info.name,
        state=mesos.TaskState.TASK_STAGING,
        resources=resources,
        info=record.info,
        executor_id=executor.executor_id.value if isinstance(executor, mesos.ExecutorInfo) else None,
    )
