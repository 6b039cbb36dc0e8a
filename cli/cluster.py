"""What there is: one view per command, each a call of the public API and a table."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET

from api.wire.v1 import agent as wire
from api.wire.v1 import master
from cli import plugins, profiles
from cli.agent_choice import may_answer
from cli.host_findings import DISK, add_former, print_findings
from cli.operations import TERMINAL
from cli.options import Output
from cli.output import print_fields, print_json, print_table, resources, summary, text
from cli.providers import unreported
from cli.standing import down, standing
from cli.task_outcome import TERMINAL as TASK_TERMINAL
from client.agent import AgentClient, address
from client.errors import ClientError
from client.operator import OperatorClient

AGENTS_ASKED: Final = 32
"""At the same time, about their isolation."""

View = Callable[[OperatorClient, Output], Awaitable[None]]


async def show(name: str, url: str, output: Output) -> None:
    """The view of that name (cluster_commands.VIEWS). Raises ClientError."""
    async with OperatorClient(url) as client:
        await VIEWS[name](client, output)


def _print(output: Output, name: str, items: list[Any], headers: str, rows: Any, empty: str) -> None:
    if output is Output.JSON:
        print_json({name: items})
    else:
        print_table(headers.split("|"), rows, empty)


async def _status(client: OperatorClient, output: Output) -> None:
    healthy, version, state = await asyncio.gather(client.healthy(), client.version(), client.state())
    providers, leader = await asyncio.gather(client.providers(), client.leader())
    paused = "" if leader.offers_paused is UNSET else leader.offers_paused
    known = master.ResponseGetAgents() if state.get_agents is UNSET else state.get_agents
    add_former(known)
    agents = known.agents
    found = [each for agent in agents for each in agent.findings]
    disks = sum(each.kind == DISK for each in found)
    left = len(found) - disks
    tasks = [] if state.get_tasks is UNSET else state.get_tasks.tasks
    executors = [] if state.get_executors is UNSET else state.get_executors.executors
    frameworks = [] if state.get_frameworks is UNSET else state.get_frameworks.frameworks
    operations = [] if state.get_operations is UNSET else state.get_operations.operations
    volumes = [] if state.get_volumes is UNSET else state.get_volumes.volumes
    pending = [each for each in operations if each.latest_status.state not in TERMINAL]
    document = {
        "url": client.url,
        "healthy": healthy,
        "version": version,
        "agents": {
            "total": len(agents),
            "active": sum(each.active for each in agents),
            "findings": len(found),
        },
        "resource_providers": {
            "total": len(providers),
            "connected": sum(each.connected is True for each in providers),
        },
        "frameworks": {"total": len(frameworks), "active": sum(each.active for each in frameworks)},
        "tasks": {"total": len(tasks)},
        "executors": {"total": len(executors)},
        "operations": {"total": len(operations), "pending": len(pending)},
        "volumes": _count_states(volumes),
        "offers_paused": paused or None,
        "writes_waiting": _set(leader.writes_waiting),
        "registry_differences": _set(leader.registry_differences) or 0,
        "leader": {"address": _address(leader), "elected": _set(leader.elected_time)},
        "standbys": [{"name": each.name, "address": _set(each.address)} for each in leader.standbys],
    }
    if output is Output.JSON:
        print_json(document)
        return
    states = ", ".join(f"{count} {state.lower()}" for state, count in _count_states(volumes).items())
    product = "" if version.product_version is UNSET else f" ({version.product} {version.product_version})"
    print_fields(
        (
            ("orchestrator", f"{client.url}, {'healthy' if healthy else 'not healthy'}"),
            *_led(client.url, leader),
            ("API", f"v{version.version}{product}"),
            ("agents", _of(document["agents"], "active")),
            ("providers", _of(document["resource_providers"], "connected")),
            ("volumes", states or "none"),
            ("operations", _of(document["operations"], "pending")),
            ("frameworks", _of(document["frameworks"], "active")),
            ("tasks", f"{len(tasks)}, {len(executors)} executors" if executors else str(len(tasks))),
            *([("offers", paused)] if paused else []),
            *_registry(leader),
            *([("disks", f"{disks} failing, or away: orlop devices")] if disks else []),
            *([("findings", f"{left} on hosts, left of former lives: orlop agents")] if left else []),
        )
    )


def _registry(leader: master.ResponseGetMaster) -> list[tuple[str, str]]:
    """What is to be seen of the registry, when there is something."""
    lines = []
    if isinstance(leader.writes_waiting, str):
        lines.append(("registry", f"nothing is accepted: writes wait ({leader.writes_waiting})"))
    if isinstance(leader.registry_differences, int):
        found = leader.registry_differences
        lines.append(("restored", f"{found} differences from the cluster: orlop registry differences"))
    return lines


def _led(url: str, leader: master.ResponseGetMaster) -> list[tuple[str, str]]:
    """Who leads and who follows, where there are several orchestrators."""
    address = _address(leader)
    if not leader.standbys and (address is None or url.endswith(f"://{address}")):
        return []
    followers = ", ".join(f"{text(each.address)} ({each.name})" for each in leader.standbys)
    return [("leader", address or "unknown"), ("standbys", followers or "none")]


def _address(leader: master.ResponseGetMaster) -> str | None:
    info = leader.master_info
    if info is UNSET or info.hostname is UNSET:
        return None
    return f"[{info.hostname}]:{info.port}" if ":" in info.hostname else f"{info.hostname}:{info.port}"


def _set(value: Any) -> Any:
    return None if value is UNSET else value


def _of(counts: Any, word: str) -> str:
    return f"{counts['total']} ({counts[word]} {word})"


def _count_states(volumes: list[master.VolumeInfo]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for volume in volumes:
        state = text(volume.state).removeprefix("VOLUME_")
        counts[state] = counts.get(state, 0) + 1
    return dict(sorted(counts.items()))


async def _agents(client: OperatorClient, output: Output) -> None:
    answer = await client.agents()
    add_former(answer)
    agents = answer.agents
    isolation, away = await asyncio.gather(_isolation(agents), down(client, agents))
    rows = (
        (
            text(each.agent_info.id),
            each.agent_info.hostname,
            address(each),
            standing(each, is_down=text(each.agent_info.id) in away),
            summary(each.total_resources),
            summary(each.allocated_resources),
            _enforced(enforced),
        )
        for each, enforced in zip(agents, isolation, strict=True)
    )
    headers = "ID|HOST|ADDRESS|STATE|TOTAL|ALLOCATED|ISOLATION"
    documents = [
        msgspec.to_builtins(each)
        | ({} if enforced is None else {"isolation": msgspec.to_builtins(enforced)})
        | ({"down_for_maintenance": True} if text(each.agent_info.id) in away else {})
        for each, enforced in zip(agents, isolation, strict=True)
    ]
    _print(output, "agents", documents, headers, rows, "No agents have registered.")
    if output is Output.TABLE:
        print_findings(agents)


async def _isolation(agents: Sequence[master.ResponseGetAgentsAgent]) -> list[wire.ResponseIsolation | None]:
    """What each of them enforces; None for those that do not answer."""
    turns = asyncio.Semaphore(AGENTS_ASKED)

    async def ask(agent: master.ResponseGetAgentsAgent) -> wire.ResponseIsolation | None:
        if not may_answer(agent):
            return None
        try:
            async with turns, AgentClient(address(agent)) as client:
                return await client.isolation()
        except ClientError:
            return None

    return await asyncio.gather(*(ask(each) for each in agents))


def _enforced(isolation: wire.ResponseIsolation | None) -> str:
    """The containerizer, and what of limits, volumes and images it can do."""
    if isolation is None:
        return "-"
    can = (
        (isolation.memory_limit, "mem"),
        (isolation.cpu_limit, "cpu"),
        (isolation.processes_limit is True, "pids"),
        (isolation.volumes, "volumes"),
        (isolation.images, "images"),
    )
    words = [name for has, name in can if has] + [each for each in isolation.networks if each == "bridge"]
    return f"{isolation.containerizer}: {','.join(words) or 'nothing'}"


async def _providers(client: OperatorClient, output: Output) -> None:
    """Those that have reported, and those that the agents wait for."""
    providers = await client.providers()
    waited_for = await unreported(client, {text(each.resource_provider_info.id) for each in providers})
    shown = [(each, _notices(each)) for each in providers] + waited_for
    rows = (
        (
            text(each.resource_provider_info.id),
            f"{each.resource_provider_info.type}/{each.resource_provider_info.name}",
            text(each.agent_id),
            "connected" if each.connected is True else "disconnected",
            ",".join(profile.name for profile in each.profiles) or "-",
            summary(each.total_resources),
            notices,
        )
        for each, notices in shown
    )
    headers = "ID|TYPE/NAME|AGENT|STATE|PROFILES|TOTAL|NOTICES"
    documents = [each for each, _ in shown]
    _print(output, "resource_providers", documents, headers, rows, "No resource providers have subscribed.")


def _notices(provider: master.Provider) -> str:
    """How many volumes an operator should look at, and the worst of them."""
    if not provider.notices:
        return "-"
    worst = provider.notices[0]
    total = len(provider.notices) if provider.notices_total is UNSET else provider.notices_total
    return f"{total}: {text(worst.kind)} {worst.source_id}: {text(worst.message)}"


async def _frameworks(client: OperatorClient, output: Output) -> None:
    frameworks = (await client.frameworks()).frameworks
    rows = (
        (
            text(each.framework_info.id),
            each.framework_info.name,
            ",".join(each.framework_info.roles) or "-",
            "connected" if each.connected else "disconnected",
            "active" if each.active else "inactive",
            resources(each.allocated_resources),
            str(len(each.offers)),
        )
        for each in frameworks
    )
    headers = "ID|NAME|ROLES|CONNECTION|STATE|ALLOCATED|OFFERS"
    _print(output, "frameworks", frameworks, headers, rows, "No frameworks have subscribed.")


async def _executors(client: OperatorClient, output: Output) -> None:
    """With the number of their tasks that have not ended."""
    executors, found = await asyncio.gather(client.executors(), client.tasks())
    counts = Counter(
        (task.agent_id.value, task.framework_id.value, text(task.executor_id))
        for task in found.tasks
        if task.state not in TASK_TERMINAL
    )
    infos = [(each.executor_info, each.agent_id.value) for each in executors]
    rows = (
        (
            info.executor_id.value,
            text(info.type),
            text(info.framework_id),
            agent_id,
            str(counts[agent_id, text(info.framework_id), info.executor_id.value]),
            resources(info.resources),
        )
        for info, agent_id in infos
    )
    headers = "ID|TYPE|FRAMEWORK|AGENT|TASKS|RESOURCES"
    _print(output, "executors", executors, headers, rows, "No executors run: command tasks need none.")


VIEWS: Final[dict[str, View]] = {
    "status": _status,
    "agents": _agents,
    "providers": _providers,
    "profiles": profiles.show,
    "frameworks": _frameworks,
    "executors": _executors,
    "plugins": plugins.show,
}
