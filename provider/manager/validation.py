"""Whether a provider's call can be taken: complete, readable, and about nobody's resources but its own.

Pure. `owner_problem` is for every call, `content_problem` for calls of providers that are other programs:
what they send is passed on to the orchestrator, which has to be able to read it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from msgspec import UNSET, UnsetType

from api.model.errors import InvalidRequest
from api.model.resources import Resource
from api.model.validation import validate_resource
from api.wire.convert import resource_list_from_wire, uuid_from_wire
from api.wire.convert_operations import operation_from_wire
from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp

Type = rp.CallType
Answer = rp.CallUpdatePublishResourcesStatusStatus

MAX_PROFILE_CHARACTERS = 200
"""Of a profile's name; operators ask for volumes by it."""

SAID = frozenset(
    {
        "OPERATION_PENDING",
        "OPERATION_FINISHED",
        "OPERATION_FAILED",
        "OPERATION_ERROR",
        "OPERATION_DROPPED",
    }
)
"""States that a provider can say of its operations; the others are somebody else's knowledge."""


def owner_problem(call: rp.Call, provider_id: str) -> str | None:
    """What is wrong with a call (not SUBSCRIBE) of the provider `provider_id`; None when nothing is."""
    if call.resource_provider_id is UNSET:
        return "expecting 'resource_provider_id' to be present: say the id that SUBSCRIBED told"
    if call.resource_provider_id.value != provider_id:
        return (
            f"'resource_provider_id' is {call.resource_provider_id.value!r}, and this stream is provider "
            f"{provider_id}'s"
        )
    missing = missing_content(call)
    if missing is not None:
        return missing
    if call.update_state is not UNSET and call.type is Type.UPDATE_STATE:
        return _not_owned(call.update_state.resources, provider_id, "update_state.resources")
    if call.update_operation_status is not UNSET and call.type is Type.UPDATE_OPERATION_STATUS:
        status = call.update_operation_status.status
        if _value(status.resource_provider_id) != provider_id:
            return (
                "expecting 'update_operation_status.status.resource_provider_id' to be this provider's id, "
                f"{provider_id}"
            )
        return _not_owned(status.converted_resources, provider_id, "status.converted_resources")
    if (
        call.update_publish_resources_status is not UNSET
        and call.type is Type.UPDATE_PUBLISH_RESOURCES_STATUS
    ):
        for index, volume in enumerate(call.update_publish_resources_status.published):
            if volume.provider_id is not UNSET and volume.provider_id.value != provider_id:
                return f"'published[{index}].provider_id' is not {provider_id}: a provider publishes its own"
    return None


def missing_content(call: rp.Call) -> str | None:
    """The field that the call's type needs and that is not there; None when nothing is missing."""
    needed = CONTENT.get(call.type) if call.type is not UNSET else None
    if needed is not None and getattr(call, needed) is UNSET:
        return f"expecting '{needed}' to be present"
    return None


CONTENT = {
    Type.SUBSCRIBE: "subscribe",
    Type.UPDATE_STATE: "update_state",
    Type.UPDATE_OPERATION_STATUS: "update_operation_status",
    Type.UPDATE_PUBLISH_RESOURCES_STATUS: "update_publish_resources_status",
}


def content_problem(call: rp.Call) -> str | None:
    """What cannot be read in a call whose type says what it has; None when all can."""
    missing = missing_content(call)
    if missing is not None:
        return missing
    try:
        if call.type is Type.UPDATE_STATE and call.update_state is not UNSET:
            return _state_problem(call.update_state)
        if call.type is Type.UPDATE_OPERATION_STATUS and call.update_operation_status is not UNSET:
            return _operation_status_problem(call.update_operation_status)
        if (
            call.type is Type.UPDATE_PUBLISH_RESOURCES_STATUS
            and call.update_publish_resources_status is not UNSET
        ):
            return _publish_problem(call.update_publish_resources_status)
    except InvalidRequest as error:  # of messages, resources and operations alike
        return str(error)
    return None


def _state_problem(state: rp.CallUpdateState) -> str | None:
    uuid_from_wire(state.resource_version_uuid, "update_state.resource_version_uuid")
    _check(resource_list_from_wire(state.resources, "update_state.resources"))
    for index, operation in enumerate(state.operations):
        path = f"update_state.operations[{index}]"
        uuid_from_wire(operation.uuid, f"{path}.uuid")
        operation_from_wire(operation.info)
        problem = _status_problem(operation.latest_status, f"{path}.latest_status")
        if problem is not None:
            return problem
    for index, profile in enumerate(state.profiles):
        problem = _profile_problem(profile, f"update_state.profiles[{index}]")
        if problem is not None:
            return problem
    return None


def _profile_problem(profile: rp.ProfileInfo, path: str) -> str | None:
    if not 0 < len(profile.name) <= MAX_PROFILE_CHARACTERS or not profile.name.isprintable():
        return f"'{path}.name' has to be 1 to {MAX_PROFILE_CHARACTERS} printable characters"
    if profile.cost_ratio is not UNSET and not 0.0 < profile.cost_ratio < math.inf:
        return f"'{path}.cost_ratio' is {profile.cost_ratio:g}: nothing is for free, give more than zero"
    return None


def _operation_status_problem(update: rp.CallUpdateOperationStatus) -> str | None:
    uuid_from_wire(update.operation_uuid, "update_operation_status.operation_uuid")
    return _status_problem(update.status, "update_operation_status.status")


def _status_problem(status: mesos.OperationStatus, path: str) -> str | None:
    if status.state.value not in SAID:
        return f"'{path}.state' is {status.state.value}: a provider says one of {', '.join(sorted(SAID))}"
    if status.uuid is not UNSET:
        uuid_from_wire(status.uuid, f"{path}.uuid")
    _check(resource_list_from_wire(status.converted_resources, f"{path}.converted_resources"))
    return None


def _publish_problem(answer: rp.CallUpdatePublishResourcesStatus) -> str | None:
    uuid_from_wire(answer.uuid, "update_publish_resources_status.uuid")
    if answer.status not in (Answer.OK, Answer.FAILED):
        return "'update_publish_resources_status.status' has to be OK or FAILED"
    for volume in answer.published:
        if not volume.path.startswith("/") or "\0" in volume.path:
            return (
                f"'published.path' of {volume.source_id!r} is {volume.path!r}: an absolute path is expected"
            )
    return None


def _check(resources: Iterable[Resource]) -> None:
    for resource in resources:
        validate_resource(resource)


def _not_owned(resources: Iterable[mesos.Resource], provider_id: str, path: str) -> str | None:
    for index, resource in enumerate(resources):
        if _value(resource.provider_id) != provider_id:
            return f"'{path}[{index}]' is not provider {provider_id}'s: set its 'provider_id' to that"
    return None


def _value(provider_id: mesos.ResourceProviderID | UnsetType) -> str | None:
    return None if provider_id is UNSET else provider_id.value
