"""`orlop task run`: builds the scheduler for one task, runs it, says how it ended.

What the scheduler does is in `cli.task_scheduler`.
"""

from __future__ import annotations

import getpass
import random  # noqa: TID251 - this is a composition root
import sys
from typing import Final

from msgspec import UNSET

from api.model.ids import RandomIds
from api.wire.v1 import mesos
from cli.failures import NOT_RUN, CommandFailed
from cli.options import Output
from cli.output import print_json, text
from cli.task_outcome import Outcome
from cli.task_request import TaskRequest
from cli.task_scheduler import TaskScheduler
from client.errors import ClientError
from client.operator import OperatorClient
from client.scheduler import SchedulerClient

FAILOVER_SECONDS: Final = 60.0
"""How long the task outlives a lost connection; then the orchestrator ends it."""


async def run(url: str, output: Output, request: TaskRequest) -> int:
    """Run the task; the exit status for the caller. Raises CommandFailed (NOT_RUN) when it could not be."""
    as_json = output is Output.JSON
    client = framework_client(url, request.name, request.role)
    try:
        async with OperatorClient(url) as operator, client:
            output_to = sys.stderr if as_json else sys.stdout
            task = TaskScheduler(operator, client, request, RandomIds(), output_to.buffer)
            outcome = await task.run()
    except ClientError as error:
        raise CommandFailed(str(error), NOT_RUN) from error
    if as_json:
        print_json({"task_id": outcome.task_id, "exit_status": outcome.exit_status, "status": outcome.status})
    _explain(outcome)
    return outcome.exit_status


def framework_client(url: str, name: str, role: str) -> SchedulerClient:
    """A framework of this command's own, which is not subscribed yet."""
    framework = mesos.FrameworkInfo(
        user=_user(),
        name=f"orlop task run {name}",
        roles=[role],
        failover_timeout=FAILOVER_SECONDS,
        capabilities=[
            mesos.FrameworkInfoCapability(type=kind)
            for kind in (
                mesos.FrameworkInfoCapabilityType.MULTI_ROLE,
                mesos.FrameworkInfoCapabilityType.RESERVATION_REFINEMENT,
                mesos.FrameworkInfoCapabilityType.PARTITION_AWARE,
                mesos.FrameworkInfoCapabilityType.TASK_KILLING_STATE,
            )
        ],
    )
    return SchedulerClient(url, framework, random=random.Random(), give_up_seconds=FAILOVER_SECONDS)


def _explain(outcome: Outcome) -> None:
    """What the exit status alone does not say."""
    status = outcome.status
    by_itself = status.state is not mesos.TaskState.TASK_KILLED and (
        status.reason is UNSET or status.reason is mesos.TaskStatusReason.REASON_COMMAND_EXECUTOR_FAILED
    )
    if outcome.exit_status == NOT_RUN or (outcome.exit_status != 0 and not by_itself):
        words = f"{text(status.state)}, {text(status.message)}"
        print(f"orlop: task {outcome.task_id}: {words}", file=sys.stderr)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "nobody"
