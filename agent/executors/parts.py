"""What a run of an executor works with: ports, limits, how calls are repeated. Nothing is decided here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from agent.containerizer.interface import ContainerizerError, Who
from agent.containerizer.late_volumes import LateMounts, LateVolumes
from agent.executors.record import ExecutorRecord
from agent.executors.spec import ExecutorLimits
from agent.tasks.parts import TaskParts
from agent.tasks.updates import Send
from api.wire.v1 import mesos
from provider.manager.publishing import PublishFailed

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExecutorParts:
    """What every run of an executor works with. `endpoint` says HOST:PORT of the agent's API."""

    tasks: TaskParts
    endpoint: Callable[[], str]
    agent_info: Callable[[], mesos.AgentInfo]
    send: Send
    """To the orchestrator."""
    limits: ExecutorLimits = field(default_factory=ExecutorLimits)
    late: LateVolumes = field(default_factory=LateMounts)

    def sandbox(self, record: ExecutorRecord) -> Path:
        """Where an executor works, made or not."""
        return self.tasks.sandboxes.path(*record.key, record.container_id)

    async def repeat(self, record: ExecutorRecord, call: Callable[[], Awaitable[T]]) -> T:
        """What `call` returns, however often it has to be repeated; a wrong request is not repeated."""
        attempt = 0
        while True:
            try:
                return await call()
            except ContainerizerError as error:
                if error.who is Who.REQUEST:
                    raise
                log.warning("container of executor %s: %s; trying again", record.key, error.message)
            except (OSError, PublishFailed) as error:
                log.warning("executor %s: %s; trying again", record.key, error)
            await self.pause(attempt)
            attempt += 1

    async def pause(self, attempt: int) -> None:
        """Wait before the next attempt, longer each time."""
        limits = self.tasks.limits
        await asyncio.sleep(min(limits.max_retry, limits.first_retry * 2.0 ** min(attempt, 10)))
