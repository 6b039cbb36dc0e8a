"""A secret on its way through a whole provider: the plugin gets it, and nobody else ever sees it."""

from __future__ import annotations

import asyncio
import logging
import random
import shutil
import tempfile
from pathlib import Path

import msgspec
import pytest

from api.model.disk import SourceType
from api.model.operation import CreateDisk
from api.model.resources import Scalar
from api.wire.v1 import mesos
from provider.plugins.client import CsiClient
from provider.plugins.config import PluginConfig, SecretFile, ServingContainer
from provider.plugins.containers import PluginContainer
from provider.plugins.secrets import SecretFiles
from provider.plugins.service import PluginService
from tests.provider.cluster import Cluster
from tests.provider.process_containers import ProcessContainers
from tests.provider.scripted_plugin import Script, State, Step, command

PLUGINS, PROFILES = "correct-horse-battery", "staple-of-gold"
PROFILE_FILE = """
[profiles.gold]
secrets = {{ token = "{folder}/token" }}
"""


class Story:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "password").write_text(PLUGINS + "\n")
        (folder / "token").write_text(PROFILES + "\n")
        (folder / "profiles.toml").write_text(PROFILE_FILE.format(folder=folder))
        self.state = State(folder)
        self.containers = ProcessContainers(str(folder))
        self.cluster = Cluster(folder, self.parts)

    def parts(self, clock, source: random.Random):
        socket = f"{self.folder}/csi.sock"
        container = PluginContainer("s--plugin", command(f"unix://{socket}", self.folder))
        password = SecretFile("password", str(self.folder / "password"))
        config = PluginConfig((ServingContainer(container, socket),), "s--", secrets=(password,))
        secrets = SecretFiles()
        client = CsiClient(secrets=secrets)

        def service(on_ready, on_status):
            return PluginService(config, self.containers, client, clock, source, on_ready, on_status, secrets)

        return client, service

    def written(self) -> dict[str, bytes]:
        """What the provider and its host have on disk."""
        return {path.name: path.read_bytes() for path in self.folder.glob("*.sqlite*")}

    async def create(self) -> mesos.OperationStatus:
        pool = (await self.cluster.pools())["gold"]
        async with asyncio.timeout(30):
            return await self.cluster.apply(CreateDisk(pool.with_value(Scalar.of(32)), SourceType.MOUNT))


@pytest.fixture
async def story():
    folder = Path(tempfile.mkdtemp(prefix="orl-"))  # short: sockets have 107 bytes
    made = Story(folder)
    try:
        yield made
    finally:
        await made.containers.end_all()
        shutil.rmtree(folder)


async def test_the_plugins_and_the_profiles_secrets_reach_the_plugin_and_nothing_else(story, caplog):
    caplog.set_level(logging.DEBUG)
    said = f"user admin with {PLUGINS} and {PROFILES} is locked"
    story.state.write(
        Script(
            steps={
                "CreateVolume": [
                    Step(code="UNAVAILABLE", message=said),
                    Step(code="INVALID_ARGUMENT", message=said, prints=said),
                ]
            }
        )
    )
    await story.cluster.start()
    refused = await story.create()
    made = await story.create()
    story.containers.end("s--plugin")
    state = story.cluster.host.states[story.cluster.provider_id]
    await story.cluster.host.until(lambda: story.cluster.provider.plugin.status.restarts == 1)
    reported = [msgspec.json.encode(each) for each in (state, *story.cluster.host.states.values())]
    statuses = [msgspec.json.encode(each) for each in (refused, made)]
    await story.cluster.stop()

    sent = [each["request"]["secrets"] for each in story.state.read_calls("CreateVolume")]
    assert sent == [{"password": PLUGINS, "token": PROFILES}] * 3
    assert refused.state is mesos.OperationState.OPERATION_FAILED
    assert "user admin with *** and *** is locked" in refused.message
    assert made.state is mesos.OperationState.OPERATION_FINISHED
    seen = {"log": caplog.text.encode(), "reports": b"".join(reported), "statuses": b"".join(statuses)}
    for where, content in {**seen, **story.written()}.items():
        assert content, where
        for value in (PLUGINS, PROFILES):
            assert value.encode() not in content, f"a secret is in the {where}"


async def test_a_secret_that_cannot_be_read_holds_the_creation_up_and_the_operation_says_which(story):
    (story.folder / "token").unlink()
    await story.cluster.start()
    pool = (await story.cluster.pools())["gold"]
    name = story.cluster.send(CreateDisk(pool.with_value(Scalar.of(32)), SourceType.MOUNT))

    def trouble() -> str:
        (state,) = story.cluster.host.states.values()
        return " ".join(str(each.latest_status.message) for each in state.operations)

    await story.cluster.host.until(lambda: f"{story.folder}/token" in trouble())
    assert "'token' cannot be read" in trouble()
    (story.folder / "token").write_text(PROFILES)
    assert (await story.cluster.ended(name)).state is mesos.OperationState.OPERATION_FINISHED
    await story.cluster.stop()
