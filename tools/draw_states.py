"""Draw the transition tables of the code as diagrams in docs/states.md.

    python tools/draw_states.py            write the page
    python tools/draw_states.py --check    write nothing; exit status 1 when the page is stale

The tables are the truth; this only draws them. It must not touch anything but that page.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from agent.checks import health
from agent.containers import state as container_state
from agent.executors import state as executor_state
from agent.tasks import state as task_state
from api.model import operation
from orchestrator import maintenance, volumes, withdrawal
from provider import volume
from provider.plugins import container_life

PAGE = Path(__file__).resolve().parent.parent / "docs" / "states.md"
HEADER = """# States

Drawn from the transition tables in the code by `make docs`; what is not drawn is refused. Edit the tables,
not this page.
"""


def ladder(steps: Mapping[tuple[Any, Any], tuple[Any, Any]]) -> dict[tuple[Any, ...], Any]:
    """(state, goal) -> (operation, state), as a transition table whose events are operations."""
    return {(rung, operation): after for (rung, _), (operation, after) in steps.items()}


TABLES: tuple[tuple[str, str, Mapping[tuple[Any, ...], Any]], ...] = (
    ("An operation", "api/model/operation.py", operation.TRANSITIONS),
    ("An operator's volume", "orchestrator/volumes.py", ladder(volumes.STEPS)),
    (
        "An operator's volume where the provider makes whole ones",
        "orchestrator/volumes.py",
        ladder(volumes.WHOLE_STEPS),
    ),
    ("A machine under maintenance", "orchestrator/maintenance.py", maintenance.TRANSITIONS),
    ("An agent, as its operators have it", "orchestrator/withdrawal.py", withdrawal.TRANSITIONS),
    ("A volume of a storage provider", "provider/volume.py", volume.TRANSITIONS),
    ("A container of a plugin", "provider/plugins/container_life.py", container_life.TRANSITIONS),
    ("A task on its agent", "agent/tasks/state.py", task_state.TRANSITIONS),
    ("A container of an operator", "agent/containers/state.py", container_state.TRANSITIONS),
    ("An executor on its agent", "agent/executors/state.py", executor_state.TRANSITIONS),
    ("A task as its custom executor tells it", "agent/executors/state.py", executor_state.SAID),
    ("The health of a task", "agent/checks/health.py", health.TRANSITIONS),
)


def page() -> str:
    """The whole page."""
    return HEADER + "".join(section(*table) for table in TABLES)


def section(title: str, where: str, table: Mapping[tuple[Any, ...], Any]) -> str:
    lines = [f"\n## {title}\n\n`{where}`\n\n```mermaid\nstateDiagram-v2"]
    lines += [f"    {source} --> {target}: {', '.join(events)}" for source, target, events in edges(table)]
    return "\n".join(lines) + "\n```\n"


def edges(table: Mapping[tuple[Any, ...], Any]) -> Iterable[tuple[str, str, list[str]]]:
    """One arrow for each pair of states, with all that leads along it, in the table's order."""
    found: dict[tuple[str, str], list[str]] = {}
    for (state, *event), target in table.items():
        found.setdefault((word(state), word(target)), []).append(" ".join(word(each) for each in event))
    return ((source, target, events) for (source, target), events in found.items())


def word(value: Any) -> str:
    return str(value.value if isinstance(value, Enum) else value).replace("-", "_")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="only say whether the page is stale")
    text = page()
    is_stale = not PAGE.is_file() or PAGE.read_text() != text
    if parser.parse_args().check:
        if is_stale:
            print("stale: docs/states.md (run make docs)", file=sys.stderr)
        return 1 if is_stale else 0
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
