"""Clients that do not read, do not speak, or are too many: over real sockets, and others are served on."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from orchestrator import answers
from orchestrator.http import HttpLimits
from tests.orchestrator_api.cluster import WAIT_SECONDS, ApiCluster, running

GET_STATE = b'{"type":"GET_STATE"}'
GET_WEIGHTS = b'{"type":"GET_WEIGHTS"}'
HEAD = b"POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
SMALL_BUFFER = 4_096
ROLES = 3_000
SHORT = HttpLimits(unread_seconds=0.5, keepalive_seconds=0.5)


def post(body: bytes) -> bytes:
    return HEAD % len(body) + body


def deaf_connection(cluster: ApiCluster) -> socket.socket:
    """A connection whose client takes next to nothing unless it asks to."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    made.settimeout(WAIT_SECONDS)
    made.connect(("127.0.0.1", cluster.port))
    made.setblocking(False)
    return made


async def ends(connection: socket.socket) -> int:
    """Read all that still comes, until the server has ended the connection; how much that was."""
    loop, length = asyncio.get_running_loop(), 0
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            try:
                data = await loop.sock_recv(connection, 65_536)
            except ConnectionError:
                return length
            if not data:
                return length
            length += len(data)


async def make_the_state_long(cluster: ApiCluster) -> int:
    """Many roles with weights; how long the answer about them is."""
    weights = [{"role": f"a-role-of-a-long-name-{number:0100}", "weight": 2.0} for number in range(ROLES)]
    call = {"type": "UPDATE_WEIGHTS", "update_weights": {"weight_infos": weights}}
    assert (await cluster.post("/api/v1", call))[0] == 200
    status, text = await cluster.post("/api/v1", GET_WEIGHTS)
    assert status == 200
    assert len(text) > answers.LONG_BYTES
    return len(text)


async def test_a_long_answer_arrives_whole_at_a_slow_reader(cluster: ApiCluster) -> None:
    length = await make_the_state_long(cluster)
    reader, writer = await asyncio.open_connection("127.0.0.1", cluster.port, limit=SMALL_BUFFER)
    writer.write(post(GET_WEIGHTS))
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"Content-Length: %d\r\n" % length in head
    received = 0
    while received < length:
        received += len(await reader.read(SMALL_BUFFER))
        await asyncio.sleep(0)
    writer.write(post(GET_STATE))  # and the connection serves on
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_who_does_not_read_a_long_answer_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "SLOWEST_BYTES_PER_SECOND", 2**30)
    async with running(tmp_path, SHORT) as cluster:
        length = await make_the_state_long(cluster)
        with deaf_connection(cluster) as connection:
            connection.send(post(GET_WEIGHTS) * 30)
            await asyncio.sleep(SHORT.unread_seconds)  # it takes nothing all that time
            assert (await cluster.post("/api/v1", GET_STATE))[0] == 200, "others are served"
            await asyncio.sleep(SHORT.unread_seconds)
            assert await ends(connection) < 30 * length


async def test_who_asks_again_and_again_and_reads_nothing_is_cut_off(tmp_path: Path) -> None:
    async with running(tmp_path, SHORT) as cluster:
        with deaf_connection(cluster) as connection:
            loop = asyncio.get_running_loop()
            sent = 0
            with pytest.raises((ConnectionError, TimeoutError)):
                async with asyncio.timeout(WAIT_SECONDS):
                    while True:
                        await loop.sock_sendall(connection, post(GET_STATE))
                        sent += 1
            assert sent > 32, "more than a connection may have in flight"
            with pytest.raises((ConnectionError, BrokenPipeError)):
                await loop.sock_sendall(connection, b"POST")


async def test_long_answers_beyond_the_limit_are_told_to_come_again(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_the_state_long(cluster)
    monkeypatch.setattr(answers, "LONG_ANSWERS_LIMIT", 0)
    status, text = await cluster.post("/api/v1", GET_WEIGHTS)
    assert (status, "again" in text) == (503, True)


@pytest.mark.parametrize("beginning", [b"", b"POST /api/v1 HTTP/1.1\r\nHost:"])
async def test_who_says_nothing_or_half_a_head_is_cut_off(tmp_path: Path, beginning: bytes) -> None:
    async with running(tmp_path, SHORT) as cluster:
        with deaf_connection(cluster) as connection:
            connection.send(beginning)
            assert await ends(connection) == 0


async def test_a_connection_beyond_the_limit_is_closed_and_the_others_go_on(tmp_path: Path) -> None:
    async with running(tmp_path, HttpLimits(max_connections=2)) as cluster:
        assert (await cluster.post("/api/v1", GET_STATE))[0] == 200
        with deaf_connection(cluster) as second, deaf_connection(cluster) as third:
            assert await ends(third) == 0
            assert (await cluster.post("/api/v1", GET_STATE))[0] == 200
            second.send(post(GET_STATE))
            assert await asyncio.get_running_loop().sock_recv(second, 15) == b"HTTP/1.1 200 OK"
