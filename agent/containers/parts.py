"""What operators' containers work with: ports, limits, and what they may be nested in.

Nothing is done here; `agent.containers.run` and `agent.containers.keeper` do it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.containerizer.interface import Containerizer
from agent.containers.paths import ContainerPath
from agent.tasks.parts import Sandboxes as TaskSandboxes
from agent.tasks.publisher import OwnerOf
from api.model.clock import Clock
from api.model.ids import IdSource
from store.port import Store


class ContainerRefused(Exception):
    """The call cannot be done, and nothing was: the text says why, and what to do about it."""


class NoSuchContainer(ContainerRefused):
    """Nobody knows a container of that name: it was never launched here, or it was removed."""


class Busy(Exception):
    """As many are served as the agent serves at once: the same call works when others have ended."""


class HostFailed(Exception):
    """The host or the containerizer did not do its part; the text says what. The same call may work later."""


class Sandboxes(TaskSandboxes, Protocol):
    """As tasks have them, and removed at once where nobody may ask for them any more."""

    async def discard(self, sandbox: Path) -> None:
        """Remove a sandbox; what cannot be removed now is collected later."""


@dataclass(frozen=True, slots=True)
class Parent:
    """A running container that others may be nested in.

    `run_id` is the containerizer's; `directory` what its program works in, as it sees it.
    """

    run_id: str
    directory: str


class Parents(Protocol):
    """The containers that are no operator's: those of tasks and executors."""

    def find(self, path: ContainerPath) -> Parent | None:
        """The running container of that path; None when there is none."""

    def knows(self, path: ContainerPath) -> bool:
        """Whether it is one of theirs, running or not."""


@dataclass(frozen=True, slots=True)
class ContainerLimits:
    """Seconds and counts, and what happens at each bound."""

    containers: int = 1_000
    """Operators' containers known at once, ended ones too; one more is refused."""
    launch_attempts: int = 5
    """Launches whose outcome stayed unknown; then it is refused, and what was started is removed."""
    first_retry: float = 0.2
    max_retry: float = 10.0
    """Waits between repeats of a containerizer's call, doubling; all but launches repeat for ever."""
    session_result: float = 60.0
    """How long the result of a session is kept for WAIT calls; then its container is removed."""
    family: float = 10.0
    """How long a removal waits for nested containers to end with their parent; then it is refused."""
    sweep: float = 30.0
    """Between looks for results of containers whose task is forgotten; those are removed."""
    output_limit_bytes: int = 10 * 1024 * 1024
    """Kept of each output stream; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class ContainerParts:
    """What every operator's container works with."""

    store: Store
    containerizer: Containerizer
    sandboxes: Sandboxes
    clock: Clock
    ids: IdSource
    owner_of: OwnerOf
    failed: Callable[[BaseException], None]
    """Told of an error that nobody here can handle: the daemon has to stop and start again."""
    boot_id: str = ""
    """Another one after each boot of the host."""
    limits: ContainerLimits = ContainerLimits()
