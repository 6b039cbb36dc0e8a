"""Device rules as a file: TOML, a table `[[device]]` for each, strictly read.

A field that nobody knows is refused: a rule that means more devices than its author believes is dangerous.
It must not: look at devices.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from api.model.quantity import parse_size
from provider.local_storage.device import Kind
from provider.local_storage.device_rules import Rule, Use

MAX_RULES: Final = 1000
MAX_BYTES: Final = 1024 * 1024
"""Of the file; a larger one is refused whole, as one with more rules is."""

MAX_NAME: Final = 32
"""Letters of a rule's name: with the pool's own twelve and a '_' it names a provider."""

_NAME: Final = re.compile(r"[A-Za-z0-9_]+")


class InvalidRules(Exception):
    """The file cannot be used; the message names the rule and the field, and says what to do."""


def read_rules(path: Path) -> tuple[Rule, ...]:
    """All rules of the file, in their order. Raises InvalidRules."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise InvalidRules(f"{path}: it has more than {MAX_BYTES} bytes")
        return parse_rules(data.decode())
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidRules(f"{path}: it cannot be read: {error}") from error
    except InvalidRules as error:
        raise InvalidRules(f"{path}: {error}") from None


def parse_rules(text: str) -> tuple[Rule, ...]:
    """All rules of a document. Raises InvalidRules."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidRules(f"it is not TOML: {error}") from error
    if unknown := sorted(document.keys() - {"device"}):
        raise InvalidRules(f"{unknown[0]}: there is no such table: rules are [[device]]")
    tables = document.get("device", [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise InvalidRules("device: write each rule as a table [[device]]")
    if len(tables) > MAX_RULES:
        raise InvalidRules(f"there are more than {MAX_RULES} rules")
    rules = tuple(_rule(table, number) for number, table in enumerate(tables, 1))
    names = [rule.name for rule in rules]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidRules(f"two rules are called {twice[0]}: give each a name of its own")
    return rules


def _rule(table: Mapping[str, Any], number: int) -> Rule:
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise InvalidRules(f"rule {number}: give it a name of 1 to {MAX_NAME} letters, digits or '_'")
    values: dict[str, Any] = {"name": name}
    for key, value in table.items():
        if key == "name":
            continue
        if key not in _FIELDS:
            raise InvalidRules(
                f"rule {name}: there is no field {key}: known are {', '.join(sorted(_FIELDS))}"
            )
        field, read = _FIELDS[key]
        try:
            values[field] = read(value)
        except ValueError as error:
            raise InvalidRules(f"rule {name}: {key}: {error}") from error
    return _sound(Rule(**values))


def _sound(rule: Rule) -> Rule:
    if rule.max_size is not None and rule.max_size < rule.min_size:
        raise InvalidRules(f"rule {rule.name}: max_size is less than min_size: no device can be meant")
    for each in rule.even_if_not_empty:
        if not (":" in each or each.startswith("/dev/disk/by-id/")) or set(each) & set("*?["):
            raise InvalidRules(
                f"rule {rule.name}: even_if_not_empty: {each!r} can be another disk's tomorrow: "
                "give a device's identity to the letter (see orlop devices), or its link in /dev/disk/by-id"
            )
    return rule


def _words(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise ValueError("give a list of texts")
    return tuple(value)


def _paths(value: Any) -> tuple[str, ...]:
    found = _words(value)
    if wrong := [each for each in found if not each.startswith("/")]:
        raise ValueError(f"{wrong[0]!r} is not absolute")
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("give a text")
    return value


def _size(value: Any) -> int:
    if not isinstance(value, str):
        raise ValueError("give a size with its unit, as '100GiB'")
    return parse_size(value)


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("give true or false")
    return value


def _kinds(value: Any) -> frozenset[Kind]:
    known = [Kind.DISK, Kind.PARTITION, Kind.LOOP]
    found = _words([value] if isinstance(value, str) else value)
    if not found or set(found) - set(known):
        raise ValueError(f"give some of {', '.join(known)}")
    return frozenset(Kind(each) for each in found)


def _use(value: Any) -> Use:
    if value not in list(Use):
        raise ValueError(f"give one of {', '.join(Use)}")
    return Use(value)


_FIELDS: Final[Mapping[str, tuple[str, Callable[[Any], Any]]]] = {
    "use": ("use", _use),
    "paths": ("paths", _paths),
    "identities": ("identities", _words),
    "model": ("model", _text),
    "min_size": ("min_size", _size),
    "max_size": ("max_size", _size),
    "rotational": ("rotational", _truth),
    "kind": ("kinds", _kinds),
    "even_if_not_empty": ("even_if_not_empty", _words),
}
