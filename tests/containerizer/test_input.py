"""What is written to a container's standard input, whoever dies in between."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from agent.containerizer.interface import ContainerizerError, UnknownContainer, Who
from agent.containerizer.watch import scope_of
from tests.containerizer.conftest import REPOSITORY, Host


async def heard(host: Host, name: str, words: str) -> None:
    async with asyncio.timeout(10):
        while not (host.sandbox(name) / "stdout").exists() or words not in host.output(name):
            await asyncio.sleep(0.02)


async def test_a_container_reads_what_is_written_until_the_input_is_closed(host: Host) -> None:
    await host.containerizer.launch(host.spec("cat", "cat; echo end", stdin=True))
    into = await host.containerizer.input("cat")
    await into.write(b"one\n")
    await into.write(b"two\n")
    await heard(host, "cat", "two\n")
    await into.close()
    await into.close()
    assert (await host.containerizer.wait("cat")).status == 0
    assert host.output("cat") == "one\ntwo\nend\n"


async def test_without_an_input_there_is_nothing_to_read(host: Host) -> None:
    await host.containerizer.launch(host.spec("cat", "cat; echo end"))
    assert (await host.containerizer.wait("cat")).status == 0
    assert host.output("cat") == "end\n"


@pytest.mark.parametrize("host", ["podman"], indirect=True)
@pytest.mark.needs("root", "podman")
async def test_an_input_stays_open_when_agent_and_service_are_killed(host: Host) -> None:
    await host.containerizer.launch(host.spec("cat", "cat; echo end", stdin=True))
    await (await host.containerizer.input("cat")).write(b"before\n")
    found = subprocess.run(
        ["pgrep", "-f", f"unix://.*{scope_of(host.work_dir)}.sock"], capture_output=True, text=True
    )
    os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
    await host.restart()
    into = await host.containerizer.input("cat")
    await into.write(b"after\n")
    await into.close()
    assert (await host.containerizer.wait("cat")).status == 0
    assert host.output("cat") == "before\nafter\nend\n"


async def test_an_agent_that_dies_while_it_writes_ends_nothing(host: Host) -> None:
    await host.containerizer.launch(host.spec("cat", "read -r a; echo $a; read -r b; echo $b", stdin=True))
    await host.containerizer.close()
    script = (
        "import asyncio, os, pathlib\n"
        "from tests.containerizer.conftest import make\n"
        "async def main():\n"
        f"    found = make({host.kind!r}, pathlib.Path({str(host.work_dir)!r}))\n"
        "    await found.start()\n"
        "    await (await found.input('cat')).write(b'one\\nt')\n"
        "    os._exit(9)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, check=False)
    assert done.returncode == 9, done.stderr.decode()
    await host.come_back()
    await (await host.containerizer.input("cat")).write(b"wo\n")
    assert (await host.containerizer.wait("cat")).status == 0
    assert host.output("cat") == "one\ntwo\n"


async def test_a_write_waits_for_a_container_that_reads_slowly(host: Host) -> None:
    size = 400_000
    script = "while [ ! -e go ]; do sleep 0.05; done; wc -c"
    await host.containerizer.launch(host.spec("slow", script, stdin=True))
    into = await host.containerizer.input("slow")
    writing = asyncio.create_task(into.write(b"x" * size))
    await asyncio.sleep(0.3)
    assert not writing.done(), "a pipe takes 64 kB"
    (host.sandbox("slow") / "go").touch()
    await writing
    await into.close()
    await host.containerizer.wait("slow")
    assert host.output("slow").split() == [str(size)]


async def test_what_cannot_be_read_any_more_is_refused(host: Host) -> None:
    await host.containerizer.launch(host.spec("deaf", "exec < /dev/null; touch ready; sleep 60", stdin=True))
    await host.containerizer.launch(host.spec("plain", "sleep 60"))
    await host.containerizer.launch(host.spec("short", "exit 0", stdin=True))
    await host.containerizer.wait("short")
    for name in ("plain", "short"):
        with pytest.raises(ContainerizerError) as refused:
            await (await host.containerizer.input(name)).write(b"x")
        assert refused.value.who is Who.REQUEST, name
    into = await host.containerizer.input("deaf")
    await into.close()
    with pytest.raises(ContainerizerError, match="closed"):
        await into.write(b"x")
    with pytest.raises(UnknownContainer):
        await host.containerizer.input("nobody")


async def test_a_nested_command_has_an_input_of_its_own_that_the_next_agent_finds(host: Host) -> None:
    await host.containerizer.launch(host.spec("parent", "sleep 60", stdin=True))
    await host.containerizer.launch(host.nested("cat", "parent", "cat; echo end", stdin=True))
    await (await host.containerizer.input("cat")).write(b"before\n")
    await host.restart()
    into = await host.containerizer.input("cat")
    await into.write(b"after\n")
    await into.close()
    assert (await host.containerizer.wait("cat")).status == 0
    assert host.output("cat") == "before\nafter\nend\n"


async def test_a_write_that_is_given_up_holds_nothing(host: Host) -> None:
    await host.containerizer.launch(host.spec("idle", "sleep 60", stdin=True))
    into = await host.containerizer.input("idle")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await into.write(b"x" * 400_000)
    waiting = asyncio.create_task(into.write(b"x"))
    await asyncio.sleep(0.1)
    assert not waiting.done(), "the pipe is full"
    await host.containerizer.kill("idle", grace_period=0)
    with pytest.raises(ContainerizerError, match="reads its input no more"):
        async with asyncio.timeout(5):
            await waiting
