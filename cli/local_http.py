"""An operator call to an orchestrator, or a look at an agent, on this machine, over a bare socket.

For the supervisor, which must stay small; everyone else uses the client library.
"""

from __future__ import annotations

import json
import socket
from typing import Any, Final

from cli.daemon_settings import LOOPBACK

TIMEOUT_SECONDS: Final = 5.0
MAX_ANSWER_BYTES: Final = 4 * 2**20


class NotReady(Exception):
    """No answer of use. Ask again a little later."""


def post_call(port: int, call: dict[str, Any]) -> dict[str, Any]:
    """The answer to a call of the operator API. Raises NotReady."""
    return _asked(port, "POST /api/v1", json.dumps(call).encode(), "the orchestrator")


def health(port: int) -> dict[str, Any]:
    """What the agent there says of itself while it does its work. Raises NotReady."""
    return _asked(port, "GET /health", b"", "the agent")


def _asked(port: int, what: str, body: bytes, whom: str) -> dict[str, Any]:
    head = (
        f"{what} HTTP/1.0\r\nHost: {LOOPBACK}:{port}\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        with socket.create_connection((LOOPBACK, port), TIMEOUT_SECONDS) as connection:
            connection.sendall(head.encode() + body)
            answer = _read_all(connection)
    except OSError as error:
        raise NotReady(f"{whom} does not answer: {error}") from error
    status, _, rest = answer.partition(b"\r\n")
    if b" 200" not in status:
        raise NotReady(f"{whom} answers {status.decode(errors='replace')}")
    try:
        document = json.loads(rest.partition(b"\r\n\r\n")[2])
    except ValueError as error:
        raise NotReady(f"the answer of {whom} cannot be read: {error}") from error
    return document if isinstance(document, dict) else {}


def _read_all(connection: socket.socket) -> bytes:
    """Until the server closes: HTTP/1.0 keeps no connection and knows no chunks."""
    answer = bytearray()
    while data := connection.recv(65536):
        answer += data
        if len(answer) > MAX_ANSWER_BYTES:
            raise NotReady(f"the answer is longer than {MAX_ANSWER_BYTES} bytes")
    return bytes(answer)


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody uses now. Somebody may take one before its owner does: a rare
    failed start, after which the caller picks others."""
    sockets = []
    try:
        for _ in range(count):
            taken = socket.socket()
            sockets.append(taken)
            taken.bind((LOOPBACK, 0))
        return [int(taken.getsockname()[1]) for taken in sockets]
    finally:
        for taken in sockets:
            taken.close()


def is_free(port: int) -> bool:
    """Whether a server can listen on that port of loopback now."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: closed ones count not
        try:
            trial.bind((LOOPBACK, port))
            trial.listen()
        except OSError:
            return False
    return True
