"""Answers that are told to standbys as a whole: made anew and anew, seldom when that takes long."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from api.wire.message import Message
from api.wire.v1 import maintenance, master, mesos, quota
from orchestrator.following import documents
from orchestrator.following.documents import FOLLOWED, Documents
from orchestrator.replies import Reply, told

T = master.CallType


class Asked:
    """Answers as the rooms do; some take long."""

    def __init__(self) -> None:
        self.now = 0.0
        self.takes: dict[T, float] = {}
        self.weight = 1.0
        self.asked: Counter[T] = Counter()
        self.documents = Documents(self._ask, lambda: self.now)

    async def _ask(self, call: master.Call) -> Reply:
        assert isinstance(call.type, T)
        self.asked[call.type] += 1
        self.now += self.takes.get(call.type, 0.0)
        weights = [mesos.WeightInfo(role="r", weight=self.weight)]
        bodies: dict[T, Message] = {
            T.GET_MASTER: master.ResponseGetMaster(),
            T.GET_ROLES: master.ResponseGetRoles(),
            T.GET_QUOTA: master.ResponseGetQuota(status=quota.QuotaStatus()),
            T.GET_WEIGHTS: master.ResponseGetWeights(weight_infos=weights),
            T.GET_MAINTENANCE_SCHEDULE: master.ResponseGetMaintenanceSchedule(
                schedule=maintenance.Schedule()
            ),
            T.GET_MAINTENANCE_STATUS: master.ResponseGetMaintenanceStatus(status=maintenance.ClusterStatus()),
            T.GET_PROFILES: master.ResponseGetProfiles(),
        }
        return told(master.ResponseType(str(call.type)), bodies[call.type])

    async def refresh(self) -> None:
        await self.documents.refresh()
        while self.documents._making and not self.documents._making.done():  # noqa: ASYNC110 - some turns
            await asyncio.sleep(0)


async def test_all_are_there_from_the_first_on_and_change_when_they_say_something_else() -> None:
    asked = Asked()
    await asked.documents.refresh()
    assert set(asked.documents.made) == set(FOLLOWED)
    before = dict(asked.documents.made)
    asked.now, asked.weight = 1.0, 2.0
    await asked.refresh()
    for call, made in asked.documents.made.items():
        assert made.began == 1.0
        assert (made.body is before[call].body) == (call is not T.GET_WEIGHTS)


async def test_what_takes_long_is_made_seldom_and_says_when_it_was() -> None:
    asked = Asked()
    asked.takes[T.GET_ROLES] = 0.5
    await asked.documents.refresh()
    for _ in range(90):
        asked.now += 0.1
        await asked.refresh()
    assert asked.asked[T.GET_ROLES] == 1
    assert asked.asked[T.GET_WEIGHTS] > 80
    assert asked.documents.made[T.GET_ROLES].began < asked.documents.made[T.GET_WEIGHTS].began
    asked.now += 2.0
    await asked.refresh()
    assert asked.asked[T.GET_ROLES] == 2


async def test_what_is_too_long_is_not_told_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked()
    await asked.documents.refresh()
    asked.now += 1.0
    monkeypatch.setattr(documents, "MAX_BYTES", 30)
    await asked.refresh()
    assert T.GET_WEIGHTS not in asked.documents.made
    assert T.GET_MASTER in asked.documents.made
