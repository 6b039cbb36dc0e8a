"""Agents that dial anew before their former link, or their former registration, has ended."""

from __future__ import annotations

import asyncio

from api.wire.codec import encode_msgpack
from api.wire.frames import encode_frame
from api.wire.v1 import link, mesos
from orchestrator.link_front import LinkFront
from tests.orchestrator.scripted import ScriptedAgent
from tests.orchestrator.test_core import Cluster, cluster, provision, until

__all__ = ["cluster"]


class OneSession(ScriptedAgent):
    """Its links follow one another; what it says goes out on the latest."""

    def close(self, reason: str) -> None:
        pass


def applied(agent: ScriptedAgent) -> list[bytes]:
    calls = [message.apply_operation for message in agent.received]
    return [
        call.operation.operation_uuid.value
        for call in calls
        if isinstance(call, link.OrchestratorMessageApplyOperation)
    ]


async def test_what_a_superseded_registration_reported_does_not_count_for_the_one_after_it(
    cluster: Cluster,
) -> None:
    rooms, first = cluster.orchestrator, ScriptedAgent()
    await first.join(rooms)
    first.deaf = True
    await rooms.provisioning.provision(provision())
    again, latest = ScriptedAgent(), ScriptedAgent()
    again.agent_id = latest.agent_id = first.agent_id
    again.deaf = latest.deaf = True
    joining = asyncio.ensure_future(again.join(rooms))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # the first of the two registrations is being written
    joined = asyncio.ensure_future(latest.join(rooms))
    await asyncio.gather(joining, joined)
    assert rooms.agent_sessions.get(str(latest.agent_id)) is latest
    await until(lambda: applied(latest))  # what has no outcome is sent to the agent that is here now


async def test_what_follows_from_a_report_is_sent_once_and_after_what_was_asked_before(
    cluster: Cluster,
) -> None:
    rooms, agent = cluster.orchestrator, OneSession()
    await agent.join(rooms)
    agent.deaf = True
    for name in ("one", "two"):
        await rooms.provisioning.provision(provision(name))
    first, second = applied(agent)
    call = next(m.apply_operation for m in agent.received if m.apply_operation)
    assert isinstance(call, link.OrchestratorMessageApplyOperation)
    agent._orchestrator = None  # nobody hears of it
    agent.apply(call.operation)
    agent.received.clear()
    await agent.join(rooms)
    await until(lambda: len(applied(agent)) > 1)
    await rooms.journal.drain()
    sent = applied(agent)
    assert (sent[0], first in sent, len(sent)) == (second, False, len(set(sent)))


async def test_a_link_that_registers_twice_is_closed_and_leaves_no_agent_connected(cluster: Cluster) -> None:
    rooms = cluster.orchestrator
    front = LinkFront()
    port = await front.start("127.0.0.1", 0)
    front.lead(rooms.agent_link)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    register = link.AgentMessageRegister(agent_info=mesos.AgentInfo(hostname="host"), version="1")
    message = link.AgentMessage(type=link.AgentMessageType.REGISTER, register=register)
    writer.write(encode_frame(encode_msgpack(message)) * 2)
    async with asyncio.timeout(5):
        await reader.read()  # until it is closed
    await until(lambda: not rooms.agent_sessions.peers())
    assert [agent.connected for agent in rooms.state.agents.values()] == [False]
    writer.close()
