"""A part of the cluster as a child process, and the signal that ends the supervisor.

A child that dies is started again, with growing pauses; what it wrote to stderr says why. It knows nothing of
what the child is.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

from api.model.clock import Clock

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 10.0
"""The pause before another start doubles from the first to this one."""
STEADY_SECONDS: Final = 30.0
"""A child that ran for so long has recovered: the pause begins anew."""
HOPELESS_STARTS: Final = 4
"""Starts in a row that failed at once; while the cluster comes up, it is then given up."""
END_SECONDS: Final = 40.0
"""For a clean end after SIGTERM; then SIGKILL."""
LAST_WORDS_BYTES: Final = 4096
PR_SET_PDEATHSIG: Final = 1


class Child:
    """One process. What it writes goes to `logs/NAME.stderr`, made anew at each start; its log is its own."""

    def __init__(self, name: str, command: list[str], logs: Path, clock: Clock) -> None:
        self.name = name
        self._stderr = logs / f"{name}.stderr"
        self._command = command
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._restart_at = 0.0
        self._failures = 0

    @property
    def is_running(self) -> bool:
        """As far as the last look showed."""
        return self._process is not None

    @property
    def is_hopeless(self) -> bool:
        return self._failures >= HOPELESS_STARTS

    def start(self) -> None:
        """Start it, in a session of its own: Ctrl-C is for the supervisor, which ends all in order."""
        with self._stderr.open("wb") as stderr:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )
        self._started = self._clock.monotonic()

    def look(self) -> None:
        """Start it again when it has died and its pause is over."""
        now = self._clock.monotonic()
        if self._process is not None and self._process.poll() is not None:
            status = self._process.returncode
            self._process = None
            self._failures = 1 if now - self._started > STEADY_SECONDS else self._failures + 1
            pause = min(FIRST_PAUSE_SECONDS * 2 ** (self._failures - 1), LONGEST_PAUSE_SECONDS)
            self._restart_at = now + pause
            how = f"signal {-status}" if status < 0 else f"status {status}"
            print(
                f"orlop dev: {self.name} ended with {how}, starting it again in {pause:g} s", file=sys.stderr
            )
        elif self._process is None and now >= self._restart_at:
            self.start()

    def terminate(self) -> None:
        """Ask it to end."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()

    def join(self) -> None:
        """Wait for its end; after END_SECONDS end it."""
        if self._process is None:
            return
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            print(f"orlop dev: {self.name} did not end in {END_SECONDS:.0f} s, killing it", file=sys.stderr)
            self._process.kill()
            self._process.wait()
        self._process = None

    def last_words(self) -> str:
        """The last line that it wrote to stderr."""
        try:
            text = self._stderr.read_bytes()[-LAST_WORDS_BYTES:].decode(errors="replace")
        except OSError:
            text = ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return lines[-1].removeprefix("orlop: ") if lines else "it said nothing"


class Stop:
    """SIGTERM and SIGINT, as something to wait for. The death of a child ends the wait as well."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._came = False
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._handle)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def _handle(self, number: int, frame: object) -> None:
        self._came = True

    def wait(self, seconds: float) -> bool:
        """Whether one has come; waits for it at most so long."""
        if not self._came:
            select.select([self._read], [], [], seconds)
            with contextlib.suppress(BlockingIOError):
                os.read(self._read, 512)
        return self._came

    def deaf(self) -> None:
        """From now on nothing interrupts: what has begun to end shall end in order."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)


def own_command() -> list[str]:
    """How this very program is started: its console script, whatever the caller's PATH says."""
    script = Path(sys.argv[0]).absolute()
    if script.name == "orlop" and script.is_file():
        return [str(script)]
    return [str(Path(sys.executable).with_name("orlop"))]


def _end_with_parent() -> None:
    """A supervisor that was killed must not leave daemons behind: containers are theirs to keep."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
