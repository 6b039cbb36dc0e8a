"""The streaming calls in protobuf, with the official runtime as the client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api.wire.content import PROTOBUF
from api.wire.http_rules import RECORDIO
from api.wire.recordio import RecordDecoder, encode_record
from api.wire.v1 import agent
from tests.agent.containers.site import Site, sandbox_of, site_of
from tests.agent.world import World
from tests.wire.official import runtime_class

CALL: Any = runtime_class(agent.Call)
OUTPUT: Any = runtime_class(agent.ProcessIO)

DATA, STDIN, STDOUT = 1, 1, 2


@pytest.fixture
async def site(world: World) -> AsyncIterator[Site]:
    await world.started()
    async with site_of(world) as made:
        yield made


async def printed(response: Any, text: bytes) -> None:
    """Read records until one says that this was printed."""
    decoder, found = RecordDecoder(), b""
    async with asyncio.timeout(10):
        while text not in found:
            chunk, _ = await response.content.readchunk()
            assert chunk, found
            for record in decoder.feed(chunk):
                message = OUTPUT.FromString(record)
                if message.type == DATA:
                    assert message.data.type == STDOUT
                    found += message.data.data


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ({"Accept": PROTOBUF}, PROTOBUF),
        ({"Accept": RECORDIO, "Message-Accept": PROTOBUF}, RECORDIO),
    ],
)
async def test_output_comes_in_protobuf(
    site: Site, world: World, accept: dict[str, str], content_type: str
) -> None:
    await site.launch("web")
    call = CALL(type="ATTACH_CONTAINER_OUTPUT")
    call.attach_container_output.container_id.value = "web"
    sent = {"Content-Type": PROTOBUF, **accept}
    async with site.session.post(
        f"{site.url}/api/v1", data=call.SerializeToString(), headers=sent
    ) as response:
        assert (response.status, response.headers["Content-Type"]) == (200, content_type)
        if content_type == RECORDIO:
            assert response.headers["Message-Content-Type"] == PROTOBUF
        with (sandbox_of(world, "web") / "stdout").open("ab") as file:
            file.write(b"hello\n")
        await printed(response, b"hello\n")


async def test_input_may_come_in_protobuf(site: Site, world: World) -> None:
    assert (await site.launch("web", stdin=True))[0] == 200
    first = CALL(type="ATTACH_CONTAINER_INPUT")
    first.attach_container_input.type = 1  # CONTAINER_ID
    first.attach_container_input.container_id.value = "web"
    piece = CALL(type="ATTACH_CONTAINER_INPUT")
    piece.attach_container_input.type = 2  # PROCESS_IO
    piece.attach_container_input.process_io.type = DATA
    piece.attach_container_input.process_io.data.type = STDIN
    piece.attach_container_input.process_io.data.data = b"hello \xff"
    body = b"".join(encode_record(each.SerializeToString()) for each in (first, piece))
    sent = {"Content-Type": RECORDIO, "Message-Content-Type": PROTOBUF}
    async with site.session.post(f"{site.url}/api/v1", data=body, headers=sent) as response:
        assert response.status == 200, await response.text()
    assert world.host.containers[world.host.running[0]].input.data == b"hello \xff"
