"""The page that shows the table. Text only; the statuses are those that came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from api.wire.content import MEDIA_TYPES
from tests.compatibility.columns import ABOUT, Column
from tests.compatibility.expected import DIFFERS, expected, is_traced
from tests.compatibility.run import AT_AGENT, AT_ORCHESTRATOR
from tests.compatibility.table import Cell

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "compatibility-table.md"

HEAD = """# What comes back: every call, in every way

Written by `python -m tests.compatibility`, which starts an orchestrator and an agent and tries every call of
the v1 APIs in JSON and in protobuf; the tests fail where a status is not the expected one. Expected is what
is known of existing servers of these APIs, and not what this one happens to answer.

- `202`: came back in both media types, as expected.
- `202*`: nothing is known of what others answer; expected is what follows from the general rules.
- `404 (200)`: differs on purpose from what others answer, which stands in brackets; the reason is below.
- `406 / 406`: JSON / protobuf, where they differ.
- `–`: the column means nothing for the call.

| column | the request |
|---|---|
"""


def page(cells: Mapping[str, Iterable[Cell]]) -> str:
    lines = [HEAD + "\n".join(f"| {column} | {about} |" for column, about in ABOUT.items()) + "\n"]
    for api in (*AT_ORCHESTRATOR, *AT_AGENT):
        lines += _section(api.name, f"{api.title}: `POST {api.path}`", list(cells[api.name]))
    lines += ["\n## Where it differs, and why\n", "| API | call | column | why |", "|---|---|---|---|"]
    lines += [f"| {api} | `{call}` | {column} | {why} |" for (api, call, column), (_, why) in DIFFERS.items()]
    return "\n".join(lines) + "\n"


def _section(api: str, title: str, cells: list[Cell]) -> Iterable[str]:
    columns = [column for column in Column if any(cell.column is column for cell in cells)]
    yield f"\n## {title}\n"
    yield f"| call | {' | '.join(columns)} |"
    yield f"|---|{'---|' * len(columns)}"
    for call in dict.fromkeys(cell.call for cell in cells):
        of_call = [cell for cell in cells if cell.call == call]
        shown = (_shown(api, call, column, of_call) for column in columns)
        yield f"| `{call}` | {' | '.join(shown)} |"


def _shown(api: str, call: str, column: Column, cells: list[Cell]) -> str:
    answered = {cell.media_type: cell.answered for cell in cells if cell.column is column}
    if not answered:
        return "–"
    both = [str(answered[media_type]) for media_type in MEDIA_TYPES]
    text = both[0] if len(set(both)) == 1 else " / ".join(both)
    if (api, call, column) in DIFFERS:
        return f"{text} ({expected(api, call, column)})"
    return text if is_traced(api, call, column) else f"{text}*"
