"""An orchestrator that is started while its database server is away, and one whose registry is wrong."""

from __future__ import annotations

import json
import time
import urllib.request
from pathlib import Path

import psycopg
import pytest

from e2e.harness.cluster import free_ports
from e2e.harness.daemon import Daemon
from store.postgres_session import is_away
from tests.postgresql import PostgresServer

SECONDS = 60.0


def orchestrator(name: str, registry: str, work_dir: Path) -> tuple[Daemon, str]:
    """Not started; and where its health is told."""
    port, link = free_ports(2)
    arguments = ["orchestrator", "--work-dir", str(work_dir / name), "--registry", registry]
    arguments += ["--port", str(port), "--link-port", str(link)]
    return Daemon(name, arguments, work_dir), f"http://127.0.0.1:{port}/health"


def health(url: str) -> dict[str, object]:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=SECONDS) as answer:
                return dict(json.loads(answer.read()))
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.needs("postgresql")
def test_it_waits_as_a_standby_that_says_so_and_ends_at_once_when_its_registry_is_wrong(
    tmp_path: Path,
) -> None:
    server = PostgresServer(in_memory=True)
    waiting, url = orchestrator("waiting", server.url(), tmp_path)
    try:
        waiting.start()
        deadline = time.monotonic() + SECONDS
        while "database" not in (told := health(url)):
            assert waiting.is_running and time.monotonic() < deadline
        assert told["stance"] == "standby"
        assert "cannot open the database postgresql+psycopg://" in str(told["database"])
        time.sleep(2.0)
        assert waiting.is_running
        assert waiting.stderr.read_text().count("cannot be opened") == 1, "told once, asked again and again"
        server.start()
        while (told := health(url))["stance"] != "leading":
            assert waiting.is_running and time.monotonic() < deadline
            time.sleep(0.05)
        assert "database" not in told
        server.stop()
        while "database" not in (told := health(url)):
            assert waiting.is_running and time.monotonic() < deadline
            time.sleep(0.05)
        server.start()
        for name, registry in (
            ("elsewhere", server.url("nowhere")),
            ("nobody", server.url().replace("postgres@", "nobody@")),
        ):
            wrong, _ = orchestrator(name, registry, tmp_path)
            wrong.start()
            assert wrong.ended(SECONDS) == 1
            assert "does not exist" in wrong.stderr.read_text()
    finally:
        waiting.kill()
        server.remove()


@pytest.mark.parametrize(
    ("told", "away"),
    [
        ('connection to server at "10.0.0.1", port 5432 failed: Connection refused', True),
        ("connection timeout expired", True),
        ("connection failed: FATAL:  the database system is starting up", True),
        ("connection failed: FATAL:  sorry, too many clients already", True),
        ('connection failed: FATAL:  password authentication failed for user "orlop"', False),
        ('failed: Connection refused\nconnection failed: FATAL:  no pg_hba.conf entry for host "::1"', False),
        ("[Errno -2] Name or service not known", False),
        ("could not translate host name: Temporary failure in name resolution", True),
    ],
)
def test_whether_a_server_is_away_is_told_by_what_it_says(told: str, *, away: bool) -> None:
    assert is_away(psycopg.OperationalError(told)) is away
