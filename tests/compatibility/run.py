"""The whole table: both servers started, and every API of theirs asked."""

from __future__ import annotations

from pathlib import Path

from tests.compatibility.agent_site import AgentCalls, ExecutorCalls, ProviderCallsOverHttp, agent_site
from tests.compatibility.orchestrator_site import OperatorCalls, SchedulerCalls
from tests.compatibility.table import Cell, tried
from tests.orchestrator.hosting import HostingAgent
from tests.orchestrator_api.cluster import running

AT_ORCHESTRATOR = (SchedulerCalls, OperatorCalls)
AT_AGENT = (AgentCalls, ExecutorCalls, ProviderCallsOverHttp)


async def every_cell(folder: Path) -> dict[str, list[Cell]]:
    """By API, its cells in the order of the table."""
    return {**await at_orchestrator(_made(folder, "orchestrator")), **await at_agent(_made(folder, "agent"))}


def _made(folder: Path, name: str) -> Path:
    """A folder with a log in it, which the daemon of that name serves."""
    (folder / name).mkdir()
    (folder / name / f"{name}.log").write_text("a line\n")
    return folder / name


async def at_orchestrator(folder: Path) -> dict[str, list[Cell]]:
    cells = {}
    async with running(folder) as cluster:
        cluster.agent = HostingAgent()
        await cluster.join()
        for calls in AT_ORCHESTRATOR:
            api = calls(cluster)
            cells[api.name] = [cell async for cell in tried(api, api.path, cluster.client)]
    return cells


async def at_agent(folder: Path) -> dict[str, list[Cell]]:
    cells = {}
    async with agent_site(folder) as site:
        for calls in AT_AGENT:
            api = calls(site)
            cells[api.name] = [cell async for cell in tried(api, f"{site.url}{api.path}", site.client)]
    return cells
