"""Tasks, offers and operations are found by what they belong to, and forgotten there when they end."""

from __future__ import annotations

from orchestrator.index import Index
from tests.orchestrator.scripted import ScriptedAgent
from tests.orchestrator.test_core import Cluster, cluster, launch, subscribe, until

__all__ = ["cluster"]


def test_values_are_found_by_their_group_in_the_order_in_which_they_came() -> None:
    index: Index[str, str] = Index()
    for key in ("b", "a", "c"):
        index.add("group", key, key.upper())
    index.remove("group", "a")
    index.remove("group", "never there")
    index.remove("no group", "a")
    assert index.of("group") == ["B", "C"]
    assert index.of("no group") == []


def test_a_group_without_values_is_forgotten() -> None:
    index: Index[str, int] = Index()
    index.add("group", 1, 1)
    index.remove("group", 1)
    assert len(index) == 0


async def test_a_task_is_found_by_its_agent_and_its_framework_while_it_is_there(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    state = cluster.orchestrator.state
    framework, session = await subscribe(cluster.orchestrator, ["test"])
    await until(session.offers)
    assert cluster.orchestrator.offers.of_agent(str(agent.agent_id))
    await cluster.orchestrator.acceptance.accept(framework, launch(session.offers()[0], "t1"))
    assert not cluster.orchestrator.offers.of_framework(framework.framework_id)
    (task,) = state.tasks_of_agent(str(agent.agent_id))
    assert state.tasks_of_framework(framework.framework_id) == [task]
    await cluster.crash()
    state = cluster.orchestrator.state
    assert len(state.tasks_of_agent(str(agent.agent_id))) == 1, "the launch is in the ledger"
    await agent.join(cluster.orchestrator)
    assert not state.tasks_of_agent(str(agent.agent_id))
    assert not state.tasks_of_framework(framework.framework_id)
