"""Who followed a cluster through a test is asked at its end what there is, and so is the leader."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from api.wire.content import JSON, PROTOBUF, decode
from api.wire.recordio import RecordDecoder
from api.wire.v1 import master
from orchestrator.following.answer import FollowAnswer
from orchestrator.following.records import Head, Part, read
from orchestrator.replies import OpenStream
from orchestrator.shown_answers import SHOWN
from orchestrator.standby.replica import Replica
from orchestrator.state_view import StateView, response
from store.port import StoreFailed
from tests.orchestrator_api.cluster import ApiCluster

T = master.CallType
ASK_SECONDS = 0.02
TRIES = 20
"""Timers of the cluster go on: an offer may be made between the two questions."""


class Beside:
    """Follows one cluster, without sockets, and looks after each answer whether it is the leader's moment."""

    def __init__(self, cluster: ApiCluster) -> None:
        self._cluster = cluster
        self._api: Any = None
        self._head: Head | None = None
        self._replica = Replica(0, 0)
        self._moment: dict[T, bytes] = {}

    def _attach(self) -> None:
        """To the server that there is: a cluster may be started again."""
        api: Any = self._cluster.server._apis["/api/v1"]
        if api is self._api:
            return
        self._api, self._head = api, None
        followers = api._handlers[T.FOLLOW].__self__._followers
        told = followers._told_documents

        def cut(follower: object, asked: float) -> object:
            """Called in the turn in which an answer's moment is."""
            self._moment = {call: _shown(api._view, call) for call in SHOWN}
            return told(follower, asked)

        followers._told_documents = cut

    async def follow(self) -> None:
        """Until cancelled; also while nothing becomes durable any more, or nobody is told."""
        while True:
            with contextlib.suppress(StoreFailed, ConnectionResetError):
                await self.ask()
            await asyncio.sleep(ASK_SECONDS)

    async def ask(self) -> None:
        self._attach()
        wanted = master.CallFollow()
        if self._head is not None:
            wanted.follower, wanted.number = self._head.follower, self._head.number
        reply = await self._api.answer(master.Call(type=T.FOLLOW, follow=wanted), None, JSON)
        assert isinstance(reply, OpenStream)
        assert isinstance(reply.stream, FollowAnswer)
        decoder = RecordDecoder()
        parts: list[Part] = []
        head: Head | None = None
        async for data in reply.stream._records:
            for record in map(read, decoder.feed(data)):
                head = record.head or head
                parts += [record.part] if record.part else []
                if record.end is not None:
                    assert head is not None
                    if head.whole:
                        self._replica = Replica(0, 0)
                    for _ in self._replica.put(parts):
                        pass
                    self._replica.complete(0.0, record.end.documents)
        self._head = head
        for call, there in self._moment.items():
            assert _shown(self._replica, call) == there, f"{call} is not that of the answer's moment"

    async def check(self, cluster: ApiCluster) -> None:
        """It shows what the leader does: JSON byte for byte, protobuf as messages."""
        for call in sorted(SHOWN):
            for _ in range(TRIES):
                status, there = await cluster.post("/api/v1", {"type": call})
                assert status == 200
                await self.ask()
                here = _shown(self._replica, call)
                if here == there.encode():
                    break
            assert here == there.encode(), f"a standby shows another {call}"
            for _ in self._replica.steps(call, PROTOBUF):
                pass
            packed = response(call, self._replica.body(call, PROTOBUF), PROTOBUF).whole()
            assert decode(master.Response, packed, PROTOBUF) == decode(master.Response, here, JSON)


def _shown(view: Replica | StateView, call: T) -> bytes:
    for _ in view.steps(call, JSON):
        pass
    return response(call, view.body(call, JSON), JSON).whole()
