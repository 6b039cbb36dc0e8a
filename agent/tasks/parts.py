"""What a run of a task works with: ports, limits, and where its sandbox is.

Nothing is done here; `agent.tasks.run` does it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from agent.container_volumes import Shared
from agent.containerizer.interface import Containerizer
from agent.fetch.uris import FetchFailed
from agent.sandboxes.sandbox import OwnFolder
from agent.tasks.publisher import OwnerOf, Publisher
from agent.tasks.record import TaskRecord
from api.model.clock import Clock
from api.model.ids import IdSource
from api.wire.v1 import mesos
from store.port import Store

Owner = tuple[int, int]
"""(uid, gid)."""

Progress = Callable[[str], None]
"""Told in a few words what is going on ("fetching http://… : 3 MB"); may be told often."""

Room = Callable[[], str | None]
"""None while new tasks may be started here; else why not, for their owners, with who must act."""

Tell = Callable[[TaskRecord, mesos.TaskStatus], None]
"""Sends a status without a uuid, once, if there is a link: neither durable nor repeated."""


class Fetcher(Protocol):
    """Brings what a command's URIs name into its sandbox."""

    async def fetch(
        self, command: mesos.CommandInfo, sandbox: Path, owner: Owner | None, progress: Progress
    ) -> None:
        """Every URI of `command` is in `sandbox`, as `owner`'s, when this returns.

        Called before the container is started, and again from the beginning after a crash in the middle;
        never once the start was written. May be cancelled at any time: leave nothing outside the sandbox.
        Raises FetchFailed.
        """


class NoFetcher:
    """For an agent that fetches nothing: a task with URIs fails and is told so."""

    async def fetch(
        self, command: mesos.CommandInfo, sandbox: Path, owner: Owner | None, progress: Progress
    ) -> None:
        """See Fetcher."""
        if command.uris:
            raise FetchFailed("this agent fetches no URIs: fetch in the command itself")


class RootFailed(Exception):
    """The container that a group's tasks live in cannot be had; the text says why."""


class Roots(Protocol):
    """The containers that tasks of a group are nested in. Asked only for records with a `parent`."""

    async def ready(self, record: TaskRecord) -> None:
        """The container `record.parent` runs when this returns. Raises RootFailed."""

    def addresses(self, record: TaskRecord) -> tuple[str, ...]:
        """The IP addresses of `record.parent`, whose network the task shares; none when it is the host's."""

    async def volumes(self, record: TaskRecord) -> tuple[Shared, ...]:
        """The volumes of the task's executor. Raises RootFailed, and what a preparation raises."""

    def sandbox(self, record: TaskRecord) -> Path:
        """The task's own sandbox, below that of its parent; it need not exist yet."""

    def parent_sandbox(self, record: TaskRecord) -> Path:
        """The sandbox of `record.parent`, which all tasks of the group share."""


class NoRoots:
    """For an agent without groups."""

    async def ready(self, record: TaskRecord) -> None:
        """See Roots."""
        raise RootFailed("this agent runs no task groups: launch the task by itself")

    def addresses(self, record: TaskRecord) -> tuple[str, ...]:
        """See Roots."""
        return ()

    async def volumes(self, record: TaskRecord) -> tuple[Shared, ...]:
        """See Roots."""
        return ()

    def sandbox(self, record: TaskRecord) -> Path:
        """See Roots."""
        raise RootFailed("this agent runs no task groups")

    def parent_sandbox(self, record: TaskRecord) -> Path:
        """See Roots."""
        raise RootFailed("this agent runs no task groups")


def always_room() -> None:
    """The Room of an agent whose disk nobody watches."""
    return None


def tell_nobody(record: TaskRecord, status: mesos.TaskStatus) -> None:
    """The Tell of an agent that reports no progress."""


def nobody_waits(record: TaskRecord) -> None:
    """For tasks that are in no group."""


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
    volume_patience: float = 5.0
    """How long a volume of what runs may be in trouble after a restart, until its owner is told."""
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
    address: str = ""
    """The host's IP address, as others reach tasks in its network; empty when it is not known."""
    hidden: tuple[Path, ...] = ()
    """Directories of the agent that no task's host path may lead into."""
    fetcher: Fetcher = field(default_factory=NoFetcher)
    room: Room = always_room
    roots: Roots = field(default_factory=NoRoots)
    tell: Tell = tell_nobody
    ended: Callable[[TaskRecord], None] = nobody_waits
    """Told of each task whose end has become durable, at once."""
    limits: TaskLimits = TaskLimits()


def sandbox_of(record: TaskRecord, parts: TaskParts) -> Path:
    """Where a task works, made or not: below its group's sandbox, if it has a group."""
    if record.parent is not None:
        return parts.roots.sandbox(record)
    return parts.sandboxes.path(*record.key, record.container_id)


CHECKS = OwnFolder.CHECKS
"""Below the sandboxes: where the output of tasks' checks is kept, out of the tasks' reach."""


def check_output(record: TaskRecord, parts: TaskParts) -> Path:
    """Where the output of a task's checks is kept, made or not."""
    return parts.sandboxes.path(CHECKS, record.container_id, "output")
