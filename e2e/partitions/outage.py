"""How long a cluster is without a leader, as those see it who use it: asked again and again over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from e2e.harness.daemon import Daemon, until
from e2e.partitions.site import Site

LONGEST_SECONDS = 60.0
"""For anything of it; a slow machine is no failure."""


@dataclass(frozen=True)
class Outage:
    """Seconds from the moment something was done to the leader. `leader` is the one after it."""

    leader: Daemon
    answered: float
    """Until another one answers as the leader."""
    complete: float
    """Until all agents and their plugins are there for it."""

    def __str__(self) -> str:
        back = f"all agents are there after {self.complete:.1f} s"
        return f"{self.leader.name} answers after {self.answered:.1f} s, {back}"


def after(site: Site, old: Daemon, act: Callable[[], object]) -> Outage:
    """Do it to the leader, and wait for another one."""
    began = time.monotonic()
    act()

    leader = until(lambda: site.leader(but=old), LONGEST_SECONDS, f"another one leads than {old.name}")
    answered = time.monotonic() - began
    until(site.is_ready, LONGEST_SECONDS, "all agents are back")
    return Outage(leader, answered, time.monotonic() - began)
