"""What clients of an orchestrator that does not lead are answered."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import pytest

from api.wire.content import JSON, PROTOBUF
from api.wire.v1 import master
from client.transport import Transport
from orchestrator.standby import follower, reads
from orchestrator.standby.reads import AGE
from orchestrator.standby.source import HttpSource
from tests.orchestrator_api.cluster import WAIT_SECONDS, ApiCluster, running, until
from tests.orchestrator_api.test_operator import provisioned
from tests.orchestrator_api.test_scheduler import cpus, create_disk, is_pool, launch
from tests.standby.pair import StandbyServer, ask, following, same, standing_by


@pytest.fixture
async def cluster(tmp_path: Path) -> AsyncIterator[ApiCluster]:
    async with running(tmp_path / "a") as made:
        yield made


async def busy(cluster: ApiCluster) -> None:
    """Something of every kind."""
    await provisioned(cluster)
    scheduler = await cluster.subscribe()
    offer = await scheduler.offer(is_pool)
    both = create_disk(offer, 4000)
    both["operations"] += launch(offer, [cpus(0.1)])["operations"]
    assert await scheduler.call("ACCEPT", both) == (202, "")
    await until(lambda: cluster.orchestrator.state.tasks)
    other = await cluster.subscribe()
    assert (await other.call("TEARDOWN"))[0] == 202
    eng = {"role": "eng", "limits": {"cpus": {"value": 3}}}
    for kind, call in (
        ("UPDATE_QUOTA", {"quota_configs": [eng]}),
        ("UPDATE_WEIGHTS", {"weight_infos": [{"role": "eng", "weight": 2.5}]}),
    ):
        assert (await cluster.post("/api/v1", {"type": kind, kind.lower(): call}))[0] == 200


async def test_a_standby_answers_every_read_as_its_leader_does(cluster: ApiCluster) -> None:
    async with following(cluster) as server:
        await same(cluster, server)
        await busy(cluster)
        await same(cluster, server)
    async with following(cluster) as late:
        await same(cluster, late)


async def test_a_volume_is_shown_by_its_name(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    async with following(cluster) as server:
        for name in ("data", "none"):
            call = json.dumps({"type": "GET_VOLUMES", "get_volumes": {"name": name}}).encode()
            for media_type in (JSON, PROTOBUF):
                _, there = await ask(cluster.client, call, media_type)
                response, here = await server.ask(call, media_type)
                assert here == there
                assert AGE in response.headers


async def test_answers_are_sent_in_gzip_to_who_asks_for_it(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    async with following(cluster) as server:
        _, plain = await server.ask("GET_STATE")
        response, packed = await server.ask("GET_STATE", **{"Accept-Encoding": "gzip"})
        assert response.headers["Content-Encoding"] == "gzip"
        assert AGE in response.headers
        assert json.loads(gzip.decompress(packed)).keys() == json.loads(plain).keys()


async def test_what_a_standby_cannot_answer_is_sent_to_the_leader(cluster: ApiCluster) -> None:
    async with following(cluster) as server:
        there = f"//127.0.0.1:{cluster.port}"
        for path, call in (
            ("/api/v1", "PROVISION_VOLUME"),
            ("/api/v1", "SUBSCRIBE"),
            ("/api/v1", "EXPLAIN_OFFERS"),
            ("/api/v1", "A_CALL_OF_A_NEWER_LEADER"),
            ("/api/v1/scheduler", "SUBSCRIBE"),
        ):
            response, _ = await server.ask(call, path=path)
            assert (response.status, response.headers["Location"]) == (307, f"{there}{path}"), call
            assert AGE not in response.headers
        for path, location in (
            ("/state?x=1", "/state?x=1"),
            ("/master/slaves", "/master/slaves"),
            ("/redirect", ""),
        ):
            async with server.client.get(path, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (307, f"{there}{location}")
        # And a client that follows is answered.
        body, wants = {"type": "GET_PROFILES"}, {"Cache-Control": "no-cache"}
        async with server.client.post("/api/v1", json=body, headers=wants) as answered:
            assert answered.status == 200


async def test_what_a_standby_says_of_itself_it_says_without_a_leader(cluster: ApiCluster) -> None:
    async with standing_by(cluster) as server:
        for call in ("GET_HEALTH", "GET_VERSION", "GET_FLAGS", "GET_LOGGING_LEVEL"):
            response, body = await server.ask(call)
            assert response.status == 200, body
            assert AGE not in response.headers
        asked = b'{"type":"GET_METRICS","get_metrics":{}}'
        metrics = json.loads((await server.ask(asked))[1])["get_metrics"]["metrics"]
        assert {"name": "master/elected", "value": 0.0} in metrics
        for path in ("/version", "/metrics", "/flags", "/metrics/snapshot"):
            async with server.client.get(path) as answer:
                assert answer.status == 200, path
        level = (
            b'{"type":"SET_LOGGING_LEVEL","set_logging_level":{"level":1,"duration":{"nanoseconds":1000000}}}'
        )
        assert (await server.ask(level))[0].status == 200
        for path, call in (
            ("/api/v1", "GET_STATE"),
            ("/api/v1", "TEARDOWN"),
            ("/api/v1/scheduler", "SUBSCRIBE"),
        ):
            response, body = await server.ask(call, path=path)
            assert response.status == 503
            assert response.headers["Retry-After"] == "1"


async def test_who_wants_a_younger_answer_than_there_is_is_sent_to_the_leader(cluster: ApiCluster) -> None:
    gate = Gate()
    async with following(cluster, gate) as server:
        gate.open.clear()
        await server.grown(0.3)
        for call in ("GET_STATE", "GET_MASTER", "GET_WEIGHTS"):
            for wanted, status in (
                ("max-age=30", 200),
                ("max-stale", 200),
                ("max-age=0", 307),
                ("private, no-cache", 307),
                ("max-age=soon", 307),
            ):
                response, _ = await server.ask(call, **{"Cache-Control": wanted})
                assert response.status == status, (call, wanted)
        response, _ = await server.ask("GET_HEALTH", **{"Cache-Control": "no-cache"})
        assert response.status == 200, "that is about the standby itself"


async def test_get_master_names_the_leader_and_its_standbys(cluster: ApiCluster) -> None:
    async with following(cluster) as server:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                master_ = json.loads((await server.ask("GET_MASTER"))[1])["get_master"]
                if "standbys" in master_:
                    break
                await asyncio.sleep(0.05)
        assert master_["master_info"]["port"] == cluster.port
        assert master_["standbys"] == [{"name": "b", "address": f"127.0.0.1:{server.port}"}]


class Gate(HttpSource):
    """A way to the leader that can be closed: what is asked then is not answered."""

    def __init__(self) -> None:
        super().__init__()
        self.open = asyncio.Event()
        self.open.set()
        self.after: int | None = None
        """It is closed by itself after so many records of a later answer."""
        self.waits = asyncio.Event()

    async def ask(self, address: str, wanted: master.CallFollow) -> AsyncGenerator[bytes, None]:
        count = 0
        async for record in super().ask(address, wanted):
            if count == self.after:
                self.open.clear()
                self.waits.set()
            await self.open.wait()
            count += 1
            yield record


async def age(server: StandbyServer) -> float:
    response, _ = await server.ask("GET_AGENTS")
    assert response.status == 200
    return float(response.headers[AGE])


async def test_the_view_grows_old_while_the_leader_is_silent(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    async with following(cluster, gate) as server:
        gate.open.clear()
        before = await age(server)
        shown = (await server.ask("GET_AGENTS"))[1]
        await cluster.join()
        async with asyncio.timeout(WAIT_SECONDS):
            while await age(server) < before + 0.5:  # noqa: ASYNC110 - its age is asked for over HTTP
                await asyncio.sleep(0.05)
        assert (await server.ask("GET_AGENTS"))[1] == shown
        monkeypatch.setattr(reads, "AGE_LIMIT_SECONDS", 0.25)
        assert (await server.ask("GET_AGENTS"))[0].status == 307, "it is too old to be shown"
        monkeypatch.undo()
        gate.open.set()
        await same(cluster, server)


async def test_another_leaders_view_takes_the_place_of_the_first_at_once(
    cluster: ApiCluster, tmp_path: Path
) -> None:
    await busy(cluster)
    async with running(tmp_path / "b") as newer, following(cluster) as server:
        await newer.join()
        first = json.loads((await server.ask("GET_STATE"))[1])["get_state"]
        server.standby.follow(0, f"127.0.0.1:{newer.port}")
        seen = []
        async with asyncio.timeout(WAIT_SECONDS):
            while not seen or ("get_volumes" in seen[-1] and seen[-1]["get_volumes"]):
                seen.append(json.loads((await server.ask("GET_STATE"))[1])["get_state"])
        for state in seen[:-1]:
            assert state["get_volumes"] == first["get_volumes"]
            assert state["get_tasks"] == first["get_tasks"]
        assert not seen[-1]["get_tasks"] and not seen[-1]["get_operations"]
        await same(newer, server)


async def test_what_one_says_who_does_not_lead_any_more_is_not_taken(cluster: ApiCluster) -> None:
    async with standing_by(cluster) as server:
        server.standby.follow(7, f"127.0.0.1:{cluster.port}")  # where epoch 0 answers
        await asyncio.sleep(0.3)
        assert server.standby.age is None
        assert (await server.ask("GET_STATE"))[0].status == 307
        server.standby.follow(0, f"127.0.0.1:{cluster.port}")
        await server.shown()
        await same(cluster, server)


async def test_a_view_goes_on_being_shown_while_nobody_leads_and_is_dropped_when_this_one_does(
    cluster: ApiCluster,
) -> None:
    async with following(cluster) as server:
        server.standby.leave(keep=True)
        assert (await server.ask("GET_STATE"))[0].status == 200
        assert (await server.ask("EXPLAIN_OFFERS"))[0].status == 503
        server.standby.leave()
        assert (await server.ask("GET_STATE"))[0].status == 503


async def test_a_leader_that_was_away_is_followed_again(cluster: ApiCluster) -> None:
    await busy(cluster)
    async with following(cluster) as server:
        port = cluster.port
        await cluster.stop()
        await asyncio.sleep(0.3)
        assert (await server.ask("GET_STATE"))[0].status == 200
        await cluster.start(port)
        await cluster.join()
        await same(cluster, server)


async def test_a_standby_keeps_no_more_than_it_may(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await busy(cluster)
    async with standing_by(cluster) as server:
        monkeypatch.setattr(server.standby._follower, "_replica_bytes", 1_000)
        server.standby.follow(0, f"127.0.0.1:{cluster.port}")
        await until(lambda: "keeps no view" in caplog.text)
        assert (await server.ask("GET_STATE"))[0].status == 307


async def test_how_old_the_view_is_and_who_follows_is_measured(cluster: ApiCluster) -> None:
    await provisioned(cluster)
    async with following(cluster) as server:
        await same(cluster, server)
        async with server.client.get("/metrics") as answer:
            here = await answer.text()
        assert "orlop_standby_age_seconds 0." in here
        assert 'orlop_standby_entities{kind="volumes"} 1.0' in here
        assert 'orlop_api_requests_total{api="operator",status="200",type="GET_STATE"}' in here
        async with cluster.client.get("/metrics") as answer:
            there = await answer.text()
        assert "orlop_followers 1.0" in there
        assert "orlop_follow_beginnings_total 1.0" in there


async def test_while_a_moment_is_put_in_nothing_is_shown(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks meanwhile gets that moment, whole."""
    await busy(cluster)
    async with following(cluster) as server:
        monkeypatch.setattr(follower.Slices, "is_over", True)
        view = server.standby._follower.view
        assert view is not None
        replica = view.replica
        wait = asyncio.Event()
        real = replica.put

        def slowly(parts):  # type: ignore[no-untyped-def]
            for step in real(parts):
                wait.set()
                yield step
                yield step

        monkeypatch.setattr(replica, "put", slowly)
        wait.clear()
        await provisioned_more(cluster)
        async with asyncio.timeout(WAIT_SECONDS):
            await wait.wait()
        await same(cluster, server)


async def provisioned_more(cluster: ApiCluster) -> None:
    scheduler = await cluster.subscribe()
    assert (await scheduler.call("SUPPRESS"))[0] == 202


async def test_the_client_library_takes_the_leaders_word(cluster: ApiCluster) -> None:
    gate = Gate()
    async with following(cluster, gate) as server, Transport(f"http://127.0.0.1:{server.port}") as transport:
        gate.open.clear()
        await provisioned(cluster)
        answer = json.loads((await transport.post("/api/v1", b'{"type":"GET_VOLUMES"}')).body)
        assert [each["name"] for each in answer["get_volumes"]["volumes"]] == ["data"]
        assert transport.url == cluster.url


class Slow(HttpSource):
    """The question takes a while to arrive, and so does what is told."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def ask(self, address: str, wanted: master.CallFollow) -> AsyncGenerator[bytes, None]:
        await asyncio.sleep(self._seconds / 2)
        async for record in super().ask(address, wanted):
            yield record
        await asyncio.sleep(self._seconds / 2)


async def test_the_time_that_an_answer_takes_counts_as_age(cluster: ApiCluster) -> None:
    async with following(cluster, Slow(0.2)) as server:
        async with asyncio.timeout(WAIT_SECONDS):
            while server.standby._follower.answers < 4:
                assert await age(server) >= 0.2
                await asyncio.sleep(0.01)


async def test_a_new_leaders_view_is_not_shown_before_all_of_it_is_here(
    cluster: ApiCluster, tmp_path: Path
) -> None:
    await busy(cluster)
    gate = Gate()
    async with running(tmp_path / "b") as newer, following(cluster, gate) as server:
        await newer.join()
        await same(cluster, server)
        first = (await server.ask("GET_VOLUMES"))[1]
        gate.after = 3  # records: its kinds are told by then, and the end is not
        server.standby.follow(0, f"127.0.0.1:{newer.port}")
        await asyncio.wait_for(gate.waits.wait(), WAIT_SECONDS)
        assert (await server.ask("GET_VOLUMES"))[1] == first
        assert await age(server) >= 0.0
        gate.after = None
        gate.open.set()
        await same(newer, server)
