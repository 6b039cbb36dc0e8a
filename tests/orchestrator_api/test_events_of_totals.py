"""The operator's event stream tells what operations, and reports, make of what agents and providers have."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise

from api.wire.v1 import link, mesos
from orchestrator import late_events
from orchestrator.late_events import LateEvents
from orchestrator.state import Agent
from tests.orchestrator_api.cluster import ApiCluster, EventReader, Json, until
from tests.orchestrator_api.test_events import watch
from tests.orchestrator_api.test_operator import DATA
from tests.orchestrator_api.test_reservations import ENG, amount, call, totals
from tests.orchestrator_api.test_scheduler import cpus, is_pool, launch

Amounts = list[tuple[str, float, tuple[str, ...]]]


def amounts(shown: Sequence[Json]) -> Amounts:
    return sorted(
        (r["name"], r["scalar"]["value"], tuple(each["role"] for each in r.get("reservations", ())))
        for r in shown
    )


def told_totals(stream: EventReader) -> list[Amounts]:
    """Of the one agent that there is, in the order in which they were told."""
    told = []
    for event in stream.events:
        if event["type"] == "SUBSCRIBED":
            told += [
                each["total_resources"] for each in event["subscribed"]["get_state"]["get_agents"]["agents"]
            ]
        elif event["type"] in ("AGENT_ADDED", "AGENT_UPDATED"):
            told.append(event[event["type"].lower()]["agent"]["total_resources"])
    return [amounts(each) for each in told]


async def test_a_reservation_is_told_as_what_its_agent_has(cluster: ApiCluster) -> None:
    await cluster.join()
    stream = await watch(cluster)
    assert await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 1, ENG)]) == (202, "")
    body = await stream.wait(
        "AGENT_UPDATED", lambda body: ("cpus", 1.0, ("eng",)) in amounts(body["agent"]["total_resources"])
    )
    assert body["agent"]["agent_info"]["id"]["value"] == str(cluster.agent.agent_id)
    assert stream.of_type("PROVIDER_UPDATED") == [], "none of them has anything else than before"


async def test_a_disk_that_is_made_and_destroyed_is_told_as_what_its_provider_has(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    stream = await watch(cluster)

    def has_the_disk(body: Json) -> bool:
        shown = body["provider"]["total_resources"]
        return any(each.get("disk", {}).get("persistence", {}).get("id") == "data" for each in shown)

    await cluster.operator("PROVISION_VOLUME", provision_volume=DATA)
    await stream.wait("PROVIDER_UPDATED", has_the_disk)
    await cluster.operator("DEPROVISION_VOLUME", deprovision_volume={"name": "data"})
    await stream.wait("VOLUME_UPDATED", lambda body: body.get("removed"))
    await until(lambda: not has_the_disk(stream.of_type("PROVIDER_UPDATED")[-1]))
    await until(lambda: told_totals(stream)[-1] == told_totals(stream)[0])


async def test_what_a_subscriber_was_told_last_is_what_there_is_however_often_it_changed(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    stream = await watch(cluster)
    for kind in ("RESERVE_RESOURCES", "UNRESERVE_RESOURCES", "RESERVE_RESOURCES") * 10:
        assert (await call(cluster, kind, [amount("cpus", 0.1, ENG)]))[0] == 202
    wanted = await totals(cluster)
    await until(lambda: told_totals(stream)[-1] == wanted)
    assert ("cpus", 1.0, ("eng",)) in wanted
    assert len(stream.of_type("OPERATION_UPDATED")) >= 30


async def test_other_attributes_are_told(cluster: ApiCluster) -> None:
    await cluster.join()
    stream = await watch(cluster)
    rack = mesos.Attribute(name="rack", type=mesos.ValueType.TEXT, text=mesos.ValueText(value="r2"))
    info = mesos.AgentInfo(hostname="host", attributes=[rack])
    update = link.AgentMessageUpdateAgent(agent_info=info)
    cluster.agent.tell(link.AgentMessage(type=link.AgentMessageType.UPDATE_AGENT, update_agent=update))
    body = await stream.wait("AGENT_UPDATED", lambda body: body["agent"]["agent_info"].get("attributes"))
    assert body["agent"]["agent_info"]["attributes"][0]["text"] == {"value": "r2"}


async def test_launches_are_no_change_of_what_an_agent_has(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    stream = await watch(cluster)
    await scheduler.call("ACCEPT", launch(offer, [cpus(1)]))
    await stream.wait("TASK_ADDED")
    await asyncio.sleep(2 * late_events.WAIT_SECONDS)
    assert stream.of_type("AGENT_UPDATED") == []


async def test_who_wants_to_know_of_other_agents_is_not_told(cluster: ApiCluster) -> None:
    await cluster.join()
    all_of_it = await watch(cluster)
    wanted = {"agent_ids": [{"value": "another"}]}
    other = await cluster.open("/api/v1", {"type": "SUBSCRIBE", "subscribe": wanted})
    await other.wait("SUBSCRIBED")
    assert await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 1, ENG)]) == (202, "")
    await all_of_it.wait("AGENT_UPDATED")
    assert {event["type"] for event in other.events} == {"SUBSCRIBED", "HEARTBEAT"}


async def test_a_snapshot_that_shows_a_change_is_not_followed_by_its_event(cluster: ApiCluster) -> None:
    await cluster.join()
    first = await watch(cluster)
    assert await call(cluster, "RESERVE_RESOURCES", [amount("cpus", 1, ENG)]) == (202, "")
    second = await watch(cluster)
    await first.wait("AGENT_UPDATED")
    await cluster.subscribe()  # something that is told after all of that
    await second.wait("FRAMEWORK_ADDED")
    shown = told_totals(second)
    assert shown[0] == await totals(cluster)
    assert all(before != after for before, after in pairwise(shown))


def agent(number: int) -> Agent:
    return Agent(f"agent-{number}", mesos.AgentInfo(hostname="host"))


async def test_very_many_that_changed_at_once_are_told_of_in_slices_of_the_event_loop() -> None:
    told: list[str] = []
    turns: list[int] = []

    def tell(subject: object, moment: int) -> None:
        assert isinstance(subject, Agent)
        told.append(subject.agent_id)
        until = loop.time() + late_events.SLICE_SECONDS / 4
        while loop.time() < until:
            pass

    loop = asyncio.get_running_loop()
    late = LateEvents(tell)
    for number in range(40):
        late.put(agent(number), number)
        late.put(agent(0), number)
    assert (told, len(late)) == ([], 40)
    while late:
        await asyncio.sleep(0)
        if not turns or turns[-1] != len(told):
            turns.append(len(told))
    assert sorted(told) == sorted(f"agent-{number}" for number in range(40)), "each once"
    assert max(after - before for before, after in pairwise(turns)) <= 5


async def test_who_was_told_of_meanwhile_is_not_told_of_again() -> None:
    told: list[object] = []
    late = LateEvents(lambda subject, moment: told.append((subject, moment)))
    first, second = agent(1), agent(2)
    for moment, subject in enumerate((first, second, second)):
        late.put(subject, moment)
    late.is_told(first)
    await until(lambda: not late)
    assert told == [(second, 2)]
