"""Clients that do nothing but take answers, as fast as the kernel hands them over.

    python -m bench.state_reader PORT READERS SECONDS MEDIA-TYPE

asks for the state again and again, on so many connections, and prints how many answers were taken.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time

BUFFER_BYTES = 1 << 20
SECONDS = 120.0
"""For one answer."""


class StateReader:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
        self._buffer = bytearray(BUFFER_BYTES)

    def ask(self, media_type: str, path: str = "/api/v1", method: str = "POST") -> tuple[float, int]:
        """How long the answer took, in seconds from the request to its last byte, and its bytes."""
        body = b'{"type":"GET_STATE"}' if method == "POST" else b""
        head = f"{method} {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        head += f"Accept: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
        began = time.perf_counter()
        self._connection.sendall(head.encode() + body)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._connection.recv(65_536) or _ended()
        head_bytes, _, rest = answer.partition(b"\r\n\r\n")
        if not head_bytes.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head_bytes.decode())
        lengths = [line for line in head_bytes.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        length = int(lengths[0].partition(b":")[2])
        missing = length - len(rest)
        while missing:
            missing -= self._connection.recv_into(self._buffer, min(missing, BUFFER_BYTES)) or len(_ended())
        return time.perf_counter() - began, length

    def close(self) -> None:
        self._connection.close()


def _ended() -> bytes:
    raise EOFError("the server has closed the connection")


def main() -> None:
    port, readers, seconds, media_type = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    until = time.monotonic() + seconds
    taken = [0] * readers

    def poll(number: int) -> None:
        reader = StateReader(port)
        while time.monotonic() < until:
            reader.ask(media_type)
            taken[number] += 1
        reader.close()

    threads = [threading.Thread(target=poll, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"taken": taken}), flush=True)


if __name__ == "__main__":
    main()
