"""Operators' volumes: create, list, inspect, expand, destroy. Talks to the public operator API alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from api.wire.v1 import master, mesos
from cli.failures import UNREACHABLE, CommandFailed
from cli.options import Output
from cli.output import print_fields, print_json, print_table, resources, size, text, yes
from cli.progress import ProgressLine
from cli.volume_notices import print_notice, print_notices, withheld_and_lost
from client.agent import address
from client.errors import ClientError, Refused, Unreachable
from client.operator import OperatorClient

POLL_SECONDS: Final = 0.05
LONGEST_POLL_SECONDS: Final = 1.0
"""A volume's state is asked for again after a pause that grows by half up to this."""

LEAST_ANSWER_SECONDS: Final = 5.0
"""An answer is waited for until the command's timeout, and for so long at least."""

UNAVAILABLE: Final = 503
"""The orchestrator is there and does not lead yet: it did nothing."""

State = master.VolumeState
Found = TypeVar("Found")


@dataclass(frozen=True)
class NewVolume:
    """What `orlop volume create` asks for. Size in bytes; None of a role is the orchestrator's default."""

    name: str
    profile: str
    size_bytes: int
    block: bool
    role: str | None
    agent: str | None
    provider: str | None = None


async def create(url: str, output: Output, wanted: NewVolume, timeout: float | None) -> None:
    """Provision, and wait for `timeout` seconds unless it is None. Raises CommandFailed or ClientError."""
    async with OperatorClient(url) as client:
        agent_id = None if wanted.agent is None else await find_agent(client, wanted.agent)
        volume = await client.provision_volume(
            wanted.name,
            wanted.profile,
            wanted.size_bytes,
            block=wanted.block,
            role=wanted.role,
            agent_id=agent_id,
            provider=wanted.provider,
        )
        if timeout is not None:
            volume = await until_available(client, volume, timeout)
    if output is Output.JSON:
        print_json(volume)
    else:
        print(created_line(volume))


async def expand(url: str, output: Output, name: str, size_bytes: int, timeout: float | None) -> None:
    """Expand, and wait for `timeout` seconds unless it is None. Raises CommandFailed or ClientError."""
    async with OperatorClient(url) as client:
        volume = await client.expand_volume(name, size_bytes)
        if timeout is not None:
            volume = await _until_expanded(client, volume, size_bytes, timeout)
    if output is Output.JSON:
        print_json(volume)
    else:
        print(f"volume {volume.name}: {_state(volume)}, {size(volume.size_bytes)}")


async def destroy(url: str, output: Output, name: str, force: bool, timeout: float | None) -> None:
    """Deprovision, and wait for its end unless `timeout` is None. Raises CommandFailed or ClientError."""
    async with OperatorClient(url) as client:
        volume = await client.deprovision_volume(name, force=force)
        # What is forgotten is gone from the list at once, and the answer says so: nothing is waited for.
        forgotten = force and volume is not None and volume.message is not msgspec.UNSET
        if timeout is not None and not forgotten:
            await _until_gone(client, name, timeout)
            volume = None
    if output is Output.JSON:
        destroyed = volume is None
        print_json({"name": name, "destroyed": destroyed, "forgotten": forgotten, "volume": volume})
    elif forgotten and volume is not None:
        print(f"volume {name}: {text(volume.message)}")
    else:
        print(f"volume {name}: {'destroyed' if volume is None else _state(volume)}")


async def list_all(url: str, output: Output) -> None:
    async with OperatorClient(url) as client:
        volumes = await client.volumes()
        others = await withheld_and_lost(client, volumes)
    if output is Output.JSON:
        notices = {"notices": [each.notice for each in others]} if others else {}
        print_json({"volumes": volumes, **notices})
        return
    headers = ("NAME", "STATE", "PROFILE", "SIZE", "ROLE", "AGENT", "USED BY", "MESSAGE")
    rows = (
        (
            volume.name,
            _state(volume),
            volume.profile,
            size(volume.size_bytes) + (" block" if volume.block is True else ""),
            text(volume.role),
            text(volume.agent_id),
            ",".join(volume.users) or "-",
            text(volume.message),
        )
        for volume in volumes
    )
    print_table(headers, rows, "No volumes. Make one: orlop volume create NAME --profile P --size 1GiB")
    print_notices(others)


async def inspect(url: str, output: Output, name: str) -> None:
    async with OperatorClient(url) as client:
        found = await client.volumes(name)
        others = [] if found else await withheld_and_lost(client, await client.volumes())
    other = next((each for each in others if each.notice.source_id == name), None)
    if other is not None and output is Output.JSON:
        print_json(other.notice)
        return
    if other is not None:
        print_notice(other)
        return
    if not found:
        raise CommandFailed(f"no volume is named {name}; see them all: orlop volume list")
    volume = found[0]
    if output is Output.JSON:
        print_json(volume)
        return
    print_fields(
        (
            ("name", volume.name),
            ("state", _state(volume)),
            ("message", _optional(volume.message)),
            ("step", _optional(volume.step)),
            ("profile", volume.profile),
            ("size", size(volume.size_bytes)),
            ("expanding to", "" if volume.wanted_bytes is msgspec.UNSET else size(volume.wanted_bytes)),
            ("block", yes(volume.block)),
            ("role", _optional(volume.role)),
            ("agent", _optional(volume.agent_id)),
            ("provider", _optional(volume.resource_provider_id)),
            ("disk", "" if volume.resource is msgspec.UNSET else resources([volume.resource])),
            ("id", _plugin_id(volume)),
            ("path", _path(volume)),
            ("used by", ", ".join(volume.users)),
        )
    )


async def find_agent(client: OperatorClient, wanted: str) -> str:
    """The id of the one agent meant: by its id, the beginning of it, its host name or its address."""
    agents = (await client.agents()).agents
    matches = []
    for agent in agents:
        agent_id = text(agent.agent_info.id)
        if wanted == agent_id:
            return agent_id
        if agent_id.startswith(wanted) or wanted in (agent.agent_info.hostname, address(agent)):
            matches.append(agent_id)
    if len(matches) != 1:
        problem = "no agent" if not matches else f"more than one agent ({', '.join(matches)})"
        raise CommandFailed(f"{problem} matches {wanted}; see them all: orlop agents")
    return matches[0]


async def until_available(
    client: OperatorClient, volume: master.VolumeInfo, timeout: float
) -> master.VolumeInfo:
    settled = await _until_settled(client, volume, timeout, State.VOLUME_CREATING, "created")
    if settled.state is not State.VOLUME_AVAILABLE:
        raise CommandFailed(f"volume {volume.name} was not created: {_why(settled)}")
    return settled


async def _until_expanded(
    client: OperatorClient, volume: master.VolumeInfo, size_bytes: int, timeout: float
) -> master.VolumeInfo:
    settled = await _until_settled(client, volume, timeout, State.VOLUME_EXPANDING, "expanded")
    if settled.state is not State.VOLUME_AVAILABLE or settled.size_bytes < size_bytes:
        raise CommandFailed(f"volume {volume.name} was not expanded: {_why(settled)}")
    return settled


async def _until_settled(
    client: OperatorClient, volume: master.VolumeInfo, timeout: float, passing: State, done: str
) -> master.VolumeInfo:
    """Until the volume is in another state than `passing`; `done`: what is happening to it."""
    name = volume.name

    async def settled() -> master.VolumeInfo | None:
        found = await client.volumes(name)
        if not found:
            raise CommandFailed(f"volume {name} was destroyed while it was being {done}")
        progress.say(_line(found[0]))
        return None if found[0].state is passing else found[0]

    with ProgressLine(_line(volume)) as progress:
        found = await _Wait(client, name, timeout, progress).until(settled)
    if found is None:
        raise CommandFailed(
            f"volume {name} is still being {done} after {timeout:g} s, and goes on:"
            f" orlop volume inspect {name}"
        )
    return found


async def _until_gone(client: OperatorClient, name: str, timeout: float) -> None:
    async def gone() -> bool | None:
        found = await client.volumes(name)
        if not found:
            return True
        progress.say(_line(found[0]))
        if found[0].state is not State.VOLUME_DESTROYING:
            raise CommandFailed(f"volume {name} was not destroyed: {_why(found[0])}")
        return None

    with ProgressLine(f"volume {name}: destroying") as progress:
        if await _Wait(client, name, timeout, progress).until(gone) is None:
            raise CommandFailed(
                f"volume {name} is still being destroyed after {timeout:g} s, and goes on:"
                f" orlop volume inspect {name}"
            )


class _Wait:
    """For what becomes of an accepted volume, also over a restart of the orchestrator."""

    def __init__(self, client: OperatorClient, name: str, timeout: float, progress: ProgressLine) -> None:
        self._client = client
        self._name = name
        self._progress = progress
        self._deadline = asyncio.get_running_loop().time() + timeout

    async def until(self, question: Callable[[], Awaitable[Found | None]]) -> Found | None:
        """The first answer that is not None; None when there was none in time.

        Raises CommandFailed (status 3) when time ended without an orchestrator that could be reached.
        """
        loop = asyncio.get_running_loop()
        pause = POLL_SECONDS
        while True:
            lost: ClientError | None = None
            try:
                answer = await self._asked(question)
                if answer is not None:
                    return answer
            except Unreachable as error:
                lost = error
            except Refused as error:
                if error.status != UNAVAILABLE:
                    raise
                lost = error
            left = self._deadline - loop.time()
            if left <= 0 and lost is None:
                return None
            if left <= 0:
                raise CommandFailed(
                    f"{lost}; volume {self._name} was accepted, what became of it:"
                    f" orlop volume inspect {self._name}",
                    UNREACHABLE,
                ) from lost
            if lost is not None:
                self._progress.say(f"volume {self._name}: orchestrator not reachable, retrying")
            await asyncio.sleep(min(pause, left))
            pause = min(pause * 1.5, LONGEST_POLL_SECONDS)

    async def _asked(self, question: Callable[[], Awaitable[Found | None]]) -> Found | None:
        least = asyncio.get_running_loop().time() + LEAST_ANSWER_SECONDS
        try:
            async with asyncio.timeout_at(max(self._deadline, least)):
                return await question()
        except TimeoutError as error:
            raise Unreachable(self._client.url, "no answer in time") from error


def created_line(volume: master.VolumeInfo) -> str:
    """What has become of a volume that was asked for."""
    return f"volume {volume.name}: {_state(volume)}, {size(volume.size_bytes)}, profile {volume.profile}"


def _line(volume: master.VolumeInfo) -> str:
    step = "" if volume.step is msgspec.UNSET else f" ({volume.step})"
    message = "" if volume.message is msgspec.UNSET else f": {volume.message}"
    return f"volume {volume.name}: {_state(volume).lower()}{step}{message}"


def _why(volume: master.VolumeInfo) -> str:
    return f"{_state(volume)}, {text(volume.message)}; see: orlop volume inspect {volume.name}"


def _state(volume: master.VolumeInfo) -> str:
    return text(volume.state).removeprefix("VOLUME_")


def _optional(value: object) -> str:
    return "" if value is msgspec.UNSET else text(value)


def _plugin_id(volume: master.VolumeInfo) -> str:
    source = _source(volume)
    return "" if source is None else _optional(source.id)


def _path(volume: master.VolumeInfo) -> str:
    source = _source(volume)
    if source is None or source.mount is msgspec.UNSET:
        return ""
    return _optional(source.mount.root)


def _source(volume: master.VolumeInfo) -> mesos.ResourceDiskInfoSource | None:
    if volume.resource is msgspec.UNSET or volume.resource.disk is msgspec.UNSET:
        return None
    source = volume.resource.disk.source
    return None if source is msgspec.UNSET else source
