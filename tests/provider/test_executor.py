"""The executor keeps the machine's order: nothing is done before what it rests on is durable."""

from __future__ import annotations

import asyncio
import random

import pytest
from sqlalchemy import MetaData

from api.model.clock import SystemClock
from api.model.ids import SeededIds
from api.model.operation import OperationState
from provider.calls import CreateVolume
from provider.checkpoint import ProviderTables
from provider.events import CallDone, PluginReady, ProfilesChanged, RefreshDue, SendStatus, Subscribed
from provider.executor import Executor
from provider.machine import Machine
from provider.observer import Observer
from provider.records import Checkpoint
from provider.starts import Kind
from store.port import StoreFailed
from tests.provider.model_plugin import ModelPlugin
from tests.provider.resources import MB, create_disk
from tests.provider.world import DEFAULT, PROVIDER, VENDOR


class GatedStore:
    """Writes become durable when a test lets them."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.error: StoreFailed | None = None
        self.writes = 0

    def submit(self, *changes) -> asyncio.Future[None]:
        return asyncio.ensure_future(self.write(*changes))

    async def write(self, *changes) -> None:
        await self.open.wait()
        if self.error is not None:
            raise self.error
        self.writes += 1


class Edge:
    def __init__(self, plugin: ModelPlugin) -> None:
        self.plugin = plugin
        self.machine: Machine
        self.sent: list[SendStatus] = []
        self.reports: list[str] = []

    async def call_plugin(self, request):
        return await self.plugin.call(request)

    async def act(self, action) -> None:
        raise NotImplementedError

    async def send(self, instruction) -> None:
        self.sent.append(instruction)

    def snapshot(self) -> str:
        return str(self.machine.totals.all())

    async def report(self, snapshot) -> None:
        self.reports.append(snapshot)


class Seen(Observer):
    def __init__(self) -> None:
        self.ended: list[tuple[str, str]] = []

    def operation_ended(self, kind, state, seconds) -> None:
        self.ended.append((kind, state))


class Running:
    def __init__(self) -> None:
        self.store = GatedStore()
        self.edge = Edge(ModelPlugin(1024 * MB))
        self.failures: list[BaseException] = []
        source = random.Random(1)
        self.machine = Machine(
            Checkpoint(),
            kind=Kind.PLUGIN,
            vendor=VENDOR,
            mount_root="/mnt",
            boot_id="b",
            ids=SeededIds(source),
            random=source,
        )
        self.edge.machine = self.machine
        tables = ProviderTables(MetaData())
        self.seen = Seen()
        self.executor = Executor(
            self.machine, self.store, tables, SystemClock(), self.edge, self.failures.append, self.seen
        )

    async def settle(self) -> None:
        for _ in range(200):
            await asyncio.sleep(0)

    async def begin(self) -> None:
        self.executor.start()
        for event in (
            ProfilesChanged({"default": DEFAULT}),
            Subscribed(PROVIDER),
            PluginReady(self.edge.plugin.facts),
        ):
            self.executor.feed(event)
        await self.settle()


@pytest.fixture
async def running():
    made = Running()
    await made.begin()
    yield made
    await made.executor.stop()


async def test_the_plugin_is_called_only_once_the_intent_is_durable(running):
    running.store.open.clear()
    running.executor.feed(create_disk(1, 64))
    await running.settle()
    assert not running.edge.plugin.volumes
    running.store.open.set()
    await running.settle()
    assert len(running.edge.plugin.volumes) == 1


async def test_a_status_is_sent_only_once_the_outcome_is_durable(running):
    running.executor.feed(create_disk(1, 64))
    await asyncio.sleep(0)
    while not running.edge.plugin.volumes:  # noqa: ASYNC110 - the very step after the call
        await asyncio.sleep(0)
    running.store.open.clear()
    await running.settle()
    assert not running.edge.sent
    running.store.open.set()
    await running.settle()
    assert [s.record.state for s in running.edge.sent] == [OperationState.FINISHED]


async def test_a_report_says_nothing_that_is_not_durable(running):
    reports = len(running.edge.reports)
    running.store.open.clear()
    running.edge.plugin.capacity = 512 * MB
    running.executor.feed(RefreshDue())
    await running.settle()
    assert len(running.edge.reports) == reports
    running.store.open.set()
    await running.settle()
    assert "512" in running.edge.reports[-1]


async def test_a_store_that_fails_stops_everything(running):
    running.store.error = StoreFailed("disk full")
    running.executor.feed(create_disk(1, 64))
    await running.settle()
    assert [str(f) for f in running.failures] == ["disk full"]
    assert not running.edge.plugin.volumes and not running.edge.sent


async def test_a_lost_answer_is_repeated_by_the_clock(running):
    plugin = running.edge.plugin
    lost = []

    def lose(request):
        from provider.calls import CreateVolume, PluginError

        if isinstance(request, CreateVolume) and not lost:
            lost.append(request)
            return PluginError("DEADLINE_EXCEEDED", "late")
        return None

    plugin.lose = lose
    running.executor.feed(create_disk(1, 64))
    async with asyncio.timeout(5):
        while not running.edge.sent:  # noqa: ASYNC110 - the executor has no event for a test
            await asyncio.sleep(0.01)
    assert len(plugin.volumes) == 1 and lost
    assert running.seen.ended == [("CREATE_DISK", "OPERATION_FINISHED")]


async def test_calls_that_end_together_do_not_keep_the_next_ones_from_being_made(running):
    """Taking an answer in costs more than making a call, and the plugin's places are empty meanwhile."""
    plugin, order, both, places = running.edge.plugin, [], asyncio.Event(), asyncio.Semaphore(2)
    call, take = plugin.call, running.machine.handle

    async def in_its_place(request):
        if not isinstance(request, CreateVolume):
            return await call(request)
        async with places:
            order.append("call")
            await both.wait()
            return await call(request)

    def taken(event, at):
        if isinstance(event, CallDone):
            order.append("answer")
        return take(event, at)

    plugin.call, running.machine.handle = in_its_place, taken
    for number in range(1, 5):
        running.executor.feed(create_disk(number, 16))
    await running.settle()
    assert order == ["call", "call"]
    both.set()
    await running.settle()
    assert order.index("answer") > order.index("call") and order[-1] == "answer"
    last_call = len(order) - 1 - order[::-1].index("call")
    assert order[:last_call].count("answer") < 2
    assert len(running.edge.sent) == 4


async def test_what_arrives_together_is_taken_in_one_by_one_with_a_turn_for_others_in_between(running):
    order, loop = [], asyncio.get_running_loop()

    def tick(count: int) -> None:
        order.append("others")
        if count:
            loop.call_soon(tick, count - 1)

    taken = [
        asyncio.ensure_future(running.executor.in_turn(lambda number=number: order.append(number)))
        for number in range(3)
    ]
    await asyncio.sleep(0)
    loop.call_soon(tick, 6)
    await asyncio.gather(*taken)
    assert order[order.index(0) : order.index(2) + 1] == [0, "others", 1, "others", 2]


async def test_who_waits_for_its_turn_is_told_what_went_wrong_in_it_and_the_next_one_comes(running):
    def fail() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError, match="nothing there"):
        await running.executor.in_turn(fail)
    done = []
    await running.executor.in_turn(lambda: done.append(True))
    assert done and not running.failures
