"""EXPLAIN_OFFERS over HTTP: why agents are not offered, as an operator is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.model.resources import Resources
from orchestrator import explanations
from orchestrator.allocator.explain import Explainer
from tests.orchestrator.scripted import pool
from tests.orchestrator_api.cluster import ApiCluster, Json


async def explained(cluster: ApiCluster, role: str, **more: object) -> list[Json]:
    answer = await cluster.operator("EXPLAIN_OFFERS", explain_offers={"role": role, **more})
    found: list[Json] = answer.get("withheld", [])
    assert answer["total"] >= len(found)
    assert all(each["role"] == role and each["hostname"] == "host-1" for each in found)
    return found


def codes(found: list[Json]) -> list[str]:
    return [each["code"] for each in found]


async def test_a_decline_and_a_suppression_are_told_and_that_nobody_is_there(cluster: ApiCluster) -> None:
    await cluster.join()
    (nobody,) = await explained(cluster, "test")
    assert nobody["code"] == "NO_FRAMEWORK" and "framework_id" not in nobody
    scheduler = await cluster.subscribe("test")
    offer = await scheduler.offer(lambda r: r["name"] == "cpus")
    await scheduler.call("DECLINE", {"offer_ids": [offer["id"]], "filters": {"refuse_seconds": 3600}})
    (filtered,) = await explained(cluster, "test")
    assert filtered["code"] == "FILTERED" and filtered["framework_id"]["value"] == scheduler.framework_id
    assert "a filter for 3" in filtered["reason"] and "cpus:4" in filtered["reason"]
    await scheduler.call("SUPPRESS", {})
    assert codes(await explained(cluster, "test")) == ["SUPPRESSED"]


async def test_what_is_on_offer_to_another_is_told(cluster: ApiCluster) -> None:
    await cluster.join()
    first = await cluster.subscribe("test")
    await first.offer(lambda r: r["name"] == "cpus")
    second = await cluster.subscribe("other")
    (held,) = await explained(cluster, "other")
    assert (held["code"], held["framework_id"]["value"]) == ("ON_OFFER", second.framework_id)
    assert first.framework_id in held["reason"] and "role test" in held["reason"]
    assert await explained(cluster, "test") == [], "it has the offer"
    assert await explained(cluster, "other", framework_id={"value": "nobody"}) == []


async def test_a_lost_agent_and_a_provider_that_is_away_are_told(cluster: ApiCluster) -> None:
    await cluster.join()
    await cluster.subscribe("test")
    cluster.agent.leave("its session ended")
    (away,) = [e for e in await explained(cluster, "test") if e["code"] == "PROVIDER_DISCONNECTED"]
    assert "provider-1" in away["reason"] and "its session ended" in away["reason"]
    session = cluster.orchestrator.agent_sessions.get(str(cluster.agent.agent_id))
    assert session is not None
    cluster.orchestrator.agents.disconnected(str(cluster.agent.agent_id), session)
    assert "AGENT_DISCONNECTED" in codes(await explained(cluster, "test"))


async def test_quota_is_told_with_its_amounts(cluster: ApiCluster) -> None:
    await cluster.join()
    limits = {name: {"value": 0} for name in ("cpus", "mem", "disk")}
    quota = {"quota_configs": [{"role": "test", "limits": limits}]}
    assert (await cluster.post("/api/v1", {"type": "UPDATE_QUOTA", "update_quota": quota}))[0] == 200
    scheduler = await cluster.subscribe("test")
    (limited,) = await explained(cluster, "test")
    assert (limited["code"], limited["framework_id"]["value"]) == ("QUOTA_LIMIT", scheduler.framework_id)
    assert "limit of role test on" in limited["reason"] and "reached: 0" in limited["reason"]


async def test_a_pause_after_a_restart_is_told(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe("test")
    awaited = {f"agent-{number}" for number in range(10)}
    cluster.orchestrator.offers.pause.begin(awaited, cluster.orchestrator.clock.monotonic())
    offers = cluster.orchestrator.offers.of_framework(scheduler.framework_id)
    for offer in offers:
        cluster.orchestrator.offers.rescind(offer)
    (paused,) = await explained(cluster, "test")
    assert paused["code"] == "PAUSED" and "more agents are back" in paused["reason"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [({}, "role"), ({"role": "a b"}, "whitespace"), ({"role": "a", "limit": -1}, "limit")],
)
async def test_a_question_that_is_none_is_refused(cluster: ApiCluster, asked: Json, words: str) -> None:
    status, text = await cluster.post("/api/v1", {"type": "EXPLAIN_OFFERS", "explain_offers": asked})
    assert (status, words in text) == (400, True), text


def test_every_reason_is_told_to_operators_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "explain.md").read_text()
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    told = {code for row in rows for code in re.findall("`([A-Z_]+)`", row)}
    assert told == {*map(str, explanations.Books), *map(str, explanations.Code)}


async def test_the_number_of_answers_is_bounded_and_all_are_counted(cluster: ApiCluster) -> None:
    await cluster.join()
    for _ in range(3):
        await cluster.subscribe("test")
    for framework_id in list(cluster.orchestrator.state.frameworks):
        cluster.orchestrator.frameworks.suppress(
            cluster.orchestrator.state.frameworks[framework_id], ["test"]
        )
    for offer in cluster.orchestrator.offers.outstanding():
        cluster.orchestrator.offers.rescind(offer)
    answer = await cluster.operator("EXPLAIN_OFFERS", explain_offers={"role": "test", "limit": 2})
    assert (len(answer["withheld"]), answer["total"]) == (2, 3)


async def test_a_question_looks_at_so_many_agents_and_says_that_there_may_be_more(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is about to be offered takes as long to look at as what is withheld: that must end, too."""
    await cluster.join()
    for _ in range(4):
        await cluster.subscribe("test")
    offers = cluster.orchestrator.offers
    monkeypatch.setattr(offers, "allocate", lambda candidates: None)
    for offer in offers.outstanding():
        offers.rescind(offer)
    assert (await cluster.operator("EXPLAIN_OFFERS", explain_offers={"role": "test"})).get("total", 0) == 0
    looks: list[str] = []
    why = Explainer._why
    monkeypatch.setattr(
        Explainer, "_why", lambda self, *of: (looks.append(of[0].framework_id), why(self, *of))[1]
    )
    monkeypatch.setattr(explanations, "LOOKED_AT_LIMIT", 2)
    answer = await cluster.operator("EXPLAIN_OFFERS", explain_offers={"role": "test"})
    assert answer["total"] == explanations.COUNTED_LIMIT
    assert len(looks) == 3, "one more than it may, to know that there is more"


async def test_an_agent_that_is_down_for_maintenance_is_told(cluster: ApiCluster) -> None:
    await cluster.join()
    await cluster.subscribe("test")
    machine = {"hostname": "host-1"}
    window = {"machine_ids": [machine], "unavailability": {"start": {"nanoseconds": 1}}}
    for call in (
        {
            "type": "UPDATE_MAINTENANCE_SCHEDULE",
            "update_maintenance_schedule": {"schedule": {"windows": [window]}},
        },
        {"type": "START_MAINTENANCE", "start_maintenance": {"machines": [machine]}},
    ):
        assert (await cluster.post("/api/v1", call))[0] == 200
    (down,) = await explained(cluster, "test")
    assert down["code"] == "MAINTENANCE" and "orlop maintenance" in down["reason"]


async def test_a_framework_that_is_not_in_the_role_is_told_by_its_name(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe("test")
    await scheduler.offer(lambda r: r["name"] == "cpus")
    await scheduler.call("SUPPRESS", {})
    for offer in cluster.orchestrator.offers.outstanding():
        cluster.orchestrator.offers.rescind(offer)
    (nobody,) = await explained(cluster, "test", framework_id={"value": "nobody"})
    assert nobody["code"] == "NO_FRAMEWORK" and "framework nobody is not" in nobody["reason"]


async def test_pools_whose_sibling_the_framework_itself_is_offered_are_not_withheld(
    cluster: ApiCluster,
) -> None:
    cluster.agent.totals = Resources((pool(4096), pool(4096, "block")))
    await cluster.join()
    first = await cluster.subscribe("test")
    await first.offer(lambda r: r.get("disk", {}).get("source", {}).get("type") == "RAW")
    assert await explained(cluster, "test") == [], "it has the capacity"
    await cluster.subscribe("other")
    (taken,) = await explained(cluster, "other")
    assert taken["code"] == "GROUP_EXHAUSTED"
