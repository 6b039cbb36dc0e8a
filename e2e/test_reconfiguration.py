"""A host whose agent is configured with less: who can stay stays, who has to go is told, no id is lost."""

from __future__ import annotations

from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import Daemon, until


def restarted(cluster: DaemonCluster, *arguments: str) -> Daemon:
    """The agent with further flags; a flag given again counts."""
    if cluster.agent.is_running:
        cluster.agent.terminate()
    cluster.agent = Daemon("agent", [*cluster.agent_arguments, *arguments], cluster.work_dir)
    return cluster.agent


def cpus(cluster: DaemonCluster) -> float:
    (agent,) = cluster.post({"type": "GET_AGENTS"})["get_agents"]["agents"]
    if not agent["active"]:
        return 0.0
    return sum(each["scalar"]["value"] for each in agent.get("total_resources", []) if each["name"] == "cpus")


def test_a_host_with_less_keeps_what_fits_and_tells_the_others(daemons: DaemonCluster) -> None:
    assert restarted(daemons, "--cpus", "3", "--reconfiguration-policy", "any").start() is None
    until(lambda: cpus(daemons) == 3, 30, "the agent has 3 cpus")
    (before,) = daemons.post({"type": "GET_AGENTS"})["get_agents"]["agents"]
    daemons.done("volume", "create", "data", "--profile", "default", "--size", "32MiB")
    with daemons.task("--name", "first", "--cpus", "1", "--volume", "data:/data", "--", "sleep", "999"):
        daemons.running_task("first")
        with daemons.task("--name", "second", "--cpus", "1.5", "--", "sleep", "999") as second:
            daemons.running_task("second")

            refused = restarted(daemons, "--cpus", "2")
            refused.start()
            until(lambda: not refused.is_running, 30, "the agent refuses to start")
            assert "resource cpus was 3 and is 2" in refused.tail()
            assert "--reconfiguration-policy any" in refused.tail()

            restarted(daemons, "--cpus", "2", "--reconfiguration-policy", "any").start()
            until(lambda: cpus(daemons) == 2, 30, "the agent has 2 cpus")
            _, told = second.communicate(timeout=60)
            assert "this host was configured with less" in told
            daemons.running_task("first")
            (after,) = daemons.post({"type": "GET_AGENTS"})["get_agents"]["agents"]
            assert after["agent_info"]["id"] == before["agent_info"]["id"]
    assert "data" in daemons.done("volume", "list")
    daemons.done("volume", "destroy", "data")


def test_a_look_beforehand_says_what_would_happen(daemons: DaemonCluster) -> None:
    daemons.agent.terminate()
    flags = [*daemons.agent_arguments, "--check-config", "--attributes", "rack:r7"]
    refused = daemons.orlop(*flags)
    assert refused.returncode == 1
    assert "refused: attribute rack is new (r7 (TEXT))" in refused.stdout
    allowed = daemons.orlop(*flags, "--reconfiguration-policy", "additive")
    assert allowed.returncode == 0
    assert "allowed: attribute rack is new" in allowed.stdout
    daemons.agent.start()
    daemons.wait_ready()
