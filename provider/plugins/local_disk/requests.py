"""What a client may ask, checked: CSI messages in, plain values out, or a refusal that names the field.

No I/O and no state: the same request is always judged the same. Limits are those of the CSI specification
("Size Limits"), or our own where it has none.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from csi_spec import csi_pb2
from provider.plugins.local_disk.geometry import (
    BYTES_PER_INODE_CHOICES,
    DEFAULT_BYTES_PER_INODE,
    GIB,
    MAXIMUM_VOLUME_BYTES,
    AccessType,
    Layout,
    minimum_bytes,
    whole_mib,
)
from provider.plugins.local_disk.mounts import FLAGS
from provider.plugins.local_disk.records import AccessMode
from provider.plugins.local_disk.refusals import invalid_argument, out_of_range

STRING_BYTES = 128
MAP_BYTES = 4096
PATH_BYTES = 4095
CAPABILITY_LIMIT = 32
"""Capabilities in one request; more is refused with INVALID_ARGUMENT."""

DEFAULT_VOLUME_BYTES = GIB
"""Size of a volume whose request names none."""

BYTES_PER_INODE = "bytes_per_inode"

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

MODES: dict[int, AccessMode] = {
    csi_pb2.VolumeCapability.AccessMode.SINGLE_NODE_WRITER: "SINGLE_NODE_WRITER",
    csi_pb2.VolumeCapability.AccessMode.SINGLE_NODE_READER_ONLY: "SINGLE_NODE_READER_ONLY",
    csi_pb2.VolumeCapability.AccessMode.SINGLE_NODE_SINGLE_WRITER: "SINGLE_NODE_SINGLE_WRITER",
    csi_pb2.VolumeCapability.AccessMode.SINGLE_NODE_MULTI_WRITER: "SINGLE_NODE_MULTI_WRITER",
}
"""A local disk is on one node: the modes of several nodes are refused."""


class Capability(msgspec.Struct, frozen=True):
    """A VolumeCapability that this plugin understands. `fs_type` as asked for: "" means the default."""

    access_type: AccessType
    fs_type: str
    mode: AccessMode
    mount_flags: tuple[str, ...] = ()


def check_name(name: str) -> str:
    """The name of a volume to create (CreateVolumeRequest.name)."""
    check_string(name, "name")
    if _FORBIDDEN.search(name):
        raise invalid_argument("name holds control characters")
    return name


def check_string(value: str, field: str) -> str:
    if not value:
        raise invalid_argument(f"{field} is missing")
    if len(value.encode()) > STRING_BYTES:
        raise invalid_argument(f"{field} is longer than {STRING_BYTES} bytes")
    return value


def check_map(value: Mapping[str, str], field: str) -> dict[str, str]:
    if sum(len(key.encode()) + len(text.encode()) for key, text in value.items()) > MAP_BYTES:
        raise invalid_argument(f"{field} is larger than {MAP_BYTES} bytes")
    return dict(value)


def check_possible_path(path: str, field: str) -> str:
    """A path where something may be or not: for looking up what was made before."""
    if not path:
        raise invalid_argument(f"{field} is missing")
    if len(path.encode()) > PATH_BYTES or "\0" in path:
        raise invalid_argument(f"{field} is not a possible path")
    return path


def check_path(path: str, field: str) -> str:
    """An absolute path that says plainly where it leads, without a trailing slash."""
    check_possible_path(path, field)
    if not path.startswith("/") or ".." in path.split("/"):
        raise invalid_argument(f"{field} must be absolute and without '..'")
    plain = os.path.normpath(path)
    if plain.strip("/") == "":
        raise invalid_argument(f"{field} must not be the root folder")
    return "/" + plain.lstrip("/")


def capability(message: csi_pb2.VolumeCapability, field: str = "volume_capability") -> Capability:
    """Raises Refusal INVALID_ARGUMENT for what is missing, unknown, or not for a local disk."""
    kind = message.WhichOneof("access_type")
    if kind is None:
        raise invalid_argument(f"{field}: block or mount must be set")
    if not message.HasField("access_mode") or message.access_mode.mode == 0:
        raise invalid_argument(f"{field}: access_mode is missing")
    mode = MODES.get(message.access_mode.mode)
    if mode is None:
        raise invalid_argument(f"{field}: access mode {message.access_mode.mode} needs more than one node")
    if kind == "block":
        return Capability("block", "", mode)
    if message.mount.volume_mount_group:
        raise invalid_argument(f"{field}: volume_mount_group is not supported")
    return Capability("mount", message.mount.fs_type, mode, _mount_flags(message.mount.mount_flags, field))


def _mount_flags(flags: Iterable[str], field: str) -> tuple[str, ...]:
    asked = set(flags) - {"rw", "defaults"}
    unknown = sorted(asked - FLAGS.keys())
    if unknown:
        known = ", ".join(sorted(FLAGS))
        raise invalid_argument(f"{field}: unknown mount flag {unknown[0][:64]!r}; there are {known}")
    return tuple(sorted(asked))


def capabilities(messages: Iterable[csi_pb2.VolumeCapability]) -> list[Capability]:
    """All of them, at least one, all of the same access type."""
    found = [capability(each, f"volume_capabilities[{n}]") for n, each in enumerate(messages)]
    if not found:
        raise invalid_argument("volume_capabilities is missing")
    if len(found) > CAPABILITY_LIMIT:
        raise invalid_argument(f"more than {CAPABILITY_LIMIT} volume_capabilities")
    if len({each.access_type for each in found}) > 1:
        raise invalid_argument("volume_capabilities: a volume is either block or mount, not both")
    return found


def check_parameters(parameters: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    """Parameters of a volume; those that the plugin does not know are refused, so that none is ignored."""
    checked = check_map(parameters, "parameters")
    unknown = sorted(checked.keys() - set(known))
    if unknown:
        names = ", ".join(sorted(known)) or "none"
        raise invalid_argument(f"parameters: unknown key {unknown[0][:STRING_BYTES]!r}; known here: {names}")
    return checked


def bytes_per_inode(parameters: Mapping[str, str]) -> int:
    text = parameters.get(BYTES_PER_INODE, str(DEFAULT_BYTES_PER_INODE))
    if text not in {str(choice) for choice in BYTES_PER_INODE_CHOICES}:
        raise invalid_argument(f"parameters: {BYTES_PER_INODE} must be one of {BYTES_PER_INODE_CHOICES}")
    return int(text)


def wanted_size(request: csi_pb2.CapacityRange, layout: Layout) -> int:
    """The size in bytes, whole MiB, of a volume for this range.

    Raises Refusal INVALID_ARGUMENT for what makes no sense, OUT_OF_RANGE for what no pool could hold.
    """
    required, limit = check_range(request)
    least = minimum_bytes(layout)
    what = layout.fs_type or layout.access_type
    if required > MAXIMUM_VOLUME_BYTES:
        raise out_of_range(f"a volume has at most {MAXIMUM_VOLUME_BYTES} bytes, not {required}")
    if 0 < required < least or 0 < limit < least:
        raise out_of_range(f"a {what} volume has at least {least} bytes, not {required or limit}")
    size = whole_mib(required) if required else max(DEFAULT_VOLUME_BYTES, least)
    if limit and not required:
        size = min(size, limit // whole_mib(1) * whole_mib(1))
    if limit and size > limit:
        raise out_of_range(f"volumes have whole MiB: {size} bytes would be more than limit_bytes {limit}")
    return size


def check_range(request: csi_pb2.CapacityRange) -> tuple[int, int]:
    """(required_bytes, limit_bytes), 0 for what is not set."""
    required, limit = request.required_bytes, request.limit_bytes
    if required < 0 or limit < 0:
        raise invalid_argument("capacity_range: sizes must not be negative")
    if limit and required > limit:
        raise out_of_range(f"capacity_range: required_bytes {required} is more than limit_bytes {limit}")
    return required, limit


def satisfies(size: int, request: csi_pb2.CapacityRange) -> bool:
    """Whether a volume of that size is what the range asks for."""
    required, limit = check_range(request)
    return required <= size and (not limit or size <= limit)


def refuse_unsupported(request: Any, fields: Iterable[str]) -> None:
    """Features that the plugin does not announce are refused, not ignored. INVALID_ARGUMENT."""
    for field in fields:
        value = getattr(request, field)
        present = request.HasField(field) if hasattr(value, "DESCRIPTOR") else bool(value)
        if present:
            raise invalid_argument(f"{field} is not supported by this plugin")


def segments(topology: csi_pb2.Topology) -> dict[str, str]:
    return cast("dict[str, str]", dict(topology.segments))
