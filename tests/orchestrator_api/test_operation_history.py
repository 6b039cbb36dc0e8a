"""Operations that are over: told page by page, recognised when they come again, and forgotten in the end."""

from __future__ import annotations

from pathlib import Path

from api.wire.v1 import mesos
from orchestrator.daemon import OrchestratorConfig
from orchestrator.journal import Transaction
from tests.orchestrator_api.cluster import ApiCluster, Json, Scheduler, running, until
from tests.orchestrator_api.test_restored_registry import acknowledge, destroyed, ended, pool_on_offer, volume
from tests.orchestrator_api.test_scheduler import create_disk

QUOTA: Json = {"role": "test", "limits": {"disk": {"value": 1}}}


async def history(cluster: ApiCluster, **asked: object) -> Json:
    return await cluster.operator("GET_OPERATION_HISTORY", get_operation_history=asked)


async def mine(cluster: ApiCluster) -> Scheduler:
    """A framework whose operation `mine` has ended, which it has not acknowledged."""
    scheduler = await cluster.subscribe()
    call = create_disk(await pool_on_offer(scheduler), 100, "mine")
    assert await scheduler.call("ACCEPT", call) == (202, "")
    await ended(scheduler, "mine")
    return scheduler


async def all_pages(cluster: ApiCluster, limit: int) -> list[str]:
    """The kinds and states of all that are remembered, read page by page."""
    told: list[str] = []
    before: Json = {}
    while True:
        page = await history(cluster, limit=limit, **before)
        told += [each["uuid"]["value"] for each in page["operations"]]
        assert len(page["operations"]) <= limit
        if "next" not in page:
            return told
        before = {"before": page["next"]}


async def test_the_history_is_told_the_newest_first_a_page_at_a_time(cluster: ApiCluster) -> None:
    await cluster.join()
    for name in ("a", "b", "c"):
        await volume(cluster, name)
    whole = await history(cluster)
    assert whole["total"] == len(whole["operations"]) == 9
    assert [each["info"]["type"] for each in whole["operations"][:3]] == ["CREATE", "RESERVE", "CREATE_DISK"]
    assert whole["operations"][0]["provisioning_name"] == "c"
    assert whole["operations"][0]["created"] >= whole["operations"][-1]["created"]
    expected = [each["uuid"]["value"] for each in whole["operations"]]
    for limit in (1, 2, 9, 100):
        assert await all_pages(cluster, limit) == expected
    refused = {"type": "GET_OPERATION_HISTORY", "get_operation_history": {"before": "nonsense"}}
    status, text = await cluster.post("/api/v1", refused)
    assert status == 400 and "begin with the newest" in text


async def test_a_page_follows_also_where_what_was_told_last_is_forgotten(tmp_path: Path) -> None:
    async with running(tmp_path, config=OrchestratorConfig(operations_kept=4)) as cluster:
        await cluster.join()
        await mine(cluster)
        await volume(cluster, "a")
        page = await history(cluster, limit=2)
        await volume(cluster, "b")  # what the page ended with is forgotten
        rest = await history(cluster, limit=10, before=page["next"])
        assert [each["info"]["id"]["value"] for each in rest["operations"]] == ["mine"]


async def test_no_more_are_remembered_than_the_operator_wants_and_none_that_is_waited_for(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, config=OrchestratorConfig(operations_kept=3)) as cluster:
        await cluster.join()
        scheduler = await mine(cluster)
        for name in ("a", "b"):
            await volume(cluster, name)
        kinds = [each["info"]["type"] for each in (await history(cluster))["operations"]]
        assert kinds == ["CREATE", "RESERVE", "CREATE_DISK", "CREATE_DISK"]
        assert cluster.orchestrator.ledger.find(scheduler.framework_id, "mine") is not None
        await cluster.stop()
        await cluster.start()
        assert len((await history(cluster))["operations"]) == 4


async def test_what_is_old_is_forgotten_and_what_is_waited_for_never(tmp_path: Path) -> None:
    async with running(tmp_path) as cluster:
        await cluster.join()
        await mine(cluster)
        await volume(cluster, "a")
        ledger = cluster.orchestrator.ledger
        now = cluster.orchestrator.clock.now()
        assert ledger.forget_old(now + 29 * 86_400) is None
        change = ledger.forget_old(now + 31 * 86_400)
        transaction = Transaction()
        transaction.add(change)
        await cluster.orchestrator.journal.commit(transaction)
        assert [each.operation_id for each in ledger.operations.values()] == ["mine"]
        await cluster.stop()
        await cluster.start()
        assert (await history(cluster))["total"] == 1


async def repeat(cluster: ApiCluster, scheduler: Scheduler, call: Json) -> tuple[int, str]:
    """The same call again, as a client does whose answer was lost; nothing is applied because of it."""
    applied = list(cluster.agent.applied)
    answer = await scheduler.call("ACCEPT", call)
    await cluster.orchestrator.journal.drain()
    assert cluster.agent.applied == applied
    return answer


def errors(scheduler: Scheduler, operation_id: str) -> list[str]:
    return [
        body["status"]["message"]
        for body in scheduler.stream.of_type("UPDATE_OPERATION_STATUS")
        if body["status"]["operation_id"]["value"] == operation_id
        and body["status"]["state"] == "OPERATION_ERROR"
    ]


async def test_a_repeat_is_recognised_whatever_has_become_of_what_it_rests_on(cluster: ApiCluster) -> None:
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await pool_on_offer(scheduler)
    call = create_disk(offer, 100, "mine")
    assert await scheduler.call("ACCEPT", call) == (202, "")
    status = await ended(scheduler, "mine")
    assert await repeat(cluster, scheduler, call) == (202, "")  # its offer is gone
    await acknowledge(scheduler, status)
    assert await repeat(cluster, scheduler, call) == (202, "")  # it is over
    anew = create_disk(await pool_on_offer(scheduler), 100, "mine")
    anew["operations"] = call["operations"]
    assert await repeat(cluster, scheduler, anew) == (202, "")  # by another offer, that is there
    await cluster.operator_done("UPDATE_QUOTA", update_quota={"force": True, "quota_configs": [QUOTA]})
    assert await repeat(cluster, scheduler, call) == (202, "")  # it would not be let by quota
    agent_id = {"value": cluster.agent.agent_id}
    await cluster.operator_done("MARK_AGENT_GONE", mark_agent_gone={"agent_id": agent_id})
    assert await repeat(cluster, scheduler, call) == (202, "")  # its agent is gone for good
    await cluster.stop()
    await cluster.start()  # another leader
    again = await cluster.subscribe(framework_id=scheduler.framework_id)
    assert await repeat(cluster, again, call) == (202, "")
    assert errors(scheduler, "mine") == errors(again, "mine") == []


async def test_the_same_id_for_something_else_is_an_error_also_with_another_leader(
    cluster: ApiCluster,
) -> None:
    await cluster.join()
    scheduler = await mine(cluster)
    other = create_disk(await pool_on_offer(scheduler), 200, "mine")
    assert await repeat(cluster, scheduler, other) == (202, "")
    await until(lambda: errors(scheduler, "mine"))
    await cluster.stop()
    await cluster.start()
    again = await cluster.subscribe(framework_id=scheduler.framework_id)
    assert await repeat(cluster, again, other) == (202, "")
    await until(lambda: errors(again, "mine"))
    assert "used before for something else" in errors(again, "mine")[0]


async def test_an_operators_request_is_recognised_when_it_is_repeated(cluster: ApiCluster) -> None:
    await cluster.join()
    await volume(cluster, "data")
    applied = list(cluster.agent.applied)
    await cluster.stop()
    await cluster.start()
    await volume(cluster, "data")  # its agent is not even here
    await cluster.join()
    await volume(cluster, "data")
    assert cluster.agent.applied == applied
    assert cluster.orchestrator.ledger.operations[applied[0]].statuses[-1].state is (
        mesos.OperationState.OPERATION_FINISHED
    )
    await destroyed(cluster, "data")
