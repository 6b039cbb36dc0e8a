"""What `orlop allocator replay` does: reads a scenario, runs it, prints each step.

No network: everything happens in this process, under a virtual clock.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from api.model.errors import OrlopError
from cli.failures import USAGE, CommandFailed
from cli.options import Output
from cli.output import GAP, print_json, print_table
from orchestrator.allocation_replay.amounts import shown
from orchestrator.allocation_replay.document import Scenario, Step, read_scenario
from orchestrator.allocation_replay.quota import OK
from orchestrator.allocation_replay.replay import Replay, StepResult

MAX_FILE_BYTES: Final = 64 * 2**20
"""A larger scenario is refused."""

ARGUMENTS_SHOWN: Final = 90
"""Characters of a step's arguments that the table shows."""


def replay(file: Path, explain: bool, output: Output) -> None:
    """Prints what came of each step. Raises CommandFailed: USAGE for a wrong file, FAILED for differences."""
    text = _read(file)
    try:
        scenario = read_scenario(text)
        run = Replay(scenario, explain)
        results = run.run()
    except OrlopError as error:
        raise CommandFailed(f"{file}: {error}", USAGE) from error
    if output is Output.JSON:
        print_json(document(scenario, results, run.shares()))
    else:
        _print_for_people(scenario, results, run.shares(), explain)
    differing = [result for result in results if result.differences]
    for result in differing if output is Output.JSON else []:
        for line in result.differences:
            print(f"orlop: {result.step.title}: {line}", file=sys.stderr)
    if differing:
        steps = ", ".join(str(result.step.number) for result in differing)
        raise CommandFailed(f"{file}: not as expected in {_count(len(differing), 'step')}: {steps}")


def document(
    scenario: Scenario, results: Iterable[StepResult], shares: Mapping[str, float]
) -> dict[str, Any]:
    """What `--output json` prints."""
    return {
        "name": scenario.name,
        "steps": [_step_document(result) for result in results],
        "shares": dict(shares),
    }


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_FILE_BYTES + 1)
        if len(content) > MAX_FILE_BYTES:
            raise CommandFailed(f"{file} has more than {MAX_FILE_BYTES} bytes: tell a shorter story", USAGE)
        return content.decode()
    except OSError as error:
        raise CommandFailed(f"{file} cannot be read: {error.strerror}", USAGE) from error
    except UnicodeDecodeError as error:
        raise CommandFailed(f"{file} is not UTF-8: {error.reason}", USAGE) from error


def _step_document(result: StepResult) -> dict[str, Any]:
    outcome = result.outcome
    found: dict[str, Any] = {
        "op": result.step.op,
        "status": outcome.status,
        "offers": [offer.document() for offer in outcome.offers],
        "rescinds": [dict(each) for each in outcome.rescinds],
        "withheld": [dict(each) for each in outcome.withheld],
    }
    if result.refusals:
        found["refusals"] = result.refusals
    if result.differences:
        found["differences"] = result.differences
    return found


def _print_for_people(
    scenario: Scenario, results: list[StepResult], shares: Mapping[str, float], explain: bool
) -> None:
    for line in (scenario.name, scenario.why):
        if line:
            print(line)
    for result in results:
        print()
        _print_step(result, explain)
    if shares:
        print()
        print_table(["ROLE", "SHARE"], [(role, f"{share:.1%}") for role, share in shares.items()], "")


def _print_step(result: StepResult, explain: bool) -> None:
    outcome, step = result.outcome, result.step
    print(f"{step.number}. {step.op} {_arguments(step)}".rstrip())
    notes = [f"   ({step.why})"] if step.why else []
    if outcome.status != OK:
        notes.append(f"   answered {outcome.status}")
    notes += [f"   {line}" for line in result.refusals]
    for line in notes:
        print(line)
    rows = [
        ("offer", offer.framework, offer.role, offer.agent, resources_text(shown(offer.resources)))
        for offer in outcome.offers
    ]
    rows += [("rescind", each["framework"], "", each["agent"], "") for each in outcome.rescinds]
    if explain:
        rows += [("withheld", w["framework"], w["role"], w["agent"], w["reason"]) for w in outcome.withheld]
    if rows:
        width = [max(len(row[at]) for row in rows) for at in range(4)]
        for row in rows:
            cells = [*(row[at].ljust(width[at]) for at in range(4)), row[4]]
            print(f"   {GAP.join(cells)}".rstrip())
    for line in result.differences:
        print(f"   DIFFERS  {line}")


def _arguments(step: Step) -> str:
    text = "  ".join(f"{key}={_told(value)}" for key, value in step.told.items())
    return text if len(text) <= ARGUMENTS_SHOWN else text[: ARGUMENTS_SHOWN - 1] + "…"


def _told(value: object) -> str:
    if isinstance(value, dict):
        return "{" + resources_text(value) + "}"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)


def resources_text(resources: Mapping[str, Any]) -> str:
    """Resources, or anything by name, in a line."""
    return " ".join(f"{name}={_told(value)}" for name, value in resources.items()) or "nothing"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
