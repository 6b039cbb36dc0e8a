"""A disk that fills: which sandboxes go, which tasks are refused, which are ended."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec import UNSET

from agent.executors.record import End, ExecutorRecord
from agent.executors.state import ExecutorPhase
from agent.sandboxes.disk_use import DiskUse, disk_use
from agent.sandboxes.quota import Bounded, Reason, SandboxQuota, bound_of
from agent.sandboxes.sandbox import Sandboxes
from agent.sandboxes.work_space import MIB, Space, WorkSpace
from agent.tasks.record import KillIntent, TaskRecord
from agent.tasks.state import TaskPhase
from api.wire.v1 import mesos
from provider.removal import remove_tree
from tests.agent.world import FRAMEWORK, scalar

GIB = 1024 * MIB


class Clock:
    def __init__(self) -> None:
        self.time = 1_000_000.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time


@dataclass
class Disk:
    """A filesystem of 10 GiB."""

    free: int = 10 * GIB
    entries: int | None = 100_000

    def space(self, _: Path) -> Space:
        return Space(self.free, 10 * GIB, self.entries)


def work_space(disk: Disk) -> WorkSpace:
    return WorkSpace(Path("/work"), measure=disk.space)


def test_new_tasks_are_refused_only_while_there_is_no_room() -> None:
    disk = Disk()
    space = work_space(disk)
    assert space.lacking() is None
    disk.free = 10 * MIB
    assert "work directory is full: 10 MB are free" in (space.lacking() or "")
    disk.free, disk.entries = GIB, 5
    assert "5 more files" in (space.lacking() or "")
    disk.entries = None
    assert space.lacking() is None


def test_a_directory_that_cannot_be_looked_at_takes_no_tasks(tmp_path: Path) -> None:
    space = WorkSpace(tmp_path / "gone")
    assert "No such file" in (space.lacking() or "")
    assert space.leniency() == 1.0


@pytest.mark.parametrize(
    ("free", "leniency"), [(10.0, 1.0), (2.5, 1.0), (1.5, 0.5), (0.5, 0.0), (0.2, 0.0), (0.01, 0.0)]
)
def test_the_less_room_the_shorter_sandboxes_are_kept(free: float, leniency: float) -> None:
    assert work_space(Disk(int(free * GIB))).leniency() == pytest.approx(leniency, abs=0.01)


async def test_under_pressure_the_longest_ended_go_first_and_no_more_than_needed(tmp_path: Path) -> None:
    clock, disk = Clock(), Disk(free=0)
    space = work_space(disk)
    made: list[Path] = []

    def leniency() -> float:
        gone = sum(not path.exists() for path in made)
        disk.free = gone * GIB // 5
        return space.leniency()

    sandboxes = Sandboxes(tmp_path, clock, max_age=7200.0, leniency=leniency)
    for number in range(6):
        made.append(sandboxes.create("f", "t", f"c{number}"))
        sandboxes.retire(made[-1])
        clock.time += 60
    running = sandboxes.create("f", "t", "running")
    assert await sandboxes.collect() == made[:3]
    assert running.exists()


def test_what_a_directory_takes_is_what_is_allocated(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "data").write_bytes(b"x" * MIB)
    os.link(tmp_path / "d" / "data", tmp_path / "again")
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(GIB)
    (tmp_path / "link").symlink_to("/usr")
    found = disk_use(str(tmp_path))
    assert found.complete
    assert MIB <= found.bytes < 1.2 * MIB
    assert disk_use(str(tmp_path), max_entries=2).complete is False


@dataclass
class Known:
    """The tasks of an agent, in one directory."""

    root: Path
    records: list[TaskRecord] = field(default_factory=list)
    limited: list[tuple[str, str, Reason]] = field(default_factory=list)
    executors: list[ExecutorRecord] = field(default_factory=list)

    def sandbox(self, record: TaskRecord) -> Path:
        return self.root / record.info.task_id.value

    def limit(self, record: TaskRecord, message: str, reason: Reason) -> None:
        self.limited.append((record.info.task_id.value, message, reason))

    def bounded(self) -> Sequence[Bounded]:
        return []


@dataclass
class KnownExecutors:
    """Its executors, in the same directory."""

    known: Known

    @property
    def records(self) -> list[ExecutorRecord]:
        return self.known.executors

    def sandbox_of(self, record: ExecutorRecord) -> Path:
        return self.known.root / record.executor_id

    def limit(self, record: ExecutorRecord, message: str, reason: Reason) -> None:
        self.known.limited.append((record.executor_id, message, reason))


def quota(
    known: Known, measure: Callable[[str, str], DiskUse] = lambda path, apart: disk_use(path, apart=apart)
) -> SandboxQuota:
    return SandboxQuota(known, KnownExecutors(known), known, measure=measure)


def disk_of(megabytes: float, **disk: object) -> mesos.Resource:
    resource = mesos.Resource(
        name="disk", type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=megabytes)
    )
    if disk:
        resource.disk = mesos.ResourceDiskInfo(**disk)  # type: ignore[arg-type]
    return resource


VOLUME = disk_of(100, persistence=mesos.ResourceDiskInfoPersistence(id="v"))


async def test_a_task_that_fills_more_than_its_disk_is_ended(tmp_path: Path) -> None:
    known = Known(tmp_path)
    for name, resources, phase in (
        ("over", [disk_of(1), VOLUME], TaskPhase.RUNNING),
        ("under", [disk_of(2), disk_of(2)], TaskPhase.RUNNING),
        ("unbounded", [VOLUME], TaskPhase.RUNNING),
        ("over-ended", [disk_of(1)], TaskPhase.FINISHED),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "output").write_bytes(b"x" * 3 * MIB)
        info = mesos.TaskInfo(
            name=name,
            task_id=mesos.TaskID(value=name),
            agent_id=mesos.AgentID(value="a"),
            resources=resources,
        )
        known.records.append(TaskRecord(FRAMEWORK, info, name, 0.0, phase=phase))
    await quota(known).look()
    ((name, message, reason),) = known.limited
    assert name == "over"
    assert "3.0 MB, the task was given 1.0 MB" in message
    assert reason is Reason.REASON_CONTAINER_LIMITATION_DISK
    known.records[0].kill = KillIntent(0.0, "limited", reason)
    await quota(known).look()
    assert len(known.limited) == 1


def executor_of(kind: mesos.ExecutorInfoType, *resources: mesos.Resource) -> ExecutorRecord:
    info = mesos.ExecutorInfo(
        executor_id=mesos.ExecutorID(value="e1"), type=kind, resources=[scalar("mem", 32), *resources]
    )
    return ExecutorRecord(FRAMEWORK, info, "e1", 0.0, phase=ExecutorPhase.RUNNING)


def task_of_executor(megabytes: float, phase: TaskPhase = TaskPhase.RUNNING) -> TaskRecord:
    info = mesos.TaskInfo(
        name="t",
        task_id=mesos.TaskID(value="t"),
        agent_id=mesos.AgentID(value="a"),
        resources=[disk_of(megabytes)] if megabytes else [],
    )
    return TaskRecord(FRAMEWORK, info, "t", 0.0, phase=phase, executor_id="e1", executor_container="e1")


CUSTOM, DEFAULT = mesos.ExecutorInfoType.CUSTOM, mesos.ExecutorInfoType.DEFAULT


async def test_an_executor_that_fills_more_than_it_and_its_tasks_were_given_is_ended(tmp_path: Path) -> None:
    known = Known(tmp_path, [task_of_executor(2.5), task_of_executor(100, TaskPhase.FINISHED)])
    (tmp_path / "e1").mkdir()
    (tmp_path / "e1" / "output").write_bytes(b"x" * 3 * MIB)
    known.executors = [executor_of(CUSTOM, disk_of(1))]
    await quota(known).look()
    assert known.limited == []
    known.records[0].phase = TaskPhase.FINISHED
    await quota(known).look()
    ((name, message, reason),) = known.limited
    assert name == "e1" and "3.0 MB, the executor with its tasks was given 1.0 MB" in message
    assert reason is Reason.REASON_CONTAINER_LIMITATION_DISK
    known.executors[0].end = End(0.0, message, reason)
    await quota(known).look()
    assert len(known.limited) == 1


async def test_an_executor_that_was_given_no_disk_is_not_bounded(tmp_path: Path) -> None:
    known = Known(tmp_path, [task_of_executor(0)])
    (tmp_path / "e1").mkdir()
    (tmp_path / "e1" / "output").write_bytes(b"x" * 3 * MIB)
    known.executors = [executor_of(CUSTOM)]
    await quota(known).look()
    assert known.limited == []


async def test_what_a_group_shares_is_bounded_by_its_executor_and_its_tasks_by_themselves(
    tmp_path: Path,
) -> None:
    (tmp_path / "e1" / "tasks" / "t").mkdir(parents=True)
    (tmp_path / "e1" / "tasks" / "t" / "output").write_bytes(b"x" * 3 * MIB)
    (tmp_path / "e1" / "shared").mkdir()
    known = Known(tmp_path)
    known.executors = [executor_of(DEFAULT, disk_of(1))]
    await quota(known).look()
    assert known.limited == []
    (tmp_path / "e1" / "shared" / "output").write_bytes(b"x" * 2 * MIB)
    await quota(known).look()
    ((name, message, _),) = known.limited
    assert name == "e1" and "2.0 MB, the executor was given 1.0 MB" in message


async def test_many_empty_files_hide_nothing_from_the_quota(tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(20):
        (tmp_path / "many" / f"{number}").touch()
    info = mesos.TaskInfo(
        name="many",
        task_id=mesos.TaskID(value="many"),
        agent_id=mesos.AgentID(value="a"),
        resources=[disk_of(100)],
    )
    known = Known(tmp_path, [TaskRecord(FRAMEWORK, info, "many", 0.0, phase=TaskPhase.RUNNING)])
    await quota(known, measure=lambda path, _: disk_use(path, max_entries=10)).look()
    ((name, message, reason),) = known.limited
    assert name == "many" and "more than 10 files" in message and "100.0 MB" in message
    assert reason is Reason.REASON_CONTAINER_LIMITATION_DISK


def test_a_directory_is_not_listed_beyond_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        (tmp_path / f"{number}").touch()
    listed: list[str] = []
    scan = os.scandir

    class Watched:
        def __init__(self, path: str) -> None:
            self._entries = scan(path)

        def __enter__(self) -> Iterator[os.DirEntry[str]]:
            return self._each()

        def __exit__(self, *_: object) -> None:
            self._entries.close()

        def _each(self) -> Iterator[os.DirEntry[str]]:
            for entry in self._entries:
                listed.append(entry.name)
                yield entry

    monkeypatch.setattr(os, "scandir", Watched)
    assert disk_use(str(tmp_path), max_entries=5).complete is False
    assert len(listed) <= 6


def test_what_is_too_deep_to_be_measured_is_said_to_be(tmp_path: Path) -> None:
    above = os.open(tmp_path, os.O_RDONLY)
    for _ in range(30):  # of 200 bytes each: more than a path may have
        os.mkdir("d" * 200, dir_fd=above)
        below = os.open("d" * 200, os.O_RDONLY, dir_fd=above)
        os.close(above)
        above = below
    os.close(above)
    found = disk_use(str(tmp_path))
    remove_tree(tmp_path)
    assert found.complete is False


def test_a_limit_counts_instead_of_what_was_given() -> None:
    info = mesos.TaskInfo(
        name="t",
        task_id=mesos.TaskID(value="t"),
        agent_id=mesos.AgentID(value="a"),
        resources=[disk_of(1)],
        limits={"disk": mesos.ValueScalar(value=5)},
    )
    assert bound_of(info) == 5 * MIB
    info.limits["disk"].value = float("inf")
    assert bound_of(info) is None
    info.limits, info.resources = {}, []
    assert bound_of(info) is None
    assert info.command is UNSET


async def test_how_often_sandboxes_are_measured_can_be_changed_while_it_waits(tmp_path: Path) -> None:
    known = Known(tmp_path)
    (tmp_path / "over").mkdir()
    (tmp_path / "over" / "output").write_bytes(b"x" * 3 * MIB)
    info = mesos.TaskInfo(
        name="over",
        task_id=mesos.TaskID(value="over"),
        agent_id=mesos.AgentID(value="a"),
        resources=[disk_of(1)],
    )
    known.records.append(TaskRecord(FRAMEWORK, info, "over", 0.0, phase=TaskPhase.RUNNING))
    measured = asyncio.Event()

    def measure(path: str, apart: str) -> DiskUse:
        loop.call_soon_threadsafe(measured.set)
        return disk_use(path, apart=apart)

    loop = asyncio.get_running_loop()
    measuring = SandboxQuota(known, KnownExecutors(known), known, interval=3600.0, measure=measure)
    await measuring.start()
    try:
        await asyncio.sleep(0)  # it waits for an hour
        measuring.measure_every(0.01)
        async with asyncio.timeout(30):
            await measured.wait()
    finally:
        await measuring.stop()
