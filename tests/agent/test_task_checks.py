"""Health checks and checks of tasks, from the description to what the scheduler is told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec import UNSET

from agent.containerizer.interface import LaunchError, Who
from agent.tasks import journal as task_journal
from api.wire.v1 import mesos
from tests.agent.world import FRAMEWORK, World, task

Reason = mesos.TaskStatusReason
HEALTH = Reason.REASON_TASK_HEALTH_CHECK_STATUS_UPDATED
CHECK = Reason.REASON_TASK_CHECK_STATUS_UPDATED


def health_check(command: str = "exit 0", **fields: Any) -> mesos.HealthCheck:
    times = {
        "delay_seconds": 0.0,
        "interval_seconds": 0.1,
        "timeout_seconds": 2.0,
        "grace_period_seconds": 0.0,
    }
    return mesos.HealthCheck(
        type=mesos.HealthCheckType.COMMAND,
        command=mesos.CommandInfo(value=command),
        **{**times, **fields},
    )


def tcp_health_check(port: int, **fields: Any) -> mesos.HealthCheck:
    check = health_check(**fields)
    check.type, check.command = mesos.HealthCheckType.TCP, UNSET
    check.tcp = mesos.HealthCheckTCPCheckInfo(port=port)
    return check


def check(command: str, timeout: float = 2.0) -> mesos.CheckInfo:
    return mesos.CheckInfo(
        type=mesos.CheckInfoType.COMMAND,
        command=mesos.CheckInfoCommand(command=mesos.CommandInfo(value=command)),
        delay_seconds=0.0,
        interval_seconds=0.1,
        timeout_seconds=timeout,
    )


async def run(world: World, info: mesos.TaskInfo, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(info, name, value)
    await world.orchestrator.run_task(info, FRAMEWORK)


def healths(world: World) -> list[object]:
    """What was told of the health, status by status; None where nothing was."""
    return [None if s.healthy is UNSET else s.healthy for s in world.orchestrator.statuses("t1")]


def codes(world: World) -> list[object]:
    """The exit codes that were told of the check, status by status."""
    told: list[object] = []
    for status in world.orchestrator.statuses("t1"):
        assert status.check_status is not UNSET, "every status says that there is a check"
        assert status.check_status.type is mesos.CheckInfoType.COMMAND
        assert status.check_status.command is not UNSET
        code = status.check_status.command.exit_code
        told.append(None if code is UNSET else code)
    return told


async def test_a_task_that_passes_is_told_healthy_once(world: World) -> None:
    await world.started()
    await run(world, task("t1"), health_check=health_check())
    await world.orchestrator.until(lambda: healths(world) == [None, True])
    await asyncio.sleep(0.3)
    assert healths(world) == [None, True]
    last = world.orchestrator.statuses("t1")[-1]
    assert (last.state, last.reason) == (mesos.TaskState.TASK_RUNNING, HEALTH)
    assert len(world.host.launched) >= 3, "it is asked again and again"


async def test_the_commands_of_checks_run_in_the_tasks_container_as_its_user(world: World) -> None:
    await world.started()
    info = task("t1")
    variables = [mesos.EnvironmentVariable(name="COLOUR", value="red")]
    info.command.environment = mesos.Environment(variables=variables)  # type: ignore[union-attr]
    await run(world, info, health_check=health_check("sleep 1"))
    await world.orchestrator.until(lambda: len(world.host.launched) == 2)
    own, of_check = (world.host.containers[each].spec for each in world.host.launched)
    assert (of_check.parent, of_check.joins, of_check.sandbox) == (own.id, "all", own.sandbox)
    assert of_check.environment["COLOUR"] == "red"
    assert of_check.output is not None
    assert not of_check.output.startswith(own.sandbox), "tasks cannot lead its output elsewhere"


async def test_a_task_that_fails_too_often_is_killed_as_unhealthy(world: World) -> None:
    await world.started()
    await run(world, task("t1"), health_check=health_check("exit 3", consecutive_failures=2))
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1:] == ["TASK_KILLED"])
    assert healths(world) == [None, False, False, False]
    told = world.orchestrator.statuses("t1")
    assert "failure 1 of 2: its command exited with status 3" in str(told[1].message)
    assert str(told[-1].message).startswith("its health check failed 2 times: its command exited")
    await world.orchestrator.until(lambda: world.host.containers == {})


async def test_an_unhealthy_task_that_does_not_heed_the_signal_is_waited_for_all_the_same(
    world: World,
) -> None:
    world.host.ignores_term = True
    await world.started()
    info = task("t1")
    info.kill_policy = mesos.KillPolicy(grace_period=mesos.DurationInfo(nanoseconds=300_000_000))
    await run(world, info, health_check=health_check("exit 3", consecutive_failures=1))
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1:] == ["TASK_KILLED"])
    assert "SIGKILL" in str(world.orchestrator.statuses("t1")[-1].message)


async def test_failures_in_the_grace_period_are_forgiven(world: World) -> None:
    await world.started()
    check = health_check("exit 1", consecutive_failures=1, grace_period_seconds=60.0)
    await run(world, task("t1"), health_check=check)
    await world.orchestrator.until(lambda: len(world.host.launched) > 4)
    assert healths(world) == [None]


async def test_a_port_that_opens_and_closes_makes_healthy_and_unhealthy(world: World) -> None:
    listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    await world.started()
    await run(world, task("t1"), health_check=tcp_health_check(port, consecutive_failures=1_000))
    await world.orchestrator.until(lambda: healths(world)[-1:] == [True])
    listening.close()
    await world.orchestrator.until(lambda: healths(world)[-1:] == [False])
    assert "Connection refused" in str(world.orchestrator.statuses("t1")[-1].message)


async def test_failures_are_counted_on_after_a_restart_of_the_agent(world: World) -> None:
    await world.started()
    await run(
        world, task("t1"), health_check=health_check("exit 1", consecutive_failures=4, interval_seconds=0.2)
    )
    await world.orchestrator.until(lambda: healths(world) == [None, False, False])
    await world.crash()
    await world.started()
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1:] == ["TASK_KILLED"])
    assert healths(world) == [None, False, False, False, False, False]
    assert "failed 4 times" in str(world.orchestrator.statuses("t1")[-1].message)


async def test_a_healthy_task_is_not_told_again_after_a_restart(world: World) -> None:
    await world.started()
    await run(world, task("t1"), health_check=health_check())
    await world.orchestrator.until(lambda: healths(world) == [None, True])
    await world.crash()
    await world.started()
    before = len(world.host.launched)
    await world.orchestrator.until(lambda: len(world.host.launched) > before + 2)
    assert healths(world) == [None, True]


async def test_what_a_check_finds_is_told_when_it_changes(world: World) -> None:
    await world.started()
    await run(world, task("t1"), check=check("exit 7"))
    await world.orchestrator.until(lambda: codes(world) == [None, 7])
    await asyncio.sleep(0.3)
    assert codes(world) == [None, 7]
    last = world.orchestrator.statuses("t1")[-1]
    assert (last.reason, last.healthy) == (CHECK, UNSET)
    world.host.end(world.host.launched[0], 0)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1:] == ["TASK_FINISHED"])
    assert codes(world)[-1] == 7, "the end says what was found last"


async def test_a_check_that_takes_too_long_says_nothing_and_leaves_nothing(world: World) -> None:
    await world.started()
    health = health_check("sleep 9", timeout_seconds=0.1, consecutive_failures=100)
    await run(world, task("t1"), health_check=health)
    await world.orchestrator.until(lambda: healths(world).count(False) >= 3)
    assert "no answer within 0.1 s" in str(world.orchestrator.statuses("t1")[-1].message)
    assert len(world.host.containers) <= 2, "one command at a time"


async def test_a_running_check_does_not_hold_up_the_end_of_its_task(world: World) -> None:
    agent = await world.started()
    await run(world, task("t1"), health_check=health_check("sleep 9", timeout_seconds=1_000.0))
    await world.orchestrator.until(lambda: len(world.host.running) == 2)
    world.host.end(world.host.launched[0], 0)
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1:] == ["TASK_FINISHED"])
    await world.orchestrator.until(lambda: len(agent.tasks) == 0)
    assert world.host.containers == {}


async def test_a_check_that_was_running_when_the_agent_died_is_removed(world: World) -> None:
    await world.started()
    await run(world, task("t1"), health_check=health_check("sleep 9", timeout_seconds=1_000.0))
    await world.orchestrator.until(lambda: len(world.host.running) == 2)
    left = world.host.launched[1]
    await world.crash()
    assert left in world.host.running
    await world.started()
    await world.orchestrator.until(lambda: left not in world.host.containers)
    await world.orchestrator.until(lambda: len(world.host.running) == 2)
    assert world.host.launched[0] in world.host.running


async def test_an_agent_that_cannot_make_a_probe_does_not_blame_the_task(world: World) -> None:
    await world.started()
    await run(world, task("t1"), health_check=health_check(consecutive_failures=1, delay_seconds=0.2))
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_RUNNING"])
    world.host.refusal = LaunchError("the runtime is restarting", Who.RETRY)
    await asyncio.sleep(0.6)
    assert healths(world) == [None]
    world.host.refusal = None
    await world.orchestrator.until(lambda: healths(world) == [None, True])


async def test_a_disk_that_holds_no_more_output_of_checks_ends_no_task(world: World) -> None:
    in_the_way = world.path / "sandboxes" / "checks"
    in_the_way.parent.mkdir()
    in_the_way.write_text("no directory can be made here")
    agent = await world.started()
    await run(world, task("t1"), health_check=health_check(consecutive_failures=1))
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_RUNNING"])
    await asyncio.sleep(0.3)
    assert healths(world) == [None]
    in_the_way.unlink()
    await world.orchestrator.until(lambda: healths(world) == [None, True])
    assert len(agent.tasks) == 1


async def test_a_check_that_makes_no_sense_is_refused_with_its_task(world: World) -> None:
    await world.started()
    await run(world, task("t1"), health_check=health_check(interval_seconds=-1.0))
    await world.orchestrator.until(lambda: world.orchestrator.states("t1") == ["TASK_ERROR"])
    status = world.orchestrator.statuses("t1")[0]
    assert status.reason is Reason.REASON_TASK_INVALID
    assert "interval_seconds" in str(status.message)
    assert world.host.launched == []


async def test_statuses_that_nobody_acknowledges_do_not_pile_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_journal, "MAX_UNHEARD", 2)
    agent = await world.started()
    world.orchestrator.acknowledges = False
    await run(world, task("t1"), health_check=health_check("exit 1", consecutive_failures=1_000))
    await world.orchestrator.until(lambda: agent.tasks.records)
    (record,) = agent.tasks.records
    await world.orchestrator.until(lambda: record.checked.failures > 4)
    assert len(record.statuses) == 2
    world.host.end(world.host.launched[0], 0)
    await world.orchestrator.until(lambda: record.terminal)
    world.orchestrator.acknowledges = True
    await world.orchestrator.drop()
    await world.orchestrator.until(lambda: world.orchestrator.states("t1")[-1:] == ["TASK_FINISHED"])
