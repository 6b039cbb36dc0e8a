"""kill -9 of agent, containers' monitors, podman service and tasks, under a stream of tasks of all kinds.

ORLOP_TASK_KILLS: how many kills (30). ORLOP_SEED: replays a run's draws; the seed of every run is printed.
Each status is told once and in order; each task ends once, and as it must unless something of its own was
killed; none is started twice; and in the end nothing is left of any: no container, process, mount, control
group or open sandbox.
"""

from __future__ import annotations

import asyncio
import os
import random
import secrets

import pytest

from e2e.harness import census
from e2e.harness.cluster import DaemonCluster
from e2e.task_crash.chronicle import Chronicle
from e2e.task_crash.killer import TaskKiller, plan
from e2e.task_crash.scheduler import ROLE, TaskStories
from tests.telling import Tell

KILLS = int(os.environ.get("ORLOP_TASK_KILLS", "30"))
SETTLE_SECONDS = 30.0
VOLUMES = ("one", "two")


@pytest.mark.timeout(300 + 10 * KILLS)
async def test_no_task_is_lost_or_left_over_whatever_is_killed(daemons: DaemonCluster, tell: Tell) -> None:
    seed = int(os.environ.get("ORLOP_SEED") or secrets.randbits(32))
    tell(f"crash test of tasks, {daemons.containerizer}: ORLOP_SEED={seed} ORLOP_TASK_KILLS={KILLS}")
    for name in VOLUMES:
        daemons.done("volume", "create", name, "--profile", "default", "--size", "32MiB", "--role", ROLE)
    before = daemons.census()
    chronicle = Chronicle()
    killer = TaskKiller(daemons, random.Random(seed), chronicle)
    stories = TaskStories(f"http://{daemons.address}", random.Random(seed + 1), chronicle, list(VOLUMES))
    sandboxes = daemons.place.agents[0] / "sandboxes"
    try:
        async with stories.subscribed(), asyncio.TaskGroup() as group:
            group.create_task(stories.run())
            group.create_task(kill_then_stop(killer, stories, random.Random(seed + 2), daemons.containerizer))
        await asyncio.to_thread(daemons.settles_as, before, SETTLE_SECONDS)
        wrong = chronicle.judge(sandboxes)
        assert not wrong, "\n".join(wrong)
        assert not (left := open_sandboxes(daemons)), f"sandboxes that nobody will collect: {left}"
    finally:
        tell(f"kills: {dict(killer.tally)}; tasks: {chronicle.summary()}")
    for name in VOLUMES:
        daemons.done("volume", "destroy", name)
    assert daemons.end() == (0, 0)
    daemons.settles_to(census.nothing_but_files)


async def kill_then_stop(
    killer: TaskKiller, stories: TaskStories, rng: random.Random, containerizer: str
) -> None:
    try:
        await killer.run(plan(KILLS, containerizer, rng))
    finally:
        stories.stopping.set()


def open_sandboxes(daemons: DaemonCluster) -> list[str]:
    """Sandboxes of tasks that are not marked as ended, which is what their collection goes by."""
    root = daemons.place.agents[0] / "sandboxes"
    return [
        str(path.relative_to(root))
        for path in root.glob("*/*/*")
        if path.is_dir() and path.parts[-3] != "plugins" and not path.with_name(f"{path.name}.ended").exists()
    ]
