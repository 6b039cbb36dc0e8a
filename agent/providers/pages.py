"""What can be known of a page of a provider's state that cannot be taken, from the bytes of its call.

A state may come in several calls. When one of them is refused the manager has to know, or it would put the
others together without it. Bytes in, facts out; nothing is decided here.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from api.wire.content import PROTOBUF, MediaType
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp


@dataclass(frozen=True, slots=True)
class RefusedPage:
    """`version`: of the state, when it can be told; `more`: whether further pages follow."""

    version: mesos.UUID | None = None
    more: bool = True


def page_in(body: bytes, media_type: MediaType | None) -> RefusedPage | None:
    """The page that a call was which cannot be taken; None when it was something else."""
    return _in_protobuf(body) if media_type == PROTOBUF else _in_json(body)


def _in_json(body: bytes) -> RefusedPage | None:
    try:
        call = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return RefusedPage()
    if not isinstance(call, dict) or call.get("type") != rp.CallType.UPDATE_STATE.value:
        return None
    state = call.get("update_state")
    if not isinstance(state, dict):
        return RefusedPage()
    try:
        version = msgspec.convert(state.get("resource_version_uuid"), mesos.UUID)
    except msgspec.ValidationError:
        version = None
    return RefusedPage(version, state.get("more") is True)


def _in_protobuf(body: bytes) -> RefusedPage | None:
    from api.wire.protobuf import unchecked  # loaded only where it is spoken

    call = unchecked(rp.Call, body) if body else None
    if call is None:
        return RefusedPage()
    kinds = call.DESCRIPTOR.fields_by_name["type"].enum_type
    if kinds is None or call.type != kinds.values_by_name[rp.CallType.UPDATE_STATE.value].number:
        return None
    if not call.HasField("update_state"):
        return RefusedPage()
    state = call.update_state
    version = mesos.UUID(value=state.resource_version_uuid.value)
    return RefusedPage(version if version.value else None, state.more)
