"""What the agent answers to each operator call: typed calls in, typed responses out.

No HTTP here: `agent.operator_api` is the edge. All calls that are served are reads; those on containers
are `agent.containers.calls`'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from msgspec import UNSET, structs

from agent.containerizer.interface import Containerizer
from agent.daemon import Agent
from agent.sandboxes.sandbox import FileSlice
from agent.tasks.record import as_wire_task
from api.wire.convert import in_both_forms
from api.wire.secrets import without_secrets
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos

API_VERSION = "1.11.0"
"""The level of the v1 API that is spoken; clients take three integers and nothing else."""

PRODUCT = "orlop"

C, R = wire.CallType, wire.ResponseType


class Files(Protocol):
    """The files that an agent serves. Both raise NoSuchFile and SandboxError."""

    def read(self, path: str, offset: int, length: int | None) -> FileSlice:
        """A part of a file."""

    def entries(self, path: str) -> list[mesos.FileInfo]:
        """The entries of a directory."""


class OperatorCalls:
    """The served calls of one agent."""

    def __init__(
        self,
        agent: Agent,
        containerizer: Containerizer,
        files: Files,
        product_version: str,
    ) -> None:
        self._agent = agent
        self._containerizer = containerizer
        self._files = files
        self._product_version = product_version
        self._handlers: Mapping[wire.CallType, Callable[[wire.Call], wire.Response]] = {
            C.GET_HEALTH: self._get_health,
            C.GET_VERSION: self._get_version,
            C.GET_STATE: self._get_state,
            C.GET_TASKS: self._get_tasks,
            C.GET_FRAMEWORKS: self._get_frameworks,
            C.GET_EXECUTORS: self._get_executors,
            C.GET_AGENT: self._get_agent,
            C.GET_OPERATIONS: self._get_operations,
            C.LIST_FILES: self._list_files,
            C.READ_FILE: self._read_file,
        }

    def serves(self, call: wire.Call) -> bool:
        """Whether `handle` answers this type of call."""
        return call.type in self._handlers

    def handle(self, call: wire.Call) -> wire.Response:
        """The answer to a call that is valid. Raises NoSuchFile and SandboxError for files."""
        assert call.type is not UNSET, "check_call refuses calls without a type"
        return self._handlers[call.type](call)

    def version(self) -> mesos.VersionInfo:
        """What GET_VERSION and /version say."""
        return mesos.VersionInfo(version=API_VERSION, product=PRODUCT, product_version=self._product_version)

    def _get_health(self, call: wire.Call) -> wire.Response:
        healthy = wire.ResponseGetHealth(healthy=self._agent.recovered)
        return wire.Response(type=R.GET_HEALTH, get_health=healthy)

    def _get_version(self, call: wire.Call) -> wire.Response:
        info = wire.ResponseGetVersion(version_info=self.version())
        return wire.Response(type=R.GET_VERSION, get_version=info)

    def _get_state(self, call: wire.Call) -> wire.Response:
        state = wire.ResponseGetState(
            get_tasks=self._tasks(),
            get_executors=self._executors(),
            get_frameworks=self._frameworks(),
        )
        return wire.Response(type=R.GET_STATE, get_state=state)

    def _get_tasks(self, call: wire.Call) -> wire.Response:
        return wire.Response(type=R.GET_TASKS, get_tasks=self._tasks())

    def _get_frameworks(self, call: wire.Call) -> wire.Response:
        return wire.Response(type=R.GET_FRAMEWORKS, get_frameworks=self._frameworks())

    def _get_executors(self, call: wire.Call) -> wire.Response:
        """Custom ones, and those that the agent plays for groups; other tasks have none."""
        return wire.Response(type=R.GET_EXECUTORS, get_executors=self._executors())

    def _get_agent(self, call: wire.Call) -> wire.Response:
        info = wire.ResponseGetAgent(
            agent_info=self._agent.agent_info(),
            isolation=self._isolation(),
            findings=self._agent.findings,
        )
        if (order := self._agent.draining.order) is not None:
            info.drain_config = order.config
        return wire.Response(type=R.GET_AGENT, get_agent=info)

    def _get_operations(self, call: wire.Call) -> wire.Response:
        """As of each provider's latest report."""
        found = [o for report in self._agent.providers.reports for o in report.update_state.operations]
        return wire.Response(
            type=R.GET_OPERATIONS, get_operations=wire.ResponseGetOperations(operations=found)
        )

    def _list_files(self, call: wire.Call) -> wire.Response:
        assert call.list_files is not UNSET, "validate() comes first"
        infos = self._files.entries(call.list_files.path)
        return wire.Response(type=R.LIST_FILES, list_files=wire.ResponseListFiles(file_infos=infos))

    def _read_file(self, call: wire.Call) -> wire.Response:
        asked = call.read_file
        assert asked is not UNSET, "validate() comes first"
        length = None if asked.length is UNSET else asked.length
        part = self._files.read(asked.path, asked.offset, length)
        answer = wire.ResponseReadFile(size=part.size, data=part.data)
        return wire.Response(type=R.READ_FILE, read_file=answer)

    def _tasks(self) -> wire.ResponseGetTasks:
        agent_id = self._agent.agent_info().id
        owner = mesos.AgentID(value="") if agent_id is UNSET else agent_id
        tasks = wire.ResponseGetTasks(queued_tasks=[], launched_tasks=[], terminated_tasks=[])
        for record in self._agent.tasks.records:
            place = tasks.queued_tasks if record.wire_state in QUEUED else tasks.launched_tasks
            if record.terminal:
                place = tasks.terminated_tasks
            shown = as_wire_task(record, owner)
            shown.resources = _in_both_forms(shown.resources)
            if shown.health_check is not UNSET:
                shown.health_check = without_secrets(shown.health_check)
            place.append(shown)
        return tasks

    def _executors(self) -> wire.ResponseGetExecutors:
        found = []
        for each in self._agent.executors.records:
            info = structs.replace(each.info, resources=_in_both_forms(each.info.resources))
            found.append(wire.ResponseGetExecutorsExecutor(executor_info=without_secrets(info)))
        return wire.ResponseGetExecutors(executors=found)

    def _isolation(self) -> wire.ResponseIsolation:
        """What is enforced here, and why not the rest."""
        has = self._containerizer.isolation
        return wire.ResponseIsolation(
            containerizer=self._containerizer.name,
            volumes=has.volumes,
            memory_limit=has.memory_limit,
            cpu_limit=has.cpu_limit,
            images=has.images,
            notes=list(has.notes),
            processes_limit=has.processes_limit,
            networks=list(has.networks),
        )

    def _frameworks(self) -> wire.ResponseGetFrameworks:
        known = {record.framework_id: record.framework for record in self._agent.executors.records}
        known |= {record.framework_id: record.framework for record in self._agent.tasks.records}
        found = [wire.ResponseGetFrameworksFramework(framework_info=known[key]) for key in sorted(known)]
        return wire.ResponseGetFrameworks(frameworks=found)


QUEUED = (mesos.TaskState.TASK_STAGING, mesos.TaskState.TASK_STARTING)


def validate(call: wire.Call) -> str | None:
    """What is missing in a call whose type says that it has content."""
    if call.type is C.LIST_FILES and call.list_files is UNSET:
        return "expecting 'list_files' to be present"
    if call.type is C.READ_FILE and call.read_file is UNSET:
        return "expecting 'read_file' to be present"
    return None


def _in_both_forms(resources: Sequence[mesos.Resource]) -> list[mesos.Resource]:
    """As the orchestrator shows them, for who looks for `reservations` and for who looks for `role`. What
    came in the older form stays as it is."""
    return [
        each if not each.reservations and each.role is not UNSET else in_both_forms(each)
        for each in resources
    ]
