"""The calls on containers: LAUNCH_, WAIT_, KILL_, REMOVE_CONTAINER, by their older names too, GET_CONTAINERS.

Typed calls in, answers out; streams are `agent.containers.streams`'. No HTTP here but status codes.
A task's container is ended through the task, a plugin's through its keeper.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from msgspec import UNSET, UnsetType

from agent.containerizer.interface import Containerizer, ContainerizerError, Exit, UnknownContainer, Who
from agent.containers.hosted import HostedContainers
from agent.containers.keeper import OperatorContainers
from agent.containers.listing import ContainerListing, as_wire_exit
from agent.containers.parts import Busy, ContainerRefused, HostFailed, NoSuchContainer
from agent.containers.paths import ContainerPath, InvalidContainerId, as_text, path_of
from api.wire.http_rules import Rejection
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos
from provider.plugins.containers import ContainerFailed

C, R = wire.CallType, wire.ResponseType

MAX_SIGNAL: Final = 64

MAX_GRACE: Final = 24 * 3600.0
"""Seconds between SIGTERM and SIGKILL that a call may ask for; more is refused."""


WAITS: Final = frozenset({C.WAIT_CONTAINER, C.WAIT_NESTED_CONTAINER})
"""Calls that are answered when a container ends, however late that is."""

MAX_WAITERS: Final = 1_000
"""WAIT calls that are open at once; one more is answered 503."""


@dataclass(frozen=True, slots=True)
class Done:
    """An answer without content."""

    status: int = 200


Answer = wire.Response | Rejection | Done


class ContainerCalls:
    """The served calls of one agent."""

    def __init__(
        self,
        containers: OperatorContainers,
        hosted: HostedContainers,
        containerizer: Containerizer,
        listing: ContainerListing,
    ) -> None:
        self._containers = containers
        self._hosted = hosted
        self._containerizer = containerizer
        self._listing = listing
        self._waiting = 0
        self._handlers: Mapping[wire.CallType, Callable[[wire.Call], Awaitable[Answer]]] = {
            C.LAUNCH_CONTAINER: self._launch,
            C.LAUNCH_NESTED_CONTAINER: self._launch,
            C.WAIT_CONTAINER: self._wait,
            C.WAIT_NESTED_CONTAINER: self._wait,
            C.KILL_CONTAINER: self._kill,
            C.KILL_NESTED_CONTAINER: self._kill,
            C.REMOVE_CONTAINER: self._remove,
            C.REMOVE_NESTED_CONTAINER: self._remove,
            C.GET_CONTAINERS: self._get,
        }

    def serves(self, call: wire.Call) -> bool:
        """See `agent.operator_api.CallGroup`."""
        return call.type in self._handlers

    async def handle(self, call: wire.Call) -> Answer:
        """See `agent.operator_api.CallGroup`."""
        assert call.type is not UNSET, "check_call refuses calls without a type"
        try:
            return await self._handlers[call.type](call)
        except FAILURES as error:
            return rejection_of(error)

    async def _launch(self, call: wire.Call) -> Answer:
        asked = launch_of(call)
        try:
            return Done(200 if await self._containers.launch(asked) else 202)
        except NoSuchContainer as error:  # its parent
            return Rejection(400, str(error))

    async def _wait(self, call: wire.Call) -> Answer:
        path = path_of(_target(call))
        if self._waiting >= MAX_WAITERS:
            raise Busy(f"{MAX_WAITERS} calls wait already, the limit: try again later")
        self._waiting += 1
        try:
            ended = await self.exit_of(path)
        finally:
            self._waiting -= 1
        if call.type is C.WAIT_CONTAINER:
            return wire.Response(type=R.WAIT_CONTAINER, wait_container=as_wire_exit(ended))
        found = as_wire_exit(ended)
        older = wire.ResponseWaitNestedContainer(
            exit_status=found.exit_status,
            state=found.state,
            reason=found.reason,
            limitation=found.limitation,
            message=found.message,
        )
        return wire.Response(type=R.WAIT_NESTED_CONTAINER, wait_nested_container=older)

    async def exit_of(self, path: ContainerPath) -> Exit:
        """How any container ended, once it has. Raises NoSuchContainer, ContainerizerError."""
        run_id = self._hosted.run_id(path)
        return await (self._containers.wait(path) if run_id is None else self._containerizer.wait(run_id))

    async def _kill(self, call: wire.Call) -> Answer:
        asked = call.kill_nested_container if call.type is C.KILL_NESTED_CONTAINER else call.kill_container
        assert asked is not UNSET, "validate() comes first"
        path = path_of(asked.container_id)
        grace = getattr(asked, "grace_period", UNSET)
        await self._end(path, grace, None if asked.signal is UNSET else asked.signal)
        return Done()

    async def _end(
        self, path: ContainerPath, grace: mesos.DurationInfo | UnsetType, signal: int | None
    ) -> None:
        """An operator's own container ends at once when nothing else is said; a task with its kill policy."""
        run_id = self._hosted.run_id(path)
        if run_id is None:
            seconds = 0.0 if grace is UNSET else grace.nanoseconds / 1e9
            await self._containers.kill(path, seconds, signal)
        elif signal is not None:
            await self._containerizer.kill(run_id, signal=signal)
        else:
            await self._hosted.end(path)

    async def _remove(self, call: wire.Call) -> Answer:
        path = path_of(_target(call))
        if self._hosted.knows(path):
            raise ContainerRefused(f"container {as_text(path)} is removed by its agent when it ends: kill it")
        await self._containers.remove(path)
        return Done()

    async def _get(self, call: wire.Call) -> Answer:
        asked = wire.CallGetContainers() if call.get_containers is UNSET else call.get_containers
        found = wire.ResponseGetContainers(containers=await self._listing.all(asked))
        return wire.Response(type=R.GET_CONTAINERS, get_containers=found)


FAILURES: Final = (
    ContainerRefused,
    InvalidContainerId,
    ContainerizerError,
    HostFailed,
    Busy,
    ContainerFailed,
)
"""What the rooms of containers raise, all of which are answers."""


def rejection_of(error: Exception) -> Rejection:
    """The answer that one of FAILURES is."""
    if isinstance(error, NoSuchContainer | UnknownContainer):
        return Rejection(404, str(error))
    if isinstance(error, Busy):
        return Rejection(503, str(error))
    by_request = isinstance(error, ContainerizerError) and error.who is Who.REQUEST
    wrong = by_request or isinstance(error, ContainerRefused | InvalidContainerId)
    return Rejection(400 if wrong else 500, str(error))


def launch_of(call: wire.Call) -> wire.CallLaunchContainer:
    """The launch that any of the three calls for one asks for."""
    if call.launch_container is not UNSET and call.type is C.LAUNCH_CONTAINER:
        return call.launch_container
    older = (
        call.launch_nested_container_session
        if call.type is C.LAUNCH_NESTED_CONTAINER_SESSION
        else call.launch_nested_container
    )
    assert older is not UNSET, "validate() comes first"
    return wire.CallLaunchContainer(
        container_id=older.container_id, command=older.command, container=older.container
    )


_CONTENT: Final[Mapping[wire.CallType, str]] = {
    each: each.value.lower()
    for each in (
        C.LAUNCH_CONTAINER,
        C.LAUNCH_NESTED_CONTAINER,
        C.LAUNCH_NESTED_CONTAINER_SESSION,
        C.WAIT_CONTAINER,
        C.WAIT_NESTED_CONTAINER,
        C.KILL_CONTAINER,
        C.KILL_NESTED_CONTAINER,
        C.REMOVE_CONTAINER,
        C.REMOVE_NESTED_CONTAINER,
        C.ATTACH_CONTAINER_INPUT,
        C.ATTACH_CONTAINER_OUTPUT,
    )
}
"""The field that has the content of a call of that type."""


def validate(call: wire.Call) -> str | None:
    """What is wrong with a call on containers, before any is looked for."""
    name = None if call.type is UNSET else _CONTENT.get(call.type)
    if name is None:
        return None
    content = getattr(call, name)
    if content is UNSET:
        return f"expecting '{name}' to be present"
    signal = getattr(content, "signal", UNSET)
    if signal is not UNSET and not 1 <= signal <= MAX_SIGNAL:
        return f"'{name}.signal' is {signal}: give a signal's number from 1 to {MAX_SIGNAL}"
    grace = getattr(content, "grace_period", UNSET)
    if grace is not UNSET and not 0 <= grace.nanoseconds <= MAX_GRACE * 1e9:
        return f"'{name}.grace_period' must be between 0 and {MAX_GRACE:.0f} seconds"
    nested = call.type in (C.LAUNCH_NESTED_CONTAINER, C.LAUNCH_NESTED_CONTAINER_SESSION)
    if nested and content.container_id.parent is UNSET:
        return f"'{name}.container_id.parent' is expected: use LAUNCH_CONTAINER for one without a parent"
    return None


def _target(call: wire.Call) -> mesos.ContainerID:
    assert call.type is not UNSET, "check_call refuses calls without a type"
    found: mesos.ContainerID = getattr(call, _CONTENT[call.type]).container_id
    return found
