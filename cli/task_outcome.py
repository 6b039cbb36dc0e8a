"""How a task ended, and what exit status that is. Pure: no network, no clock."""

from __future__ import annotations

import re
import signal
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET

from api.wire.v1 import mesos
from cli.failures import NOT_RUN

State = mesos.TaskState
TERMINAL: Final = frozenset(
    {
        State.TASK_FINISHED, State.TASK_FAILED, State.TASK_KILLED, State.TASK_ERROR, State.TASK_LOST,
        State.TASK_DROPPED, State.TASK_GONE, State.TASK_GONE_BY_OPERATOR,
    }
)  # fmt: skip
ENDED_BY_ITSELF: Final = frozenset({State.TASK_FINISHED, State.TASK_FAILED, State.TASK_KILLED})
NEVER_RAN: Final = frozenset(
    {mesos.TaskStatusReason.REASON_INVALID_OFFERS, mesos.TaskStatusReason.REASON_RESOURCES_UNKNOWN}
)
"""The offer had gone before the launch arrived: nobody started anything, so another offer will do."""
EXIT_STATUS_LABEL: Final = "exit_status"
_STATUS_IN_MESSAGE: Final = re.compile(r"exited with status (\d+)")
_SIGNAL_IN_MESSAGE: Final = re.compile(r"ended by signal (\d+)")


@dataclass(frozen=True)
class Outcome:
    """How the task ended."""

    task_id: str
    status: mesos.TaskStatus

    @property
    def exit_status(self) -> int:
        """The task's own, else NOT_RUN."""
        return exit_status(self.status)


def exit_status(status: mesos.TaskStatus) -> int:
    """The command's exit status (128 + number after a signal), from a terminal update; else NOT_RUN."""
    if status.state is State.TASK_FINISHED:
        return 0
    if status.labels is not UNSET:
        for label in status.labels.labels:
            if label.key == EXIT_STATUS_LABEL and label.value is not UNSET and label.value.isdigit():
                return int(label.value)
    message = "" if status.message is UNSET else status.message
    if found := _STATUS_IN_MESSAGE.search(message):
        return int(found[1])
    if found := _SIGNAL_IN_MESSAGE.search(message):
        return 128 + int(found[1])
    if status.reason is mesos.TaskStatusReason.REASON_CONTAINER_LIMITATION_MEMORY:
        return 128 + signal.SIGKILL
    return NOT_RUN
