"""The references for launches: a container by Podman's REST API, and a process, with nothing around them.

It shares no code with the product. Each start is timed until the program runs, and ended again untimed.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from pathlib import Path
from typing import Any

import aiohttp

API = "http://podman/v4.0.0/libpod/containers"
PROGRAM = ("sleep", "3600")


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


class BareProcess:
    """Starts plain child processes."""

    async def start(self) -> float:
        """Seconds until the program has been executed."""
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(*PROGRAM, start_new_session=True)
        took = time.monotonic() - began
        process.kill()
        await process.wait()
        return took


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
