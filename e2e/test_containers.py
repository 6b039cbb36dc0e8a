"""Containers that operators launch, by `orlop` commands on a real agent.

Also without an orchestrator, and across agents that are killed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator

import pytest

from e2e.conftest import CONTAINERIZERS
from e2e.harness import http
from e2e.harness.cluster import COMMAND_SECONDS, DaemonCluster, DevCluster
from e2e.harness.daemon import ORLOP, until

KILLS = 6

FOREVER = ("sh", "-c", "echo started; while true; do sleep 0.2; done")


@pytest.fixture
def settled(dev: DevCluster) -> Iterator[DevCluster]:
    """The cluster, which has to be as before when the test is over."""
    before = dev.census()
    yield dev
    dev.settles_as(before)


def orlop(
    cluster: DevCluster | DaemonCluster, *arguments: str, given: str | bytes = b"", url: str = ""
) -> subprocess.CompletedProcess[bytes]:
    """A command with something on its standard input."""
    return subprocess.run(
        [ORLOP, *arguments],
        env={**os.environ, "ORLOP_URL": url or f"http://{cluster.address}"},
        input=given.encode() if isinstance(given, str) else given,
        capture_output=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


def listed(cluster: DevCluster | DaemonCluster, *arguments: str) -> dict[str, dict]:
    """Operators' containers by their ids; `b` in `a` as `a.b`."""
    found = json.loads(cluster.done("containers", "--output", "json", *arguments))["containers"]
    named = {}
    for each in found:
        container = each["container"]
        if container["kind"] in ("STANDALONE", "NESTED"):
            named[path_of(container["container_id"])] = container
    return named


def path_of(container_id: dict) -> str:
    parent = container_id.get("parent")
    return f"{path_of(parent)}.{container_id['value']}" if parent else str(container_id["value"])


@contextlib.contextmanager
def detached(cluster: DevCluster | DaemonCluster, name: str, *command: str) -> Iterator[None]:
    """A running container, removed afterwards."""
    assert (
        cluster.done("container", "run", "--detach", "--name", name, "--", *(command or FOREVER))
        == f"{name}\n"
    )
    try:
        yield
    finally:
        cluster.orlop("container", "rm", "--force", name)


def test_a_command_is_run_and_its_output_and_status_are_passed_on(settled: DevCluster) -> None:
    ran = settled.orlop("container", "run", "--", "sh", "-c", "echo out; echo err >&2; exit 7")
    assert (ran.returncode, ran.stdout, ran.stderr) == (7, "out\n", "err\n")
    killed = settled.orlop("container", "run", "--", "sh", "-c", "kill -9 $$")
    assert killed.returncode == 137
    assert listed(settled) == {}


def test_input_is_passed_on(settled: DevCluster) -> None:
    content = os.urandom(300_000)
    ran = orlop(settled, "container", "run", "-i", "--", "cat", given=content)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert ran.stdout == content


def test_a_result_is_kept_until_it_is_removed(settled: DevCluster) -> None:
    ran = settled.orlop("container", "run", "--keep", "--name", "job", "--", "sh", "-c", "echo done; exit 3")
    assert ran.returncode == 3
    assert listed(settled)["job"]["exit"]["exit_status"] == 3 << 8
    assert settled.done("container", "logs", "job") == "done\n"
    settled.done("container", "rm", "job")
    assert listed(settled) == {}
    gone = settled.orlop("container", "logs", "job")
    assert (gone.returncode, gone.stderr.count("\n")) == (1, 1)


def test_commands_are_run_within_a_container_which_goes_on(settled: DevCluster) -> None:
    with detached(settled, "web"):
        content = os.urandom(300_000)
        ran = orlop(settled, "container", "exec", "web", "--", "cat", given=content)
        assert (ran.returncode, ran.stdout == content) == (0, True), ran.stderr
        script = "echo out; echo err >&2; exit 5"
        ran = orlop(settled, "container", "exec", "web", "--", "sh", "-c", script)
        assert (ran.returncode, ran.stdout, ran.stderr) == (5, b"out\n", b"err\n")
        together = "test $(readlink /proc/self/ns/mnt) = $(readlink /proc/1/ns/mnt) || pwd"
        ran = orlop(settled, "container", "exec", "web", "--", "sh", "-c", together)
        assert ran.returncode == 0
        until(lambda: set(listed(settled)) == {"web"}, 20, "what ran within is removed")
        assert listed(settled)["web"]["state"] == "RUNNING"


def test_a_command_with_a_terminal_is_given_ours_and_ours_is_as_before_afterwards(
    settled: DevCluster,
) -> None:
    settled.done("container", "run", "--detach", "--name", "term", "--", "sleep", "600")
    with a_terminal(40, 100) as (master, slave):
        before = termios.tcgetattr(slave)
        shell = in_terminal(settled, slave, "exec", "-it", "term", "--", "sh")
        expect(master, b"# ")
        os.write(master, b"stty size; echo $TERM; sleep 600\n")
        expect(master, b"40 100\r\nvt220\r\n")
        os.write(master, b"\x03")  # for the program there, not for the command here
        expect(master, b"# ")
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", 33, 44, 0, 0))
        until(lambda: b"33 44" in answer(master, b"stty size\n"), 20, "the new size is known there")
        os.write(master, b"exit 5\n")
        expect(master, b"exit 5\r\n")
        assert shell.wait(COMMAND_SECONDS) == 5
        assert termios.tcgetattr(slave) == before
        ended = in_terminal(settled, slave, "exec", "-t", "term", "--", "sh", "-c", "echo there; sleep 600")
        expect(master, b"there\r\n")
        assert termios.tcgetattr(slave) != before
        ended.terminate()
        assert ended.wait(COMMAND_SECONDS) == -signal.SIGTERM
        assert termios.tcgetattr(slave) == before
    refused = orlop(settled, "container", "exec", "-t", "term", "--", "true")
    assert (refused.returncode, b"no terminal" in refused.stderr) == (2, True), refused
    settled.done("container", "rm", "--force", "term")


@contextlib.contextmanager
def a_terminal(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    """The end that we type at, and the one that a command is given."""
    master, slave = os.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
    os.set_blocking(master, False)
    try:
        yield master, slave
    finally:
        os.close(master)
        os.close(slave)


def in_terminal(cluster: DevCluster, slave: int, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [ORLOP, "container", *arguments],
        env={**os.environ, "ORLOP_URL": f"http://{cluster.address}", "TERM": "vt220"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)),
    )


def expect(master: int, words: bytes) -> None:
    """Read until that has been printed, and no further than there is."""
    seen = b""

    def printed() -> bool:
        nonlocal seen
        with contextlib.suppress(BlockingIOError):
            seen += os.read(master, 65536)
        return words in seen

    try:
        until(printed, 30, "the terminal shows what it should")
    except AssertionError as error:
        raise AssertionError(f"{words!r} is not in {seen!r}") from error


def answer(master: int, words: bytes) -> bytes:
    """What is shown in the moments after that was typed."""
    os.write(master, words)
    time.sleep(0.3)
    with contextlib.suppress(BlockingIOError):
        return os.read(master, 65536)
    return b""


def test_what_is_nested_ends_with_its_parent(settled: DevCluster) -> None:
    with detached(settled, "web"):
        call = {
            "type": "LAUNCH_CONTAINER",
            "launch_container": {
                "container_id": {"value": "inner", "parent": {"value": "web"}},
                "command": {"value": "sleep 1000"},
            },
        }
        address = agent_of(settled)
        assert http.post(address, call).status == 200
        assert http.post(address, call).status == 202
        settled.done("container", "kill", "web")
        ended = until(lambda: listed(settled).get("web.inner", {}).get("exit"), 20, "it ends with its parent")
        assert ended["state"] == "TASK_FAILED"


def test_an_interrupted_run_leaves_nothing(settled: DevCluster) -> None:
    run = subprocess.Popen(
        [ORLOP, "container", "run", "--name", "cut", "--", *FOREVER],
        env={**os.environ, "ORLOP_URL": f"http://{settled.address}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    try:
        assert run.stdout is not None
        assert run.stdout.readline() == b"started\n"
        run.send_signal(2)
        assert run.wait(COMMAND_SECONDS) == 130
    finally:
        run.kill()
        run.communicate()
    assert listed(settled) == {}


def test_limits_are_those_that_were_asked_for(settled: DevCluster) -> None:
    script = "x=a; while true; do x=$x$x; done"
    ran = settled.orlop("container", "run", "--mem", "32MiB", "--", "sh", "-c", script)
    assert (ran.returncode, "memory" in ran.stderr) == (137, True), ran.stderr


def test_a_command_within_a_task(settled: DevCluster) -> None:
    with settled.task("--name", "held", "--", "sleep", "1000"):
        task_id = settled.running_task("held")
        ran = orlop(
            settled, "task", "exec", task_id, "--", "sh", "-c", "echo $MESOS_TASK_ID; cat", given="in"
        )
        assert (ran.returncode, ran.stdout.decode()) == (0, f"{task_id}\nin")
        assert orlop(settled, "task", "exec", task_id, "false").returncode == 1


WHOEVER_RUNS_THEM = {
    ("run", "--name", "a/b", "--", "true"): 125,
    ("run", "--name", "..", "--", "true"): 125,
    ("run", "--name", "x" * 10_000, "--", "true"): 125,
    ("run", "--env", "nothing", "--", "true"): 2,
    ("run", "--volume", "here:/there", "--", "true"): 2,
    ("run",): 2,
    ("exec", "nobody", "--", "true"): 125,
    ("logs", "nobody"): 1,
    ("kill", "nobody"): 1,
    ("rm", "nobody"): 1,
    ("run", "--agent-url", "http://127.0.0.1:1", "--", "true"): 3,
}
BY_THE_CONTAINERIZER = {
    ("run", "--mem", "1000000TiB", "--", "true"): 125,
    ("run", "--", "/no/such/program"): 125,
    ("run", "--image", "no such image", "--", "true"): 125,
}


@pytest.mark.parametrize("dev", CONTAINERIZERS[:1], indirect=True)
def test_what_cannot_be_done_is_said_in_a_line(settled: DevCluster) -> None:
    are_refused(settled, WHOEVER_RUNS_THEM)


def test_what_no_container_can_be_made_of_is_said_in_a_line(settled: DevCluster) -> None:
    are_refused(settled, BY_THE_CONTAINERIZER)


def are_refused(cluster: DevCluster, refused: dict[tuple[str, ...], int]) -> None:
    """Each of these commands ends with its status and one line, and no container is left of any."""
    for arguments, status in refused.items():
        ran = cluster.orlop("container", *arguments)
        told = f"{' '.join(arguments)[:60]}: {ran.returncode} {ran.stderr}"
        assert ran.returncode == status, told
        if status != 2:
            assert (ran.stderr.startswith("orlop: "), ran.stderr.count("\n")) == (True, 1), told
            assert len(ran.stderr) < 400, told
    assert listed(cluster) == {}


def test_containers_need_no_orchestrator_and_survive_their_agent(standing: DaemonCluster) -> None:
    here = ("--agent-url", f"http://{standing.agent_address}")
    with detached(standing, "web"):
        standing.orchestrator.kill()
        assert standing.done("container", "run", *here, "--", "echo", "alone") == "alone\n"
        session = subprocess.Popen(
            [ORLOP, "container", "exec", *here, "web", "--", "sh", "-c", "echo in; sleep 1000"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        logs = subprocess.Popen(
            [ORLOP, "container", "logs", *here, "--follow", "web"], stdout=subprocess.PIPE, bufsize=0
        )
        try:
            # Both have reached the agent before it is killed: what they lose then is what is tested.
            assert session.stdout is not None
            assert session.stdout.readline() == b"in\n"
            assert logs.stdout is not None
            assert logs.stdout.readline() == b"started\n"
            standing.agent.kill()
            assert session.wait(30) == 3
            standing.agent.start()
            until(lambda: standing.orlop("containers", *here).returncode == 0, 30, "the agent answers")
            assert listed(standing, *here)["web"]["state"] == "RUNNING"
            until(lambda: set(listed(standing, *here)) == {"web"}, 20, "the session is gone")
            standing.done("container", "kill", *here, "web")
            assert logs.communicate(timeout=30)[0] == b"", "nothing is told twice"
            standing.agent.kill()
            standing.agent.start()
            until(lambda: standing.orlop("containers", *here).returncode == 0, 30, "the agent answers")
            assert listed(standing, *here)["web"]["state"] == "EXITED"
            standing.done("container", "rm", *here, "web")
        finally:
            for each in (session, logs):
                each.kill()
                each.communicate()
        standing.orchestrator.start()
        standing.wait_ready()


def test_a_run_goes_on_when_its_agent_is_started_anew(standing: DaemonCluster) -> None:
    script = "echo one; sleep 6; echo two; exit 4"
    run = subprocess.Popen(
        [
            ORLOP,
            "container",
            "run",
            "--agent-url",
            f"http://{standing.agent_address}",
            "--",
            "sh",
            "-c",
            script,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        assert run.stdout is not None
        assert run.stdout.readline() == b"one\n"
        standing.agent.kill()
        time.sleep(1)
        standing.agent.start()
        out, err = run.communicate(timeout=60)
    finally:
        run.kill()
        run.communicate()
    assert (run.returncode, out) == (4, b"two\n"), err


def test_agents_that_are_killed_lose_nothing_and_leave_nothing(standing: DaemonCluster) -> None:
    seed = int(os.environ.get("ORLOP_SEED", "7"))
    print(f"seed {seed}")
    chance = random.Random(seed)
    here = ("--agent-url", f"http://{standing.agent_address}")
    with detached(standing, "web"):
        for turn in range(KILLS):
            commands = [
                ("container", "run", *here, "--name", f"job-{turn}", "--", "sh", "-c", "sleep 1; exit 4"),
                ("container", "exec", *here, "web", "--", "sleep", "1"),
                ("container", "rm", *here, "--force", f"job-{turn - 1}"),
            ]
            at_work = [
                subprocess.Popen([ORLOP, *command], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
                for command in commands
            ]
            time.sleep(chance.uniform(0.3, 2.5))
            standing.agent.kill()
            standing.agent.start()
            errors = [each.communicate(timeout=COMMAND_SECONDS)[1] for each in at_work]
            # Killed before anything was asked of it, it is not waited for.
            assert at_work[0].returncode in (3, 4), errors[0]
        until(lambda: standing.orlop("containers", *here).returncode == 0, 30, "the agent answers")
        assert listed(standing, *here)["web"]["state"] == "RUNNING"
        for name in [each for each in listed(standing, *here) if each.startswith("job-")]:
            standing.done("container", "rm", *here, "--force", name)
        until(lambda: set(listed(standing, *here)) == {"web"}, 20, "sessions are gone")
        standing.wait_ready()


def agent_of(cluster: DevCluster) -> str:
    """HOST:PORT of the only agent."""
    (agent,) = json.loads(cluster.done("agents", "--output", "json"))["agents"]
    return str(agent["pid"]).rpartition("@")[2]
