"""A framework of the client library against a real orchestrator: what is lost on the way is made good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from api.wire.v1 import link, mesos
from client import Framework, FrameworkEnded, OperationFailed, OperatorClient, SchedulerClient, Unreachable
from client.offered import disk, pool, scalars
from client.operations import create_disk, destroy_disk, framework_info, task
from tests.orchestrator.scripted import ScriptedAgent
from tests.orchestrator_api.cluster import ApiCluster, running, until

State = mesos.TaskState
STEP_SECONDS = 30.0


class RunningAgent(ScriptedAgent):
    """Tells of each task that it is given: the states in `plan`, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.plan = [State.TASK_RUNNING, State.TASK_FINISHED]
        self.runs: list[str] = []
        self.killed: list[str] = []

    def send(self, message: link.OrchestratorMessage) -> None:
        super().send(message)
        if isinstance(message.run_task, link.OrchestratorMessageRunTask) and not self.deaf:
            self.runs.append(message.run_task.task_info.task_id.value)
            for number, state in enumerate(self.plan):
                asyncio.get_running_loop().call_soon(self._tell, message.run_task, state, number)
        if isinstance(message.kill_task, link.OrchestratorMessageKillTask):
            self.killed.append(message.kill_task.task_id.value)

    def _tell(self, run: link.OrchestratorMessageRunTask, state: State, number: int) -> None:
        assert isinstance(run.framework_info.id, mesos.FrameworkID)
        status = mesos.TaskStatus(
            task_id=run.task_info.task_id,
            state=state,
            agent_id=mesos.AgentID(value=str(self.agent_id)),
            uuid=bytes([number]) * 16,
        )
        update = link.AgentMessageUpdateTaskStatus(
            framework_id=run.framework_info.id, status=status, latest_state=self.plan[-1]
        )
        kind = link.AgentMessageType.UPDATE_TASK_STATUS
        self.tell(link.AgentMessage(type=kind, update_task_status=update))


class LossyClient(SchedulerClient):
    """Loses its first ACCEPT on the way, and the answer to its second."""

    accepts = 0

    async def accept(
        self,
        offers: Sequence[mesos.Offer],
        operations: Sequence[mesos.OfferOperation],
        *,
        refuse_seconds: float | None = None,
    ) -> None:
        self.accepts += 1
        if self.accepts != 1:
            await super().accept(offers, operations, refuse_seconds=refuse_seconds)
        if self.accepts <= 2:
            raise Unreachable(self.url, "lost")


class ForgetfulClient(SchedulerClient):
    """Loses its first KILL on the way."""

    kills = 0

    async def kill(self, task_id: str) -> None:
        self.kills += 1
        if self.kills == 1:
            raise Unreachable(self.url, "lost")
        await super().kill(task_id)


class SilencedClient(SchedulerClient):
    """Loses its first DECLINE on the way, and its stream goes on."""

    def __init__(self, url: str, info: mesos.FrameworkInfo) -> None:
        super().__init__(url, info)
        self.declined: list[str] = []

    async def decline(self, offers: Sequence[mesos.Offer], *, refuse_seconds: float | None = None) -> None:
        self.declined += [offer.id.value for offer in offers]
        if len(self.declined) == 1:
            raise Unreachable(self.url, "lost")
        await super().decline(offers, refuse_seconds=refuse_seconds)


@pytest.fixture
async def agent(cluster: ApiCluster) -> RunningAgent:
    made = cluster.agent = RunningAgent()
    await cluster.join()
    return made


@pytest.fixture
async def framework(cluster: ApiCluster, agent: RunningAgent) -> AsyncIterator[Framework]:
    info = framework_info("test", "test")
    async with (
        asyncio.timeout(STEP_SECONDS),
        SchedulerClient(cluster.url, info) as client,
        Framework(client) as made,
    ):
        yield made


async def make_a_disk(framework: Framework, mb: float = 64.0) -> str:
    status = await framework.operate(pool("default", mb), lambda found: create_disk(found, mb))
    made = status.converted_resources[0].disk
    assert isinstance(made, mesos.ResourceDiskInfo)
    assert isinstance(made.source, mesos.ResourceDiskInfoSource)
    assert isinstance(made.source.id, str)
    return made.source.id


async def test_a_disk_is_made_used_and_given_back(
    cluster: ApiCluster, framework: Framework, agent: RunningAgent
) -> None:
    ours = disk(await make_a_disk(framework))
    told: list[State] = []
    ended = await framework.run(
        ours,
        lambda found: task("test", "true", disks={"/data": found}),
        lambda status: told.append(status.state),
    )
    assert (ended.state, told) == (State.TASK_FINISHED, agent.plan)
    await framework.operate(ours, destroy_disk)
    await until(lambda: not agent.ended)  # all is acknowledged, tasks too:
    await until(lambda: not cluster.orchestrator.state.tasks)
    await framework.teardown()
    await until(lambda: not cluster.orchestrator.state.frameworks)


async def test_several_things_are_done_at_once(framework: Framework, agent: RunningAgent) -> None:
    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(make_a_disk(framework, 10.0 + number))
            group.create_task(framework.run(scalars(0.1, 32), lambda found: task("test", ["true"])))
    assert len(agent.applied) == len(agent.runs) == 5


async def test_an_accept_that_was_lost_is_sent_again_and_done_once(
    cluster: ApiCluster, agent: RunningAgent
) -> None:
    info = framework_info("test", "test")
    async with (
        asyncio.timeout(STEP_SECONDS),
        LossyClient(cluster.url, info) as client,
        Framework(client) as made,
    ):
        await make_a_disk(made)
        assert client.accepts == 3
        client.accepts = 0
        await made.run(scalars(0.1, 32), lambda found: task("test", "true"))
    assert (len(agent.applied), len(agent.runs)) == (1, 1)


async def test_an_operation_that_is_refused_says_why(framework: Framework, agent: RunningAgent) -> None:
    agent.refuse["CREATE_DISK"] = mesos.OperationState.OPERATION_FAILED
    with pytest.raises(OperationFailed, match="the script refuses"):
        await make_a_disk(framework)
    with pytest.raises(OperationFailed, match="OPERATION_ERROR"):  # it is invalid, whatever is offered
        await framework.operate(pool("default"), destroy_disk)


async def test_a_launch_whose_offer_has_gone_is_made_with_another(
    cluster: ApiCluster, framework: Framework, agent: RunningAgent
) -> None:
    offers = cluster.orchestrator.offers

    def made_too_late(found: bool) -> mesos.TaskInfo:
        if not agent.runs and not late:
            late.extend(offer.offer_id for offer in offers.outstanding())
            for offer in offers.outstanding():
                offers.rescind(offer)
        return task("test", "true")

    late: list[str] = []
    ended = await framework.run(scalars(0.1, 32), made_too_late)
    assert late
    assert (ended.state, len(agent.runs)) == (State.TASK_FINISHED, 1)


async def test_whoever_waits_no_more_has_the_task_killed(framework: Framework, agent: RunningAgent) -> None:
    agent.plan = [State.TASK_RUNNING]
    run = asyncio.create_task(framework.run(scalars(0.1, 32), lambda found: task("test", "sleep 1000")))
    await until(lambda: agent.runs)
    run.cancel()
    await until(lambda: agent.killed == agent.runs)


async def test_the_task_is_killed_also_when_its_framework_is_left_at_once(
    cluster: ApiCluster, agent: RunningAgent
) -> None:
    agent.plan = [State.TASK_RUNNING]
    info = framework_info("test", "test")
    with pytest.raises(TimeoutError):
        async with SchedulerClient(cluster.url, info) as client, Framework(client) as framework:
            async with asyncio.timeout(None) as waiting:
                await framework.run(
                    scalars(0.1, 32),
                    lambda found: task("test", "sleep 1000"),
                    lambda status: waiting.reschedule(0),
                )
    await until(lambda: agent.killed == agent.runs)


async def test_the_task_is_killed_also_when_the_stream_is_lost_at_that_moment(
    cluster: ApiCluster, agent: RunningAgent
) -> None:
    agent.plan = [State.TASK_RUNNING]
    info = framework_info("test", "test")
    async with (
        asyncio.timeout(STEP_SECONDS),
        ForgetfulClient(cluster.url, info) as client,
        Framework(client) as framework,
    ):
        run = asyncio.create_task(framework.run(scalars(0.1, 32), lambda found: task("test", "sleep 1000")))
        await until(lambda: agent.runs)
        run.cancel()
        await until(lambda: agent.killed == agent.runs)


async def test_a_framework_that_is_told_to_end_ends_with_the_reason(
    cluster: ApiCluster, framework: Framework
) -> None:
    waiting = asyncio.create_task(framework.offer(lambda offer: None))
    await asyncio.sleep(0)
    (framework_id,) = cluster.orchestrator.state.frameworks
    async with OperatorClient(cluster.url) as operator:
        await operator.teardown(framework_id)
    with pytest.raises(FrameworkEnded):
        await waiting
    with pytest.raises(FrameworkEnded):  # from now on whatever is asked
        await framework.offer(lambda offer: None)


async def test_operations_and_tasks_go_on_over_a_restart_of_the_orchestrator(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster:
        agent = cluster.agent = RunningAgent()
        await cluster.join()
        port, agent.deaf = cluster.port, True
        info = framework_info("test", "test")
        async with (
            asyncio.timeout(STEP_SECONDS),
            SchedulerClient(cluster.url, info) as client,
            Framework(client) as framework,
        ):
            made = asyncio.create_task(make_a_disk(framework))
            await until(lambda: cluster.orchestrator.ledger.operations)
            await cluster.stop()
            assert not made.done()
            agent.deaf = False
            await cluster.start(port)
            await cluster.join()
            source_id = await made
            assert await framework.offer(disk(source_id))


async def test_an_offer_whose_decline_was_lost_is_declined_again(
    cluster: ApiCluster, agent: RunningAgent
) -> None:
    async with (
        asyncio.timeout(STEP_SECONDS),
        SilencedClient(cluster.url, framework_info("test", "test")) as client,
        Framework(client) as framework,
    ):
        offer, _ = await framework.offer(lambda offer: offer)
        await framework.decline(offer)
        await until(lambda: client.declined[:2] == [offer.id.value] * 2)


class StalledClient(SchedulerClient):
    """Says nothing before `may_speak` is set."""

    def __init__(self, url: str, info: mesos.FrameworkInfo) -> None:
        super().__init__(url, info)
        self.may_speak = asyncio.Event()
        self.stalled = asyncio.Event()
        self.declined: list[str] = []

    async def revive(self, *roles: str) -> None:
        self.stalled.set()
        await self.may_speak.wait()
        await super().revive(*roles)

    async def decline(self, offers: Sequence[mesos.Offer], *, refuse_seconds: float | None = None) -> None:
        self.declined += [offer.id.value for offer in offers]
        await super().decline(offers, refuse_seconds=refuse_seconds)


async def test_an_offer_for_somebody_who_waits_no_more_is_declined_though_much_waits_to_be_said(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("client.framework.WORDS_LIMIT", 1)
    found: list[str] = []

    def pick(offer: mesos.Offer) -> mesos.Offer:
        found.append(offer.id.value)
        asyncio.get_running_loop().call_soon(waiting.cancel)
        return offer

    async with (
        asyncio.timeout(STEP_SECONDS),
        StalledClient(cluster.url, framework_info("test", "test")) as client,
        Framework(client) as framework,
    ):
        waiting = asyncio.create_task(framework.offer(pick))
        await client.stalled.wait()
        other = mesos.OfferID(value="another")
        await framework.decline(
            mesos.Offer(
                id=other,
                framework_id=mesos.FrameworkID(value="f"),
                agent_id=mesos.AgentID(value="a"),
                hostname="h",
            )
        )
        await cluster.join()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        client.may_speak.set()
        await until(lambda: client.declined == [found[0], "another"])
