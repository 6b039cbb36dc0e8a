"""A scheduler over bare sockets: the load of a measurement, at a small part of what is measured.

Calls go out on so many connections, one at a time on each; requests are made before their time is taken.
Not for use: the library is `client`.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

import msgspec

HEAD = (
    b"POST /api/v1/scheduler HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n%b"
    b"Content-Length: %d\r\n\r\n%b"
)
STREAM_LIMIT = 256 * 2**20
FAILOVER_SECONDS = 3600.0


class _Id(msgspec.Struct):
    value: str


class _Scalar(msgspec.Struct):
    value: float


class _Resource(msgspec.Struct):
    name: str
    scalar: _Scalar | None = None


class _Offer(msgspec.Struct):
    id: _Id
    agent_id: _Id
    resources: list[_Resource] = []

    def holds(self, cpus: float) -> bool:
        return any(
            each.name == "cpus" and each.scalar and each.scalar.value >= cpus for each in self.resources
        )


class _Offers(msgspec.Struct):
    offers: list[_Offer]


class _Status(msgspec.Struct):
    task_id: _Id
    agent_id: _Id | None
    state: str
    uuid: str | None = None
    message: str = ""


class _Update(msgspec.Struct):
    status: _Status


class _OperationStatus(msgspec.Struct):
    state: str
    operation_id: _Id | None = None
    uuid: _Id | None = None
    agent_id: _Id | None = None
    message: str = ""


class _OperationUpdate(msgspec.Struct):
    status: _OperationStatus


class _Subscribed(msgspec.Struct):
    framework_id: _Id


class _Event(msgspec.Struct):
    type: str
    subscribed: _Subscribed | None = None
    offers: _Offers | None = None
    update: _Update | None = None
    update_operation_status: _OperationUpdate | None = None


class Lane(asyncio.Protocol):
    """One connection: the next request when the one before is answered 202."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes
        self._is_idle = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if data[9:12] != b"202":
            self._lanes.fail(data.decode(errors="replace"))
            return
        self._is_idle = True
        self._lanes.answered()
        self.take()

    def take(self) -> None:
        if self._is_idle and self._lanes.waiting:
            self._is_idle = False
            self._transport.write(self._lanes.waiting.popleft())


class Lanes:
    """Requests on `count` connections; `done` once all that were asked for are answered."""

    def __init__(self, address: str, count: int) -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._count = count
        self._lanes: list[Lane] = []
        self._failure: str | None = None
        self._unanswered = 0
        self._answers = self._wanted = 0
        self._first: asyncio.Future[None] | None = None
        self._all = asyncio.Event()
        self._all.set()
        self.waiting: deque[bytes] = deque()

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(self._count):
            _, lane = await loop.create_connection(lambda: Lane(self), self._host, self._port)
            self._lanes.append(lane)

    def close(self) -> None:
        for lane in self._lanes:
            lane._transport.close()

    def send(self, *requests: bytes) -> None:
        if not self._unanswered:
            self._answers, self._wanted, self._first = 0, 0, None
        self._unanswered += len(requests)
        self._all.clear()
        self.waiting.extend(requests)
        for lane in self._lanes:
            lane.take()

    def answered(self) -> None:
        self._unanswered -= 1
        self._answers += 1
        if self._answers == self._wanted and self._first is not None and not self._first.done():
            self._first.set_result(None)
        if self._unanswered == 0:
            self._all.set()

    def fail(self, answer: str) -> None:
        self._failure = answer
        self._all.set()
        if self._first is not None and not self._first.done():
            self._first.set_result(None)

    async def first_answered(self, count: int, seconds: float) -> float:
        """When the `count` that were asked for first, since nothing waited, are answered."""
        if self._answers < count:
            self._wanted, self._first = count, asyncio.get_running_loop().create_future()
            async with asyncio.timeout(seconds):
                await self._first
        assert self._failure is None, self._failure
        return time.monotonic()

    async def done(self, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            await self._all.wait()
        assert self._failure is None, self._failure


class LeanScheduler:
    """One framework. Offers of so many cpus gather in `offers`, others are declined; each status is
    acknowledged on the lanes."""

    def __init__(self, address: str, connections: int, cpus: float, framework_id: str = "") -> None:
        """`framework_id`: of one that subscribes again."""
        self._address = address
        self._returns_as = framework_id
        self._cpus = cpus
        self.lanes = Lanes(address, connections)
        self.offers: list[_Offer] = []
        self.finished = 0
        self.heard = asyncio.Event()
        self._head = b""
        self.framework_id = ""
        self.trouble: str | None = None

    async def open(self) -> None:
        """Connect and subscribe."""
        await self.lanes.open()
        host, _, port = self._address.rpartition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port), limit=STREAM_LIMIT)
        info = {
            "user": "root",
            "name": "bench",
            "roles": ["bench"],
            "capabilities": [{"type": "MULTI_ROLE"}, {"type": "RESERVATION_REFINEMENT"}],
            "failover_timeout": FAILOVER_SECONDS,
        }
        call: dict[str, object] = {"type": "SUBSCRIBE", "subscribe": {"framework_info": info}}
        if self._returns_as:
            info["id"] = call["framework_id"] = {"value": self._returns_as}
        body = msgspec.json.encode(call)
        self._writer.write(HEAD % (b"", len(body), body))
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        stream_id = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"mesos-stream-id"))
        self._head = stream_id + b"\r\n"
        self._listening = asyncio.create_task(self._listen())
        while not self.framework_id:
            await self.wait(10.0)

    async def close(self) -> None:
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._writer.close()
        self.lanes.close()

    def request(self, kind: str, body: object) -> bytes:
        """A call of this framework, ready to be sent."""
        call = {"type": kind, "framework_id": {"value": self.framework_id}, kind.lower(): body}
        data = msgspec.json.encode(call)
        return HEAD % (self._head, len(data), data)

    async def wait(self, seconds: float) -> None:
        """For the next event."""
        self.heard.clear()
        async with asyncio.timeout(seconds):
            await self.heard.wait()
        assert self.trouble is None, self.trouble

    async def _listen(self) -> None:
        decoder = msgspec.json.Decoder(_Event)
        while True:
            size = int(await self._reader.readuntil(b"\r\n"), 16)
            chunk = await self._reader.readexactly(size + 2)
            self._take(decoder.decode(chunk[chunk.index(b"\n") + 1 : -2]))
            self.heard.set()

    def _take(self, event: _Event) -> None:
        if event.subscribed is not None:
            self.framework_id = event.subscribed.framework_id.value
        elif event.offers is not None:
            self._offered(event.offers.offers)
        elif event.update is not None:
            self._updated(event.update.status)
        elif event.update_operation_status is not None:
            self._ended(event.update_operation_status.status)

    def _offered(self, offers: list[_Offer]) -> None:
        self.offers += [offer for offer in offers if offer.holds(self._cpus)]
        too_small = [{"value": offer.id.value} for offer in offers if not offer.holds(self._cpus)]
        if too_small:
            body = {"offer_ids": too_small, "filters": {"refuse_seconds": 0}}
            self.lanes.send(self.request("DECLINE", body))

    def _updated(self, status: _Status) -> None:
        if status.uuid is None or status.agent_id is None:
            self.trouble = f"a task is {status.state}: {status.message}"
            return
        known = {
            "agent_id": {"value": status.agent_id.value},
            "task_id": {"value": status.task_id.value},
            "uuid": status.uuid,
        }
        self.lanes.send(self.request("ACKNOWLEDGE", known))
        self.finished += status.state == "TASK_FINISHED"

    def _ended(self, status: _OperationStatus) -> None:
        if status.state != "OPERATION_FINISHED" or status.uuid is None or status.operation_id is None:
            self.trouble = f"an operation is {status.state}: {status.message}"
            return
        known: dict[str, object] = {
            "operation_id": {"value": status.operation_id.value},
            "uuid": status.uuid.value,
        }
        if status.agent_id is not None:
            known["agent_id"] = {"value": status.agent_id.value}
        self.lanes.send(self.request("ACKNOWLEDGE_OPERATION_STATUS", known))
        self.finished += 1


async def subscribed(
    address: str, connections: int, cpus: float, framework_id: str = "", seconds: float = 30.0
) -> LeanScheduler:
    """A scheduler, as soon as an orchestrator takes it in."""
    deadline = time.monotonic() + seconds
    while True:
        scheduler = LeanScheduler(address, connections, cpus, framework_id)
        try:
            await scheduler.open()
            return scheduler
        except (OSError, AssertionError, asyncio.IncompleteReadError):
            assert time.monotonic() < deadline, "the orchestrator takes no framework"
            await asyncio.sleep(0.02)
