"""What every containerizer promises, on real processes: one suite for both kinds."""

from __future__ import annotations

import asyncio
import resource
import time
from pathlib import Path

import pytest

from agent.containerizer.interface import (
    Bind,
    ContainerizerError,
    ContainerSpec,
    LaunchError,
    Limits,
    ResourceLimit,
    UnknownContainer,
    Who,
)
from tests.containerizer.conftest import Host

FAST = 2.0
"""Seconds within which something that waits for no grace period has to happen here."""


async def run(host: Host, spec: ContainerSpec) -> int | None:
    await host.containerizer.launch(spec)
    return (await host.containerizer.wait(spec.id)).status


async def until(path: Path) -> None:
    async with asyncio.timeout(10):
        while not path.exists():
            await asyncio.sleep(0.02)


async def until_written(path: Path) -> None:
    """A file is there before what a program prints to it."""
    async with asyncio.timeout(10):
        while not path.exists() or not path.stat().st_size:
            await asyncio.sleep(0.02)


async def test_exit_status_and_both_streams_reach_the_sandbox(host: Host) -> None:
    status = await run(host, host.spec("seven", "echo out; echo err >&2; printf end; exit 7"))
    assert status == 7
    assert host.output("seven") == "out\nend"
    assert host.output("seven", "stderr") == "err\n"


async def test_command_runs_in_its_sandbox_with_its_environment(host: Host) -> None:
    spec = host.spec("env", 'pwd; echo "$GREETING"; touch made-here', environment={"GREETING": "a b=c\n"})
    assert await run(host, spec) == 0
    assert host.output("env").splitlines()[:2] == [str(host.sandbox("env")), "a b=c"]
    assert (host.sandbox("env") / "made-here").exists()


async def test_user_of_the_spec_is_the_commands_user(host: Host) -> None:
    assert await run(host, host.spec("who", "id -u; id -g", user="65534:65534")) == 0
    assert host.output("who").split() == ["65534", "65534"]


async def test_each_process_is_held_to_the_limits_that_are_asked_for(host: Host) -> None:
    rlimits = (
        ResourceLimit("nofile", 100, 200),
        ResourceLimit("core", 0, None),
        ResourceLimit("fsize", 4096, 8192),
    )
    script = "ulimit -Sn; ulimit -Hn; ulimit -Sc; ulimit -Hc; head -c 5000 /dev/zero > big; wc -c < big"
    await run(host, host.spec("bounded", script, rlimits=rlimits, user="65534:65534"))
    assert host.output("bounded").split()[:4] == ["100", "200", "0", "unlimited"]
    assert await run(host, host.spec("small", script, rlimits=rlimits)) == 0
    assert host.output("small").split()[4:] == ["4096"]


async def test_more_of_a_limit_than_the_agent_has_is_refused_and_leaves_nothing(host: Host) -> None:
    own = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    spec = host.spec("greedy", "true", rlimits=(ResourceLimit("nofile", 10, own + 1),))
    with pytest.raises(LaunchError, match=f"the agent's own is {own}") as caught:
        await host.containerizer.launch(spec)
    assert (caught.value.who, caught.value.about) == (Who.OPERATOR, "limits")
    assert await host.containerizer.list() == []


@pytest.mark.parametrize(
    "rlimits",
    [
        (ResourceLimit("files", 1, 1),),
        (ResourceLimit("nofile", 2, 1),),
        (ResourceLimit("nofile", None, 1),),
        (ResourceLimit("nofile", -1, 1),),
        (ResourceLimit("nofile", 1, 2**64),),
        (ResourceLimit("nofile", 1, 1), ResourceLimit("nofile", 2, 2)),
    ],
)
def test_limits_of_processes_that_cannot_be_are_refused(rlimits: tuple[ResourceLimit, ...]) -> None:
    with pytest.raises(LaunchError) as caught:
        ContainerSpec("x", ("true",), "/tmp", rlimits=rlimits)
    assert (caught.value.who, caught.value.about) == (Who.REQUEST, "limits")


async def test_another_user_may_open_its_own_streams_by_their_names(host: Host) -> None:
    script = "echo out > /dev/stdout; echo err > /dev/stderr; cat < /dev/stdin"
    spec = host.spec("who", script, user="65534:65534", stdin=True)
    await host.containerizer.launch(spec)
    stream = await host.containerizer.input("who")
    await stream.write(b"in\n")
    await stream.close()
    assert (await host.containerizer.wait("who")).status == 0
    assert host.output("who").split() == ["out", "in"]
    assert host.output("who", "stderr") == "err\n"


async def test_any_number_of_waiters_hear_of_the_end(host: Host) -> None:
    await host.containerizer.launch(host.spec("many", "sleep 0.3; exit 4"))
    exits = await asyncio.gather(*(host.containerizer.wait("many") for _ in range(5)))
    assert [ended.status for ended in exits] == [4] * 5
    assert abs(exits[0].finished_at - time.time()) < 30
    assert (await host.containerizer.wait("many")).status == 4


async def test_killed_by_a_signal_is_told_as_such(host: Host) -> None:
    await host.containerizer.launch(host.spec("signal", "sleep 60"))
    await host.containerizer.kill("signal", signal=9)
    ended = await host.containerizer.wait("signal")
    assert (ended.status, ended.signal, ended.oom) == (137, 9, False)


async def test_kill_lets_the_command_end_itself_within_the_grace_period(host: Host) -> None:
    script = "trap 'echo bye; exit 3' TERM; touch ready; while :; do sleep 0.05; done"
    await host.containerizer.launch(host.spec("polite", script))
    await until(host.sandbox("polite") / "ready")
    await host.containerizer.kill("polite", grace_period=20)
    assert (await host.containerizer.wait("polite")).status == 3
    assert host.output("polite") == "bye\n"


async def test_kill_ends_a_command_that_ignores_the_request_when_grace_is_over(host: Host) -> None:
    await host.containerizer.launch(
        host.spec("deaf", "trap '' TERM; touch ready; while :; do sleep 0.05; done", grace_period=0.5)
    )
    await until(host.sandbox("deaf") / "ready")
    began = time.monotonic()
    await host.containerizer.kill("deaf")
    assert (await host.containerizer.wait("deaf")).signal == 9
    assert 0.4 < time.monotonic() - began < FAST


async def test_second_kill_may_shorten_the_grace_period(host: Host) -> None:
    await host.containerizer.launch(
        host.spec("stuck", "trap '' TERM; touch ready; while :; do sleep 0.05; done")
    )
    await until(host.sandbox("stuck") / "ready")
    await host.containerizer.kill("stuck", grace_period=60)
    await host.containerizer.kill("stuck", grace_period=0)
    async with asyncio.timeout(FAST):
        await host.containerizer.wait("stuck")


async def test_a_plain_command_ends_at_once_when_asked(host: Host) -> None:
    spec = ContainerSpec(id="plain", argv=("sleep", "60"), sandbox=str(host.sandbox("plain")))
    await host.containerizer.launch(spec)
    began = time.monotonic()
    await host.containerizer.kill("plain", grace_period=20)
    assert (await host.containerizer.wait("plain")).status == 143
    assert time.monotonic() - began < FAST


async def test_kill_of_an_ended_container_changes_nothing(host: Host) -> None:
    assert await run(host, host.spec("done", "exit 5")) == 5
    await host.containerizer.kill("done", grace_period=0)
    assert (await host.containerizer.wait("done")).status == 5


async def test_processes_left_in_the_background_end_with_the_main_one(host: Host) -> None:
    beacon = host.directory("shared") / "beacon"
    script = f"setsid sh -c 'while :; do date +%s%N > {beacon}; sleep 0.05; done' & sleep 0.3; exit 0"
    spec = host.spec("parent", script, binds=(Bind(str(beacon.parent), str(beacon.parent)),))
    assert await run(host, spec) == 0
    last = beacon.read_text()
    await asyncio.sleep(0.3)
    assert beacon.read_text() == last


async def test_launch_of_a_running_id_returns_that_container(host: Host) -> None:
    spec = host.spec("once", "echo x >> count; sleep 60")
    first = await host.containerizer.launch(spec)
    second = await host.containerizer.launch(spec)
    assert first.running
    assert first.pid == second.pid
    await until_written(host.sandbox("once") / "count")
    await host.containerizer.kill("once", grace_period=0)
    await host.containerizer.wait("once")
    assert not (await host.containerizer.launch(spec)).running
    assert (host.sandbox("once") / "count").read_text() == "x\n"


async def test_concurrent_launches_of_one_id_start_it_once(host: Host) -> None:
    spec = host.spec("race", "echo x >> count; sleep 60")
    states = await asyncio.gather(*(host.containerizer.launch(spec) for _ in range(3)))
    assert len({state.pid for state in states}) == 1
    await until_written(host.sandbox("race") / "count")
    assert (host.sandbox("race") / "count").read_text() == "x\n"


async def test_program_that_is_not_there_is_refused_and_leaves_nothing(host: Host) -> None:
    spec = ContainerSpec(id="none", argv=("no-such-program",), sandbox=str(host.sandbox("none")))
    with pytest.raises(LaunchError) as refused:
        await host.containerizer.launch(spec)
    assert refused.value.who is Who.REQUEST
    assert "no-such-program" in str(refused.value)
    assert await host.containerizer.list() == []


async def test_missing_bind_source_is_refused(host: Host) -> None:
    with pytest.raises(LaunchError, match="not-there"):
        await host.containerizer.launch(host.spec("bind", "true", binds=(Bind("/not-there", "/mnt/x"),)))
    assert await host.containerizer.list() == []


async def test_unknown_containers_are_told_apart(host: Host) -> None:
    with pytest.raises(UnknownContainer):
        await host.containerizer.wait("stranger")
    with pytest.raises(UnknownContainer):
        await host.containerizer.kill("stranger")
    await host.containerizer.remove("stranger")


async def test_list_tells_running_and_ended_with_their_labels(host: Host) -> None:
    await host.containerizer.launch(host.spec("a", "sleep 60", labels={"role": "one"}))
    await run(host, host.spec("b", "exit 2", labels={"role": "two"}))
    a, b = await host.containerizer.list()
    assert (a.id, a.running, a.labels, a.exit) == ("a", True, {"role": "one"}, None)
    assert a.pid is not None and Path(f"/proc/{a.pid}").exists()
    assert (b.id, b.running, b.labels, b.pid) == ("b", False, {"role": "two"}, None)
    assert b.exit is not None and b.exit.status == 2


async def test_running_container_is_not_removed(host: Host) -> None:
    await host.containerizer.launch(host.spec("busy", "sleep 60"))
    with pytest.raises(ContainerizerError, match="kill it first"):
        await host.containerizer.remove("busy")
    assert (await host.containerizer.list())[0].running


async def test_removed_container_leaves_its_sandbox_and_nothing_else(host: Host) -> None:
    await run(host, host.spec("gone", "echo kept", limits=Limits(cpu_milli=500, memory_bytes=64 << 20)))
    await host.containerizer.remove("gone")
    await host.containerizer.remove("gone")
    assert await host.containerizer.list() == []
    assert host.output("gone") == "kept\n"
    assert host.cgroups() == []


async def test_output_is_kept_within_its_limit_and_the_newest_stays(host: Host) -> None:
    line = 'echo "line $i ........................................"'
    script = f"i=0; while [ $i -lt 4000 ]; do {line}; i=$((i+1)); done"
    assert await run(host, host.spec("chatty", script, output_limit_bytes=40_000)) == 0
    sandbox = host.sandbox("chatty")
    sizes = [path.stat().st_size for path in sandbox.glob("stdout*")]
    assert 20_000 <= sum(sizes) <= 40_000
    assert "line 3999" in host.output("chatty")


async def test_nobody_waits_for_output_that_is_not_read(host: Host) -> None:
    script = "head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2"
    async with asyncio.timeout(20):
        assert await run(host, host.spec("flood", script, output_limit_bytes=100_000)) == 0
    assert sum(path.stat().st_size for path in host.sandbox("flood").iterdir()) <= 200_000


async def test_memory_limit_ends_the_container_and_is_told(host: Host) -> None:
    script = "python3 -c 'x = bytearray(200 << 20)'"
    await host.containerizer.launch(host.spec("greedy", script, limits=Limits(memory_bytes=32 << 20)))
    ended = await host.containerizer.wait("greedy")
    assert ended.status == 137
    assert ended.oom


async def test_cpu_limit_holds(host: Host) -> None:
    spin = "import time\nend = time.monotonic() + 1.5\nwhile time.monotonic() < end: pass"
    script = f"python3 -c '{spin}\nprint(time.process_time())'"
    assert await run(host, host.spec("busy", script, limits=Limits(cpu_milli=200))) == 0
    assert float(host.output("busy")) < 0.8


async def test_device_is_usable_where_it_was_bound(host: Host) -> None:
    spec = host.spec(
        "device",
        "dd if=block bs=10 count=1 2>/dev/null | od -An -tx1",
        binds=(Bind("/dev/zero", "block", is_device=True),),
    )
    assert await run(host, spec) == 0
    assert host.output("device").split() == ["00"] * 10


async def test_many_at_once_keep_apart(host: Host) -> None:
    specs = [host.spec(f"n{number}", f"echo {number}; exit {number}") for number in range(4)]
    assert await asyncio.gather(*(run(host, spec) for spec in specs)) == [0, 1, 2, 3]
    assert [host.output(spec.id) for spec in specs] == ["0\n", "1\n", "2\n", "3\n"]


async def test_sandbox_output_that_became_a_link_harms_nobody(host: Host) -> None:
    victim = host.directory("victim") / "file"
    victim.write_text("precious")
    script = f"ln -sf {victim} stdout; ln -sf {victim} stderr; head -c 30000 /dev/zero; exit 0"
    assert await run(host, host.spec("evil", script, output_limit_bytes=20_000)) == 0
    await host.restart()
    assert (await host.containerizer.wait("evil")).status == 0
    assert victim.read_text() == "precious"
    assert (host.sandbox("evil") / "stderr").is_symlink()
