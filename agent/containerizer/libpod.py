"""A small client of Podman's libpod REST API, over its service's unix socket.

Requests and answers only: what a container should look like is decided in `podman_spec`, what
to do about an answer in `podman`. The service itself is `podman_service`'s.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

API = "/v4.0.0/libpod"
REQUEST_TIMEOUT = 60.0
"""Seconds for a whole call. After it the outcome is unknown; every call here may be repeated."""

MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""A longer answer is refused: a list of thousands of containers is a megabyte."""

NOT_MODIFIED = 304
NOT_FOUND = 404
CONFLICT = 409
HALF_REMOVED = 500


class LibpodError(Exception):
    """Podman refused, with an HTTP status and its own words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"podman answered {status}: {message}")
        self.status = status
        self.message = message

    @property
    def is_half_removed(self) -> bool:
        """Whether it is of a container that Podman has a name for and nothing else: it was killed while it
        removed the container. Also true for a moment of one that is being removed."""
        return self.status == HALF_REMOVED and "container not known" in self.message


class LibpodUnreachable(Exception):
    """No answer: the service is not there, or went away during the call. Repeat the call."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What Podman says of one container. `pid` and `conmon_pid` are 0 when there is none."""

    libpod_id: str
    name: str
    status: str
    pid: int
    conmon_pid: int
    exit_code: int
    oom_killed: bool
    error: str
    finished_at: str
    cgroup_path: str
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
        await self._call("GET", "/_ping")

    async def create(self, spec: Mapping[str, object]) -> None:
        """Make a container, not started. LibpodError 409 or 500 when the name is taken."""
        await self._call("POST", "/containers/create", body=spec)

    async def start(self, name: str) -> None:
        """Start it; one that runs already is left alone."""
        await self._call("POST", f"/containers/{name}/start")

    async def kill(self, name: str, signal: int) -> None:
        await self._call("POST", f"/containers/{name}/kill", query={"signal": str(signal)})

    async def remove(self, name: str) -> None:
        """Remove it, running or not; nothing happens when there is none."""
        await self._call(
            "DELETE", f"/containers/{name}", query={"force": "true", "ignore": "true", "timeout": "0"}
        )

    async def inspect(self, name: str) -> Inspected | None:
        """What there is of that name; None: nothing."""
        try:
            answer = await self._call("GET", f"/containers/{name}/json")
        except LibpodError as error:
            if error.status == NOT_FOUND:
                return None
            raise
        return _inspected(answer)

    async def names(self, label: str) -> list[str]:
        """Names of all containers, running or not, that carry the label "key=value"."""
        filters = json.dumps({"label": [label]})
        answer = await self._call("GET", "/containers/json", query={"all": "true", "filters": filters})
        return sorted(str(item["Names"][0]) for item in answer or [])

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Any:
        session = self._open_session()
        try:
            async with session.request(
                method, f"http://podman{API}{path}", params=query, json=body
            ) as answer:
                content = await answer.content.read(MAX_ANSWER_BYTES)
                while part := await answer.content.read(MAX_ANSWER_BYTES - len(content)):
                    content += part
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise LibpodUnreachable(f"{method} {path}: {error or type(error).__name__}") from error
        if status == NOT_MODIFIED:
            return None
        document = _document(content)
        if status >= 400:
            raise LibpodError(status, _message(document, content))
        return document

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(str(self._socket)),
                timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT),
            )
        return self._session


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
        finished_at=state.get("FinishedAt") or "",
        cgroup_path=state.get("CgroupPath") or "",
        labels=answer["Config"].get("Labels") or {},
    )
