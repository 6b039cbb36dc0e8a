"""Connections to the agents' port that never become an agent's: how many, how much, how long."""

from __future__ import annotations

import asyncio

import pytest

from orchestrator import agent_link
from orchestrator.agent_link import AgentLink
from orchestrator.link_front import LinkFront
from orchestrator.unregistered import Unregistered
from tests.orchestrator.test_core import Cluster, cluster

__all__ = ["cluster"]


class Stranger:
    def __init__(self) -> None:
        self.is_held = False
        self.dropped: str | None = None

    def hold(self) -> None:
        self.is_held = True

    def go_on(self) -> None:
        self.is_held = False

    def drop(self, reason: str) -> None:
        self.dropped = reason


def test_of_too_many_that_say_nothing_the_oldest_goes() -> None:
    unregistered, strangers = Unregistered(silent_limit=2), [Stranger() for _ in range(4)]
    unregistered.opened(strangers[0])
    unregistered.complete(strangers[0])  # it has said who it is
    for each in strangers[1:]:
        unregistered.opened(each)
    assert [each.dropped is not None for each in strangers] == [False, True, False, False]


def test_nobody_is_read_while_all_have_said_too_much_and_who_is_registered_makes_room() -> None:
    unregistered = Unregistered(bytes_limit=100)
    oldest, one, two, late = [Stranger() for _ in range(4)]
    for each in (oldest, one, two):
        unregistered.opened(each)
    unregistered.said(one, 90)
    unregistered.complete(one)
    unregistered.said(two, 20)
    unregistered.opened(late)
    assert [each.is_held for each in (one, two, late)] == [False, True, True]
    unregistered.over(one)
    assert [each.is_held for each in (one, two, late)] == [False, False, False]
    for each in (oldest, two, late):
        unregistered.over(each)
    assert unregistered.bytes == 0


def test_who_has_said_all_of_its_registration_is_read_again_though_it_went_beyond_the_bound() -> None:
    unregistered, (oldest, one) = Unregistered(bytes_limit=100), [Stranger() for _ in range(2)]
    unregistered.opened(oldest)
    unregistered.opened(one)
    unregistered.said(one, 200)
    assert one.is_held
    unregistered.complete(one)
    assert not one.is_held


def test_when_nobody_has_said_all_the_oldest_may_go_on_and_then_the_next() -> None:
    unregistered, strangers = Unregistered(bytes_limit=100), [Stranger() for _ in range(3)]
    for each in strangers:
        unregistered.opened(each)
    for _ in range(2):
        for each in strangers:
            unregistered.said(each, 60)
    assert [each.is_held for each in strangers] == [False, True, True]
    unregistered.said(strangers[0], 60)
    unregistered.complete(strangers[0])
    assert [each.is_held for each in strangers] == [False, False, True]
    unregistered.over(strangers[1])  # it was too slow
    assert [each.is_held for each in strangers] == [False, False, False]


async def test_one_that_never_says_all_of_its_registration_is_closed_however_busily_it_goes_on(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_link, "REGISTER_SECONDS", 0.2)
    front, links = LinkFront(), AgentLink(cluster.orchestrator.agents, 1, heartbeat_interval=0.2, timeout=60)
    port = await front.start("127.0.0.1", 0)
    front.lead(links)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    async def drip() -> None:
        writer.write((60 * 2**20).to_bytes(4, "big"))
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    try:
        async with asyncio.timeout(30):
            with pytest.raises(ConnectionError):
                assert await reader.read() == b""
                raise ConnectionError
        assert links.unregistered.bytes == 0
    finally:
        dripping.cancel()
        writer.close()
        front.stop()
