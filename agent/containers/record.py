"""What the agent knows of one operator's container: the facts it owns, as its checkpoint holds them.

No I/O and no decisions: `agent.containers.run` changes records, `agent.containers.checkpoint` stores them.
"""

from __future__ import annotations

from dataclasses import dataclass

from agent.containerizer.interface import Exit
from agent.containers.paths import ContainerPath, as_text
from agent.containers.state import ContainerPhase
from api.wire.v1 import agent as wire


@dataclass(slots=True)
class ContainerRecord:
    """One container.

    `run_id` names it to the containerizer, and its sandbox: a name that was used before means nothing there.
    `parent` is the containerizer's id of the container it is nested in, None at the top. `kill_grace` is set
    when somebody wanted its end before it was known to run. Invariant: `ended` is set once it is EXITED;
    None afterwards means that nothing was ever started.
    """

    path: ContainerPath
    run_id: str
    parent: str | None
    call: wire.CallLaunchContainer
    session: bool
    """It was launched for one connection, and is removed with it."""
    created_at: float
    boot_id: str
    """Of the host when it was launched: containers of another boot are gone, started or not."""
    phase: ContainerPhase = ContainerPhase.LAUNCHING
    kill_grace: float | None = None
    limited: str | None = None
    """Why it is ended for what it does itself: it fills more of the disk than it was given."""
    ended: Exit | None = None
    pid: int | None = None
    """In memory alone: the main process while it runs."""
    doing: str | None = None
    """In memory alone: what its launch waits for, when that takes long."""

    @property
    def key(self) -> str:
        return as_text(self.path)

    @property
    def live(self) -> bool:
        """Whether its program runs, as far as is known."""
        return self.phase in (ContainerPhase.LAUNCHING, ContainerPhase.RUNNING)
