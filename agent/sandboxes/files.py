"""The files of sandboxes under names that outlive container ids: what READ_FILE and LIST_FILES serve.

    /frameworks/<framework id>/tasks/<task id>/<path in the sandbox>
    /frameworks/<framework id>/tasks/<task id>/runs/<container id>/<path in the sandbox>
    /containers/<id>[/containers/<nested id>...]/<path in the sandbox>

The first form is the latest run of that task. `executors` may stand for `tasks` (a task without an executor
is its own), and `latest` for a container id. The task of a group works below its executor's sandbox, that of
a custom executor in it. Ids are percent-encoded where they hold a slash. A sandbox can be read for as long as
it is kept, also after the agent has forgotten its task; the last form, an operator's container, until that is
removed. Paths are confined by `agent.sandboxes.sandbox`. What plugins print is not served: a driver may print
the secrets that it was given. A framework's id leads to no sandbox but a framework's (see `OwnFolder`).
"""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import quote, unquote

from agent.containers.keeper import OperatorContainers
from agent.executors.executors import Executors
from agent.sandboxes.sandbox import FileInfo, FileSlice, NoSuchFile, Sandboxes
from agent.tasks.tasks import Tasks
from api.wire.v1 import mesos

MAX_PATH = 4_096
"""Characters of a path; a longer one names nothing."""


class TaskFiles:
    """The served files of one agent."""

    def __init__(
        self, sandboxes: Sandboxes, tasks: Tasks, executors: Executors, containers: OperatorContainers
    ) -> None:
        self._sandboxes = sandboxes
        self._tasks = tasks
        self._executors = executors
        self._containers = containers

    def read(self, path: str, offset: int, length: int | None) -> FileSlice:
        """A part of a file. Raises NoSuchFile, SandboxError."""
        sandbox, rest, _ = self._resolve(path)
        return self._sandboxes.read_file(_join(sandbox, rest), offset, length)

    def entries(self, path: str) -> list[mesos.FileInfo]:
        """The entries of a directory, each with its own served path. Raises NoSuchFile, SandboxError."""
        sandbox, rest, prefix = self._resolve(path)
        return [_file_info(info, prefix, rest) for info in self._sandboxes.list_files(_join(sandbox, rest))]

    def _resolve(self, path: str) -> tuple[Path, list[str], str]:
        """The sandbox, the names below it, and the served path of the sandbox itself."""
        if len(path) > MAX_PATH:
            raise NoSuchFile(f"a path of more than {MAX_PATH} characters names nothing")
        parts = [part for part in path.split("/") if part]
        match parts:
            case ["frameworks", framework, "tasks" | "executors" as kind, name, "runs", run, *rest]:
                found = self._run(kind, unquote(framework), unquote(name), unquote(run))
                return found, rest, "/" + "/".join(parts[:6])
            case ["frameworks", framework, "tasks" | "executors" as kind, name, *rest]:
                found = self._latest(kind, unquote(framework), unquote(name))
                return found, rest, "/" + "/".join(parts[:4])
            case ["containers", _, *_]:
                return self._operators(parts)
            case _:
                raise NoSuchFile(f"{path!r} is not a served path: use /frameworks/ID/tasks/ID/PATH")

    def _operators(self, parts: list[str]) -> tuple[Path, list[str], str]:
        """The sandbox of an operator's container that is not removed yet."""
        names: list[str] = []
        while parts[:1] == ["containers"] and len(parts) > 1:
            names.append(unquote(parts[1]))
            parts = parts[2:]
        sandbox = self._containers.sandbox(tuple(names))
        if sandbox is None:
            raise NoSuchFile(f"no operator's container {'.'.join(names)} is known here")
        return sandbox, parts, "".join(f"/containers/{quote(name, safe='')}" for name in names)

    def _run(self, kind: str, framework_id: str, name: str, container: str) -> Path:
        if container == "latest":
            return self._latest(kind, framework_id, name)
        record = self._tasks.find(framework_id, name) if kind == "tasks" else None
        if record is not None and record.container_id == container:
            return self._tasks.sandbox(record)
        found = self._sandboxes.path(framework_id, name, container)
        if kind == "executors" or found.is_dir():
            return found
        for executor in self._kept(found.parent.parent):
            of_executor = self._sandboxes.root / executor.path / found.name
            if of_executor.is_dir():
                return of_executor
        return self._latest(kind, framework_id, name)  # in a group it is named by the task alone

    def _latest(self, kind: str, framework_id: str, name: str) -> Path:
        executor = self._executors.find(framework_id, name) if kind == "executors" else None
        if executor is not None:
            return self._executors.sandbox_of(executor.record)
        record = self._tasks.find(framework_id, name)
        if record is not None:
            return self._tasks.sandbox(record)
        runs = self._sandboxes.path(framework_id, name, "latest").parent
        found = self._kept(runs) or (self._kept_in_groups(runs) if kind == "tasks" else [])
        if not found:
            raise NoSuchFile(f"no sandbox of {kind[:-1]} {name!r} is kept here")
        return self._sandboxes.root / max(found, key=lambda each: (each.modified_at, each.path)).path

    def _kept(self, directory: Path) -> list[FileInfo]:
        try:
            found = self._sandboxes.list_files(str(directory))
        except NoSuchFile:
            return []
        return [each for each in found if stat.S_ISDIR(each.mode)]

    def _kept_in_groups(self, runs: Path) -> list[FileInfo]:
        """Of a task of a group that is forgotten: where it was below the sandboxes of its framework."""
        found = []
        for executor in self._kept(runs.parent):
            for container in self._kept(self._sandboxes.root / executor.path):
                tasks = self._kept(self._sandboxes.root / container.path / "tasks")
                found += [each for each in tasks if each.path.endswith(f"/{runs.name}")]
        return found


def _join(sandbox: Path, rest: list[str]) -> str:
    return "/".join([str(sandbox), *rest])


def _file_info(info: FileInfo, prefix: str, rest: list[str]) -> mesos.FileInfo:
    name = info.path.rpartition("/")[2]
    return mesos.FileInfo(
        path="/".join([prefix, *rest, name]),
        nlink=info.links,
        size=info.size,
        mtime=mesos.TimeInfo(nanoseconds=int(info.modified_at * 1e9)),
        mode=info.mode,
        uid=str(info.uid),
        gid=str(info.gid),
    )
