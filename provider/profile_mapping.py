"""Mesos's disk profile mapping: the JSON form that its URI disk profile adaptor reads.

    {"profile_matrix": {NAME: {"resource_provider_selector": {"resource_providers": [{"type", "name"}]}
                                or "csi_plugin_type_selector": {"plugin_type"},
                               "volume_capabilities": {"mount": {"fs_type", "mount_flags"} or "block": {},
                                                       "access_mode": {"mode"}},
                               "create_parameters": {KEY: VALUE}}}}

Field names may also be written as protobuf's JSON has them (`profileMatrix`), modes as their numbers.
Unknown fields are refused. What is valid beyond the form is the business of `profile_document`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from provider.profiles import ACCESS_MODES, Declaration, Selector
from provider.records import Profile
from provider.volume import VolumeCapability

KEY = "profile_matrix"

_MODE_NUMBERS = {
    1: "SINGLE_NODE_WRITER",
    2: "SINGLE_NODE_READER_ONLY",
    3: "MULTI_NODE_READER_ONLY",
    4: "MULTI_NODE_SINGLE_WRITER",
    5: "MULTI_NODE_MULTI_WRITER",
    6: "SINGLE_NODE_SINGLE_WRITER",
    7: "SINGLE_NODE_MULTI_WRITER",
}
"""CSI 1.x, VolumeCapability.AccessMode.Mode."""


class _Strict(msgspec.Struct, forbid_unknown_fields=True):
    pass


class _Provider(_Strict):
    type: str
    name: str


class _ProviderSelector(_Strict):
    resource_providers: list[_Provider] = []


class _PluginSelector(_Strict):
    plugin_type: str


class _Mount(_Strict):
    fs_type: str = ""
    mount_flags: list[str] = []


class _AccessMode(_Strict):
    mode: str | int


class _Capability(_Strict):
    access_mode: _AccessMode
    mount: _Mount | None = None
    block: dict[str, None] | None = None


class _Manifest(_Strict):
    volume_capabilities: _Capability
    resource_provider_selector: _ProviderSelector | None = None
    csi_plugin_type_selector: _PluginSelector | None = None
    create_parameters: dict[str, str] = {}


_FIELDS = frozenset(
    {
        KEY,
        *(name for kind in _Strict.__subclasses__() for name in kind.__struct_fields__),
    }
)


def is_mapping(raw: Any) -> bool:
    """Whether a decoded JSON document is of this form."""
    return isinstance(raw, dict) and bool({KEY, _camel(KEY)} & raw.keys())


def parse_mapping(raw: Mapping[str, Any]) -> dict[str, Callable[[], Declaration]]:
    """What makes each profile's declaration; that raises ValueError for a mistake in it.

    Raises ValueError (also msgspec.ValidationError) when the document as a whole is not of the form.
    """
    (key, *others) = sorted(raw, key=lambda name: name not in (KEY, _camel(KEY)))
    if others:
        raise ValueError(f"unknown field {others[0]!r} beside {key}")
    matrix = raw[key]
    if not isinstance(matrix, dict):
        raise ValueError(f"{key} is no object of profiles by name")
    return {name: partial(_declared, name, entry) for name, entry in matrix.items()}


def _declared(name: str, entry: Any) -> Declaration:
    manifest = msgspec.convert(_snake(entry), type=_Manifest)
    capability = _capability(manifest.volume_capabilities)
    profile = Profile(name, capability, manifest.create_parameters)
    return Declaration(profile, _selector(manifest))


def _selector(manifest: _Manifest) -> Selector:
    by_provider, by_plugin = manifest.resource_provider_selector, manifest.csi_plugin_type_selector
    if (by_provider is None) == (by_plugin is None):
        raise ValueError("it needs one of resource_provider_selector and csi_plugin_type_selector")
    if by_plugin is not None:
        if not by_plugin.plugin_type:
            raise ValueError("the plugin_type of its csi_plugin_type_selector is empty")
        return Selector(plugin_type=by_plugin.plugin_type)
    assert by_provider is not None
    if not by_provider.resource_providers:
        raise ValueError("its resource_provider_selector names no resource_providers")
    if not all(each.type and each.name for each in by_provider.resource_providers):
        raise ValueError("its resource_provider_selector names one without type or name")
    return Selector(frozenset((each.type, each.name) for each in by_provider.resource_providers))


def _capability(wanted: _Capability) -> VolumeCapability:
    if (wanted.mount is None) == (wanted.block is None):
        raise ValueError("its volume_capabilities need one of mount and block")
    mode = wanted.access_mode.mode
    name = _MODE_NUMBERS.get(mode, str(mode)) if isinstance(mode, int) else mode
    if name not in ACCESS_MODES:
        raise ValueError(f"its access_mode {mode!r} is not one of {', '.join(ACCESS_MODES)}")
    if wanted.mount is None:
        return VolumeCapability(True, "", (), name)
    return VolumeCapability(False, wanted.mount.fs_type, tuple(wanted.mount.mount_flags), name)


def _snake(value: Any, *, names: bool = True) -> Any:
    """The value with field names as the messages have them; keys of create_parameters are no names."""
    if isinstance(value, list):
        return [_snake(each) for each in value]
    if not isinstance(value, dict) or not names:
        return value
    found: dict[str, Any] = {}
    for key, each in value.items():
        name = next((field for field in _FIELDS if key in (field, _camel(field))), key)
        if name in found:
            raise ValueError(f"field {name} is there twice")
        found[name] = _snake(each, names=name != "create_parameters")
    return found


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
