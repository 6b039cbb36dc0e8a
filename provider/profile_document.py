"""A profiles document: which form it has, whether all of it can be taken, what of it is for whom.

TOML or JSON in Orlop's own form (`profiles`), or JSON in that of Mesos's disk profile mapping
(`profile_mapping`); which one shows at its top-level key. A document is checked strictly: one mistake and
nothing of it is taken. It must not: fetch a document (that is `profile_source`), ask the plugin, or know
what a profile meant before (`known_profiles`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import msgspec

from provider.profile_mapping import is_mapping, parse_mapping
from provider.profiles import ACCESS_MODES, Declaration, Identity, InvalidProfiles, parse_own
from provider.records import Profile

MAX_DOCUMENT_BYTES = 1024 * 1024
"""A larger document is refused: it is read whole."""

MAX_PROFILES = 256
"""More are refused: each is asked for its capacity at every reading."""

MAX_MOUNT_FLAGS_BYTES = 4096
"""CSI 1.x, VolumeCapability.MountVolume: mount flags together are at most 4 KiB."""

MAX_PARAMETERS_BYTES = 4096
"""CSI 1.x, size limits: the keys and values of a map together are at most 4 KiB."""

MAX_STRING_BYTES = 128
"""CSI 1.x, size limits: a string field, as fs_type is, has at most 128 bytes."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")

Document = Mapping[str, Declaration]


def parse_profiles(text: str, origin: object) -> Document:
    """The document `text`, by profile; JSON when it begins as a JSON object does, else TOML.

    Raises InvalidProfiles, which names `origin`.
    """
    is_json = text.lstrip().startswith("{")
    try:
        raw = msgspec.json.decode(text) if is_json else msgspec.toml.decode(text)
        entries = parse_mapping(raw) if is_json and is_mapping(raw) else parse_own(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidProfiles(origin, str(error)) from error
    if len(entries) > MAX_PROFILES:
        raise InvalidProfiles(origin, f"it names {len(entries)} profiles: give at most {MAX_PROFILES}")
    return {name: _declared(name, entries[name], origin) for name in sorted(entries)}


def _declared(name: str, entry: Callable[[], Declaration], origin: object) -> Declaration:
    try:
        declaration = entry()
        _check(name, declaration)
    except ValueError as error:
        raise InvalidProfiles(origin, f"profile {name[:80]!r}: {error}") from error
    return declaration


def select(document: Document, identity: Identity) -> Mapping[str, Profile]:
    """What of the document is for the provider `identity`."""
    return {name: each.profile for name, each in document.items() if each.selector.fits(identity)}


def _check(name: str, declaration: Declaration) -> None:
    """Raises ValueError for what no plugin could be asked for."""
    profile, capability = declaration.profile, declaration.profile.capability
    if not _NAME.fullmatch(name):
        raise ValueError(
            "its name needs 1 to 63 letters, digits, '_', '.' or '-', the first a letter or digit"
        )
    if capability.access_mode not in ACCESS_MODES:
        raise ValueError(f"access_mode {capability.access_mode!r} is not one of {', '.join(ACCESS_MODES)}")
    if len(capability.fs_type.encode()) > MAX_STRING_BYTES:
        raise ValueError(f"its fs_type is longer than {MAX_STRING_BYTES} bytes")
    if sum(len(flag.encode()) for flag in capability.mount_flags) > MAX_MOUNT_FLAGS_BYTES:
        raise ValueError(f"its mount_flags are longer than {MAX_MOUNT_FLAGS_BYTES} bytes")
    for what, pairs in (("parameters", profile.parameters), ("volume_context", profile.volume_context)):
        if sum(len(k.encode()) + len(v.encode()) for k, v in pairs.items()) > MAX_PARAMETERS_BYTES:
            raise ValueError(f"its {what} is longer than {MAX_PARAMETERS_BYTES} bytes")
    if profile.capacity_group == "":
        raise ValueError("capacity_group is empty: name the group or leave it out")
    for key, path in profile.secrets.items():
        if not key or not path.startswith("/"):
            raise ValueError(f"secret {key!r} is {path[:80]!r}: give the absolute path of a file")
