"""A small client of Podman's libpod REST API, over its service's unix socket.

Requests and answers only: what a container should look like is decided in `podman_spec`, what
to do about an answer in `podman`. The service itself is `podman_service`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from agent.containerizer.podman_service import service_at
from agent.containerizer.watch import Process

API = "/v4.0.0/libpod"
COMPATIBLE_API = "/v1.40"
"""Docker's, as Podman serves it: its pull reports each layer, libpod's own only when one begins."""

REQUEST_TIMEOUT = 60.0
"""Seconds for a whole call. After it the outcome is unknown; every call here may be repeated."""

MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""A longer answer is refused: a list of thousands of containers is a megabyte."""

MAX_REPORT_BYTES = 256 * 1024
"""Of one line of a pull's report; a longer one ends the pull with an error."""

HANDOVER_TIMEOUT = 10.0
"""Seconds for the service to hand over a container's input, and to see its end."""

NO_HURRY = 2**31
"""Seconds, 68 years: Podman would end the container after them."""

NOT_MODIFIED = 304
NOT_FOUND = 404
CONFLICT = 409
HALF_REMOVED = 500


Asks = Callable[[Process], None]


class LibpodError(Exception):
    """Podman refused, with an HTTP status and its own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"podman answered {status}: {message}")
        self.status = status
        self.message = message

    @property
    def is_half_removed(self) -> bool:
        """Whether it is of a container that Podman has a name for and nothing else, or no files of: it was
        killed while it removed the container. Also true for a moment of one that is being removed."""
        words = ("container not known", "layer not known")
        return self.status == HALF_REMOVED and any(each in self.message for each in words)


class LibpodUnreachable(Exception):
    """No answer: the service is not there, or went away during the call. Repeat the call."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What Podman says of one container. `pid` and `conmon_pid` are 0 when there is none.

    `static_dir` is Podman's directory of it, `addresses` are those that it has on bridge networks. Times are
    in Podman's notation (RFC 3339); no start where Podman did not see one.
    """

    libpod_id: str
    name: str
    status: str
    pid: int
    conmon_pid: int
    exit_code: int
    oom_killed: bool
    error: str
    started_at: str
    finished_at: str
    cgroup_path: str
    static_dir: str
    addresses: tuple[str, ...]
    has_input: bool
    labels: Mapping[str, str]


class Libpod:
    """One connection pool to one service. `close` it."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ping(self) -> None:
        await self.call("GET", "/_ping")

    async def create(self, spec: Mapping[str, object]) -> None:
        """Make a container, not started. LibpodError 409 or 500 when the name is taken."""
        await self.call("POST", "/containers/create", body=spec)

    async def init(self, name: str) -> None:
        """Have the runtime make it and its monitor, ready to be started; nothing happens to one that is."""
        await self.call("POST", f"/containers/{name}/init")

    async def start(self, name: str, asks: Asks) -> None:
        """Start it; one that runs already is left alone, one that has ended runs again.

        Asked in a connection of its own: `asks` is told which service is going to be asked, before it is.
        """
        request = f"POST {API}/containers/{name}/start HTTP/1.0\r\nHost: podman\r\n\r\n"
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                reader, writer = await asyncio.open_unix_connection(str(self._socket))
                try:
                    asks(service_at(writer.get_extra_info("socket")))
                    writer.write(request.encode())
                    head = await reader.readuntil(b"\r\n\r\n")
                    content = await reader.read(MAX_REPORT_BYTES)
                finally:
                    writer.close()
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise LibpodUnreachable(f"start of {name}: {str(error) or type(error).__name__}") from error
        status = int(head.split(b" ", 2)[1])
        if status >= 400:
            raise LibpodError(status, _message(_document(content), content))

    async def await_end(self, name: str) -> None:
        """Send it the signal that it was created with, write down that it is stopping, and return when it has
        ended; LibpodError when that is so already."""
        await self.call("POST", f"/containers/{name}/stop", query={"timeout": str(NO_HURRY)}, patient=True)

    async def kill(self, name: str, signal: int) -> None:
        await self.call("POST", f"/containers/{name}/kill", query={"signal": str(signal)})

    async def remove(self, name: str) -> None:
        """Remove it, running or not; nothing happens when there is none."""
        await self.call(
            "DELETE", f"/containers/{name}", query={"force": "true", "ignore": "true", "timeout": "0"}
        )

    async def inspect(self, name: str) -> Inspected | None:
        """What there is of that name; None: nothing."""
        try:
            answer = await self.call("GET", f"/containers/{name}/json")
        except LibpodError as error:
            if error.status == NOT_FOUND:
                return None
            raise
        return _inspected(answer)

    async def end_input(self, name: str) -> None:
        """End of file on the container's standard input: attached to, and closed again."""
        request = f"POST {API}/containers/{name}/attach?stdin=true&stdout=false&stderr=false&stream=true"
        head = f"{request} HTTP/1.1\r\nHost: podman\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
        try:
            async with asyncio.timeout(HANDOVER_TIMEOUT):
                reader, writer = await asyncio.open_unix_connection(str(self._socket))
                try:
                    writer.write(head.encode())
                    status = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
                    if status not in (b"101", b"200"):
                        raise LibpodError(int(status), (await reader.read(500)).decode("utf-8", "replace"))
                    writer.write_eof()
                    with contextlib.suppress(TimeoutError):  # it has been passed on; the rest is courtesy
                        async with asyncio.timeout(1.0):
                            await reader.read()
                finally:
                    writer.close()
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise LibpodUnreachable(f"attach to {name}: {str(error) or type(error).__name__}") from error

    async def pull(self, image: str, credentials: str | None = None) -> AsyncIterator[Mapping[str, Any]]:
        """Pull an image; Podman's reports, one after another. One with "error" is the last.

        `credentials`: what registries want to see, as X-Registry-Auth has it, for this pull alone.
        """
        session = self._open_session()
        url = f"http://podman{COMPATIBLE_API}/images/create"
        patient = aiohttp.ClientTimeout(total=None)
        headers = {} if credentials is None else {"X-Registry-Auth": credentials}
        try:
            async with session.post(
                url,
                params={"fromImage": image},
                headers=headers,
                timeout=patient,
                read_bufsize=MAX_REPORT_BYTES,
            ) as answer:
                if answer.status >= 400:
                    content = await answer.content.read(MAX_REPORT_BYTES)
                    yield {"error": _message(_document(content), content)}
                    return
                async for line in answer.content:
                    if isinstance(report := _document(line), dict):
                        yield report
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            yield {"error": f"podman's service went away: {str(error) or type(error).__name__}"}

    async def network_backend(self) -> str:
        """Which program makes its bridge networks: "cni" or "netavark"."""
        answer = await self.call("GET", "/info")
        return str(answer["host"].get("networkBackend") or "")

    async def names(self, label: str) -> list[str]:
        """Names of all containers, running or not, that carry the label "key=value"."""
        filters = json.dumps({"label": [label]})
        answer = await self.call("GET", "/containers/json", query={"all": "true", "filters": filters})
        return sorted(str(item["Names"][0]) for item in answer or [])

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        patient: bool = False,
    ) -> Any:
        """The answer, decoded, to one request; `path` is below the API's and quoted already. One who is
        `patient` waits for it without end.

        Raises LibpodError, LibpodUnreachable.
        """
        session = self._open_session()
        timeout = aiohttp.ClientTimeout(total=None if patient else REQUEST_TIMEOUT)
        url = URL(f"http://podman{API}{path}", encoded=True)
        try:
            async with session.request(method, url, params=query, json=body, timeout=timeout) as answer:
                content = await answer.content.read(MAX_ANSWER_BYTES)
                while part := await answer.content.read(MAX_ANSWER_BYTES - len(content)):
                    content += part
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise LibpodUnreachable(f"{method} {path}: {str(error) or type(error).__name__}") from error
        if status == NOT_MODIFIED:
            return None
        document = _document(content)
        if status >= 400:
            raise LibpodError(status, _message(document, content))
        return document

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(self._socket)))
        return self._session


def _known_time(timestamp: str) -> str:
    """Podman has the year 1 for what it did not see."""
    return "" if timestamp.startswith("0001-") else timestamp


def _addresses(settings: Mapping[str, Any]) -> tuple[str, ...]:
    networks = (settings.get("Networks") or {}).values()
    found = (network.get(kind) for network in networks for kind in ("IPAddress", "GlobalIPv6Address"))
    return tuple(dict.fromkeys(address for address in found if address))


def _document(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _message(document: Any, content: bytes) -> str:
    if isinstance(document, dict) and "message" in document:
        return str(document["message"])
    return content[:500].decode("utf-8", "replace")


def _inspected(answer: Any) -> Inspected:
    state = answer["State"]
    return Inspected(
        libpod_id=answer["Id"],
        name=answer["Name"],
        status=state["Status"],
        pid=int(state.get("Pid") or 0),
        conmon_pid=int(state.get("ConmonPid") or 0),
        exit_code=int(state.get("ExitCode") or 0),
        oom_killed=bool(state.get("OOMKilled")),
        error=state.get("Error") or "",
        started_at=_known_time(state.get("StartedAt") or ""),
        finished_at=state.get("FinishedAt") or "",
        cgroup_path=state.get("CgroupPath") or "",
        static_dir=answer.get("StaticDir") or "",
        addresses=_addresses(answer.get("NetworkSettings") or {}),
        has_input=bool(answer["Config"].get("OpenStdin")),
        labels=answer["Config"].get("Labels") or {},
    )
