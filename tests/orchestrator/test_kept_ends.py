"""Ends of tasks that the orchestrator itself tells: kept until they are acknowledged, whatever happens."""

from __future__ import annotations

from api.wire.v1 import mesos, scheduler
from orchestrator import task_ends
from orchestrator.journal import Transaction
from orchestrator.task_ends import TaskEnds
from tests.orchestrator.test_core import Cluster, cluster, launch, subscribe, until
from tests.orchestrator.test_tasks_told import Launched, running

__all__ = ["cluster"]

State = mesos.TaskState


async def acknowledge(task: Launched) -> bool:
    """The last that the framework was told."""
    status = next(each for each in reversed(task.session.statuses()) if isinstance(each.uuid, bytes))
    transaction, rooms = Transaction(), task.cluster.orchestrator
    assert isinstance(status.agent_id, mesos.AgentID) and isinstance(status.uuid, bytes)
    call = scheduler.CallAcknowledge(agent_id=status.agent_id, task_id=status.task_id, uuid=status.uuid)
    known = rooms.tasks.acknowledge(transaction, task.framework.framework_id, call)
    await rooms.journal.commit(transaction)
    return known


async def subscribe_again(task: Launched) -> None:
    rooms, framework_id = task.cluster.orchestrator, task.framework.framework_id
    task.framework, task.session = await subscribe(rooms, ["test"], framework_id)
    await rooms.journal.drain()


async def fail_over(task: Launched) -> None:
    await task.fail_over()
    await task.cluster.orchestrator.journal.drain()


def reconcile(task: Launched) -> None:
    """As a scheduler that names no agent."""
    entry = scheduler.CallReconcileTask(task_id=mesos.TaskID(value="t1"))
    rooms = task.cluster.orchestrator
    list(rooms.tasks.reconcile(task.framework.framework_id, scheduler.CallReconcile(tasks=[entry])))


async def test_a_launch_dropped_while_its_framework_is_away_is_told_when_it_is_back(cluster: Cluster) -> None:
    task = Launched(cluster)
    await task.begin()
    await cluster.crash()
    await task.agent.join(cluster.orchestrator)  # before its framework, and without the task
    assert not cluster.orchestrator.ledger.launches
    await subscribe_again(task)
    assert task.told == [State.TASK_LOST]
    reconcile(task)
    assert task.told == [State.TASK_LOST] * 2
    assert await acknowledge(task)
    assert not len(cluster.orchestrator.ledger.ends)
    assert not await acknowledge(task)
    await subscribe_again(task)
    assert task.told == []


async def test_it_is_told_by_the_next_leader_and_by_the_same_uuid(cluster: Cluster) -> None:
    task = Launched(cluster)
    await task.begin()
    await fail_over(task)
    await task.agent.join(cluster.orchestrator)
    (first,) = task.session.statuses()
    await fail_over(task)  # what was told last was lost with the leader
    await task.agent.join(cluster.orchestrator)
    (second,) = task.session.statuses()
    assert (first.state, first.uuid) == (second.state, second.uuid)
    await acknowledge(task)
    await fail_over(task)
    await task.agent.join(cluster.orchestrator)
    assert task.told == []


async def test_a_launch_refused_as_its_offer_had_gone_is_told_though_the_leader_dies(
    cluster: Cluster,
) -> None:
    task = Launched(cluster)
    await task.begin()
    call = launch(task.session.offers()[0], "t2")  # of an offer that is accepted
    await cluster.orchestrator.acceptance.accept(task.framework, call)
    (refused,) = task.session.statuses()
    await task.says(State.TASK_RUNNING)
    task.knows(State.TASK_RUNNING)
    await fail_over(task)
    assert task.told == [], "its agent may know it, and is not back"
    await task.agent.join(cluster.orchestrator)
    assert task.session.statuses() == [refused]


async def test_a_launch_refused_while_its_agent_is_not_back_is_told_when_the_agent_has_none_of_it(
    cluster: Cluster,
) -> None:
    task = await running(cluster)
    await fail_over(task)
    await task.accept()
    reconcile(task)
    await cluster.orchestrator.journal.drain()
    assert task.told == [], "it may be a repeat of one that runs"
    task.agent.tasks.clear()
    await task.agent.join(cluster.orchestrator)
    assert task.told == [State.TASK_LOST]


async def test_a_repeat_of_a_task_that_runs_is_told_no_end_ever(cluster: Cluster) -> None:
    task = await running(cluster)
    await fail_over(task)
    await task.accept()
    await task.agent.join(cluster.orchestrator)
    await subscribe_again(task)
    assert task.told == [] and not len(cluster.orchestrator.ledger.ends)
    await fail_over(task)
    assert not len(cluster.orchestrator.ledger.ends)


async def test_an_invalid_task_is_told_again_until_its_name_is_launched(cluster: Cluster) -> None:
    task = Launched(cluster)
    await task.agent.join(cluster.orchestrator)
    task.framework, task.session = await subscribe(cluster.orchestrator, ["test"])
    await until(task.session.offers)
    task.call = launch(task.session.offers()[0], "t1")
    described = task.call.operations[0].launch
    assert isinstance(described, mesos.OfferOperationLaunch)
    resources, described.task_infos[0].resources = described.task_infos[0].resources, []
    await task.accept()
    await subscribe_again(task)
    assert task.told == [State.TASK_ERROR]
    await until(task.session.offers)
    described.task_infos[0].resources = resources
    task.call.offer_ids = [task.session.offers()[-1].id]
    await task.accept()
    assert task.runs_sent == 1 and not len(cluster.orchestrator.ledger.ends)
    await acknowledge(task)  # late, of the refusal
    assert cluster.orchestrator.tasks.is_known(task.framework.framework_id, "t1")


async def test_ends_go_with_their_framework(cluster: Cluster) -> None:
    task = Launched(cluster)
    await task.begin()
    await fail_over(task)
    await task.agent.join(cluster.orchestrator)
    assert len(cluster.orchestrator.ledger.ends) == 1
    await cluster.orchestrator.frameworks.remove(task.framework.framework_id)
    await cluster.crash()
    assert not len(cluster.orchestrator.ledger.ends)


def test_they_are_bounded_for_each_framework() -> None:
    ends = TaskEnds(limit=2)
    for framework in ("one", "another"):
        for name in ("a", "b", "c"):
            status = mesos.TaskStatus(task_id=mesos.TaskID(value=name), state=State.TASK_DROPPED)
            ends.record(framework, "agent", status)
    assert [end.key for end in ends.of_agent("agent")] == [
        (framework, name) for framework in ("one", "another") for name in ("b", "c")
    ]
    assert task_ends.ENDS_LIMIT == 10_000
