"""What a provider says and is told within its session; the same in the process and over HTTP."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import UNSET

from api.wire.convert import uuid_to_wire
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.manager import reports, silence, tally
from provider.manager.manager import Undeliverable
from provider.session import QUEUE_LIMIT, CallRefused, SessionClosed
from tests.provider.contract.hosts import (
    Host,
    HttpHost,
    apply,
    pool_of,
    state,
    status_of,
    subscription,
)
from tests.provider.resources import op

FINISHED = mesos.OperationState.OPERATION_FINISHED


async def test_a_report_reaches_the_host_with_the_providers_id(host: Host) -> None:
    session, provider = await host.subscribe()
    report = state(provider, pool_of(provider))
    await session.send(report)
    assert host.heard.states == {provider: report.update_state}
    await session.close()
    await host.heard.until(lambda: host.heard.gone == [provider])


async def test_a_report_replaces_the_one_before_it(host: Host) -> None:
    session, provider = await host.subscribe()
    await session.send(state(provider, pool_of(provider)))
    await session.send(state(provider, version=2))
    assert host.heard.states[provider].resources == []


async def test_a_report_in_pages_arrives_whole_or_not_at_all(host: Host) -> None:
    session, provider = await host.subscribe()
    await session.send(state(provider, pool_of(provider, 1), more=True, notices_total=3))
    await session.send(state(provider, pool_of(provider, 2), more=True))
    assert not host.heard.states
    await session.send(state(provider, pool_of(provider, 3)))
    whole = host.heard.states[provider]
    assert [r.scalar.value for r in whole.resources] == [1.0, 2.0, 3.0]
    assert (whole.more, whole.notices_total) == (UNSET, 3)
    await session.send(state(provider, pool_of(provider, 4)))
    assert [r.scalar.value for r in host.heard.states[provider].resources] == [4.0]


async def test_a_page_of_another_version_begins_the_state_anew(host: Host) -> None:
    session, provider = await host.subscribe()
    await session.send(state(provider, pool_of(provider, 1), more=True))
    with pytest.raises(CallRefused, match="another resource_version_uuid"):
        await session.send(state(provider, pool_of(provider, 2), version=2))
    await session.send(state(provider, pool_of(provider, 3), version=2))
    assert [r.scalar.value for r in host.heard.states[provider].resources] == [3.0]


async def test_pages_that_follow_one_that_was_refused_make_no_state(host: Host) -> None:
    session, provider = await host.subscribe()
    await session.send(state(provider, pool_of(provider, 1)))
    await session.send(state(provider, pool_of(provider, 2), more=True, version=2))
    with pytest.raises(CallRefused):
        await session.send(state(provider, pool_of("somebody else", 3), more=True, version=2))
    for more in (True, False):
        with pytest.raises(CallRefused, match=r"an earlier page was refused, .* under another"):
            await session.send(state(provider, pool_of(provider, 4), more=more, version=2))
    assert [r.scalar.value for r in host.heard.states[provider].resources] == [1.0]
    await session.send(state(provider, pool_of(provider, 5), version=2))
    assert [r.scalar.value for r in host.heard.states[provider].resources] == [5.0]


async def test_a_state_is_sent_anew_under_another_version(host: Host) -> None:
    session, provider = await host.subscribe()
    with pytest.raises(CallRefused):
        await session.send(state(provider, pool_of("somebody else", 1), more=True))
    await session.send(state(provider, pool_of(provider, 2), more=True, version=2))
    assert not host.heard.states
    await session.send(state(provider, pool_of(provider, 3), version=2))
    assert [r.scalar.value for r in host.heard.states[provider].resources] == [2.0, 3.0]


async def test_pages_without_an_end_are_refused(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MAX_STATE_ENTRIES", 2)
    session, provider = await host.subscribe()
    await session.send(state(provider, pool_of(provider), pool_of(provider), more=True))
    with pytest.raises(CallRefused, match="more than 2 entries"):
        await session.send(state(provider, pool_of(provider), more=True))
    assert not host.heard.states


async def test_pages_of_a_session_that_ends_are_dropped(host: Host) -> None:
    session, provider = await host.subscribe()
    await session.send(state(provider, pool_of(provider, 1), more=True))
    again, _ = await host.subscribe(known=provider)
    await again.send(state(provider, pool_of(provider, 2)))
    assert [r.scalar.value for r in host.heard.states[provider].resources] == [2.0]


async def test_a_report_of_somebody_elses_resources_is_refused_and_the_session_goes_on(host: Host) -> None:
    session, provider = await host.subscribe()
    with pytest.raises(CallRefused, match="provider_id"):
        await session.send(state(provider, pool_of("somebody")))
    assert not host.heard.states
    await session.send(state(provider, pool_of(provider)))
    assert provider in host.heard.states


async def test_a_status_reaches_the_host(host: Host) -> None:
    session, provider = await host.subscribe()
    await session.send(status_of(provider, 7, FINISHED))
    assert [s.state for s in host.heard.statuses[op(7)]] == [FINISHED]


async def test_a_status_in_another_providers_name_is_refused(host: Host) -> None:
    session, provider = await host.subscribe()
    with pytest.raises(CallRefused, match="resource_provider_id"):
        await session.send(status_of(provider, 7, FINISHED, named="somebody"))
    with pytest.raises(CallRefused, match="converted_resources"):
        await session.send(status_of(provider, 7, FINISHED, converted_resources=[pool_of("somebody")]))
    assert not host.heard.statuses


async def test_a_call_without_its_content_is_refused(host: Host) -> None:
    session, provider = await host.subscribe()
    for type_ in ("UPDATE_STATE", "UPDATE_OPERATION_STATUS", "UPDATE_PUBLISH_RESOURCES_STATUS"):
        call = rp.Call(type=rp.CallType(type_), resource_provider_id=mesos.ResourceProviderID(value=provider))
        with pytest.raises(CallRefused, match=type_.lower()):
            await session.send(call)


async def test_a_call_in_another_providers_name_is_refused(host: Host) -> None:
    session, provider = await host.subscribe()
    _, other = await host.subscribe("other")
    with pytest.raises(CallRefused, match="resource_provider_id"):
        await session.send(state(other))
    nameless = state(provider)
    nameless.resource_provider_id = UNSET
    with pytest.raises(CallRefused, match="resource_provider_id"):
        await session.send(nameless)
    assert not host.heard.states


async def test_a_call_before_subscribing_is_refused(host: Host) -> None:
    session = host.session()
    await session.connect()
    with pytest.raises(CallRefused, match="subscribe first"):
        await session.send(state("p"))


async def test_operations_and_acknowledgements_reach_their_provider(host: Host) -> None:
    session, provider = await host.subscribe()
    host.manager.apply_operation(provider, apply(3))
    assert (await session.receive()).apply_operation == apply(3)
    ack = rp.EventAcknowledgeOperationStatus(
        status_uuid=uuid_to_wire(op(1)), operation_uuid=uuid_to_wire(op(2))
    )
    host.manager.acknowledge("nobody", ack)
    host.manager.acknowledge(provider, ack)
    assert (await session.receive()).acknowledge_operation_status == ack
    host.manager.reconcile(provider, [uuid_to_wire(op(3))])
    assert (await session.receive()).reconcile_operations.operation_uuids == [uuid_to_wire(op(3))]
    host.manager.ask_for_reports()
    asked = await session.receive()
    assert asked.type is rp.EventType.RECONCILE_OPERATIONS
    assert asked.reconcile_operations is UNSET or not asked.reconcile_operations.operation_uuids


async def test_of_an_operation_whose_provider_says_nothing_the_host_is_told(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "SILENT_SECONDS", 0.3)
    session, provider = await host.subscribe()
    host.manager.apply_operation(provider, apply(1))
    await session.send(state(provider))
    host.manager.apply_operation(provider, apply(2))
    host.manager.apply_operation(provider, apply(3))
    await host.heard.until(lambda: len(host.heard.undelivered) == 2)
    assert host.heard.undelivered == [(provider, op(n), Undeliverable.SILENT) for n in (2, 3)]
    assert host.manager.subscribed == [provider], "it may be about it"


async def test_an_operation_that_cannot_be_delivered_is_answered(host: Host) -> None:
    session, away = await host.subscribe()
    await host.left(session, away)
    session, removed = await host.subscribe("removed")
    await host.left(session, removed)
    await host.manager.remove(removed)
    for number, provider in enumerate((away, removed, "nobody")):
        host.manager.apply_operation(provider, apply(number))
    host.manager.reconcile(away, [uuid_to_wire(op(8)), uuid_to_wire(op(9))])
    assert host.heard.undelivered == [
        (away, op(0), Undeliverable.AWAY),
        (removed, op(1), Undeliverable.REMOVED),
        ("nobody", op(2), Undeliverable.NEVER_ADMITTED),
        (away, op(8), Undeliverable.AWAY),
        (away, op(9), Undeliverable.AWAY),
    ]


async def test_who_is_away_is_told_with_the_reports_also_after_a_restart(host: Host) -> None:
    session, away = await host.subscribe()
    await host.left(session, away)
    await host.restart()
    await host.subscribe("here")
    host.heard.gone.clear()
    host.manager.ask_for_reports()
    assert host.heard.gone == [away] and not host.heard.removed


async def test_a_provider_that_reads_nothing_is_cut_off(host: Host) -> None:
    session, provider = await host.subscribe()
    for number in range(QUEUE_LIMIT + 1):  # nothing else runs meanwhile
        host.manager.reconcile(provider, [uuid_to_wire(op(number))])
    assert host.manager.subscribed == []
    assert host.heard.undelivered == [(provider, op(QUEUE_LIMIT), Undeliverable.AWAY)]
    with pytest.raises(SessionClosed, match="unread"):
        while True:
            await session.receive()


async def test_a_manager_that_stops_says_so(host: Host) -> None:
    session, _ = await host.subscribe()
    waiting = asyncio.create_task(session.receive())
    await asyncio.sleep(0.02)
    await host.manager.stop()
    with pytest.raises(SessionClosed, match="manager stops"):
        await waiting
    late = host.session()
    await late.connect()
    with pytest.raises((SessionClosed, CallRefused), match="manager stops"):
        await late.send(subscription("late"))
    assert host.manager.subscribed == []


async def test_a_repeated_subscription_in_the_process_is_answered_again(tmp_path) -> None:  # type: ignore[no-untyped-def]
    host = Host(tmp_path)
    await host.start()
    try:
        session, provider = await host.subscribe()
        for known in (None, provider):
            await session.send(subscription(known=known))
            assert (await session.receive()).subscribed.provider_id.value == provider
        with pytest.raises(CallRefused, match="one for each provider"):
            await session.send(subscription("other"))
        await session.send(state(provider))
        assert host.heard.gone == []
    finally:
        await host.stop()


async def test_heartbeats_come_at_once_and_on_an_idle_stream(http: HttpHost) -> None:
    session = http.session()
    await session.connect()
    await session.send(subscription())
    subscribed = (await session.receive()).subscribed
    assert subscribed.heartbeat_interval_seconds == pytest.approx(0.2)
    waiting = asyncio.create_task(session.receive())
    await http.until(lambda: session.heartbeats >= 1)
    await http.until(lambda: session.heartbeats >= 3)
    http.manager.ask_for_reports()
    assert (await waiting).type is rp.EventType.RECONCILE_OPERATIONS


async def test_what_happens_is_counted(host: Host) -> None:
    session, provider = await host.subscribe()
    with pytest.raises(CallRefused):
        await session.send(state(provider, pool_of("somebody")))
    await host.left(session, provider)
    host.manager.apply_operation(provider, apply(1))
    counts = (tally.SUBSCRIBED, tally.REFUSED, tally.DISCONNECTED, tally.UNDELIVERABLE)
    assert [host.manager.tally[each] for each in counts] == [1, 1, 1, 1]
    assert set(host.manager.tally) == set(tally.COUNTED)
