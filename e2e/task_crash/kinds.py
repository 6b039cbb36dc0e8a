"""The tasks of the crash test, and how each has to end when nothing of its own was killed. Values only."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET

from api.wire.v1 import mesos

STARTED: Final = "starts"
"""File in the sandbox that gets a line at each start."""

_BEGIN: Final = f'echo started >> "$MESOS_SANDBOX/{STARTED}"; '
FINISHED, FAILED, KILLED = "TASK_FINISHED", "TASK_FAILED", "TASK_KILLED"


@dataclass(frozen=True)
class TaskKind:
    """`command` with {pause} for a moment's length; `ends` is the state, `says` a part of its message.

    `is_killed`: its framework kills it when it runs. `grace`: seconds in its kill policy.
    """

    name: str
    command: str
    ends: str
    says: str = ""
    is_killed: bool = False
    grace: float | None = None
    needs_volume: bool = False

    def kill_policy(self) -> mesos.KillPolicy | object:
        if self.grace is None:
            return UNSET
        return mesos.KillPolicy(grace_period=mesos.DurationInfo(nanoseconds=int(self.grace * 1e9)))

    def command_info(self, rng: random.Random) -> mesos.CommandInfo:
        text = _BEGIN + self.command.format(pause=f"{rng.random():.2f}")
        return mesos.CommandInfo(shell=True, value=text)


KINDS: Final = (
    TaskKind("ends", "sleep {pause}; echo done", FINISHED),
    TaskKind("fails", "sleep {pause}; exit 3", FAILED, "status 3"),
    TaskKind("leaves processes behind", "(sleep 9999; true) & (sleep 9998; true) & sleep {pause}", FINISHED),
    TaskKind("prints", "sleep {pause}; seq 1 200000", FINISHED),
    TaskKind("is killed", "sleep 9999", KILLED, is_killed=True),
    TaskKind(
        "hears no signal",
        "trap '' TERM; while true; do sleep 1; done",
        KILLED,
        is_killed=True,
        grace=0.3,
    ),
    TaskKind("writes to a volume", "date >> data/log; sync; sleep {pause}", FINISHED, needs_volume=True),
    TaskKind("is killed with a volume", "cd data; sleep 9999", KILLED, is_killed=True, needs_volume=True),
)
