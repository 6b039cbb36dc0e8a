"""Other limits for a container that runs, in its control group; the same for every kind of container."""

from __future__ import annotations

from agent.containerizer import wellformed
from agent.containerizer.interface import MIN_CPU_LIMIT, MIN_MEMORY_LIMIT, ContainerizerError, Limits, Who
from agent.containerizer.shim.cgroups import Group


def change_limits(container_id: str, group: Group, limits: Limits) -> None:
    """Set what is asked for, and lift what is not.

    Raises ContainerizerError: impossible limits (Who.REQUEST), none that this host could enforce
    (Who.OPERATOR), less memory than is in use (Who.RETRY, later).
    """
    if (wrong := wellformed.limits_problem(limits)) is not None:
        raise ContainerizerError(f"container {container_id}: {wrong}", Who.REQUEST)
    memory = None if limits.memory_bytes is None else max(limits.memory_bytes, MIN_MEMORY_LIMIT)
    cpu = None if limits.cpu_milli is None else max(limits.cpu_milli, MIN_CPU_LIMIT)
    missing = group.limit(memory, cpu) + group.lift(memory=memory is None, cpu=cpu is None)
    if missing:
        raise ContainerizerError(
            f"container {container_id}: the limit of {' and '.join(missing)} cannot be set: it uses more than"
            " that now, or this host enforces none",
            Who.RETRY if all(group.enforces(name) for name in missing) else Who.OPERATOR,
        )
