"""An agent loses its database, and its storage provider does not: nobody's data become free space."""

from __future__ import annotations

from typing import Any

from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until


def disks(cluster: DaemonCluster) -> dict[str, list[dict[str, Any]]]:
    """The disks with an id that each agent which is here has, by the agent's id."""
    agents = cluster.post({"type": "GET_AGENTS"})["get_agents"].get("agents", [])
    return {
        agent["agent_info"]["id"]["value"]: [
            each
            for each in agent.get("total_resources", [])
            if "id" in each.get("disk", {}).get("source", {})
        ]
        for agent in agents
        if agent.get("active")
    }


def test_volumes_stay_whose_they_were_when_the_agent_forgets_its_providers(daemons: DaemonCluster) -> None:
    daemons.done("volume", "create", "kept", "--profile", "default", "--size", "32MiB")
    daemons.done("task", "run", "--volume", "kept:/data", "--", "sh", "-c", "echo kept > /data/x")
    ((old, (before,)),) = disks(daemons).items()
    daemons.agent.kill()
    for file in (daemons.work_dir / "agent").glob("agent.db*"):
        file.unlink()
    daemons.agent.start()

    def found() -> dict[str, list[dict[str, Any]]]:
        return {agent: here for agent, here in disks(daemons).items() if agent != old and here}

    ((new, (after,)),) = until(found, 60, "the volume is reported by the new agent").items()
    assert new != old
    assert after["provider_id"] != before["provider_id"]
    for key in ("disk", "reservations", "scalar"):
        assert after[key] == before[key]
