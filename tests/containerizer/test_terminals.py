"""A container with a terminal, and one that sees a name of its own as its host's."""

from __future__ import annotations

import asyncio
import os
import select
import socket
from typing import Any

import pytest

from agent.containerizer.interface import ContainerizerError, Who
from agent.containerizer.shim.terminal import Terminal
from tests.containerizer.conftest import Host
from tests.containerizer.test_contract import until
from tests.containerizer.test_input import heard

EXEC = "exec"


async def session(host: Host, script: str, **more: Any) -> None:
    """A script with a terminal in the midst of a container, of either containerizer."""
    await host.containerizer.launch(host.spec("main", "sleep 600"))
    spec = host.nested(EXEC, "main", script, stdin=True, terminal=(24, 80), **more)
    await host.containerizer.launch(spec)


async def typed(host: Host, data: bytes) -> None:
    await (await host.containerizer.input(EXEC)).write(data)


async def test_all_three_streams_are_one_terminal_of_the_size_that_was_asked_for(host: Host) -> None:
    script = "for n in 0 1 2; do test -t $n || exit 9; done; stty size; echo to stderr >&2; exit 4"
    await session(host, script)
    assert (await host.containerizer.wait(EXEC)).status == 4
    assert host.output(EXEC) == "24 80\nto stderr\n"


async def test_the_program_is_told_of_a_new_size(host: Host) -> None:
    await session(host, "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.05; done")
    await heard(host, EXEC, "ready")
    await (await host.containerizer.input(EXEC)).resize(50, 132)
    assert (await host.containerizer.wait(EXEC)).status == 0
    assert "50 132" in host.output(EXEC)


async def test_keys_interrupt_the_program_and_end_its_input(host: Host) -> None:
    await session(host, "trap 'echo interrupted' INT; cat; echo cat: $?; cat; echo over")
    await typed(host, b"word\n")
    await heard(host, EXEC, "word\nword\n")  # as echoed, and as printed
    await typed(host, b"\x03")
    await heard(host, EXEC, "interrupted\ncat: 130\n")
    await (await host.containerizer.input(EXEC)).close()
    assert (await host.containerizer.wait(EXEC)).status == 0
    assert host.output(EXEC).endswith("over\n")


async def test_much_input_arrives_whole_however_slowly_it_is_read(host: Host) -> None:
    """More than the terminal and the pipe before it hold."""
    await session(host, "stty raw -echo; echo ready; sleep 1; head -c 300000 | cksum; echo over")
    await heard(host, EXEC, "ready")
    async with asyncio.timeout(30):
        await typed(host, b"0123456789" * 30_000)
    assert (await host.containerizer.wait(EXEC)).status == 0
    assert " 300000" in host.output(EXEC) and "over" in host.output(EXEC)


async def test_a_program_may_let_go_of_its_terminal_for_a_while(host: Host) -> None:
    """What is typed meanwhile is more than a terminal holds."""
    away = "exec </dev/null >/dev/null 2>&1; touch away; until test -e back; do sleep 0.05; done"
    await session(host, f"{away}; echo here again >/dev/tty; exit 3")
    await until(host.sandbox("main") / "away")
    await typed(host, b"paste\n" * 5_000)
    (host.sandbox("main") / "back").touch()
    assert (await host.containerizer.wait(EXEC)).status == 3
    assert "here again\n" in host.output(EXEC)


async def test_input_that_ends_within_a_line_has_ended(host: Host) -> None:
    await session(host, "cat; echo over")
    await typed(host, b"word")
    await (await host.containerizer.input(EXEC)).close()
    assert (await asyncio.wait_for(host.containerizer.wait(EXEC), 30)).status == 0
    assert host.output(EXEC).endswith("over\n")


def test_what_is_typed_after_the_programs_end_is_for_nobody() -> None:
    reading, writing = os.pipe()
    poll = select.poll()
    terminal = Terminal(24, 80, reading, poll)
    poll.register(terminal.master, select.POLLIN)
    os.write(writing, b"typed\n" * 600)
    poll.unregister(terminal.master)
    terminal.hang_up()
    terminal.take()
    assert poll.poll(0) == []
    for end in (reading, writing, terminal.master, terminal.slave):
        os.close(end)


async def test_the_terminal_belongs_to_the_user_who_runs(host: Host) -> None:
    await session(host, "id -u; echo x > /proc/self/fd/1; cat < /dev/tty", user="nobody")
    await heard(host, EXEC, "x\n")
    await typed(host, b"typed\n\x04")
    assert (await host.containerizer.wait(EXEC)).status == 0
    assert "typed\ntyped\n" in host.output(EXEC)


async def test_agent_that_comes_back_goes_on_with_the_terminal(host: Host) -> None:
    await session(host, "read -r a; stty size; echo got $a")
    await host.restart()
    await (await host.containerizer.input(EXEC)).resize(10, 20)
    await typed(host, b"it\n")
    assert (await host.containerizer.wait(EXEC)).status == 0
    assert "10 20\ngot it\n" in host.output(EXEC)


async def test_without_a_terminal_there_is_no_size(host: Host) -> None:
    await host.containerizer.launch(host.spec("main", "sleep 600", stdin=True))
    into = await host.containerizer.input("main")
    with pytest.raises(ContainerizerError, match="no terminal") as refused:
        await into.resize(10, 20)
    assert refused.value.who is Who.REQUEST


@pytest.mark.needs("root")
async def test_container_sees_the_hostname_that_it_asks_for_and_what_runs_in_it_too(host: Host) -> None:
    spec = host.spec("main", "uname -n; sleep 600", hostname="db-1.example")
    await host.containerizer.launch(spec)
    await heard(host, "main", "db-1.example\n")
    await host.containerizer.launch(host.nested("inner", "main", "uname -n"))
    assert (await host.containerizer.wait("inner")).status == 0
    assert host.output("inner") == "db-1.example\n"
    assert socket.gethostname() != "db-1.example"
