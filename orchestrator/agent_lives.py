"""Lives of agents: which process may speak as an agent, when more than one would. Pure: it knows no links.

Each start of an agent's process is a life: a number, one more than its work directory had, and an id that it
draws. It also says which lives were before it. The registry keeps the last one that registered.

    the same life                               it is back, and takes the place of its former link
    one after that, while that is here          not now: that one's link has to end first
    one after that                              it is the agent from now on
    one that does not know of it                never: a second process runs on a copy of the work directory,
                                                or an older copy of it was put back

Numbers alone would not do: a copy that is started often enough has the higher one. So a copy of a work
directory changes nothing while the agent itself is here, and an agent whose checkpoint
is older than what it has told never tells anything again.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from api.wire.v1 import link


@dataclass(frozen=True, slots=True)
class Life:
    """number: from 1. id: of one process, 16 bytes."""

    number: int
    id: bytes


@dataclass(frozen=True, slots=True)
class LifeRefused:
    """message: who must act, and how. for_good: asking again cannot help."""

    message: str
    for_good: bool


def life_of(call: link.AgentMessageRegister) -> Life | None:
    """That of the process that registers; None of one that does not say."""
    if not isinstance(call.life, int) or not isinstance(call.life_id, bytes):
        return None
    return Life(call.life, call.life_id)


def former_lives(call: link.AgentMessageRegister) -> frozenset[bytes]:
    """The ids of those that the process that registers knows to have been before it."""
    return frozenset(call.former_life_ids)


def judged(
    agent_id: str, known: Life | None, comes: Life | None, former: Set[bytes], *, is_here: bool
) -> LifeRefused | None:
    """Why a process may not speak as this agent; None when it may. `former`: lives before the one that comes.
    `is_here`: the known life has a link."""
    if known is None or comes is None or comes == known:
        return None
    if known.id not in former:
        return LifeRefused(
            f"agent {agent_id} was here with a later state of its work directory (start {known.number}, this "
            f"is start {comes.number}, of another process): either a copy of the directory is in use, then "
            "stop one of the two; or an older copy was put back, then remove the agent for good "
            f"(orlop agents gone {agent_id}) and give it a new work directory",
            for_good=True,
        )
    if is_here:
        return LifeRefused(
            f"another process is here as agent {agent_id}: if it has ended, this one is taken in as soon as "
            "its link is noticed to be lost; if not, one of the two runs on a copy of the work directory, "
            "and has to be stopped",
            for_good=False,
        )
    return None
