"""A PostgreSQL server of a test's own: made, started, stopped, killed and removed, also when the test fails.

It runs as the user postgres when the tests are root's, and dies with the process that started it. Nothing
here touches a server that the machine may run already.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psycopg
import pytest

START_SECONDS = 60
STOP_SECONDS = 60
OWNER = "postgres"

MEMORY = Path("/dev/shm")
ROOM = 512 * 2**20
"""Bytes that must be free there for a server."""

SETTINGS = {
    "shared_buffers": "16MB",
    "max_connections": "100",
    "autovacuum": "on",
    "log_min_messages": "warning",
    "logging_collector": "off",
}


def programs() -> Path | None:
    """The folder of the newest server's programs; None when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _version(path: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in path.parts[-3].split(".") if part.isdigit())


class PostgresServer:
    """One server. `with PostgresServer() as server:` starts it, and removes it with all that it kept."""

    def __init__(
        self,
        *,
        listen: str = "127.0.0.1",
        port: int = 0,
        data: Path | None = None,
        prefix: Sequence[str] = (),
        settings: Mapping[str, str] | None = None,
        in_memory: bool = False,
    ) -> None:
        """`listen`: addresses, separated by commas, or '*'. `data`: a folder that is kept, made if it is not
        there. `prefix`: a command before each of the server's (into a network namespace, say). `in_memory`:
        its files are in memory, where there is room for that; for tests that measure nothing."""
        self.listen = listen
        self.port = port or _free_port()
        memory = in_memory and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
        self._folder = Path(tempfile.mkdtemp(prefix="orlop-pg-", dir=MEMORY if memory else "/tmp"))
        self._data = data or self._folder / "data"
        self._prefix = [*prefix, *_as_owner()]
        self._settings = {**SETTINGS, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = itertools.count()
        if os.geteuid() == 0:
            shutil.chown(self._folder, OWNER)

    def __enter__(self) -> PostgresServer:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    @property
    def folder(self) -> Path:
        """Where its socket and its log are."""
        return self._folder

    @property
    def pid(self) -> int:
        """Of the process above all others of the server."""
        assert self._process is not None
        return self._process.pid

    def url(self, database: str = "postgres", host: str | None = None, port: int | None = None) -> str:
        """Its address for a registry; another host or port when something stands between."""
        reached = host or ("127.0.0.1" if self.listen in ("*", "0.0.0.0") else self.listen.split(",")[0])
        return f"postgresql+psycopg://{OWNER}@{reached}:{port or self.port}/{database}"

    def start(self) -> None:
        """Start it, made anew when it was not there; it answers when this returns."""
        if not (self._data / "PG_VERSION").exists():
            self._make()
        options = {
            "port": str(self.port),
            "listen_addresses": self.listen,
            "unix_socket_directories": str(self._folder),
            **self._settings,
        }
        given = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._prefix, _program("postgres"), "-D", str(self._data), *given],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,
            )
        self._await_answer()

    def stop(self, how: str = "fast") -> None:
        """Stop it: 'smart' waits for clients, 'fast' ends them, 'immediate' is a crash in good order."""
        signals = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        self._end(signals[how])

    def kill(self) -> None:
        """kill -9; what it had started ends by itself."""
        self._end(signal.SIGKILL)
        deadline = time.monotonic() + STOP_SECONDS
        while self._orphans():  # they hold the shared memory, and the next start would be refused
            assert time.monotonic() < deadline, "processes of a killed server do not end"
            time.sleep(0.02)

    def remove(self) -> None:
        """End it, and remove all that it kept, but a data folder that it was given."""
        if self._process is not None:
            with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A connection over its socket, each statement its own transaction."""
        return psycopg.connect(
            host=str(self._folder), port=self.port, user=OWNER, dbname=database, autocommit=True
        )

    def new_database(self) -> str:
        """The name of an empty database that was not there before."""
        name = f"test_{os.getpid()}_{next(self._databases)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def log(self) -> str:
        """What it has said."""
        return (self._folder / "log").read_text(errors="replace")

    def _make(self) -> None:
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self._data, OWNER, OWNER)
        options = ["-D", str(self._data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        command = [*self._prefix, _program("initdb"), *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=self._folder)
        assert done.returncode == 0, f"initdb: {done.stdout}{done.stderr}"
        with (self._data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all 0.0.0.0/0 trust\nhost all all ::0/0 trust\n")

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self._process is not None and self._process.poll() is None, f"it ended: {self.log()}"
            try:
                self.connect().close()
            except psycopg.OperationalError as error:
                assert time.monotonic() < deadline, f"it does not answer: {error}\n{self.log()}"
                time.sleep(0.05)
            else:
                return

    def _end(self, how: signal.Signals) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(how)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
            raise
        self._process = None

    def _orphans(self) -> bool:
        """Whether a process still works in the data folder."""
        for process in Path("/proc").glob("[0-9]*/cwd"):
            with contextlib.suppress(OSError):
                if process.readlink() == self._data:
                    return True
        return False


def _as_owner() -> list[str]:
    """The server refuses to be root's. The last word of the test's process is its own, too."""
    end = ["setpriv", "--pdeathsig", "QUIT"]
    if os.geteuid() != 0:
        return end
    return [*end, f"--reuid={OWNER}", f"--regid={OWNER}", "--init-groups", "--"]


def _program(name: str) -> str:
    folder = programs()
    assert folder is not None, "mark the test with needs('postgresql')"
    return str(folder / name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A server for all tests of a process that leave it as it is; each takes a database of its own."""
    with PostgresServer(in_memory=True) as server:
        yield server
