"""What the facts of the v1 APIs say about each call and column; never what this server happens to answer.

Where they say nothing (`is_traced`), a status stands here that follows from their general rules.
"""

from __future__ import annotations

from api.wire.v1 import agent, executor, master, resource_provider, scheduler
from tests.compatibility.columns import NEW_TYPE, NO_TYPE, UNKNOWN_TYPE, Column

S, M, A, E, R = (
    scheduler.CallType,
    master.CallType,
    agent.CallType,
    executor.CallType,
    resource_provider.CallType,
)

TYPES = {NO_TYPE: 400, NEW_TYPE: 400, UNKNOWN_TYPE: 501}
"""By the type that is named, of every API."""

COMMON = {
    Column.MALFORMED: 400,
    Column.WRONG_TYPE: 400,
    Column.NO_CONTENT_TYPE: 400,
    Column.CONTENT_TYPE: 415,
    Column.METHOD: 405,
}
"""Of every call of every API."""

NEED_NO_PAYLOAD = {
    "scheduler": {S.REVIVE, S.SUPPRESS},
    "operator": {M.SUBSCRIBE},
    "agent": {A.GET_CONTAINERS, A.PRUNE_IMAGES},
    "executor": set[str](),
    "resource_provider": set[str](),
}
"""Calls that have a payload and mean something without it."""

SCHEDULER_CHECKS_ACCEPT = {S.SUBSCRIBE, S.RECONCILE_OPERATIONS}

ACCEPTED = {
    M.RESERVE_RESOURCES, M.UNRESERVE_RESOURCES, M.CREATE_VOLUMES, M.DESTROY_VOLUMES, M.GROW_VOLUME,
    M.SHRINK_VOLUME,
}  # fmt: skip
"""Operator calls that are answered before they are carried out."""

UNKNOWN_AT_ORCHESTRATOR = {
    **dict.fromkeys(ACCEPTED, 400),
    M.MARK_AGENT_GONE: 400,
    M.REACTIVATE_AGENT: 400,
    M.DRAIN_AGENT: 400,
    M.DEACTIVATE_AGENT: 400,
    M.TEARDOWN: 400,
    M.LIST_FILES: 404,
    M.READ_FILE: 404,
}

UNKNOWN_AT_AGENT = {
    **dict.fromkeys(
        (
            A.WAIT_CONTAINER, A.KILL_CONTAINER, A.WAIT_NESTED_CONTAINER, A.KILL_NESTED_CONTAINER,
            A.ATTACH_CONTAINER_OUTPUT, A.LIST_FILES, A.READ_FILE,
        ),
        404,
    ),
    A.REMOVE_CONTAINER: 404,
    A.REMOVE_NESTED_CONTAINER: 404,
    A.MARK_RESOURCE_PROVIDER_GONE: 200,
}  # fmt: skip

UNTRACED = {
    ("operator", Column.UNKNOWN): {M.DRAIN_AGENT, M.DEACTIVATE_AGENT, M.TEARDOWN},
    ("agent", Column.UNKNOWN): {A.REMOVE_CONTAINER, A.REMOVE_NESTED_CONTAINER},
    ("agent", Column.VALID): {A.REMOVE_RESOURCE_PROVIDER_CONFIG, A.PRUNE_IMAGES},
    ("operator", Column.VALID): {
        M.SET_LOGGING_LEVEL, M.UPDATE_WEIGHTS, M.UPDATE_MAINTENANCE_SCHEDULE, M.START_MAINTENANCE,
        M.STOP_MAINTENANCE, M.DRAIN_AGENT, M.DEACTIVATE_AGENT, M.UPDATE_QUOTA, M.SET_QUOTA, M.REMOVE_QUOTA,
        M.TEARDOWN,
    },
}  # fmt: skip

DIFFERS = {
    ("agent", A.MARK_RESOURCE_PROVIDER_GONE, Column.UNKNOWN): (
        404,
        "an operator who mistypes an id learns it; a repeat for one that was removed is 200",
    ),
}
"""(API, call, column) -> what this server answers on purpose in place of it, and why."""


def expected(api: str, call: str, column: Column) -> int | None:
    """The status; None where the column means nothing for the call."""
    if call in TYPES:
        return TYPES[call]
    if column in COMMON:
        return COMMON[column]
    of_api = {
        "scheduler": _scheduler,
        "operator": _operator,
        "agent": _agent,
        "executor": _executor,
        "resource_provider": _provider,
    }
    return of_api[api](call, column)


def is_traced(api: str, call: str, column: Column) -> bool:
    return call not in UNTRACED.get((api, column), ())


def _scheduler(call: str, column: Column) -> int | None:
    done = 200 if call in (S.SUBSCRIBE, S.UPDATE_FRAMEWORK) else 202
    match column:
        case Column.VALID:
            return done
        case Column.ACCEPT:
            return 406 if call in SCHEDULER_CHECKS_ACCEPT else done
        case Column.WRONG_STREAM | Column.NO_PAYLOAD:
            return 400
        case Column.UNKNOWN | Column.NO_STREAM:
            return None if call == S.SUBSCRIBE else 400
        case Column.UNSUBSCRIBED:
            return None if call == S.SUBSCRIBE else 403
    return None


def _operator(call: str, column: Column) -> int | None:
    match column:
        case Column.VALID:
            return 202 if call in ACCEPTED else 200
        case Column.NO_PAYLOAD:
            return 400
        case Column.ACCEPT:
            return 406
        case Column.UNKNOWN:
            return UNKNOWN_AT_ORCHESTRATOR.get(M(call))
    return None


def _agent(call: str, column: Column) -> int | None:
    match column:
        case Column.VALID:
            return 200
        case Column.NO_PAYLOAD:
            return 400
        case Column.ACCEPT:
            return 406
        case Column.UNKNOWN:
            return UNKNOWN_AT_AGENT.get(A(call))
    return None


def _executor(call: str, column: Column) -> int | None:
    match column:
        case Column.VALID:
            return 200 if call == E.SUBSCRIBE else 202
        case Column.NO_PAYLOAD:
            return 400
        case Column.ACCEPT:
            return 406 if call == E.SUBSCRIBE else 202
        case Column.UNKNOWN:
            return 202 if call == E.HEARTBEAT else 400
        case Column.UNSUBSCRIBED:
            return None if call == E.SUBSCRIBE else 202 if call == E.HEARTBEAT else 403
    return None


def _provider(call: str, column: Column) -> int | None:
    match column:
        case Column.VALID:
            return 200 if call == R.SUBSCRIBE else 202
        case Column.NO_PAYLOAD | Column.WRONG_STREAM:
            return 400
        case Column.ACCEPT:
            return 406 if call == R.SUBSCRIBE else 202
        case Column.UNKNOWN | Column.NO_STREAM:
            return None if call == R.SUBSCRIBE else 400
    return None
