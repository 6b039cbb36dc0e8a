"""How the container of an executor comes to run. Each step may be repeated; what was taken is given back at
the executor's end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from msgspec import UNSET

from agent.container_volumes import ROOT, Places, Shared, check_target, volume_binds
from agent.containerizer.interface import (
    Bind,
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    Limits,
    Who,
)
from agent.executors.parts import ExecutorParts
from agent.executors.record import ExecutorRecord
from agent.executors.spec import executor_spec
from agent.tasks.progress import TaskProgress
from agent.tasks.publisher import volume_names


class LaunchFailed(Exception):
    """The executor's container cannot be started; the text says why."""


async def prepare(
    record: ExecutorRecord, parts: ExecutorParts, limits: Limits, progress: TaskProgress
) -> ContainerSpec:
    """All that has to be there before the container can be started. May be repeated, and given up."""
    tasks, container = parts.tasks, record.as_container()
    if (full := tasks.room()) is not None:
        raise LaunchFailed(full)
    with progress.step(f"publishing {volume_names(container)} for its executor"):
        published = await tasks.publisher.publish(container, progress.say)
    owner = tasks.owner_of(container.user)
    # A group's sandbox is the agent's own: whoever could change it would lead the agent to other places.
    keeper = None if record.is_played else owner
    sandbox = tasks.sandboxes.create(*record.key, record.container_id, keeper)
    if record.info.command is not UNSET:
        with progress.step("fetching the files of its executor"):
            await tasks.fetcher.fetch(record.info.command, sandbox, owner, progress.say)
    binds = tuple(each.bind for each in _volumes(record, parts, published))
    if record.is_played:  # it does nothing: what its tasks have in the group's sandbox is out of its reach
        sandbox, binds = root_of(sandbox), ()
        sandbox.mkdir(exist_ok=True)
    spec = executor_spec(
        record,
        tasks.agent_id(),
        parts.endpoint(),
        str(sandbox),
        binds,
        tasks.limits.output_limit_bytes,
        parts.limits,
    )
    return replace(spec, limits=limits)


async def volumes_of(record: ExecutorRecord, parts: ExecutorParts) -> tuple[Shared, ...]:
    """The volumes of an executor whose sandbox is there. A repeat answers the same."""
    return _volumes(record, parts, await parts.tasks.publisher.publish(record.as_container()))


def _volumes(record: ExecutorRecord, parts: ExecutorParts, disks: Iterable[Bind]) -> tuple[Shared, ...]:
    tasks, sandbox = parts.tasks, parts.sandbox(record)
    found = [Shared(each, is_disk=True) for each in disks]
    for each in found:
        check_target(sandbox, each.bind.target)
    if record.info.container is not UNSET:
        places = Places(sandbox, None, tasks.owner_of(record.as_container().user), tasks.hidden)
        found += [Shared(each, is_disk=False) for each in volume_binds(record.info.container, places)]
    return tuple(found)


def root_of(sandbox: Path) -> Path:
    """In the sandbox of a group: where the container works that holds the group together."""
    return sandbox / ROOT


async def start(spec: ContainerSpec, parts: ExecutorParts, progress: TaskProgress) -> ContainerState:
    """Start the container, once; as it is then. While it has `said` how far it is, it waits for an image and
    may be broken off. Raises ContainerizerError."""
    attempt = 0
    while True:
        try:
            with progress.step("starting its executor"):
                return await parts.tasks.containerizer.launch(spec, progress.say)
        except ContainerizerError as error:
            attempt += 1
            if error.who is not Who.RETRY or attempt >= parts.tasks.limits.launch_attempts:
                raise
            await parts.pause(attempt - 1)
