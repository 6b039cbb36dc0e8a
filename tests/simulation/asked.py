"""What a framework asked for, and what it was told of it. A record: it decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Asked:
    """An operation or a task that was asked for.

    `told`: the terminal states it was told, in order. `absent`: it was told, by a status that needs no
    acknowledgement, that there is no such task (refused, dropped, gone, lost). It may have been: then it
    was lost indeed, and the statuses in its stream end with that.
    """

    name: str
    about: str
    life: int
    """Of the framework, when it asked."""
    agent_id: str = ""
    settled: bool = False
    """The call that carried it was answered, so it may be asked about."""
    told: list[str] = field(default_factory=list)
    absent: bool = False
    lost: bool = False
    """It was said to be absent, and statuses of it came later."""
    group: str = ""
    """Of a task: which others were launched with it; "" when it was launched by itself."""
    refused: bool = False
    """It was told TASK_ERROR: the task makes no sense."""
    ran: bool = False
    """It was told a state that only a task has that its agent took on."""

    @property
    def ended(self) -> bool:
        return bool(self.told) or self.absent
