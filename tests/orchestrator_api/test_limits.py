"""Clients that do not read, do not speak, or are too many: over real sockets, and others are served on."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path

import pytest

from orchestrator import answers
from orchestrator.http import HttpLimits
from tests.orchestrator_api.cluster import WAIT_SECONDS, ApiCluster, running, until

GET_STATE = b'{"type":"GET_STATE"}'
GET_WEIGHTS = b'{"type":"GET_WEIGHTS"}'
HEAD = b"POST /api/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
SMALL_BUFFER = 4_096
ROLES = 3_000
ASKED = 60
"""Times that a deaf client asks at once: more than sockets hold of the answers."""

MORE_THAN_SOCKETS_HOLD = 64 * 2**20
TAKES_NOTHING_SECONDS = 2.0
QUIET_SECONDS = 3_600.0


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


async def make_the_state_long(cluster: ApiCluster, roles: int = ROLES) -> int:
    """Many roles with weights; how long the answer about them is."""
    weights = [{"role": f"a-role-of-a-long-name-{number:0100}", "weight": 2.0} for number in range(roles)]
    call = {"type": "UPDATE_WEIGHTS", "update_weights": {"weight_infos": weights}}
    assert (await cluster.post("/api/v1", call))[0] == 200
    status, text = await cluster.post("/api/v1", GET_WEIGHTS)
    assert status == 200
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


@pytest.mark.parametrize(
    ("roles", "said"),
    [(ROLES, "it takes too long to read an answer"), (ROLES // 5, "their clients did not read")],
    ids=["long", "short"],
)
async def test_who_does_not_read_answers_is_cut_off_and_others_are_served(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    roles: int,
    said: str,
) -> None:
    monkeypatch.setattr(answers, "SLOWEST_BYTES_PER_SECOND", 2**30)
    caplog.set_level(logging.INFO)
    async with running(tmp_path, HttpLimits(unread_seconds=1.5)) as cluster:
        length = await make_the_state_long(cluster, roles)
        assert (length > answers.LONG_BYTES) is (roles == ROLES)
        with deaf_connection(cluster) as connection:
            connection.send(post(GET_WEIGHTS) * ASKED)
            await until(lambda: said in caplog.text)
            assert (await cluster.post("/api/v1", GET_STATE))[0] == 200
            assert await ends(connection) < ASKED * length


async def test_requests_are_not_read_on_and_on_from_who_reads_no_answers(cluster: ApiCluster) -> None:
    await make_the_state_long(cluster)
    asked = memoryview(post(GET_WEIGHTS) * 1_000)
    sent, loop = 0, asyncio.get_running_loop()
    with deaf_connection(cluster) as connection:
        with pytest.raises(TimeoutError):
            while sent < MORE_THAN_SOCKETS_HOLD:
                async with asyncio.timeout(TAKES_NOTHING_SECONDS):
                    await loop.sock_sendall(connection, asked)
                sent += len(asked)
        assert (await cluster.post("/api/v1", GET_STATE))[0] == 200


async def test_long_answers_beyond_the_limit_are_told_to_come_again(
    cluster: ApiCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_the_state_long(cluster)
    monkeypatch.setattr(answers, "LONG_ANSWERS_LIMIT", 0)
    status, text = await cluster.post("/api/v1", GET_WEIGHTS)
    assert (status, "again" in text) == (503, True)


@pytest.mark.parametrize("beginning", [b"", b"POST /api/v1 HTTP/1.1\r\nHost:"])
async def test_who_says_nothing_or_half_a_head_is_cut_off(tmp_path: Path, beginning: bytes) -> None:
    async with running(tmp_path, HttpLimits(keepalive_seconds=0.5)) as cluster:
        with deaf_connection(cluster) as connection:
            connection.send(beginning)
            assert await ends(connection) == 0


def test_the_second_connection_of_a_quiet_scheduler_is_left_open() -> None:
    """Libraries subscribe anew when it is closed, and some lose the next call."""
    assert HttpLimits().keepalive_seconds >= QUIET_SECONDS


async def test_a_connection_beyond_the_limit_is_closed_and_the_others_go_on(tmp_path: Path) -> None:
    async with running(tmp_path, HttpLimits(max_connections=2)) as cluster:
        assert (await cluster.post("/api/v1", GET_STATE))[0] == 200
        with deaf_connection(cluster) as second, deaf_connection(cluster) as third:
            assert await ends(third) == 0
            assert (await cluster.post("/api/v1", GET_STATE))[0] == 200
            second.send(post(GET_STATE))
            assert await asyncio.get_running_loop().sock_recv(second, 15) == b"HTTP/1.1 200 OK"
