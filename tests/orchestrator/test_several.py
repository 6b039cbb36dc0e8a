"""Agents and several orchestrators over real sockets: whom they dial, whom they obey, what a deposed one can.

The orchestrators share one SQLite file here, of which each takes the lease from the one before: what the
lease is by time, `test_candidacy` plays, and `e2e/test_failover.py` on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import weakref
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from random import Random

import pytest

from agent.addresses import Addresses, parsed
from agent.link import Link, LinkLimits
from agent.link_stream import StreamConnector
from api.model.quantity import parse_size
from api.wire.codec import encode_msgpack
from api.wire.frames import encode_frame
from api.wire.v1 import link, master, mesos
from cli.daemon_settings import OrchestratorSettings
from cli.leadership import http_server
from cli.process import DaemonProcess
from orchestrator.daemon import Orchestrator
from orchestrator.lease import Deposed
from orchestrator.link_front import UNLED_SECONDS, KnownLeader, LinkFront
from store.port import StoreFailed
from tests.orchestrator.scripted import ScriptedAgent, lead, open_store

SECONDS = 30.0


class Host:
    """What a link asks of its agent, kept in memory."""

    def __init__(self) -> None:
        self.agent_id: str | None = None
        self.epoch = 0
        self.hellos: list[link.AgentMessageRegister] = []
        self.messages: list[link.OrchestratorMessage] = []

    @property
    def highest_epoch(self) -> int:
        return self.epoch

    def registration(self) -> link.AgentMessageRegister:
        info = mesos.AgentInfo(hostname="host-1")
        if self.agent_id is not None:
            info.id = mesos.AgentID(value=self.agent_id)
        self.hellos.append(link.AgentMessageRegister(agent_info=info, version="1", highest_epoch=self.epoch))
        return self.hellos[-1]

    async def registered(self, message: link.OrchestratorMessageRegistered, epoch: int) -> None:
        self.agent_id, self.epoch = message.agent_id.value, epoch

    def gone(self, why: str) -> None:
        raise AssertionError(why)

    def owe(self) -> None:
        pass

    def disconnected(self) -> None:
        pass

    def received(self, message: link.OrchestratorMessage) -> None:
        self.messages.append(message)


class Site:
    """One orchestrator's place: its port, and its rooms while it leads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.front = LinkFront()
        self.port = 0
        self.rooms: Orchestrator | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def listen(self) -> None:
        self.port = await self.front.start("127.0.0.1", 0)
        self.front.follow(None)

    async def lead(self) -> Orchestrator:
        """In a new epoch, whoever led before."""
        self.store = open_store(self._folder)
        self.rooms = await lead(self.store, seed=self.port)
        self.front.lead(self.rooms.agent_link)
        return self.rooms

    def follow(self, other: Site) -> None:
        assert other.rooms is not None
        self.front.follow(KnownLeader(other.rooms.epoch, other.address))

    async def close(self) -> None:
        self.front.stop()
        if self.rooms is not None:
            self.rooms.drop()
            await self.store.close()


@pytest.fixture
async def sites(tmp_path: Path) -> AsyncIterator[list[Site]]:
    made = [Site(tmp_path) for _ in range(3)]
    for site in made:
        await site.listen()
    yield made
    for site in made:
        await site.close()


@contextlib.asynccontextmanager
async def agent(sites: list[Site]) -> AsyncIterator[tuple[Host, Link]]:
    """One that dials these, in their order."""
    host = Host()
    (first, *others) = [("127.0.0.1", site.port) for site in sites]
    made = Link(StreamConnector(*first, others), host, Random(1))
    job = asyncio.create_task(made.run())
    try:
        yield host, made
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


async def comes(true: Callable[[], object]) -> None:
    async with asyncio.timeout(SECONDS):
        while not true():  # noqa: ASYNC110 - there is no event for all of this
            await asyncio.sleep(0.005)


async def test_an_agent_goes_at_once_where_a_standby_sends_it(sites: list[Site]) -> None:
    standby, leader, _ = sites
    rooms = await leader.lead()
    standby.follow(leader)
    async with agent([standby, leader]) as (host, made):
        await comes(lambda: made.connected)
        assert host.epoch == rooms.epoch
        assert len(host.hellos) == 2, "the standby and the leader were each asked once"
        assert list(rooms.agent_sessions.peers()) == [host.agent_id]


async def test_a_leader_that_was_not_given_is_found_by_a_standby_that_was(sites: list[Site]) -> None:
    standby, leader, _ = sites
    await leader.lead()
    standby.follow(leader)
    async with agent([standby]) as (_, made):
        await comes(lambda: made.connected)


async def test_an_agent_that_finds_nobody_who_leads_waits_and_is_taken_in_by_who_will(
    sites: list[Site],
) -> None:
    future, *_ = sites
    async with agent([future]) as (host, made):
        await comes(lambda: host.hellos)
        rooms = await future.lead()
        await comes(lambda: made.connected)
        assert len(host.hellos) == 1, "it registered with the word that it had said already"
        assert list(rooms.agent_sessions.peers()) == [host.agent_id]


async def test_an_agent_that_lost_its_leader_is_sent_to_the_next_one_when_there_is_one(
    sites: list[Site],
) -> None:
    first, second, standby = sites
    await first.lead()
    standby.follow(first)
    second.follow(first)
    async with agent([first, standby]) as (host, made):
        await comes(lambda: made.connected)
        known = host.agent_id
        assert first.rooms is not None
        first.front.stop()
        first.rooms.drop()
        await comes(lambda: host.hellos[-1].lost_leader is True)
        rooms = await second.lead()
        standby.follow(second)
        await comes(lambda: made.connected)
        assert (host.epoch, host.agent_id) == (rooms.epoch, known)
        assert list(rooms.agent_sessions.peers()) == [known]


async def test_what_goes_on_talking_while_it_is_kept_waiting_is_not_kept(sites: list[Site]) -> None:
    hello = link.AgentMessageRegister(agent_info=mesos.AgentInfo(hostname="host-1"), version="1")
    message = link.AgentMessage(type=link.AgentMessageType.REGISTER, register=hello)
    reader, writer = await asyncio.open_connection("127.0.0.1", sites[0].port)
    writer.write(encode_frame(encode_msgpack(message)))
    began = asyncio.get_running_loop().time()
    with contextlib.suppress(ConnectionError):
        for _ in range(100):
            writer.write(bytes(64 * 1024))
            await writer.drain()
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b"", "it is not even told why"
    assert asyncio.get_running_loop().time() - began < UNLED_SECONDS
    writer.close()


async def test_an_agent_tells_that_an_orchestrator_says_nothing() -> None:
    server = await asyncio.start_server(lambda _, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = Link(StreamConnector("127.0.0.1", port), Host(), Random(1), LinkLimits(register_timeout=0.05))
    job = asyncio.create_task(made.run())
    await comes(lambda: "lost: nothing heard" in str(made.last_error))
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    server.close()


async def test_a_leader_that_stops_ends_every_link_and_an_agent_finds_the_next(sites: list[Site]) -> None:
    first, second, _ = sites
    rooms = await first.lead()
    async with agent([first, second]) as (host, made):
        await comes(lambda: made.connected)
        await rooms.stop()
        first.front.follow(None)
        await second.lead()
        first.follow(second)
        await comes(lambda: made.connected and host.epoch == rooms.epoch + 1)


async def test_a_deposed_leader_writes_nothing_and_no_agent_obeys_it(sites: list[Site]) -> None:
    """As after a pause that its own clock did not see: it believes that it leads."""
    old, new, _ = sites
    deposed = await old.lead()
    async with agent([old]) as (host, made):
        await comes(lambda: made.connected)
        agent_id = host.agent_id
        assert agent_id is not None
        await ScriptedAgent().join(deposed)  # with a pool for the volume below
        rooms = await new.lead()
        async with agent([new]) as (other, again):
            other.agent_id, other.epoch = agent_id, host.epoch
            await comes(lambda: again.connected)
            # The agent has one highest epoch, whichever of its links heard of it.
            host.epoch = other.epoch
            assert host.epoch == rooms.epoch == deposed.epoch + 1
            before = len(host.messages)
            deposed.agent_sessions.send(
                agent_id,
                link.OrchestratorMessage(
                    type=link.OrchestratorMessageType.KILL_TASK,
                    epoch=deposed.epoch,
                    kill_task=link.OrchestratorMessageKillTask(
                        framework_id=mesos.FrameworkID(value="f"), task_id=mesos.TaskID(value="t")
                    ),
                ),
            )
            await comes(lambda: f"epoch {deposed.epoch} spoke" in str(made.last_error))
            assert len(host.messages) == before, "what it says is not obeyed"
            wanted = master.CallProvisionVolume(name="late", profile="default", size_bytes=parse_size("1GiB"))
            with pytest.raises(StoreFailed):
                await deposed.provisioning.provision(wanted)
            assert isinstance(await deposed.failed, Deposed), "it is told to stop leading, and why"
            assert again.connected and rooms.provisioning.volumes == {}
            with pytest.raises(StoreFailed):
                await deposed.provisioning.provision(wanted)


async def test_what_a_leadership_had_in_memory_goes_with_it(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    rooms = await lead(store)
    server = http_server(rooms, DaemonProcess(OrchestratorSettings))
    server.open()
    scripted = ScriptedAgent()
    await scripted.join(rooms)
    await rooms.provisioning.provision(
        master.CallProvisionVolume(name="data", profile="default", size_bytes=parse_size("1GiB"))
    )
    await rooms.journal.drain()
    scripted.close("it is dropped")
    left = [weakref.ref(each) for each in (rooms, rooms.state, server)]
    rooms.drop()
    await server.close()
    await store.close()
    del rooms, server
    await asyncio.sleep(0)
    gc.collect()
    assert [each() for each in left] == [None, None, None]


def test_addresses_are_dialled_in_turn_and_the_named_leader_first() -> None:
    a, b, c = (parsed(f"host-{name}:5060") for name in "abc")
    addresses = Addresses([a, b, c, a])
    assert addresses.several
    assert [addresses.next() for _ in range(4)] == [a, b, c, a]
    addresses.name(a)
    assert [addresses.next() for _ in range(2)] == [a, b], "after the leader comes the one behind it"
    addresses.name(("elsewhere", 1))
    assert [addresses.next() for _ in range(2)] == [("elsewhere", 1), c]
    assert not Addresses([a]).several


@pytest.mark.parametrize("text", ["", "host", "host:", ":1", "host:0", "host:65536", "host:x", "host:²"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not HOST:PORT"):
        parsed(text)
    assert parsed(" [::1]:5060 ") == ("::1", 5060)
