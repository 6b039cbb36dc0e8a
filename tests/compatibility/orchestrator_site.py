"""The orchestrator that is asked: for each call something that it can be carried out on."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any

from api.model.resource import Resource, Scalar
from api.model.resources import Resources
from api.wire.v1 import master, scheduler
from tests.compatibility.columns import Call, Column, Document, without_payload
from tests.orchestrator.hosting import HostingAgent
from tests.orchestrator_api.cluster import ApiCluster, Scheduler

S, M = scheduler.CallType, master.CallType

NOBODY = {"value": "nobody"}
UUID = base64.b64encode(bytes(16)).decode()
START = 1_900_000_000_000_000_000
"""Nanoseconds: when a maintenance begins."""


class SchedulerCalls:
    """Calls of frameworks, each of a new one."""

    name, title, path = "scheduler", "Scheduler API", "/api/v1/scheduler"
    kind, types, basis = scheduler.Call, S, S.REVIVE

    def __init__(self, cluster: ApiCluster) -> None:
        self._cluster = cluster
        self._last: Scheduler | None = None

    async def call(self, call: str, column: Column) -> Call:
        if call == S.SUBSCRIBE:
            info = {"user": "me", "name": "s", "roles": ["r"]}
            document: Document = {"type": call, "subscribe": {"framework_info": info}}
            first = Call(self.kind, document, "any" if column is Column.WRONG_STREAM else None)
            return without_payload(first) if column is Column.NO_PAYLOAD else first
        if self._last is not None:
            await self._last.stream.close()  # a client has so many connections and no more
        self._last = framework = await self._cluster.subscribe(role="r")
        document = self._document(call, framework.framework_id)
        stream_id: str | None = framework.stream.stream_id
        match column:
            case Column.UNKNOWN:
                document = self._document(call, "nobody")
            case Column.UNSUBSCRIBED:
                await self._leave(framework)
            case Column.NO_STREAM:
                stream_id = None
            case Column.WRONG_STREAM:
                stream_id = "another"
        made = Call(self.kind, document, stream_id)
        return without_payload(made) if column is Column.NO_PAYLOAD else made

    def sample(self, call: str) -> Call:
        return Call(self.kind, self._document(call, "nobody"))

    async def _leave(self, framework: Scheduler) -> None:
        known = self._cluster.orchestrator.state.frameworks[framework.framework_id]
        session = self._cluster.orchestrator.framework_sessions.get(framework.framework_id)
        assert session is not None
        self._cluster.orchestrator.frameworks.disconnected(framework.framework_id, session)
        assert not known.connected

    def _document(self, call: str, framework_id: str) -> Document:
        document: Document = {"type": call, "framework_id": {"value": framework_id}}
        payload = self._payload(call, framework_id)
        return document if payload is None else {**document, call.lower(): payload}

    def _payload(self, call: str, framework_id: str) -> Document | None:
        info = {"user": "me", "name": "s", "roles": ["r"], "id": {"value": framework_id}}
        of_task = {"agent_id": NOBODY, "task_id": {"value": "t"}}
        of_executor = {"agent_id": NOBODY, "executor_id": {"value": "e"}}
        payloads: dict[str, Document | None] = {
            S.SUBSCRIBE: {"framework_info": info},
            S.TEARDOWN: None,
            S.ACCEPT: {"offer_ids": [{"value": "o"}], "operations": []},
            S.DECLINE: {"offer_ids": []},
            S.REVIVE: {"roles": []},
            S.KILL: of_task,
            S.SHUTDOWN: of_executor,
            S.ACKNOWLEDGE: {**of_task, "uuid": UUID},
            S.RECONCILE: {"tasks": []},
            S.MESSAGE: {**of_executor, "data": "eA=="},
            S.REQUEST: {"requests": []},
            S.SUPPRESS: {"roles": []},
            S.ACCEPT_INVERSE_OFFERS: {"inverse_offer_ids": [{"value": "o"}]},
            S.DECLINE_INVERSE_OFFERS: {"inverse_offer_ids": [{"value": "o"}]},
            S.ACKNOWLEDGE_OPERATION_STATUS: {"uuid": UUID, "operation_id": {"value": "o"}},
            S.RECONCILE_OPERATIONS: {"operations": []},
            S.UPDATE_FRAMEWORK: {"framework_info": info},
        }
        return payloads[call]


class OperatorCalls:
    """Calls of operators, each on something of its own."""

    name, title, path = "operator", "Operator API of the orchestrator", "/api/v1"
    kind, types, basis = master.Call, M, M.GET_HEALTH

    def __init__(self, cluster: ApiCluster) -> None:
        self._cluster = cluster
        self._numbers = count()
        self._windows: list[Document] = []
        self._before: dict[str, Callable[[str], Awaitable[Document]]] = {
            M.RESERVE_RESOURCES: self._on_an_agent,
            M.UNRESERVE_RESOURCES: self._reserved,
            M.CREATE_VOLUMES: self._with_disk,
            M.DESTROY_VOLUMES: self._with_volume,
            M.GROW_VOLUME: self._with_volume,
            M.SHRINK_VOLUME: self._with_volume,
            M.START_MAINTENANCE: self._scheduled,
            M.STOP_MAINTENANCE: self._under_maintenance,
            M.SET_QUOTA: self._named,
            M.REMOVE_QUOTA: self._with_quota,
            M.TEARDOWN: self._with_framework,
            M.MARK_AGENT_GONE: self._on_an_agent,
            M.DRAIN_AGENT: self._on_an_agent,
            M.DEACTIVATE_AGENT: self._on_an_agent,
            M.REACTIVATE_AGENT: self._on_an_agent,
        }

    async def call(self, call: str, column: Column) -> Call:
        changes: Document = {}
        if column is Column.VALID and call in (M.LIST_FILES, M.READ_FILE):
            changes = {"known": {"path": "/master/log" if call == M.READ_FILE else "/master"}}
        if column is Column.VALID and call in self._before:
            changes = await self._before[call](f"{call.lower()}{next(self._numbers)}")
        document = self._document(call, changes)
        made = Call(self.kind, document)
        return without_payload(made) if column is Column.NO_PAYLOAD else made

    def sample(self, call: str) -> Call:
        return Call(self.kind, self._document(call, {}))

    def _document(self, call: str, changes: Document) -> Document:
        known = changes.get("known", {})
        payload = self._payload(call, known.get("name", "x"), known)
        return {"type": call} if payload is None else {"type": call, call.lower(): payload}

    def _payload(self, call: str, name: str, known: Document) -> Document | None:
        agent = {"agent_id": known.get("agent_id", NOBODY)}
        machines = {"machines": [{"hostname": f"host-{name}"}]}
        scalar = {"name": "cpus", "type": "SCALAR", "scalar": {"value": 0.01}}
        payloads: dict[str, Document | None] = {
            M.GET_METRICS: {},
            M.SET_LOGGING_LEVEL: {"level": 1, "duration": {"nanoseconds": 1_000_000}},
            M.LIST_FILES: {"path": known.get("path", "/nowhere")},
            M.READ_FILE: {"path": known.get("path", "/nowhere"), "offset": 0},
            M.UPDATE_WEIGHTS: {"weight_infos": [{"role": "heavy", "weight": 2.0}]},
            M.RESERVE_RESOURCES: {**agent, "resources": [reserved("cpus", 0.01, name)]},
            M.UNRESERVE_RESOURCES: {**agent, "resources": [reserved("cpus", 0.01, name)]},
            M.CREATE_VOLUMES: {**agent, "volumes": [volume(name)]},
            M.DESTROY_VOLUMES: {**agent, "volumes": [volume(name)]},
            M.GROW_VOLUME: {**agent, "volume": volume(name), "addition": reserved("disk", 10, name)},
            M.SHRINK_VOLUME: {**agent, "volume": volume(name), "subtract": {"value": 5}},
            M.UPDATE_MAINTENANCE_SCHEDULE: {"schedule": {"windows": []}},
            M.START_MAINTENANCE: machines,
            M.STOP_MAINTENANCE: machines,
            M.SET_QUOTA: {"quota_request": {"role": name, "guarantee": [scalar]}},
            M.REMOVE_QUOTA: {"role": name},
            M.UPDATE_QUOTA: {"quota_configs": [{"role": "quota2", "limits": {"cpus": {"value": 1}}}]},
            M.TEARDOWN: {"framework_id": known.get("framework_id", NOBODY)},
            M.MARK_AGENT_GONE: agent,
            M.DRAIN_AGENT: agent,
            M.DEACTIVATE_AGENT: agent,
            M.REACTIVATE_AGENT: agent,
        }
        return payloads.get(call)

    # What is there before a call.

    async def _on_an_agent(self, name: str) -> Document:
        agent = HostingAgent()
        agent.hostname = f"host-{name}"
        agent.own = Resources([*agent.own, Resource("disk", Scalar(1_000_000))])
        await agent.join(self._cluster.orchestrator)
        return {"known": {"name": name, "agent_id": {"value": str(agent.agent_id)}}}

    async def _reserved(self, name: str) -> Document:
        return await self._done(await self._on_an_agent(name), M.RESERVE_RESOURCES)

    async def _with_disk(self, name: str) -> Document:
        made = await self._on_an_agent(name)
        await self._do(
            M.RESERVE_RESOURCES,
            {"agent_id": made["known"]["agent_id"], "resources": [reserved("disk", 50, name)]},
        )
        return made

    async def _with_volume(self, name: str) -> Document:
        return await self._done(await self._with_disk(name), M.CREATE_VOLUMES)

    async def _scheduled(self, name: str) -> Document:
        machines = [{"hostname": f"host-{name}"}]
        away = {"start": {"nanoseconds": START}}
        self._windows.append({"machine_ids": machines, "unavailability": away})
        await self._do(M.UPDATE_MAINTENANCE_SCHEDULE, {"schedule": {"windows": self._windows}})
        return {"known": {"name": name}}

    async def _under_maintenance(self, name: str) -> Document:
        return await self._done(await self._scheduled(name), M.START_MAINTENANCE)

    async def _named(self, name: str) -> Document:
        return {"known": {"name": name}}

    async def _with_quota(self, name: str) -> Document:
        return await self._done(await self._named(name), M.SET_QUOTA)

    async def _with_framework(self, name: str) -> Document:
        framework = await self._cluster.subscribe(role="r")
        return {"known": {"name": name, "framework_id": {"value": framework.framework_id}}}

    async def _done(self, made: Document, call: str) -> Document:
        payload = self._payload(call, made["known"]["name"], made["known"])
        await self._do(call, payload)
        return made

    async def _do(self, call: str, payload: Any) -> None:
        status, text = await self._cluster.post("/api/v1", {"type": call, call.lower(): payload})
        assert status in (200, 202), f"{call}: {status} {text}"


def reserved(name: str, amount: float, role: str) -> Document:
    stack = [{"type": "DYNAMIC", "role": role}]
    return {"name": name, "type": "SCALAR", "scalar": {"value": amount}, "reservations": stack}


def volume(name: str) -> Document:
    disk = {"persistence": {"id": f"v-{name}"}, "volume": {"container_path": "data", "mode": "RW"}}
    return {**reserved("disk", 20, name), "disk": disk}
