"""Whether this host has what a container's spec speaks of, asked before anything is started.

Only looks. What only one kind of containerizer asks for is checked there.
"""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

from agent.containerizer.interface import Bind, ContainerSpec, LaunchError, ResourceLimit, Who
from agent.containerizer.wellformed import RESOURCE_LIMITS


def refuse_unfit(spec: ContainerSpec) -> None:
    """Raises LaunchError (Who.REQUEST): no sandbox, no place for the output, no such source, a device that is
    none; (Who.OPERATOR): more of a process's limit than the agent has."""
    for name, path in (("sandbox", spec.sandbox), ("output directory", spec.output or spec.sandbox)):
        if not Path(path).is_dir():
            raise LaunchError(f"container {spec.id}: there is no {name} {path}", Who.REQUEST)
    for limit in spec.rlimits:
        _refuse_beyond_own(spec, limit)
    for bind in spec.binds:
        if not Path(bind.source).exists():
            raise LaunchError(
                f"container {spec.id}: there is no {bind.source} to bind", Who.REQUEST, "volume"
            )
        if bind.is_device and _device(bind) is None:
            raise LaunchError(f"container {spec.id}: {bind.source} is not a device", Who.REQUEST, "volume")


def _refuse_beyond_own(spec: ContainerSpec, limit: ResourceLimit) -> None:
    """No process gives another one more than it has, but with a capability that many hosts take from root."""
    own = resource.getrlimit(RESOURCE_LIMITS[limit.name])[1]
    if own != resource.RLIM_INFINITY and (limit.hard is None or limit.hard > own):
        asked = "without bound" if limit.hard is None else str(limit.hard)
        text = f"the limit {limit.name} of its processes is to be {asked}, and the agent's own is {own}"
        raise LaunchError(
            f"container {spec.id}: {text}: raise that one, or ask for less", Who.OPERATOR, "limits"
        )


def device_rules(spec: ContainerSpec) -> list[dict[str, object]]:
    """What an unprivileged container has to be allowed for its devices, as OCI runtimes want it told."""
    rules: list[dict[str, object]] = []
    for bind in spec.binds:
        if bind.is_device and (status := _device(bind)) is not None:
            kind = "b" if stat.S_ISBLK(status.st_mode) else "c"
            numbers = {"major": os.major(status.st_rdev), "minor": os.minor(status.st_rdev)}
            access = "r" if bind.read_only else "rw"
            rules.append({"allow": True, "type": kind, "access": access, **numbers})
    return rules


def _device(bind: Bind) -> os.stat_result | None:
    status = Path(bind.source).stat()
    return status if stat.S_ISBLK(status.st_mode) or stat.S_ISCHR(status.st_mode) else None
