"""What a run of a task works with: ports, limits, and where its sandbox is.

Nothing is done here; `agent.task_run` does it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.containerizer.interface import Containerizer
from agent.publisher import OwnerOf, Publisher
from agent.task_record import TaskRecord
from api.model.clock import Clock
from api.model.ids import IdSource
from store.port import Store


class Sandboxes(Protocol):
    """Where tasks work and leave their output."""

    def create(
        self,
        framework: str,
        task: str,
        container: str,
        owner: tuple[int, int] | None = None,
        *,
        mode: int = 0o755,
    ) -> Path:
        """The absolute path of a task's sandbox, which exists afterwards. Idempotent. Raises OSError."""

    def path(self, framework: str, task: str, container: str) -> Path:
        """Where that sandbox is, made or not."""

    def retire(self, sandbox: Path) -> None:
        """Its container has ended: it may be collected some time later. Idempotent."""

    def retire_others(self, in_use: Collection[Path]) -> None:
        """Only these are in use: all others have ended."""

    async def collect(self) -> Sequence[Path]:
        """Remove what ended long enough ago; returns what was removed."""


@dataclass(frozen=True, slots=True)
class TaskLimits:
    """Seconds and counts, and what happens at each bound."""

    tasks: int = 5_000
    """Tasks known at once; one more is dropped and its framework told so."""
    launch_attempts: int = 5
    """Launches whose outcome stayed unknown; then the task fails and what was started is removed."""
    first_retry: float = 0.2
    max_retry: float = 10.0
    """Waits between repeats of a containerizer's call, doubling; all but launches repeat for ever."""
    release_patience: float = 5.0
    """How long a terminal status is held back so that volumes are free when its owner hears of it."""
    output_limit_bytes: int = 10 * 1024 * 1024
    """Kept of each output stream of a task; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class TaskParts:
    """What every run of a task works with."""

    store: Store
    containerizer: Containerizer
    publisher: Publisher
    sandboxes: Sandboxes
    clock: Clock
    ids: IdSource
    agent_id: Callable[[], str]
    deliver: Callable[[TaskRecord], None]
    owner_of: OwnerOf
    boot_id: str = ""
    """Another one after each boot of the host."""
    limits: TaskLimits = TaskLimits()
