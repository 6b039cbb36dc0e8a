"""What it costs to show the whole state of a large cluster, beside the same bytes from memory.

    python -m bench.bench_state [AGENTS TASKS]

GET_STATE over loopback in both media types, on an orchestrator in a process of its own, each time beside the
same event loop sending as many stored bytes (in one piece or in chunks, whichever is faster); what a change
of a tenth of all entities adds, beside what encoding them once costs; how long the event loop is held at
once; and how long /health takes while five clients ask for the state without pause.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field

from bench.figures import table
from bench.state_reader import StateReader
from bench.told import Told

AGENTS, TASKS = 10_000, 100_000
ROUNDS = 9
CHANGED = 0.1
POLLERS = 5
POLL_SECONDS = 8.0
HEALTH_PAUSE = 0.005

MEDIA_TYPES = {"JSON": "application/json", "protobuf": "application/x-protobuf"}
HEADINGS = ("state at size", "ms", "reference", "ms", "ratio", "to reach")


@dataclass
class StateBench:
    """One server, and its rows."""

    server: Told
    rounds: int
    poll_seconds: float
    held: dict[str, float] = field(default_factory=dict)

    def rows(self) -> list[list[str]]:
        self.own = StateReader(self.server.ready["port"])
        self.stored = StateReader(self.server.ready["reference_port"])
        found = []
        for name, media_type in MEDIA_TYPES.items():
            found += self._answers(name, media_type)
        return [*found, *self._health()]

    def _answers(self, name: str, media_type: str) -> list[list[str]]:
        self.server.ask("held")
        first, length = self.own.ask(media_type)
        held_first = self.server.ask("held")
        self.server.ask("store", length)
        times, stored = self._beside(media_type)
        held = self.held
        built = self.server.ask("build")["seconds"][media_type]
        extra, cost = self._changed(media_type, times)
        return [
            _row(f"GET_STATE, {name}, {length / 1e6:.1f} MB", times, "stored bytes", stored, "1.5"),
            _row(f"the first one, {name}", first, "built from the objects", built, ""),
            _row(f"unchanged, {name}", times, "built from the objects", built, "0.1"),
            _row(f"a tenth changed, {name}: in addition", extra, "encoded once", cost, "1"),
            *[
                [
                    f"loop held, {name}, {when}",
                    _ms(each["processor"]),
                    "by the clock",
                    _ms(each["clock"]),
                    "",
                    "5",
                ]
                for when, each in (("first one", held_first), ("unchanged", held), ("changed", self.held))
            ],
        ]

    def _beside(self, media_type: str) -> tuple[float, float]:
        """Medians: of our answers, and of the faster reference; in turns, as machines have moods."""
        times: dict[str, list[float]] = {"own": [], "/whole": [], "/chunks": []}
        self.held = {"processor": 0.0, "clock": 0.0}
        for _ in range(self.rounds):
            self.server.ask("held")
            times["own"].append(self.own.ask(media_type)[0])
            self._look_at_held()
            for path in ("/whole", "/chunks"):
                times[path].append(self.stored.ask(media_type, path)[0])
        medians = {name: statistics.median(each) for name, each in times.items()}
        return medians["own"], min(medians["/whole"], medians["/chunks"])

    def _changed(self, media_type: str, unchanged: float) -> tuple[float, float]:
        extra, costs = [], []
        self.held = {"processor": 0.0, "clock": 0.0}
        for _ in range(max(self.rounds // 3, 1)):
            costs.append(self.server.ask("change", CHANGED)["seconds"][media_type])
            self.server.ask("held")
            extra.append(self.own.ask(media_type)[0] - unchanged)
            self._look_at_held()
        return statistics.median(extra), statistics.median(costs)

    def _look_at_held(self) -> None:
        """The longest so far; what the reference and the commands hold the loop for is not in it."""
        held = self.server.ask("held")
        self.held = {name: max(value, self.held[name]) for name, value in held.items()}

    def _health(self) -> list[list[str]]:
        found = []
        for name, media_type in MEDIA_TYPES.items():
            alone = self._probe(None)
            arguments = (self.server.ready["port"], POLLERS, self.poll_seconds, media_type)
            pollers = subprocess.Popen(
                [sys.executable, "-m", "bench.state_reader", *map(str, arguments)],
                stdout=subprocess.PIPE,
                text=True,
            )
            time.sleep(0.5)
            beside = self._probe(pollers)
            assert pollers.stdout is not None
            taken = sum(json.loads(pollers.stdout.read())["taken"])
            pollers.wait()
            what = f"/health p99, {POLLERS} pollers, {name}, {taken / self.poll_seconds:.1f} answers/s"
            found.append([what, _ms(beside), "no pollers", _ms(alone), "", "50"])
        return found

    def _probe(self, pollers: subprocess.Popen[str] | None) -> float:
        """The 99th percentile, in seconds, while the pollers run, or for a second."""
        seconds = []
        until = time.monotonic() + 1.0
        probe = StateReader(self.server.ready["port"])
        while not seconds or (pollers.poll() is None if pollers else time.monotonic() < until):
            seconds.append(probe.ask("application/json", "/health", "GET")[0])
            time.sleep(HEALTH_PAUSE)
        probe.close()
        return sorted(seconds)[len(seconds) * 99 // 100]


def _row(what: str, seconds: float, reference: str, other: float, wanted: str) -> list[str]:
    return [what, _ms(seconds), reference, _ms(other), f"{seconds / other:.2f}", wanted]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def run(
    agents: int = AGENTS, tasks: int = TASKS, rounds: int = ROUNDS, poll_seconds: float = POLL_SECONDS
) -> list[list[str]]:
    """The rows of the table."""
    with Told("bench.state_server", agents, tasks, is_ready=False) as server:
        return StateBench(server, rounds, poll_seconds).rows()


def main(arguments: list[str]) -> None:
    agents, tasks = (int(each) for each in arguments) if arguments else (AGENTS, TASKS)
    print(f"{agents} agents, {tasks} tasks; load before: {os.getloadavg()[0]:.1f}", file=sys.stderr)
    print(table(HEADINGS, run(agents, tasks)))
    print(f"load after: {os.getloadavg()[0]:.1f}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
