"""A scenario: one JSON object, read strictly into steps.

What a file may say is in the tables here, and told to users in docs/allocation-replay.md. A wrong file raises
`BadScenario`, whose one line names the step and what would be right.

Must not: run a step, know which agents and frameworks there are at a step.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from api.model.errors import InvalidRequest
from orchestrator.allocation_replay import values
from orchestrator.allocation_replay.expectations import Expected, read_expected
from orchestrator.allocation_replay.values import BadValue
from orchestrator.allocator import Capability

MAX_STEPS = 100_000
"""Steps of a scenario; a longer one is refused."""

MAX_TICKS = 100_000
"""Allocation intervals that one step may advance."""

MAX_AGENTS_AT_ONCE = 100_000
"""Agents that one step may add."""


class BadScenario(InvalidRequest, ValueError):
    """The file, or one of its steps, makes no sense. The message is one line."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `given`: its arguments by name, read by the table below; absent ones have their default.

    told: the arguments as the file has them.
    """

    number: int
    op: str
    given: Mapping[str, Any]
    told: Mapping[str, Any]
    expected: Expected | None
    why: str

    @property
    def title(self) -> str:
        return f"step {self.number} ({self.op})"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A cluster's story. Amounts in milli-units, times in seconds.

    seed: taken in and of no effect: nothing is drawn at random.
    """

    name: str
    why: str
    steps: tuple[Step, ...]
    allocation_interval: float = 1.0
    fair_sharing_excluded: frozenset[str] = frozenset()
    min_allocatable: tuple[Mapping[str, int], ...] = ({"cpus": 10}, {"mem": 32_000})
    seed: int = 0


Read = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Arguments:
    """What an op takes: what must be there, and what may be, with its default."""

    needed: Mapping[str, Read]
    optional: Mapping[str, tuple[Read, Any]] = field(default_factory=dict)


def _capabilities(value: object) -> frozenset[Capability]:
    return frozenset(Capability(word) for word in values.entries(value, values.one_of(map(str, Capability))))


_AGENT: dict[str, Read] = {"agent": values.name}
_FRAMEWORK: dict[str, Read] = {"framework": values.name}
_RESOURCES: dict[str, Read] = {"resources": values.resources}
_ROLES: dict[str, tuple[Read, Any]] = {"roles": (values.or_null(values.roles), None)}
_USED: dict[str, tuple[Read, Any]] = {"used": (values.resources_by_name, {})}
_RESERVATION: dict[str, Read] = {**_AGENT, "role": values.role, **_RESOURCES}
_KIND: dict[str, tuple[Read, Any]] = {"kind": (values.one_of(("static", "dynamic")), None)}

OPS: Mapping[str, Arguments] = {
    "add_agent": Arguments({**_AGENT, **_RESOURCES}, _USED),
    "add_agents": Arguments(
        _RESOURCES, {"agents": (values.names, ()), "count": (values.whole(MAX_AGENTS_AT_ONCE), None)}
    ),
    "remove_agent": Arguments(_AGENT),
    "update_agent": Arguments({**_AGENT, "total": values.resources}),
    "set_revocable": Arguments({**_AGENT, "cpus": values.amount}),
    "add_resource_provider": Arguments({**_AGENT, "total": values.resources}, _USED),
    "add_framework": Arguments(
        {**_FRAMEWORK, "roles": values.roles},
        {
            "capabilities": (_capabilities, frozenset()),
            "active": (values.truth, True),
            "suppressed": (values.roles, ()),
        },
    ),
    "activate": Arguments(_FRAMEWORK),
    "deactivate": Arguments(_FRAMEWORK),
    "remove_framework": Arguments(_FRAMEWORK),
    "suppress": Arguments(_FRAMEWORK, _ROLES),
    "revive": Arguments(_FRAMEWORK, _ROLES),
    "decline": Arguments(
        {**_FRAMEWORK, **_AGENT, **_RESOURCES}, {"refuse_s": (values.or_null(values.refusal), None)}
    ),
    "launch": Arguments({**_FRAMEWORK, **_AGENT, **_RESOURCES}),
    "recover_all": Arguments({}),
    "reserve": Arguments(_RESERVATION, _KIND),
    "unreserve": Arguments(_RESERVATION, _KIND),
    "set_quota": Arguments(
        {"role": values.role},
        {
            "guarantees": (values.amounts, {}),
            "limits": (values.amounts, {}),
            "force": (values.truth, False),
        },
    ),
    "remove_quota": Arguments({"role": values.role}),
    "set_weight": Arguments({"role": values.role, "weight": values.positive}),
    "tick": Arguments({}, {"n": (values.whole(MAX_TICKS), 1)}),
    "advance_s": Arguments({"s": values.seconds}),
}

_CONFIG: Mapping[str, Read] = {
    "allocation_interval_s": values.interval,
    "fair_sharing_excluded": lambda value: frozenset(values.names(value)),
    "min_allocatable": lambda value: values.entries(value, values.amounts),
    "seed": values.any_whole,
}

_FIELDS = {"allocation_interval_s": "allocation_interval"}


def read_scenario(text: str) -> Scenario:
    """The scenario that `text`, one JSON object, tells. Raises BadScenario."""
    document = _loaded(text)
    named = {key: value for key, value in document.items() if key not in ("config", "steps")}
    unknown = [key for key, value in named.items() if not (value is None or isinstance(value, str))]
    if unknown and unknown[0] in ("name", "why"):
        raise BadScenario(f"{unknown[0]!r} must be a text, or be left out")
    if unknown:
        raise BadScenario(f"{unknown[0]!r} is nothing a scenario says: it has name, why, config and steps")
    steps = document.get("steps")
    if not isinstance(steps, list):
        raise BadScenario('the scenario has no steps: give a list of them as "steps"')
    if len(steps) > MAX_STEPS:
        raise BadScenario(f"the scenario has {len(steps)} steps: at most {MAX_STEPS} can be told")
    return Scenario(
        name=document.get("name") or "",
        why=document.get("why") or "",
        steps=tuple(_step(number, step) for number, step in enumerate(steps, start=1)),
        **_config(document.get("config", {})),
    )


def _loaded(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except BadScenario:
        raise
    except (ValueError, RecursionError) as error:
        raise BadScenario(f"the file is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise BadScenario("the file must hold one JSON object, with the steps of the scenario")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        doubled = next(key for at, (key, _) in enumerate(pairs) if key in dict(pairs[:at]))
        raise BadScenario(f"an object of the file has {doubled!r} twice: give it once")
    return found


def _no_number(text: str) -> float:
    """NaN and infinities are taken in, to be refused where they stand, with the step's name."""
    return float(text)


def _config(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadScenario("config must be an object")
    found: dict[str, Any] = {}
    for key, each in value.items():
        read = _CONFIG.get(key)
        if read is None:
            raise BadScenario(f"config has no {key!r}: it has {', '.join(_CONFIG)}")
        try:
            found[_FIELDS[key] if key in _FIELDS else str(key)] = read(each)
        except BadValue as error:
            raise BadScenario(f"config: {key} {error}") from error
    return found


def _step(number: int, value: object) -> Step:
    op = value.get("op") if isinstance(value, dict) else None
    where = f"step {number}" if not isinstance(op, str) else f"step {number} ({op[:40]})"

    def refuse(problem: str) -> NoReturn:
        raise BadScenario(f"{where}: {problem}")

    if not isinstance(value, dict) or not isinstance(op, str):
        refuse("must be an object with an op")
    arguments = OPS.get(op)
    if arguments is None:
        refuse(f"there is no such op; there is {', '.join(OPS)}")
    given = {key: each for key, each in value.items() if key not in ("op", "expect", "why")}
    readers = {**arguments.needed, **{key: read for key, (read, _) in arguments.optional.items()}}
    found = {key: default for key, (_, default) in arguments.optional.items()}
    for key in given:
        if key not in readers:
            refuse(f"takes no {key!r}; it takes {', '.join(readers) or 'nothing'}")
    for key in arguments.needed:
        if key not in given:
            refuse(f"{key} is missing")
    try:
        for key, each in given.items():
            found[key] = _named(key, readers[key], each)
        expected = _named("expect", read_expected, value["expect"]) if "expect" in value else None
    except BadValue as error:
        refuse(str(error))
    why = value.get("why")
    return Step(number, op, found, given, expected, why if isinstance(why, str) else "")


def _named(key: str, read: Read, value: object) -> Any:
    try:
        return read(value)
    except BadValue as error:
        raise BadValue(f"{key}: {error}") from error
