"""What a framework was told of its tasks, status by status, and whether that is as it must be."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from msgspec import UNSET

from api.wire.v1 import mesos
from e2e.task_crash.kinds import STARTED, TaskKind

RANKS: Final = {"TASK_STAGING": 0, "TASK_STARTING": 1, "TASK_RUNNING": 2, "TASK_KILLING": 3}
OVER: Final = 4
KNOWLEDGE: Final = frozenset({"TASK_UNREACHABLE", "TASK_UNKNOWN"})
"""What the orchestrator says of itself, and of nobody's fate."""
NOT_STARTED: Final = frozenset({"TASK_DROPPED", "TASK_GONE"})
"""States that say that a task never ran."""


@dataclass
class Story:
    """One task: what was asked for, what was told. `told` are the statuses with a uuid, at first sight.

    `group`: the names of the tasks that were launched with it, itself among them. `containers`: its own and
    what it is nested in, or its executor's.
    """

    kind: TaskKind
    group: tuple[str, ...]
    accepted: bool = False
    containers: set[str] = field(default_factory=set)
    told: list[tuple[bytes, str, str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def end(self) -> tuple[str, str]:
        """The terminal state and its message; empty while there is none."""
        ends = [(state, message) for _, state, message in self.told if rank(state) == OVER]
        return ends[0] if ends else ("", "")


def rank(state: str) -> int:
    return RANKS.get(state, OVER)


class Chronicle:
    """All tasks of a run. `struck` are the containers of which something was killed."""

    def __init__(self) -> None:
        self.stories: dict[str, Story] = {}
        self.struck: set[str] = set()
        self.wrong: list[str] = []

    def hear(self, status: mesos.TaskStatus) -> Story | None:
        """Take a status in; the story that it is of."""
        name, state = status.task_id.value, str(status.state)
        story = self.stories.get(name)
        if story is None:
            self.wrong.append(f"a status of {name}, which was never asked for: {state}")
            return None
        if status.container_status is not UNSET and status.container_status.container_id is not UNSET:
            container = status.container_status.container_id
            story.containers.add(container.value)
            if container.parent is not UNSET:
                story.containers.add(container.parent.value)
        message = "" if status.message is UNSET else status.message
        if status.uuid is UNSET or state in NOT_STARTED:
            if state not in KNOWLEDGE:
                story.answers.append(state)
            return story
        if any(uuid == status.uuid for uuid, _, _ in story.told):
            return story  # sent again
        if story.told and rank(state) < rank(story.told[-1][1]):
            self.wrong.append(f"{name} ({story.kind.name}) was {story.told[-1][1]}, and after it {state}")
        if story.end[0]:
            self.wrong.append(f"{name} ({story.kind.name}) was told {story.end[0]}, and after it {state}")
        story.told.append((bytes(status.uuid), state, message))
        return story

    def judge(self, sandboxes: Path) -> list[str]:
        """What is not as it must be, in words. `sandboxes` is the agent's directory of them."""
        wrong = list(self.wrong)
        for name, story in self.stories.items():
            wrong += [f"{name} ({story.kind.name}): {each}" for each in self._judge(name, story, sandboxes)]
        return wrong

    def _judge(self, name: str, story: Story, sandboxes: Path) -> list[str]:
        if not story.accepted:
            return []
        state, message = story.end
        if not state:
            dropped = NOT_STARTED.intersection(story.answers)
            return [] if dropped else [f"never came to an end; it was told {story.told}, {story.answers}"]
        wrong = []
        places = (f"*/*/*/{STARTED}{name}", f"*/*/*/tasks/{name}/{STARTED}{name}")
        files = [file for place in places for file in sandboxes.glob(place)]
        starts = [file.read_text().count("\n") for file in files]
        if sum(starts) > 1:
            wrong.append(f"was started {sum(starts)} times")
        if self._is_struck(story):
            return wrong
        if state != story.kind.ends or story.kind.says not in message:
            wrong.append(f"nothing of it was killed, and it ended {state}: {message}")
        return wrong

    def _is_struck(self, story: Story) -> bool:
        """Whether something was killed of it, or of what was launched with it."""
        return any(self.stories[name].containers & self.struck for name in story.group)

    def summary(self) -> str:
        counts = Counter(
            f"{story.kind.name}: {story.end[0] or 'not accepted or not run'}"
            + (" (struck)" if self._is_struck(story) else "")
            for story in self.stories.values()
        )
        return ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
