"""Agents drained, deactivated, reactivated and removed for good, over HTTP and over failovers."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from pathlib import Path

import pytest

from api.wire.v1 import link, mesos
from orchestrator.agents import RegistrationRefused
from tests.orchestrator.scripted import ScriptedAgent
from tests.orchestrator_api.cluster import ApiCluster, Json, Scheduler, running, until
from tests.orchestrator_api.test_quota import amounts, config, update
from tests.orchestrator_api.test_scheduler import cpus, launch, made_disk, tell_task

AWARE = [{"type": "PARTITION_AWARE"}]
KILLED = b"fedcba9876543210"


def has_cpus(resource: Json) -> bool:
    return bool(resource["name"] == "cpus")


async def act(cluster: ApiCluster, what: str, agent_id: object = None, **more: object) -> tuple[int, str]:
    named = {"value": agent_id or cluster.agent.agent_id}
    return await cluster.post("/api/v1", {"type": what, what.lower(): {"agent_id": named, **more}})


async def agents(cluster: ApiCluster) -> list[Json]:
    found: list[Json] = (await cluster.operator("GET_AGENTS")).get("agents", [])
    return found


async def drain_info(cluster: ApiCluster) -> Json:
    (agent,) = await agents(cluster)
    info: Json = agent.get("drain_info", {})
    return info


def drains(agent: ScriptedAgent) -> list[link.OrchestratorMessageDrain | None]:
    """What the agent was told, at registrations and in between."""
    told = []
    for message in agent.received:
        if message.registered:
            told.append(message.registered.drain or None)
        elif message.update_drain:
            told.append(message.update_drain.drain or None)
    return told


def say(agent: ScriptedAgent, tasks: int = 0, *waiting: str, uuid: bytes | None = None) -> None:
    """The agent says what is left on its host."""
    ordered = drains(agent)[-1]
    said = uuid or (ordered.uuid.value if ordered else b"")
    status = link.AgentMessageDrainStatus(uuid=mesos.UUID(value=said), tasks=tasks, waiting=list(waiting))
    agent.tell(link.AgentMessage(type=link.AgentMessageType.DRAIN_STATUS, drain_status=status))


def tell_killed(cluster: ApiCluster, scheduler: Scheduler) -> None:
    status = mesos.TaskStatus(
        task_id=mesos.TaskID(value="task-1"),
        state=mesos.TaskState.TASK_KILLED,
        agent_id=mesos.AgentID(value=told_id(cluster)),
        uuid=KILLED,
    )
    told = link.AgentMessageUpdateTaskStatus(
        framework_id=mesos.FrameworkID(value=scheduler.framework_id), status=status
    )
    kind = link.AgentMessageType.UPDATE_TASK_STATUS
    cluster.agent.tell(link.AgentMessage(type=kind, update_task_status=told))


async def with_a_task(cluster: ApiCluster, **info: object) -> Scheduler:
    await cluster.join()
    scheduler = await cluster.subscribe(**info)  # type: ignore[arg-type]
    offer = await scheduler.offer(has_cpus)
    await scheduler.call("ACCEPT", launch(offer, [cpus(1)]))
    await until(lambda: any(message.run_task for message in cluster.agent.received))
    tell_task(cluster, scheduler.framework_id, mesos.TaskState.TASK_RUNNING)
    return scheduler


async def test_a_deactivated_agent_is_offered_to_nobody_over_a_restart_until_it_is_reactivated(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as cluster:
        await cluster.join()
        scheduler = await cluster.subscribe()
        offer = await scheduler.offer(has_cpus)
        assert await act(cluster, "DEACTIVATE_AGENT") == (200, "")
        await scheduler.stream.wait("RESCIND", lambda body: body["offer_id"] == offer["id"])
        agent_id = cluster.agent.agent_id
    async with running(tmp_path) as cluster:
        cluster.agent.agent_id = agent_id
        await cluster.join()
        (agent,) = await agents(cluster)
        assert (agent["active"], agent["deactivated"]) == (False, True)
        scheduler = await cluster.subscribe()
        cluster.orchestrator.offers.allocate()
        assert scheduler.stream.of_type("OFFERS") == []
        withheld = (await cluster.operator("EXPLAIN_OFFERS", explain_offers={"role": "test"}))["withheld"]
        assert "DEACTIVATED" in {each["code"] for each in withheld}
        assert await act(cluster, "REACTIVATE_AGENT") == (200, "")
        await scheduler.offer(has_cpus)


async def test_a_volume_is_placed_on_no_agent_that_is_withdrawn(cluster: ApiCluster) -> None:
    await cluster.join()
    await act(cluster, "DEACTIVATE_AGENT")
    wanted = {"name": "v", "profile": "default", "size_bytes": 2**20}
    status, text = await cluster.post("/api/v1", {"type": "PROVISION_VOLUME", "provision_volume": wanted})
    assert (status, "is DEACTIVATED (`orlop agents`)" in text) == (409, True), text
    await act(cluster, "REACTIVATE_AGENT")
    assert (await cluster.operator("PROVISION_VOLUME", provision_volume=wanted))["volume"]["name"] == "v"


async def test_a_drain_ends_when_neither_the_agent_nor_the_orchestrator_knows_of_anything_left(
    cluster: ApiCluster,
) -> None:
    events = await cluster.open("/api/v1", {"type": "SUBSCRIBE"})
    scheduler = await with_a_task(cluster)
    assert await act(cluster, "DRAIN_AGENT", max_grace_period={"seconds": 7}) == (200, "")
    told = drains(cluster.agent)[-1]
    assert told is not None and told.config.max_grace_period == mesos.DurationInfo(nanoseconds=7 * 10**9)
    say(cluster.agent, 1)
    await until(lambda: cluster.orchestrator.state.agents[told_id(cluster)].drain_waits)
    info = await drain_info(cluster)
    assert info["state"] == "DRAINING" and info["config"]["max_grace_period"]["nanoseconds"] == 7 * 10**9
    assert info["waiting"] == [f"task task-1 of framework {scheduler.framework_id} is RUNNING"]
    tell_killed(cluster, scheduler)
    say(cluster.agent, 0, "volume v1 is PUBLISHED: in the way")
    await until_waits(cluster, "volume v1 is PUBLISHED: in the way", "has not acknowledged that")
    say(cluster.agent)
    await until_waits(cluster, "has not acknowledged that")
    seen = {"agent_id": {"value": told_id(cluster)}, "task_id": {"value": "task-1"}}
    await scheduler.call("ACKNOWLEDGE", {**seen, "uuid": b64encode(KILLED).decode()})
    body = await events.wait(
        "AGENT_UPDATED", lambda body: body["agent"].get("drain_info", {}).get("state") == "DRAINED"
    )
    assert "waiting" not in body["agent"]["drain_info"]
    assert "estimated_drain_start_time" in (await agents(cluster))[0]


def told_id(cluster: ApiCluster) -> str:
    return str(cluster.agent.agent_id)


async def until_waits(cluster: ApiCluster, *parts: str) -> None:
    def matches() -> bool:
        lines = cluster.orchestrator.state.agents[told_id(cluster)].drain_waits
        return len(lines) == len(parts) and all(any(part in line for line in lines) for part in parts)

    await until(matches)


async def test_a_drain_goes_on_after_a_failover_and_words_about_an_earlier_one_count_for_nothing(
    tmp_path: Path,
) -> None:
    async with running(tmp_path) as cluster:
        await cluster.join()
        await act(cluster, "DRAIN_AGENT")
        first = drains(cluster.agent)[-1]
        agent = cluster.agent
    async with running(tmp_path) as cluster:
        cluster.agent = agent
        state = cluster.orchestrator.state
        await until(lambda: state.agents[told_id(cluster)].drain_waits)
        (line,) = state.agents[told_id(cluster)].drain_waits
        assert "is not connected: start it" in line
        await cluster.join()
        assert first is not None and drains(agent)[-1] == first
        await act(cluster, "DRAIN_AGENT", max_grace_period={"seconds": 1})
        second = drains(agent)[-1]
        assert second is not None and second.uuid != first.uuid
        say(agent, uuid=first.uuid.value)
        await until_waits(cluster, "has not said yet")
        say(agent)
        await until(lambda: state.agents[told_id(cluster)].withdrawal.mode == "DRAINED")
        assert await act(cluster, "DRAIN_AGENT", max_grace_period={"seconds": 1}) == (200, "")
        assert drains(agent)[-1] == second, "the same again changes nothing"


async def test_what_drains_is_reactivated_by_force_alone(cluster: ApiCluster) -> None:
    await cluster.join()
    await act(cluster, "DRAIN_AGENT")
    status, text = await act(cluster, "REACTIVATE_AGENT")
    assert (status, "is draining: wait" in text, "--force" in text) == (409, True, True)
    assert await act(cluster, "DEACTIVATE_AGENT") == (200, "")
    assert (await drain_info(cluster))["state"] == "DRAINING"
    assert await act(cluster, "REACTIVATE_AGENT", force=True) == (200, "")
    assert drains(cluster.agent)[-1] is None
    assert await drain_info(cluster) == {}
    assert (await agents(cluster))[0]["active"]


@pytest.mark.parametrize("grace", [{"seconds": -1}, {"nanos": 10**9}, {"seconds": 10**10}])
async def test_a_grace_period_that_cannot_be_is_refused(cluster: ApiCluster, grace: Json) -> None:
    await cluster.join()
    status, text = await act(cluster, "DRAIN_AGENT", max_grace_period=grace)
    assert (status, "max_grace_period" in text) == (400, True)
    assert await drain_info(cluster) == {}


@pytest.mark.parametrize("what", ["DRAIN_AGENT", "DEACTIVATE_AGENT", "REACTIVATE_AGENT", "MARK_AGENT_GONE"])
async def test_of_an_agent_that_is_not_known_nothing_can_be_asked(cluster: ApiCluster, what: str) -> None:
    status, text = await act(cluster, what, "nobody")
    assert (status, "orlop agents" in text) == (400, True)
    assert (await cluster.post("/api/v1", {"type": what}))[0] == 400


@pytest.mark.parametrize(("capabilities", "state"), [(AWARE, "TASK_GONE_BY_OPERATOR"), ([], "TASK_LOST")])
async def test_tasks_of_an_agent_that_is_gone_are_told_so_and_asked_about_answered_the_same(
    cluster: ApiCluster, capabilities: list[Json], state: str
) -> None:
    scheduler = await with_a_task(cluster, capabilities=capabilities)
    assert await act(cluster, "MARK_AGENT_GONE") == (200, "")
    told = await scheduler.stream.wait("UPDATE", lambda body: body["status"]["state"] == state)
    assert told["status"]["reason"] == "REASON_AGENT_REMOVED_BY_OPERATOR"
    assert "uuid" in told["status"], "it is told until it is acknowledged"
    failure = await scheduler.stream.wait("FAILURE")
    assert failure == {"agent_id": {"value": told_id(cluster)}}
    asked = [{"task_id": {"value": "task-1"}, "agent_id": {"value": told_id(cluster)}}]
    assert (await scheduler.call("RECONCILE", {"tasks": asked}))[0] == 202
    answer = await scheduler.stream.wait(
        "UPDATE", lambda body: body["status"].get("reason") == "REASON_RECONCILIATION"
    )
    assert answer["status"]["state"] == state
    assert any(message.agent_gone for message in cluster.agent.received)
    assert await agents(cluster) == []
    assert await act(cluster, "MARK_AGENT_GONE") == (200, "")
    assert (await act(cluster, "DRAIN_AGENT"))[0] == 400


async def test_an_agent_that_is_gone_is_refused_for_good_also_after_a_failover(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster:
        await cluster.join()
        await act(cluster, "MARK_AGENT_GONE")
        agent = cluster.agent
    async with running(tmp_path) as cluster:
        with pytest.raises(RegistrationRefused, match="removed for good") as refusal:
            await agent.join(cluster.orchestrator)
        assert refusal.value.gone
        agent.agent_id = None
        await agent.join(cluster.orchestrator)
        assert [each["active"] for each in await agents(cluster)] == [True]


async def test_an_agent_that_is_removed_while_it_registers_is_refused_and_offered_to_nobody(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    agent, orchestrator = cluster.agent, cluster.orchestrator
    agent_id = told_id(cluster)
    registers = asyncio.create_task(agent.join(orchestrator))
    await asyncio.sleep(0)  # it is decided on, and not written
    await orchestrator.draining.mark_gone(agent_id)
    with pytest.raises(RegistrationRefused, match="removed for good") as refusal:
        await registers
    assert refusal.value.gone
    assert agent_id not in orchestrator.allocator.agents
    assert orchestrator.agent_sessions.get(agent_id) is None


async def test_a_link_that_ends_while_its_agent_is_being_removed_does_no_harm(cluster: ApiCluster) -> None:
    await cluster.join()
    orchestrator, agent_id = cluster.orchestrator, told_id(cluster)
    removes = asyncio.create_task(orchestrator.draining.mark_gone(agent_id))
    await asyncio.sleep(0)
    orchestrator.agents.disconnected(agent_id, cluster.agent)
    await removes
    assert await agents(cluster) == []


async def test_volumes_operations_and_quota_of_an_agent_that_is_gone(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster:
        await cluster.join()
        assert await update(cluster, config("default", limits=amounts(disk=1500))) == (200, "")
        stands = {"name": "stands", "profile": "default", "size_bytes": 1000 * 2**20}
        await cluster.operator("PROVISION_VOLUME", provision_volume=stands)
        volumes = cluster.orchestrator.provisioning.volumes
        await until(lambda: volumes["stands"].state == "AVAILABLE")
        cluster.agent.busy = True
        comes = {"name": "comes", "profile": "default", "size_bytes": 100 * 2**20}
        await cluster.operator("PROVISION_VOLUME", provision_volume=comes)
        await act(cluster, "MARK_AGENT_GONE")
        found = {each["name"]: each for each in (await cluster.operator("GET_VOLUMES"))["volumes"]}
        assert found["comes"]["state"] == "VOLUME_FAILED"
        assert found["stands"]["state"] == "VOLUME_NEEDS_OPERATOR"
        assert "orlop volume destroy --force stands" in found["stands"]["message"]
        operations = (await cluster.operator("GET_OPERATIONS"))["operations"]
        assert operations[-1]["latest_status"]["state"] == "OPERATION_GONE_BY_OPERATOR"
        cluster.orchestrator.allocator.validate()
        cluster.agent = ScriptedAgent()
        await cluster.join()
        again = {"name": "again", "profile": "default", "size_bytes": 1400 * 2**20}
        await cluster.operator("PROVISION_VOLUME", provision_volume=again)  # what is gone counts no more
        forget = {"name": "stands", "force": True}
        await cluster.operator("DEPROVISION_VOLUME", deprovision_volume=forget)
        assert "stands" not in cluster.orchestrator.provisioning.volumes
    async with running(tmp_path) as cluster:
        assert "stands" not in cluster.orchestrator.provisioning.volumes


async def test_a_drain_may_end_with_the_agent_gone_and_the_rest_of_the_cluster_goes_on(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    other = ScriptedAgent()
    other.hostname = "host-2"
    await other.join(cluster.orchestrator)
    await act(cluster, "DRAIN_AGENT", mark_gone=True)
    say(cluster.agent)
    await until(lambda: told_id(cluster) not in cluster.orchestrator.state.agents)
    assert [each["agent_info"]["hostname"] for each in await agents(cluster)] == ["host-2"]
    assert any(message.agent_gone for message in cluster.agent.received)
    cluster.agent.report_provider()  # what was on its way when it went is nobody's
    scheduler = await cluster.subscribe()
    assert (await scheduler.offer(has_cpus))["hostname"] == "host-2"


async def test_a_machine_that_comes_up_again_leaves_a_deactivated_agent_so(cluster: ApiCluster) -> None:
    await cluster.join()
    await act(cluster, "DEACTIVATE_AGENT")
    host = {"hostname": "host-1", "ip": "127.0.0.1"}
    window = {"machine_ids": [host], "unavailability": {"start": {"nanoseconds": 1}}}
    schedule = {"schedule": {"windows": [window]}}
    for call, body in (
        ("UPDATE_MAINTENANCE_SCHEDULE", schedule),
        ("START_MAINTENANCE", {"machines": [host]}),
        ("STOP_MAINTENANCE", {"machines": [host]}),
    ):
        assert (await cluster.post("/api/v1", {"type": call, call.lower(): body}))[0] == 200
    scheduler = await cluster.subscribe()
    cluster.orchestrator.offers.allocate()
    assert scheduler.stream.of_type("OFFERS") == []
    (agent,) = await agents(cluster)
    assert (agent["active"], agent["deactivated"]) == (False, True)


async def test_an_outcome_is_told_again_although_nobody_is_left_who_repeats_it(
    cluster: ApiCluster,
) -> None:
    scheduler, status = await made_disk(cluster)
    await act(cluster, "MARK_AGENT_GONE")
    told = scheduler.stream.of_type("UPDATE_OPERATION_STATUS")
    cluster.orchestrator.retelling.tell()
    await until(lambda: len(scheduler.stream.of_type("UPDATE_OPERATION_STATUS")) > len(told))
    again = scheduler.stream.of_type("UPDATE_OPERATION_STATUS")[-1]["status"]
    assert again["uuid"] == status["uuid"]
    named = {"operation_id": status["operation_id"], "uuid": status["uuid"]["value"]}
    assert (await scheduler.call("ACKNOWLEDGE_OPERATION_STATUS", named))[0] == 202
    assert cluster.orchestrator.ledger.awaited_by(scheduler.framework_id) == 0
