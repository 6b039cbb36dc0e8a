"""A cluster on hosts of its own: orchestrators, agents and their database, each in its network namespace.

They are real processes, started by the console script; mounts, loop devices and control groups are the
machine's, the network alone is not. It decides nothing about what goes wrong, and reads no product code.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final

from e2e.harness import http
from e2e.harness.census import Place
from e2e.harness.cluster import READY_SECONDS, STORAGE_DATABASE, Cluster, new_work_dir
from e2e.harness.daemon import Daemon, until
from e2e.partitions import ownership
from e2e.partitions.network import Host, Network
from tests.postgresql import PostgresServer

HTTP_PORT: Final = 5050
LINK_PORT: Final = 5060
AGENT_PORT: Final = 5051
DATABASE_PORT: Final = 5432
POOL: Final = "600MiB"
AGE: Final = "Orlop-State-Age"
"""A header of every answer of a standby: how old what it says is."""
ASK_SECONDS: Final = 2.0
ENDED_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Database:
    """A PostgreSQL of the tests' own, on a host of its own."""

    host: Host
    server: PostgresServer

    @property
    def url(self) -> str:
        return self.server.url()


def database_on(host: Host) -> Database:
    """Not started yet."""
    server = PostgresServer(listen=host.address, port=DATABASE_PORT, prefix=host.namespace.enter)
    ownership.mark(server.folder)
    return Database(host, server)


class Site(Cluster):
    """Hosts and what runs on them. `registry`: the address of the database that the orchestrators share,
    empty for one that has a file of its own. `more`: arguments of each orchestrator."""

    containerizer = "process"

    def __init__(self, network: Network, agents: int, orchestrators: int, registry: str, *more: str) -> None:
        self.network = network
        self.work_dir = new_work_dir()
        ownership.mark(self.work_dir)
        self.place = Place(self.work_dir, tuple(self.work_dir / f"agent-{n}" for n in range(agents)))
        self._registry, self._more = registry, more
        self.orchestrators = [self._orchestrator(n) for n in range(orchestrators)]
        self.agents = [self.agent_on(folder.name, folder) for folder in self.place.agents]

    # What there is

    def host_of(self, daemon: Daemon) -> Host:
        return self.network.hosts[daemon.name]

    @property
    def addresses(self) -> list[str]:
        """HOST:PORT of each orchestrator's API."""
        return [self._address_of(each) for each in self.orchestrators]

    def _address_of(self, orchestrator: Daemon) -> str:
        return f"{self.host_of(orchestrator).address}:{HTTP_PORT}"

    @property
    def url(self) -> str:
        """What a client of this cluster is given."""
        return ",".join(f"http://{address}" for address in self.addresses)

    def daemons(self) -> list[Daemon]:
        return [*self.agents, *self.orchestrators]

    def epochs(self) -> dict[str, int]:
        """The highest epoch that each agent says it obeys, in its own checkpoint."""
        found = {}
        for agent in self.place.agents:
            with contextlib.suppress(sqlite3.Error):
                found[agent.name] = _one(agent / "agent.db", "select highest_epoch from agent_identity")
        return found

    def storage_databases(self) -> Iterator[Path]:
        for agent in self.place.agents:
            yield agent / STORAGE_DATABASE

    # Asked from outside

    def leader(self, but: Daemon | None = None) -> Daemon | None:
        """Whoever answers as the leader now, and is not `but`; None when nobody does."""
        return next((each for each in self.orchestrators if each is not but and self.leads(each)), None)

    def leads(self, daemon: Daemon) -> bool:
        answer = asked(self._address_of(daemon), {"type": "GET_FRAMEWORKS"})
        return answer is not None and answer.status == 200 and AGE not in answer.headers

    def follows(self, daemon: Daemon) -> bool:
        """Whether it answers reads, as one that does not lead."""
        answer = asked(self._address_of(daemon), {"type": "GET_FRAMEWORKS"})
        return answer is not None and answer.status == 200 and AGE in answer.headers

    def answers(self, daemon: Daemon) -> bool:
        """Whether anybody is there, leading or not."""
        return asked(self._address_of(daemon), {"type": "GET_HEALTH"}) is not None

    def leading(self) -> Daemon:
        """The leader, waited for."""
        found: Daemon = until(self.leader, READY_SECONDS, "somebody leads")
        return found

    def post(self, call: dict[str, Any]) -> Any:
        """The leader's answer to an operator call that must succeed. Raises AssertionError: nobody leads."""
        refused = []
        for address in self.addresses:
            answer = asked(address, call)
            if answer is None or AGE in answer.headers:
                continue
            if answer.status in (200, 202):
                return answer.json if answer.body.strip() else {}
            refused.append(f"{address}: {answer.status} {answer.text}")
        raise AssertionError(f"nobody leads and answers {call}: {refused}")

    def providers(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.post({"type": "GET_RESOURCE_PROVIDERS"})[
            "get_resource_providers"
        ].get("resource_providers", [])
        return found

    def agent_ids(self) -> set[str]:
        found = self.post({"type": "GET_AGENTS"})["get_agents"].get("agents", [])
        return {each["agent_info"]["id"]["value"] for each in found}

    def volumes(self) -> dict[str, str]:
        """The operators' volumes, and how they are."""
        found = self.post({"type": "GET_VOLUMES"}).get("get_volumes", {}).get("volumes", [])
        return {each["name"]: each["state"] for each in found}

    def provision(self, name: str, profile: str, size_mb: int) -> None:
        volume = {"name": name, "profile": profile, "size_bytes": size_mb * 2**20}
        self.post({"type": "PROVISION_VOLUME", "provision_volume": volume})

    def deprovision(self, name: str) -> None:
        self.post({"type": "DEPROVISION_VOLUME", "deprovision_volume": {"name": name}})

    def forgets_provider(self, agent: Daemon, provider_id: str) -> bool:
        """Told that it never comes back, as an operator would; whether that is taken, as when it is gone."""
        gone = {"resource_provider_id": {"value": provider_id}}
        call = {"type": "MARK_RESOURCE_PROVIDER_GONE", "mark_resource_provider_gone": gone}
        return http.post(f"{self.host_of(agent).address}:{AGENT_PORT}", call).status == 200

    def is_ready(self) -> bool:
        """Whether somebody leads, and every agent's plugin is there for it."""
        try:
            found = [each for each in self.providers() if "plugin" in each]
        except AssertionError:
            return False
        ready = [each for each in found if each.get("connected") and each["plugin"].get("state") == "READY"]
        return len(ready) == len(found) == len(self.agents)

    # Its life

    def start(self) -> None:
        for daemon in (*self.orchestrators, *self.agents):
            daemon.start()
        self.wait_ready()

    def wait_ready(self, seconds: float = READY_SECONDS) -> None:
        def ready() -> bool:
            for daemon in self.daemons():
                assert daemon.is_running, f"{daemon.name} ended by itself:\n{daemon.tail()}"
            return self.is_ready()

        until(ready, seconds, "somebody leads, and all agents' disks are on offer", pause=0.3)

    def end(self) -> None:
        """A clean end, containers included: everything must end with status 0."""
        for daemon in self.daemons():
            daemon.ask_to_end()
        statuses = {daemon.name: daemon.ended(ENDED_SECONDS) for daemon in self.daemons()}
        assert not any(statuses.values()), statuses

    def close(self, keep_logs: Path | None) -> None:
        for daemon in self.daemons():
            if daemon.is_running:
                daemon.kill()
        super().close(keep_logs)

    def _orchestrator(self, number: int) -> Daemon:
        name = f"orchestrator-{number}"
        host = self.network.host(name)
        shared = ("--registry", self._registry) if self._registry else ()
        return Daemon(
            name,
            [
                *("orchestrator", "--work-dir", str(self.work_dir / name)),
                *("--address", host.address, "--port", str(HTTP_PORT)),
                *("--link-address", host.address, "--link-port", str(LINK_PORT)),
                *("--offer-timeout", "10", "--log-file", str(self._log_of(name))),
                *(*shared, *self._more),
            ],
            self.work_dir,
            host.namespace.enter,
        )

    def agent_on(self, name: str, work_dir: Path, hostname: str = "") -> Daemon:
        """An agent on the host of that name, made when there is none. It may say that it is another."""
        host = self.network.hosts.get(name) or self.network.host(name)
        links = ",".join(f"{self.host_of(each).address}:{LINK_PORT}" for each in self.orchestrators)
        return Daemon(
            name,
            [
                *("agent", "--work-dir", str(work_dir), "--orchestrator", links),
                *("--address", host.address, "--port", str(AGENT_PORT), "--hostname", hostname or name),
                *("--containerizer", "process", "--pool-size", POOL, "--cpus", "2", "--mem", "1GiB"),
                *("--provider-heartbeat", "0.5", "--end-containers"),
                *("--log-file", str(self._log_of(name))),
            ],
            self.work_dir,
            host.namespace.enter,
        )

    def said(self, name: str) -> str:
        """What is in the log of the daemon of that name, if it has one yet."""
        log = self._log_of(name)
        return log.read_text(errors="replace") if log.exists() else ""

    def _log_of(self, name: str) -> Path:
        return self.work_dir / f"{name}.log"


def asked(address: str, call: dict[str, Any]) -> http.Answer | None:
    """The answer of whoever listens there, if it comes soon; None otherwise."""
    with contextlib.suppress(OSError, HTTPException):
        return http.post(address, call, seconds=ASK_SECONDS)
    return None


def _one(database: Path, query: str) -> int:
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as connection:
        row = connection.execute(query).fetchone()
    return 0 if row is None else int(row[0])
