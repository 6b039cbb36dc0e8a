"""The checks of a task, put together: what its description asks for, and with what means. Acts on nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from agent.checks.commands import CommandProbes
from agent.checks.definition import CommandProbe
from agent.checks.network import connect
from agent.checks.running import Kind, Means, RunningChecks
from agent.commands import argv_of, environment_of
from agent.containerizer.interface import ContainerSpec
from agent.tasks.context import TaskContext
from agent.tasks.parts import CHECKS
from agent.tasks.spec import KIND_LABEL, checks_of, environment
from api.wire.v1 import mesos

OUTPUT_LIMIT_BYTES = 64 * 1024
"""Kept of each output stream of a check's command."""

LOOPBACK = ("127.0.0.1", "::1")
"""Where tasks in the network of their host are asked."""


def running_checks(context: TaskContext) -> RunningChecks | None:
    """The checks of a task that runs, not begun; None when it has none."""
    record, parts = context.record, context.parts
    checks = checks_of(record.info)
    if not checks:
        return None
    commands = {
        kind: CommandProbes(parts.containerizer, parts.ids, _SpecOf(context), partial(_output, context, kind))
        for kind, check in checks.items()
        if isinstance(check.probe, CommandProbe)
    }
    hosts = _hosts(record.addresses)
    started = record.started_at if record.started_at is not None else parts.clock.now()
    return RunningChecks(checks, Means(commands, hosts, connect), parts.clock, started)


def _output(context: TaskContext, kind: Kind) -> Path:
    output = context.parts.sandboxes.create(CHECKS, context.record.container_id, "output") / kind.name.lower()
    output.mkdir(exist_ok=True)
    return output


def _hosts(addresses: tuple[str, ...]) -> tuple[str, str]:
    if not addresses:
        return LOOPBACK
    four = [address for address in addresses if ":" not in address]
    six = [address for address in addresses if ":" in address]
    return (four or list(addresses))[0], (six or list(addresses))[0]


class _SpecOf:
    """Makes the container of a check's command: like the task's own, inside it."""

    def __init__(self, context: TaskContext) -> None:
        self._context = context

    def __call__(self, container_id: str, command: mesos.CommandInfo, output: Path) -> ContainerSpec:
        context, record = self._context, self._context.record
        sandbox = str(context.sandbox)
        variables: Mapping[str, str] = environment(record, context.parts.agent_id(), sandbox)
        return ContainerSpec(
            id=container_id,
            argv=argv_of(command),
            sandbox=sandbox,
            output=str(output),
            environment={**variables, **environment_of(command)},
            parent=record.container_id,
            joins="all",
            user=record.user,
            grace_period=0.0,
            labels={KIND_LABEL: "check", "orlop.framework": record.framework_id},
            output_limit_bytes=OUTPUT_LIMIT_BYTES,
        )
