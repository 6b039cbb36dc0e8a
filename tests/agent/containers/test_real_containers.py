"""Operators' containers as real processes, over a real socket, on agents that follow one another.

Few and slow: models have the rest.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from agent.containerizer.process import ProcessContainerizer
from agent.operator_api import OperatorApi
from agent.operator_calls import OperatorCalls
from agent.providers.api import ProviderApi
from tests.agent.containers.site import Site, identified
from tests.agent.world import World

pytestmark = pytest.mark.needs("root")


class RealWorld(World):
    """A world whose containers are processes. Everything else is a model."""

    processes: ProcessContainerizer

    async def begin(self) -> None:
        """An agent on what survived the last one."""
        self.processes = ProcessContainerizer(self.path, self.clock)
        await self.processes.start()
        self.containerizer = self.processes
        await self.start()

    async def end(self) -> None:
        """As good as a kill: a stop writes nothing."""
        await self.crash()
        await self.processes.close()

    @asynccontextmanager
    async def site(self) -> AsyncIterator[Site]:
        assert self.agent is not None
        calls = OperatorCalls(self.agent, self.processes, self.files, "0.1.0")
        provider_api = ProviderApi(self.manager, self.ids)  # type: ignore[arg-type]
        api = OperatorApi(self.agent, calls, self.edge, provider_api, [], "127.0.0.1", 0, pages=self.pages)
        await api.start()
        try:
            async with aiohttp.ClientSession() as session:
                yield Site(session, f"http://127.0.0.1:{api.port}")
        finally:
            await api.stop()


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[RealWorld]:
    world = RealWorld(tmp_path)
    await world.begin()
    try:
        yield world
    finally:
        for record in reversed(world.containers.records):
            if record.live:
                await world.containers.kill(record.path, 0.0, None)
        for record in list(world.containers.records):
            await asyncio.wait_for(world.containers.wait(record.path), 20)
        for path in [record.path for record in world.containers.records if len(record.path) == 1]:
            await world.containers.remove(path)
        left = await world.processes.list()
        await world.end()
        await world.close()
        assert left == []


def is_there(pid: int | None) -> bool:
    return Path(f"/proc/{pid}").exists()


def namespace_of(pid: int | None) -> str:
    return str(Path(f"/proc/{pid}/ns/mnt").readlink())


def first(path: str) -> dict[str, object]:
    content = {"type": "CONTAINER_ID", "container_id": identified(path)}
    return {"type": "ATTACH_CONTAINER_INPUT", "attach_container_input": content}


def data(content: bytes) -> dict[str, object]:
    piece = {"type": "STDIN", "data": base64.b64encode(content).decode()}
    io = {"type": "PROCESS_IO", "process_io": {"type": "DATA", "data": piece}}
    return {"type": "ATTACH_CONTAINER_INPUT", "attach_container_input": io}


async def test_a_life_with_input_output_and_a_result(real: RealWorld) -> None:
    async with real.site() as site:
        script = "while read line; do echo got $line; done; exit 6"
        assert (await site.launch("a", script, stdin=True))[0] == 200
        async with site.stream("ATTACH_CONTAINER_OUTPUT", "a") as output:
            assert (await site.send_input([first("a"), data(b"one\ntwo\n")]))[0] == 200
            await output.until(b"got two\n")
            assert (await site.send_input([first("a"), data(b"")]))[0] == 200
            await output.rest()
            assert output.printed["STDOUT"] == b"got one\ngot two\n"
        _, answer = await site.call("WAIT_CONTAINER", "a")
        assert answer["wait_container"]["exit_status"] == 6 << 8


async def test_the_next_agent_finds_families_and_how_they_ended(real: RealWorld) -> None:
    async with real.site() as site:
        await site.launch("a", "sleep 1000")
        await site.launch("a.b", "sleep 1000")
        await site.launch("a.b.c", "exit 5")
        await site.call("WAIT_CONTAINER", "a.b.c")
        async with site.stream(
            "LAUNCH_NESTED_CONTAINER_SESSION", "a.sh", command={"value": "echo here; sleep 1000"}
        ) as output:
            await output.until(b"here")
            pids = [each.pid for each in real.containers.records if each.pid is not None]
            assert len(pids) == 3
    await real.end()
    await real.begin()
    async with real.site() as site:
        _, answer = await site.call("WAIT_CONTAINER", "a.b.c")
        assert answer["wait_container"]["exit_status"] == 5 << 8
        async with asyncio.timeout(10):
            while real.containers.find(("a", "sh")) is not None:  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.02)
        assert (await site.call("KILL_CONTAINER", "a"))[0] == 200
        _, answer = await site.call("WAIT_CONTAINER", "a.b")
        assert answer["wait_container"]["state"] == "TASK_FAILED"
        await site.call("WAIT_CONTAINER", "a")  # either may be the first to have ended
        assert (await site.call("REMOVE_CONTAINER", "a"))[0] == 200
    assert [pid for pid in pids if is_there(pid)] == []
    assert await real.processes.list() == []


async def test_what_is_nested_sees_what_its_parent_sees(real: RealWorld) -> None:
    async with real.site() as site:
        environment = {"variables": [{"name": "OF_PARENT", "value": "yes"}]}
        call = {"value": "echo mine > file; sleep 1000", "environment": environment}
        await site.call("LAUNCH_CONTAINER", "a", command=call)
        script = "until cat file; do sleep 0.05; done; echo $OF_PARENT; readlink /proc/self/ns/mnt"
        command = {"value": script}
        async with site.stream("LAUNCH_NESTED_CONTAINER_SESSION", "a.sh", command=command) as output:
            await output.rest()
            content, inherited, namespace = output.printed["STDOUT"].decode().split()
        (parent,) = [each.pid for each in real.containers.records if each.path == ("a",)]
        assert (content, inherited, namespace) == ("mine", "yes", namespace_of(parent))


async def test_a_program_that_is_not_there_leaves_nothing(real: RealWorld) -> None:
    async with real.site() as site:
        command = {"shell": False, "value": "/no/such/program"}
        status, text = await site.call("LAUNCH_CONTAINER", "a", command=command)
        assert (status, "/no/such/program" in text) == (400, True)
    assert real.containers.records == []
    assert await real.processes.list() == []
    assert not (real.path / "sandboxes" / "containers").exists()


async def test_a_session_with_a_terminal_has_the_size_that_its_client_says(real: RealWorld) -> None:
    def sized(rows: int, columns: int) -> dict[str, object]:
        size = {"window_size": {"rows": rows, "columns": columns}}
        control = {"type": "CONTROL", "control": {"type": "TTY_INFO", "tty_info": size}}
        content = {"type": "PROCESS_IO", "process_io": control}
        return {"type": "ATTACH_CONTAINER_INPUT", "attach_container_input": content}

    async with real.site() as site:
        await site.launch("a", "sleep 1000")
        terminal = {"type": "MESOS", "tty_info": {"window_size": {"rows": 30, "columns": 90}}}
        command = {"value": "stty size; read -r word; stty size; echo said $word >&2; exit 3"}
        async with site.stream(
            "LAUNCH_NESTED_CONTAINER_SESSION", "a.sh", command=command, container=terminal
        ) as output:
            await output.until(b"30 90\r\n")
            assert (await site.send_input([first("a.sh"), sized(7, 70_000)]))[0] == 400
            assert (await site.send_input([first("a"), sized(7, 8)]))[0] == 400
            assert (await site.send_input([first("a.sh"), sized(7, 8), data(b"hi\n")]))[0] == 200
            await output.rest()
            assert output.printed["STDOUT"].endswith(b"7 8\r\nsaid hi\r\n")
        _, answer = await site.call("WAIT_CONTAINER", "a.sh")
        assert answer["wait_container"]["exit_status"] == 3 << 8


async def test_a_session_misses_nothing_of_what_is_printed_however_late_it_is_read(real: RealWorld) -> None:
    printed = 25_000_000
    async with real.site() as site:
        await site.launch("a", "sleep 1000")
        command = {"value": f"head -c {printed} /dev/zero; echo over; echo said >&2; exit 4"}
        async with site.stream("LAUNCH_NESTED_CONTAINER_SESSION", "a.sh", command=command) as output:
            await asyncio.sleep(1)
            await output.rest(60)
            assert len(output.printed["STDOUT"]) == printed + 5
            assert output.printed["STDERR"] == b"said\n"
        _, answer = await site.call("WAIT_CONTAINER", "a.sh")
        assert answer["wait_container"]["exit_status"] == 4 << 8


async def test_a_session_that_waits_for_its_reader_ends_with_its_connection(real: RealWorld) -> None:
    async with real.site() as site:
        await site.launch("a", "sleep 1000")
        command = {"value": "cat /dev/zero"}
        async with site.stream("LAUNCH_NESTED_CONTAINER_SESSION", "a.sh", command=command) as output:
            await output.until(b"\0")
        async with asyncio.timeout(20):
            while real.containers.find(("a", "sh")) is not None:  # noqa: ASYNC110 - it has no event
                await asyncio.sleep(0.02)
    assert [state.id for state in await real.processes.list()] == [real.containers.records[0].run_id]
