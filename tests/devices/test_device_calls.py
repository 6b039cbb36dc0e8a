"""What an agent answers when it is asked for its devices, and who is told that a disk has gone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.devices.calls import DeviceCalls
from agent.devices.metrics import DeviceMetrics
from api.wire.v1 import agent as wire
from provider.local_storage.device_rules import Rule
from provider.manager.absences import Absences
from provider.manager.registry import Admitted
from tests.devices.hosts import World
from tests.devices.values import ANY_DISK, EXT4, disk


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, Rule("small", max_size=2**30), ANY_DISK)
    await made.start()
    yield made
    await made.stop()


async def test_each_device_is_answered_with_its_rule_its_provider_or_why_it_is_not_used(world: World) -> None:
    world.host.plug(disk("sda", model="WDC"))
    await world.until(lambda: "/dev/sda" in world.served)
    world.host.plug(disk("sdb"), EXT4)
    answer = await DeviceCalls(world.keeper).handle(wire.Call(type=wire.CallType.GET_DEVICES))
    assert answer.get_devices
    used, refused = answer.get_devices.devices
    assert (used.path, used.state, used.rule, used.provider) == (
        "/dev/sda",
        "USED",
        "any",
        world.served["/dev/sda"],
    )
    assert used.contents == f"pool {used.pool}"
    assert (refused.path, refused.state, refused.contents) == ("/dev/sdb", "REFUSED", "ext4")
    assert "wipefs" in str(refused.message)


async def test_metrics_count_devices_by_their_state(world: World) -> None:
    world.host.plug(disk("sda"))
    world.host.plug(disk("sdb"), EXT4)
    await world.until(lambda: "/dev/sda" in world.served)
    (family,) = DeviceMetrics(world.keeper).collect()
    counts = {sample.labels["state"]: sample.value for sample in family.samples}
    assert counts["refused"] == 1
    assert counts["used"] + counts["starting"] == 1


def test_a_reason_is_told_at_once_for_who_is_away_and_kept_for_who_leaves() -> None:
    told: list[tuple[str, str]] = []
    away = [Admitted("id-1", "t", "disk")]
    absences = Absences(lambda: away, lambda provider_id, why: told.append((provider_id, why)))
    absences.explain("t", "other", "pulled out")
    assert told == []
    absences.explain("t", "disk", "not attached")
    assert told == [("id-1", "not attached")]
    assert absences.why(away[0], "gone") == "not attached"
    assert absences.why(Admitted("id-2", "t", "x"), "gone") == "gone"
    absences.explain("t", "disk", None)
    assert absences.why(away[0], "gone") == "gone"
