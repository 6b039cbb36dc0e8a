"""Write docs/reference from the code: settings of the daemons, limits, and what the APIs serve.

    python tools/write_reference.py            write the pages
    python tools/write_reference.py --check    write nothing; exit status 1 when a page is stale

What stands there is read from the settings' classes, from the constants that have a word about them, from the
tables of served fields and from the .proto files. It must not touch anything but those pages.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

from agent.containers.calls import ContainerCalls
from agent.containers.streams import STREAMED
from agent.devices.calls import DeviceCalls
from agent.images.calls import ImageCalls
from agent.operator_calls import OperatorCalls
from agent.pages.daemon_calls import DaemonCalls as AgentDaemonCalls
from agent.providers.calls import ProviderCalls
from agent.providers.config_calls import ConfigCalls
from agent.reconfiguration_calls import ReconfigurationCalls
from api.model.quantity import format_size
from api.wire.served import SERVED
from api.wire.v1 import agent, master, scheduler
from cli.agent_settings import AgentSettings
from cli.daemon_settings import DevSettings, OrchestratorSettings
from cli.settings import PREFIX, flag_name, shown
from orchestrator import state_calls
from orchestrator.agent_calls import AgentCalls
from orchestrator.explanation_calls import ExplanationCalls
from orchestrator.following.calls import FollowCalls
from orchestrator.maintenance_calls import MaintenanceCalls
from orchestrator.operator_api import OperatorApi
from orchestrator.pages.daemon_calls import DaemonCalls
from orchestrator.reservation_calls import ReservationCalls
from orchestrator.role_calls import RoleCalls
from orchestrator.scheduler_api import SchedulerApi
from orchestrator.task_calls import TaskCalls

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs" / "reference"
NOTE = "Written by `make docs` from the code; edit the code, not this page.\n"
FLOORS = ("api", "store", "provider", "agent", "orchestrator", "client", "cli")
NO_LIMITS = ("api/wire/v1/", "api/wire/message.py")
"""Generated classes, and the bounds of number types."""
FIRST_EXTENSION = 1000
OWN_NUMBERS = ("CapabilityInfo.Capability",)
"""Enums whose numbers begin there in the v1 API itself."""
WORD = re.compile(
    r"LIMIT|MAX|MIN|SECONDS|TIMEOUT|WAIT|BACKOFF|BYTES|DEADLINE|RETRY|ATTEMPTS|PASSES|PAUSE|KEPT|GRACE"
)


# Settings


def settings() -> str:
    parts = ["# Settings of the daemons\n", NOTE]
    for command, kind in (
        ("orlop orchestrator", OrchestratorSettings),
        ("orlop agent", AgentSettings),
        ("orlop dev", DevSettings),
    ):
        live = " | while it runs" if kind is AgentSettings else ""
        rule = "|---" * (5 if live else 4) + "|"
        parts += [f"\n## `{command}`\n", f"| flag | variable | default{live} | |", rule]
        parts += [
            f"| `{flag_name(each.name)}` | `{PREFIX}{each.name.upper()}` | {_default(each.default)} | "
            + (("yes | " if each.metadata["live"] else " | ") if live else "")
            + f"{_cell(each.metadata['help'])} |"
            for each in dataclasses.fields(kind)
        ]
    return "\n".join(parts) + "\n"


def _default(value: Any) -> str:
    if value is None:
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else shown(value) if value else value}`"


# Limits


def limits() -> str:
    parts = ["# Limits\n", NOTE, "Times are in seconds unless a limit says otherwise.\n"]
    for floor in FLOORS:
        rows = [row for path in sorted((ROOT / floor).rglob("*.py")) for row in _limits_of(path)]
        if rows:
            parts += [
                f"\n## {floor}\n",
                "| limit | value | what happens there | where |",
                "|---|---|---|---|",
                *rows,
            ]
    return "\n".join(parts) + "\n"


def _limits_of(path: Path) -> Iterator[str]:
    where = path.relative_to(ROOT).as_posix()
    if where.startswith(NO_LIMITS):
        return
    module = importlib.import_module(where.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    tree = ast.parse(path.read_text())
    for names, about in _documented(tree.body):
        yield from _row(where, {n: getattr(module, n) for n in names if WORD.search(n)}, about)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Limits", "Config")):
            kind = getattr(module, node.name)
            told = re.findall(r"^(\w+): (.+(?:\n    .+)*)", ast.get_docstring(node) or "", re.MULTILINE)
            for names, about in [*(([name], about) for name, about in told), *_documented(node.body)]:
                yield from _row(where, {f"{node.name}.{n}": _by_field(kind, n) for n in names}, about)


def _by_field(kind: type[Any], name: str) -> Any:
    return {each.name: each.default for each in dataclasses.fields(kind)}.get(name)


def _documented(body: list[ast.stmt]) -> Iterator[tuple[list[str], str]]:
    """Names assigned one after the other, and the text that follows them."""
    names: list[str] = []
    for node in body:
        if isinstance(node, ast.AnnAssign | ast.Assign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            names += [target.id] if isinstance(target, ast.Name) else []
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and names:
            yield names, str(node.value.value)
            names = []
        else:
            names = []


def _row(where: str, values: dict[str, Any], about: str) -> Iterator[str]:
    """Limits that share a text stand in one row: it speaks of all of them."""
    numbers = {n: v for n, v in values.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    if numbers:
        names = ", ".join(f"`{name}`" for name in numbers)
        amounts = ", ".join(_number(value) for value in numbers.values())
        yield f"| {names} | {amounts} | {_cell(about)} | {where} |"


def _number(value: float) -> str:
    if isinstance(value, float):
        return f"{value:,.12g}"
    if value >= 2**20 and value % 2**20 == 0:
        return format_size(value)
    return f"{value:,}"


# What the APIs serve


def served() -> str:
    schedulers = _made(SchedulerApi)
    rooms = (
        MaintenanceCalls,
        ReservationCalls,
        ExplanationCalls,
        RoleCalls,
        TaskCalls,
        AgentCalls,
        DaemonCalls,
        FollowCalls,
    )
    further = {kind: handler for room in rooms for kind, handler in _made(room).handlers().items()}
    operators = _made(OperatorApi, further=further)
    agents = OperatorCalls(MagicMock(), MagicMock(), MagicMock(), "")
    parts = ["# What the APIs serve\n", NOTE]
    parts += _calls(
        "Scheduler calls: `POST /api/v1/scheduler`",
        scheduler.CallType,
        {*schedulers._handlers, scheduler.CallType.SUBSCRIBE},
        SERVED[scheduler.Call].refusal,
    )
    parts += _calls(
        "Operator calls: `POST /api/v1` of the orchestrator",
        master.CallType,
        {*operators._handlers, *state_calls.ANSWERED},
        SERVED[master.Call].refusal,
    )
    parts += _calls(
        "Agent calls: `POST /api/v1` of an agent",
        agent.CallType,
        {
            *agents._handlers,
            *ProviderCalls(MagicMock(), MagicMock())._handlers,
            *ConfigCalls(MagicMock())._handlers,
            *ImageCalls(None)._handlers,
            *ReconfigurationCalls(MagicMock())._handlers,
            *DeviceCalls(MagicMock())._handlers,
            *AgentDaemonCalls(MagicMock(), MagicMock())._handlers,
            *ContainerCalls(*[MagicMock()] * 4)._handlers,
            *STREAMED,
            agent.CallType.ATTACH_CONTAINER_INPUT,
        },
        SERVED[agent.Call].refusal,
    )
    return "\n".join([*parts, *_fields(), *_extensions()]) + "\n"


def _made(room: Callable[..., Any], **given: Any) -> Any:
    """A room of which only the names of what it handles are asked for."""
    parameters = inspect.signature(room).parameters
    return room(**{name: given.get(name, MagicMock()) for name in parameters})


def _calls(title: str, types: Any, handled: Iterable[Any], why: Callable[[str], str | None]) -> list[str]:
    handled = set(handled)
    known = [each for each in types if each.value != "UNKNOWN"]
    left = [each.value for each in known if each not in handled]
    rows = [f"| `{each}` | {why(each.lower()) or 'there is nothing behind it yet'} |" for each in left]
    answered = ", ".join(f"`{each.value}`" for each in known if each in handled)
    refused = ["\nRefused with 501:\n", "| call | why, or what instead |", "|---|---|", *rows] if rows else []
    return [f"\n## {title}\n", f"Served: {answered}.", *refused]


def _fields() -> Iterator[str]:
    yield "\n## Fields\n"
    yield "What is not in the table is served. *Refused*: a call that sets the field is answered 400 (about a"
    yield "task or an operation: by a status) with the text beside it. *Ignored*: accepted without effect; in"
    yield "answers and events never filled in.\n"
    yield "| message | fields | | why |"
    yield "|---|---|---|---|"
    for message, fields in SERVED.items():
        name = f"{message.__module__.removeprefix('api.wire.v1.')}.{message.__name__}"
        for what, reasons in (("refused", fields.refused), ("ignored", fields.ignored)):
            for why, names in reasons.items():
                listed = ", ".join(f"`{each}`" for each in names.split())
                yield f"| `{name}` | {listed} | {what} | {why} |"


def _extensions() -> Iterator[str]:
    yield "\n## Extensions\n"
    yield "Fields and enum values that the v1 API does not have, all with numbers from 1000 on.\n"
    yield "| file | in | name | number |"
    yield "|---|---|---|---|"
    proto = ROOT / "api" / "wire" / "proto"
    for path in sorted(proto.glob("mesos/v1/*.proto")):
        scope: list[str] = []
        for line in path.read_text().splitlines():
            text = line.split("//")[0].strip()
            if opened := re.match(r"(?:message|enum|oneof) (\w+) \{", text):
                scope.append(opened[1])
            elif (found := re.search(r"(\w+) = (\d+)", text)) and int(found[2]) >= FIRST_EXTENSION:
                place = ".".join(scope)
                if place not in OWN_NUMBERS:
                    yield f"| {path.name} | `{place}` | `{found[1]}` | {found[2]} |"
            if text.endswith("}") and scope:
                scope.pop()


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


WRITTEN: dict[str, Callable[[], str]] = {"settings.md": settings, "limits.md": limits, "served.md": served}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="only say which pages are stale")
    check = parser.parse_args().check
    stale = []
    for name, write in WRITTEN.items():
        page, text = PAGES / name, write()
        if page.is_file() and page.read_text() == text:
            continue
        stale.append(f"docs/reference/{name}")
        if not check:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text)
    if check and stale:
        print(f"stale: {', '.join(stale)} (run make docs)", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
