"""Where a call has got to, named: a seam for whoever wants to watch, or to stop the plugin right there.

Each durable or kernel-visible step of each call is reported after it is done. It must not do anything
itself: recovery never depends on what was reported, only on what is on disk and in the kernel.
"""

from __future__ import annotations

import logging
from typing import Protocol

LOG = logging.getLogger(__name__)


class Steps(Protocol):
    """Told after each step. Whatever `reached` raises ends the call at that very place."""

    def reached(self, volume_id: str, step: str) -> None:
        """The step of that name is done for that volume."""


class LoggedSteps:
    """Steps go to the log at level DEBUG: what an operator reads when a call hangs."""

    def reached(self, volume_id: str, step: str) -> None:
        LOG.debug("%s: %s", volume_id, step)
