"""The life of an executor on its agent, as data; and what a custom executor may say of its tasks.

No I/O, no clock, no messages here: `agent.executors.run` carries out what the phases mean and
persists them; this room only says which phase follows from which event.

    LAUNCHING --LAUNCHED--> REGISTERING --SUBSCRIBED--> RUNNING --EXITED--> TERMINATED
        \\  \\--ROOT_LAUNCHED----------------------------->/  \\                 /
         LAUNCH_FAILED, SHUTDOWN, OVERDUE, IDLE ----------> TERMINATING --EXITED

An executor of type DEFAULT is played by the agent: its container only holds the network and the
sandbox of its groups, and never subscribes. Invariant: phases never move backwards.
"""

from __future__ import annotations

import enum

from agent.tasks.state import TaskPhase
from api.wire.v1.mesos import TaskState


class ExecutorPhase(enum.StrEnum):
    """What is durably known about an executor. The value is what the checkpoint holds."""

    LAUNCHING = "LAUNCHING"
    """Known; its container may or may not have been started."""
    REGISTERING = "REGISTERING"
    """Its container was started; it was never subscribed, so it was given no task."""
    RUNNING = "RUNNING"
    """It was subscribed, or needs not be; it may have been given tasks."""
    TERMINATING = "TERMINATING"
    """It has to end; its container may or may not run."""
    TERMINATED = "TERMINATED"
    """Its container has ended; what it held is being given back, and its tasks are being told."""


class ExecutorEvent(enum.StrEnum):
    """What can happen to an executor."""

    LAUNCHED = "LAUNCHED"
    ROOT_LAUNCHED = "ROOT_LAUNCHED"
    """The container of an executor that the agent plays: there is nobody to subscribe."""
    LAUNCH_FAILED = "LAUNCH_FAILED"
    SUBSCRIBED = "SUBSCRIBED"
    OVERDUE = "OVERDUE"
    """It did not subscribe, or not again, within its time."""
    IDLE = "IDLE"
    """The last task of one that the agent plays is over."""
    SHUTDOWN = "SHUTDOWN"
    EXITED = "EXITED"
    DISAPPEARED = "DISAPPEARED"
    """The containerizer does not know the container."""


class InvalidExecutorTransition(Exception):
    """An event that the executor's phase does not allow: a fault of the agent's own; report it."""

    def __init__(self, phase: ExecutorPhase, event: ExecutorEvent) -> None:
        super().__init__(f"an executor that is {phase} cannot take the event {event}")
        self.phase = phase
        self.event = event


P, E = ExecutorPhase, ExecutorEvent

TRANSITIONS: dict[tuple[ExecutorPhase, ExecutorEvent], ExecutorPhase] = {
    (P.LAUNCHING, E.LAUNCHED): P.REGISTERING,
    (P.LAUNCHING, E.ROOT_LAUNCHED): P.RUNNING,
    # Something of it may have been started all the same: its end is made sure of.
    (P.LAUNCHING, E.LAUNCH_FAILED): P.TERMINATING,
    (P.LAUNCHING, E.SHUTDOWN): P.TERMINATING,
    # The host was booted anew: the container may have run, and is not started a second time.
    (P.LAUNCHING, E.DISAPPEARED): P.TERMINATED,
    (P.REGISTERING, E.SUBSCRIBED): P.RUNNING,
    (P.REGISTERING, E.OVERDUE): P.TERMINATING,
    (P.REGISTERING, E.SHUTDOWN): P.TERMINATING,
    (P.REGISTERING, E.EXITED): P.TERMINATED,
    (P.REGISTERING, E.DISAPPEARED): P.TERMINATED,
    (P.RUNNING, E.SUBSCRIBED): P.RUNNING,
    (P.RUNNING, E.OVERDUE): P.TERMINATING,
    (P.RUNNING, E.IDLE): P.TERMINATING,
    (P.RUNNING, E.SHUTDOWN): P.TERMINATING,
    (P.RUNNING, E.EXITED): P.TERMINATED,
    (P.RUNNING, E.DISAPPEARED): P.TERMINATED,
    (P.TERMINATING, E.EXITED): P.TERMINATED,
    (P.TERMINATING, E.DISAPPEARED): P.TERMINATED,
}


def next_phase(phase: ExecutorPhase, event: ExecutorEvent) -> ExecutorPhase:
    """The phase after `event`. Raises InvalidExecutorTransition for a pair that is not in the table."""
    try:
        return TRANSITIONS[phase, event]
    except KeyError:
        raise InvalidExecutorTransition(phase, event) from None


# What a custom executor says of a task


class InvalidUpdate(Exception):
    """An update that cannot be true: the executor has to be mended. The text says what is wrong with it."""


T, S = TaskPhase, TaskState

_ENDS: dict[TaskState, TaskPhase] = {
    S.TASK_FINISHED: T.FINISHED,
    S.TASK_FAILED: T.FAILED,
    S.TASK_KILLED: T.KILLED,
    S.TASK_ERROR: T.ERROR,
    S.TASK_LOST: T.LOST,
    S.TASK_GONE: T.LOST,
}

SAID: dict[tuple[TaskPhase, TaskState], TaskPhase] = {
    (T.RECEIVED, S.TASK_STARTING): T.STARTING,
    (T.RECEIVED, S.TASK_RUNNING): T.RUNNING,
    (T.RECEIVED, S.TASK_KILLING): T.KILLING,
    (T.STARTING, S.TASK_STARTING): T.STARTING,
    (T.STARTING, S.TASK_RUNNING): T.RUNNING,
    (T.STARTING, S.TASK_KILLING): T.KILLING,
    # Again, with other checks or another message.
    (T.RUNNING, S.TASK_RUNNING): T.RUNNING,
    (T.RUNNING, S.TASK_KILLING): T.KILLING,
    (T.KILLING, S.TASK_KILLING): T.KILLING,
    **{
        (phase, state): end
        for phase in (T.RECEIVED, T.STARTING, T.RUNNING, T.KILLING)
        for state, end in _ENDS.items()
    },
}
"""A task of a custom executor is RECEIVED until the executor says something of it: it may have been handed
to it or not. What is not in this table is refused."""


def phase_said(phase: TaskPhase, state: TaskState) -> TaskPhase:
    """The phase of a task after its executor said `state`. Raises InvalidUpdate for what cannot follow."""
    try:
        return SAID[phase, state]
    except KeyError:
        raise InvalidUpdate(f"a task that is {phase} cannot become {state.value}") from None
