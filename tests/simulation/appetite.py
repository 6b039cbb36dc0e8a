"""What a model framework does with an offer: a choice of chains, drawn from its seed.

Pure but for the generator: an offer goes in, a plan comes out. While draining it destroys whatever
it is offered.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from api.model.disk import Disk, Persistence, SourceType, VolumeMount
from api.model.operation import Create, CreateDisk, Destroy, DestroyDisk, Operation, Reserve, Unreserve
from api.model.resource import Reservation, Resource, scalar
from api.model.resources import Resources
from api.model.values import Scalar
from api.wire.convert import resource_to_wire, resources_from_wire
from api.wire.convert_operations import operation_to_wire
from api.wire.v1 import mesos
from tests.simulation.asked import Asked
from tests.simulation.host import CUSTOM

if TYPE_CHECKING:
    from tests.simulation.frameworks import FrameworkPart

OPERATORS = "op-"
"""Volumes whose names begin so are the operator's: they are used, never destroyed."""


@dataclass
class Plan:
    """Operations of one ACCEPT; a DECLINE when there are none."""

    refuse_seconds: float
    operations: list[mesos.OfferOperation] = field(default_factory=list)
    asked_operations: list[Asked] = field(default_factory=list)
    asked_tasks: list[Asked] = field(default_factory=list)


class Appetite:
    """See the module."""

    def __init__(self, framework: FrameworkPart, rng: random.Random) -> None:
        self._framework = framework
        self._rng = rng

    def plan(self, offer: mesos.Offer) -> Plan | None:
        """What to do with the offer; None to leave it unanswered."""
        rng = self._rng
        self._plan = Plan(rng.choice((0.0, 1.0, 5.0, 20.0)))
        self._agent = offer.agent_id
        self._left = resources_from_wire(offer.resources).unallocated()
        if not self._framework.draining and rng.random() < 0.05:
            return None
        for resource in list(self._left):
            if resource.disk is None or resource.provider_id is None:
                continue
            if self._framework.draining:
                self._clear(resource)
            elif rng.random() < 0.6:
                self._use(resource)
        if not self._framework.draining and rng.random() < 0.2:
            self._group(None)
        if not self._framework.draining and rng.random() < 0.05:
            self._bad()
        if self._framework.draining:
            self._plan.refuse_seconds = 0.0 if self._plan.operations else 5.0
        return self._plan

    # Choices.

    def _use(self, resource: Resource) -> None:
        disk = resource.disk
        assert disk is not None
        if disk.is_pool:
            self._make(resource)
        elif disk.persistence is not None:
            runs = self._rng.choice((self._launch, self._launch, self._group))
            choices = [runs] if disk.persistence.id.startswith(OPERATORS) else [runs, self._clear]
            self._rng.choice(choices)(resource)
        elif resource.is_reserved:
            self._rng.choice([self._persist, self._clear])(resource)
        else:
            self._rng.choice([self._launch, self._group, self._persist, self._clear])(resource)

    def _make(self, pool: Resource) -> None:
        size = self._rng.randrange(1, 257) * 1000
        if size > pool.milli:
            return
        source = pool.with_value(Scalar(size))
        if not pool.is_reserved and self._rng.random() < 0.2:
            source = self._reserve(source)
        assert pool.disk is not None and pool.disk.source is not None
        block = pool.disk.source.profile == "block"
        disk = CreateDisk(source, SourceType.BLOCK if block else SourceType.MOUNT)
        if self._rng.random() < 0.3:  # refused by a provider that cannot
            role = () if source.is_reserved else (Reservation(self._framework.role, dynamic=True),)
            named = Persistence(f"pv-{self._fresh()}")
            disk = replace(disk, target_reservations=role, target_persistence=named)
        self._do(disk)

    def _persist(self, disk: Resource) -> None:
        """RESERVE, CREATE, LAUNCH on it, in one call."""
        if not disk.is_reserved:
            disk = self._reserve(disk)
        assert disk.disk is not None
        name = f"pv-{self._fresh()}"
        volume = disk.with_disk(replace(disk.disk, persistence=Persistence(name)))
        self._do(Create((volume,)))
        if self._rng.random() < 0.7:
            self._launch(volume)

    def _reserve(self, resource: Resource) -> Resource:
        reserved = resource.push_reservation(Reservation(self._framework.role, dynamic=True))
        self._do(Reserve((reserved,)))
        return reserved

    def _clear(self, resource: Resource) -> None:
        """DESTROY, UNRESERVE, DESTROY_DISK, as far as each is needed, in one call."""
        disk = resource.disk
        assert disk is not None
        if disk.persistence is not None:
            if disk.persistence.id.startswith(OPERATORS):
                return
            if not disk.is_pool and resource.provider_id is not None and self._rng.random() < 0.3:
                self._do(DestroyDisk(resource, whole=True))
                return
            self._do(Destroy((resource,)))
            resource = resource.with_disk(Disk(disk.source))
        while resource.is_reserved:
            self._do(Unreserve((resource,)))
            resource = resource.pop_reservation()
        if not disk.is_pool:
            self._do(DestroyDisk(resource))

    def _launch(self, disk: Resource | None) -> None:
        executor = self._executor([], custom=True) if self._rng.random() < 0.25 else None
        task = self._task(self._with_volume(disk))
        if task is None:
            return
        if executor is not None:
            task.executor, task.command = executor, UNSET
        launch = mesos.OfferOperationLaunch(task_infos=[task])
        self._plan.operations.append(
            mesos.OfferOperation(type=mesos.OfferOperationType.LAUNCH, launch=launch)
        )
        self._ask([task], f"LAUNCH on {disk}" if disk else "LAUNCH")

    def _group(self, disk: Resource | None) -> None:
        """One to three tasks together; the disk is the first one's, or the executor's, for all of them."""
        volume, shared = self._with_volume(disk), disk is not None and self._rng.random() < 0.5
        executor = self._executor(volume if shared else [], custom=self._rng.random() < 0.3)
        if executor is None:
            return
        parts = [[] if shared else volume, [], []][: self._rng.randrange(1, 4)]
        tasks = [task for part in parts if (task := self._task(part)) is not None]
        if self._rng.random() < 0.05 and tasks:  # then none of them may be launched
            tasks[-1].resources.append(resource_to_wire(scalar("cpus", 10**6)))
        group = mesos.OfferOperationLaunchGroup(
            executor=executor, task_group=mesos.TaskGroupInfo(tasks=tasks)
        )
        if tasks:
            self._plan.operations.append(
                mesos.OfferOperation(type=mesos.OfferOperationType.LAUNCH_GROUP, launch_group=group)
            )
            about = f"LAUNCH_GROUP of {len(tasks)} with {executor.executor_id.value}"
            self._ask(tasks, about, group=tasks[0].name)

    def _executor(self, volume: list[Resource], *, custom: bool) -> mesos.ExecutorInfo | None:
        """A new one, or one that was launched on the agent before, and may run or not; None for no room."""
        kind = mesos.ExecutorInfoType.CUSTOM if custom else mesos.ExecutorInfoType.DEFAULT
        known = self._framework.executors.get((self._agent.value, str(kind)))
        if known is not None and not volume and self._rng.random() < 0.4:
            return known
        own = [scalar("cpus", 50), scalar("mem", 16_000)]
        if not self._left.contains(Resources(own)):
            return None
        self._left = self._left - Resources(own)
        made = mesos.ExecutorInfo(
            executor_id=mesos.ExecutorID(value=f"executor-{self._fresh()[:8]}"),
            type=kind,
            resources=[resource_to_wire(each) for each in (*own, *volume)],
        )
        if custom:
            made.command = mesos.CommandInfo(value=CUSTOM)
            self._framework.to_shut_down.append((self._agent, made.executor_id))
        if not volume:
            self._framework.executors[self._agent.value, str(kind)] = made
        return made

    def _with_volume(self, disk: Resource | None) -> list[Resource]:
        """The disk as a task or an executor uses it."""
        if disk is None:
            return []
        assert disk.disk is not None
        block = disk.disk.source is not None and disk.disk.source.type is SourceType.BLOCK
        volume = VolumeMount("/dev/sim" if block else "data", read_only=self._rng.random() < 0.2)
        return [disk.with_disk(replace(disk.disk, volume=volume))]

    def _task(self, volume: list[Resource]) -> mesos.TaskInfo | None:
        """None when there is no room for one."""
        own = [scalar("cpus", 100), scalar("mem", 32_000)]
        if not self._left.contains(Resources(own)):
            return None
        self._left = self._left - Resources(own)
        name = f"task-{self._fresh()}"
        seconds, status = self._rng.choice((1, 1, 5, 20, 1000)), self._rng.choice((0, 0, 3))
        return mesos.TaskInfo(
            name=name,
            task_id=mesos.TaskID(value=name),
            agent_id=self._agent,
            command=mesos.CommandInfo(value=f"sleep {seconds}; return {status}"),
            data=f"sleep {seconds}; return {status}".encode(),
            resources=[resource_to_wire(each) for each in (*own, *volume)],
        )

    def _ask(self, tasks: list[mesos.TaskInfo], about: str, group: str = "") -> None:
        lives, agent_id = self._framework.lives, self._agent.value
        asked = [Asked(task.name, about, lives, agent_id, group=group) for task in tasks]
        self._plan.asked_tasks += asked

    def _bad(self) -> None:
        """What was not offered."""
        huge: Any = scalar("disk", 10**12)
        self._do(Reserve((huge.push_reservation(Reservation(self._framework.role)),)))

    def _do(self, operation: Operation) -> None:
        name = self._fresh()
        self._plan.operations.append(operation_to_wire(operation, name))
        self._plan.asked_operations.append(Asked(name, str(operation.type), self._framework.lives))

    def _fresh(self) -> str:
        return f"{self._rng.getrandbits(64):016x}"
