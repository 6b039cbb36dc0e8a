"""What of this host matters to Podman's containers, and what its refusals mean. Starts nothing."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from agent.containerizer.images import image_refusal, is_of_image
from agent.containerizer.interface import ContainerSpec, LaunchError, Trouble, Who
from agent.containerizer.libpod import NOT_FOUND, LibpodError
from agent.containerizer.podman_spec import HostFacts, hard_limits
from agent.containerizer.shim.start import DEFAULT_PATH
from agent.containerizer.watch import Process

INIT_PROGRAM = "catatonit"
NO_INIT = (
    f"{INIT_PROGRAM} is not installed: a program that does not handle SIGTERM ends only when its grace"
    " period is over"
)
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]

_REQUEST_WORDS = ("command that was not found", "executable file not found", "permission denied", "no such")
"""Words in the runtime's refusals that speak of the command, which only the request can change."""


_NETWORK_WORDS: tuple[tuple[str, Who, str], ...] = (
    ("address already in use", Who.REQUEST, "a port of the host is taken: choose another one"),
    ("network not found", Who.REQUEST, "there is no such network here: `podman network ls` lists them"),
    ("namespace path", Who.REQUEST, "its parent has ended"),
    ("cni plugin", Who.OPERATOR, "a bridge network cannot be had: is all of it installed?"),
    ("netavark", Who.OPERATOR, "a bridge network cannot be had: is all of it installed?"),
    ("plugin type=", Who.OPERATOR, "a bridge network cannot be had: is all of it installed?"),
)
"""Words in refusals that speak of the network, with who must act and what they mean; the first that fits."""

_HELPERS = ("/usr/lib/cni", "/usr/libexec/cni", "/opt/cni/bin", "/usr/local/lib/cni")
_NETAVARK = ("/usr/lib/podman/netavark", "/usr/libexec/podman/netavark", "/usr/local/libexec/podman/netavark")
NO_BRIDGE = (
    "bridge networks cannot be had: install netavark, or containernetworking-plugins and iptables; until then"
    " containers have the host's network or none"
)


_PASSING_WORDS = (
    "no logs from conmon",
    "already exists",
    "already in use",
    "broken pipe",
    "signal: killed",
    "failed: exit status",
    "error setting rlimit",
)
"""Words of a launch during which Podman's service or monitor was killed: the next one is a new one. A service
that was started anew may have lower limits than the one that the launch was made for.
"""


def default_socket(scope: str) -> Path:
    """Where this scope's service listens: short, because a socket's path has at most 107 bytes."""
    if os.getuid() == 0:
        return Path("/run/orlop") / f"{scope}.sock"
    runtime = os.environ.get("XDG_RUNTIME_DIR", f"/tmp/orlop-{os.getuid()}")
    return Path(runtime) / "orlop" / f"{scope}.sock"


def read_facts(scope: str, runtime: str | None, service: Process | None) -> HostFacts:
    """Fresh at every launch: a service that was started anew may have other limits."""
    rlimits: tuple[tuple[str, int], ...] = ()
    if service is not None:
        limits = Path(f"/proc/{service.pid}/limits")
        rlimits = hard_limits(limits.read_text()) if limits.exists() else ()
    needed = [sys.prefix, sys.base_prefix, str(_PACKAGE_ROOT)]
    init = shutil.which(INIT_PROGRAM) is not None
    return HostFacts(scope, runtime, rlimits, paths_on_other_filesystems(needed), init)


def paths_on_other_filesystems(paths: list[str]) -> tuple[str, ...]:
    """Those of the directories that exist and are not on the root filesystem, outermost only."""
    root = Path("/").stat().st_dev
    kept: list[Path] = []
    for path in sorted({Path(path).resolve() for path in paths}):
        inside = any(path.is_relative_to(other) for other in kept)
        if not inside and path.exists() and path.stat().st_dev != root:
            kept.append(path)
    return tuple(str(path) for path in kept)


def refuse_unknown_program(spec: ContainerSpec) -> None:
    """The runtime would only say that its helper failed. Raises LaunchError (Who.REQUEST)."""
    if spec.image is not None:
        return
    program = spec.argv[0]
    if "/" in program:  # as the program itself would be looked for: from its working directory
        program = str(Path(spec.sandbox, program))
    if shutil.which(program, path=spec.environment.get("PATH", DEFAULT_PATH)) is None:
        problem = "permission denied: it may not be executed" if Path(program).exists() else "no such program"
        message = f"container {spec.id}: cannot run {spec.argv[0]}: {problem}"
        raise LaunchError(message, Who.REQUEST, "command")


def networks(path: str | None = None) -> tuple[str, ...]:
    """The modes of a network that Podman can give here; looked for anew, packages come and go."""
    search = f"{path or os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    plugins = any(Path(place, "bridge").exists() and Path(place, "portmap").exists() for place in _HELPERS)
    by_plugins = plugins and shutil.which("iptables", path=search) is not None
    by_netavark = any(Path(program).exists() for program in _NETAVARK)
    return ("host", "none", *(("bridge",) if by_plugins or by_netavark else ()))


def refuse_missing_network(spec: ContainerSpec, present: tuple[str, ...]) -> None:
    """Raises LaunchError (Who.OPERATOR), about the network."""
    if spec.network.mode not in present:
        raise LaunchError(f"container {spec.id}: {NO_BRIDGE}", Who.OPERATOR, "network")


def refused(spec: ContainerSpec, error: LibpodError) -> LaunchError:
    """Podman's refusal, with who must act: the request's maker, the caller again, or the host's operator."""
    if spec.image is not None and is_of_image(error.message):
        return image_refusal(spec.image, error.message)
    for mark, who, meaning in _NETWORK_WORDS:
        if mark in error.message.lower():
            return LaunchError(f"container {spec.id}: {meaning} ({error.message})", who, "network")
    passes = any(words in error.message for words in _PASSING_WORDS)
    spoken = error.status == NOT_FOUND or any(words in error.message for words in _REQUEST_WORDS)
    of_request = spoken and not passes
    who = Who.REQUEST if of_request else Who.RETRY if passes else Who.OPERATOR
    about: Trouble = "command" if of_request else "other"
    return LaunchError(f"container {spec.id}: {error.message}", who, about)
