"""A TCP connection between a store and its server that does what networks do: ends, falls silent, is late.

It knows PostgreSQL's framing, so that a test can name the message after which a connection ends. A thread of
its own: what it stands between blocks.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable
from types import TracebackType


class Stream:
    """One direction of a connection, message by message."""

    def __init__(self, source: socket.socket, target: socket.socket, from_client: bool) -> None:
        self.source, self.target = source, target
        self.from_client = from_client
        self._rest = bytearray()
        self._begun = not from_client  # a client's first message has no kind

    def messages(self, data: bytes) -> list[bytes]:
        """Whole messages out of what has come by now."""
        self._rest += data
        found = []
        while True:
            head = 1 if self._begun else 0
            if len(self._rest) < head + 4:
                return found
            length = head + int.from_bytes(self._rest[head : head + 4], "big")
            if len(self._rest) < length:
                return found
            found.append(bytes(self._rest[:length]))
            del self._rest[:length]
            self._begun = True


class Link:
    """One connection through the proxy."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.streams = (Stream(client, server, True), Stream(server, client, False))
        self.name = b""
        """What the client called itself, as it was said."""
        self.lingers = False
        """Whether one side does not hear that the other has gone."""

    def cut(self) -> None:
        """Both sides hear of it now; the network's thread lets go of the sockets then."""
        for stream in self.streams:
            with contextlib.suppress(OSError):
                stream.source.shutdown(socket.SHUT_RDWR)


Decision = Callable[[Link, Stream, bytes], bool]
"""Whether a message goes on to where it was sent. It may cut the link, too."""


class Network:
    """`with Network(port) as network:` listens on `network.port`, and connects to that port of this host."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.links: list[Link] = []
        self.decide: Decision = lambda link, stream, message: True
        self.rename: Callable[[bytes], bytes] = lambda first: first
        """What a client's first message becomes; of the same length."""
        self.silent = threading.Event()
        """While it is set, nothing arrives anywhere, and is not kept either."""
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)

    def __enter__(self) -> Network:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(10)
        for link in self.links:
            for stream in link.streams:
                stream.source.close()
        self._listening.close()

    def cut_all(self) -> None:
        for link in self.links:
            link.cut()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listening, selectors.EVENT_READ, None)
            while not self._ending.is_set():
                for key, _ in selector.select(0.02):
                    if key.data is None:
                        self._accept(selector)
                    else:
                        self._carry(selector, *key.data)

    def _accept(self, selector: selectors.BaseSelector) -> None:
        client, _ = self._listening.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self._server_port))
        except OSError:
            client.close()
            return
        for each in (client, server):
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link(client, server)
        self.links.append(link)
        for stream in link.streams:
            selector.register(stream.source, selectors.EVENT_READ, (link, stream))

    def _carry(self, selector: selectors.BaseSelector, link: Link, stream: Stream) -> None:
        try:
            data = stream.source.recv(65536)
            if not self.silent.is_set():
                self._pass_on(link, stream, data)
        except OSError:
            data = b""
        if not data:
            selector.unregister(stream.source)
            if not link.lingers:
                link.cut()

    def _pass_on(self, link: Link, stream: Stream, data: bytes) -> None:
        for message in stream.messages(data):
            if stream.from_client and not link.name:
                message = self.rename(message)
                link.name = message
            if self.decide(link, stream, message):
                stream.target.sendall(message)
