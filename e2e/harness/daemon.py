"""One daemon as a real process, started by the console script. It knows no API of the daemon's."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ORLOP = str(Path(sys.executable).with_name("orlop"))
"""The console script of the environment that runs the tests."""

PR_SET_PDEATHSIG = 1
END_SECONDS = 60.0
TAIL_LINES = 60


class Daemon:
    """A process that a test starts, kills and starts again with the same command line."""

    def __init__(self, name: str, arguments: list[str], logs: Path, before: tuple[str, ...] = ()) -> None:
        """`before`: of the command line, for example what brings it into a namespace and runs the rest."""
        self.name = name
        self.command = [*before, ORLOP, *arguments]
        self.stdout = logs / f"{name}.stdout"
        self.stderr = logs / f"{name}.stderr"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        assert not self.is_running, f"{self.name} runs already"
        with self.stdout.open("ab") as stdout, self.stderr.open("ab") as stderr:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
                preexec_fn=_end_with_the_tests,
            )

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """SIGSTOP: it does nothing until `resume`, and nobody is told."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def terminate(self, seconds: float = END_SECONDS) -> int:
        """SIGTERM; the exit status. After `seconds` it is killed, which fails the test."""
        self.ask_to_end()
        return self.ended(seconds)

    def ask_to_end(self) -> None:
        """SIGTERM, and no waiting."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()

    def ended(self, seconds: float = END_SECONDS) -> int:
        """The exit status of one that was asked to end. Killed after `seconds`, which fails the test."""
        assert self._process is not None
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {seconds:.0f} s of SIGTERM") from None

    def printed(self) -> str:
        """What it has written to stdout, over all its lives."""
        return self.stdout.read_text(errors="replace") if self.stdout.exists() else ""

    def tail(self) -> str:
        lines = self.stderr.read_text(errors="replace").splitlines() if self.stderr.exists() else []
        return "\n".join(lines[-TAIL_LINES:])


def until(question, seconds: float, what: str, pause: float = 0.05):  # type: ignore[no-untyped-def]
    """The first true answer of `question()`. Fails, naming `what`, when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(pause)


def _end_with_the_tests() -> None:
    """Tests that are killed leave no daemon behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.umask(0o022)
