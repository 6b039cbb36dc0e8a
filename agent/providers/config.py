"""The configuration of a resource provider: what makes a good one, how it is read, what may change in it.

Pure: nothing is started and no file is touched. It must not know how a plugin is run: whether its containers
can be made is `agent.providers.plugin_config`'s to say, which judges them by making them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET

from api.model.errors import InvalidRequest
from api.wire.codec import decode
from api.wire.errors import InvalidMessage, MalformedDocument
from api.wire.message import Message
from api.wire.schema import Label, fields_of
from api.wire.v1 import mesos
from provider.default_reservations import default_reservations_of

TYPE: Final = "org.apache.mesos.rp.local.storage"
"""The one kind of resource provider that an agent runs by itself."""

MAX_NAME: Final = 63
"""Letters of a provider's or plugin's name: it becomes a part of file names and of container ids."""

MAX_CONFIG_BYTES: Final = 256 * 1024
"""A larger configuration is refused: it is read whole."""

_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
_TYPE: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
_NAME_RULE: Final = f"1 to {MAX_NAME} letters, digits or '_'"

Key = tuple[str, str]
"""A provider's type and name: what names its configuration."""

CHANGEABLE: Final = (
    "containers",
    "secrets",
    "admit",
    "max_concurrent_calls",
    "probe_seconds",
    "learn_capacity_groups",
)
"""Fields of `storage.plugin` that an update may change: none of them says which volumes there are."""


class InvalidConfig(Exception):
    """The configuration cannot be used. The message names the field, and what to do about it."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")


def key_of(info: mesos.ResourceProviderInfo) -> Key:
    """What names this configuration."""
    return info.type, info.name


def decode_config(data: bytes) -> mesos.ResourceProviderInfo:
    """The configuration in a file. A field that nobody knows is refused: it is most likely misspelt.

    Raises InvalidConfig.
    """
    if len(data) > MAX_CONFIG_BYTES:
        raise InvalidConfig("the file", f"it has more than {MAX_CONFIG_BYTES} bytes")
    try:
        info = decode(mesos.ResourceProviderInfo, data)
        unknown = _unknown_field(mesos.ResourceProviderInfo, msgspec.json.decode(data), "")
    except MalformedDocument as error:
        raise InvalidConfig("the file", f"it is not JSON: {error}") from error
    except InvalidMessage as error:
        raise InvalidConfig(error.path or "the file", error.reason) from error
    if unknown is not None:
        raise InvalidConfig(unknown, "there is no such field: is it misspelt?")
    return info


def encode_config(info: mesos.ResourceProviderInfo) -> bytes:
    """The configuration as the content of a file, for people to read."""
    return msgspec.json.format(msgspec.json.encode(info), indent=2) + b"\n"


def validate(info: mesos.ResourceProviderInfo) -> None:
    """Raises InvalidConfig unless all but the containers makes sense."""
    if info.id is not UNSET:
        raise InvalidConfig("id", "leave it out: the agent gives a provider its id")
    if info.type != TYPE:
        raise InvalidConfig("type", f"{info.type!r} is none that an agent runs: give {TYPE!r}")
    validate_name("name", info.name)
    try:
        default_reservations_of(info)
    except InvalidRequest as error:
        raise InvalidConfig("default_reservations", str(error)) from error
    if info.storage is UNSET:
        raise InvalidConfig("storage", "it is missing: give the plugin there")
    interval = info.storage.reconciliation_interval_seconds
    if interval is not UNSET and interval < 0:
        raise InvalidConfig("storage.reconciliation_interval_seconds", "give 0 (never) or more seconds")
    _validate_plugin(info.storage.plugin)


def validate_name(field: str, name: str) -> None:
    """Raises InvalidConfig unless it can name a provider."""
    if not _NAME.fullmatch(name) or len(name) > MAX_NAME:
        raise InvalidConfig(field, f"{name[:80]!r} cannot be one: give {_NAME_RULE}")


def _validate_plugin(plugin: mesos.CSIPluginInfo) -> None:
    at = "storage.plugin"
    if not _TYPE.fullmatch(plugin.type) or len(plugin.type) > MAX_NAME:
        raise InvalidConfig(
            f"{at}.type", f"{plugin.type[:80]!r} cannot be one: give {_NAME_RULE}, with dots or '-' between"
        )
    validate_name(f"{at}.name", plugin.name)
    if plugin.endpoints:
        raise InvalidConfig(f"{at}.endpoints", "plugins run as containers: give containers instead")
    if plugin.target_path_exists is True:
        raise InvalidConfig(
            f"{at}.target_path_exists", "a driver makes its target path itself, as CSI has it: leave it out"
        )
    root = plugin.target_path_root
    if root is not UNSET and (not root.startswith("/") or ".." in root.split("/") or "\0" in root):
        raise InvalidConfig(f"{at}.target_path_root", f"{root!r} is not an absolute path")
    if plugin.max_concurrent_calls is not UNSET and plugin.max_concurrent_calls == 0:
        raise InvalidConfig(f"{at}.max_concurrent_calls", "give 1 or more, or leave it out")
    if plugin.probe_seconds is not UNSET and plugin.probe_seconds <= 0:
        raise InvalidConfig(f"{at}.probe_seconds", "give more than 0 seconds, or leave it out")
    if "" in plugin.admit:
        raise InvalidConfig(f"{at}.admit", "a pattern is empty: give ids of volumes, or * for all")


def fixed_differences(old: mesos.ResourceProviderInfo, new: mesos.ResourceProviderInfo) -> list[str]:
    """The fields that differ and must not, by their paths."""
    found = _differences(old, new, "", skip=("storage",))
    if old.storage is UNSET or new.storage is UNSET:
        return [*found, "storage"]
    found += _differences(old.storage, new.storage, "storage.", skip=("plugin",))
    return found + _differences(old.storage.plugin, new.storage.plugin, "storage.plugin.", skip=CHANGEABLE)


def _differences(old: Message, new: Message, at: str, skip: tuple[str, ...]) -> list[str]:
    return [
        f"{at}{name}"
        for name in fields_of(type(old))
        if name not in skip and getattr(old, name) != getattr(new, name)
    ]


def _unknown_field(message: type[Message], document: Any, at: str) -> str | None:
    """The path of the first field in the document that the message does not have."""
    if not isinstance(document, Mapping):
        return None
    shapes = fields_of(message)
    for name, value in document.items():
        path = f"{at}.{name}" if at else str(name)
        if name not in shapes:
            return path
        shape = shapes[name]
        if not isinstance(shape.type, type) or not issubclass(shape.type, Message):
            continue
        inner: Mapping[Any, Any] = {"": value}
        if shape.label is Label.MAP and isinstance(value, Mapping):
            inner = {f"[{key!r}]": each for key, each in value.items()}
        elif isinstance(value, list):
            inner = {f"[{index}]": each for index, each in enumerate(value)}
        for suffix, each in inner.items():
            unknown = _unknown_field(shape.type, each, f"{path}{suffix}")
            if unknown is not None:
                return unknown
    return None
