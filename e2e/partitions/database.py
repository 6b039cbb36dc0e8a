"""A PostgreSQL of the tests' own on one of the lab's hosts, reached over the network by its address."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from e2e.harness.daemon import until
from e2e.partitions import ownership
from e2e.partitions.network import Host

PORT = 5432
USER = "postgres"
NAME = "postgres"
READY_SECONDS = 60.0
END_SECONDS = 30.0
TRUST = "host all all 198.18.0.0/15 trust\n"


def programs() -> Path | None:
    """The folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


class Database:
    """A server that a test starts, kills and starts again on the same data."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.folder = Path(tempfile.mkdtemp(prefix="orlop-pg-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None
        found = programs()
        assert found is not None, "no PostgreSQL server is installed"
        self._programs = found
        ownership.mark(self.folder)
        shutil.chown(self.folder, USER, USER)
        self._as_user("initdb", "-D", str(self._data), "-A", "trust", "-U", USER, "--no-sync")
        with (self._data / "pg_hba.conf").open("a") as rules:
            rules.write(TRUST)

    @property
    def url(self) -> str:
        """As the orchestrator's --registry takes it."""
        return f"postgresql+psycopg://{USER}@{self.host.address}:{PORT}/{NAME}"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self.host.namespace.enter,
                    *("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"),
                    *("--pdeathsig", "QUIT", "--"),
                    *(str(self._programs / "postgres"), "-D", str(self._data), "-p", str(PORT)),
                    *("-c", f"listen_addresses={self.host.address}", "-k", str(self.folder)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        until(self._is_ready, READY_SECONDS, "PostgreSQL takes connections")

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text()
        asked = [str(self._programs / "pg_isready"), "-q", "-h", str(self.folder), "-p", str(PORT)]
        return subprocess.run(asked, check=False).returncode == 0

    def crash(self) -> None:
        """An immediate end, without a last checkpoint: what was committed is in its log, and nothing else."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_SECONDS)
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_user(self, program: str, *arguments: str) -> None:
        command = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]
        ran = subprocess.run(
            [*command, str(self._programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            check=False,
        )
        assert ran.returncode == 0, f"{program}: {ran.stderr}"
