"""What makes a container's spec impossible, whatever the host: told before anything is made.

Pure: looks at the spec's values alone. Returns words; `interface` makes the errors of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.containerizer.interface import Bind, ContainerSpec, Limits, Trouble

MAX_ID_LENGTH = 120
"""Ids become file and cgroup names, with a prefix; longer ones are refused when the spec is made."""

MAX_WORD_BYTES = 128 * 1024 - 1
"""Of one argument, or of one variable with its name: what Linux takes (MAX_ARG_STRLEN)."""

MAX_COMMAND_BYTES = 1024 * 1024
"""Of all arguments and variables together. Linux takes a quarter of the stack's limit, usually 2 MB."""

MAX_HOSTNAME_LENGTH = 64
"""What the kernel keeps."""

MAX_TERMINAL_SIDE = 65535
"""Rows or columns."""

MAX_MEMORY_LIMIT = 1 << 60
MAX_CPU_LIMIT = 10_000_000
MAX_PROCESSES = 1 << 22
"""Bytes, milli-cpus, processes: more than any host has, and what the kernel's files still take."""

SYSTEM_PATHS = ("/dev", "/etc", "/proc", "/sys")
"""What a runtime itself mounts in a container, or makes files in: they would end up in a volume there."""

KERNEL_PATHS = ("/proc/", "/sys/")
"""Nothing is bound below these: what is there is the kernel's."""

RESOURCE_LIMITS = {
    "cpu": 0,
    "fsize": 1,
    "data": 2,
    "stack": 3,
    "core": 4,
    "rss": 5,
    "nproc": 6,
    "nofile": 7,
    "memlock": 8,
    "as": 9,
    "locks": 10,
    "sigpending": 11,
    "msgqueue": 12,
    "nice": 13,
    "rtprio": 14,
    "rttime": 15,
}
"""Names of limits with the numbers that the kernel has for them, but on MIPS and Alpha."""

MAX_RESOURCE_LIMIT = (1 << 63) - 1
"""What Python's setrlimit takes; the kernel's own largest value means none."""

_ID = re.compile(r"[A-Za-z0-9_.-]+")
_HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*")
_SHOWN = 40

Problem = tuple["Trouble", str]
"""What it is about, and a sentence."""


def id_problem(container_id: str) -> str | None:
    if _ID.fullmatch(container_id) and len(container_id) <= MAX_ID_LENGTH and container_id not in {".", ".."}:
        return None
    shown = container_id if len(container_id) <= _SHOWN else f"{container_id[:_SHOWN]}…"
    return f"container id {shown!r}: 1 to {MAX_ID_LENGTH} letters, digits, '_', '.' or '-'"


def limits_problem(limits: Limits, processes: int | None = None) -> str | None:
    for name, value, most in (
        ("cpu limit (thousandths of a core)", limits.cpu_milli, MAX_CPU_LIMIT),
        ("memory limit (bytes)", limits.memory_bytes, MAX_MEMORY_LIMIT),
        ("limit of processes", processes, MAX_PROCESSES),
    ):
        if value is not None and not 0 < value <= most:
            return f"the {name} is {value}: it must be between 1 and {most}"
    return None


def problem(spec: ContainerSpec) -> Problem | None:
    """The first thing that is wrong with the spec; None when it is well formed."""
    looks = (_command_problems, _place_problems, _nesting_problems, _limit_problems, _network_problems)
    return next(chain(chain.from_iterable(look(spec) for look in looks), _bind_problems(spec)), None)


def _limit_problems(spec: ContainerSpec) -> Iterator[Problem]:
    if (wrong := limits_problem(spec.limits, spec.processes)) is not None:
        yield "limits", wrong
    names = [limit.name for limit in spec.rlimits]
    for limit in spec.rlimits:
        soft, hard = (MAX_RESOURCE_LIMIT if each is None else each for each in (limit.soft, limit.hard))
        if limit.name not in RESOURCE_LIMITS:
            yield "limits", f"there is no limit {limit.name[:_SHOWN]!r} of processes"
        elif names.count(limit.name) > 1:
            yield "limits", f"the limit {limit.name!r} of processes is given twice"
        elif not 0 <= soft <= hard <= MAX_RESOURCE_LIMIT:
            yield (
                "limits",
                f"the limit {limit.name!r} of processes is {soft} (soft), {hard} (hard): neither may be"
                " negative or more than 2^63-1, nor the soft one above the hard one",
            )


def _command_problems(spec: ContainerSpec) -> Iterator[Problem]:
    if spec.entrypoint and spec.image is None:
        yield "command", "without an image there is no entrypoint to run"
    if not spec.entrypoint and (not spec.argv or not spec.argv[0]):
        yield "command", "the command is empty"
    if any("\0" in word for word in spec.argv):
        yield "command", "the command holds a NUL character"
    if any(_bad_variable(name, value) for name, value in spec.environment.items()):
        yield "command", "an environment variable is malformed"
    variables = [f"{name}={value}" for name, value in spec.environment.items()]
    sizes = [len(word.encode("utf-8", "surrogateescape")) for word in (*spec.argv, *variables)]
    if max(sizes, default=0) > MAX_WORD_BYTES:
        yield (
            "command",
            f"an argument or variable has {max(sizes)} bytes, at most {MAX_WORD_BYTES} are possible",
        )
    if sum(sizes) > MAX_COMMAND_BYTES:
        yield (
            "command",
            f"the command and its environment have {sum(sizes)} bytes, more than {MAX_COMMAND_BYTES}:"
            " hand large data over in a file",
        )


def _place_problems(spec: ContainerSpec) -> Iterator[Problem]:
    for place, path in (("sandbox", spec.sandbox), ("output directory", spec.output)):
        if path is not None and (not path.startswith("/") or "\0" in path):
            yield "other", f"the {place} {path!r} is not an absolute path"
    if spec.host_processes and not spec.privileged:
        yield "other", "only a privileged container may see the host's processes"
    name = spec.hostname
    if name is not None and not (_HOSTNAME.fullmatch(name) and len(name) <= MAX_HOSTNAME_LENGTH):
        yield (
            "other",
            (f"the hostname {name[:_SHOWN]!r}: 1 to {MAX_HOSTNAME_LENGTH} letters, digits, '-' and '.'"),
        )
    if spec.terminal is not None and not all(0 <= side <= MAX_TERMINAL_SIDE for side in spec.terminal):
        yield "other", f"a terminal has 0 to {MAX_TERMINAL_SIDE} rows and columns, not {spec.terminal}"
    if spec.grace_period < 0:
        yield "other", "the grace period is negative"
    if spec.output_limit_bytes <= 0:
        yield "other", "the output limit must be positive"


def _nesting_problems(spec: ContainerSpec) -> Iterator[Problem]:
    if spec.parent is None:
        return
    if (wrong := id_problem(spec.parent)) is not None:
        yield "other", f"its parent's {wrong}"
    if spec.parent == spec.id:
        yield "other", "it cannot be its own parent"
    if spec.network.mode != "host":
        yield "network", "it shares its parent's network: it cannot have one of its own"
    if spec.joins == "all" and spec.hostname is not None:
        yield "other", "it sees its parent's hostname: it cannot have one of its own"
    if spec.joins == "all" and (spec.image is not None or spec.binds or spec.privileged):
        yield "other", "it sees its parent's files and devices: no image, binds or privileges of its own"


def _network_problems(spec: ContainerSpec) -> Iterator[Problem]:
    if spec.network.ports and spec.network.mode != "bridge":
        yield "network", f"ports are mapped on a bridge only, not with network mode {spec.network.mode!r}"
    for mapping in spec.network.ports:
        if not (0 < mapping.host < 1 << 16 and 0 < mapping.container < 1 << 16):
            yield "network", f"{mapping.host} to {mapping.container} cannot be mapped: ports are 1 to 65535"
    taken = [(mapping.host, mapping.protocol) for mapping in spec.network.ports]
    if len(set(taken)) < len(taken):
        yield "network", "a host port is mapped twice"


def _bad_variable(name: str, value: str) -> bool:
    return not name or "=" in name or "\0" in name or "\0" in value


def _bind_problems(spec: ContainerSpec) -> Iterator[Problem]:
    for bind in spec.binds:
        parts = bind.target.split("/")
        if not bind.source.startswith("/") or "\0" in bind.source:
            yield "volume", f"bind source {bind.source!r} is not an absolute path"
        if ".." in parts or "\0" in bind.target or not bind.target.strip("/."):
            yield "volume", f"{bind.target!r} cannot be a mount target"
    if not spec.privileged:  # that one sees the host's paths as they are
        yield from _target_problems(spec)


def _target_problems(spec: ContainerSpec) -> Iterator[Problem]:
    """Every bind leaves the container's own directories alone, and the other binds."""
    seen = set()
    for bind in spec.binds:
        target = _absolute_target(spec, bind)
        if target in SYSTEM_PATHS or target.startswith(KERNEL_PATHS):
            wrong = "the system's own files are there"
        elif f"{spec.sandbox}/".startswith(f"{target}/"):
            wrong = f"the sandbox {spec.sandbox} is there"
        elif target in seen:
            wrong = "something else is bound there"
        else:
            seen.add(target)
            continue
        yield "volume", f"{bind.target!r} cannot be a mount target: {wrong}; choose another path"


def _absolute_target(spec: ContainerSpec, bind: Bind) -> str:
    path = f"/{bind.target}" if bind.target[0] == "/" else f"{spec.sandbox}/{bind.target}"
    return f"/{os.path.normpath(path).lstrip('/')}"  # normpath keeps two leading slashes
