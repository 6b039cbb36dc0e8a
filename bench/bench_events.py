"""How many events a second reach the subscribers of the operator API, beside plain writes of the same bytes.

    python -m bench.bench_events [SUBSCRIBERS]

The orchestrator in one process, all subscribers in another, which only reads and counts. One by one: an event
is handed to all before the next one happens. Coalesced: so many happen at once. The reference writes framed
events of the same size to as many plain connections, from the same event loop. At the end subscribers stop
reading: what that takes in memory, and how many are cut off. A second of the server's processor time says
what a core of its own would do: the readers and whatever else runs take time from it here.
"""

from __future__ import annotations

import os
import statistics
import sys
import time

from bench.figures import table
from bench.told import Told

SUBSCRIBERS = 1_000
STOPPED = 50
FLOODED = 200
"""Subscribers of which those stop: others must get on."""
AGENTS, TASKS = 10, 1_000
ROUNDS = 3
EVENTS = ((100, 1), (2_000, 10), (5_000, 50))
"""How many, and how many at once."""
FLOOD = 300_000
"""Events while some subscribers do not read: several times what may wait for one."""
FLOOD_AT_ONCE = 500
CALL = '{"type":"SUBSCRIBE"}'
REQUEST = (
    "POST /api/v1 HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    f"Content-Length: {len(CALL)}\r\n\r\n{CALL}"
)
BARE_REQUEST = "GET / HTTP/1.1\r\nHost: bench\r\n\r\n"

HEADINGS = (
    *("events to {} subscribers", "deliveries/s", "plain writes/s", "ratio", "to reach"),
    *("a processor second", "plain"),
)
WANTED = {1: "80000", 10: "500000"}
FLOOD_HEADINGS = ("subscribers that stop reading", "cut off", "MB more", "MB that may wait for one")


def run(
    subscribers: int = SUBSCRIBERS,
    stopped: int = STOPPED,
    events: tuple[tuple[int, int], ...] = EVENTS,
    flood: int = FLOOD,
) -> tuple[list[list[str]], list[list[str]]]:
    """The rows of both tables."""
    with (
        Told("bench.state_server", AGENTS, TASKS, is_ready=False) as server,
        Told("bench.event_readers") as ours,
        Told("bench.event_readers") as bare,
    ):
        ours.ask("open", server.ready["port"], subscribers, REQUEST)
        bare.ask("open", server.ready["bare_port"], subscribers, BARE_REQUEST)
        rows = [_rates(server, ours, bare, subscribers, *each) for each in events]
        ours.ask("close")
        ours.ask("open", server.ready["port"], min(subscribers, FLOODED), REQUEST)
        return rows, [_flood(server, ours, stopped, flood)]


def _rates(server: Told, ours: Told, bare: Told, subscribers: int, count: int, together: int) -> list[str]:
    """In turns, as machines have moods."""
    found: dict[str, list[tuple[float, float]]] = {"tell": [], "tell_barely": []}
    for _ in range(ROUNDS):
        for name, readers in (("tell", ours), ("tell_barely", bare)):
            found[name].append(_rate(server, readers, name, count, together))
    own, bare_ones = found.values()
    rate, reference = (subscribers * statistics.median(each[0] for each in kind) for kind in (own, bare_ones))
    processor, plain = (subscribers * max(each[1] for each in kind) for kind in (own, bare_ones))
    what = "one by one" if together == 1 else f"{together} at once"
    figures = [f"{rate:.0f}", f"{reference:.0f}", f"{rate / reference:.2f}", WANTED.get(together, "")]
    return [what, *figures, f"{processor:.0f}", f"{plain:.0f}"]


def _rate(server: Told, readers: Told, name: str, count: int, together: int) -> tuple[float, float]:
    """Events a second until the last reader has the last one; and a second of the server's processor time."""
    readers.ask("read", server.ask("length", count)["bytes"])
    told = server.ask(name, count, together)
    read = readers.hear()
    if read["missing"]:
        raise RuntimeError(f"{read['missing']} readers did not get all: {read}")
    return count / float(read["at"] - told["at"]), count / told["processor"]


def _flood(server: Told, readers: Told, stopped: int, flood: int) -> list[str]:
    """Events in bursts, read by all but some, until those are cut off."""
    readers.ask("stop", stopped)
    before, most = server.ask("memory")["rss"], 0
    for _ in range(0, flood, FLOOD_AT_ONCE):
        readers.ask("read", server.ask("length", FLOOD_AT_ONCE)["bytes"])
        server.ask("tell", FLOOD_AT_ONCE, FLOOD_AT_ONCE)
        if readers.hear()["missing"]:
            raise RuntimeError("those who read were not sent all")
        most = max(most, server.ask("memory")["rss"])
        cut = server.ask("cut_off")["slow"]
        if cut >= stopped:
            break
    limit = server.ask("limits")["waiting_bytes"]
    return [f"{stopped}", f"{cut}", f"{(most - before) / 1e6:.0f}", f"{limit / 1e6:.0f}"]


def headings(subscribers: int) -> list[str]:
    return [HEADINGS[0].format(subscribers), *HEADINGS[1:]]


def main(arguments: list[str]) -> None:
    subscribers = int(arguments[0]) if arguments else SUBSCRIBERS
    print(f"load before: {os.getloadavg()[0]:.1f}", file=sys.stderr)
    began = time.monotonic()
    rates, flood = run(subscribers)
    print(table(headings(subscribers), rates), "\n")
    print(table(FLOOD_HEADINGS, flood))
    took = time.monotonic() - began
    print(f"load after: {os.getloadavg()[0]:.1f}; it took {took:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
