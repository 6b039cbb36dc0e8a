"""The tasks of the crash test, and how each has to end when nothing of its own was killed. Values only."""

from __future__ import annotations

import enum
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from api.wire.v1 import mesos

STARTED: Final = "starts-"
"""Beginning of the name of a file in the sandbox that gets a line at each start; the task's name follows."""

FINISHED, FAILED, KILLED = "TASK_FINISHED", "TASK_FAILED", "TASK_KILLED"

Fill = Callable[[mesos.TaskInfo], None]
"""Adds to a task's description what a kind has beyond its command."""


@dataclass(frozen=True)
class TaskKind:
    """`command` with {pause} for a moment's length; `ends` is the state, `says` a part of its message.

    `is_killed`: its framework kills it when it runs.
    """

    name: str
    command: str
    ends: str
    says: str = ""
    is_killed: bool = False
    needs_volume: bool = False
    fill: Fill = lambda _: None

    def text(self, name: str, rng: random.Random) -> str:
        """The command of the task of that name, for a shell."""
        begin = f'echo started >> "$MESOS_SANDBOX/{STARTED}{name}"; '
        return begin + self.command.format(pause=f"{rng.random():.2f}")


class By(enum.Enum):
    """Who runs the tasks of a plan."""

    AGENT = enum.auto()
    GROUP = enum.auto()
    """The agent too: a group of its own executor."""
    EXECUTOR = enum.auto()
    """The example executor of the documentation, which is given one task after the other."""
    EXECUTOR_GROUP = enum.auto()
    """The same, given all at once."""

    @property
    def is_custom(self) -> bool:
        return self in (By.EXECUTOR, By.EXECUTOR_GROUP)


@dataclass(frozen=True)
class Plan:
    """What is launched at once. With a custom executor a volume is that executor's."""

    members: tuple[TaskKind, ...]
    by: By = By.AGENT

    @property
    def needs_volume(self) -> bool:
        return any(kind.needs_volume for kind in self.members)


def _grace(seconds: float) -> Fill:
    def fill(info: mesos.TaskInfo) -> None:
        info.kill_policy = mesos.KillPolicy(grace_period=mesos.DurationInfo(nanoseconds=int(seconds * 1e9)))

    return fill


def _health(command: str) -> Fill:
    def fill(info: mesos.TaskInfo) -> None:
        info.health_check = mesos.HealthCheck(
            type=mesos.HealthCheckType.COMMAND,
            command=mesos.CommandInfo(shell=True, value=command),
            delay_seconds=0.0,
            interval_seconds=0.2,
            grace_period_seconds=0.0,
            consecutive_failures=2,
        )

    return fill


def _fetches(info: mesos.TaskInfo) -> None:
    assert isinstance(info.command, mesos.CommandInfo)
    info.command.uris = [mesos.CommandInfoURI(value="file:///etc/passwd", output_file="fetched/file")]


def _shares(info: mesos.TaskInfo) -> None:
    """A directory of the group's sandbox, at `shared` in the task's own."""
    path = mesos.VolumeSourceSandboxPath(type=mesos.VolumeSourceSandboxPathType.PARENT, path="shared")
    source = mesos.VolumeSource(type=mesos.VolumeSourceType.SANDBOX_PATH, sandbox_path=path)
    volume = mesos.Volume(container_path="shared", mode=mesos.VolumeMode.RW, source=source)
    info.container = mesos.ContainerInfo(type=mesos.ContainerInfoType.MESOS, volumes=[volume])


_ALONE: Final = (
    TaskKind("ends", "sleep {pause}; echo done", FINISHED),
    TaskKind("fails", "sleep {pause}; exit 3", FAILED, "status 3"),
    TaskKind("leaves processes behind", "(sleep 9999; true) & (sleep 9998; true) & sleep {pause}", FINISHED),
    TaskKind("prints", "sleep {pause}; seq 1 200000", FINISHED),
    TaskKind("fetches", "test -s fetched/file; sleep {pause}", FINISHED, fill=_fetches),
    TaskKind("is healthy", "touch ok; sleep 1; sleep {pause}", FINISHED, fill=_health("true")),
    TaskKind("is unhealthy", "sleep 9999", KILLED, "health", fill=_health("false")),
    TaskKind("is killed", "sleep 9999", KILLED, is_killed=True),
    TaskKind(
        "hears no signal",
        "trap '' TERM; while true; do sleep 1; done",
        KILLED,
        is_killed=True,
        fill=_grace(0.3),
    ),
    TaskKind("writes to a volume", "date >> data/log; sync; sleep {pause}", FINISHED, needs_volume=True),
    TaskKind("is killed with a volume", "cd data; sleep 9999", KILLED, is_killed=True, needs_volume=True),
)

PLANS: Final = (
    *(Plan((kind,)) for kind in _ALONE),
    Plan(
        (
            TaskKind("group: writes", "sleep {pause}; echo x > shared/made", FINISHED, fill=_shares),
            TaskKind(
                "group: reads",
                "while [ ! -e shared/made ]; do sleep 0.05; done; cat shared/made",
                FINISHED,
                fill=_shares,
            ),
        ),
        By.GROUP,
    ),
    Plan(
        (
            TaskKind("group: fails", "sleep {pause}; exit 4", FAILED, "status 4"),
            TaskKind("group: is ended with it", "sleep 9999", KILLED, "group"),
        ),
        By.GROUP,
    ),
    Plan(
        (
            TaskKind("group: is killed", "sleep 9999", KILLED, is_killed=True),
            TaskKind("group: is killed with it", "sleep 9999", KILLED, "group"),
        ),
        By.GROUP,
    ),
    Plan(
        (
            TaskKind("executor: ends", "sleep {pause}; echo done", FINISHED, "exited with 0"),
            TaskKind("executor: fails", "sleep {pause}; exit 5", FAILED, "exited with 5"),
            TaskKind("executor: is killed", "sleep 9999", KILLED, "SIGTERM", is_killed=True),
        ),
        By.EXECUTOR,
    ),
    Plan(
        (TaskKind("executor: writes to its volume", "date >> data/log; sync", FINISHED, needs_volume=True),),
        By.EXECUTOR,
    ),
    Plan(
        (
            TaskKind("executor's group: ends", "sleep {pause}", FINISHED),
            TaskKind("executor's group: ends too", "sleep {pause}; echo done", FINISHED),
        ),
        By.EXECUTOR_GROUP,
    ),
)
