"""What an operator says that a host has, reserved for roles or not.

As text, `cpus(eng):4;cpus:2;ports:[31000-32000]`, as a JSON list of resource messages, or as `file:///PATH`
of either. Amounts of `mem` and `disk` are in MB, as everywhere in resources. It must not: detect anything, or
know what the agent had before.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from api.model.errors import InvalidRequest
from api.model.quantity import InvalidQuantity
from api.model.resource import Reservation, Resource
from api.model.roles import UNRESERVED, InvalidRole, validate_role
from api.model.validation import validate_resource
from api.model.values import Items, Ranges, Scalar, Value
from api.wire.codec import decode
from api.wire.convert import resource_from_wire
from api.wire.v1 import mesos

MAX_TEXT_BYTES: Final = 256 * 1024
"""A longer statement is refused: it is read whole, and reported with every registration."""

FILE: Final = "file://"

_ENTRY: Final = re.compile(r"(?P<name>[^():;]+?)\s*(\((?P<role>[^()]*)\))?\s*:\s*(?P<value>.+)", re.DOTALL)
_RANGE: Final = re.compile(r"\s*(\d+)\s*-\s*(\d+)\s*")


class InvalidStatement(ValueError):
    """The text does not say what a host has; the message names the part and what would be right."""


def stated_resources(text: str) -> tuple[Resource, ...]:
    """The resources, statically reserved where a role is named. Raises InvalidStatement."""
    if text.startswith(FILE):
        text = _content(Path(text.removeprefix(FILE)))
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise InvalidStatement(f"it has more than {MAX_TEXT_BYTES} bytes")
    listed = _from_json(text) if text.lstrip().startswith("[") else _from_text(text)
    if not listed:
        raise InvalidStatement("it names no resources: leave it out to have them detected")
    for resource in listed:
        _check(resource)
    return listed


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(MAX_TEXT_BYTES + 1).decode()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidStatement(f"{path} cannot be read: {error}") from error


# -- name(role):value;name:value


def _from_text(text: str) -> tuple[Resource, ...]:
    return tuple(_entry(part.strip()) for part in text.split(";") if part.strip())


def _entry(part: str) -> Resource:
    found = _ENTRY.fullmatch(part)
    if found is None:
        raise InvalidStatement(f"{part!r} is not NAME:VALUE or NAME(ROLE):VALUE, for example cpus(eng):4")
    role = UNRESERVED if found["role"] is None else found["role"].strip()
    try:
        validate_role(role)
        value = _value(found["value"].strip())
    except (InvalidRole, InvalidQuantity) as error:
        raise InvalidStatement(f"{part!r}: {error}") from error
    return Resource(found["name"].strip(), value, _reserved(role))


def _reserved(role: str) -> tuple[Reservation, ...]:
    return () if role == UNRESERVED else (Reservation(role, dynamic=False),)


def _value(text: str) -> Value:
    if text.startswith("[") and text.endswith("]"):
        matches = [_RANGE.fullmatch(each) for each in text[1:-1].split(",")]
        if all(matches):
            return Ranges(tuple((int(each[1]), int(each[2])) for each in matches if each is not None))
    elif text.startswith("{") and text.endswith("}"):
        return Items(tuple(each.strip() for each in text[1:-1].split(",") if each.strip()))
    else:
        try:
            return Scalar.of(float(text))
        except ValueError:
            pass
    raise InvalidQuantity(f"{text!r} is not a number, nor [1000-2000,3000-4000], nor {{a,b}}")


# -- JSON


def _from_json(text: str) -> tuple[Resource, ...]:
    try:
        listed = msgspec.json.decode(text, type=list[msgspec.Raw])
        return tuple(
            resource_from_wire(decode(mesos.Resource, bytes(each)), f"resources[{index}]")
            for index, each in enumerate(listed)
        )
    except (msgspec.MsgspecError, InvalidRequest) as error:
        raise InvalidStatement(f"it is no list of resources in JSON: {error}") from error


def _check(resource: Resource) -> None:
    """Raises InvalidStatement for what a host cannot have of itself."""
    if resource.disk is not None:
        raise InvalidStatement(
            f"{resource}: disks with a source come from storage providers; name a plain amount of disk"
        )
    if any(reservation.dynamic for reservation in resource.reservations):
        raise InvalidStatement(f"{resource}: reserve it STATIC here; dynamic ones are made by RESERVE")
    if resource.provider_id is not None or resource.allocated_to is not None or resource.revocable:
        raise InvalidStatement(
            f"{resource}: leave provider_id, allocation_info and revocable out: it is the agent's own"
        )
    try:
        validate_resource(resource)
    except InvalidRequest as error:
        raise InvalidStatement(str(error)) from error
