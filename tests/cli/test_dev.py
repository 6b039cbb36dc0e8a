"""The supervisor's parts: children that die, the lock, what must not change from run to run."""

from __future__ import annotations

import json
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli import child, dev
from cli.child import Child
from cli.daemon_settings import DevSettings
from cli.failures import CommandFailed


class HandClock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time


@contextmanager
def supervised(folder: Path, code: str, clock: HandClock) -> Iterator[Child]:
    part = Child("part", [sys.executable, "-c", code], folder, clock)
    try:
        yield part
    finally:
        part.terminate()
        part.join()


def until_dead(part: Child) -> None:
    """Let the supervisor look until it has seen the death."""
    deadline = time.monotonic() + 10
    while part.is_running:
        assert time.monotonic() < deadline
        part.look()
        time.sleep(0.01)


def test_a_child_that_dies_is_started_again_after_a_pause(tmp_path: Path) -> None:
    clock = HandClock()
    with supervised(tmp_path, "import sys; sys.exit('no port')", clock) as part:
        part.start()
        until_dead(part)
        part.look()
        assert not part.is_running, "the pause has not passed"
        clock.time += child.FIRST_PAUSE_SECONDS
        part.look()
        assert part.is_running


def test_a_child_that_keeps_failing_is_hopeless_and_its_last_words_are_known(tmp_path: Path) -> None:
    clock = HandClock()
    with supervised(tmp_path, "import sys; sys.exit('orlop: no port')", clock) as part:
        for _ in range(child.HOPELESS_STARTS):
            assert not part.is_hopeless
            part.start()
            until_dead(part)
        assert part.is_hopeless
        assert part.last_words() == "no port"


def test_a_child_that_ran_for_long_is_not_hopeless_when_it_dies(tmp_path: Path) -> None:
    clock = HandClock()
    with supervised(tmp_path, "", clock) as part:
        for _ in range(child.HOPELESS_STARTS + 1):
            part.start()
            clock.time += child.STEADY_SECONDS + 1
            until_dead(part)
        assert not part.is_hopeless


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "END_SECONDS", 0.3)
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    code = f"import signal, time; {deaf}; print('on', flush=True); time.sleep(60)"
    with supervised(tmp_path, code, HandClock()) as part:
        part.start()
        deadline = time.monotonic() + 10
        while part.last_words() != "on":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        part.terminate()
        part.join()
        assert not part.is_running


def test_a_cluster_on_a_port_in_use_is_refused_and_does_not_take_who_answers_there_for_itself(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CommandFailed, match=f"port {port} is in use"):
            dev.run(DevSettings(work_dir=tmp_path, port=port))


def test_the_pool_keeps_its_size_from_run_to_run(tmp_path: Path) -> None:
    made = dev.pool_size(DevSettings(work_dir=tmp_path, pool_size=2**30), tmp_path)
    again = dev.pool_size(DevSettings(work_dir=tmp_path), tmp_path)
    assert made == again == 2**30
    with pytest.raises(CommandFailed, match="pools of 1GiB"):
        dev.pool_size(DevSettings(work_dir=tmp_path, pool_size=2**31), tmp_path)


def test_it_is_said_why_an_agent_is_not_registered() -> None:
    told = {"healthy": True, "registered": False, "link": "the orchestrator refuses this agent"}
    with answering(json.dumps(told)) as refused, answering(json.dumps(told | {"registered": True})) as well:
        assert dev.refused([refused, well]) == ["agent-1: the orchestrator refuses this agent"]
    assert "does not answer" in dev.refused([refused])[0]


@contextmanager
def answering(body: str) -> Iterator[int]:
    """The port of a server that answers one question with it."""
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as threads:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(f"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n{body}".encode())

        served = threads.submit(answer)
        yield server.getsockname()[1]
        served.result(10)
