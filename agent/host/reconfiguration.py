"""What may change of an agent from one start to the next, by the policy that its operator chose. Pure.

    equal     nothing may change
    additive  what frameworks were told stays true: resources and attributes may be added and may grow
    any       everything may change; what tasks and owners make of it is decided elsewhere

A judgement names every difference, allowed or not, so that one look shows all that has to be done.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from api.model.resource import Resource
from api.model.resources import Resources
from api.model.values import Items, Ranges, Scalar, Value


class Policy(enum.StrEnum):
    """The value is what operators write."""

    EQUAL = "equal"
    ADDITIVE = "additive"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Attribute:
    """What frameworks are told of a host. A name may be there several times. `value`: text is a plain str."""

    name: str
    value: Value | str

    @property
    def kind(self) -> str:
        return "TEXT" if isinstance(self.value, str) else self.value.kind


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of an agent that others may have built upon. `resources` are its own, as configured."""

    hostname: str
    port: int
    resources: Resources
    attributes: tuple[Attribute, ...] = ()
    region: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changed: what it was and what it is, in words; empty when it was or is not there.

    `grows`: whatever frameworks were told of it is still true.
    """

    what: str
    old: str
    new: str
    grows: bool

    def __str__(self) -> str:
        if not self.old:
            return f"{self.what} is new ({self.new})"
        if not self.new:
            return f"{self.what} ({self.old}) is gone"
        return f"{self.what} was {self.old} and is {self.new}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What changed, and what of it keeps the agent from starting."""

    policy: Policy
    differences: tuple[Difference, ...] = ()

    @property
    def refused(self) -> tuple[Difference, ...]:
        if self.policy is Policy.ANY:
            return ()
        return tuple(each for each in self.differences if self.policy is Policy.EQUAL or not each.grows)

    @property
    def wider(self) -> Policy:
        """The narrowest policy that allows it all."""
        return Policy.ADDITIVE if all(each.grows for each in self.refused) else Policy.ANY

    @property
    def advice(self) -> str:
        """For the operator of an agent that may not start so: all that is in the way, and the ways on."""
        return (
            f"its configuration is not what it was, and the policy is {self.policy}: "
            f"{'; '.join(str(each) for each in self.refused)}. Start the agent as before, or with "
            f"--reconfiguration-policy {self.wider}"
        )


def judge(policy: Policy, old: Configuration, new: Configuration) -> Judgement:
    """What `policy` says of a start with `new` of an agent that was last started with `old`."""
    return Judgement(policy, tuple(_changes(old, new)))


def _changes(old: Configuration, new: Configuration) -> Iterable[Difference]:
    if old.hostname != new.hostname:
        yield Difference("hostname", old.hostname, new.hostname, grows=False)
    if old.port != new.port:
        yield Difference("port", str(old.port), str(new.port), grows=False)
    before, after = _domain(old), _domain(new)
    if before != after:
        yield Difference("fault domain", before, after, grows=not before)
    yield from _resource_changes(old.resources, new.resources)
    yield from _attribute_changes(old.attributes, new.attributes)


def _domain(configuration: Configuration) -> str:
    return "" if configuration.region is None else f"{configuration.region}/{configuration.zone}"


def _resource_changes(old: Resources, new: Resources) -> Iterable[Difference]:
    before, after = _by_identity(old), _by_identity(new)
    for what in sorted(before.keys() | after.keys()):
        was, now = before.get(what), after.get(what)
        if was != now:
            grows = was is None or (now is not None and _covers(now, was))
            yield Difference(f"resource {what}", _text(was), _text(now), grows)


def _by_identity(resources: Resources) -> dict[str, Value]:
    """What there is of each, by its name, kind, reservation and disk."""
    found: dict[str, Value] = {}
    for resource in resources:
        what = _described(resource)
        found[what] = found[what].plus(resource.value) if what in found else resource.value  # type: ignore[arg-type]
    return found


def _described(resource: Resource) -> str:
    reserved = "".join(str(each) for each in resource.reservations)
    disk = "" if resource.disk is None else f"[{resource.disk}]"
    marks = "".join(f" {mark}" for mark in ("shared", "revocable") if getattr(resource, mark))
    kind = "" if isinstance(resource.value, Scalar) else f" {resource.value.kind}"
    return f"{resource.name}{reserved}{disk}{marks}{kind}"


def _covers(now: Value, was: Value) -> bool:
    return type(now) is type(was) and now.covers(was)  # type: ignore[arg-type]


def _text(value: Value | str | None) -> str:
    return "" if value is None else str(value)


def _attribute_changes(old: Sequence[Attribute], new: Sequence[Attribute]) -> Iterable[Difference]:
    for name in sorted({each.name for each in (*old, *new)}):
        before = [each for each in old if each.name == name]
        after = [each for each in new if each.name == name]
        if _sorted(before) != _sorted(after):
            grows = _matched(before, after, _persists)
            what = f"attribute {name}"
            yield Difference(what, ", ".join(_sorted(before)), ", ".join(_sorted(after)), grows)


def _sorted(attributes: Sequence[Attribute]) -> list[str]:
    return sorted(f"{each.value} ({each.kind})" for each in attributes)


def _persists(was: Attribute, now: Attribute) -> bool:
    """Whether what was told is still true: ranges and sets may grow, a text or a number is what it is."""
    if was.kind != now.kind:
        return False
    if isinstance(was.value, Ranges | Items):
        return _covers(now.value, was.value)  # type: ignore[arg-type]
    return was.value == now.value


def _matched(
    old: Sequence[Attribute], new: Sequence[Attribute], persists: Callable[[Attribute, Attribute], bool]
) -> bool:
    """Whether each of `old` finds one of `new` that is its own: a bipartite matching, by augmenting paths."""
    owners: dict[int, int] = {}

    def place(at: int, tried: set[int]) -> bool:
        for to, each in enumerate(new):
            if to not in tried and persists(old[at], each):
                tried.add(to)
                if to not in owners or place(owners[to], tried):
                    owners[to] = at
                    return True
        return False

    return all(place(at, set()) for at in range(len(old)))
