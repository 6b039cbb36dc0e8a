"""The images of agents: what they take, what goes, and why the rest stays. Asks the agents themselves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from msgspec import UNSET, UnsetType

from api.model.clock import SystemClock
from api.wire.v1 import agent as wire
from api.wire.v1 import mesos
from cli.agent_choice import AgentAt, Place, agents_of
from cli.failures import CommandFailed
from cli.options import Output
from cli.output import age, print_json, print_table, size
from client.agent import AgentClient
from client.errors import ClientError

T = TypeVar("T")

ID_SHOWN: Final = 12
MAY_GO: Final = "may go"
NOBODY: Final = "No agent is registered."

Shown = wire.ResponseGetImagesImage


async def list_all(place: Place, output: Output) -> None:
    """Every image of every agent that is meant. Raises ClientError, CommandFailed."""
    agents = await agents_of(place)
    found, silent = await _asked(agents, lambda client: client.images())
    if output is Output.JSON:
        print_json({"images": [{"agent_id": each.name, **_document(answer)} for each, answer in found]})
    else:
        now = SystemClock().now()
        rows = [_row(each, image, now) for each, answer in found for image in answer.images]
        headers = ("AGENT", "IMAGE", "ID", "SIZE", "OWN", "USED", "STAYS BECAUSE")
        print_table(headers, rows, "There are no images." if found or silent else NOBODY)
        for each, answer in found:
            print(f"{each.name}: {_disk(answer)}")
    _complain(agents, silent)


async def prune(
    place: Place, output: Output, excluded: Sequence[str], *, dry_run: bool, everything: bool
) -> None:
    """Make room on every agent that is meant. Raises ClientError, CommandFailed."""
    agents = await agents_of(place)
    found, silent = await _asked(
        agents, lambda client: client.prune_images(excluded, dry_run=dry_run, everything=everything)
    )
    if output is Output.JSON:
        print_json({"pruned": [{"agent_id": each.name, **_document(answer)} for each, answer in found]})
    else:
        if not agents:
            print(NOBODY)
        for each, answer in found:
            _tell(each, answer, dry_run=dry_run)
    _complain(agents, silent)


def _tell(agent: AgentAt, answer: wire.ResponsePruneImages, *, dry_run: bool) -> None:
    if answer.message is not UNSET:
        print(f"{agent.name}: {answer.message}")
        return
    now = SystemClock().now()
    goes, stays = ("WOULD GO", "WOULD STAY") if dry_run else ("WENT", "STAYS")
    rows = [_line(goes, image, now) for image in answer.removed]
    rows += [_line(stays, image, now) for image in answer.kept]
    print_table(("", "IMAGE", "ID", "SIZE", "USED", "BECAUSE"), rows, "There are no images.")
    verb = "would go" if dry_run else "went"
    print(
        f"{agent.name}: {_counted(answer.removed)} {verb}, {size(answer.freed_bytes)};"
        f" {len(answer.kept)} stay; {size(answer.free_bytes)} of {size(answer.total_bytes)} are free now"
    )


def _counted(images: Sequence[Shown]) -> str:
    return "1 image" if len(images) == 1 else f"{len(images)} images"


def _row(agent: AgentAt, image: Shown, now: float) -> tuple[str, ...]:
    return (
        agent.name,
        _name(image),
        image.id[:ID_SHOWN],
        size(image.size_bytes),
        size(image.own_bytes),
        _used(image, now),
        "; ".join(image.kept) or f"- ({MAY_GO})",
    )


def _line(what: str, image: Shown, now: float) -> tuple[str, ...]:
    why = "; ".join(image.kept)
    return what, _name(image), image.id[:ID_SHOWN], size(image.size_bytes), _used(image, now), why or "-"


def _name(image: Shown) -> str:
    return ", ".join(image.names) or "<no name>"


def _used(image: Shown, now: float) -> str:
    """How long ago; the agent's clock and this one may differ."""
    return age(_seconds(image.last_used), now)


def _seconds(time: mesos.TimeInfo | UnsetType) -> float | UnsetType:
    return UNSET if time is UNSET else time.nanoseconds / 1e9


def _disk(answer: wire.ResponseGetImages) -> str:
    if answer.path is UNSET:
        return "" if answer.message is UNSET else answer.message
    free = f"{size(answer.free_bytes)} of {size(answer.total_bytes)} are free at {answer.path}"
    if answer.headroom is UNSET or answer.low_water is UNSET:
        rule = "images are removed by hand alone"
    else:
        rule = f"images are removed below {answer.headroom:.0%} until {answer.low_water:.0%} are free"
    trouble = "" if answer.message is UNSET else f"; {answer.message}"
    return f"{free}; {rule}{trouble}"


def _document(answer: wire.ResponseGetImages | wire.ResponsePruneImages) -> dict[str, object]:
    fields = {name: getattr(answer, name) for name in answer.__struct_fields__}
    return {name: value for name, value in fields.items() if value is not UNSET}


async def _asked(
    agents: Sequence[AgentAt], question: Callable[[AgentClient], Awaitable[T]]
) -> tuple[list[tuple[AgentAt, T]], dict[str, ClientError]]:
    """Their answers, and why some of them did not."""

    async def ask(agent: AgentAt) -> T | ClientError:
        try:
            async with AgentClient(agent.url) as client:
                return await question(client)
        except ClientError as error:
            return error

    answers = zip(agents, await asyncio.gather(*map(ask, agents)), strict=True)
    found: list[tuple[AgentAt, T]] = []
    silent: dict[str, ClientError] = {}
    for agent, answer in answers:
        if isinstance(answer, ClientError):
            silent[agent.name] = answer
        else:
            found.append((agent, answer))
    return found, silent


def _complain(agents: Sequence[AgentAt], silent: dict[str, ClientError]) -> None:
    if silent and len(agents) == 1:
        raise next(iter(silent.values()))
    if silent:
        asked = "; ".join(f"agent {name}: {error}" for name, error in silent.items())
        raise CommandFailed(f"{len(silent)} of {len(agents)} agents did not answer: {asked}")
