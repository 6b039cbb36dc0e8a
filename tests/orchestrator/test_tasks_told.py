"""What a framework is told of a task: not more than is known, and one end only."""

from __future__ import annotations

import asyncio

from api.model.resource import scalar
from api.wire.v1 import link, mesos, scheduler
from orchestrator.journal import Transaction
from orchestrator.state import Framework
from tests.orchestrator.scripted import ScriptedAgent, ScriptedFramework
from tests.orchestrator.test_core import Cluster, cluster, launch, subscribe, until

__all__ = ["cluster"]

State = mesos.TaskState
TASK = mesos.TaskID(value="t1")
UUID = b"0123456789abcdef"


class Launched:
    """A task that a framework has launched, on an agent that says of it what a test wants."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self.agent = ScriptedAgent()
        self.framework: Framework
        self.session: ScriptedFramework
        self.call: scheduler.CallAccept

    async def begin(self) -> None:
        await self.agent.join(self.cluster.orchestrator)
        self.framework, self.session = await subscribe(self.cluster.orchestrator, ["test"])
        await until(self.session.offers)
        self.call = launch(self.session.offers()[0], "t1")
        await self.accept()

    async def accept(self) -> None:
        await self.cluster.orchestrator.acceptance.accept(self.framework, self.call)

    async def fail_over(self) -> None:
        """Another orchestrator leads, and the framework is with it; the agent is not back yet."""
        await self.cluster.crash()
        framework_id = self.framework.framework_id
        self.framework, self.session = await subscribe(self.cluster.orchestrator, ["test"], framework_id)

    async def says(self, state: State, uuid: bytes | None = UUID) -> None:
        """The agent tells of the task, and goes on knowing it."""
        status = mesos.TaskStatus(task_id=TASK, state=state)
        if uuid is not None:
            status.uuid = uuid
        told = link.AgentMessageUpdateTaskStatus(
            framework_id=self._framework_id, status=status, latest_state=state
        )
        kind = link.AgentMessageType.UPDATE_TASK_STATUS
        self.agent.tell(link.AgentMessage(type=kind, update_task_status=told))
        await self.cluster.orchestrator.journal.drain()

    def knows(self, state: State) -> None:
        """What the agent reports of the task when it comes back: all that it told is acknowledged."""
        self.agent.tasks["t1"] = mesos.Task(
            name="t",
            task_id=TASK,
            framework_id=self._framework_id,
            agent_id=mesos.AgentID(value=str(self.agent.agent_id)),
            state=state,
            resources=[],
        )

    async def acknowledge(self) -> None:
        transaction, agent_id = Transaction(), mesos.AgentID(value=str(self.agent.agent_id))
        call = scheduler.CallAcknowledge(agent_id=agent_id, task_id=TASK, uuid=UUID)
        rooms = self.cluster.orchestrator
        assert rooms.tasks.acknowledge(transaction, self.framework.framework_id, call)
        await rooms.journal.commit(transaction)

    def reconcile(self) -> None:
        entry = scheduler.CallReconcileTask(task_id=TASK, agent_id=self.call_agent)
        call = scheduler.CallReconcile(tasks=[entry])
        list(self.cluster.orchestrator.tasks.reconcile(self.framework.framework_id, call))

    async def kill(self) -> None:
        call = scheduler.CallKill(task_id=TASK, agent_id=self.call_agent)
        transaction = Transaction()
        self.cluster.orchestrator.tasks.kill(transaction, self.framework.framework_id, call)
        await self.cluster.orchestrator.journal.commit(transaction)

    @property
    def kills_sent(self) -> int:
        return sum(bool(message.kill_task) for message in self.agent.received)

    @property
    def call_agent(self) -> mesos.AgentID:
        return mesos.AgentID(value=str(self.agent.agent_id))

    @property
    def told(self) -> list[State]:
        return [status.state for status in self.session.statuses()]

    @property
    def runs_sent(self) -> int:
        return sum(bool(message.run_task) for message in self.agent.received)

    @property
    def _framework_id(self) -> mesos.FrameworkID:
        return mesos.FrameworkID(value=self.framework.framework_id)


async def running(cluster: Cluster) -> Launched:
    """A task that runs, as its framework knows."""
    task = Launched(cluster)
    await task.begin()
    await task.says(State.TASK_RUNNING)
    await task.acknowledge()
    task.knows(State.TASK_RUNNING)
    return task


async def test_a_task_of_an_agent_that_is_not_back_after_a_failover_is_not_called_lost(
    cluster: Cluster,
) -> None:
    task = await running(cluster)
    await task.fail_over()
    await task.accept()  # a repeat: its answer was lost
    task.reconcile()
    await task.kill()
    assert task.told == []
    await task.agent.join(cluster.orchestrator)
    task.reconcile()
    assert task.told == [State.TASK_RUNNING]
    assert task.runs_sent == 1


async def test_a_kill_for_an_agent_that_is_away_outlives_the_orchestrator(cluster: Cluster) -> None:
    task = await running(cluster)
    cluster.orchestrator.agents.disconnected(str(task.agent.agent_id), task.agent)
    await task.kill()
    assert task.kills_sent == 0
    await task.fail_over()
    await task.agent.join(cluster.orchestrator)
    assert task.kills_sent == 1
    await task.says(State.TASK_KILLED)
    await task.acknowledge()
    assert len(cluster.orchestrator.ledger.kills) == 0


async def test_a_kill_of_a_task_that_only_its_agent_knows_reaches_it_when_it_is_back(
    cluster: Cluster,
) -> None:
    task = await running(cluster)
    await task.fail_over()
    await task.kill()
    assert task.told == []
    await task.agent.join(cluster.orchestrator)
    assert task.kills_sent == 1


async def test_a_kill_of_what_its_agent_does_not_know_is_forgotten_with_it(cluster: Cluster) -> None:
    task = await running(cluster)
    await task.fail_over()
    await task.kill()
    task.agent.tasks.clear()
    await task.agent.join(cluster.orchestrator)
    assert len(cluster.orchestrator.ledger.kills) == 0 and task.kills_sent == 0


async def test_a_task_that_nobody_can_know_is_answered_for_also_after_a_failover(cluster: Cluster) -> None:
    task = await running(cluster)
    await task.fail_over()
    task.agent.tasks.clear()
    await task.agent.join(cluster.orchestrator)
    task.reconcile()
    assert task.told == [State.TASK_LOST]


async def test_a_launch_repeated_after_its_task_has_ended_is_told_no_other_end(cluster: Cluster) -> None:
    task = Launched(cluster)
    await task.begin()
    await task.says(State.TASK_FINISHED)
    await task.accept()
    assert task.told == [State.TASK_FINISHED]


async def test_a_task_that_its_agent_is_only_cleaning_up_does_not_come_back_with_it(cluster: Cluster) -> None:
    task = await running(cluster)
    task.knows(State.TASK_FINISHED)
    await task.fail_over()
    await task.agent.join(cluster.orchestrator)
    assert not cluster.orchestrator.state.tasks, "its name is free: nobody will speak of it again"
    rooms, every = cluster.orchestrator, scheduler.CallReconcile(tasks=[])
    list(rooms.tasks.reconcile(task.framework.framework_id, every))
    assert task.told == []


async def test_a_task_that_is_known_stays_ended_when_its_agent_comes_back_cleaning_it_up(
    cluster: Cluster,
) -> None:
    task = await running(cluster)
    await task.says(State.TASK_FINISHED)
    task.knows(State.TASK_FINISHED)
    task.agent.received.clear()
    rooms = cluster.orchestrator
    rooms.agents.disconnected(str(task.agent.agent_id), task.agent)
    await task.agent.join(rooms)
    assert not rooms.state.tasks
    assert [ended.state for ended in rooms.state.completed_tasks] == [State.TASK_FINISHED]
    assert task.told == [State.TASK_RUNNING, State.TASK_FINISHED]


async def test_an_end_that_nobody_can_acknowledge_ends_the_task_at_once(cluster: Cluster) -> None:
    task = Launched(cluster)
    await task.begin()
    await task.says(State.TASK_DROPPED, uuid=None)
    rooms = cluster.orchestrator
    assert task.told == [State.TASK_DROPPED]
    assert not rooms.state.tasks, "the agent does not know it and will never speak of it again"
    assert [ended.state for ended in rooms.state.completed_tasks] == [State.TASK_DROPPED]
    await until(lambda: len(task.session.offers()) > 1)
    task.call = launch(task.session.offers()[-1], "t1")
    await task.accept()
    assert task.runs_sent == 2, "the name is free again"


async def test_a_task_whose_end_was_told_takes_nothing_though_its_agent_comes_back_with_what_was_before(
    cluster: Cluster,
) -> None:
    task = Launched(cluster)
    await task.begin()
    task.knows(State.TASK_RUNNING)
    rooms, agent_id = cluster.orchestrator, str(task.agent.agent_id)
    await task.says(State.TASK_KILLED)
    rooms.agents.disconnected(agent_id, task.agent)
    await task.agent.join(rooms)
    await task.acknowledge()
    assert not rooms.state.tasks
    offered = sum(offer.resources.scalar_milli("cpus") for offer in rooms.offers.of_agent(agent_id))
    free = rooms.allocator.free(agent_id, scalar("cpus", 1))
    assert free + offered == rooms.state.agents[agent_id].total().scalar_milli("cpus") > 0


async def test_a_task_that_is_killed_while_its_agent_comes_back_with_it_is_not_called_lost(
    cluster: Cluster,
) -> None:
    task = await running(cluster)
    await task.fail_over()
    killed = asyncio.ensure_future(task.kill())
    await asyncio.sleep(0)  # the agent comes while that is written
    await task.agent.join(cluster.orchestrator)
    await killed
    assert task.told == [] and task.kills_sent
    await task.says(State.TASK_KILLED)
    assert task.told == [State.TASK_KILLED]
