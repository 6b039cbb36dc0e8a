"""How long a refusal holds, from what its framework asked for. Must not: read a clock, know offers."""

from __future__ import annotations

from typing import Final

DEFAULT_REFUSE_SECONDS: Final = 5.0
"""How long a declined agent is not offered again when the framework does not say, or says nonsense."""

MAX_REFUSE_SECONDS: Final = 365 * 24 * 3600.0
"""A longer filter is cut to this."""


def filter_until(now: float, seconds: float, interval: float) -> float | None:
    """When a filter of `seconds` ends that is set at `now`; None for no filter.

    It lasts an allocation interval at least, so that the next offers to be made go to somebody else.
    """
    if not seconds >= 0:  # negative, or no number at all
        seconds = DEFAULT_REFUSE_SECONDS
    if seconds == 0:
        return None
    return now + max(interval, min(seconds, MAX_REFUSE_SECONDS))
