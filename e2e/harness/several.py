"""Three orchestrators on one PostgreSQL, and an agent that knows all of them: real processes on this host."""

from __future__ import annotations

import http.client
from typing import Any

from e2e.harness import http as requests
from e2e.harness.census import Place
from e2e.harness.cluster import POOL, READY_SECONDS, Cluster, free_ports, new_work_dir
from e2e.harness.daemon import Daemon, until
from tests.postgresql import PostgresServer

COUNT = 3


class SeveralOrchestrators(Cluster):
    """`address` is all of theirs, as `--url` takes them."""

    def __init__(self, server: PostgresServer, lease_seconds: float) -> None:
        self.containerizer = "process"
        self.server, self.database = server, server.new_database()
        self.work_dir = new_work_dir()
        agent_dir = self.work_dir / "agent"
        self.place = Place(self.work_dir, (agent_dir,))
        ports = free_ports(2 * COUNT + 1)
        self.http, self.links, agent_port = ports[:COUNT], ports[COUNT:-1], ports[-1]
        self.address = ",http://".join(f"127.0.0.1:{port}" for port in self.http)
        self.agent_address = f"127.0.0.1:{agent_port}"
        self.orchestrators = [
            Daemon(
                f"orchestrator-{number}",
                [
                    *("orchestrator", "--work-dir", str(self.work_dir / f"orchestrator-{number}")),
                    *("--registry", server.url(self.database), "--lease-seconds", str(lease_seconds)),
                    *("--port", str(port), "--link-port", str(link), "--offer-timeout", "10"),
                    *("--log-file", str(self.work_dir / f"orchestrator-{number}.log")),
                ],
                self.work_dir,
            )
            for number, (port, link) in enumerate(zip(self.http, self.links, strict=True))
        ]
        self.agent = Daemon(
            "agent",
            [
                *("agent", "--work-dir", str(agent_dir), "--port", str(agent_port)),
                *("--orchestrator", ",".join(f"127.0.0.1:{link}" for link in self.links)),
                *("--containerizer", "process", "--pool-size", POOL, "--backend", "dir"),
                *("--log-file", str(self.work_dir / "agent.log")),
            ],
            self.work_dir,
        )

    @property
    def urls(self) -> str:
        """For the client library."""
        return f"http://{self.address}"

    def daemons(self) -> list[Daemon]:
        return [self.agent, *self.orchestrators]

    def start(self) -> None:
        for daemon in self.daemons():
            daemon.start()
        until(self.is_ready, READY_SECONDS, "the agent's disks are on offer")

    def is_ready(self) -> bool:
        leader = self.leader()
        if leader is None:
            return False
        try:
            answer = requests.post(self.api_of(leader), {"type": "GET_PROFILES"})
        except OSError:
            return False
        if answer.status != 200:  # somebody else leads by now
            return False
        profiles = answer.json.get("get_profiles", {}).get("profiles", [])
        return any(profile.get("available") and profile.get("total_bytes") for profile in profiles)

    def api_of(self, orchestrator: Daemon) -> str:
        """HOST:PORT of its HTTP API."""
        return f"127.0.0.1:{self.http[self.orchestrators.index(orchestrator)]}"

    def health_of(self, orchestrator: Daemon) -> dict[str, Any]:
        """What it says it is; nothing when it does not answer."""
        try:
            found: dict[str, Any] = requests.request(
                self.api_of(orchestrator), "GET", "/health", seconds=1.0
            ).json
        except (OSError, http.client.HTTPException):
            return {}
        return found

    def leader(self, besides: Daemon | None = None) -> Daemon | None:
        """Who says that it leads."""
        others = (each for each in self.orchestrators if each is not besides and each.is_running)
        return next((each for each in others if self.health_of(each).get("stance") == "leading"), None)

    def post(self, call: dict[str, Any]) -> Any:
        leader = self.leader()
        assert leader is not None, "nobody leads"
        answer = requests.post(self.api_of(leader), call)
        assert answer.status in (200, 202), f"{call}: {answer.status} {answer.text}"
        return answer.json if answer.body.strip() else {}

    def lease(self) -> tuple[int, str, float]:
        """The row as the database has it: epoch, holder, seconds left."""
        query = "SELECT epoch, http, expires - extract(epoch FROM clock_timestamp()), holder FROM lease"
        with self.server.connect(self.database) as connection:
            row = connection.execute(query).fetchone()
        assert row is not None
        epoch, http_address, left, holder = row
        return int(str(epoch)), str(http_address) if holder else "", float(str(left))
