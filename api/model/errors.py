"""The families of errors, sorted by who must act next, and the tables at the edges.

Every error that a user, a scheduler or an operator may see is one of these. Nothing here
knows a transport: gRPC codes and HTTP statuses are plain names and numbers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Who(StrEnum):
    """Who acts next, and how."""

    CALLER = "caller"  # the request is invalid: change it; repeating it fails the same way
    STALE = "stale"  # the caller's view is out of date: look again, then decide anew
    BUSY = "busy"  # the plugin is busy: the same call succeeds later
    REFUSED = "refused"  # the plugin refused for good: choose something else
    UNKNOWN_OUTCOME = "unknown outcome"  # nobody knows yet what happened: repeat the same call
    OPERATOR = "operator"  # a person is needed; the error names the command


HTTP_STATUS: dict[Who, int] = {
    Who.CALLER: 400,
    Who.STALE: 409,
    Who.BUSY: 503,
    Who.REFUSED: 409,
    Who.UNKNOWN_OUTCOME: 504,
    Who.OPERATOR: 500,
}

# CSI 1.x, "Error Scheme". A code that says nothing about what the plugin did leaves the outcome
# open; so does any code that is not listed.
WHO_FOR_GRPC: dict[str, Who] = {
    "CANCELLED": Who.UNKNOWN_OUTCOME,
    "UNKNOWN": Who.UNKNOWN_OUTCOME,
    "DEADLINE_EXCEEDED": Who.UNKNOWN_OUTCOME,
    "UNAVAILABLE": Who.UNKNOWN_OUTCOME,
    "INTERNAL": Who.UNKNOWN_OUTCOME,
    "ABORTED": Who.BUSY,
    "INVALID_ARGUMENT": Who.REFUSED,
    "NOT_FOUND": Who.REFUSED,
    "ALREADY_EXISTS": Who.REFUSED,
    "RESOURCE_EXHAUSTED": Who.REFUSED,
    "FAILED_PRECONDITION": Who.REFUSED,
    "OUT_OF_RANGE": Who.REFUSED,
    "UNIMPLEMENTED": Who.REFUSED,
    "PERMISSION_DENIED": Who.OPERATOR,
    "UNAUTHENTICATED": Who.OPERATOR,
    "DATA_LOSS": Who.OPERATOR,
}


def who_for_grpc(code: str) -> Who:
    """Who acts after a call that ended with the gRPC status named `code` (upper case, never "OK")."""
    return WHO_FOR_GRPC.get(code, Who.UNKNOWN_OUTCOME)


class OrlopError(Exception):
    """The root. `str()` is one line that says what is wrong and what to do."""

    who: ClassVar[Who]

    @property
    def http_status(self) -> int:
        """The status of the answer when this error ends an HTTP request."""
        return HTTP_STATUS[self.who]


class InvalidRequest(OrlopError):
    """What was asked for can never be done as asked."""

    who = Who.CALLER


class StaleView(OrlopError):
    """What was asked for rests on something that is no longer so."""

    who = Who.STALE


class PluginBusy(OrlopError):
    """The plugin works on the same volume already, or cannot take more now."""

    who = Who.BUSY


class PluginRefused(OrlopError):
    """The plugin answered, and the answer is no."""

    who = Who.REFUSED


class UnknownOutcome(OrlopError):
    """The answer was lost or came too late; the same call must be repeated until it is answered."""

    who = Who.UNKNOWN_OUTCOME


class OperatorNeeded(OrlopError):
    """No program can go on alone. `command` is what an operator should type."""

    who = Who.OPERATOR

    def __init__(self, message: str, command: str) -> None:
        super().__init__(f"{message}; an operator must run: {command}")
        self.command = command


FAMILY: dict[Who, type[OrlopError]] = {
    Who.CALLER: InvalidRequest,
    Who.STALE: StaleView,
    Who.BUSY: PluginBusy,
    Who.REFUSED: PluginRefused,
    Who.UNKNOWN_OUTCOME: UnknownOutcome,
    Who.OPERATOR: OperatorNeeded,
}
