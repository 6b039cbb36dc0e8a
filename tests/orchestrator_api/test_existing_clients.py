"""Ways of clients that exist: what they send that others do not, and what only they need."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.orchestrator_api.cluster import ApiCluster, running, until
from tests.standby.pair import following


async def ask_by_whole_url(
    port: int, method: str, path: str, body: bytes = b""
) -> tuple[int, dict[str, str]]:
    """Status and headers; the request's target is a whole URL, as for a proxy (RFC 9112, 3.2.2)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = f"{method} http://127.0.0.1:{port}{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        headers = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write((head + headers).encode() + body)
        answered = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)).decode().split("\r\n")
    finally:
        writer.close()
    fields = (line.partition(": ") for line in answered[1:] if line)
    return int(answered[0].split()[1]), {name: value for name, _, value in fields}


async def test_a_target_that_is_a_whole_url_is_the_same_as_its_path(cluster: ApiCluster) -> None:
    status, headers = await ask_by_whole_url(cluster.port, "GET", "/redirect")
    assert (status, headers["Location"]) == (307, f"//127.0.0.1:{cluster.port}")
    assert (await ask_by_whole_url(cluster.port, "GET", "/master/state-summary"))[0] == 200
    assert (await ask_by_whole_url(cluster.port, "POST", "/api/v1", b'{"type": "GET_HEALTH"}'))[0] == 200


async def test_a_standby_sends_who_asks_by_a_whole_url_to_the_leader(cluster: ApiCluster) -> None:
    async with following(cluster) as standby:
        for path, there in (("/redirect", ""), ("/slaves?a=b", "/slaves?a=b")):
            status, headers = await ask_by_whole_url(standby.port, "GET", path)
            assert (status, headers["Location"]) == (307, f"//127.0.0.1:{cluster.port}{there}")


async def test_who_hands_a_record_on_when_the_next_one_begins_has_its_offers_soon(tmp_path: Path) -> None:
    async with running(tmp_path, heartbeat_interval=3600.0) as cluster:
        await cluster.join()
        scheduler = await cluster.subscribe()
        await scheduler.stream.wait("OFFERS")
        # Nothing else happens: without a heartbeat such a client would never see them.
        await until(lambda: scheduler.stream.events[-1]["type"] == "HEARTBEAT")
