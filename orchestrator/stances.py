"""What an orchestrator is among the others, and what changes that. A table, and nothing that acts."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Stance(StrEnum):
    """Of this process among the orchestrators."""

    STANDBY = "STANDBY"
    """Another one leads, or nobody yet."""
    RECOVERING = "RECOVERING"
    """It holds the lease, and reads what the leader has to know."""
    LEADING = "LEADING"
    RESIGNING = "RESIGNING"
    """It decides nothing any more, and lets go of what it had as the leader."""
    ENDED = "ENDED"


class Turn(StrEnum):
    """What changes a stance."""

    WON = "WON"
    """The lease is this process's, in a new epoch."""
    RECOVERED = "RECOVERED"
    LOST = "LOST"
    """The lease is another's, or may be soon; or leading failed."""
    STOPPED = "STOPPED"
    """The process was told to end."""
    DROPPED = "DROPPED"
    """Nothing is left of that leadership."""


STANCES: Final[dict[tuple[Stance, Turn], Stance]] = {
    (Stance.STANDBY, Turn.WON): Stance.RECOVERING,
    (Stance.STANDBY, Turn.STOPPED): Stance.ENDED,
    (Stance.RECOVERING, Turn.RECOVERED): Stance.LEADING,
    (Stance.RECOVERING, Turn.LOST): Stance.RESIGNING,
    (Stance.RECOVERING, Turn.STOPPED): Stance.RESIGNING,
    (Stance.LEADING, Turn.LOST): Stance.RESIGNING,
    (Stance.LEADING, Turn.STOPPED): Stance.RESIGNING,
    (Stance.RESIGNING, Turn.STOPPED): Stance.RESIGNING,
    (Stance.RESIGNING, Turn.DROPPED): Stance.STANDBY,
}


class InvalidTurn(Exception):
    """The table has no such transition: a fault of who turned it."""


def after(stance: Stance, turn: Turn) -> Stance:
    """The stance that follows. Raises InvalidTurn, naming both, when the table has none."""
    try:
        return STANCES[stance, turn]
    except KeyError:
        raise InvalidTurn(f"an orchestrator that is {stance} cannot take the turn {turn}") from None
