"""Profiles in Orlop's own form: names for kinds of volumes, and what they mean to the plugin.

    [profiles.NAME]
    fs_type, mount_flags, access_mode, block         what a volume is to its user
    parameters, secrets                              what the plugin is told besides
    capacity_group, cost_ratio, capacity             what its pool draws on, and how much there is
    plugin_type, providers                           which providers it is for; by default all
    description

Nothing here reads a document, asks the plugin, or knows what a profile meant before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

import msgspec

from api.model.errors import OperatorNeeded
from api.model.quantity import MILLI
from provider.records import Profile
from provider.volume import VolumeCapability

MAX_COST = 1000
"""The dearest that a byte of a volume may be in bytes of its group."""

ACCESS_MODES = (
    "SINGLE_NODE_WRITER",
    "SINGLE_NODE_READER_ONLY",
    "MULTI_NODE_READER_ONLY",
    "MULTI_NODE_SINGLE_WRITER",
    "MULTI_NODE_MULTI_WRITER",
    "SINGLE_NODE_SINGLE_WRITER",
    "SINGLE_NODE_MULTI_WRITER",
)

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGTP]i?B|B)?")
_UNITS = {"B": 1} | {
    f"{letter}{infix}B": (1024 if infix else 1000) ** power
    for power, letter in enumerate("KMGTP", start=1)
    for infix in ("i", "")
}


class InvalidProfiles(OperatorNeeded):
    """A profiles document cannot be used: the message says where and why. The last good one is in force."""

    def __init__(self, origin: object, reason: str) -> None:
        super().__init__(f"profiles of {origin}: {reason}", f"edit {origin}")


@dataclass(frozen=True, slots=True)
class Selector:
    """Which providers a profile is for: those named by (type, name), those of a plugin type, or all."""

    providers: frozenset[tuple[str, str]] | None = None
    plugin_type: str | None = None

    def fits(self, identity: Identity) -> bool:
        if self.providers is not None:
            return (identity.type, identity.name) in self.providers
        return self.plugin_type in (None, identity.plugin_type)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who selects: a provider's type and name, and the type of its plugin."""

    type: str
    name: str
    plugin_type: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """One profile of a document, and whom it is for."""

    profile: Profile
    selector: Selector = Selector()


class _Provider(msgspec.Struct, forbid_unknown_fields=True):
    type: str
    name: str


class _ProfileEntry(msgspec.Struct, forbid_unknown_fields=True):
    block: bool = False
    fs_type: str | None = None
    mount_flags: list[str] = []
    access_mode: str = "SINGLE_NODE_WRITER"
    parameters: dict[str, str] = {}
    description: str = ""
    capacity_group: str | None = None
    cost_ratio: float | int | str = 1
    capacity: int | str | None = None
    secrets: dict[str, str] = {}
    volume_context: dict[str, str] = {}
    plugin_type: str | None = None
    providers: list[_Provider] | None = None


class _ProfilesFile(msgspec.Struct, forbid_unknown_fields=True):
    profiles: dict[str, _ProfileEntry]


def default_profiles_text(plugin_type: str | None = None) -> str:
    """The profiles that a cluster has when nobody wrote any, as the content of a file; for one type of plugin
    alone when it is named, so that another one that is added later changes nothing about them.

    The type that is named is the built-in plugin's: an ext4 image of its holds the filesystem's own tables as
    well, so a byte of it takes 131/128 of what a byte of a block device takes.
    """
    whose = "" if plugin_type is None else f'plugin_type = "{plugin_type}"\n'
    ext4, bare = ("", "") if plugin_type is None else ("cost_ratio = 1.31\n", "cost_ratio = 1.28\n")
    return f"""\
# What volumes can be asked for by name. Read again when this file changes; a profile that is known
# keeps its meaning, so give a new meaning a new name.

[profiles.default]
{whose}description = "file system of the plugin's choice"
capacity_group = "pool"
{ext4}# fs_type = "xfs"

[profiles.block]
{whose}description = "raw block device"
block = true
capacity_group = "pool"
{bare}"""


def parse_own(raw: Any) -> dict[str, Callable[[], Declaration]]:
    """What makes each profile's declaration; that raises ValueError for a mistake in it.

    Raises ValueError (also msgspec.ValidationError) when the document as a whole is not of the form.
    """
    content = msgspec.convert(raw, type=_ProfilesFile)
    if not content.profiles:
        raise ValueError("it names 0 profiles: give at least one")
    return {name: partial(_declared, name, entry) for name, entry in content.profiles.items()}


def _declared(name: str, entry: _ProfileEntry) -> Declaration:
    fs_type = "" if entry.fs_type is None else entry.fs_type
    if entry.block and (entry.fs_type is not None or entry.mount_flags):
        raise ValueError(
            "a block volume has no fs_type and no mount_flags: leave them out, or leave block out"
        )
    capability = VolumeCapability(entry.block, fs_type, tuple(entry.mount_flags), entry.access_mode)
    profile = Profile(
        name,
        capability,
        entry.parameters,
        entry.description,
        entry.capacity_group,
        cost_milli(entry.cost_ratio),
        None if entry.capacity is None else size_bytes(entry.capacity),
        entry.secrets,
        entry.volume_context,
    )
    if entry.providers is not None and entry.plugin_type is not None:
        raise ValueError("it has providers and plugin_type: one of them selects, leave the other out")
    if entry.providers == []:
        raise ValueError("providers is empty, so it is for none: name some, or leave it out for all")
    named = None if entry.providers is None else frozenset((p.type, p.name) for p in entry.providers)
    return Declaration(profile, Selector(named, entry.plugin_type))


def cost_milli(ratio: float | int | str) -> int:
    """What a byte of the profile takes of its group, in thousandths of a byte. Raises ValueError.

    Kept exactly: only the proportion between the pools of a group counts, so for one third write 1 and 3.
    """
    try:
        exact = Decimal(str(ratio)) * MILLI
    except InvalidOperation as error:
        raise ValueError(f"cost_ratio {ratio!r} is no number") from error
    if not exact.is_finite() or exact != exact.to_integral_value() or not 1 <= exact <= MAX_COST * MILLI:
        raise ValueError(
            f"cost_ratio {ratio!r} is not between 0.001 and {MAX_COST} with at most three decimals; "
            "only the proportion between pools of one group counts, so for a third write 1 and 3"
        )
    return int(exact)


def size_bytes(size: int | str) -> int:
    """Bytes of `512MiB`, `1.5TiB`, `10GB` or a number of bytes. Raises ValueError."""
    match = _SIZE.fullmatch(str(size).strip())
    if match is None:
        raise ValueError(f"capacity {str(size)[:40]!r} is no size: write 512MiB, 1.5TiB, 10GB or bytes")
    return int(Decimal(match[1]) * _UNITS[match[2] or "B"])
