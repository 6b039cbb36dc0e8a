"""kill -9 of every part, under a stream of create, use and destroy: nothing is lost, forgotten or left over.

ORLOP_KILLS: kills of agent and plugin together (20); orchestrator and containers' monitors are killed as
well, a tenth as often each. ORLOP_SEED: replays a run; the seed of every run is printed. What is judged at
the end is a census from the kernel and Podman, beside what owners were told and what tasks found on their
volumes, not what the cluster says of itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import secrets

import pytest

from e2e.crash import foreign, window
from e2e.crash.killer import RANDOM, Kill, Killer, plan
from e2e.crash.operator_stories import OperatorStories
from e2e.crash.record import Record
from e2e.crash.scheduler_stories import ROLE, SchedulerStories
from e2e.harness import census
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until
from tests.telling import Tell

KILLS = int(os.environ.get("ORLOP_KILLS", "20"))
UNANSWERED_AT_LEAST = 10
"""Kills between a call to the plugin and the checkpoint of its answer."""
OPERATORS, STORIES = 3, 3
SETTLE_SECONDS = 30.0
FOUND_SECONDS = 8.0
"""For a volume to be found once the plugin is up: at once, or at a second look when others are being made."""


def known_disks(cluster: DaemonCluster) -> set[str]:
    """Ids of the disks that the cluster says it has."""
    answer = cluster.post({"type": "GET_RESOURCE_PROVIDERS"})["get_resource_providers"]
    return {
        resource["disk"]["source"]["id"]
        for provider in answer["resource_providers"]
        for resource in provider.get("total_resources", [])
        if resource.get("disk", {}).get("source", {}).get("id")
    }


def open_operations(cluster: DaemonCluster) -> list[dict]:
    answer = cluster.post({"type": "GET_OPERATIONS"})["get_operations"]
    over = ("OPERATION_FINISHED", "OPERATION_FAILED", "OPERATION_ERROR", "OPERATION_DROPPED")
    return [each for each in answer.get("operations", []) if each["latest_status"]["state"] not in over]


def what_the_cluster_says(cluster: DaemonCluster) -> str:
    """For the report of a failure: what is not over, and what it says about that."""
    with contextlib.suppress(OSError, AssertionError):
        providers = cluster.post({"type": "GET_RESOURCE_PROVIDERS"})["get_resource_providers"]
        found = [
            *open_operations(cluster),
            *(notice for each in providers["resource_providers"] for notice in each.get("notices", [])),
            *(each.get("plugin") for each in providers["resource_providers"]),
        ]
        return "\n".join(json.dumps(each) for each in found)
    return "the orchestrator does not answer"


async def check_what_stands(
    cluster: DaemonCluster, operators: OperatorStories, scheduler: SchedulerStories
) -> None:
    """What exists is known, what is known exists, and the owners know it too."""

    def agree() -> str:
        stored = census.stored_volumes(cluster.place)
        views = {
            "cluster": known_disks(cluster),
            "checkpoint": window.known_volumes(cluster.storage_database),
        }
        wrong = [f"{name}: {sorted(view)}" for name, view in views.items() if view != stored]
        return f"on disk: {sorted(stored)}; {'; '.join(wrong)}" if wrong else ""

    await asyncio.to_thread(
        until, lambda: not agree(), SETTLE_SECONDS, "views agree", 0.3
    ) if agree() else None
    assert not agree(), agree()
    volumes = cluster.post({"type": "GET_VOLUMES"})["get_volumes"].get("volumes", [])
    assert {each["name"] for each in volumes} == set(operators.standing)
    of_operators = {each["resource"]["disk"]["source"]["id"] for each in volumes}
    assert census.stored_volumes(cluster.place) == of_operators | scheduler.disks
    assert not open_operations(cluster)


async def play(cluster: DaemonCluster, seed: int, say: Tell) -> None:
    rng = random.Random(seed)
    rest, load = plan(KILLS, rng)
    before = cluster.census()
    record, killer = Record(), Killer(cluster, rng)
    url = f"http://{cluster.address}"
    scheduler = SchedulerStories(url, STORIES, random.Random(seed + 2), record)
    operators = OperatorStories(
        url,
        OPERATORS,
        random.Random(seed + 1),
        record,
        ROLE,
        scheduler.task,
        lambda name, size, block: foreign.make(cluster.place, name, size, block=block),
    )
    try:
        await killer.run(rest)
        cluster.settles_as(before, SETTLE_SECONDS)
        async with scheduler.subscribed():
            async with asyncio.TaskGroup() as group:
                group.create_task(operators.run())
                group.create_task(scheduler.run())
                group.create_task(kill_then_stop(killer, load, operators, scheduler))
            await check_what_stands(cluster, operators, scheduler)
            await asyncio.gather(
                *(operators.destroy(name) for name in sorted(operators.standing)),
                *(scheduler.destroy(disk) for disk in sorted(scheduler.disks)),
            )
        assert not record.judge(), "\n".join(record.judge())
        await asyncio.to_thread(cluster.settles_as, before, SETTLE_SECONDS)
        assert killer.tally.unanswered >= UNANSWERED_AT_LEAST, killer.tally
    except BaseException:
        print(what_the_cluster_says(cluster))
        raise
    finally:
        say(f"kills: {killer.tally}\nowners were told: {record.summary()}")
        print("\n".join(killer.tally.story))
        await operators.close()


async def kill_then_stop(
    killer: Killer, load: list, operators: OperatorStories, scheduler: SchedulerStories
) -> None:
    try:
        await killer.run(load)
        await killer.until_unanswered(UNANSWERED_AT_LEAST)
    finally:
        operators.stopping.set()
        scheduler.stopping.set()
    while operators.looked_for:  # the plugin's list is read when it comes up, and else every two minutes
        await killer.run([Kill("plugin", RANDOM)])
        await asyncio.sleep(FOUND_SECONDS)


@pytest.mark.timeout(300 + 30 * KILLS)
async def test_nothing_is_lost_or_left_over_whatever_is_killed(daemons: DaemonCluster, tell: Tell) -> None:
    seed = int(os.environ.get("ORLOP_SEED") or secrets.randbits(32))
    tell(f"crash test, {daemons.containerizer}: ORLOP_SEED={seed} ORLOP_KILLS={KILLS}")
    await play(daemons, seed, tell)
    assert daemons.end() == (0, 0)
    daemons.settles_to(census.nothing_but_files)
