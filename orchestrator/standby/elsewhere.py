"""Where a standby sends who asks for what the leader alone can answer. Values alone."""

from __future__ import annotations

from typing import Final

from api.wire.http_rules import Rejection
from orchestrator.standby.follower import Follower

RETRY_LATER: Final = (("Retry-After", "1"),)


def elsewhere(follower: Follower, path: str) -> Rejection:
    """307 to the leader, as clients of these APIs expect it of one that does not lead; 503 when none is
    known."""
    if follower.leader is None:
        return Rejection(
            503, "no orchestrator leads now: ask again in a moment, here or another one", RETRY_LATER
        )
    location = f"//{follower.leader.address}{path}"
    return Rejection(307, "another orchestrator leads: ask that one", (("Location", location),))
