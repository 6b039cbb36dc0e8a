"""What a containerizer does not do, said clearly: who would have to change what. Decides nothing else."""

from __future__ import annotations

from agent.containerizer.interface import ContainerizerError, ContainerSpec, LaunchError, Who


def refuse_nesting(spec: ContainerSpec, name: str) -> None:
    """Raises LaunchError (Who.OPERATOR) for one that is nested, has an input or bounds its processes."""
    for asked, what in (
        (spec.parent is not None, "nested containers"),
        (spec.stdin, "an input"),
        (spec.processes is not None, "a limit of processes"),
        (spec.network.mode != "host", f"network mode {spec.network.mode!r}"),
    ):
        if asked:
            raise LaunchError(f"container {spec.id}: {name} does not offer {what} here", Who.OPERATOR)


def unoffered(name: str, what: str) -> ContainerizerError:
    return ContainerizerError(f"{name} does not offer {what} here", Who.OPERATOR)
