"""How the container of an executor comes to run. Each step may be repeated; what was taken is given back at
the executor's end.
"""

from __future__ import annotations

from dataclasses import replace

from msgspec import UNSET

from agent.container_volumes import Places, check_target, volume_binds
from agent.containerizer.interface import ContainerizerError, ContainerSpec, ContainerState, Limits, Who
from agent.executors.parts import ExecutorParts
from agent.executors.record import ExecutorRecord
from agent.executors.spec import executor_spec


class LaunchFailed(Exception):
    """The executor's container cannot be started; the text says why."""


async def prepare(record: ExecutorRecord, parts: ExecutorParts, limits: Limits) -> ContainerSpec:
    """All that has to be there before the container can be started. May be repeated, and given up."""
    tasks, container = parts.tasks, record.as_container()
    if (full := tasks.room()) is not None:
        raise LaunchFailed(full)
    binds = await tasks.publisher.publish(container)
    owner = tasks.owner_of(container.user)
    sandbox = tasks.sandboxes.create(*record.key, record.container_id, owner)
    if record.info.command is not UNSET:
        await tasks.fetcher.fetch(record.info.command, sandbox, owner, lambda text: None)
    for bind in binds:
        check_target(sandbox, bind.target)
    if record.info.container is not UNSET:
        places = Places(sandbox, None, owner, tasks.hidden)
        binds += volume_binds(record.info.container, places)
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


async def start(spec: ContainerSpec, parts: ExecutorParts) -> ContainerState | None:
    """Start the container, once; as it is then. Raises ContainerizerError."""
    limits = parts.tasks.limits
    for attempt in range(limits.launch_attempts):
        try:
            return await parts.tasks.containerizer.launch(spec)
        except ContainerizerError as error:
            if error.who is not Who.RETRY or attempt + 1 == limits.launch_attempts:
                raise
            await parts.pause(attempt)
    return None
