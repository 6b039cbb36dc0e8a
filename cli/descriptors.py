"""Open files: a daemon that thousands dial takes as many as the host lets it have.

Shells and service managers start processes with a soft limit of about a thousand, for programs that use
select(); this one does not. Not for daemons that start others' programs: these inherit the limit.
"""

from __future__ import annotations

import logging
import resource
from typing import Final

KEPT: Final = 3_000
"""Descriptors that links of agents leave to HTTP, the database and files."""

log = logging.getLogger(__name__)


def raised() -> int:
    """Raise the soft limit to the hard one, and return what may be open now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError) as error:
            log.warning("at most %d files can be open at once: %s", soft, error)
            return soft
    return hard


def for_links(descriptors: int, wanted: int) -> int:
    """How many of so many descriptors links may take: `wanted`, or what is left; half of them at least."""
    return max(min(wanted, descriptors - KEPT), min(wanted, descriptors // 2))
