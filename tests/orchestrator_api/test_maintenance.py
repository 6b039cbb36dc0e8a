"""Maintenance: the schedule, inverse offers, machines taken down and brought up, over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.wire.v1 import mesos
from tests.orchestrator.scripted import ScriptedAgent
from tests.orchestrator_api.cluster import ApiCluster, Json, running, until
from tests.orchestrator_api.test_quota import amounts, config, update
from tests.orchestrator_api.test_scheduler import cpus, launch, tell_task

HOST = {"hostname": "Host-1", "ip": "127.0.0.1"}
AWAY = {"start": {"nanoseconds": 1_900_000_000_000_000_000}, "duration": {"nanoseconds": 3_600_000_000_000}}
WINDOW: Json = {"machine_ids": [HOST], "unavailability": AWAY}


async def schedule(cluster: ApiCluster, *windows: Json) -> tuple[int, str]:
    call = {
        "type": "UPDATE_MAINTENANCE_SCHEDULE",
        "update_maintenance_schedule": {"schedule": {"windows": list(windows)}},
    }
    return await cluster.post("/api/v1", call)


async def act(cluster: ApiCluster, what: str, machine: Json = HOST) -> tuple[int, str]:
    kind = f"{what}_MAINTENANCE"
    return await cluster.post("/api/v1", {"type": kind, kind.lower(): {"machines": [machine]}})


async def status_of(cluster: ApiCluster) -> Json:
    found: Json = (await cluster.operator("GET_MAINTENANCE_STATUS"))["status"]
    return found


async def test_frameworks_are_asked_to_leave_and_what_they_say_is_shown(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    first = await scheduler.offer()
    assert (await schedule(cluster, WINDOW))[0] == 200
    await scheduler.stream.wait("RESCIND", lambda body: body["offer_id"] == first["id"])
    asked = (await scheduler.stream.wait("INVERSE_OFFERS"))["inverse_offers"][0]
    assert asked["agent_id"]["value"] == cluster.agent.agent_id
    assert asked["unavailability"] == AWAY
    again = await scheduler.stream.wait(
        "OFFERS", lambda body: body["offers"][0].get("unavailability") == AWAY
    )
    assert again["offers"][0]["agent_id"] == asked["agent_id"]
    shown = (await cluster.operator("GET_FRAMEWORKS"))["frameworks"][0]
    assert shown["inverse_offers"][0]["id"] == asked["id"]
    answer = {"inverse_offer_ids": [asked["id"]], "filters": {"refuse_seconds": 1000}}
    assert (await scheduler.call("ACCEPT_INVERSE_OFFERS", answer))[0] == 202
    draining = (await status_of(cluster))["draining_machines"][0]
    assert draining["id"] == {"hostname": "host-1", "ip": "127.0.0.1"}
    assert [said["status"] for said in draining["statuses"]] == ["ACCEPT"]
    cluster.orchestrator.inverse_offers.ask()
    assert len(scheduler.stream.of_type("INVERSE_OFFERS")) == 1


async def test_whoever_declined_is_asked_again_when_the_filter_ends_or_it_revives(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    await scheduler.offer()
    await schedule(cluster, WINDOW)
    asked = (await scheduler.stream.wait("INVERSE_OFFERS"))["inverse_offers"][0]
    answer = {"inverse_offer_ids": [asked["id"], {"value": "gone"}], "filters": {"refuse_seconds": 1e6}}
    assert (await scheduler.call("DECLINE_INVERSE_OFFERS", answer))[0] == 202
    said = (await status_of(cluster))["draining_machines"][0]["statuses"]
    assert [one["status"] for one in said] == ["DECLINE"]
    assert (await scheduler.call("REVIVE"))[0] == 202
    await scheduler.stream.wait("INVERSE_OFFERS", lambda body: body["inverse_offers"][0]["id"] != asked["id"])


async def test_a_run_over_some_agents_asks_who_is_on_those(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Very many may be announced to be away at once, and runs over a few agents are frequent."""
    await cluster.join()
    scheduler = await cluster.subscribe()
    await scheduler.offer()
    looked_at: list[str] = []
    inverse_offers = cluster.orchestrator.inverse_offers
    monkeypatch.setattr(inverse_offers, "_holders", lambda agent_id: looked_at.append(agent_id) or set())
    await schedule(cluster, WINDOW)
    looked_at.clear()
    cluster.orchestrator._allocate({"another"})
    assert looked_at == []
    cluster.orchestrator._allocate({"another", str(cluster.agent.agent_id)})
    assert looked_at == [cluster.agent.agent_id]


async def test_an_inverse_offer_is_withdrawn_when_the_schedule_says_otherwise(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    await scheduler.offer()
    await schedule(cluster, WINDOW)
    asked = (await scheduler.stream.wait("INVERSE_OFFERS"))["inverse_offers"][0]
    assert (await schedule(cluster))[0] == 200
    await scheduler.stream.wait("RESCIND_INVERSE_OFFER", lambda body: body["inverse_offer_id"] == asked["id"])
    assert await status_of(cluster) == {}


async def test_a_machine_is_taken_down_kept_down_over_a_restart_and_brought_up(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster:
        await cluster.join()
        scheduler = await cluster.subscribe()
        offer = await scheduler.offer(lambda resource: resource["name"] == "cpus")
        await scheduler.call("ACCEPT", launch(offer, [cpus(1)]))
        await until(lambda: any(m.run_task for m in cluster.agent.received))
        tell_task(cluster, scheduler.framework_id, mesos.TaskState.TASK_RUNNING)
        assert (await act(cluster, "START"))[0] == 400
        await schedule(cluster, WINDOW)
        assert (await act(cluster, "START"))[0] == 200
        await until(lambda: any(m.kill_task for m in cluster.agent.received))
        assert (await status_of(cluster))["down_machines"] == [{"hostname": "host-1", "ip": "127.0.0.1"}]
        status, text = await schedule(cluster)
        assert (status, "DOWN" in text, "stop" in text) == (400, True, True)
        status, text = await cluster.post(
            "/api/v1",
            {
                "type": "PROVISION_VOLUME",
                "provision_volume": {"name": "v", "profile": "default", "size_bytes": 2**20},
            },
        )
        assert (status, "down for maintenance" in text) == (503, True), text
    agent = ScriptedAgent()
    agent.agent_id = cluster.agent.agent_id
    async with running(tmp_path) as cluster:
        cluster.agent = agent
        await cluster.join()
        scheduler = await cluster.subscribe()
        cluster.orchestrator.offers.allocate()
        assert not cluster.orchestrator.offers.outstanding()
        assert (await act(cluster, "STOP"))[0] == 200
        assert await status_of(cluster) == {}
        offer = await scheduler.offer()
        assert "unavailability" not in offer


async def test_what_a_machine_that_is_down_has_cannot_be_guaranteed(cluster: ApiCluster) -> None:
    await cluster.join()
    await schedule(cluster, WINDOW)
    assert await update(cluster, config("eng", amounts(cpus=1))) == (200, "")  # it can while it drains
    assert (await act(cluster, "START"))[0] == 200
    status, text = await update(cluster, config("ops", amounts(cpus=1)))
    assert status == 400
    assert "cpus" in text
    assert (await update(cluster, config("ops", amounts(cpus=1)), force=True))[0] == 200
    assert (await act(cluster, "STOP"))[0] == 200
    assert (await update(cluster, config("ops", amounts(cpus=1.5))))[0] == 200


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ([{"machine_ids": [], "unavailability": AWAY}], "no machine"),
        ([{"machine_ids": [{}], "unavailability": AWAY}], "neither hostname nor ip"),
        ([{"machine_ids": [{"ip": "999.1.1.1"}], "unavailability": AWAY}], "no IP address"),
        ([WINDOW, WINDOW], "twice"),
        (
            [{"machine_ids": [HOST], "unavailability": {"start": {"nanoseconds": -1}}}],
            "negative",
        ),
        ([{"machine_ids": [{"hostname": "x" * 300}], "unavailability": AWAY}], "255"),
    ],
)
async def test_a_schedule_that_makes_no_sense_is_refused_and_changes_nothing(
    cluster: ApiCluster, windows: list[Json], words: str
) -> None:
    await schedule(cluster, WINDOW)
    status, text = await schedule(cluster, *windows)
    assert (status, words in text) == (400, True), text
    kept = (await cluster.operator("GET_MAINTENANCE_SCHEDULE"))["schedule"]["windows"]
    assert [window["unavailability"] for window in kept] == [AWAY]


async def test_a_machine_may_be_named_by_its_hostname_alone(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    await scheduler.offer()
    await schedule(cluster, {"machine_ids": [{"hostname": "host-1"}], "unavailability": AWAY})
    await scheduler.stream.wait("INVERSE_OFFERS")
    status, text = await act(cluster, "STOP", {"hostname": "host-1"})
    assert (status, "not DOWN" in text) == (400, True), text
