"""What the agent asks of whatever runs its containers: the port, its values and its errors.

Two rooms implement it: `process` (each container under a small shim of its own) and `podman`.
Nothing here runs anything, and nothing here knows what a container is for: tasks, plugins,
volumes and offers are other rooms' words.

A container belongs to one containerizer *scope* (the agent's work directory). It goes on
running while the agent is down, and a new containerizer on the same work directory finds it
again, from the kernel or the runtime, never from memory.
"""

from __future__ import annotations

import enum
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

MAX_ID_LENGTH = 120
"""Ids become file and cgroup names, with a prefix; longer ones are refused when the spec is made."""

DEFAULT_GRACE_PERIOD = 5.0
"""Seconds between SIGTERM and SIGKILL when neither the spec nor the call says otherwise."""

DEFAULT_OUTPUT_LIMIT = 10 * 1024 * 1024
"""Bytes kept of each output stream. Beyond it the oldest output goes; the container never waits for it."""

MIN_MEMORY_LIMIT = 6 * 1024 * 1024
"""Bytes. Less than this cannot start a container (runc's own floor); smaller limits are raised to it."""

MIN_CPU_LIMIT = 10
"""Milli-cpus. The kernel's smallest quota is 1 ms in each 100 ms; smaller limits are raised to it."""

SYSTEM_PATHS = ("/dev", "/etc", "/proc", "/sys")
"""What a runtime itself mounts in a container, or makes files in: they would end up in a volume there."""

KERNEL_PATHS = ("/proc/", "/sys/")
"""Nothing is bound below these: what is there is the kernel's."""

_ID = re.compile(r"[A-Za-z0-9_.-]+")

Propagation = Literal["private", "rslave", "rshared"]


class Who(enum.StrEnum):
    """Who must act after an error, and with it what the caller should do next."""

    REQUEST = "request"
    """The request is wrong: the same one will never work."""
    OPERATOR = "operator"
    """Someone must change this host or its configuration; the message says what."""
    RETRY = "retry"
    """The outcome is unknown or the fault will pass: repeat the same call with the same id."""


class ContainerizerError(Exception):
    """A call that did not do what it was asked. `who` must act next."""

    def __init__(self, message: str, who: Who) -> None:
        super().__init__(message)
        self.message = message
        self.who = who


class LaunchError(ContainerizerError):
    """The container was not started. With `Who.RETRY` it may have been: launch again with the same id."""


class UnknownContainer(ContainerizerError):
    """No container of this agent has that id: it was never launched, or it was removed."""

    def __init__(self, container_id: str) -> None:
        super().__init__(f"no container {container_id!r} here: launch it first", Who.REQUEST)
        self.container_id = container_id


@dataclass(frozen=True, slots=True)
class Bind:
    """A file, directory or device of the host made visible in the container.

    `source` is an absolute host path that exists. `target` is absolute, or relative to the
    sandbox; it need not exist on the host and is never left behind there.
    """

    source: str
    target: str
    read_only: bool = False
    propagation: Propagation = "rslave"
    is_device: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds; None is unbounded. `cpu_milli` in thousandths of a core."""

    cpu_milli: int | None = None
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """All that is needed to run a container. Invariant: a spec that exists is well formed.

    `argv` is the command; a shell command comes as ("/bin/sh", "-c", text). `sandbox` is a host
    directory that exists: the command's working directory, visible in the container at the same
    path, where its output is kept in the files `stdout` and `stderr`. `privileged` containers see
    the host's devices and may mount; what they mount under an rshared bind reaches the host. With an
    `image`, `argv` is what runs instead of the image's entrypoint; with `entrypoint` as well, it is what that
    gets as arguments, and may be empty.

    Raises LaunchError (Who.REQUEST) from the constructor when a field is malformed.
    """

    id: str
    argv: tuple[str, ...]
    sandbox: str
    environment: Mapping[str, str] = field(default_factory=dict)
    binds: tuple[Bind, ...] = ()
    limits: Limits = Limits()
    image: str | None = None
    entrypoint: bool = False
    user: str | None = None
    privileged: bool = False
    grace_period: float = DEFAULT_GRACE_PERIOD
    labels: Mapping[str, str] = field(default_factory=dict)
    output_limit_bytes: int = DEFAULT_OUTPUT_LIMIT

    def __post_init__(self) -> None:
        validate_id(self.id)
        for wrong, message in (
            (self.entrypoint and self.image is None, "without an image there is no entrypoint to run"),
            (not self.entrypoint and (not self.argv or not self.argv[0]), "the command is empty"),
            (any("\0" in word for word in self.argv), "the command holds a NUL character"),
            (not self.sandbox.startswith("/"), f"the sandbox {self.sandbox!r} is not an absolute path"),
            (self.grace_period < 0, "the grace period is negative"),
            (self.output_limit_bytes <= 0, "the output limit must be positive"),
            (
                any(_bad_variable(n, v) for n, v in self.environment.items()),
                "an environment variable is malformed",
            ),
        ):
            if wrong:
                raise LaunchError(f"container {self.id}: {message}", Who.REQUEST)
        for bind in self.binds:
            _validate_bind(self.id, bind)
        if not self.privileged:  # that one sees the host's paths as they are
            _validate_targets(self)


@dataclass(frozen=True, slots=True)
class Exit:
    """How a container ended.

    `status` is the exit status, or 128 + the signal's number; None when nobody saw it end.
    `finished_at` is in seconds since the epoch.
    """

    status: int | None
    signal: int | None
    oom: bool
    message: str
    finished_at: float


@dataclass(frozen=True, slots=True)
class ContainerState:
    """A container as it is now. `pid` is the main process in the host's numbering, while it runs."""

    id: str
    running: bool
    pid: int | None
    exit: Exit | None
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Isolation:
    """What this containerizer can enforce on this host; `notes` say why not, and who could change it."""

    volumes: bool
    memory_limit: bool
    cpu_limit: bool
    images: bool
    notes: tuple[str, ...] = ()


class Containerizer(Protocol):
    """Runs containers. Safe under concurrent calls; calls for one id follow one another."""

    @property
    def name(self) -> str:
        """`process` or `podman`."""

    @property
    def isolation(self) -> Isolation:
        """What is enforced here; known after `start`."""

    async def start(self) -> None:
        """Make ready and find the containers of an earlier life. Raises ContainerizerError."""

    async def close(self) -> None:
        """Let go. Never ends a container."""

    async def launch(self, spec: ContainerSpec) -> ContainerState:
        """Start a container, once: repeated with an id that exists it returns that container as it is.

        Raises LaunchError.
        """

    async def wait(self, container_id: str) -> Exit:
        """How the container ended, once it has. Any number may wait; raises UnknownContainer."""

    async def kill(
        self, container_id: str, grace_period: float | None = None, signal: int | None = None
    ) -> None:
        """Send `signal` and nothing more; or, without one, SIGTERM and after the grace period SIGKILL.

        Returns when the signal is sent, not when the container has ended (`wait` tells that).
        Idempotent: nothing happens to a container that has ended. A later call may shorten the
        grace period, not lengthen it. Raises UnknownContainer.
        """

    async def remove(self, container_id: str) -> None:
        """Free all that an ended container holds, except its sandbox. Idempotent.

        Raises ContainerizerError (Who.REQUEST) while the container runs: kill it first.
        """

    async def list(self) -> list[ContainerState]:
        """Every container of this agent that was not removed, running or ended, sorted by id."""


def validate_id(container_id: str) -> None:
    """Raises LaunchError (Who.REQUEST) unless the id can name files and cgroups."""
    if not _ID.fullmatch(container_id) or len(container_id) > MAX_ID_LENGTH or container_id in {".", ".."}:
        raise LaunchError(
            f"container id {container_id!r}: 1 to {MAX_ID_LENGTH} letters, digits, '_', '.' or '-'",
            Who.REQUEST,
        )


def _bad_variable(name: str, value: str) -> bool:
    return not name or "=" in name or "\0" in name or "\0" in value


def _validate_bind(container_id: str, bind: Bind) -> None:
    parts = bind.target.split("/")
    if not bind.source.startswith("/") or "\0" in bind.source:
        raise LaunchError(
            f"container {container_id}: bind source {bind.source!r} is not an absolute path", Who.REQUEST
        )
    if ".." in parts or "\0" in bind.target or not bind.target.strip("/."):
        raise LaunchError(f"container {container_id}: {bind.target!r} cannot be a mount target", Who.REQUEST)


def _validate_targets(spec: ContainerSpec) -> None:
    """Every bind leaves the container's own directories alone, and the other binds."""
    seen = set()
    for bind in spec.binds:
        target = os.path.normpath(
            f"/{bind.target}" if bind.target[0] == "/" else f"{spec.sandbox}/{bind.target}"
        )
        target = f"/{target.lstrip('/')}"  # normpath keeps two leading slashes
        if target in SYSTEM_PATHS or target.startswith(KERNEL_PATHS):
            problem = "the system's own files are there"
        elif f"{spec.sandbox}/".startswith(f"{target}/"):
            problem = f"the sandbox {spec.sandbox} is there"
        elif target in seen:
            problem = "something else is bound there"
        else:
            seen.add(target)
            continue
        raise LaunchError(
            f"container {spec.id}: {bind.target!r} cannot be a mount target: {problem}; choose another path",
            Who.REQUEST,
        )
