"""The table itself: every call of an API, tried in every column and both media types."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol

import aiohttp
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from api.wire.content import JSON, MEDIA_TYPES, MediaType
from api.wire.message import Message
from tests.compatibility.columns import (
    COMMON_COLUMNS,
    NEW_TYPE,
    NO_TYPE,
    UNKNOWN_TYPE,
    Call,
    Column,
    Sent,
    spoilt,
    with_type,
)
from tests.compatibility.expected import DIFFERS, NEED_NO_PAYLOAD, expected

FIRST_EXTENSION = 1000


class Asked(Protocol):
    """One API of a server that runs."""

    name: str
    title: str
    path: str
    kind: type[Message]
    types: Any
    basis: str
    """A call that is taken, of which another type is made."""

    async def call(self, call: str, column: Column) -> Call:
        """The call of this column, and all that must be there before it."""

    def sample(self, call: str) -> Call:
        """A call that could be read, about nothing that is there."""


@dataclass(frozen=True)
class Cell:
    call: str
    column: Column
    media_type: MediaType
    expected: int
    answered: int
    said: str = ""

    @property
    def is_right(self) -> bool:
        return self.expected == self.answered

    def __str__(self) -> str:
        where = f"{self.call}, {self.column}, {self.media_type.rpartition('/')[2]}"
        return f"{where}: {self.answered} in place of {self.expected} ({self.said[:200]})"


async def tried(api: Asked, url: str, client: aiohttp.ClientSession) -> AsyncIterator[Cell]:
    """Every cell of an API's table, in its order."""
    for named in (NO_TYPE, NEW_TYPE, UNKNOWN_TYPE):
        for media_type in MEDIA_TYPES:
            sent = with_type(await api.call(api.basis, Column.VALID), named, media_type)
            status, said = await answer_to(sent, url, client, media_type)
            yield Cell(
                named, Column.VALID, media_type, expected(api.name, named, Column.VALID) or 0, status, said
            )
    for call in calls_of(api):
        for column in Column:
            wanted = wanted_of(api, call, column)
            if wanted is None:
                continue
            for media_type in MEDIA_TYPES:
                sent = await request_of(api, call, column, media_type)
                status, said = await answer_to(sent, url, client, media_type)
                yield Cell(call, column, media_type, wanted, status, said)


def calls_of(api: Asked) -> Iterable[str]:
    """Those of the v1 API: extensions are nobody's expectation."""
    named = of_the_api(api.kind)
    return [str(each) for each in api.types if str(each) in named]


def of_the_api(kind: type[Message]) -> set[str]:
    """The types of a class of calls or events, without extensions and the one called UNKNOWN."""
    numbers = _numbers_of_types(str(kind.__doc__))
    return {name for name, number in numbers.items() if 0 < number < FIRST_EXTENSION}


def _numbers_of_types(message: str) -> dict[str, int]:
    """By name, the numbers of the types of calls, from the descriptors that travel with the messages."""
    found = FileDescriptorSet.FromString(files("api.wire.v1").joinpath("descriptors.binpb").read_bytes())
    for file in found.file:
        for each in file.message_type:
            if f"{file.package}.{each.name}" == message:
                (types,) = [enum for enum in each.enum_type if enum.name == "Type"]
                return {value.name: value.number for value in types.value}
    raise AssertionError(f"{message} is not described")


def wanted_of(api: Asked, call: str, column: Column) -> int | None:
    """What should come back; None where the column means nothing."""
    has_payload = call.lower() in api.kind.__struct_fields__
    if column is Column.NO_PAYLOAD and (not has_payload or call in NEED_NO_PAYLOAD[api.name]):
        return None
    differs = DIFFERS.get((api.name, call, column))
    return differs[0] if differs else expected(api.name, call, column)


async def request_of(api: Asked, call: str, column: Column, media_type: MediaType) -> Sent:
    if column not in COMMON_COLUMNS:
        return (await api.call(call, column)).sent(media_type)
    if column is Column.ACCEPT and expected(api.name, call, column) != 406:
        return spoilt(column, await api.call(call, Column.VALID), media_type)
    return spoilt(column, api.sample(call), media_type)


async def answer_to(
    sent: Sent, url: str, client: aiohttp.ClientSession, media_type: MediaType
) -> tuple[int, str]:
    """Status, and the text of a refusal; 0 when an answer is not made of what was asked for. A stream is left
    as soon as it begins."""
    async with client.request(
        sent.method, url, data=sent.body or None, headers=sent.headers, skip_auto_headers=["Content-Type"]
    ) as response:
        if response.status < 300:
            made_of = response.headers.get("Content-Type", media_type)
            asked = sent.headers.get("Accept", JSON)
            if made_of != asked and asked in MEDIA_TYPES:
                return 0, f"{made_of} where {asked} was asked for"
            return response.status, ""
        return response.status, (await response.text()).strip()
