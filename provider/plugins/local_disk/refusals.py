"""Why a call is refused, in gRPC's codes as the CSI specification assigns them.

A refusal is a definite answer: nothing that the caller asked for is left half done in its name. Not for
bugs: an exception of another kind reaches the client as INTERNAL.
"""

from __future__ import annotations

import grpc

MESSAGE_LIMIT = 1024
"""Characters of a message that reach the client; gRPC carries messages in headers, which are bounded."""


class Refusal(Exception):
    """A call is refused. `code` says who acts next, the message says what to do."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message[:MESSAGE_LIMIT]


class GrowsAtStaging(Refusal):
    """FAILED_PRECONDITION: the volume works on with its old size; staging it next gives it the new one."""

    def __init__(self, message: str) -> None:
        super().__init__(grpc.StatusCode.FAILED_PRECONDITION, message)


def invalid_argument(message: str) -> Refusal:
    """The request can never succeed as it is: the client changes it."""
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, message)


def not_found(volume_id: str) -> Refusal:
    """No such volume: the client forgets it or asks for the right one."""
    return Refusal(grpc.StatusCode.NOT_FOUND, f"no volume {volume_id[:128]!r} in this pool")


def already_exists(message: str) -> Refusal:
    """The name or path is taken with other properties: the client picks another, or the same properties."""
    return Refusal(grpc.StatusCode.ALREADY_EXISTS, message)


def out_of_range(message: str) -> Refusal:
    """No pool state will ever satisfy this size: the client changes it."""
    return Refusal(grpc.StatusCode.OUT_OF_RANGE, message)


def exhausted(message: str) -> Refusal:
    """Not enough capacity, or not here: the client repeats when space was freed, or goes elsewhere."""
    return Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, message)


def failed_precondition(message: str) -> Refusal:
    """The volume is in a state that forbids this: the client makes the other call first."""
    return Refusal(grpc.StatusCode.FAILED_PRECONDITION, message)


def aborted(message: str) -> Refusal:
    """Another call works on the volume, or a token has gone stale: the client repeats later."""
    return Refusal(grpc.StatusCode.ABORTED, message)


def internal(message: str) -> Refusal:
    """The machine failed: the client repeats the same call; an operator reads the message."""
    return Refusal(grpc.StatusCode.INTERNAL, message)
