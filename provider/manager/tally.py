"""What the manager counts, since its start. Names and their meanings only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SUBSCRIBED: Final = "subscribe_events"
DISCONNECTED: Final = "disconnect_events"
REFUSED: Final = "refused_calls"
UNDELIVERABLE: Final = "undeliverable_operations"

COUNTED: Final[Mapping[str, str]] = {
    SUBSCRIBED: "Subscriptions of resource providers that were taken.",
    DISCONNECTED: "Sessions of subscribed resource providers that ended.",
    REFUSED: "Calls of resource providers that were refused.",
    UNDELIVERABLE: "Operations that their provider could not be told of, or asked about.",
}
