"""What /metrics says of a provider: what happened in it, and how it is now."""

from __future__ import annotations

import asyncio
import random
import shutil
import tempfile
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from agent.providers.metrics import ProviderMetrics
from api.model.disk import SourceType
from api.model.operation import CreateDisk
from api.model.resources import Scalar
from provider.plugins.client import CsiClient
from provider.plugins.config import PluginConfig, ServingContainer
from provider.plugins.containers import PluginContainer
from provider.plugins.service import PluginService
from tests.provider.cluster import Cluster
from tests.provider.process_containers import ProcessContainers
from tests.provider.scripted_plugin import Script, State, Step, command

MB = 2**20


@pytest.fixture
async def measured():
    folder = Path(tempfile.mkdtemp(prefix="orl-"))  # short: sockets have 107 bytes
    containers, metrics = ProcessContainers(str(folder)), ProviderMetrics()
    observer = metrics.observer("storage", "local")
    socket = f"{folder}/csi.sock"
    config = PluginConfig(
        (ServingContainer(PluginContainer("m--plugin", command(f"unix://{socket}", folder)), socket),), "m--"
    )
    State(folder).write(
        Script(capacity=100 * MB, steps={"CreateVolume": [Step(code="ABORTED", message="at work")]})
    )

    def parts(clock, source: random.Random):
        client = CsiClient()

        def service(on_ready, on_status):
            return PluginService(
                config, containers, client, clock, source, on_ready, on_status, observer=observer
            )

        return client, service

    cluster = Cluster(folder, parts, observer)
    await cluster.start()
    metrics.watch("storage", "local", cluster.provider)
    registry = CollectorRegistry()
    registry.register(metrics)
    cluster.metrics = metrics
    cluster.page = lambda: generate_latest(registry).decode().splitlines()
    try:
        yield cluster
        await cluster.stop()
    finally:
        await containers.end_all()
        shutil.rmtree(folder)


async def test_what_happened_and_how_it_is_now(measured):
    def value(line: str) -> float:
        (found,) = (each for each in measured.page() if each.startswith(line + " "))
        return float(found.rpartition(" ")[2])

    of = 'provider="local",provider_type="storage"'
    pool = (await measured.pools())["default"]
    disk = CreateDisk(pool.with_value(Scalar.of(32)), SourceType.MOUNT)
    async with asyncio.timeout(20):
        await measured.apply(disk)
    assert (
        value(f'orlop_provider_operations_total{{{of},state="OPERATION_FINISHED",type="CREATE_DISK"}}') == 1
    )
    assert value(f'orlop_csi_calls_total{{code="ABORTED",method="CreateVolume",{of}}}') == 1
    assert value(f'orlop_csi_calls_total{{code="OK",method="CreateVolume",{of}}}') == 1
    assert value(f'orlop_csi_call_seconds_count{{method="CreateVolume",{of}}}') == 2
    assert value(f'orlop_csi_call_seconds_bucket{{le="60.0",method="CreateVolume",{of}}}') == 2
    assert value(f"orlop_csi_calls_in_flight{{{of}}}") == 0
    assert value(f"orlop_csi_calls_limit{{{of}}}") == 64
    assert value(f"orlop_plugin_restarts_total{{{of}}}") == 0
    assert value(f'orlop_plugin_container_state{{container="m--plugin",{of},state="READY"}}') == 1
    assert value(f'orlop_provider_pool_bytes{{profile="default",{of}}}') == 68 * MB
    assert value(f'orlop_provider_volumes{{{of},state="CREATED"}}') == 1
    assert value(f'orlop_provider_notices{{kind="LOST",{of}}}') == 0
    await measured.host.until(lambda: value(f"orlop_provider_status_updates_waiting{{{of}}}") == 0)


async def test_a_stopped_provider_keeps_its_counts_and_has_no_state(measured):
    await measured.pools()
    measured.metrics.forget("storage", "local")
    page = "\n".join(measured.page())
    assert "orlop_csi_calls_total{" in page and "orlop_provider_volumes{" not in page
