"""Operators' containers: launched once, waited for, killed, removed, and never lost or left over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from agent.containerizer.interface import ContainerSpec, LaunchError, Who
from agent.containers.listing import as_wire_exit
from agent.containers.parts import ContainerLimits, ContainerRefused, HostFailed, NoSuchContainer
from agent.containers.paths import of_text
from agent.containers.record import ContainerRecord
from agent.containers.spec import Home, InvalidLaunch, container_spec
from agent.sandboxes.quota import SandboxQuota
from api.wire.v1 import mesos
from store.port import StoreFailed
from tests.agent.containers.house import House, launch
from tests.agent.model_containerizer import ModelContainerizer
from tests.agent.test_work_space import Known, KnownExecutors
from tests.agent.world import scalar


async def until(condition: Callable[[], object], seconds: float = 2.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is looked at has no event
            await asyncio.sleep(0.005)


async def test_a_container_runs_once_however_often_it_is_launched(house: House) -> None:
    assert await house.containers.launch(launch("web")) is True
    assert await house.containers.launch(launch("web")) is False
    assert len(house.host.launched) == 1


async def test_launches_at_the_same_time_start_one_container(house: House) -> None:
    answers = await asyncio.gather(*(house.containers.launch(launch("web")) for _ in range(5)))
    assert sorted(answers) == [False] * 4 + [True]
    assert len(house.host.launched) == 1


async def test_another_container_of_the_same_name_is_refused(house: House) -> None:
    await house.containers.launch(launch("web"))
    with pytest.raises(ContainerRefused, match="is there already"):
        await house.containers.launch(launch("web", "sleep 5"))


async def test_a_repeated_launch_of_one_that_has_ended_starts_nothing(house: House) -> None:
    await house.containers.launch(launch("job", "exit 3"))
    assert (await house.wait("job")).status == 3
    assert await house.containers.launch(launch("job", "exit 3")) is False
    assert len(house.host.launched) == 1


async def test_how_it_ended_is_kept_until_it_is_removed_also_over_a_restart(house: House) -> None:
    await house.containers.launch(launch("job", "exit 3"))
    assert (await house.wait("job")).status == 3
    await house.restart()
    assert (await house.wait("job")).status == 3
    await house.containers.remove(("job",))
    with pytest.raises(NoSuchContainer):
        await house.wait("job")
    assert house.host.containers == {}


async def test_a_name_can_be_used_again_after_a_removal(house: House) -> None:
    await house.containers.launch(launch("job", "exit 3"))
    await house.wait("job")
    await house.containers.remove(("job",))
    assert await house.containers.launch(launch("job", "exit 4")) is True
    assert (await house.wait("job")).status == 4


async def test_a_running_container_is_not_removed(house: House) -> None:
    await house.containers.launch(launch("web"))
    with pytest.raises(ContainerRefused, match="kill it first"):
        await house.containers.remove(("web",))
    assert house.phase("web") == "RUNNING"


async def test_a_running_container_is_found_by_the_next_agent(house: House) -> None:
    await house.containers.launch(launch("web"))
    (run_id,) = house.host.running
    await house.restart()
    assert house.known == {run_id}
    record = house.containers.find(("web",))
    assert record is not None and record.pid is not None
    house.end("web", 5)
    assert (await house.wait("web")).status == 5


async def test_one_that_ended_while_no_agent_ran_is_told_as_it_ended(house: House) -> None:
    await house.containers.launch(launch("web"))
    await house.containers.stop()
    house.end("web", 7)
    await house.start()
    assert (await house.wait("web")).status == 7


async def test_after_a_boot_a_running_container_counts_as_lost_and_is_not_started_again(house: House) -> None:
    await house.containers.launch(launch("web"))
    await house.containers.stop()
    house.host.containers.clear()
    house.boot_id = "next boot"
    await house.start()
    ended = await house.wait("web")
    assert (ended.status, ended.message) == (None, "it is gone, and nobody saw how it ended")
    assert len(house.host.launched) == 1


async def test_kill_ends_a_container_and_how_is_told(house: House) -> None:
    await house.containers.launch(launch("web"))
    await house.containers.kill(("web",), 0.0, None)
    assert (await house.wait("web")).signal == 9
    await house.containers.kill(("web",), 0.0, None)


async def test_a_signal_reaches_a_container_and_does_not_end_it(house: House) -> None:
    await house.containers.launch(launch("web"))
    await house.containers.kill(("web",), 0.0, 10)
    (run_id,) = house.host.running
    assert house.host.containers[run_id].kills == [10]


async def test_unknown_containers_are_said_to_be_unknown(house: House) -> None:
    with pytest.raises(NoSuchContainer):
        await house.containers.wait(("nobody",))
    with pytest.raises(NoSuchContainer):
        await house.containers.kill(("nobody",), 0.0, None)
    with pytest.raises(NoSuchContainer):
        await house.containers.remove(("nobody",))


# nesting


async def test_containers_nest_and_end_with_their_parent(house: House) -> None:
    for path in ("a", "a.b", "a.b.c"):
        await house.containers.launch(launch(path))
    house.end("a", 0)
    assert (await house.wait("a.b.c")).signal == 9
    assert (await house.wait("a.b")).signal == 9
    await house.containers.remove(("a",))
    assert house.containers.records == []
    assert house.host.containers == {}


async def test_a_nested_container_ends_without_its_parent(house: House) -> None:
    await house.containers.launch(launch("a"))
    await house.containers.launch(launch("a.b", "exit 2"))
    assert (await house.wait("a.b")).status == 2
    assert house.phase("a") == "RUNNING"
    await house.containers.remove(("a", "b"))
    assert [record.path for record in house.containers.records] == [("a",)]


@pytest.mark.parametrize("path", ["nobody.b", "a.nobody.c"])
async def test_a_parent_must_be_known(house: House, path: str) -> None:
    await house.containers.launch(launch("a"))
    with pytest.raises(ContainerRefused, match="a running one is needed"):
        await house.containers.launch(launch(path))
    assert len(house.containers.records) == 1


async def test_a_parent_must_run(house: House) -> None:
    await house.containers.launch(launch("a", "exit 0"))
    await house.wait("a")
    with pytest.raises(ContainerRefused, match="is EXITED"):
        await house.containers.launch(launch("a.b"))


async def test_a_container_can_be_nested_in_a_tasks(house: House) -> None:
    await _task_runs(house)
    await house.containers.launch(launch("task-1.shell"))
    (run_id,) = [each for each in house.host.running if each != "task-1"]
    spec = house.host.containers[run_id].spec
    assert (spec.parent, spec.joins, spec.sandbox) == ("task-1", "all", "/sandboxes/task-1")
    assert str(spec.output).startswith(str(house.sandboxes.root / "containers"))


async def test_what_was_nested_in_a_task_goes_when_the_task_is_forgotten(house: House) -> None:
    await _task_runs(house)
    await house.containers.launch(launch("task-1.job", "exit 0"))
    assert (await house.wait("task-1.job")).status == 0
    await asyncio.sleep(0.05)
    assert house.phase("task-1.job") == "EXITED"
    house.parents.running.clear()
    await until(lambda: house.containers.records == [])
    assert house.sandbox_files == []


async def test_a_tasks_own_id_is_not_taken(house: House) -> None:
    house.parents.known.add("task-1")
    with pytest.raises(ContainerRefused, match="this agent's own"):
        await house.containers.launch(launch("task-1"))


# launches that take their time


async def test_a_launch_that_waits_for_an_image_says_so_and_is_broken_off_by_a_kill(house: House) -> None:
    house.host.slow = "pulling image busybox: 1 of 3 layers"
    launching = asyncio.create_task(house.containers.launch(launch("web")))
    await until(lambda: house.phase("web") == "LAUNCHING" and doing(house) is not None)
    assert doing(house) == "pulling image busybox: 1 of 3 layers"
    await house.containers.kill(("web",), 0.0, None)
    await launching
    ended = await house.wait("web")
    assert (ended.status, ended.message) == (None, "it was killed before it was started")
    assert house.host.containers == {}
    await house.containers.remove(("web",))
    assert house.containers.records == []


async def test_a_kill_of_a_launch_that_is_soon_over_waits_for_it(house: House) -> None:
    house.host.slow = ""
    launching = asyncio.create_task(house.containers.launch(launch("web")))
    await until(lambda: house.phase("web") == "LAUNCHING")
    killing = asyncio.create_task(house.containers.kill(("web",), 0.0, None))
    await asyncio.sleep(0.05)
    assert not killing.done()
    house.host.slow = None
    house.host.notify()
    await asyncio.gather(launching, killing)
    assert (await house.wait("web")).signal == 9


def doing(house: House) -> str | None:
    (record,) = house.containers.records
    return record.doing


# sessions


async def test_a_session_that_is_given_up_leaves_nothing(house: House) -> None:
    await house.containers.launch(launch("a"))
    await house.containers.launch(launch("a.sh"), session=True)
    house.containers.give_up(("a", "sh"))
    await until(lambda: len(house.containers.records) == 1)
    assert len(house.host.containers) == 1
    assert len(house.sandbox_files) == 1


async def test_the_result_of_a_session_is_kept_for_a_while(house: House) -> None:
    await house.containers.launch(launch("a"))
    await house.containers.launch(launch("a.sh", "exit 9"), session=True)
    assert (await house.wait("a.sh")).status == 9
    await until(lambda: len(house.containers.records) == 1)


async def test_a_session_that_has_ended_is_removed_at_once_when_that_is_asked_for(house: House) -> None:
    house.limits = ContainerLimits(session_result=0.1)
    await house.restart()
    await house.containers.launch(launch("a"))
    await house.containers.launch(launch("a.sh", "exit 9"), session=True)
    await house.wait("a.sh")
    await house.containers.remove(("a", "sh"))
    assert [record.path for record in house.containers.records] == [("a",)]
    await asyncio.sleep(0.15)


async def test_a_session_does_not_outlive_the_agent(house: House) -> None:
    await house.containers.launch(launch("a"))
    await house.containers.launch(launch("a.sh"), session=True)
    await house.restart()
    await until(lambda: len(house.containers.records) == 1)
    assert len(house.host.running) == 1


# what cannot be done


async def test_a_refused_launch_leaves_nothing(house: House) -> None:
    house.host.refusal = LaunchError("no such image", Who.REQUEST)
    with pytest.raises(ContainerRefused, match="no such image"):
        await house.containers.launch(launch("web"))
    assert house.containers.records == []
    assert house.sandbox_files == []
    house.host.refusal = None
    assert await house.containers.launch(launch("web")) is True


async def test_a_launch_with_an_outcome_that_stays_unknown_is_given_up(house: House) -> None:
    house.host.refusal = LaunchError("no answer", Who.RETRY)
    with pytest.raises(HostFailed, match="no answer"):
        await house.containers.launch(launch("web"))
    assert house.containers.records == []


async def test_there_are_only_so_many(house: House) -> None:
    house.limits = ContainerLimits(containers=2)
    await house.restart()
    await house.containers.launch(launch("a"))
    await house.containers.launch(launch("b"))
    with pytest.raises(ContainerRefused, match="its limit"):
        await house.containers.launch(launch("c"))


# the disk


async def test_a_container_that_fills_more_than_its_disk_is_ended_and_says_so(
    house: House, tmp_path: Path
) -> None:
    await house.containers.launch(launch("big", resources=[scalar("disk", 1)]))
    await house.containers.launch(launch("free"))
    for name in ("big", "free"):
        sandbox = house.containers.sandbox((name,))
        assert sandbox is not None
        (sandbox / "data").write_bytes(b"x" * 3 * 2**20)
    (bounded,) = house.containers.bounded()
    nobody = Known(tmp_path)
    await SandboxQuota(nobody, KnownExecutors(nobody), house.containers).look()
    ended = await house.wait("big")
    assert as_wire_exit(ended).reason is mesos.TaskStatusReason.REASON_CONTAINER_LIMITATION_DISK
    assert "holds 3.0 MB, the container was given 1.0 MB" in as_wire_exit(ended).message  # type: ignore[operator]
    assert house.phase("free") == "RUNNING"
    bounded.end("too much")  # it has ended
    assert await house.wait("big") == ended


async def test_why_a_container_was_ended_is_known_also_when_the_agent_dies_over_it(house: House) -> None:
    await house.containers.launch(launch("big", resources=[scalar("disk", 1)]))
    await house.restart(dies_after=1)
    (bounded,) = house.containers.bounded()
    house.host.ignores_term = True
    bounded.end("too much")
    await until(lambda: house.failures)
    house.failures.clear()
    await house.restart()
    assert (await house.wait("big")).message == "too much"


def test_disk_is_nothing_for_what_works_in_its_parents_sandbox(house: House) -> None:
    record = ContainerRecord(
        ("a", "b"), "b", "a", launch("a.b", resources=[scalar("disk", 1)]), False, 0.0, "boot"
    )
    with pytest.raises(InvalidLaunch, match="its parent's sandbox"):
        container_spec(record, Home("/out", "/work"), 1000)


# dying


async def test_an_agent_that_dies_at_any_write_leaves_nothing_that_is_not_known(house: House) -> None:
    await house.containers.stop()
    for writes in range(30):
        died = await _life(house, writes)
        await house.containers.stop()
        house.failures.clear()
        await house.start()
        assert set(house.host.containers) <= house.known
        for path in ("a", "a.b"):
            await until(partial(_is_settled, house, path))
            record = house.containers.find(of_text(path))
            if record is not None and record.live:
                house.host.end(record.run_id, 0)
                await house.wait(path)
        if house.containers.find(("a",)) is not None:
            await house.containers.remove(("a",))
        await until(lambda: house.containers.records == [])
        assert house.host.containers == {}
        await house.restart()
        assert house.known == set()
        await house.containers.stop()
        if not died:
            return
    pytest.fail("the story goes on writing")


async def _life(house: House, writes: int) -> bool:
    """Launch, nest, end, remove. True: the store failed on the way."""
    await house.start(dies_after=writes)
    containers = house.containers

    async def story() -> None:
        await containers.launch(launch("a"))
        await containers.launch(launch("a.b", "exit 1"))
        await containers.wait(of_text("a.b"))
        await containers.kill(("a",), 0.0, None)
        await containers.wait(("a",))
        await containers.remove(("a",))

    job = asyncio.create_task(story())
    await until(lambda: job.done() or house.failures, 5.0)
    if not job.done():
        job.cancel()
    result = (await asyncio.gather(job, return_exceptions=True))[0]
    return bool(house.failures) or isinstance(result, StoreFailed)


def _is_settled(house: House, path: str) -> bool:
    return house.phase(path) != "LAUNCHING"


async def _task_runs(house: House) -> None:
    house.parents.running.add("task-1")
    await ModelContainerizer(house.host).launch(ContainerSpec("task-1", ("sleep",), "/sandboxes/task-1"))
