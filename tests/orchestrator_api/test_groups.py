"""Executors and task groups, as schedulers and operators meet them, in JSON."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.model.disk import Disk, Persistence
from api.model.resource import Reservation
from api.model.resource import scalar as scalar_of
from api.model.resources import Resources
from api.wire.v1 import mesos
from orchestrator import launches
from orchestrator.volumes import VolumeState
from tests.orchestrator.hosting import HostingAgent
from tests.orchestrator_api.cluster import ApiCluster, Json, Scheduler, running, until

State = mesos.TaskState
RETRY: Json = {"refuse_seconds": 0}


def amount(name: str, value: float) -> Json:
    return {"name": name, "type": "SCALAR", "scalar": {"value": value}}


def small(cpus: float = 0.5, mem: float = 64) -> list[Json]:
    return [amount("cpus", cpus), amount("mem", mem)]


def default_executor(executor_id: str = "e", **more: object) -> Json:
    return {"executor_id": {"value": executor_id}, "type": "DEFAULT", "resources": small(0.1, 32), **more}


def custom_executor(executor_id: str = "e", **more: object) -> Json:
    command = {"value": "./executor"}
    return {
        "executor_id": {"value": executor_id}, "command": command, "resources": small(0.1, 32), **more,
    }  # fmt: skip


def task(offer: Json, task_id: str, **more: object) -> Json:
    made = {
        "name": task_id,
        "task_id": {"value": task_id},
        "agent_id": offer["agent_id"],
        "resources": small(),
        "command": {"value": "sleep 1000"},
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def group(offer: Json, tasks: list[Json], executor: Json | None = None) -> Json:
    launched = {"executor": executor or default_executor(), "task_group": {"tasks": tasks}}
    operation = {"type": "LAUNCH_GROUP", "launch_group": launched}
    return {"offer_ids": [offer["id"]], "operations": [operation], "filters": RETRY}


def launch(offer: Json, *tasks: Json) -> Json:
    operation = {"type": "LAUNCH", "launch": {"task_infos": list(tasks)}}
    return {"offer_ids": [offer["id"]], "operations": [operation], "filters": RETRY}


def scalar(resources: list[Json], name: str) -> float:
    return round(sum(r["scalar"]["value"] for r in resources if r["name"] == name), 3)


def statuses(scheduler: Scheduler) -> list[tuple[str, str]]:
    told = [each["status"] for each in scheduler.stream.of_type("UPDATE")]
    return [(each["task_id"]["value"], each["state"]) for each in told]


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[ApiCluster]:
    async with running(tmp_path) as made:
        made.agent = HostingAgent()
        await made.join()
        yield made
        made.orchestrator.allocator.validate()


def host(cluster: ApiCluster) -> HostingAgent:
    assert isinstance(cluster.agent, HostingAgent)
    return cluster.agent


async def offered(scheduler: Scheduler, cpus: float) -> Json:
    """An offer with just so many cpus."""

    def holds(body: Json) -> bool:
        return scalar(body["offers"][-1]["resources"], "cpus") == cpus

    offer: Json = (await scheduler.stream.wait("OFFERS", holds))["offers"][-1]
    return offer


async def accept(scheduler: Scheduler, call: Json) -> None:
    assert await scheduler.call("ACCEPT", call) == (202, "")


async def acknowledge(scheduler: Scheduler, task_id: str, state: str) -> None:
    def is_it(body: Json) -> bool:
        status = body["status"]
        return bool(status["task_id"]["value"] == task_id and status["state"] == state)

    status = (await scheduler.stream.wait("UPDATE", is_it))["status"]
    call = {"agent_id": status["agent_id"], "task_id": status["task_id"], "uuid": status["uuid"]}
    assert (await scheduler.call("ACKNOWLEDGE", call))[0] == 202


async def allocated(cluster: ApiCluster) -> float:
    """Cpus in use on the agent, as operators see it."""
    shown = await cluster.operator("GET_AGENTS")
    return scalar(shown["agents"][0].get("allocated_resources", []), "cpus")


async def executors(cluster: ApiCluster) -> list[str]:
    shown = (await cluster.operator("GET_EXECUTORS")).get("executors", [])
    return [each["executor_info"]["executor_id"]["value"] for each in shown]


async def started(cluster: ApiCluster) -> Scheduler:
    """A scheduler whose group of two tasks runs."""
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    await accept(scheduler, group(offer, [task(offer, "a"), task(offer, "b")]))
    await until(lambda: len(statuses(scheduler)) == 2)
    return scheduler


async def test_a_group_is_sent_as_one_and_its_executor_is_charged_until_it_has_exited(
    cluster: ApiCluster,
) -> None:
    scheduler = await started(cluster)
    (sent,) = host(cluster).groups()
    assert [each.task_id.value for each in sent.task_group.tasks] == ["a", "b"]
    assert not any(each.executor for each in sent.task_group.tasks)
    assert sent.executor_info.framework_id == mesos.FrameworkID(value=scheduler.framework_id)
    assert sent.launch_executor is True and host(cluster).runs() == []
    assert statuses(scheduler) == [("a", "TASK_RUNNING"), ("b", "TASK_RUNNING")]
    offer = await offered(scheduler, 2.9)
    assert offer["executor_ids"] == [{"value": "e"}]
    shown = await cluster.operator("GET_TASKS")
    assert [each["executor_id"]["value"] for each in shown["tasks"]] == ["e", "e"]
    assert await executors(cluster) == ["e"] and await allocated(cluster) == 1.1
    (role,) = (await cluster.operator("GET_ROLES"))["roles"]
    assert role["consumed"]["cpus"]["value"] == role["allocated"]["cpus"]["value"] == 1.1
    for name in ("a", "b"):
        host(cluster).become(name, State.TASK_FINISHED)
        await acknowledge(scheduler, name, "TASK_FINISHED")
    assert await allocated(cluster) == 0.1, "the executor is still there"
    host(cluster).exit("e", 0)
    failure = await scheduler.stream.wait("FAILURE")
    assert failure == {
        "agent_id": offer["agent_id"], "executor_id": {"value": "e"}, "status": 0,
    }  # fmt: skip
    assert await executors(cluster) == [] and await allocated(cluster) == 0.0
    assert (await cluster.operator("GET_STATE"))["get_tasks"].get("tasks", []) == []


async def test_of_a_group_with_one_task_that_cannot_run_none_is_launched(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    tasks = [task(offer, "good"), task(offer, "bad", resources=small(cpus=64))]
    await accept(scheduler, group(offer, tasks))
    for status in [each["status"] for each in scheduler.stream.of_type("UPDATE")]:
        assert status["reason"] == "REASON_TASK_GROUP_INVALID" and "cpus" in status["message"]
    await until(lambda: statuses(scheduler) == [("good", "TASK_ERROR"), ("bad", "TASK_ERROR")])
    assert host(cluster).groups() == [] and await executors(cluster) == []
    scheduler.stream.records.clear()
    assert (await scheduler.call("REVIVE"))[0] == 202
    await offered(scheduler, 4.0)


async def test_what_executor_and_tasks_need_together_must_be_offered(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    await accept(scheduler, group(offer, [task(offer, "a", resources=small(cpus=4))]))
    status = (await scheduler.stream.wait("UPDATE"))["status"]
    assert (status["state"], "cpus" in status["message"]) == ("TASK_ERROR", True)
    assert host(cluster).groups() == []


@pytest.mark.parametrize(
    "operation",
    [
        {"type": "LAUNCH_GROUP"},
        {"type": "LAUNCH_GROUP", "launch_group": {"executor": default_executor(), "task_group": {}}},
        {"type": "LAUNCH_GROUP", "launch_group": {"task_group": {"tasks": []}}},
    ],
)
async def test_a_group_without_tasks_or_executor_is_an_invalid_call(
    cluster: ApiCluster, operation: Json
) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    status, text = await scheduler.call("ACCEPT", {"offer_ids": [offer["id"]], "operations": [operation]})
    assert (status, "launch_group" in text) == (400, True), text


async def test_a_group_has_no_operation_id(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    call = group(offer, [task(offer, "a")])
    call["operations"][0]["id"] = {"value": "op"}
    await accept(scheduler, call)
    status = (await scheduler.stream.wait("UPDATE"))["status"]
    assert (status["state"], "operation id" in status["message"]) == ("TASK_ERROR", True)


async def test_a_group_whose_offer_has_gone_is_dropped_task_by_task(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    assert (await scheduler.call("DECLINE", {"offer_ids": [offer["id"]]}))[0] == 202
    await accept(scheduler, group(offer, [task(offer, "a"), task(offer, "b")]))
    await until(lambda: statuses(scheduler) == [("a", "TASK_LOST"), ("b", "TASK_LOST")])


async def test_a_group_that_is_accepted_again_is_told_nothing_else(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    call = group(offer, [task(offer, "a"), task(offer, "b")])
    twice = {**call, "operations": call["operations"] * 2}
    await accept(scheduler, twice)
    await accept(scheduler, call)
    await until(lambda: len(statuses(scheduler)) == 2)
    assert len(host(cluster).groups()) == 1 and await allocated(cluster) == 1.1


async def test_a_custom_executor_runs_tasks_one_after_the_other_and_is_charged_once(
    cluster: ApiCluster,
) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    with_executor = {"command": None, "executor": custom_executor(), "data": base64.b64encode(b"x").decode()}
    await accept(scheduler, launch(offer, task(offer, "a", **with_executor)))
    offer = await offered(scheduler, 3.4)
    await accept(scheduler, launch(offer, task(offer, "b", **with_executor)))
    await offered(scheduler, 2.9)
    first, second = host(cluster).runs()
    assert (first.launch_executor, second.launch_executor) == (True, False)
    assert first.executor_info and first.executor_info.type is mesos.ExecutorInfoType.CUSTOM
    assert first.task_info.data == b"x"
    assert await executors(cluster) == ["e"] and await allocated(cluster) == 1.1


async def test_under_the_name_of_an_executor_that_runs_no_other_is_started(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    await accept(scheduler, launch(offer, task(offer, "a", command=None, executor=custom_executor())))
    offer = await offered(scheduler, 3.4)
    other = custom_executor(command={"value": "./another"})
    await accept(scheduler, launch(offer, task(offer, "b", command=None, executor=other)))
    await until(lambda: ("b", "TASK_ERROR") in statuses(scheduler))
    assert "choose another executor id" in scheduler.stream.of_type("UPDATE")[-1]["status"]["message"]
    scheduler.stream.records.clear()
    host(cluster).become("a", State.TASK_FINISHED)
    host(cluster).exit("e", 256)
    assert (await scheduler.stream.wait("FAILURE"))["status"] == 256
    offer = await offered(scheduler, 4.0)
    await accept(scheduler, launch(offer, task(offer, "c", command=None, executor=other)))
    await until(lambda: ("c", "TASK_RUNNING") in statuses(scheduler))


async def test_limits_above_the_request_reach_an_agent_that_can_hold_them(cluster: ApiCluster) -> None:
    host(cluster).can.append(mesos.AgentInfoCapabilityType.TASK_RESOURCE_LIMITS)
    await rejoin(cluster)
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    limits = {"mem": {"value": 512}, "cpus": {"value": "Infinity"}, "pids": {"value": 100}}
    await accept(scheduler, launch(offer, task(offer, "a", limits=limits)))
    await until(lambda: statuses(scheduler) == [("a", "TASK_RUNNING")])
    (sent,) = host(cluster).runs()
    assert sent.task_info.limits["mem"].value == 512 and sent.task_info.limits["cpus"].value > 1e300


async def test_messages_go_both_ways_between_a_framework_and_its_executor(cluster: ApiCluster) -> None:
    scheduler = await started(cluster)
    agent_id = {"value": str(host(cluster).agent_id)}
    call = {"agent_id": agent_id, "executor_id": {"value": "e"}, "data": base64.b64encode(b"hello").decode()}
    assert (await scheduler.call("MESSAGE", call))[0] == 202
    assert host(cluster).heard_for("e") == [b"hello"]
    host(cluster).say("e", b"\x00yes")
    said = await scheduler.stream.wait("MESSAGE")
    assert base64.b64decode(said["data"]) == b"\x00yes" and said["agent_id"] == agent_id
    assert said["executor_id"] == {"value": "e"}
    call["agent_id"] = {"value": "nowhere"}
    assert (await scheduler.call("MESSAGE", call))[0] == 202


async def rejoin(cluster: ApiCluster) -> None:
    """The agent's link breaks, and it registers anew."""
    cluster.orchestrator.agents.disconnected(str(host(cluster).agent_id), host(cluster))
    await cluster.join()


async def restart(cluster: ApiCluster, scheduler: Scheduler) -> Scheduler:
    """Another orchestrator leads on the same database, and the framework is with it; the agent is not yet."""
    await cluster.stop()
    await cluster.start()
    return await cluster.subscribe(framework_id=scheduler.framework_id)


@pytest.mark.parametrize(
    ("capabilities", "state"), [([], "TASK_LOST"), ([{"type": "PARTITION_AWARE"}], "TASK_DROPPED")]
)
async def test_a_group_that_its_agent_never_got_ends_task_by_task_and_is_not_sent_again(
    cluster: ApiCluster, capabilities: list[Json], state: str
) -> None:
    host(cluster).lossy = True
    scheduler = await cluster.subscribe(capabilities=capabilities)
    offer = await scheduler.offer()
    await accept(scheduler, group(offer, [task(offer, "a"), task(offer, "b")]))
    await cluster.stop()
    await cluster.start()
    scheduler = await cluster.subscribe(framework_id=scheduler.framework_id, capabilities=capabilities)
    assert await executors(cluster) == ["e"], "until its agent says otherwise"
    await cluster.join()
    await until(lambda: statuses(scheduler) == [("a", state), ("b", state)])
    assert (await scheduler.stream.wait("FAILURE")).get("status") is None
    assert len(host(cluster).groups()) == 1, "the one that was lost"
    assert await executors(cluster) == []
    await offered(scheduler, 4.0)


async def test_what_an_agent_runs_is_charged_again_after_a_failover(cluster: ApiCluster) -> None:
    scheduler = await restart(cluster, await started(cluster))
    shutdown = {"agent_id": {"value": str(host(cluster).agent_id)}, "executor_id": {"value": "e"}}
    assert (await scheduler.call("SHUTDOWN", shutdown))[0] == 202
    await cluster.join()
    await offered(scheduler, 2.9)
    assert await executors(cluster) == ["e"] and await allocated(cluster) == 1.1
    assert host(cluster).shutdowns() == ["e"], "it was asked for while the agent was away"
    assert (await scheduler.call("RECONCILE", {}))[0] == 202
    await until(lambda: len(statuses(scheduler)) == 2)
    told = [each["status"]["executor_id"]["value"] for each in scheduler.stream.of_type("UPDATE")]
    assert told == ["e", "e"]
    host(cluster).exit("e")
    await scheduler.stream.wait("FAILURE")
    assert len(cluster.orchestrator.ledger.shutdowns) == 0


async def test_a_shutdown_of_what_is_not_there_is_forgotten(cluster: ApiCluster) -> None:
    scheduler = await started(cluster)
    shutdown = {"agent_id": {"value": str(host(cluster).agent_id)}, "executor_id": {"value": "other"}}
    assert (await scheduler.call("SHUTDOWN", shutdown))[0] == 202
    assert host(cluster).shutdowns() == [] and len(cluster.orchestrator.ledger.shutdowns) == 0
    scheduler = await restart(cluster, scheduler)
    assert (await scheduler.call("SHUTDOWN", shutdown))[0] == 202
    await cluster.join()
    assert host(cluster).shutdowns() == [] and len(cluster.orchestrator.ledger.shutdowns) == 0


async def test_an_agent_that_comes_back_without_an_executor_frees_what_it_held(cluster: ApiCluster) -> None:
    scheduler = await started(cluster)
    host(cluster).executors.clear()
    await rejoin(cluster)
    failure = await scheduler.stream.wait("FAILURE")
    assert failure == {"agent_id": {"value": host(cluster).agent_id}, "executor_id": {"value": "e"}}
    assert await allocated(cluster) == 1.0, "its tasks are still reported"


async def test_an_executor_of_a_framework_that_was_torn_down_is_charged_until_it_has_exited(
    cluster: ApiCluster,
) -> None:
    scheduler = await started(cluster)
    assert (await scheduler.call("TEARDOWN"))[0] == 202
    assert any(message.shutdown_framework for message in host(cluster).received)
    for name in ("a", "b"):
        host(cluster).become(name, State.TASK_KILLED)
    other = await cluster.subscribe()
    await offered(other, 3.9)
    host(cluster).exit("e")
    await offered(other, 0.1)
    assert await allocated(cluster) == 0.0


async def test_an_executor_alone_is_ended_when_its_removed_framework_is_found_again(
    cluster: ApiCluster,
) -> None:
    scheduler = await started(cluster)
    host(cluster).tasks.clear()
    cluster.orchestrator.agents.disconnected(str(host(cluster).agent_id), host(cluster))
    assert (await scheduler.call("TEARDOWN"))[0] == 202
    host(cluster).received.clear()
    await cluster.join()
    (gone,) = [m.shutdown_framework for m in host(cluster).received if m.shutdown_framework]
    assert gone.framework_id.value == scheduler.framework_id


async def test_a_machine_that_goes_down_ends_its_executors(cluster: ApiCluster) -> None:
    await started(cluster)
    machine = {"hostname": host(cluster).hostname, "ip": "127.0.0.1"}
    window: Any = {"machine_ids": [machine], "unavailability": {"start": {"nanoseconds": 0}}}
    for call, body in (
        ("UPDATE_MAINTENANCE_SCHEDULE", {"schedule": {"windows": [window]}}),
        ("START_MAINTENANCE", {"machines": [machine]}),
    ):
        status, text = await cluster.post("/api/v1", {"type": call, call.lower(): body})
        assert status == 200, text
    await until(lambda: host(cluster).shutdowns() == ["e"])


async def with_volume(cluster: ApiCluster) -> tuple[Scheduler, Json, Json]:
    """A scheduler, an offer, and in it an operator's volume as an executor may use it."""
    wanted = {"name": "data", "profile": "default", "size_bytes": 2**30, "role": "test"}
    await cluster.operator("PROVISION_VOLUME", provision_volume=wanted)
    volumes = cluster.orchestrator.provisioning.volumes
    await until(lambda: volumes["data"].state is VolumeState.AVAILABLE)
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(lambda resource: "persistence" in resource.get("disk", {}))
    (volume,) = [each for each in offer["resources"] if "persistence" in each.get("disk", {})]
    volume["disk"]["volume"] = {"container_path": "data", "mode": "RW"}
    return scheduler, offer, volume


async def test_a_volume_that_an_executor_holds_is_in_use(cluster: ApiCluster) -> None:
    scheduler, offer, volume = await with_volume(cluster)
    executor = default_executor(resources=[*small(0.1, 32), volume])
    await accept(scheduler, group(offer, [task(offer, "a")], executor))
    await until(lambda: statuses(scheduler) == [("a", "TASK_RUNNING")])
    shown = (await cluster.operator("GET_VOLUMES"))["volumes"][0]
    assert shown["users"] == ["executor e"]
    call = {"type": "DEPROVISION_VOLUME", "deprovision_volume": {"name": "data"}}
    status, text = await cluster.post("/api/v1", call)
    assert (status, "executor e" in text) == (409, True), text
    host(cluster).become("a", State.TASK_FINISHED)
    host(cluster).exit("e")
    await scheduler.stream.wait("FAILURE")
    await cluster.operator("DEPROVISION_VOLUME", deprovision_volume={"name": "data"})
    await until(lambda: not cluster.orchestrator.provisioning.volumes)


async def test_secrets_of_an_executor_are_not_shown(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    secret = {"type": "VALUE", "value": {"data": base64.b64encode(b"hush").decode()}}
    variables = [{"name": "S", "type": "SECRET", "secret": secret}]
    executor = custom_executor(command={"value": "x", "environment": {"variables": variables}})
    await accept(scheduler, launch(offer, task(offer, "a", command=None, executor=executor)))
    (sent,) = host(cluster).runs()
    assert b"hush" in repr(sent.executor_info).encode()
    for call in ("GET_EXECUTORS", "GET_STATE", "GET_TASKS"):
        _, text = await cluster.post("/api/v1", {"type": call})
        assert "hush" not in text and secret["value"]["data"] not in text  # type: ignore[index]


async def test_tasks_of_a_group_share_a_volume_that_was_offered_once(cluster: ApiCluster) -> None:
    volume = replace(
        scalar_of("disk", 100_000),
        disk=Disk(persistence=Persistence("shared")),
        reservations=(Reservation("test"),),
        shared=True,
    )
    host(cluster).own += Resources([volume])
    host(cluster).can.append(mesos.AgentInfoCapabilityType.RESOURCE_PROVIDER)
    await rejoin(cluster)
    capable = [{"type": "SHARED_RESOURCES"}]
    scheduler = await cluster.subscribe(capabilities=capable)
    offer = await scheduler.offer(lambda resource: "shared" in resource)
    (shared,) = [each for each in offer["resources"] if "shared" in each]
    shared["disk"]["volume"] = {"container_path": "data", "mode": "RW"}
    tasks = [task(offer, name, resources=[*small(), shared]) for name in ("a", "b")]
    scheduler.stream.records.clear()
    await accept(scheduler, group(offer, tasks))
    await until(lambda: statuses(scheduler) == [("a", "TASK_RUNNING"), ("b", "TASK_RUNNING")])
    await scheduler.offer(lambda resource: "shared" in resource)
    for name in ("a", "b"):
        host(cluster).become(name, State.TASK_FINISHED)
    host(cluster).exit("e")
    await scheduler.stream.wait("FAILURE")
    assert await allocated(cluster) == 0.0


async def test_an_executor_may_need_nothing_of_its_own(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    await accept(scheduler, group(offer, [task(offer, "a")], default_executor(resources=[])))
    await until(lambda: statuses(scheduler) == [("a", "TASK_RUNNING")])
    assert await executors(cluster) == ["e"] and await allocated(cluster) == 0.5
    host(cluster).exit("e")
    await scheduler.stream.wait("FAILURE")
    assert await executors(cluster) == [] and await allocated(cluster) == 0.5


async def test_a_framework_with_too_many_executors_starts_no_more(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launches, "FRAMEWORK_EXECUTORS_LIMIT", 1)
    scheduler = await started(cluster)
    offer = await offered(scheduler, 2.9)
    await accept(scheduler, group(offer, [task(offer, "c")], default_executor("another")))
    await until(lambda: ("c", "TASK_LOST") in statuses(scheduler))
    assert "shut some down" in scheduler.stream.of_type("UPDATE")[-1]["status"]["message"]


async def test_an_executor_is_the_same_after_its_volume_has_grown(cluster: ApiCluster) -> None:
    scheduler, offer, volume = await with_volume(cluster)
    executor = default_executor(resources=[*small(0.1, 32), volume])
    await accept(scheduler, group(offer, [task(offer, "a")], executor))
    await cluster.operator("EXPAND_VOLUME", expand_volume={"name": "data", "size_bytes": 2**31})
    await until(lambda: cluster.orchestrator.provisioning.volumes["data"].size_mb == 2048)
    scheduler.stream.records.clear()
    assert (await scheduler.call("REVIVE"))[0] == 202
    offer = await scheduler.offer()
    await accept(scheduler, group(offer, [task(offer, "b")], executor))
    await until(lambda: ("b", "TASK_RUNNING") in statuses(scheduler))
    assert [each.launch_executor for each in host(cluster).groups()] == [True, False]
