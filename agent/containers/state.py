"""The life of an operator's container, as data: states, events and the table between them.

No I/O, no clock, no messages: `agent.containers.run` carries out what the states mean. A state is durable
before what it stands for is done.

    LAUNCHING --STARTED--> RUNNING --ENDED--> EXITED --REMOVE--> REMOVING, and then forgotten
        \\------REFUSED or GIVEN_UP---------------------------------/

How a container ended is kept until somebody removes it. Invariant: states never move backwards.
"""

from __future__ import annotations

import enum


class ContainerPhase(enum.StrEnum):
    """What is durably known. The value is what the checkpoint holds, and what is shown."""

    LAUNCHING = "LAUNCHING"
    """It may or may not have been started."""
    RUNNING = "RUNNING"
    EXITED = "EXITED"
    """It has ended, and how is kept."""
    REMOVING = "REMOVING"
    """Nothing of it is to be left; some of it may be gone."""


class ContainerEvent(enum.StrEnum):
    """What can happen to a container."""

    STARTED = "STARTED"
    REFUSED = "REFUSED"
    """It was not started, and will not be."""
    ENDED = "ENDED"
    GIVEN_UP = "GIVEN_UP"
    """Nobody waits for it any more: the session that it was launched for has ended."""
    REMOVE = "REMOVE"


class InvalidContainerTransition(Exception):
    """An event that the phase does not allow: a fault of the agent's own; report it."""

    def __init__(self, phase: ContainerPhase, event: ContainerEvent) -> None:
        super().__init__(f"a container that is {phase} cannot take the event {event}")
        self.phase = phase
        self.event = event


P, E = ContainerPhase, ContainerEvent

TRANSITIONS: dict[tuple[ContainerPhase, ContainerEvent], ContainerPhase] = {
    (P.LAUNCHING, E.STARTED): P.RUNNING,
    (P.LAUNCHING, E.REFUSED): P.REMOVING,
    (P.LAUNCHING, E.GIVEN_UP): P.REMOVING,
    # Someone killed it before it was known to run, or the host was booted anew.
    (P.LAUNCHING, E.ENDED): P.EXITED,
    (P.RUNNING, E.ENDED): P.EXITED,
    (P.RUNNING, E.GIVEN_UP): P.REMOVING,
    (P.EXITED, E.REMOVE): P.REMOVING,
    (P.EXITED, E.GIVEN_UP): P.REMOVING,
}


def next_phase(phase: ContainerPhase, event: ContainerEvent) -> ContainerPhase:
    """The phase after `event`. Raises InvalidContainerTransition for a pair that is not in the table."""
    try:
        return TRANSITIONS[phase, event]
    except KeyError:
        raise InvalidContainerTransition(phase, event) from None
