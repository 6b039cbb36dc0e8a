"""Which agents a framework is offered by what it can do: real daemons, told by flags where they are and what
they have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from e2e.conftest import running
from e2e.harness.census import Place
from e2e.harness.cluster import READY_SECONDS, Cluster, free_ports, new_work_dir
from e2e.harness.daemon import Daemon, until
from e2e.harness.http import Subscription, post

HOSTS = {
    "near": ("--fault-domain", "europe/b"),
    "far": ("--fault-domain", "asia/a"),
    "nowhere": (),
    "painter": ("--fault-domain", "europe/a", "--resources", "gpus:2"),
}

pytestmark = pytest.mark.needs("root")


class ScatteredCluster(Cluster):
    """An orchestrator in Europe, and agents without storage that say where they are."""

    containerizer = "process"

    def __init__(self) -> None:
        self.work_dir = new_work_dir()
        self.place = Place(self.work_dir, tuple(self.work_dir / host for host in HOSTS))
        port, link, *ports = free_ports(2 + len(HOSTS))
        self.address = f"127.0.0.1:{port}"
        self.orchestrator = self._daemon(
            "orchestrator", "--port", f"{port}", "--link-port", f"{link}", "--fault-domain", "europe/a"
        )
        self.agents = [
            self._daemon(
                *("agent", "--hostname", host, "--orchestrator", f"127.0.0.1:{link}", "--port", f"{port}"),
                *("--containerizer", "process", "--no-local-disk", "--cpus", "1", "--mem", "128MiB", *more),
                folder=host,
            )
            for (host, more), port in zip(HOSTS.items(), ports, strict=True)
        ]

    def _daemon(self, kind: str, *arguments: str, folder: str = "orchestrator") -> Daemon:
        log = self.work_dir / f"{folder}.log"
        paths = ("--work-dir", str(self.work_dir / folder), "--log-file", str(log))
        return Daemon(folder, [kind, *paths, *arguments], self.work_dir)

    def daemons(self) -> list[Daemon]:
        return [*self.agents, self.orchestrator]

    def start(self) -> None:
        self.orchestrator.start()
        for agent in self.agents:
            agent.start()
        until(self._are_all_there, READY_SECONDS, "all agents have registered")

    def _are_all_there(self) -> bool:
        for daemon in self.daemons():
            assert daemon.is_running, f"{daemon.name} ended:\n{daemon.tail()}"
        try:
            answer = post(self.address, {"type": "GET_AGENTS"})
        except OSError:
            return False
        if answer.status == 503:  # it listens, and does not lead yet
            return False
        found = answer.json["get_agents"].get("agents", [])
        return sorted(agent["agent_info"]["hostname"] for agent in found) == sorted(HOSTS)


@pytest.fixture(scope="module")
def scattered(request: pytest.FixtureRequest) -> Iterator[ScatteredCluster]:
    cluster = ScatteredCluster()
    with running(cluster, request.config):
        yield cluster


@pytest.mark.parametrize(
    ("capabilities", "hosts"),
    [
        ([], {"near", "nowhere"}),
        (["REGION_AWARE"], {"near", "nowhere", "far"}),
        (["GPU_RESOURCES"], {"near", "nowhere", "painter"}),
        (["REGION_AWARE", "GPU_RESOURCES"], set(HOSTS)),
    ],
    ids=lambda value: "+".join(value) or "none" if isinstance(value, list) else "",
)
def test_a_framework_is_offered_the_agents_that_it_can_deal_with(
    scattered: ScatteredCluster, capabilities: list[str], hosts: set[str]
) -> None:
    described = {
        "user": "root",
        "name": "gates",
        "roles": ["default"],
        "capabilities": [{"type": name} for name in ("MULTI_ROLE", *capabilities)],
    }
    framework = Subscription(scattered.address, described)
    try:
        offered: dict[str, dict] = {}
        while not hosts <= set(offered):
            for offer in framework.until("offers")["offers"]:
                offered[offer["hostname"]] = offer
        # All agents are looked at in the run that answers a subscription, so that no further offer will come.
        assert set(offered) == hosts
        regions = {
            host: offer["domain"]["fault_domain"]["region"]["name"]
            for host, offer in offered.items()
            if "domain" in offer
        }
        assert regions == {host: "asia" if host == "far" else "europe" for host in hosts if host != "nowhere"}
        with_gpus = {
            host for host, offer in offered.items() if any(r["name"] == "gpus" for r in offer["resources"])
        }
        assert with_gpus == hosts & {"painter"}
        answer = post(
            scattered.address,
            {"type": "EXPLAIN_OFFERS", "explain_offers": {"role": "default"}},
        ).json["explain_offers"]
        said = {each["hostname"]: each["code"] for each in answer.get("withheld", [])}
        assert set(said) == set(HOSTS) - hosts, said
    finally:
        framework.call("TEARDOWN")
        framework.close()
