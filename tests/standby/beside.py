"""Who followed a cluster through a test is asked at its end what there is, and so is the leader."""

from __future__ import annotations

from api.wire.content import JSON, PROTOBUF, decode
from api.wire.recordio import RecordDecoder
from api.wire.v1 import master
from orchestrator.following.answer import FollowAnswer
from orchestrator.following.records import Head, Part, read
from orchestrator.replies import OpenStream
from orchestrator.shown_answers import SHOWN
from orchestrator.standby.replica import Replica
from orchestrator.state_view import response
from tests.orchestrator_api.cluster import ApiCluster

T = master.CallType
TRIES = 20
"""Timers of the cluster go on: an offer may be made between the two questions."""


class Beside:
    """Follows one cluster, without sockets."""

    def __init__(self, cluster: ApiCluster) -> None:
        self._api = cluster.server._apis["/api/v1"]
        self._head: Head | None = None
        self._replica = Replica(0, 0)

    async def ask(self) -> None:
        wanted = master.CallFollow()
        if self._head is not None:
            wanted.follower, wanted.number = self._head.follower, self._head.number
        reply = await self._api.answer(master.Call(type=T.FOLLOW, follow=wanted), None, JSON)
        assert isinstance(reply, OpenStream)
        assert isinstance(reply.stream, FollowAnswer)
        decoder = RecordDecoder()
        parts: list[Part] = []
        async for data in reply.stream._records:
            for record in map(read, decoder.feed(data)):
                self._head = record.head or self._head
                parts += [record.part] if record.part else []
                if record.end is not None:
                    assert self._head is not None
                    if self._head.whole:
                        self._replica = Replica(0, 0)
                    for _ in self._replica.put(parts):
                        pass
                    self._replica.complete(0.0, record.end.documents)

    async def check(self, cluster: ApiCluster) -> None:
        """It shows what the leader does: JSON byte for byte, protobuf as messages."""
        for call in sorted(SHOWN):
            for _ in range(TRIES):
                status, there = await cluster.post("/api/v1", {"type": call})
                assert status == 200
                await self.ask()
                here = self._shown(call)
                if here == there.encode():
                    break
            assert here == there.encode(), f"a standby shows another {call}"
            for _ in self._replica.steps(call, PROTOBUF):
                pass
            packed = response(call, self._replica.body(call, PROTOBUF), PROTOBUF).whole()
            assert decode(master.Response, packed, PROTOBUF) == decode(master.Response, here, JSON)

    def _shown(self, call: T) -> bytes:
        for _ in self._replica.steps(call, JSON):
            pass
        return response(call, self._replica.body(call, JSON), JSON).whole()
