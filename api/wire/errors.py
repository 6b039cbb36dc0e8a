"""What can be wrong with what arrived. No I/O, no HTTP status here: edges map these.

In each case the sender acts next: it must send something else. Repeating the same bytes cannot help.
"""

from api.model.errors import InvalidRequest


class WireError(InvalidRequest):
    """Something that arrived cannot be used; its text is written for whoever sent it."""


class MalformedDocument(WireError):
    """The bytes are not a document of the announced kind at all (not JSON, cut off, nested too deeply)."""


class InvalidMessage(WireError):
    """The document is well formed but is not the message that was expected.

    `path` names the field from the root, as in `accept.operations[1].create_disk.source`; it is empty when
    the whole message is meant. `reason` says what is wrong with it and what would be right.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


class Unsupported(WireError):
    """The message is valid, and asks for something that this server does not do; its text names it."""


class RecordError(WireError):
    """A stream of records or frames broke its framing: nothing after this point can be read."""
