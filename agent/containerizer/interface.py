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
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from agent.containerizer import wellformed

DEFAULT_GRACE_PERIOD = 5.0
"""Seconds between SIGTERM and SIGKILL when neither the spec nor the call says otherwise."""

DEFAULT_OUTPUT_LIMIT = 10 * 1024 * 1024
"""Bytes kept of each output stream. Beyond it the oldest output goes; the container never waits for it."""

MIN_MEMORY_LIMIT = 6 * 1024 * 1024
"""Bytes. Less than this cannot start a container (runc's own floor); smaller limits are raised to it."""

MIN_CPU_LIMIT = 10
"""Milli-cpus. The kernel's smallest quota is 1 ms in each 100 ms; smaller limits are raised to it."""

Propagation = Literal["private", "rslave", "rshared"]

Joins = Literal["all", "network"]
"""What a nested container shares with its parent. "all": it enters the parent's mount, pid, network, ipc and
uts namespaces, as `exec` does. "network": network and ipc alone, with a root or an image of its own."""

Trouble = Literal["image", "volume", "network", "limits", "command", "other"]
"""What a launch failed about, for those who have to give a reason."""

Progress = Callable[[str], None]
"""Told, while a launch takes its time, what it is at: "pulling image X: 3 of 7 layers"."""


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

    def __init__(self, message: str, who: Who, about: Trouble = "other") -> None:
        super().__init__(message, who)
        self.about = about


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
class ResourceLimit:
    """What each process may use by itself, as setrlimit(2) has it.

    `name` is as in RLIMIT_NAME, in small letters; amounts are in its unit. None is no bound.
    """

    name: str
    soft: int | None
    hard: int | None


@dataclass(frozen=True, slots=True)
class PortMapping:
    """A port of the host that leads to one of the container's."""

    host: int
    container: int
    protocol: Literal["tcp", "udp"] = "tcp"


@dataclass(frozen=True, slots=True)
class Network:
    """Which network a container has. `name` is that of a bridge network; None: the runtime's default one."""

    mode: Literal["host", "bridge", "none"] = "host"
    name: str | None = None
    ports: tuple[PortMapping, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """All that is needed to run a container. Invariant: a spec that exists is well formed.

    `argv` is the command; a shell command comes as ("/bin/sh", "-c", text). `sandbox` is a host
    directory that exists: the command's working directory, visible in the container at the same
    path. The output is kept in the files `stdout` and `stderr` of the host directory `output`, by
    default the sandbox; whoever may write to a directory above it can lead it elsewhere, so it is best
    one that no container sees. `privileged` containers see the host's devices and may mount; what they
    mount under an rshared bind reaches the host; from an image, they work in the directory that it names.
    With `host_processes` they see the host's processes, too, and may enter their namespaces.
    One with `own_mounts` sees mounts of its own, where the agent may give it any: others can be made for it
    while it runs. With an `image`, `argv` is what runs instead of the
    image's entrypoint; with `entrypoint` as well, it is what that gets as arguments, and may be empty.
    With `pull_anew` its registry is asked for the image even if the host has one of that name.
    With `stdin` the standard input is a pipe that stays open until `Containerizer.input` closes it; else
    it is empty. With a `terminal` (rows, columns) input, output and errors are one, and what is printed is in
    `stdout`. One that is `paced` is read by one reader, who locks what it reads and misses nothing: the
    program waits for it (not Podman's own containers). With a `hostname` that is what it sees as the
    host's name.
    `processes` is the most processes and threads at once. `rlimits` may not exceed those that
    the agent has itself; of others the containerizer decides.

    A container with a `parent`, the id of one that runs, is nested in it: it `joins` the parent's
    namespaces and is ended when the parent ends, however that ends; its exit is kept until it is removed.
    One that joins "all" has the parent's user and environment, beneath what the spec says; its `sandbox`
    is a directory that the parent sees at that path, usually the parent's own, and what it uses counts as
    the parent's too.

    Raises LaunchError (Who.REQUEST) from the constructor when a field is malformed.
    """

    id: str
    argv: tuple[str, ...]
    sandbox: str
    environment: Mapping[str, str] = field(default_factory=dict)
    binds: tuple[Bind, ...] = ()
    limits: Limits = Limits()
    image: str | None = None
    pull_anew: bool = False
    entrypoint: bool = False
    user: str | None = None
    privileged: bool = False
    host_processes: bool = False
    own_mounts: bool = False
    grace_period: float = DEFAULT_GRACE_PERIOD
    labels: Mapping[str, str] = field(default_factory=dict)
    output_limit_bytes: int = DEFAULT_OUTPUT_LIMIT
    output: str | None = None
    parent: str | None = None
    joins: Joins = "all"
    stdin: bool = False
    paced: bool = False
    terminal: tuple[int, int] | None = None
    hostname: str | None = None
    network: Network = Network()
    processes: int | None = None
    rlimits: tuple[ResourceLimit, ...] = ()

    def __post_init__(self) -> None:
        validate_id(self.id)
        if (wrong := wellformed.problem(self)) is not None:
            about, message = wrong
            raise LaunchError(f"container {self.id}: {message}", Who.REQUEST, about)

    @property
    def enters(self) -> bool:
        """Whether it runs in its parent's namespaces, as `exec` does."""
        return self.parent is not None and self.joins == "all"


@dataclass(frozen=True, slots=True)
class Exit:
    """How a container ended.

    `status` is the exit status, or 128 + the signal's number; None when nobody saw it end.
    `finished_at` is in seconds since the epoch. `limitation` is the limit it was ended for, where one was.
    """

    status: int | None
    signal: int | None
    oom: bool
    message: str
    finished_at: float
    limitation: Literal["memory", "disk"] | None = None


@dataclass(frozen=True, slots=True)
class ContainerState:
    """A container as it is now. `pid` is the main process in the host's numbering, while it runs.

    `started_at` is in seconds since the epoch, None when that was not recorded. `addresses` are the IP
    addresses at which it can be reached while it runs; empty where it shares the host's network.
    """

    id: str
    running: bool
    pid: int | None
    exit: Exit | None
    labels: Mapping[str, str]
    parent: str | None = None
    started_at: float | None = None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a container uses now and has used since its start; each None when it cannot be known.

    Seconds of cpu time; `cpus_limit` in cores. Of `periods` of the cpu limit those in which it was held back
    are `throttled_periods`, for `throttled_seconds`. Memory in bytes: `memory_rss` without, `memory_total`
    with the file cache.
    """

    cpu_user_seconds: float | None = None
    cpu_system_seconds: float | None = None
    cpus_limit: float | None = None
    periods: int | None = None
    throttled_periods: int | None = None
    throttled_seconds: float | None = None
    memory_rss: int | None = None
    memory_total: int | None = None
    memory_limit: int | None = None
    processes: int | None = None
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Isolation:
    """What this containerizer can enforce on this host; `notes` say why not, and who could change it."""

    volumes: bool
    memory_limit: bool
    cpu_limit: bool
    images: bool
    notes: tuple[str, ...] = ()
    processes_limit: bool = False
    networks: tuple[str, ...] = ("host",)
    """The modes of `Network` that it can give a container."""


class ContainerInput(Protocol):
    """Writes to a container's standard input. One writer at a time; may be cancelled at any moment."""

    async def write(self, data: bytes) -> None:
        """Return once the container's pipe has taken all of it: as slowly as the container reads.

        Raises ContainerizerError (Who.REQUEST): the container has ended or reads no more, or the input was
        closed. A write that was cancelled may have been taken in part.
        """

    async def close(self) -> None:
        """End of file for the container, for good. Idempotent."""

    async def resize(self, rows: int, columns: int) -> None:
        """Its terminal has that size now. Raises ContainerizerError (Who.REQUEST): none, or it has ended."""


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

    async def launch(self, spec: ContainerSpec, progress: Progress | None = None) -> ContainerState:
        """Start a container, once: repeated with an id that exists it returns that container as it is.

        Raises LaunchError: also when the spec's parent does not run (Who.REQUEST).
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

    async def statistics(self, container_id: str) -> Statistics:
        """What it uses now; all None once it has ended. Raises UnknownContainer."""

    async def input(self, container_id: str) -> ContainerInput:
        """Its standard input, also of a container that an earlier life of the agent launched.

        Let go of by dropping it, which closes nothing for the container. Raises UnknownContainer, and
        ContainerizerError (Who.REQUEST) when it was launched without one, or it was closed.
        """

    async def update(self, container_id: str, limits: Limits) -> None:
        """Give a running container other limits. Idempotent; nothing happens to one that has ended.

        Raises UnknownContainer, and ContainerizerError: limits that are impossible (Who.REQUEST), that this
        host cannot enforce (Who.OPERATOR), or a memory limit below what it holds (Who.RETRY, later).
        """


def validate_id(container_id: str) -> None:
    """Raises LaunchError (Who.REQUEST) unless the id can name files and cgroups."""
    if (wrong := wellformed.id_problem(container_id)) is not None:
        raise LaunchError(wrong, Who.REQUEST)
