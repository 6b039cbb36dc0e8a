"""A scripted agent that runs what it is told to: tasks, groups and executors, each until a test ends it."""

from __future__ import annotations

from msgspec import UNSET

from api.wire.v1 import link, mesos
from tests.orchestrator.scripted import ScriptedAgent

State = mesos.TaskState


class HostingAgent(ScriptedAgent):
    """What it runs outlives its link. Status uuids are the task's id, filled up."""

    def __init__(self, mb: int = 10_000) -> None:
        super().__init__(mb)
        self.lossy = False
        """What it is told to run is lost on the way."""

    def send(self, message: link.OrchestratorMessage) -> None:
        super().send(message)
        if self.lossy:
            return
        run, group = message.run_task, message.run_task_group
        if isinstance(run, link.OrchestratorMessageRunTask):
            self._start(run.framework_info, run.executor_info, run.launch_executor, [run.task_info])
        elif isinstance(group, link.OrchestratorMessageRunTaskGroup):
            tasks = group.task_group.tasks
            self._start(group.framework_info, group.executor_info, group.launch_executor, tasks)

    def runs(self) -> list[link.OrchestratorMessageRunTask]:
        return [m.run_task for m in self.received if m.run_task]

    def groups(self) -> list[link.OrchestratorMessageRunTaskGroup]:
        return [m.run_task_group for m in self.received if m.run_task_group]

    def shutdowns(self) -> list[str]:
        return [m.shutdown_executor.executor_id.value for m in self.received if m.shutdown_executor]

    def heard_for(self, executor_id: str) -> list[bytes]:
        """Messages of frameworks for an executor."""
        carried = [m.executor_message for m in self.received if m.executor_message]
        return [each.data for each in carried if each.executor_id.value == executor_id]

    def become(self, task_id: str, state: State) -> None:
        """The task is in this state, and that is told."""
        task = self.tasks[task_id]
        task.state = state
        status = mesos.TaskStatus(
            task_id=task.task_id,
            state=state,
            agent_id=task.agent_id,
            executor_id=task.executor_id,
            uuid=f"{state:.8}{task_id}".encode().ljust(16, b".")[-16:],
        )
        task.statuses = [*task.statuses, status]
        told = link.AgentMessageUpdateTaskStatus(
            framework_id=task.framework_id, status=status, latest_state=state
        )
        self.tell(link.AgentMessage(type=link.AgentMessageType.UPDATE_TASK_STATUS, update_task_status=told))

    def exit(self, executor_id: str, status: int | None = None) -> None:
        """The executor is over, and that is told."""
        executor = self.executors.pop(executor_id)
        exited = link.AgentMessageExecutorExited(
            framework_id=executor.framework_id, executor_id=executor.executor_info.executor_id
        )
        if status is not None:
            exited.status = status
        self.tell(link.AgentMessage(type=link.AgentMessageType.EXECUTOR_EXITED, executor_exited=exited))

    def say(self, executor_id: str, data: bytes) -> None:
        """The executor has a message for its framework."""
        executor = self.executors[executor_id]
        carried = link.ExecutorMessage(
            framework_id=executor.framework_id, executor_id=executor.executor_info.executor_id, data=data
        )
        self.tell(link.AgentMessage(type=link.AgentMessageType.EXECUTOR_MESSAGE, executor_message=carried))

    def _start(
        self,
        framework: mesos.FrameworkInfo,
        executor: mesos.ExecutorInfo | object,
        launches: bool | object,
        tasks: list[mesos.TaskInfo],
    ) -> None:
        assert isinstance(framework.id, mesos.FrameworkID)
        executor_id: mesos.ExecutorID | object = UNSET
        if isinstance(executor, mesos.ExecutorInfo):
            executor_id = executor.executor_id
            assert (executor.executor_id.value in self.executors) is not launches
            if launches:
                self.executors[executor.executor_id.value] = link.Executor(
                    framework_id=framework.id, executor_info=executor, resources=executor.resources
                )
        for info in tasks:
            self.tasks[info.task_id.value] = mesos.Task(
                name=info.name,
                task_id=info.task_id,
                framework_id=framework.id,
                agent_id=info.agent_id,
                executor_id=executor_id,  # type: ignore[arg-type]
                state=State.TASK_STAGING,
                resources=info.resources,
            )
            self.become(info.task_id.value, State.TASK_RUNNING)
