"""From a container's spec to the document that libpod's create call takes. Pure; runs nothing.

Without an image the root is the host's own, as an overlay that is thrown away with the
container: host programs run, and what they write outside their binds reaches nobody. The
container can read the host's files.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from agent.containerizer.interface import MIN_CPU_LIMIT, MIN_MEMORY_LIMIT, Bind, ContainerSpec, Network
from agent.containerizer.shim.start import DEFAULT_PATH

CPU_PERIOD = 100_000
"""Microseconds over which the cpu quota is counted."""

LOG_FILE = "log"
SCOPE_LABEL = "orlop.scope"
ID_LABEL = "orlop.id"
GRACE_LABEL = "orlop.grace-period"
SANDBOX_LABEL = "orlop.sandbox"
"""Where the output is kept."""
OUTPUT_LABEL = "orlop.output-limit"
MEMORY_LABEL = "orlop.memory-limit"
PARENT_LABEL = "orlop.parent"
_OURS = frozenset(
    (SCOPE_LABEL, ID_LABEL, GRACE_LABEL, SANDBOX_LABEL, OUTPUT_LABEL, MEMORY_LABEL, PARENT_LABEL)
)

PAYLOAD_GROUP = "libpod-"
"""How Podman names a container's own group, before the id; the monitor's has another name."""

UNLIMITED = -1
"""Without it Podman would set a limit of its own making (2048 processes)."""


STOP_SIGNAL = 23
"""SIGURG, which does nothing to a program that has not asked for it: see `podman_starts`. No container is
ended by having Podman stop it."""

INFINITE = 2**64 - 1
"""Of a process's limits none, as the kernel writes it: Podman takes no negative ones."""


@dataclass(frozen=True, slots=True)
class HostFacts:
    """What of the host a container's document depends on.

    `rlimits` are (name, hard limit) of the podman service's process, which a container's may not
    exceed. `host_paths` are directories that programs need and that the root overlay does not
    show, because other filesystems hold them. `init` says whether a helper is installed that
    reaps and forwards signals as the container's first process.
    """

    scope: str
    runtime: str | None
    rlimits: tuple[tuple[str, int], ...]
    host_paths: tuple[str, ...]
    init: bool


def container_name(scope: str, container_id: str) -> str:
    return f"orlop-{scope}-{container_id}"


def cgroup_parent(scope: str, container_id: str) -> str:
    """One group per container above Podman's own, so that all of it can be found and removed."""
    return f"{group_of(scope)}/{container_id}"


def group_of(scope: str) -> str:
    """The group above those of all containers of a scope."""
    return f"orlop-{scope}"


@dataclass(frozen=True, slots=True)
class Joined:
    """What of its parent a nested container shares: its main process, whose namespaces they are, and the host
    directory that is its /dev/shm ("" where that is not known); and whether its network is the host's."""

    pid: int
    shared_memory: str
    on_host_network: bool


def create_document(
    spec: ContainerSpec,
    facts: HostFacts,
    directory: str,
    device_rules: list[dict[str, object]],
    joined: Joined | None = None,
) -> dict[str, object]:
    """The body of POST containers/create. `directory` keeps the container's log."""
    document: dict[str, object] = {
        "name": container_name(facts.scope, spec.id),
        "command": list(spec.argv),
        "env": {"PATH": DEFAULT_PATH, **spec.environment},
        "work_dir": spec.sandbox,
        "privileged": spec.privileged,
        "init": facts.init,
        "stdin": spec.stdin,
        "stop_signal": STOP_SIGNAL,
        "cgroup_parent": f"/{cgroup_parent(facts.scope, spec.id)}",
        "labels": _labels(spec, facts.scope),
        "mounts": _mounts(spec, facts, joined),
        # A privileged container may use every device anyway.
        "device_cgroup_rule": [] if spec.privileged else device_rules,
        "resource_limits": _limits(spec),
        "r_limits": _rlimits(spec, facts),
        # The agent splits the log into the sandbox's files as it grows: this one only has to bridge
        # the time while no agent runs, and both streams share it.
        "log_configuration": {
            "driver": "k8s-file",
            "path": f"{directory}/{LOG_FILE}",
            "size": 2 * spec.output_limit_bytes,
        },
    }
    if spec.image is None:
        document |= {"rootfs": "/", "rootfs_overlay": True}
    else:
        document |= {"image": spec.image}
        if not spec.entrypoint:
            document |= {"entrypoint": list(spec.argv[:1]), "command": list(spec.argv[1:])}
        document["env"] = dict(spec.environment)
        if (
            spec.privileged
        ):  # a driver in its image: it may name its program and files from where the image is
            del document["work_dir"]
    if spec.host_processes:  # of those the helper would not be the first, and reaps nothing
        document |= {"pidns": {"nsmode": "host"}, "init": False}
    document |= _network(spec.network) if joined is None else _shared(joined)
    if facts.runtime is not None:
        document["oci_runtime"] = facts.runtime
    if spec.user is not None:
        document["user"] = spec.user
    if spec.hostname is not None:
        document |= {"hostname": spec.hostname, "utsns": {"nsmode": "private"}}
    return document


def _rlimits(spec: ContainerSpec, facts: HostFacts) -> list[dict[str, object]]:
    """Of those that Podman would set by itself the service's own; and what the container asks for."""
    found = {name: (hard, hard) for name, hard in facts.rlimits}
    for limit in spec.rlimits:
        soft, hard = (INFINITE if each is None else each for each in (limit.soft, limit.hard))
        found[limit.name] = soft, hard
    return [{"type": name, "soft": soft, "hard": hard} for name, (soft, hard) in found.items()]


def hard_limits(limits: str) -> tuple[tuple[str, int], ...]:
    """From the text of /proc/PID/limits: those of the limits that Podman would otherwise raise."""
    wanted = {"Max open files": "nofile", "Max processes": "nproc"}
    found = []
    for line in limits.splitlines():
        for title, name in wanted.items():
            if line.startswith(title):
                hard = line[len(title) :].split()[1]
                found.append((name, INFINITE if hard == "unlimited" else int(hard)))
    return tuple(sorted(found))


def _labels(spec: ContainerSpec, scope: str) -> dict[str, str]:
    return {
        **spec.labels,
        SCOPE_LABEL: scope,
        ID_LABEL: spec.id,
        GRACE_LABEL: str(spec.grace_period),
        SANDBOX_LABEL: spec.output or spec.sandbox,
        OUTPUT_LABEL: str(spec.output_limit_bytes),
        MEMORY_LABEL: str(spec.limits.memory_bytes or 0),
        **({} if spec.parent is None else {PARENT_LABEL: spec.parent}),
    }


def own_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels that the spec had."""
    return {name: value for name, value in labels.items() if name not in _OURS}


def _network(network: Network) -> dict[str, object]:
    if network.mode != "bridge":
        return {"netns": {"nsmode": network.mode}}
    ports = [
        {"host_port": port.host, "container_port": port.container, "protocol": port.protocol}
        for port in network.ports
    ]
    named: dict[str, object] = {} if network.name is None else {"networks": {network.name: {}}}
    return {"netns": {"nsmode": "bridge"}, "portmappings": ports, **named}


def _shared(joined: Joined) -> dict[str, object]:
    """By their paths: Podman would refuse to remove a parent before its children."""
    by_path: dict[str, object] = {"nsmode": "path", "value": f"/proc/{joined.pid}/ns/net"}
    return {
        "netns": {"nsmode": "host"} if joined.on_host_network else by_path,
        "ipcns": {"nsmode": "path", "value": f"/proc/{joined.pid}/ns/ipc"},
    }


def _mounts(spec: ContainerSpec, facts: HostFacts, joined: Joined | None) -> list[dict[str, object]]:
    mounts = [_mount(spec.sandbox, spec.sandbox, "rslave", read_only=False)]
    if spec.image is None:
        mounts += [_mount(path, path, "rslave", read_only=True) for path in facts.host_paths]
    if spec.privileged:
        # Podman's own /dev is made once: devices that appear later (loops) would not be in it.
        mounts.append(_mount("/dev", "/dev", "rslave", read_only=False))
    if joined is not None and joined.shared_memory:
        mounts.append(_mount(joined.shared_memory, "/dev/shm", "rslave", read_only=False))
    for bind in spec.binds:
        mount = _mount(bind.source, _target(bind, spec), bind.propagation, read_only=bind.read_only)
        if bind.is_device:
            # Bound, not made: a node in the throw-away root would be dead, that is mounted without devices.
            mount["options"] = ["rbind", "rw", "dev"]
        mounts.append(mount)
    return mounts


def _mount(source: str, target: str, propagation: str, *, read_only: bool) -> dict[str, object]:
    mode = "ro" if read_only else "rw"
    spread = "rprivate" if propagation == "private" else propagation
    return {"type": "bind", "source": source, "destination": target, "options": ["rbind", spread, mode]}


def _target(bind: Bind, spec: ContainerSpec) -> str:
    """Absolute; relative ones are below the sandbox."""
    return os.path.normpath(f"{spec.sandbox}/{bind.target}" if bind.target[0] != "/" else bind.target)


def _limits(spec: ContainerSpec) -> dict[str, object]:
    limits: dict[str, object] = {"pids": {"limit": spec.processes or UNLIMITED}}
    if spec.limits.memory_bytes is not None:
        memory = max(spec.limits.memory_bytes, MIN_MEMORY_LIMIT)
        limits["memory"] = {"limit": memory, "swap": memory}
    if spec.limits.cpu_milli is not None:
        quota = max(spec.limits.cpu_milli, MIN_CPU_LIMIT) * CPU_PERIOD // 1000
        limits["cpu"] = {"quota": quota, "period": CPU_PERIOD}
    return limits
