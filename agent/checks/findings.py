"""What one probe found, for both kinds of checks, and how it is told. Pure values."""

from __future__ import annotations

from dataclasses import dataclass

from agent.checks.definition import Check, CheckType
from api.wire.v1 import mesos

Status = mesos.CheckStatusInfo


@dataclass(frozen=True, slots=True)
class Found:
    """`passed` is a health check's view, `status` what a check tells, `words` either for people."""

    passed: bool
    status: Status
    words: str


def nothing_yet(check: Check) -> Status:
    """What is told of a check that has found nothing: its kind only."""
    status = Status(type=check.type)
    if check.type is CheckType.COMMAND:
        status.command = mesos.CheckStatusInfoCommand()
    elif check.type is CheckType.HTTP:
        status.http = mesos.CheckStatusInfoHttp()
    else:
        status.tcp = mesos.CheckStatusInfoTcp()
    return status


def no_answer(check: Check, words: str) -> Found:
    """The probe could not be made, or brought nothing in time. A connection that is not made is an answer."""
    if check.type is CheckType.TCP:
        return tcp_answer(False, words)
    return Found(False, nothing_yet(check), words)


def command_answer(exit_code: int, words: str) -> Found:
    """A command ended with `exit_code`."""
    status = Status(type=CheckType.COMMAND, command=mesos.CheckStatusInfoCommand(exit_code=exit_code))
    return Found(exit_code == 0, status, words)


def http_answer(code: int, passed: bool, words: str) -> Found:
    """A server answered with the status `code`."""
    status = Status(type=CheckType.HTTP, http=mesos.CheckStatusInfoHttp(status_code=code))
    return Found(passed, status, words)


def tcp_answer(succeeded: bool, words: str) -> Found:
    """A connection was made, or was not."""
    return Found(
        succeeded, Status(type=CheckType.TCP, tcp=mesos.CheckStatusInfoTcp(succeeded=succeeded)), words
    )
