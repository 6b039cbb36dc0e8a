"""The model frameworks: they take offers, make disks, run tasks on them, and remember what they are told.

A framework's memory is durable (it writes before it calls), its process is not: it fails over by its
id. Every call whose answer is lost is repeated, the same. What it asks for is `appetite`'s choice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from msgspec import UNSET

from api.wire.codec import encode_msgpack
from api.wire.convert import resources_from_wire
from api.wire.v1 import mesos, scheduler
from orchestrator.daemon import Orchestrator
from orchestrator.effects import TERMINAL_STATES
from orchestrator.frameworks import SubscriptionRefused
from orchestrator.state import TERMINAL_TASK_STATES
from tests.simulation import scheduler_calls as calls
from tests.simulation.appetite import Appetite, Plan
from tests.simulation.asked import Asked
from tests.simulation.orchestrators import named
from tests.simulation.parts import NoAnswer, Part
from tests.simulation.stream import Stream

if TYPE_CHECKING:
    from tests.simulation.cluster import Cluster

SUBSCRIBED_SECONDS = 10.0
"""Without SUBSCRIBED by then the framework tries again."""

RECONCILE_SECONDS = 7.0
"""How often it asks about what it has heard nothing final of."""

KILL_SECONDS = 3.0
"""At most, from one task that it kills to the next, while things go wrong."""

UNANSWERED_LIMIT = 2
"""After so many questions in a row that nobody answered it subscribes anew: its stream may be a dead one."""

ANSWERS = (
    mesos.TaskStatusReason.REASON_INVALID_OFFERS,
    mesos.TaskStatusReason.REASON_RECONCILIATION,
)
"""Reasons of statuses that answer a call of the framework's own."""

NOT_THERE = (
    mesos.TaskState.TASK_LOST,
    mesos.TaskState.TASK_DROPPED,
    mesos.TaskState.TASK_GONE,
    mesos.TaskState.TASK_GONE_BY_OPERATOR,
    mesos.TaskState.TASK_ERROR,
)
"""What a task is said to be when there is none of its name."""


class FrameworkPart(Part):
    """One scheduler. What it knows survives it."""

    def __init__(self, cluster: Cluster, name: str, role: str, *, aware: bool) -> None:
        super().__init__(cluster, name)
        self.role = role
        self.aware = aware
        self.framework_id: str | None = None
        self.operations: dict[str, Asked] = {}
        self.tasks: dict[str, Asked] = {}
        self.running: dict[str, str] = {}
        """Tasks that were told to run, and on which agent."""
        self.executors: dict[tuple[str, str], mesos.ExecutorInfo] = {}
        """The last one of those that may be used again, by agent and type; it may have exited."""
        self.to_shut_down: list[tuple[mesos.AgentID, mesos.ExecutorID]] = []
        """Those that end when they are told to, all that ever were."""
        self.killed: set[str] = set()
        """Tasks whose KILL was answered: that is durable, and is not asked for again."""
        self.draining = False
        self.finished = False
        self.stream: Stream | None = None
        self._came = asyncio.Event()
        self._lost = asyncio.Event()
        self._gone: set[str] = set()

    async def live(self) -> BaseException:
        self._appetite = Appetite(self, self.rng("appetite"))
        self._dice = self.rng("dice")
        process = self.process
        assert process is not None
        process.at_kill(lambda: setattr(self, "stream", None))
        process.spawn(self._kill_now_and_then(self.rng("kills")))
        while True:
            self._came, self._lost = asyncio.Event(), asyncio.Event()
            try:
                await self._subscribe()
                async with asyncio.timeout(SUBSCRIBED_SECONDS):
                    await self._came.wait()
                unanswered = 0
                while not self._lost.is_set() and unanswered < UNANSWERED_LIMIT:
                    try:
                        async with asyncio.timeout(RECONCILE_SECONDS):
                            await self._lost.wait()
                    except TimeoutError:
                        unanswered = 0 if await self._reconcile() else unanswered + 1
            except (NoAnswer, TimeoutError):
                pass
            if self.stream is not None:
                self.stream.cut()
                self.stream = None
            await asyncio.sleep(self._dice.uniform(0.1, 1.0))

    async def _subscribe(self) -> None:
        capabilities = [mesos.FrameworkInfoCapabilityType.MULTI_ROLE]
        if self.aware:
            capabilities.append(mesos.FrameworkInfoCapabilityType.PARTITION_AWARE)
        info = mesos.FrameworkInfo(
            user="root",
            name=self.name,
            roles=[self.role],
            failover_timeout=1e6,
            capabilities=[mesos.FrameworkInfoCapability(type=each) for each in capabilities],
        )
        if self.framework_id is not None:
            info.id = mesos.FrameworkID(value=self.framework_id)
        client, lost, cluster = self.process, self._lost, self.cluster

        async def subscribe(rooms: Orchestrator) -> None:
            part = cluster.orchestrator.serving()
            server = part.process
            assert server is not None and client is not None
            shown = cluster.trace.arrow
            stream = Stream(cluster.loop, cluster.network, server, rooms, client, self._take, lost.set, shown)
            part.streams.append(stream)
            self.stream = stream
            admitted = await rooms.frameworks.subscribe(scheduler.CallSubscribe(framework_info=info), stream)
            stream.framework_id = admitted.framework_id

        try:
            await self.cluster.orchestrator.ask(subscribe)
        except SubscriptionRefused as refusal:
            self.cluster.trace.require(False, f"{self.name} was refused: {refusal}")

    # Events.

    def _take(self, event: scheduler.Event) -> None:
        process = self.process
        if process is None:
            return
        if isinstance(event.subscribed, scheduler.EventSubscribed):
            self.framework_id = event.subscribed.framework_id.value
            self._gone.clear()
            self._came.set()
            self.cluster.trace.note(self.name, "is subscribed")
        elif isinstance(event.offers, scheduler.EventOffers):
            self._check_offers(event.offers.offers)
            for offer in event.offers.offers:
                process.spawn(self._consider(offer))
        elif isinstance(event.rescind, scheduler.EventRescind):
            self._gone.add(event.rescind.offer_id.value)
        elif isinstance(event.update, scheduler.EventUpdate):
            self._task_status(event.update.status)
        elif isinstance(event.failure, scheduler.EventFailure):
            executor_id = event.failure.executor_id
            of_agent = not isinstance(executor_id, mesos.ExecutorID)
            which = "an agent is gone" if of_agent else f"{executor_id.value} has exited"
            self.cluster.trace.note(self.name, f"{which}: {event.failure.status}")
        elif isinstance(event.update_operation_status, scheduler.EventUpdateOperationStatus):
            self._operation_status(event.update_operation_status.status)

    def _check_offers(self, offers: list[mesos.Offer]) -> None:
        """A disk is offered once."""
        seen: set[str] = set()
        for offer in offers:
            for resource in resources_from_wire(offer.resources):
                source = resource.disk.source if resource.disk is not None else None
                if source is not None and source.id is not None:
                    self.cluster.trace.require(source.id not in seen, f"disk {source.id} is offered twice")
                    seen.add(source.id)

    def _operation_status(self, status: mesos.OperationStatus) -> None:
        assert isinstance(status.operation_id, mesos.OperationID)
        asked = self.operations[status.operation_id.value]
        why = f": {status.message}" if isinstance(status.message, str) else ""
        self.cluster.trace.note(self.name, f"operation {asked.name[:8]} {asked.about} is {status.state}{why}")
        uuid = status.uuid.value if isinstance(status.uuid, mesos.UUID) else b""
        if status.state in TERMINAL_STATES:
            self._tell(asked, str(status.state))
        if uuid:
            call = scheduler.CallAcknowledgeOperationStatus(uuid=uuid, operation_id=status.operation_id)
            self._later(lambda: self._call(lambda rooms, fid: calls.acknowledge_operation(rooms, fid, call)))

    def _task_status(self, status: mesos.TaskStatus) -> None:
        name = status.task_id.value
        asked = self.tasks[name]
        uuid = status.uuid if isinstance(status.uuid, bytes) else b""
        self.cluster.trace.note(
            self.name, f"task {name} is {status.state} ({status.reason}) {uuid.hex()[:8]}"
        )
        if status.unreachable_time is not UNSET:
            return  # its agent is away: that is no word about the task
        asked.refused = asked.refused or status.state is mesos.TaskState.TASK_ERROR
        # The orchestrator's own words are acknowledged, and may be answers to a call that came twice.
        of_agent = uuid and status.source is not mesos.TaskStatusSource.SOURCE_MASTER
        if of_agent and asked.absent:
            asked.absent, asked.lost = False, True
        self.cluster.trace.require(
            not asked.lost or status.state in NOT_THERE or status.state not in TERMINAL_TASK_STATES,
            f"{self.name}: there was no task {name}, and now it is {status.state}",
        )
        if status.state not in TERMINAL_TASK_STATES:
            asked.ran = asked.ran or status.reason is not mesos.TaskStatusReason.REASON_RECONCILIATION
            if not asked.ended and isinstance(status.agent_id, mesos.AgentID):
                self.running[name] = status.agent_id.value
        elif of_agent or status.state not in NOT_THERE:
            self._tell(asked, str(status.state))
        elif not asked.told:
            asked.absent = True
        else:  # only as an answer: to the same call again, or to a question that was under way
            answer = status.reason in ANSWERS or self.cluster.restorations.done
            self.cluster.trace.require(answer, f"{name} ended as {asked.told} and is {status.state} now")
        if asked.ended:
            self.running.pop(name, None)
        if uuid:
            assert isinstance(status.agent_id, mesos.AgentID)
            call = scheduler.CallAcknowledge(agent_id=status.agent_id, task_id=status.task_id, uuid=uuid)
            self._later(lambda: self._call(lambda rooms, fid: calls.acknowledge_task(rooms, fid, call)))

    def _tell(self, asked: Asked, state: str) -> None:
        if state not in asked.told:
            asked.told.append(state)
        self.cluster.trace.require(
            len(asked.told) == 1, f"{self.name} was told of {asked.name} ({asked.about}): {asked.told}"
        )

    def _later(self, work: Callable[[], Awaitable[None]]) -> None:
        """Acknowledge soon, late, or not at all: then it is told again."""
        choice = self._dice.random()
        if self.cluster.faulty and choice < 0.1:
            return
        delay = self._dice.uniform(1.0, 15.0) if self.cluster.faulty and choice < 0.2 else 0.01
        assert self.process is not None
        self.process.later(delay, self._spawn, work)

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        async def quietly() -> None:
            try:
                await work()
            except NoAnswer:
                pass  # the status comes again

        assert self.process is not None
        self.process.spawn(quietly())

    # Calls.

    async def _call(self, work: Callable[[Orchestrator, str], Awaitable[None]]) -> None:
        """A call on this subscription. Raises NoAnswer."""
        stream, framework_id = self.stream, self.framework_id

        async def checked(rooms: Orchestrator) -> None:
            framework = rooms.state.frameworks.get(framework_id or "")
            if framework is None or stream is None or not stream.is_open or not framework.connected:
                raise NoAnswer("not subscribed")
            await work(rooms, framework.framework_id)

        checked.__name__ = named(work)
        await self.cluster.orchestrator.ask(checked)

    async def _consider(self, offer: mesos.Offer) -> None:
        await asyncio.sleep(self._dice.choice((0.01, 0.1, 0.1, 1.0)))
        if offer.id.value in self._gone and self._dice.random() < 0.8:
            return
        plan = self._appetite.plan(offer)
        if plan is not None:
            await self._carry_out(offer, plan)

    async def _carry_out(self, offer: mesos.Offer, plan: Plan) -> None:
        filters = mesos.Filters(refuse_seconds=plan.refuse_seconds)
        if not plan.operations:
            decline = scheduler.CallDecline(offer_ids=[offer.id], filters=filters)
            self._spawn(lambda: self._call(lambda rooms, fid: calls.decline(rooms, fid, decline)))
            return
        self.operations.update({asked.name: asked for asked in plan.asked_operations})
        self.tasks.update({asked.name: asked for asked in plan.asked_tasks})
        for asked in (*plan.asked_operations, *plan.asked_tasks):
            self.cluster.trace.note(self.name, f"asks for {asked.name[:8]} {asked.about}")
        accept = scheduler.CallAccept(offer_ids=[offer.id], operations=plan.operations, filters=filters)
        data = encode_msgpack(accept)
        # What it asked for is on its disk: should it die now, its next life asks how that went.
        asked_for = (*plan.asked_operations, *plan.asked_tasks)
        for _ in range(3):
            if all(asked.ended for asked in asked_for):
                break
            try:
                await self._call(lambda rooms, fid: calls.accept(rooms, fid, data))
            except NoAnswer:
                await asyncio.sleep(self._dice.uniform(0.05, 2.0))
                continue
            if self._dice.random() > 0.1:
                break  # else: the same call again
        for asked in (*plan.asked_operations, *plan.asked_tasks):
            asked.settled = True

    async def _reconcile(self) -> bool:
        """Ask about everything that nothing final was heard of. Whether anybody answered."""
        if self.lives > 1:  # calls of an earlier life are over
            for asked in (*self.operations.values(), *self.tasks.values()):
                asked.settled = asked.settled or asked.life < self.lives
        tasks = [name for name, asked in self.tasks.items() if asked.settled and not asked.ended]
        operations = [asked for asked in self.operations.values() if asked.settled and not asked.ended]
        try:
            await self._call(calls.nothing)
            if tasks:
                entries = [
                    scheduler.CallReconcileTask(
                        task_id=mesos.TaskID(value=name),
                        agent_id=mesos.AgentID(value=self.tasks[name].agent_id),
                    )
                    for name in tasks
                ]
                call = scheduler.CallReconcile(tasks=entries)
                await self._call(lambda rooms, fid: calls.reconcile(rooms, fid, call))
            for asked in operations:
                await self._call(lambda rooms, fid, asked=asked: calls.look_up(rooms, fid, asked))  # type: ignore[misc]
            if self.draining:
                await self._wind_down()
        except NoAnswer:
            return False
        return True

    async def _kill_now_and_then(self, dice: random.Random) -> None:
        """Whether or not its agent is there."""
        while not self.draining:
            await asyncio.sleep(dice.uniform(0.0, KILL_SECONDS))
            if self.cluster.faulty and self.running:
                name = dice.choice(list(self.running))
                self._spawn(lambda name=name: self._kill(name))  # type: ignore[misc]

    async def _kill(self, name: str) -> None:
        """Once: when it was answered, the task ends, whoever dies. Raises NoAnswer."""
        agent_id = self.running.get(name)
        if agent_id is None or name in self.killed:
            return
        call = scheduler.CallKill(task_id=mesos.TaskID(value=name), agent_id=mesos.AgentID(value=agent_id))
        await self._call(lambda rooms, fid: calls.kill(rooms, fid, call))
        self.killed.add(name)

    async def _wind_down(self) -> None:
        for name in list(self.running):
            await self._kill(name)
        for agent, executor_id in self.to_shut_down:
            shutdown = scheduler.CallShutdown(executor_id=executor_id, agent_id=agent)
            await self._call(lambda rooms, fid, call=shutdown: calls.shut_down(rooms, fid, call))  # type: ignore[misc]
        await self._call(calls.revive)
