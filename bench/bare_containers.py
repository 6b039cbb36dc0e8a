"""The references for launches: a container by Podman's REST API, and a process, with nothing around them.

It shares no code with the product. Each start is timed until the program runs, and ended again untimed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import aiohttp

from bench.figures import measure

API = "http://podman/v4.0.0/libpod/containers"
PROGRAM = ("sleep", "3600")
ULIMIT = 1024
"""Of open files and of processes: no more than any host allows, where Podman would ask for the most."""


class BarePodman:
    """Creates and starts containers on the host's root, as an overlay, on a service that runs already."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._count = 0

    async def start(self) -> float:
        """Seconds from the create call to the answer of the start call."""
        self._count += 1
        name = f"bench-bare-{self._socket.stem}-{self._count}"
        hard = _hard_limits(self._socket)
        connector = aiohttp.UnixConnector(str(self._socket))
        async with aiohttp.ClientSession(connector=connector) as session:
            try:
                began = time.monotonic()
                await _post(session, f"{API}/create", _document(name, hard))
                await _post(session, f"{API}/{name}/start")
                return time.monotonic() - began
            finally:
                async with session.delete(f"{API}/{name}", params={"force": "true", "timeout": "0"}):
                    pass


class PodmanRun:
    """Starts containers by `podman run`, as somebody at a shell would, a process of Podman's for each."""

    def __init__(self, tag: str) -> None:
        self._tag = f"bench-run-{tag}"

    async def start_many(self, count: int, in_flight: int) -> float:
        """Seconds from the first command until the last of them has started its container."""
        names = [f"{self._tag}-{number}" for number in range(count)]
        options = ["--network", "host", "--rootfs", "/:O"]
        for name in ("nofile", "nproc"):
            options[:0] = ["--ulimit", f"{name}={ULIMIT}:{ULIMIT}"]

        async def start(number: int) -> None:
            await _podman("run", "--detach", "--name", names[number], *options, *PROGRAM)

        try:
            return (await measure(count, in_flight, start)).elapsed
        finally:
            await _podman("rm", "--force", "--ignore", "--time", "0", *names)


class BareProcess:
    """Starts plain child processes."""

    async def start_many(self, count: int, in_flight: int) -> float:
        """Seconds until the last program has been executed."""
        started: list[asyncio.subprocess.Process] = []

        async def start(_: int) -> None:
            started.append(await asyncio.create_subprocess_exec(*PROGRAM, start_new_session=True))

        took = (await measure(count, in_flight, start)).elapsed
        for process in started:
            process.kill()
            await process.wait()
        return took

    async def start(self) -> float:
        """Seconds until the program has been executed."""
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(*PROGRAM, start_new_session=True)
        took = time.monotonic() - began
        process.kill()
        await process.wait()
        return took


def start_of_podman(name: str) -> float:
    """When Podman says that the container of that name has started, in seconds since the epoch."""
    ran = subprocess.run(
        ["podman", "inspect", "--format", "{{.State.StartedAt.UnixNano}}", name],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(ran.stdout) / 1e9


def start_of_process(container_id: str) -> float:
    """When the kernel made the first process that runs in that container's sandbox; to 10 ms."""
    wanted = f"MESOS_CONTAINER_ID={container_id}".encode()
    ticks = os.sysconf("SC_CLK_TCK")
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in directory.joinpath("environ").read_bytes().split(b"\0"):
                fields = directory.joinpath("stat").read_text().rpartition(")")[2].split()
                boot = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
                return boot + int(fields[19]) / ticks
    raise AssertionError(f"no process of container {container_id}")


async def _podman(*arguments: str) -> None:
    runtime = ("--runtime", "runc") if shutil.which("runc") else ()
    process = await asyncio.create_subprocess_exec(
        *("podman", *runtime, *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()


def _hard_limits(socket: Path) -> dict[str, int]:
    """Of the service's process: a container's may not be higher, and Podman's defaults are."""
    wanted = {"Max open files": "nofile", "Max processes": "nproc"}
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if f"unix://{socket}".encode() in cmdline.read_bytes():
                lines = cmdline.with_name("limits").read_text().splitlines()
                hard = {line[:26].strip(): line[26:].split()[1] for line in lines[1:]}
                return {short: -1 if hard[n] == "unlimited" else int(hard[n]) for n, short in wanted.items()}
    raise AssertionError(f"no Podman service listens on {socket}")


def _document(name: str, hard: dict[str, int]) -> dict[str, Any]:
    """The least that starts a container of the host's programs here."""
    document: dict[str, Any] = {
        "name": name,
        "command": list(PROGRAM),
        "rootfs": "/",
        "rootfs_overlay": True,
        "netns": {"nsmode": "host"},
        "r_limits": [{"type": each, "soft": most, "hard": most} for each, most in hard.items()],
    }
    if shutil.which("runc"):
        document["oci_runtime"] = "runc"
    return document


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, Any] | None = None) -> None:
    async with session.post(url, json=body) as answer:
        text = await answer.text()
        assert answer.status < 400, f"{url}: {answer.status}: {text}"
