"""Why a task could not be started, as data: each cause with what its owner is told. Pure.

The v1 API has one reason for most of them; the words tell them apart, and each message names who acts.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from agent.container_volumes import VolumeRefused
from agent.containerizer.interface import ContainerizerError, LaunchError
from agent.containerizer.late_volumes import LateVolumeRefused
from agent.fetch.uris import FetchFailed
from agent.tasks.parts import RootFailed
from api.wire.v1 import mesos
from provider.manager.publishing import PublishFailed

Reason = mesos.TaskStatusReason


class Cause(enum.StrEnum):
    """What stood in the way. The values are the words that containerizers use, where they do."""

    IMAGE = "image"
    VOLUME = "volume"
    NETWORK = "network"
    LIMITS = "limits"
    COMMAND = "command"
    FETCH = "fetch"
    USER = "user"
    GROUP = "group"
    HOST = "host"
    FAULT = "fault"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Telling:
    """The reason of the status, and how its message begins."""

    reason: Reason
    beginning: str


LAUNCH_FAILED: Final = Reason.REASON_CONTAINER_LAUNCH_FAILED

TELLINGS: Final[dict[Cause, Telling]] = {
    Cause.IMAGE: Telling(LAUNCH_FAILED, "the image cannot be had: "),
    Cause.VOLUME: Telling(LAUNCH_FAILED, "a volume cannot be had: "),
    Cause.NETWORK: Telling(LAUNCH_FAILED, "the network cannot be had: "),
    Cause.LIMITS: Telling(LAUNCH_FAILED, "the limits cannot be set: "),
    Cause.COMMAND: Telling(Reason.REASON_COMMAND_EXECUTOR_FAILED, "the command cannot be run: "),
    Cause.FETCH: Telling(LAUNCH_FAILED, "its files cannot be fetched: "),
    Cause.USER: Telling(LAUNCH_FAILED, "its user cannot be used: "),
    Cause.GROUP: Telling(LAUNCH_FAILED, "its group cannot be started: "),
    Cause.HOST: Telling(LAUNCH_FAILED, "the agent's host is short of something: "),
    Cause.FAULT: Telling(LAUNCH_FAILED, "the agent met a fault of its own: "),
    Cause.OTHER: Telling(LAUNCH_FAILED, ""),
}


class UserUnknown(Exception):
    """The task's user is none of this host's, or the agent may not act for it; the text says which."""


PREPARATION_ERRORS: Final = (
    PublishFailed,
    FetchFailed,
    RootFailed,
    VolumeRefused,
    LateVolumeRefused,
    UserUnknown,
    LaunchError,
    OSError,
)
"""What a preparation may fail with, each known to `cause_of`."""


def cause_of(error: Exception) -> Cause:
    """What an error of a preparation or a launch is about."""
    if isinstance(error, PublishFailed | VolumeRefused | LateVolumeRefused):
        return Cause.VOLUME
    if isinstance(error, FetchFailed):
        return Cause.FETCH
    if isinstance(error, RootFailed):
        return Cause.GROUP
    if isinstance(error, UserUnknown):
        return Cause.USER
    if isinstance(error, OSError):
        return Cause.HOST
    if isinstance(error, LaunchError):
        return Cause(error.about)
    return Cause.OTHER if isinstance(error, ContainerizerError) else Cause.FAULT


def told(error: Exception) -> tuple[str, Reason]:
    """Message and reason of the status that says so."""
    telling = TELLINGS[cause_of(error)]
    return telling.beginning + str(error), telling.reason
