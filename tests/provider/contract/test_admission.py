"""Who may subscribe, under which id, and who may not; the same in the process and over HTTP."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from msgspec import UNSET

from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.manager import admission, registry
from provider.manager.manager import ProviderInUse, UnknownProvider
from provider.session import CallRefused, Refusal, SessionClosed
from store.port import Change, StoreFailed
from tests.provider.contract.hosts import Host, apply, pool_of, state, subscription


async def refused(host: Host, call: rp.Call, match: str) -> Refusal:
    """Why it is refused, with these words; nothing may be left of the attempt."""
    before = host.manager.subscribed
    session = host.session()
    await session.connect()
    with pytest.raises(CallRefused, match=match) as refusal:
        await session.send(call)
    assert host.manager.subscribed == before
    with pytest.raises(SessionClosed):
        await session.receive()
    return refusal.value.why


async def test_a_provider_keeps_its_id_through_restarts_of_either_side(host: Host) -> None:
    session, first = await host.subscribe()
    await host.left(session, first)
    _, again = await host.subscribe(known=first)
    assert again == first
    await host.restart()
    _, later = await host.subscribe(known=first)
    assert later == first


async def test_a_provider_that_was_admitted_but_never_learned_its_id_gets_it_back(host: Host) -> None:
    session, first = await host.subscribe()
    await host.left(session, first)
    await host.restart()
    _, again = await host.subscribe()
    assert again == first
    _, other = await host.subscribe(name="other")
    assert other != first


async def test_an_id_that_was_never_given_is_refused_with_words(host: Host) -> None:
    why = await refused(host, subscription(known=str(uuid.uuid4())), "never admitted.*without an id")
    assert why is Refusal.UNKNOWN_ID


@pytest.mark.parametrize(("name", "type_"), [("thief", "storage"), ("local", "other")])
async def test_an_id_of_another_provider_is_refused_with_words(host: Host, name: str, type_: str) -> None:
    session, first = await host.subscribe()
    await host.left(session, first)
    why = await refused(host, subscription(name, first, type_), r"is storage\.local, not")
    assert why is Refusal.MISMATCH


async def test_a_second_provider_of_the_same_name_is_refused(host: Host) -> None:
    session, first = await host.subscribe()
    assert await refused(host, subscription(), "subscribed already") is Refusal.TAKEN
    await session.send(state(first))  # the first is not disturbed
    await host.heard.until(lambda: first in host.heard.states)


@pytest.mark.parametrize("name", ["", "a" * 201, "tab\t"])
async def test_a_name_that_cannot_be_one_is_refused(host: Host, name: str) -> None:
    assert await refused(host, subscription(name), "printable characters") is Refusal.INVALID
    assert await refused(host, subscription("good", type_=name), "printable characters") is Refusal.INVALID


async def test_default_reservations_that_cannot_be_are_refused_by_name(host: Host) -> None:
    call = subscription()
    info = call.subscribe.resource_provider_info
    info.default_reservations = [mesos.ResourceReservationInfo(role="web")]
    await refused(host, call, "default_reservations")


async def test_a_provider_may_be_reserved_as_a_whole(host: Host) -> None:
    call = subscription()
    layer, static = mesos.ResourceReservationInfo, mesos.ResourceReservationInfoType.STATIC
    info = call.subscribe.resource_provider_info
    info.default_reservations = [layer(role="web", type=static)]
    session = host.session()
    await session.connect()
    await session.send(call)
    event = await session.receive()
    assert event.subscribed is not UNSET


async def test_a_subscription_without_content_is_refused(host: Host) -> None:
    await refused(host, rp.Call(type=rp.CallType.SUBSCRIBE), "'subscribe'")


async def test_more_providers_than_may_be_are_refused_until_one_is_removed(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "MAX_PROVIDERS", 2)
    one, first = await host.subscribe("one")
    await host.subscribe("two")
    assert await refused(host, subscription("three"), "admitted already") is Refusal.FULL
    await host.left(one, first)
    await host.manager.remove(first)
    await host.subscribe("three")


async def test_two_first_subscriptions_of_one_name_at_once_admit_one_provider(host: Host) -> None:
    async def one() -> str | None:
        try:
            return (await host.subscribe())[1]
        except CallRefused:
            return None

    found = await asyncio.gather(*(one() for _ in range(5)))
    assert len([each for each in found if each is not None]) == 1
    await host.restart()
    assert len(host.manager.away) == 1


async def test_subscribing_anew_ends_the_older_session(host: Host) -> None:
    old, first = await host.subscribe()
    _, again = await host.subscribe(known=first)
    assert again == first
    with pytest.raises(SessionClosed, match="anew"):
        await old.receive()
    assert host.manager.subscribed == [first]


async def test_a_session_that_is_replaced_is_told_as_a_disconnection(host: Host) -> None:
    """What was on its way in the older session is lost: who sends operations has to know."""
    _, first = await host.subscribe()
    host.manager.apply_operation(first, apply(1))
    await host.subscribe(known=first)
    assert host.heard.gone == [first]


async def test_a_removed_provider_is_told_and_cannot_come_back(host: Host) -> None:
    session, first = await host.subscribe()
    await session.send(state(first))
    await host.heard.until(lambda: first in host.heard.states)
    await host.manager.remove(first)
    assert (await session.receive()).type is rp.EventType.TEARDOWN
    with pytest.raises(SessionClosed, match="removed for good"):
        await session.receive()
    assert host.heard.removed == [first]
    await host.restart()
    why = await refused(host, subscription(known=first), "removed for good")
    assert why is Refusal.REMOVED
    _, other = await host.subscribe()
    assert other != first


async def test_removing_a_provider_twice_is_the_same_as_once(host: Host) -> None:
    session, first = await host.subscribe()
    await host.left(session, first)
    await host.manager.remove(first)
    await host.manager.remove(first)
    with pytest.raises(UnknownProvider, match="ever admitted"):
        await host.manager.remove("nobody")


async def test_a_provider_that_is_here_with_resources_is_not_removed(host: Host) -> None:
    session, first = await host.subscribe()
    with pytest.raises(ProviderInUse, match="not reported yet"):
        await host.manager.remove(first)
    await session.send(state(first, pool_of(first)))
    await host.heard.until(lambda: first in host.heard.states)
    with pytest.raises(ProviderInUse, match=r"the pool of profile default.*destroy its disks"):
        await host.manager.remove(first)
    assert host.manager.subscribed == [first]
    await host.left(session, first)
    await host.manager.remove(first)


async def test_who_was_removed_is_told_again_to_a_host_that_asks_for_everything(host: Host) -> None:
    session, first = await host.subscribe()
    await host.left(session, first)
    await host.manager.remove(first)
    await host.restart()
    host.manager.ask_for_reports()
    assert host.heard.removed == [first]


async def test_of_very_many_removed_providers_the_oldest_are_forgotten_and_still_refused(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "MAX_REMOVED", 2)
    removed = []
    for name in ("one", "two", "three"):
        session, provider = await host.subscribe(name)
        await host.left(session, provider)
        await host.manager.remove(provider)
        removed.append(provider)
    for _ in range(2):
        assert await refused(host, subscription("one", removed[0]), "never admitted") is Refusal.UNKNOWN_ID
        assert await refused(host, subscription("two", removed[1]), "removed") is Refusal.REMOVED
        await host.restart()


async def test_providers_that_are_away_are_known(host: Host) -> None:
    session, first = await host.subscribe()
    assert host.manager.away == []
    await host.left(session, first)
    assert [str(each) for each in host.manager.away] == ["storage.local"]


async def test_a_provider_that_stops_waiting_leaves_no_half_of_an_admission(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, held = host.store.write, asyncio.Event()

    async def slow(*changes: Change) -> None:
        await held.wait()
        await write(*changes)

    monkeypatch.setattr(host.store, "write", slow)
    first = asyncio.create_task(host.subscribe())
    await asyncio.sleep(0.1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    held.set()
    await host.until(lambda: host.manager.away or host.manager.subscribed)
    (admitted,) = host.manager.away + host.manager.here
    await host.until(lambda: not host.manager.subscribed or host.manager.tally)
    _, provider = await host.subscribe(known=admitted.id)
    assert provider == admitted.id
    await host.restart()
    assert [each.id for each in host.manager.away] == [provider]


async def test_a_registry_that_cannot_be_written_admits_nobody_and_ends_the_host(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*changes: Change) -> None:
        raise StoreFailed("the disk is full")

    monkeypatch.setattr(host.store, "write", broken)
    session = host.session()
    await session.connect()
    with pytest.raises((StoreFailed, SessionClosed)):
        await session.send(subscription())
    assert host.manager.subscribed == [] and host.manager.away == []
    assert isinstance(host.failures.pop(), StoreFailed)
