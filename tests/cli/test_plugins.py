"""`orlop plugins`: what operators see of a plugin that works and of one that does not."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.cli.conftest import Orlop
from tests.cli.fake_orchestrator import FakeOrchestrator


def provider(name: str, agent: str, /, **plugin: Any) -> dict[str, Any]:
    storage = {"plugin": {"type": "vendor.example.com", "name": name}}
    return {
        "resource_provider_info": {
            "id": {"value": f"{name}-id"},
            "type": "org.apache.mesos.rp.local.storage",
            "name": name,
            "storage": storage,
        },
        "agent_id": {"value": agent},
        "connected": True,
        "plugin": plugin,
    }


def providers(*found: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "GET_RESOURCE_PROVIDERS",
        "get_resource_providers": {"resource_providers": list(found)},
    }


READY = {
    "name": "vendor.example.com",
    "vendor_version": "1.2",
    "state": "READY",
    "restarts": 0,
    "calls_in_flight": 3,
    "calls_limit": 32,
    "containers": [
        {
            "container_id": "fast--controller",
            "services": ["CONTROLLER_SERVICE"],
            "state": "READY",
            "restarts": 0,
        },
        {"container_id": "fast--node", "services": ["NODE_SERVICE"], "state": "READY", "restarts": 0},
    ],
    "capabilities_detail": [
        {"name": "CREATE_DELETE_VOLUME", "use": "USED"},
        {"name": "GET_VOLUME_STATS", "use": "UNUSED", "note": "how full a volume is, is not asked for"},
        {"name": "GET_CAPACITY", "use": "ABSENT", "note": "it offers no pools"},
    ],
}


async def test_containers_calls_and_capabilities_are_shown(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_RESOURCE_PROVIDERS"] = providers(
        provider("fast", "A1", **READY), provider("fast", "A2", **READY)
    )
    shown = (await orlop("plugins")).stdout
    first = shown.splitlines()[1]
    assert first.split() == ["vendor.example.com", "1.2", "READY", "0", "3", "of", "32", "fast", "A1", "-"]
    assert "fast--controller" in shown and "NODE_SERVICE" in shown
    assert shown.count("GET_VOLUME_STATS") == 1, "plugins that are alike are shown once"
    assert "has, not used" in shown and "how full a volume is" in shown
    assert "lacks" in shown and "it offers no pools" in shown


async def test_a_plugin_that_failed_shows_why_its_log_and_when_it_is_tried_again(
    fake: FakeOrchestrator, orlop: Orlop
) -> None:
    fake.answers["GET_RESOURCE_PROVIDERS"] = providers(
        provider(
            "slow",
            "A1",
            state="FAILED",
            restarts=5,
            message="exited with status 2",
            next_start=time.time() + 25,
            containers=[
                {
                    "container_id": "slow--plugin",
                    "services": ["CONTROLLER_SERVICE", "NODE_SERVICE"],
                    "state": "FAILED",
                    "restarts": 5,
                    "message": "exited with status 2",
                    "log": ["no licence found", "giving up"],
                }
            ],
        )
    )
    shown = (await orlop("plugins")).stdout
    assert "vendor.example.com" in shown, "its configured type, as it has not said its name"
    assert "FAILED (again in 2" in shown and "exited with status 2" in shown
    assert "Last lines of slow--plugin:\n  no licence found\n  giving up\n" in shown


async def test_programs_get_all_of_it(fake: FakeOrchestrator, orlop: Orlop) -> None:
    fake.answers["GET_RESOURCE_PROVIDERS"] = providers(provider("fast", "A1", **READY))
    (found,) = json.loads((await orlop("plugins", "--output", "json")).stdout)["plugins"]
    assert found["resource_provider_name"] == "fast" and found["agent_id"] == {"value": "A1"}
    assert found["plugin"]["calls_limit"] == 32
    assert [each["container_id"] for each in found["plugin"]["containers"]] == [
        "fast--controller",
        "fast--node",
    ]
    assert found["plugin"]["capabilities_detail"][1]["use"] == "UNUSED"
