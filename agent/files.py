"""The files of sandboxes under names that outlive container ids: what READ_FILE and LIST_FILES serve.

    /frameworks/<framework id>/tasks/<task id>/<path in the sandbox>
    /frameworks/<framework id>/tasks/<task id>/runs/<container id>/<path in the sandbox>
    /containers/<id>[/containers/<nested id>...]/<path in the sandbox>

The first form is the latest run of that task. `executors` may stand for `tasks`, and `latest` for a
container id. Ids are percent-encoded where they hold a slash. A sandbox can be read for as long as
it is kept, also after the agent has forgotten its task; the last form, an operator's container, until that is
removed. Paths are confined by `agent.sandbox`. What plugins print is not served: a driver may print the
secrets that it was given.
"""

from __future__ import annotations

import stat
from pathlib import Path
from urllib.parse import quote, unquote

from agent.containers.keeper import OperatorContainers
from agent.sandbox import FileInfo, FileSlice, NoSuchFile, Sandboxes
from agent.tasks import Tasks
from api.wire.v1 import mesos

MAX_PATH = 4_096
"""Characters of a path; a longer one names nothing."""


class TaskFiles:
    """The served files of one agent."""

    def __init__(self, sandboxes: Sandboxes, tasks: Tasks, containers: OperatorContainers) -> None:
        self._sandboxes = sandboxes
        self._tasks = tasks
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
            case ["frameworks", framework, "tasks" | "executors", task, "runs", run, *rest]:
                names = unquote(framework), unquote(task)
                container = unquote(run)
                found = (
                    self._latest(*names) if container == "latest" else self._sandboxes.path(*names, container)
                )
                return found, rest, "/" + "/".join(parts[:6])
            case ["frameworks", framework, "tasks" | "executors", task, *rest]:
                return self._run(framework, task, "latest"), rest, "/" + "/".join(parts[:4])
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

    def _run(self, framework: str, task: str, run: str) -> Path:
        names = unquote(framework), unquote(task)
        return self._latest(*names) if run == "latest" else self._sandboxes.path(*names, unquote(run))

    def _latest(self, framework_id: str, task_id: str) -> Path:
        record = self._tasks.find(framework_id, task_id)
        if record is not None:
            return self._sandboxes.path(framework_id, task_id, record.container_id)
        runs = self._sandboxes.path(framework_id, task_id, "latest").parent
        found = [each for each in self._sandboxes.list_files(str(runs)) if stat.S_ISDIR(each.mode)]
        if not found:
            raise NoSuchFile(f"no sandbox of task {task_id!r} is kept here")
        return self._sandboxes.root / max(found, key=lambda each: (each.modified_at, each.path)).path


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
