"""The agent that is asked: its operator API, its executors' and its providers'."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from agent import schema
from agent.images.calls import ImageCalls
from agent.images.gc_policy import ImagePolicy
from agent.images.keeper import ImageKeeper
from agent.images.uses import ImageUses
from agent.operator_api import OperatorApi
from agent.operator_calls import OperatorCalls as OwnCalls
from agent.pages.daemon_calls import DaemonCalls
from agent.providers.api import ProviderApi
from agent.providers.calls import ProviderCalls
from agent.providers.config_calls import ConfigCalls
from agent.sandboxes.work_space import Space
from api.model.clock import SystemClock
from api.wire.content import MediaType
from api.wire.recordio import encode_record
from api.wire.v1 import agent, executor, resource_provider
from provider.manager.manager import ResourceProviderManager
from tests.agent.containers.site import identified
from tests.agent.images.test_calls import Shelf
from tests.agent.model_containerizer import ModelContainerizer
from tests.agent.model_store import Disk, ModelStore
from tests.agent.test_provider_config import document as config_document
from tests.agent.test_provider_set import Host
from tests.agent.world import FRAMEWORK, World, custom_executor, task
from tests.compatibility.columns import STREAM_ID, Call, Column, Document, Sent, without_payload

A, E, R = agent.CallType, executor.CallType, resource_provider.CallType

UUID = {"value": base64.b64encode(bytes(16)).decode()}
VERSION = {"value": base64.b64encode(bytes(15) + b"1").decode()}


class AgentSite:
    """An agent on models, with all of its HTTP API."""

    def __init__(self, world: World, client: aiohttp.ClientSession, url: str) -> None:
        self.world = world
        self.client = client
        self.url = url
        self.numbers = count()
        self.streams: list[aiohttp.ClientResponse] = []

    async def do(self, path: str, document: Document, **headers: str) -> aiohttp.ClientResponse:
        response = await self.client.post(f"{self.url}{path}", json=document, headers=headers)
        assert response.status in (200, 202), f"{document}: {response.status} {await response.text()}"
        self.streams.append(response)
        return response


@asynccontextmanager
async def agent_site(path: Path) -> AsyncIterator[AgentSite]:
    world = World(path)
    own = await world.started()
    manager = ResourceProviderManager(
        world.store,
        schema.registry,
        world.ids,
        own.providers,
        world.failure.fail,  # type: ignore[arg-type]
    )
    await manager.start()
    world.providers.connect(world.own, manager)
    host = Host(path / "configs")
    groups = [
        ProviderCalls(own.providers, manager),
        ConfigCalls(await host.agent()),
        ImageCalls(_images()),
        DaemonCalls(world.process, world.numbers),
    ]
    calls = OwnCalls(own, ModelContainerizer(world.host), world.files, "0.1.0")
    api = OperatorApi(
        own, calls, world.edge, ProviderApi(manager, world.ids), groups, "127.0.0.1", 0, pages=world.pages
    )
    await api.start()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        site = AgentSite(world, client, f"http://127.0.0.1:{api.port}")
        try:
            yield site
        finally:
            for stream in site.streams:
                stream.close()
            await api.stop()
            await manager.stop()
            for each in host.agents:
                await each.stop()
            await world.close()


def _images() -> ImageKeeper:
    uses = ImageUses(ModelStore(Disk(schema.metadata)), SystemClock())
    policy = ImagePolicy(everything=True)
    return ImageKeeper(Shelf(), uses, dict, policy, print, measure=lambda path: Space(40, 100, None))


class AgentCalls:
    """Calls of operators to an agent, each on a container of its own."""

    name, title, path = "agent", "Operator API of an agent", "/api/v1"
    kind, types, basis = agent.Call, A, A.GET_HEALTH

    def __init__(self, site: AgentSite) -> None:
        self._site = site
        self._before: dict[str, Callable[[str], Awaitable[str]]] = {
            A.READ_FILE: self._task,
            A.LIST_FILES: self._task,
            A.WAIT_CONTAINER: self._ended,
            A.KILL_CONTAINER: self._running,
            A.REMOVE_CONTAINER: self._ended,
            A.ATTACH_CONTAINER_OUTPUT: self._running,
            A.ATTACH_CONTAINER_INPUT: self._reading,
            A.LAUNCH_NESTED_CONTAINER: self._parent,
            A.LAUNCH_NESTED_CONTAINER_SESSION: self._parent,
            A.WAIT_NESTED_CONTAINER: self._nested_ended,
            A.KILL_NESTED_CONTAINER: self._nested,
            A.REMOVE_NESTED_CONTAINER: self._nested_ended,
            A.UPDATE_RESOURCE_PROVIDER_CONFIG: self._configured,
            A.REMOVE_RESOURCE_PROVIDER_CONFIG: self._configured,
            A.MARK_RESOURCE_PROVIDER_GONE: self._provider,
        }

    async def call(self, call: str, column: Column) -> Call:
        name = f"c{next(self._site.numbers)}"
        if column is Column.VALID and call in self._before:
            name = await self._before[call](name)
        made = Call(self.kind, self._document(call, name))
        if call == A.ATTACH_CONTAINER_INPUT and column is Column.VALID:
            return Streamed(self.kind, made.document)
        return without_payload(made) if column is Column.NO_PAYLOAD else made

    def sample(self, call: str) -> Call:
        return Call(self.kind, self._document(call, "nothing.inside" if "NESTED" in call else "nothing"))

    def _document(self, call: str, name: str) -> Document:
        container = {"container_id": identified(name)}
        launched = {**container, "command": {"value": "sleep 1000"}}
        info = config_document()
        info["name"] = info["storage"]["plugin"]["name"] = name
        payloads: dict[str, Document] = {
            A.GET_METRICS: {},
            A.SET_LOGGING_LEVEL: {"level": 1, "duration": {"nanoseconds": 1_000_000}},
            A.LIST_FILES: {"path": f"/frameworks/fw/tasks/{name}"},
            A.READ_FILE: {"path": f"/frameworks/fw/tasks/{name}/stdout", "offset": 0},
            A.GET_CONTAINERS: {},
            A.LAUNCH_CONTAINER: launched,
            A.LAUNCH_NESTED_CONTAINER: launched,
            A.LAUNCH_NESTED_CONTAINER_SESSION: launched,
            A.ATTACH_CONTAINER_INPUT: {"type": "CONTAINER_ID", **container},
            A.ADD_RESOURCE_PROVIDER_CONFIG: {"info": info},
            A.UPDATE_RESOURCE_PROVIDER_CONFIG: {"info": info},
            A.REMOVE_RESOURCE_PROVIDER_CONFIG: {"type": info["type"], "name": name},
            A.MARK_RESOURCE_PROVIDER_GONE: {"resource_provider_id": {"value": name}},
            A.PRUNE_IMAGES: {},
        }
        acts_on = {A.WAIT_CONTAINER, A.KILL_CONTAINER, A.REMOVE_CONTAINER, A.ATTACH_CONTAINER_OUTPUT}
        acts_on |= {A.WAIT_NESTED_CONTAINER, A.KILL_NESTED_CONTAINER, A.REMOVE_NESTED_CONTAINER}
        payload = container if call in acts_on else payloads.get(call)
        return {"type": call} if payload is None else {"type": call, call.lower(): payload}

    # What is there before a call; the name by which the call is about it.

    async def _task(self, name: str) -> str:
        world = self._site.world
        await world.orchestrator.run_task(task(name), FRAMEWORK)
        await world.orchestrator.until(lambda: "TASK_RUNNING" in world.orchestrator.states(name))
        assert world.agent is not None
        record = world.agent.tasks.find("fw", name)
        assert record is not None
        folder = world.path / "sandboxes" / "fw" / name / record.container_id
        (folder / "stdout").write_bytes(b"printed")
        return name

    async def _running(self, name: str, command: str = "sleep 1000", **more: Any) -> str:
        launch = {"container_id": identified(name), "command": {"value": command}, **more}
        await self._site.do(self.path, {"type": A.LAUNCH_CONTAINER, "launch_container": launch})
        return name

    async def _reading(self, name: str) -> str:
        return await self._running(name, stdin=True)

    async def _ended(self, name: str) -> str:
        await self._running(name, "exit 0")
        wait = {"type": A.WAIT_CONTAINER, "wait_container": {"container_id": identified(name)}}
        await self._site.do(self.path, wait)
        return name

    async def _parent(self, name: str) -> str:
        return f"{await self._running(name)}.child"

    async def _nested(self, name: str) -> str:
        return await self._running(await self._parent(name))

    async def _nested_ended(self, name: str) -> str:
        return await self._ended(await self._parent(name))

    async def _configured(self, name: str) -> str:
        add = self._document(A.ADD_RESOURCE_PROVIDER_CONFIG, name)
        await self._site.do(self.path, add)
        return name

    async def _provider(self, name: str) -> str:
        provider_id, stream_id = await subscribed(self._site, name)
        state = {"type": R.UPDATE_STATE, "update_state": {"resource_version_uuid": VERSION}}
        state["resource_provider_id"] = {"value": provider_id}
        await self._site.do(ProviderCallsOverHttp.path, state, **{STREAM_ID: stream_id})
        return provider_id


class Streamed(Call):
    """A call that goes as the only record of a stream."""

    def sent(self, media_type: MediaType, accept: str | None = None) -> Sent:
        headers = {"Content-Type": "application/recordio", "Message-Content-Type": media_type}
        headers["Accept"] = media_type
        return Sent(encode_record(self.encoded(media_type)), headers)


class ExecutorCalls:
    """Calls of executors, each of one of its own."""

    name, title, path = "executor", "Executor API", "/api/v1/executor"
    kind, types, basis = executor.Call, E, E.HEARTBEAT

    def __init__(self, site: AgentSite) -> None:
        self._site = site

    async def call(self, call: str, column: Column) -> Call:
        number = next(self._site.numbers)
        name, world = f"e{number}", self._site.world
        if column is not Column.UNKNOWN:
            await world.orchestrator.run_with(custom_executor(name), task(f"t-{name}"), FRAMEWORK)
            assert world.agent is not None
            known = world.agent.executors
            await world.orchestrator.until(
                lambda: (run := known.find("fw", name)) and run.record.container_id
            )
        if call != E.SUBSCRIBE and column not in (Column.UNKNOWN, Column.UNSUBSCRIBED):
            stream = await self._site.do(self.path, self._document(E.SUBSCRIBE, name))
            await stream.content.readchunk()
        made = Call(self.kind, self._document(call, name))
        return without_payload(made) if column is Column.NO_PAYLOAD else made

    def sample(self, call: str) -> Call:
        return Call(self.kind, self._document(call, "nothing"))

    def _document(self, call: str, name: str) -> Document:
        document: Document = {
            "type": call,
            "framework_id": {"value": "fw"},
            "executor_id": {"value": name},
        }
        status = {
            "task_id": {"value": f"t-{name}"},
            "state": "TASK_RUNNING",
            "uuid": UUID["value"],
            "source": "SOURCE_EXECUTOR",
        }
        payloads: dict[str, Document] = {
            E.SUBSCRIBE: {},
            E.UPDATE: {"status": status},
            E.MESSAGE: {"data": "eA=="},
        }
        return {**document, call.lower(): payloads[call]} if call in payloads else document


class ProviderCallsOverHttp:
    """Calls of resource providers, each of one of its own."""

    name, title, path = "resource_provider", "Resource provider API", "/api/v1/resource_provider"
    kind, types, basis = resource_provider.Call, R, R.UPDATE_STATE

    def __init__(self, site: AgentSite) -> None:
        self._site = site

    async def call(self, call: str, column: Column) -> Call:
        name = f"p{next(self._site.numbers)}"
        if call == R.SUBSCRIBE:
            stream_id = "any" if column is Column.WRONG_STREAM else None
            made = Call(self.kind, self._document(call, name), stream_id)
            return without_payload(made) if column is Column.NO_PAYLOAD else made
        provider_id, given = await subscribed(self._site, name)
        if column is Column.UNKNOWN:
            provider_id = "nobody"
        stream_id = {Column.NO_STREAM: None, Column.WRONG_STREAM: "another"}.get(column, given)
        made = Call(self.kind, self._document(call, provider_id), stream_id)
        return without_payload(made) if column is Column.NO_PAYLOAD else made

    def sample(self, call: str) -> Call:
        return Call(self.kind, self._document(call, "nobody"))

    def _document(self, call: str, name: str) -> Document:
        status = {"state": "OPERATION_FINISHED", "resource_provider_id": {"value": name}}
        payloads: dict[str, Document] = {
            R.SUBSCRIBE: {"resource_provider_info": {"type": "org.example.rp", "name": name}},
            R.UPDATE_STATE: {"resource_version_uuid": VERSION},
            R.UPDATE_OPERATION_STATUS: {"status": status, "operation_uuid": UUID},
            R.UPDATE_PUBLISH_RESOURCES_STATUS: {"uuid": UUID, "status": "OK"},
        }
        document: Document = {"type": call, call.lower(): payloads[call]}
        return document if call == R.SUBSCRIBE else {**document, "resource_provider_id": {"value": name}}


async def subscribed(site: AgentSite, name: str) -> tuple[str, str]:
    """The id of a new provider that is here and has nothing, and its stream's."""
    info = {"resource_provider_info": {"type": "org.example.rp", "name": name}}
    stream = await site.do(ProviderCallsOverHttp.path, {"type": R.SUBSCRIBE, "subscribe": info})
    chunk, _ = await stream.content.readchunk()
    provider_id = json.loads(chunk.partition(b"\n")[2])["subscribed"]["provider_id"]["value"]
    return provider_id, stream.headers[STREAM_ID]
