"""What an agent looks at to tell its operator what is left of former lives: put together."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from msgspec import UNSET

from agent.containerizer.watch import scope_of
from agent.containers.keeper import OperatorContainers
from agent.daemon import Agent
from agent.host.detection import boot_id
from agent.host.history import HostHistory, Life
from agent.host.remains import Places, Remains
from agent.providers.providers import Providers
from agent.sandboxes.root_volumes import RootVolumes
from cli.agent_settings import AgentSettings
from cli.agent_storage import pool_of
from provider.own import OwnResources
from store.port import Store


def history_of(
    settings: AgentSettings,
    work_dir: Path,
    store: Store,
    agent: Agent,
    own: OwnResources,
    containers: OperatorContainers,
    directories: RootVolumes,
    failed: Callable[[BaseException], None],
) -> HostHistory:
    """The history of this host, as far as it is this agent's."""
    places = Places(
        pool=os.path.realpath(pool_of(settings, work_dir)),
        mounts=str(work_dir / "mounts"),
        volumes=directories.root,
        group=f"orlop-{scope_of(work_dir)}",
    )
    # Before the agent has recovered nobody can say which volumes it knows.
    remains = Remains(places, lambda role, name: not agent.recovered or own.has_volume(role, name))
    return HostHistory(
        store,
        remains,
        lambda: _life(agent, containers, work_dir),
        lambda: disks_of(agent.providers),
        agent.tell,
        failed,
    )


def disks_of(providers: Providers) -> frozenset[str]:
    """The ids of the disks that they have reported."""
    disks = (each.disk for report in providers.reports for each in report.update_state.resources)
    sources = (disk.source for disk in disks if disk is not UNSET)
    return frozenset(source.id for source in sources if source is not UNSET and source.id is not UNSET)


def _life(agent: Agent, containers: OperatorContainers, work_dir: Path) -> Life:
    now = boot_id()
    return Life(
        boot_id=now,
        tasks=[
            each.info.task_id.value
            for each in agent.tasks.records
            if not each.terminal and each.boot_id not in (None, now)
        ],
        containers=[each.key for each in containers.records if each.boot_id != now and each.live],
        found=agent.found,
        orphans=agent.orphans,
        providers={path.stem.rpartition(".")[2] for path in (work_dir / "providers").glob("*.db")},
    )
