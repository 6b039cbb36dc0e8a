"""How a call can fail, by who must act next. No I/O here."""

from __future__ import annotations

from typing import Final

URL_OPTION: Final = "--url"
"""Of the command line: which orchestrator is meant."""


class ClientError(Exception):
    """The root. `str()` is one line that says what is wrong and what to do."""


class Unreachable(ClientError):
    """No answer came: nothing listens there, or the connection broke. Whether the call was carried out
    is unknown: repeat the same call (its names make a repeat harmless)."""

    def __init__(self, url: str, reason: str, option: str = URL_OPTION) -> None:
        super().__init__(f"cannot reach {url}: {reason}; check that it runs, or name another with {option}")
        self.url = url
        self.reason = reason


class Refused(ClientError):
    """The server answered, and the answer is no. `status` is HTTP's; `message` says why and what to do."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message or f"the server answered with HTTP status {status}")
        self.status = status
        self.message = message


class FrameworkEnded(Refused):
    """The orchestrator said ERROR on a framework's stream: it will not have this framework, or not here (it
    was torn down, its description is invalid, another scheduler took its place). Change that before you try
    again."""

    def __init__(self, message: str) -> None:
        super().__init__(200, message)
