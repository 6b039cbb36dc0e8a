"""What a subscriber rebuilds from its snapshot and the events after it is the state, at every moment.

The state changes at random, also between any two steps in which a snapshot is made and any two subscribers
that are handed events. Every change is told apart from every other, so a subscriber that is left out, told
twice, or told in another order has a state that never was, or misses one that was.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from api.model.resource import Resource
from api.model.resources import Resources
from api.model.values import Scalar
from api.wire.content import MEDIA_TYPES, MediaType, decode
from api.wire.recordio import RecordDecoder
from api.wire.v1 import master, mesos
from orchestrator import buckets, fan_out, snapshots
from orchestrator.daemon import Orchestrator
from orchestrator.events import EventStream
from orchestrator.kinds import Kinds
from orchestrator.snapshots import StateSnapshots
from orchestrator.staleness import Staleness
from orchestrator.state import TERMINAL_TASK_STATES, Agent, ChangeKind, Framework, Provider, Task
from orchestrator.state_view import StateView
from orchestrator.streams import RecordStream, Streams
from orchestrator.subjects import Filter
from tests.orchestrator.scripted import lead, open_store

CHANGES = 120
SEEDS = range(12)
E = master.EventType
S = mesos.TaskState

Truth = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
"""Tasks, frameworks and agents by id, each with what tells its versions apart."""


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others have their turn after every step, and buckets are many, though the cluster is small."""
    monkeypatch.setattr(snapshots, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(buckets, "BUCKET_ENTITIES", 4)
    monkeypatch.setattr(buckets, "SPARSE", 1)


class SlowJournal:
    """Writes that become durable when the test says so."""

    def __init__(self) -> None:
        self._writes: list[asyncio.Future[None]] = []

    @property
    def latest(self) -> asyncio.Future[None] | None:
        return self._writes[-1] if self._writes and not self._writes[-1].done() else None

    async def barrier(self) -> None:
        if self.latest is not None:
            await asyncio.shield(self.latest)

    def begin(self) -> None:
        self._writes.append(asyncio.get_running_loop().create_future())

    def end(self) -> None:
        """The oldest that is under way."""
        for write in self._writes:
            if not write.done():
                write.set_result(None)
                return

    def end_all(self) -> None:
        for write in self._writes:
            if not write.done():
                write.set_result(None)


class Cluster:
    """Changes the state at random, and remembers all states that it was in."""

    def __init__(self, rooms: Orchestrator, random: Random) -> None:
        self._state = rooms.state
        self._random = random
        self._count = 0
        self.history: list[Truth] = [self.truth()]

    def change(self) -> None:
        self._count += 1
        changes = [self._add_task] * 4 + [self._tell_task] * 6 + [self._complete_task] * 2
        changes += [self._framework, self._end_framework, self._agent, self._lose_agent]
        self._random.choice(changes)()
        if self.truth() != self.history[-1]:
            self.history.append(self.truth())

    def truth(self) -> Truth:
        live = {key: task for key, task in self._state.tasks.items() if not task.is_terminal}
        return (
            {"/".join(key): (str(task.state), task.statuses[-1].timestamp) for key, task in live.items()},
            {key: each.info.name for key, each in self._state.frameworks.items()},
            {key: each.version for key, each in self._state.agents.items() if each.connected},
        )

    def _add_task(self) -> None:
        owner, place = f"f{self._random.randrange(3)}", f"a{self._random.randrange(3)}"
        held = Resources([Resource("cpus", Scalar(self._random.choice((100, 200))))])
        task = Task(owner, f"t{self._count}", place, "role", "task", S.TASK_STAGING, held)
        task.statuses = [self._status(task, S.TASK_STAGING)]
        self._state.add_task(task)

    def _tell_task(self) -> None:
        live = [task for task in self._state.tasks.values() if not task.is_terminal]
        if live:
            task = self._random.choice(live)
            task.state = self._random.choice((S.TASK_RUNNING, S.TASK_RUNNING, S.TASK_FINISHED))
            task.statuses = [*task.statuses, self._status(task, task.state)][-2:]
            self._state.changed(ChangeKind.TASK_UPDATED, task)

    def _complete_task(self) -> None:
        over = [task for task in self._state.tasks.values() if task.is_terminal]
        if over:
            self._state.complete_task(self._random.choice(over))

    def _status(self, task: Task, state: S) -> mesos.TaskStatus:
        return mesos.TaskStatus(
            task_id=mesos.TaskID(value=task.task_id), state=state, timestamp=float(self._count)
        )

    def _framework(self) -> None:
        framework_id = f"f{self._random.randrange(3)}"
        info = mesos.FrameworkInfo(
            user="me", name=f"version {self._count}", id=mesos.FrameworkID(value=framework_id)
        )
        known = self._state.frameworks.get(framework_id)
        if known is not None:
            known.info = info
            self._state.changed(ChangeKind.FRAMEWORK_UPDATED, known)
        else:
            self._state.frameworks[framework_id] = Framework(framework_id, info, 0.0)
            self._state.changed(ChangeKind.FRAMEWORK_ADDED, self._state.frameworks[framework_id])

    def _end_framework(self) -> None:
        if self._state.frameworks:
            framework = self._state.frameworks.pop(self._random.choice(list(self._state.frameworks)))
            self._state.completed_frameworks.append(framework)
            self._state.changed(ChangeKind.FRAMEWORK_REMOVED, framework)

    def _agent(self) -> None:
        agent_id = f"a{self._random.randrange(3)}"
        if agent_id in self._state.agents and self._state.agents[agent_id].connected:
            return
        info = mesos.AgentInfo(hostname=agent_id, id=mesos.AgentID(value=agent_id))
        agent = Agent(agent_id, info, f"version {self._count}", connected=True, registered_at=0.0)
        own = agent.providers[None] = Provider((agent_id, None), None, b"")
        own.totals.report(Resources([Resource("cpus", Scalar(16_000))]), ())
        self._state.agents[agent_id] = agent
        self._state.changed(ChangeKind.AGENT_ADDED, agent)
        self._state.changed(ChangeKind.PROVIDER_UPDATED, own)

    def _lose_agent(self) -> None:
        here = [agent for agent in self._state.agents.values() if agent.connected]
        if here:
            agent = self._random.choice(here)
            agent.connected = False
            self._state.changed(ChangeKind.AGENT_UPDATED, agent)


class Client:
    """Rebuilds the state of a cluster from what its stream says."""

    def __init__(self, media_type: MediaType, wanted: Filter | None) -> None:
        self.media_type = media_type
        self.wanted = wanted
        self.stream: RecordStream | None = None

    def states(self) -> list[Truth]:
        """Every state that it ever saw, one for each event."""
        assert self.stream is not None
        tasks: dict[str, Any] = {}
        frameworks: dict[str, Any] = {}
        agents: dict[str, Any] = {}
        seen: list[Truth] = []
        for event in _events(self.stream):
            _apply(event, tasks, frameworks, agents)
            if event.type is not E.HEARTBEAT:
                seen.append((dict(tasks), dict(frameworks), dict(agents)))
        return seen

    def part_of(self, truth: Truth, places: dict[str, str]) -> Truth:
        """What of a state its filter admits. `places`: the agents of tasks."""
        if self.wanted is None:
            return truth
        tasks, frameworks, agents = truth
        owners, hosts = self.wanted.framework_ids, self.wanted.agent_ids
        return (
            {k: v for k, v in tasks.items() if k.split("/")[0] in owners or places[k] in hosts},
            {k: v for k, v in frameworks.items() if k in owners},
            {k: v for k, v in agents.items() if k in hosts},
        )


def _apply(event: Any, tasks: dict[str, Any], frameworks: dict[str, Any], agents: dict[str, Any]) -> None:
    match event.type:
        case E.SUBSCRIBED:
            state = event.subscribed.get_state
            tasks |= {_key(each): _version(each) for each in state.get_tasks.tasks if _is_live(each)}
            shown = state.get_frameworks.frameworks
            frameworks |= {each.framework_info.id.value: each.framework_info.name for each in shown}
            live = [each for each in state.get_agents.agents if each.active]
            agents |= {each.agent_info.id.value: each.version for each in live}
        case E.TASK_ADDED:
            assert _key(event.task_added.task) not in tasks
            tasks[_key(event.task_added.task)] = _version(event.task_added.task)
        case E.TASK_UPDATED:
            body = event.task_updated
            key = f"{body.framework_id.value}/{body.status.task_id.value}"
            assert key in tasks
            tasks[key] = (str(body.state), body.status.timestamp)
            if body.state in TERMINAL_TASK_STATES:
                del tasks[key]
        case E.FRAMEWORK_ADDED | E.FRAMEWORK_UPDATED:
            body = event.framework_added or event.framework_updated
            frameworks[body.framework.framework_info.id.value] = body.framework.framework_info.name
        case E.FRAMEWORK_REMOVED:
            del frameworks[event.framework_removed.framework_info.id.value]
        case E.AGENT_ADDED:
            agents[event.agent_added.agent.agent_info.id.value] = event.agent_added.agent.version
        case E.AGENT_REMOVED:
            del agents[event.agent_removed.agent_id.value]


def _is_live(task: mesos.Task) -> bool:
    return task.state not in TERMINAL_TASK_STATES


def _key(task: mesos.Task) -> str:
    return f"{task.framework_id.value}/{task.task_id.value}"


def _version(task: mesos.Task) -> tuple[str, Any]:
    return str(task.state), task.statuses[-1].timestamp


def _events(stream: RecordStream) -> Iterator[master.Event]:
    """What waits in a stream that nobody was connected to."""
    data, decoder = b"".join([*stream._begin, *stream._waiting]), RecordDecoder()
    while data:
        length, _, rest = data.partition(b"\r\n")
        for record in decoder.feed(rest[: int(length, 16)]):
            yield decode(master.Event, record, stream.media_type)
        data = rest[int(length, 16) + 2 :]


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_snapshot_and_what_follows_are_the_state_at_every_moment(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(seed)
    if seed % 2:  # events are handed to one subscriber at a time, else to all at once
        monkeypatch.setattr(fan_out, "SLICE_SECONDS", 0.0)
        monkeypatch.setattr(fan_out, "LOOK_AT", 1)
    store = open_store(tmp_path)
    rooms = await lead(store)
    journal = SlowJournal()
    provisioning, offers, asked = rooms.provisioning, rooms.offers, rooms.inverse_offers
    kinds = Kinds(rooms.state, rooms.operations, offers, provisioning, rooms.standings, asked)
    staleness = Staleness(kinds, rooms.state, rooms.ledger, offers, provisioning, asked)
    view = StateView(rooms.state, offers, provisioning, rooms.allocator, rooms.standings, kinds, staleness)
    events = EventStream(
        rooms.state,
        view,
        StateSnapshots(view),
        journal,
        Streams(),
        heartbeat_interval=15.0,  # type: ignore[arg-type]
    )
    cluster = Cluster(rooms, random)
    places: dict[str, str] = {}
    clients: list[Client] = []
    subscribing: list[asyncio.Task[None]] = []

    def change() -> None:
        cluster.change()
        places.update({"/".join(key): task.agent_id for key, task in rooms.state.tasks.items()})

    async def subscribe(client: Client) -> None:
        change()  # in the same turn of the loop
        client.stream = await events.subscribe(client.media_type, client.wanted)
        clients.append(client)

    for _ in range(CHANGES):
        for _ in range(random.choice((0, 1, 1, 3))):
            change()
        random.choice((journal.begin, journal.end, *[lambda: None] * 4))()
        if random.random() < 0.3:
            wanted = random.choice((None, None, Filter(frozenset({"f1"}), frozenset({"a2"}))))
            client = Client(random.choice(MEDIA_TYPES), wanted)
            subscribing.append(asyncio.ensure_future(subscribe(client)))
        for _ in range(random.choice((0, 0, 1, 2, 20))):
            await asyncio.sleep(0)
    journal.end_all()
    async with asyncio.timeout(30):
        await asyncio.gather(*subscribing)
        while events._gathered or events._sender is not None:  # noqa: ASYNC110 - until all is handed over
            await asyncio.sleep(0)
    assert clients
    for client in clients:
        history = _without_repeats([client.part_of(truth, places) for truth in cluster.history])
        seen = _without_repeats(client.states()) if client.wanted else client.states()
        assert seen == history[len(history) - len(seen) :]
    await rooms.stop()
    await store.close()


def _without_repeats(states: list[Truth]) -> list[Truth]:
    return [state for index, state in enumerate(states) if index == 0 or state != states[index - 1]]
