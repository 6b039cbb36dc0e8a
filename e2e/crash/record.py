"""What the owners of operations, tasks and volumes were told: the ledger of the test's own.

It judges: everything that was accepted must have come to exactly one terminal state, told to its owner.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from e2e.crash.contents import LOST, MISSING, NOT_GROWN

FAILED_CHECK = tuple(f"exited with status {status}" for status in (LOST, NOT_GROWN, MISSING))
"""What a task's status says when its volume was not as it must be."""


@dataclass
class Entry:
    """One thing asked for. `accepted`: the answer was 202. `told`: terminal states, as they came.
    `was_asked`: its state was, after that; what was asked before may cross the call that asks for it.
    `about`: its volume's id, where there is one already."""

    kind: str
    accepted: bool = False
    unknown: bool = False
    was_asked: bool = False
    about: str = ""
    told: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


@dataclass
class Record:
    """Everything that the stories asked for."""

    entries: dict[str, Entry] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)

    def begin(self, name: str, kind: str, about: str = "") -> Entry:
        self.entries[name] = Entry(kind, about=about)
        return self.entries[name]

    def tell(self, name: str, state: str, message: str = "") -> None:
        """A terminal state came. Repeats of one are allowed, another one is not."""
        entry = self.entries[name]
        entry.messages.append(message)
        if state not in entry.told:
            entry.told.append(state)

    def forget_refused(self, name: str) -> None:
        """The orchestrator says that it never heard of it."""
        entry = self.entries[name]
        entry.unknown = True

    def judge(self, *, unheard: bool = False) -> list[str]:
        """What is not as it must be, in words.

        `unheard`: allow that an operation (no launch) on offers that had gone was refused by one status that
        its leader did not live to send. None is kept for that: who asks is told that nothing is known of it.
        """
        wrong = list(self.violations)
        for name, entry in self.entries.items():
            if len(entry.told) > 1:
                wrong.append(f"{entry.kind} {name} was told {' and '.join(entry.told)}")
            if entry.unknown and entry.told:
                wrong.append(f"{entry.kind} {name} was said to be unknown, and told {entry.told}")
            if entry.unknown and entry.was_asked and not (unheard and entry.kind != "LAUNCH"):
                wrong.append(f"{entry.kind} {name} was accepted (202), then said to be unknown")
            if entry.accepted and not entry.told and not entry.unknown:
                wrong.append(f"{entry.kind} {name} was accepted, and its owner never told how it ended")
            if any(failed in message for message in entry.messages for failed in FAILED_CHECK):
                what = f"{entry.kind} {name} on {entry.about}"
                wrong.append(f"{what} did not find its data, or its room: {entry.messages}")
        return wrong

    def summary(self) -> str:
        counts = Counter(
            f"{entry.kind} {entry.told[0] if entry.told else 'unknown' if entry.unknown else 'not accepted'}"
            for entry in self.entries.values()
        )
        return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
