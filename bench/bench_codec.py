"""Messages to bytes and back, beside references in the same run.

    python -m bench.bench_codec

JSON beside msgspec alone on the same structs; protobuf beside code that is written by hand for one message,
on the official runtime (`bench.bare_protobuf`). They take turns, and the best turn of each counts: what else
the machine does cannot make anything faster. What has a target is judged over all its messages together.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from api.wire import codec, protobuf
from api.wire.message import Message
from api.wire.v1 import mesos, scheduler
from bench import bare_protobuf
from bench.figures import table

HEADINGS: Final = ("codec", "bytes", "µs", "reference µs", "ratio", "to reach")
ROUNDS: Final = 60
ROUND_SECONDS: Final = 0.004

JSON_TARGET: Final = 1.3
"""Of msgspec alone, on valid input."""

PROTOBUF_TARGET: Final = 1.5
"""Of code by hand that builds the message and serializes it."""

CLUSTER: Final = "6a3ad8e7-6f1b-4c1d-9e3e-0b1a5d0e7d2c"

Act = Callable[[], object]


@dataclass(frozen=True)
class Case:
    """Something done by the codec, and by its reference."""

    name: str
    size: int
    ours: Act
    reference: Act


def resources() -> list[mesos.Resource]:
    role = mesos.ResourceAllocationInfo(role="engineering/web")
    scalars = [
        mesos.Resource(
            name=name,
            type=mesos.ValueType.SCALAR,
            scalar=mesos.ValueScalar(value=amount),
            allocation_info=role,
        )
        for name, amount in (("cpus", 7.9), ("mem", 30_720.0), ("disk", 102_400.0))
    ]
    ports = mesos.ValueRanges(range=[mesos.ValueRange(begin=31_000, end=32_000)])
    return [
        *scalars,
        mesos.Resource(name="ports", type=mesos.ValueType.RANGES, ranges=ports, allocation_info=role),
    ]


def status() -> mesos.TaskStatus:
    return mesos.TaskStatus(
        task_id=mesos.TaskID(value="web.7c1d5d0e"),
        state=mesos.TaskState.TASK_RUNNING,
        source=mesos.TaskStatusSource.SOURCE_EXECUTOR,
        timestamp=1_790_000_000.123,
        agent_id=mesos.AgentID(value=f"{CLUSTER}-S17"),
        uuid=bytes(range(16)),
    )


def offers_event() -> scheduler.Event:
    offer = mesos.Offer(
        id=mesos.OfferID(value=f"{CLUSTER}-O1234"),
        framework_id=mesos.FrameworkID(value=f"{CLUSTER}-0001"),
        agent_id=mesos.AgentID(value=f"{CLUSTER}-S17"),
        hostname="agent-17.example.org",
        resources=resources(),
        allocation_info=mesos.ResourceAllocationInfo(role="engineering/web"),
    )
    return scheduler.Event(
        type=scheduler.EventType.OFFERS, offers=scheduler.EventOffers(offers=[offer, offer])
    )


def update_event() -> scheduler.Event:
    return scheduler.Event(type=scheduler.EventType.UPDATE, update=scheduler.EventUpdate(status=status()))


def shown_task() -> mesos.Task:
    return mesos.Task(
        name="web",
        task_id=mesos.TaskID(value="web.7c1d5d0e"),
        framework_id=mesos.FrameworkID(value=f"{CLUSTER}-0001"),
        agent_id=mesos.AgentID(value=f"{CLUSTER}-S17"),
        state=mesos.TaskState.TASK_RUNNING,
        resources=resources(),
        statuses=[status(), status()],
        labels=mesos.Labels(labels=[mesos.Label(key="tier", value="front")]),
    )


def accept_call() -> scheduler.Call:
    task = mesos.TaskInfo(
        name="web",
        task_id=mesos.TaskID(value="web.7c1d5d0e"),
        agent_id=mesos.AgentID(value=f"{CLUSTER}-S17"),
        resources=resources()[:2],
        command=mesos.CommandInfo(value="exec /usr/bin/serve --port $PORT0"),
    )
    launch = mesos.OfferOperation(
        type=mesos.OfferOperationType.LAUNCH, launch=mesos.OfferOperationLaunch(task_infos=[task])
    )
    return scheduler.Call(
        framework_id=mesos.FrameworkID(value=f"{CLUSTER}-0001"),
        type=scheduler.CallType.ACCEPT,
        accept=scheduler.CallAccept(
            offer_ids=[mesos.OfferID(value=f"{CLUSTER}-O1234")],
            operations=[launch],
            filters=mesos.Filters(refuse_seconds=1.0),
        ),
    )


def acknowledge_call() -> scheduler.Call:
    return scheduler.Call(
        framework_id=mesos.FrameworkID(value=f"{CLUSTER}-0001"),
        type=scheduler.CallType.ACKNOWLEDGE,
        acknowledge=scheduler.CallAcknowledge(
            agent_id=mesos.AgentID(value=f"{CLUSTER}-S17"),
            task_id=mesos.TaskID(value="web.7c1d5d0e"),
            uuid=bytes(range(16)),
        ),
    )


def json_cases() -> list[Case]:
    written = [("OFFERS", offers_event()), ("UPDATE", update_event()), ("a task", shown_task())]
    read = [("ACCEPT", accept_call()), ("ACKNOWLEDGE", acknowledge_call())]
    return [
        *(_json_written(name, message) for name, message in written),
        *(_json_read(name, message) for name, message in read),
    ]


def _json_written(name: str, message: Message) -> Case:
    alone = msgspec.json.Encoder()
    return Case(
        f"JSON, {name} written",
        len(codec.encode(message)),
        lambda: codec.encode(message),
        lambda: alone.encode(message),
    )


def _json_read(name: str, message: Message) -> Case:
    kind, data = type(message), codec.encode(message)
    alone: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind)
    return Case(
        f"JSON, {name} read",
        len(data),
        lambda: codec.decode(kind, data),
        lambda: alone.decode(data),
    )


def protobuf_written() -> list[Case]:
    written: list[tuple[str, Message, Callable[[Any], bytes]]] = [
        ("OFFERS", offers_event(), bare_protobuf.offers),
        ("UPDATE", update_event(), bare_protobuf.update),
        ("a task", shown_task(), bare_protobuf.task),
    ]
    return [_protobuf_written(name, message, by_hand) for name, message, by_hand in written]


def protobuf_read() -> list[Case]:
    read: list[tuple[str, Message, Callable[[bytes], Message]]] = [
        ("ACCEPT", accept_call(), bare_protobuf.accept),
        ("ACKNOWLEDGE", acknowledge_call(), bare_protobuf.acknowledge),
    ]
    return [_protobuf_read(name, message, by_hand) for name, message, by_hand in read]


def _protobuf_written(name: str, message: Message, by_hand: Callable[[Any], bytes]) -> Case:
    data = protobuf.encode(message)
    assert protobuf.decode(type(message), by_hand(message)) == message, "it writes the same"
    return Case(
        f"protobuf, {name} written",
        len(data),
        lambda: protobuf.encode(message),
        lambda: by_hand(message),
    )


def _protobuf_read(name: str, message: Message, by_hand: Callable[[bytes], Message]) -> Case:
    kind, data = type(message), protobuf.encode(message)
    assert by_hand(data) == message, "it reads the same"
    return Case(
        f"protobuf, {name} read",
        len(data),
        lambda: protobuf.decode(kind, data),
        lambda: by_hand(data),
    )


def seconds(case: Case) -> tuple[float, float]:
    """Of one call, ours and the reference's."""
    count = max(1, int(ROUND_SECONDS / max(_round(case.reference, 20), 1e-9)))
    rounds = [(_round(case.ours, count), _round(case.reference, count)) for _ in range(ROUNDS)]
    return min(ours for ours, _ in rounds), min(reference for _, reference in rounds)


def _round(act: Act, count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        act()
    return (time.perf_counter() - began) / count


def run() -> tuple[list[list[str]], list[str]]:
    """Rows for `HEADINGS`, and what was not reached."""
    rows: list[list[str]] = []
    missed: list[str] = []
    for name, target, cases in (
        ("JSON", JSON_TARGET, json_cases()),
        ("protobuf, written", PROTOBUF_TARGET, protobuf_written()),
        ("protobuf, read", None, protobuf_read()),
    ):
        together = [0.0, 0.0]
        for case in cases:
            ours, reference = seconds(case)
            together = [together[0] + ours, together[1] + reference]
            rows.append(_row(case.name, case.size, ours, reference, ""))
        judged = "" if target is None else f"{target:.1f}"
        rows.append(_row(f"{name}, all of these", sum(case.size for case in cases), *together, judged))
        ratio = together[0] / together[1]
        if target is not None and ratio > target:
            missed.append(f"{name}: {ratio:.2f} of its reference, {target:.1f} is to be reached")
    return rows, missed


def _row(name: str, size: int, ours: float, reference: float, target: str) -> list[str]:
    return [name, str(size), f"{ours * 1e6:.2f}", f"{reference * 1e6:.2f}", f"{ours / reference:.2f}", target]


def main() -> int:
    rows, missed = run()
    print(table(HEADINGS, rows))
    for line in missed:
        print(line, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
