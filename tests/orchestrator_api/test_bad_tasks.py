"""Tasks, groups and executors that make no sense: each is refused in words, and nothing is left behind."""

from __future__ import annotations

import pytest

from tests.orchestrator_api.cluster import ApiCluster, Json
from tests.orchestrator_api.test_groups import (
    accept,
    allocated,
    amount,
    cluster,
    custom_executor,
    default_executor,
    executors,
    group,
    host,
    launch,
    small,
    task,
)

__all__ = ["cluster"]

BAD_GROUPS: list[tuple[Json, Json, str]] = [
    ({"executor_id": {"value": "a/b"}}, {}, "executor id"),
    ({"executor_id": {"value": ".."}}, {}, "executor id"),
    ({"executor_id": {"value": "x" * 10_000}}, {}, "executor id"),
    ({"type": None}, {}, "executor.type"),
    ({"type": "CUSTOM"}, {}, "executor.command"),
    ({"command": {"value": "x"}}, {}, "executor.command"),
    ({"framework_id": {"value": "other"}}, {}, "executor.framework_id"),
    ({"container": {"type": "DOCKER", "docker": {"image": "i"}}}, {}, "give images to its tasks"),
    (
        {
            "container": {
                "type": "MESOS",
                "volumes": [{"mode": "RW", "container_path": "/usr", "host_path": "/x"}],
            }
        },
        {},
        "absolute ones to its tasks",
    ),
    ({"resources": small(cpus=-1)}, {}, "executor.resources[0]"),
    ({"shutdown_grace_period": {"nanoseconds": -1}}, {}, "shutdown_grace_period"),
    ({}, {"executor": custom_executor()}, "leave it out"),
    ({}, {"command": None}, "has no command"),
    ({}, {"task_id": {"value": "a"}}, "twice"),
    ({}, {"task_id": {"value": "../x"}}, "task id"),
    ({}, {"agent_id": {"value": "another"}}, "agent_id"),
    ({}, {"resources": []}, "uses no resources"),
    ({}, {"container": {"type": "MESOS", "network_infos": [{"name": "n"}]}}, "network_infos"),
]


@pytest.mark.parametrize(("executor", "other", "words"), BAD_GROUPS)
async def test_a_group_that_makes_no_sense_is_refused_in_words(
    cluster: ApiCluster, executor: Json, other: Json, words: str
) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    described = {**default_executor(), **executor}
    described = {name: value for name, value in described.items() if value is not None}
    second = {name: value for name, value in {**task(offer, "b"), **other}.items() if value is not None}
    await accept(scheduler, group(offer, [task(offer, "a"), second], described))
    told = [each["status"] for each in scheduler.stream.of_type("UPDATE")]
    assert [each["state"] for each in told] == ["TASK_ERROR"] * 2
    assert words in told[0]["message"], told[0]["message"]
    assert len(told[0]["message"]) < 1000
    assert host(cluster).groups() == [] and await allocated(cluster) == 0.0


BAD_TASKS: list[tuple[Json, str]] = [
    ({"command": None}, "neither a command nor an executor"),
    ({"executor": custom_executor()}, "a command and an executor"),
    ({"command": None, "executor": default_executor()}, "use LAUNCH_GROUP"),
    ({"command": None, "executor": custom_executor(command={"value": ""})}, "executor.command is empty"),
    ({"command": None, "executor": custom_executor(), "resources": [{
        **amount("disk", 1), "disk": {"volume": {"container_path": "/d", "mode": "RW"}}}]}, "relative path"),
    ({"health_check": {}}, "health_check.type"),
    ({"health_check": {"type": "HTTP"}}, "health_check.http"),
    ({"health_check": {"type": "TCP", "tcp": {"port": 0}}}, "health_check.tcp.port"),
    ({"health_check": {"type": "TCP", "tcp": {"port": 1}, "command": {"value": "x"}}}, "leave it out"),
    ({"health_check": {"type": "COMMAND", "command": {"value": "x"}, "interval_seconds": -1}}, "interval"),
    ({"health_check": {"type": "HTTP", "http": {"port": 1, "path": "x"}}}, "health_check.http.path"),
    ({"health_check": {"type": "HTTP", "http": {"port": 1, "scheme": "ftp"}}}, "http or https"),
    ({"health_check": {"type": "HTTP", "http": {"port": 1, "statuses": [7]}}}, "statuses"),
    ({"check": {"type": "HTTP", "http": {"port": 70_000}}}, "check.http.port"),
    ({"check": {"type": "COMMAND"}}, "check.command"),
    ({"check": {"type": "COMMAND", "command": {"command": {}}}}, "check.command.command is empty"),
    ({"max_completion_time": {"nanoseconds": -5}}, "max_completion_time"),
    ({"kill_policy": {"grace_period": {"nanoseconds": -5}}}, "kill_policy.grace_period"),
    ({"limits": {"cpus": {"value": 0.1}}, "resources": small(1)}, "at least as much"),
    ({"limits": {"disk": {"value": 1}}}, "limits['disk']"),
    ({"limits": {"mem": {"value": -1}}}, "limits['mem']"),
    ({"limits": {"mem": {"value": "Infinity"}}}, "TASK_RESOURCE_LIMITS"),
    ({"command": {"value": "x", "environment": {"variables": [{"name": "N", "value": "v" * 4_000_000}]}}},
     "use a file"),
    ({"command": {"value": "x", "environment": {"variables": [{"name": "A=B", "value": "v"}]}}}, "'='"),
    ({"command": {"value": "x", "environment": {"variables": [{"name": "S", "type": "SECRET"}]}}}, "SECRET"),
    ({"command": {"value": "x" * 200_000}}, "bytes in an argument"),
    ({"command": {"value": "x", "uris": [{"value": ""}]}}, "uris[0].value"),
    ({"command": {"value": "x", "uris": [{"value": "http://h/", "output_file": "../o"}]}}, "output_file"),
    ({"container": {"type": "DOCKER"}}, "container.docker"),
    ({"container": {"type": "MESOS", "volumes": [
        {"container_path": "a/../../b", "mode": "RW", "host_path": "x"}]}}, "container_path"),
    ({"container": {"type": "MESOS", "volumes": [{"container_path": "v", "mode": "RW", "source": {
        "type": "SANDBOX_PATH", "sandbox_path": {"type": "SELF", "path": "../x"}}}]}}, "below the sandbox"),
    ({"container": {"type": "MESOS", "volumes": [{"container_path": "v", "mode": "RW", "source": {
        "type": "SANDBOX_PATH", "sandbox_path": {"type": "PARENT", "path": "x"}}}]}}, "use SELF"),
    ({"container": {"type": "DOCKER", "docker": {"image": "i", "network": "BRIDGE", "port_mappings": [
        {"host_port": 70_000, "container_port": 80}]}}}, "port_mappings"),
    ({"resources": [{**amount("cpus", 1), "allocation_info": {"role": "other"}}]}, "allocation_info"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "words"), BAD_TASKS)
async def test_a_task_that_makes_no_sense_is_refused_in_words(
    cluster: ApiCluster, more: Json, words: str
) -> None:
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer()
    await accept(scheduler, launch(offer, task(offer, "a", **more)))
    status = (await scheduler.stream.wait("UPDATE"))["status"]
    assert status["state"] == "TASK_ERROR"
    assert words in status["message"], status["message"]
    assert len(status["message"]) < 1000
    assert host(cluster).runs() == [] and await executors(cluster) == []
