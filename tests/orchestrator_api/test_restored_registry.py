"""A registry that is restored from an old backup: nothing is lost or done twice, what differs is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.wire.v1 import mesos
from cli.registry_files import back_up, put_back
from store.registry import sqlite_url
from tests.orchestrator_api.cluster import ApiCluster, Json, Scheduler, running, until
from tests.orchestrator_api.test_scheduler import cpus, create_disk, is_pool, launch, tell_task

BACKUP = "backup.db"


class Restoring:
    """A cluster whose registry is copied at one moment, and put back at a later one."""

    def __init__(self, cluster: ApiCluster) -> None:
        self.cluster = cluster
        self.url = sqlite_url(cluster.folder / "orchestrator.db")
        self.file = cluster.folder / BACKUP

    async def back_up(self) -> None:
        await self.cluster.orchestrator.journal.drain()
        back_up(self.url, self.file, self.cluster.orchestrator.clock.now(), "1")

    async def restore(self) -> None:
        """As an operator does: the orchestrator is stopped, and started on the backup; no agent is back."""
        await self.cluster.stop()
        now = self.cluster.orchestrator.clock.now()
        put_back(self.file, self.url, self.cluster.folder / "aside.db", now, 0)
        await self.cluster.start()

    async def differences(self) -> dict[str, list[str]]:
        """What is shown, by kind: the subjects."""
        shown = await self.cluster.operator("GET_REGISTRY_DIFFERENCES")
        found: dict[str, list[str]] = {}
        for each in shown.get("differences", []):
            found.setdefault(each["kind"], []).append(each["subject"])
        return found


@pytest.fixture
async def restoring(tmp_path: Path) -> AsyncIterator[Restoring]:
    async with running(tmp_path) as cluster:
        yield Restoring(cluster)


async def volume(cluster: ApiCluster, name: str, mb: int = 64) -> None:
    wanted = {"name": name, "profile": "default", "size_bytes": mb * 2**20}
    await cluster.operator("PROVISION_VOLUME", provision_volume=wanted)
    await until(lambda: cluster.orchestrator.provisioning.volumes[name].state == "AVAILABLE")


async def volumes(cluster: ApiCluster) -> dict[str, str]:
    """States by name."""
    shown = await cluster.operator("GET_VOLUMES")
    return {each["name"]: each["state"] for each in shown.get("volumes", [])}


async def destroyed(cluster: ApiCluster, name: str) -> None:
    await cluster.operator("DEPROVISION_VOLUME", deprovision_volume={"name": name})
    await until(lambda: name not in cluster.orchestrator.provisioning.volumes)


async def acknowledge(scheduler: Scheduler, status: Json) -> None:
    body = {
        "agent_id": status["agent_id"],
        "resource_provider_id": status["resource_provider_id"],
        "uuid": status["uuid"]["value"],
        "operation_id": status["operation_id"],
    }
    assert await scheduler.call("ACKNOWLEDGE_OPERATION_STATUS", body) == (202, "")


async def pool_on_offer(scheduler: Scheduler, mb: int = 1000) -> Json:
    """An offer that is still outstanding, with so much of a pool."""
    offers = scheduler.cluster.orchestrator.offers

    def found() -> list[Json]:
        told = [each for body in scheduler.stream.of_type("OFFERS") for each in body["offers"]]
        return [
            each
            for each in told
            if any(is_pool(one) and one["scalar"]["value"] >= mb for one in each["resources"])
            and offers.find(scheduler.framework_id, each["id"]["value"]) is not None
        ]

    await until(found)
    return found()[-1]


async def ended(scheduler: Scheduler, operation_id: str) -> Json:
    """The outcome of an operation, as its framework is told."""
    body = await scheduler.stream.wait(
        "UPDATE_OPERATION_STATUS", lambda body: body["status"]["operation_id"]["value"] == operation_id
    )
    status: Json = body["status"]
    return status


async def test_what_was_done_since_the_backup_is_not_lost_and_not_done_again(restoring: Restoring) -> None:
    cluster = restoring.cluster
    agent = cluster.agent
    await cluster.join()
    for name in ("stays", "ends", "grows"):
        await volume(cluster, name)
    scheduler = await cluster.subscribe()
    # In the backup without an outcome; and its provider has none to tell: it was acknowledged since.
    agent.busy = True
    for name in ("under-way", "forgotten"):
        offer = await pool_on_offer(scheduler)
        assert await scheduler.call("ACCEPT", create_disk(offer, 200, name)) == (202, "")
    await until(lambda: len(agent.heard) == 2)
    await restoring.back_up()
    agent.busy = False
    agent.work_off()
    outcomes = {name: await ended(scheduler, name) for name in ("under-way", "forgotten")}
    for outcome in outcomes.values():
        await acknowledge(scheduler, outcome)
    await until(lambda: len(agent.remembered) >= 2)
    del agent.remembered[agent.key_of("forgotten")]
    # After the backup: volumes that end, come and change; an operation without an acknowledgement.
    await destroyed(cluster, "ends")
    await volume(cluster, "comes")
    offer = await pool_on_offer(scheduler)
    assert await scheduler.call("ACCEPT", create_disk(offer, 300, "since")) == (202, "")
    await ended(scheduler, "since")
    applied, totals = list(agent.applied), agent.totals

    await restoring.restore()
    again = await cluster.subscribe(framework_id=scheduler.framework_id)
    agent.highest_epoch = 1
    await cluster.join()

    status = await ended(again, "since")  # learned from its provider, and told until it is acknowledged
    assert status["state"] == "OPERATION_FINISHED"
    await acknowledge(again, status)
    told_again = await ended(again, "under-way")  # as it was told before
    assert {**told_again, "timestamp": 0} == {**outcomes["under-way"], "timestamp": 0}
    await acknowledge(again, told_again)
    await until(lambda: not agent.ended)
    dropped = await ended(again, "forgotten")
    assert dropped["state"] == "OPERATION_DROPPED"
    assert "restored from a backup" in dropped["message"]
    assert agent.applied == applied, "nothing was done again"
    assert agent.totals == totals
    states = await volumes(cluster)
    assert states.pop("ends") == "VOLUME_NEEDS_OPERATOR"
    assert states == dict.fromkeys(("stays", "grows"), "VOLUME_AVAILABLE")
    found = await restoring.differences()
    assert found["VOLUME_MISSING"] == ["ends"]
    assert len(found["VOLUME_UNKNOWN"]) == 1
    assert len(found["OPERATION_UNKNOWN"]) == len(found["OPERATION_LOST"]) == 1

    # What the differences say to do: forget the one, have the other known again.
    forced = {"name": "ends", "force": True}
    await cluster.operator("DEPROVISION_VOLUME", deprovision_volume=forced)
    wanted = {"source_id": found["VOLUME_UNKNOWN"][0], "name": "comes", "role": "default"}
    await cluster.operator("ADOPT_VOLUME", adopt_volume=wanted)
    assert await volumes(cluster) == dict.fromkeys(("stays", "grows", "comes"), "VOLUME_AVAILABLE")
    await volume(cluster, "ends")
    assert not {"VOLUME_MISSING", "VOLUME_UNKNOWN"} & set(await restoring.differences()), "was looked at"
    await destroyed(cluster, "ends")
    await destroyed(cluster, "comes")
    assert await cluster.post("/api/v1", {"type": "SETTLE_REGISTRY_DIFFERENCES"}) == (200, "")
    assert await restoring.differences() == {}


async def test_an_operation_that_only_its_provider_knows_is_recognised_when_it_is_repeated(
    restoring: Restoring,
) -> None:
    cluster = restoring.cluster
    await cluster.join()
    scheduler = await cluster.subscribe()
    await restoring.back_up()
    call = create_disk(await pool_on_offer(scheduler), 300, "since")
    assert await scheduler.call("ACCEPT", call) == (202, "")
    await ended(scheduler, "since")
    applied = list(cluster.agent.applied)
    await restoring.restore()
    cluster.agent.highest_epoch = 1
    again = await cluster.subscribe(framework_id=scheduler.framework_id)
    await cluster.join()
    await ended(again, "since")
    assert await again.call("ACCEPT", call) == (202, "")
    repeat = create_disk(await pool_on_offer(again), 300, "since")
    assert await again.call("ACCEPT", repeat) == (202, "")
    assert cluster.agent.applied == applied
    told = again.stream.of_type("UPDATE_OPERATION_STATUS")
    assert {each["status"]["state"] for each in told} == {"OPERATION_FINISHED"}


async def test_agents_and_frameworks_that_the_backup_does_not_know_come_back(restoring: Restoring) -> None:
    cluster = restoring.cluster
    await restoring.back_up()
    await cluster.join()
    scheduler = await cluster.subscribe()
    offer = await pool_on_offer(scheduler)
    assert (await scheduler.call("ACCEPT", launch(offer, [cpus(1)])))[0] == 202
    tell_task(cluster, scheduler.framework_id, mesos.TaskState.TASK_RUNNING)
    await scheduler.stream.wait("UPDATE")
    agent_id = cluster.agent.agent_id
    assert agent_id is not None
    cluster.agent.tasks["task-1"] = mesos.Task(
        name="t",
        task_id=mesos.TaskID(value="task-1"),
        framework_id=mesos.FrameworkID(value=scheduler.framework_id),
        agent_id=mesos.AgentID(value=agent_id),
        state=mesos.TaskState.TASK_RUNNING,
    )

    await restoring.restore()
    cluster.agent.highest_epoch = 1
    cluster.agent.received.clear()
    await cluster.join()
    assert cluster.agent.agent_id == agent_id
    found = await restoring.differences()
    assert found["AGENT_UNKNOWN"] == [agent_id]
    assert found["FRAMEWORK_UNKNOWN"] == [scheduler.framework_id]
    sent = {str(each.type) for each in cluster.agent.received}
    assert not sent & {"SHUTDOWN_FRAMEWORK", "KILL_TASK"}, "its task runs on"
    again = await cluster.subscribe(framework_id=scheduler.framework_id)
    assert (await again.call("RECONCILE", {"tasks": []}))[0] == 202
    told = await again.stream.wait("UPDATE")
    assert (told["status"]["task_id"], told["status"]["state"]) == ({"value": "task-1"}, "TASK_RUNNING")


async def test_an_agent_of_another_cluster_is_refused_after_a_restore_as_before(restoring: Restoring) -> None:
    cluster = restoring.cluster
    await restoring.back_up()
    await restoring.restore()
    cluster.agent.agent_id, cluster.agent.highest_epoch = "of-another-cluster", 0
    with pytest.raises(Exception, match="not known to this cluster"):
        await cluster.join()


async def test_agents_obey_who_leads_with_a_restored_registry(restoring: Restoring) -> None:
    cluster = restoring.cluster
    await restoring.back_up()
    epochs = [cluster.orchestrator.epoch]
    for _ in range(3):
        await cluster.stop()
        await cluster.start()
        epochs.append(cluster.orchestrator.epoch)
    await restoring.restore()
    first = cluster.orchestrator.epoch
    assert first > max(epochs) + 1000
    (cluster.folder / "aside.db").unlink()
    await restoring.restore()  # the same backup once more
    assert cluster.orchestrator.epoch >= first


async def test_a_volume_that_was_expanded_since_the_backup_has_the_size_that_its_provider_says(
    restoring: Restoring,
) -> None:
    cluster = restoring.cluster
    await cluster.join()
    await volume(cluster, "data", 64)
    await restoring.back_up()
    wanted = {"name": "data", "size_bytes": 128 * 2**20}
    await cluster.operator("EXPAND_VOLUME", expand_volume=wanted)
    await until(lambda: cluster.orchestrator.provisioning.volumes["data"].size_mb == 128)
    await restoring.restore()
    await cluster.join()
    shown = (await cluster.operator("GET_VOLUMES"))["volumes"]
    assert [each["size_bytes"] for each in shown] == [128 * 2**20]
    assert (await restoring.differences())["VOLUME_CHANGED"] == ["data"]
    await destroyed(cluster, "data")


@pytest.mark.parametrize("made_since", [True, False])
async def test_a_volume_that_was_being_made_in_the_backup_is_what_its_provider_has(
    restoring: Restoring, made_since: bool
) -> None:
    cluster = restoring.cluster
    await cluster.join()
    cluster.agent.busy = True
    wanted = {"name": "data", "profile": "default", "size_bytes": 64 * 2**20}
    await cluster.operator("PROVISION_VOLUME", provision_volume=wanted)
    await until(lambda: cluster.agent.heard)
    await restoring.back_up()
    cluster.agent.busy = False
    if made_since:
        cluster.agent.work_off()
        await until(lambda: cluster.orchestrator.provisioning.volumes["data"].state == "AVAILABLE")
        await until(lambda: not cluster.agent.ended)
    else:
        cluster.agent.heard.clear()  # it was asked for by a leader of whom nothing is left
    applied = list(cluster.agent.applied)
    await restoring.restore()
    await cluster.join()
    assert cluster.agent.applied == applied, "nothing is made a second time"
    if made_since:
        assert await volumes(cluster) == {"data": "VOLUME_AVAILABLE"}
        await destroyed(cluster, "data")
    else:
        assert await volumes(cluster) == {"data": "VOLUME_FAILED"}
        await volume(cluster, "data")


async def test_a_volume_that_was_ended_and_made_anew_since_is_not_ended_again(restoring: Restoring) -> None:
    cluster = restoring.cluster
    await cluster.join()
    await volume(cluster, "data")
    cluster.agent.busy = True
    await cluster.operator("DEPROVISION_VOLUME", deprovision_volume={"name": "data"})
    await until(lambda: cluster.agent.heard)
    await restoring.back_up()
    cluster.agent.busy = False
    cluster.agent.work_off()
    await until(lambda: "data" not in cluster.orchestrator.provisioning.volumes)
    await volume(cluster, "data", 32)
    await until(lambda: not cluster.agent.ended)
    applied = list(cluster.agent.applied)
    await restoring.restore()
    await cluster.join()
    assert cluster.agent.applied == applied
    found = await restoring.differences()
    wanted = {"source_id": found["VOLUME_UNKNOWN"][0], "name": "data", "role": "default"}
    await cluster.operator("ADOPT_VOLUME", adopt_volume=wanted)
    assert await volumes(cluster) == {"data": "VOLUME_AVAILABLE"}


async def test_a_volume_that_went_on_growing_is_what_its_provider_has_in_the_end(
    restoring: Restoring,
) -> None:
    cluster = restoring.cluster
    agent = cluster.agent
    await cluster.join()
    await volume(cluster, "grows")
    await restoring.back_up()
    agent.busy = True
    larger = {"name": "grows", "size_bytes": 128 * 2**20}
    await cluster.operator("EXPAND_VOLUME", expand_volume=larger)
    await until(lambda: agent.heard)
    await restoring.restore()
    agent.highest_epoch = 1
    await cluster.join()
    agent.busy = False
    agent.work_off()
    agent.report_provider()
    await until(lambda: cluster.orchestrator.provisioning.volumes["grows"].size_mb == 128)
    counted = (await cluster.operator("GET_MASTER"))["registry_differences"]
    await destroyed(cluster, "grows")
    assert (await cluster.operator("GET_MASTER"))["registry_differences"] == counted - 1, "it has ended"


async def test_a_volume_that_was_being_made_since_the_backup_is_told_of_when_it_is_there(
    restoring: Restoring,
) -> None:
    cluster = restoring.cluster
    agent = cluster.agent
    agent.capabilities = ["CREATE_DISK_WHOLE"]
    await cluster.join()
    await restoring.back_up()
    agent.busy = True
    wanted = {"name": "late", "profile": "default", "size_bytes": 64 * 2**20}
    await cluster.operator("PROVISION_VOLUME", provision_volume=wanted)
    await until(lambda: agent.heard)
    await restoring.restore()
    agent.highest_epoch = 1
    await cluster.join()
    assert "VOLUME_UNKNOWN" not in await restoring.differences()
    agent.busy = False
    agent.work_off()
    agent.report_provider()
    agent.report_provider()
    await until(lambda: cluster.orchestrator.restoration.found)
    (source_id,) = (await restoring.differences())["VOLUME_UNKNOWN"]
    again = {"source_id": source_id, "name": "late", "role": "default"}
    await cluster.operator("ADOPT_VOLUME", adopt_volume=again)
    assert await volumes(cluster) == {"late": "VOLUME_AVAILABLE"}
    assert "VOLUME_UNKNOWN" not in await restoring.differences()
