"""The operator calls on provider configurations: which answer each gets."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from agent.providers.config_calls import ConfigCalls, validate
from agent.providers.config_metrics import ConfigMetrics
from api.wire.codec import decode, encode
from api.wire.http_rules import Rejection
from api.wire.v1 import agent as wire
from provider.plugins.containers import ContainerFailed
from tests.agent.test_provider_config import document
from tests.agent.test_provider_set import Host

TYPE = "org.apache.mesos.rp.local.storage"


class Caller:
    """Asks one agent, by calls as they travel."""

    def __init__(self, calls: ConfigCalls) -> None:
        self._calls = calls

    async def __call__(self, kind: str, **content: Any) -> tuple[int, Any]:
        """Status, and the text of a refusal or the document."""
        call = decode(
            wire.Call, encode_call({"type": kind, kind.lower(): content} if content else {"type": kind})
        )
        assert self._calls.serves(call)
        assert validate(call) is None
        answer = await self._calls.handle(call)
        if isinstance(answer, Rejection):
            return answer.status, answer.message
        return 200, None if answer is None else decode(wire.Response, encode(answer))

    async def add(self, **plugin: Any) -> int:
        status, _ = await self("ADD_RESOURCE_PROVIDER_CONFIG", info=document(**plugin))
        return status

    async def update(self, **plugin: Any) -> int:
        status, _ = await self("UPDATE_RESOURCE_PROVIDER_CONFIG", info=document(**plugin))
        return status

    async def remove(self) -> int:
        status, _ = await self("REMOVE_RESOURCE_PROVIDER_CONFIG", type=TYPE, name="mock")
        return status


def encode_call(call: dict[str, Any]) -> bytes:
    return json.dumps(call).encode()


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    made = Host(tmp_path / "configs")
    yield made
    for agent in made.agents:
        await agent.stop()


@pytest.fixture
async def ask(host: Host) -> Caller:
    return Caller(ConfigCalls(await host.agent()))


async def test_add_is_idempotent_and_refuses_another_and_a_wrong_one(ask: Caller) -> None:
    assert [await ask.add(), await ask.add(), await ask.add(admit=["*"]), await ask.add(type="")] == [
        200,
        200,
        409,
        400,
    ]


async def test_update_needs_something_to_update_and_is_idempotent(ask: Caller, host: Host) -> None:
    assert await ask.update() == 409
    await ask.add()
    assert [await ask.update(), await ask.update(type="a.b"), await ask.update(containers=[])] == [
        200,
        409,
        400,
    ]
    assert host.story == ["start mock"]
    assert await ask.update(probe_seconds=1.0) == 200
    assert host.story == ["start mock", "reconfigure mock"]
    assert await ask.update(learn_capacity_groups=False) == 200, "it may be switched off while it runs"


async def test_remove_is_idempotent(ask: Caller, host: Host) -> None:
    await ask.add()
    assert [await ask.remove(), await ask.remove()] == [200, 200]
    assert host.containers.running == set()


async def test_a_removal_that_could_not_end_a_container_is_told_and_can_be_repeated(
    ask: Caller, host: Host
) -> None:
    await ask.add()
    kill = host.containers.kill

    async def stuck(container_id: str) -> None:
        raise ContainerFailed("the container does not end")

    host.containers.kill = stuck  # type: ignore[method-assign]
    status, message = await ask("REMOVE_RESOURCE_PROVIDER_CONFIG", type=TYPE, name="mock")
    assert status == 500
    assert "does not end" in message and "repeat the call" in message
    host.containers.kill = kill  # type: ignore[method-assign]
    assert await ask.remove() == 200
    assert host.containers.running == set()


async def test_a_configuration_that_cannot_be_written_starts_nothing(ask: Caller, host: Host) -> None:
    host.path.rmdir()
    host.path.write_text("in the way")
    assert await ask.add() == 500
    assert host.story == []


async def test_get_shows_them_all_with_what_is_wrong(ask: Caller, host: Host) -> None:
    host.broken = {"mock"}
    await ask.add()
    _, answer = await ask("GET_RESOURCE_PROVIDER_CONFIGS")
    (shown,) = answer.get_resource_provider_configs.configs
    assert (shown.info.name, shown.state) == ("mock", "FAILED")
    assert "its database is broken" in shown.message
    assert Path(shown.file).parent == host.path


async def test_files_and_providers_that_need_somebody_are_counted(ask: Caller, host: Host) -> None:
    (host.path / "bad.json").write_text("{")
    host.broken = {"mock"}
    await ask.add()
    (agent,) = host.agents
    await agent.reread()
    registry = CollectorRegistry()
    registry.register(ConfigMetrics(agent))
    counts = {
        state: registry.get_sample_value("orlop_agent_provider_configs", {"state": state})
        for state in ("running", "failed", "invalid")
    }
    assert counts == {"running": 0.0, "failed": 1.0, "invalid": 1.0}


@pytest.mark.parametrize("what", ["ADD", "UPDATE", "REMOVE"])
def test_a_call_without_its_content_is_refused(what: str) -> None:
    call = wire.Call(type=wire.CallType(f"{what}_RESOURCE_PROVIDER_CONFIG"))
    assert validate(call) == f"expecting '{what.lower()}_resource_provider_config' to be present"
