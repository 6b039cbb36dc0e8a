"""google.protobuf. Made by tools/generate_wire.py. Do not edit: change the .proto file and run `make proto`."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from api.wire.message import Int32, Int64, Message


class Duration(Message, kw_only=True):
    """google.protobuf.Duration"""

    seconds: Int64 | UnsetType = UNSET
    nanos: Int32 | UnsetType = UNSET
