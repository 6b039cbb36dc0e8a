"""The link of an agent whose registration cannot be written."""

from __future__ import annotations

import asyncio
import gc

from api.wire.codec import encode_msgpack
from api.wire.frames import encode_frame
from api.wire.v1 import link, mesos
from orchestrator.link_front import LinkFront
from store.port import Change, StoreFailed
from tests.orchestrator.test_core import Cluster, cluster

__all__ = ["cluster"]


def full(*changes: Change, at_once: bool = False) -> asyncio.Future[None]:
    refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    refused.set_exception(StoreFailed("the disk is full"))
    return refused


async def test_a_registration_that_cannot_be_written_closes_the_link_and_stops_the_orchestrator(
    cluster: Cluster,
) -> None:
    unhandled: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: unhandled.append(context))
    rooms = cluster.orchestrator
    front = LinkFront()
    port = await front.start("127.0.0.1", 0)
    front.lead(rooms.agent_link)
    cluster.store.submit = full  # type: ignore[method-assign]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    register = link.AgentMessageRegister(agent_info=mesos.AgentInfo(hostname="host"), version="1")
    message = link.AgentMessage(type=link.AgentMessageType.REGISTER, register=register)
    writer.write(encode_frame(encode_msgpack(message)))
    async with asyncio.timeout(5):
        assert await reader.read() == b"", "an agent that is not on disk is not told that it is admitted"
        assert isinstance(await rooms.failed, StoreFailed)
    writer.close()
    await asyncio.sleep(0)
    gc.collect()  # what nobody took would be complained of here
    assert unhandled == []
