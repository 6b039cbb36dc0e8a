"""LAUNCH and LAUNCH_GROUP: tasks and groups judged against offers, agents and names in use, and accepted.

A task of a LAUNCH stands for itself; of a group all are accepted or none. What cannot be accepted is told to
the framework by a status for each task. What is wrong with a task by itself is in `task_rules`. No I/O here.
"""

from __future__ import annotations

from typing import Final

from msgspec import UNSET, structs

from api.model.errors import OrlopError
from api.model.resources import EMPTY, Resources
from api.wire.convert import resources_from_wire
from api.wire.errors import WireError
from api.wire.v1 import mesos
from orchestrator import task_rules
from orchestrator.check_rules import InvalidTask
from orchestrator.executors import Executors
from orchestrator.journal import Transaction
from orchestrator.pile import Pile
from orchestrator.state import ClusterState, Framework, value_of
from orchestrator.task_resources import TaskResources
from orchestrator.task_rules import launched_by
from orchestrator.tasks import Tasks

FRAMEWORK_TASKS_LIMIT = 50_000
"""Tasks that one framework may have running, or ended and not acknowledged. A further one is dropped
(TASK_DROPPED, or TASK_LOST) until it acknowledges the end of some."""

FRAMEWORK_EXECUTORS_LIMIT = 10_000
"""Executors that one framework may have. A launch that needs a further one is refused until some exit."""

NO_LAUNCH_ID: Final = "a LAUNCH has no outcome but its tasks' statuses: leave its operation id out"

Reason = mesos.TaskStatusReason
ExecutorType = mesos.ExecutorInfoType


class Launches:
    """Accepts tasks. Executors that they need are charged with them."""

    def __init__(self, state: ClusterState, tasks: Tasks, executors: Executors) -> None:
        self._state = state
        self._tasks = tasks
        self._executors = executors
        self._resources = TaskResources()

    def carry_out(
        self, transaction: Transaction, framework: Framework, pile: Pile, info: mesos.OfferOperation
    ) -> None:
        """Accept what an operation launches, or refuse it by statuses."""
        if info.id is not UNSET:
            self._refuse_all(transaction, framework, launched_by(info), _reason(info), NO_LAUNCH_ID)
        elif isinstance(info.launch_group, mesos.OfferOperationLaunchGroup):
            self._launch_group(transaction, framework, pile, info.launch_group)
        else:
            used = [self._launch(transaction, framework, pile, task) for task in launched_by(info)]
            self._tasks.charge(framework.framework_id, pile.role, pile.agent_id, Resources.total(used))

    def refuse(
        self,
        transaction: Transaction,
        framework: Framework,
        info: mesos.OfferOperation,
        message: str,
        *,
        invalid: bool,
    ) -> None:
        """Nothing of an operation can be launched. A repeat may be of a launch that went through: then its
        tasks are what speaks."""
        for task in launched_by(info):
            if not self._tasks.is_known(framework.framework_id, task.task_id.value):
                reason = Reason.REASON_INVALID_OFFERS
                self._tasks.refuse(transaction, framework, task, reason, message, invalid=invalid)

    def _launch(
        self, transaction: Transaction, framework: Framework, pile: Pile, info: mesos.TaskInfo
    ) -> Resources:
        """What the task is to be charged; nothing when it was not accepted, or was before."""
        info = _task_described(framework, pile.role, info)
        if self._is_repeat(framework, info):
            return EMPTY
        try:
            self._check_name(framework, info)
            resources = self._checked(pile, info)
            needed = self._executor_needed(framework, pile, info.executor)
            pile.take(resources + (needed or EMPTY))
        except TooMany as error:
            reason = Reason.REASON_TASK_INVALID
            self._tasks.refuse(transaction, framework, info, reason, str(error), invalid=False)
            return EMPTY
        except (OrlopError, WireError) as error:
            reason = Reason.REASON_TASK_INVALID
            self._tasks.refuse(transaction, framework, info, reason, str(error), invalid=True)
            return EMPTY
        self._start(framework, pile, info.executor, needed)
        self._tasks.launch(transaction, framework, pile.role, [(info, resources)], needed is not None)
        return resources

    def _launch_group(
        self,
        transaction: Transaction,
        framework: Framework,
        pile: Pile,
        group: mesos.OfferOperationLaunchGroup,
    ) -> None:
        executor, tasks = _described(framework, pile.role, group.executor), group.task_group.tasks
        launched = [
            structs.replace(_task_described(framework, pile.role, task), executor=executor) for task in tasks
        ]
        if tasks and all(self._is_repeat(framework, info) for info in launched):
            return
        try:
            task_rules.check_group(group.executor, tasks)
            for task in tasks:
                self._check_name(framework, task)
            self._check_count(framework, len(tasks))
            resources = [self._checked_of_group(pile, task) for task in tasks]
            needed = self._executor_needed(framework, pile, executor)
            pile.take(Resources.total([*resources, needed or EMPTY]))
        except TooMany as error:
            reason = Reason.REASON_TASK_GROUP_INVALID
            self._refuse_all(transaction, framework, tasks, reason, str(error), invalid=False)
            return
        except (OrlopError, WireError) as error:
            self._refuse_all(transaction, framework, tasks, Reason.REASON_TASK_GROUP_INVALID, str(error))
            return
        self._start(framework, pile, executor, needed)
        self._tasks.launch(
            transaction,
            framework,
            pile.role,
            list(zip(launched, resources, strict=True)),
            needed is not None,
            group=executor,
        )
        self._tasks.charge(framework.framework_id, pile.role, pile.agent_id, Resources.total(resources))

    def _is_repeat(self, framework: Framework, info: mesos.TaskInfo) -> bool:
        """Whether this very task was accepted before: the same call again."""
        task = self._state.tasks.get((framework.framework_id, info.task_id.value))
        return task is not None and task.info == info

    def _check_name(self, framework: Framework, info: mesos.TaskInfo) -> None:
        if self._tasks.is_known(framework.framework_id, info.task_id.value):
            raise InvalidTask(f"task id {info.task_id.value!r} is in use: choose another")
        self._check_count(framework, 1)

    def _check_count(self, framework: Framework, further: int) -> None:
        if self._state.count_tasks_of(framework.framework_id) + further > FRAMEWORK_TASKS_LIMIT:
            raise TooMany(
                f"{FRAMEWORK_TASKS_LIMIT} tasks of this framework run, or have ended and are not "
                "acknowledged: acknowledge their last statuses (RECONCILE tells them), then try again"
            )

    def _checked(self, pile: Pile, info: mesos.TaskInfo, *, in_group: bool = False) -> Resources:
        """What the task uses. Raises OrlopError, WireError for a task that cannot run there."""
        if not in_group:  # else all of the group were looked at
            task_rules.check_task(info)
            task_rules.check_launched(info)
        if info.agent_id.value != pile.agent_id:
            raise InvalidTask(f"agent_id is {info.agent_id.value}, the offer is of {pile.agent_id}")
        if info.limits:
            self._check_limits(pile.agent_id)
        resources = self._resources.of("resources", info.resources, pile.role)
        if resources.is_empty:
            raise InvalidTask("the task uses no resources: give it at least cpus and mem")
        return resources

    def _checked_of_group(self, pile: Pile, info: mesos.TaskInfo) -> Resources:
        try:
            return self._checked(pile, info, in_group=True)
        except (OrlopError, WireError) as error:
            raise InvalidTask(f"task {info.task_id.value!r}: {error}") from error

    def _check_limits(self, agent_id: str) -> None:
        needed = mesos.AgentInfoCapabilityType.TASK_RESOURCE_LIMITS
        if not any(each.type is needed for each in self._state.agents[agent_id].capabilities):
            raise InvalidTask(f"limits: agent {agent_id} is not capable of {needed}: leave them out")

    def _executor_needed(
        self, framework: Framework, pile: Pile, info: mesos.ExecutorInfo | object
    ) -> Resources | None:
        """What the executor needs that is to be started; None when there is none, or it is known to run.

        Raises OrlopError, WireError when it cannot be, or what is known under its name is another.
        """
        if not isinstance(info, mesos.ExecutorInfo):
            return None
        if value_of(info.framework_id) != framework.framework_id:
            raise InvalidTask(f"executor.framework_id is not {framework.framework_id}: leave it out")
        resources = self._resources.of("executor.resources", info.resources, pile.role)
        executor_id = info.executor_id.value
        known = self._state.executors.get((pile.agent_id, framework.framework_id, executor_id))
        if known is None:
            if self._state.count_executors_of(framework.framework_id) >= FRAMEWORK_EXECUTORS_LIMIT:
                raise TooMany(f"{FRAMEWORK_EXECUTORS_LIMIT} executors of this framework run: shut some down")
            return resources
        if known.role != pile.role and resources:
            raise InvalidTask(
                f"executor {executor_id!r} runs on resources of role {known.role!r}, the offer is to "
                f"{pile.role!r}: use another executor id for each role"
            )
        # As it was described: a disk of it may have grown since.
        described = resources_from_wire(known.info.resources).unallocated()
        if described != resources or _bare(known.info) != _bare(info):
            raise InvalidTask(
                f"executor {executor_id!r} runs on this agent as another than this describes: choose another "
                "executor id, or describe it as when it was launched"
            )
        return None

    def _start(
        self,
        framework: Framework,
        pile: Pile,
        info: mesos.ExecutorInfo | object,
        needed: Resources | None,
    ) -> None:
        if needed is not None and isinstance(info, mesos.ExecutorInfo):
            self._executors.start(framework.framework_id, pile.agent_id, pile.role, info, needed)

    def _refuse_all(
        self,
        transaction: Transaction,
        framework: Framework,
        tasks: list[mesos.TaskInfo],
        reason: Reason,
        message: str,
        *,
        invalid: bool = True,
    ) -> None:
        for task in tasks:
            self._tasks.refuse(transaction, framework, task, reason, message, invalid=invalid)


class TooMany(InvalidTask):
    """Not now: the framework has so many already; the message says what to do."""


def _reason(info: mesos.OfferOperation) -> Reason:
    is_group = info.type is mesos.OfferOperationType.LAUNCH_GROUP
    return Reason.REASON_TASK_GROUP_INVALID if is_group else Reason.REASON_TASK_INVALID


def _task_described(framework: Framework, role: str, info: mesos.TaskInfo) -> mesos.TaskInfo:
    """The task with what is understood by itself said: whose its resources are, and its executor's too."""
    executor = info.executor
    if isinstance(executor, mesos.ExecutorInfo):
        executor = _described(framework, role, executor)
    return structs.replace(info, resources=_allocated(info.resources, role), executor=executor)


def _described(framework: Framework, role: str, info: mesos.ExecutorInfo) -> mesos.ExecutorInfo:
    """The executor with what is understood by itself said: its framework, its type, and the role."""
    return structs.replace(
        info,
        framework_id=info.framework_id or mesos.FrameworkID(value=framework.framework_id),
        type=info.type or ExecutorType.CUSTOM,
        resources=_allocated(info.resources, role),
    )


def _allocated(wire: list[mesos.Resource], role: str) -> list[mesos.Resource]:
    """Each with the role that it is allocated to: it is read from there when its agent comes back."""
    to = mesos.ResourceAllocationInfo(role=role)
    return [each if each.allocation_info else structs.replace(each, allocation_info=to) for each in wire]


def _bare(info: mesos.ExecutorInfo) -> mesos.ExecutorInfo:
    """Without resources, which are compared as such."""
    return structs.replace(info, resources=[])
