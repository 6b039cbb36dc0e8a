"""The agent's set of providers: what calls, files and failures make of it. The providers are models."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agent.providers import keeper as provider_keeper
from agent.providers.config import InvalidConfig
from agent.providers.config_files import ConfigDirectory
from agent.providers.ended_plugins import container_prefix
from agent.providers.keeper import Failed
from agent.providers.provider_set import ConfigConflict, ProviderSet
from api.wire.v1 import mesos
from provider.plugins import containers as plugin_containers
from provider.plugins.containers import ContainerFailed, FoundContainer
from tests.agent.test_provider_config import config


@dataclass
class ModelProvider:
    """One life of a provider. What happened to it is in `story`, shared by all lives."""

    host: Host
    info: mesos.ResourceProviderInfo
    failed: Failed
    removed: str | None = None

    async def start(self) -> None:
        self.host.story.append(f"start {self.info.name}")
        if self.info.name in self.host.broken:
            raise RuntimeError("its database is broken")
        self.host.alive[self.info.name] = self
        self.host.containers.running.add(f"{container_prefix(self.info.name)}controller-node")

    async def stop(self) -> None:
        self.host.story.append(f"stop {self.info.name}")
        self.host.alive.pop(self.info.name, None)

    async def reconfigure(self, info: mesos.ResourceProviderInfo) -> bool:
        self.host.story.append(f"reconfigure {info.name}")
        assert self.info.storage and info.storage
        keeps = self.info.storage.plugin.admit == info.storage.plugin.admit
        self.info = info if keeps else self.info
        return keeps

    async def reload_profiles(self) -> None:
        self.host.story.append(f"profiles {self.info.name}")


@dataclass
class ModelContainers:
    running: set[str] = field(default_factory=set)
    hung: set[str] = field(default_factory=set)

    async def list(self, prefix: str) -> list[FoundContainer]:
        return [FoundContainer(each, True, "") for each in sorted(self.running) if each.startswith(prefix)]

    async def kill(self, container_id: str) -> None:
        self.running.discard(container_id)

    async def wait(self, container_id: str) -> str:
        if container_id in self.hung:
            await asyncio.Event().wait()
        return "killed"

    async def remove(self, container_id: str) -> None:
        self.running.discard(container_id)


@dataclass
class Host:
    """An agent's directory of configurations, what runs, and the lives of its agents."""

    path: Path
    story: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    alive: dict[str, ModelProvider] = field(default_factory=dict)
    containers: ModelContainers = field(default_factory=ModelContainers)
    built_in: mesos.ResourceProviderInfo | None = None
    agents: list[ProviderSet] = field(default_factory=list)

    @property
    def directory(self) -> ConfigDirectory:
        return ConfigDirectory(self.path)

    async def agent(self) -> ProviderSet:
        providers = ProviderSet(
            self.directory,
            lambda info, failed: ModelProvider(self, info, failed),
            self.containers,
            random.Random(1),
            lambda info: self.story.append(f"forget {info.name}"),
            self.built_in,
        )
        self.agents.append(providers)
        await providers.start()
        return providers

    def states(self, providers: ProviderSet) -> dict[str, str]:
        return {
            each.info.name if each.info else Path(each.file).name: each.state for each in providers.states()
        }


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    made = Host(tmp_path / "configs")
    yield made
    for agent in made.agents:
        await agent.stop()


def named(name: str, **plugin: Any) -> mesos.ResourceProviderInfo:
    info = config(**plugin)
    info.name = name
    return info


async def until(question: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not question():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_an_added_provider_runs_and_comes_back_with_the_next_agent(host: Host) -> None:
    first = await host.agent()
    await first.add(named("a"))
    assert host.states(first) == {"a": "RUNNING"}
    await first.stop()
    assert not host.alive
    second = await host.agent()
    assert host.states(second) == {"a": "RUNNING"}


async def test_adding_the_same_again_changes_nothing_and_another_one_is_a_conflict(host: Host) -> None:
    agent = await host.agent()
    await agent.add(named("a"))
    await agent.add(named("a"))
    assert host.story == ["start a"]
    with pytest.raises(ConfigConflict, match="UPDATE_RESOURCE_PROVIDER_CONFIG"):
        await agent.add(named("a", admit=["*"]))


async def test_an_update_reconfigures_and_is_durable(host: Host) -> None:
    agent = await host.agent()
    await agent.add(named("a"))
    await agent.update(named("a", probe_seconds=5.0))
    assert host.story == ["start a", "reconfigure a"]
    (file,) = host.directory.read().files.values()
    assert file.info == named("a", probe_seconds=5.0)


async def test_what_counts_in_the_next_life_only_gets_one_at_once(host: Host) -> None:
    agent = await host.agent()
    await agent.add(named("a"))
    await agent.update(named("a", admit=["*"]))
    await until(lambda: "a" in host.alive and host.alive["a"].info == named("a", admit=["*"]))
    assert host.story == ["start a", "reconfigure a", "stop a", "start a"]
    assert host.states(agent) == {"a": "RUNNING"}


async def test_an_update_that_changes_nothing_restarts_nothing(host: Host) -> None:
    agent = await host.agent()
    await agent.add(named("a"))
    await agent.update(named("a"))
    assert host.story == ["start a"]


async def test_an_update_of_what_is_not_there_or_of_what_volumes_depend_on_is_a_conflict(host: Host) -> None:
    agent = await host.agent()
    with pytest.raises(ConfigConflict, match="ADD_RESOURCE_PROVIDER_CONFIG"):
        await agent.update(named("a"))
    await agent.add(named("a"))
    with pytest.raises(ConfigConflict, match=r"storage\.plugin\.type cannot change"):
        await agent.update(named("a", type="com.example.other"))
    assert host.story == ["start a"]


async def test_removing_ends_provider_and_containers_and_forgets_the_file(host: Host) -> None:
    agent = await host.agent()
    await agent.add(named("a"))
    await agent.add(named("a_b"))
    await agent.remove(named("a").type, "a")
    assert host.states(agent) == {"a_b": "RUNNING"}
    assert host.containers.running == {"plugin-a_b--controller-node"}
    assert [info.info.name for info in host.directory.read().files.values()] == ["a_b"]
    await agent.remove(named("a").type, "a")


async def test_a_provider_that_was_given_up_for_good_is_forgotten_with_its_configuration(host: Host) -> None:
    agent = await host.agent()
    await agent.add(named("a"))
    host.alive["a"].removed = "it was removed for good"
    await agent.remove(named("a").type, "a")
    await agent.add(named("a"))
    assert host.story == ["start a", "stop a", "forget a", "start a"]


async def test_adding_after_a_removal_that_failed_starts_the_provider_again(host: Host) -> None:
    agent = await host.agent()
    await agent.add(named("a"))
    remove = host.containers.remove

    async def stuck(container_id: str) -> None:
        raise ContainerFailed("it does not end")

    host.containers.remove = stuck  # type: ignore[method-assign]
    with pytest.raises(ContainerFailed):
        await agent.remove(named("a").type, "a")
    assert host.states(agent) == {"a": "STOPPED"}
    host.containers.remove = remove  # type: ignore[method-assign]
    await agent.add(named("a"))
    assert host.states(agent) == {"a": "RUNNING"}


async def test_the_built_in_provider_is_neither_removed_nor_updated_by_calls(host: Host) -> None:
    host.built_in = named("local-disk")
    agent = await host.agent()
    assert host.states(agent) == {"local-disk": "RUNNING"}
    with pytest.raises(InvalidConfig, match="--no-local-disk"):
        await agent.remove(host.built_in.type, "local-disk")
    with pytest.raises(InvalidConfig, match="name"):
        await agent.update(host.built_in)


async def test_a_provider_that_cannot_start_is_shown_and_tried_again_and_the_others_run(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider_keeper, "FIRST_BACKOFF", 0.01)
    host.broken = {"a"}
    agent = await host.agent()
    await agent.add(named("a"))
    await agent.add(named("b"))
    assert host.states(agent) == {"a": "FAILED", "b": "RUNNING"}
    assert "its database is broken" in agent.states()[0].message
    host.broken.clear()
    await until(lambda: host.states(agent)["a"] == "RUNNING")


async def test_a_provider_that_fails_later_is_built_anew(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider_keeper, "FIRST_BACKOFF", 0.01)
    agent = await host.agent()
    await agent.add(named("a"))
    first = host.alive["a"]
    first.failed(RuntimeError("its disk is full"))
    await until(lambda: host.alive.get("a") not in (None, first))
    assert host.story == ["start a", "stop a", "start a"]


async def test_an_update_cures_a_provider_that_failed_without_its_wait(host: Host) -> None:
    host.broken = {"a"}
    agent = await host.agent()
    await agent.add(named("a"))
    host.broken.clear()
    await agent.update(named("a", admit=["*"]))
    await until(lambda: host.states(agent)["a"] == "RUNNING", seconds=0.5)


async def test_a_bad_file_stops_no_other_and_ends_no_container(host: Host) -> None:
    host.directory.read()
    (host.path / "bad.json").write_text("{")
    host.directory.write(named("a"))
    host.containers.running.add("plugin-whose--node")
    agent = await host.agent()
    await settle()
    assert host.states(agent) == {"a": "RUNNING", "bad.json": "INVALID"}
    assert "not JSON" in agent.states()[-1].message
    assert "plugin-whose--node" in host.containers.running


async def test_plugins_that_nothing_is_configured_for_are_ended_at_the_start(host: Host) -> None:
    host.directory.write(named("a"))
    host.containers.running |= {"plugin-a--controller-node", "plugin-gone--node"}
    await host.agent()
    await settle()
    assert host.containers.running == {"plugin-a--controller-node"}


async def test_reading_again_takes_new_changed_and_removed_files(host: Host) -> None:
    host.directory.write(named("changed"))
    gone = host.directory.write(named("gone"))
    agent = await host.agent()
    host.directory.write(named("new"))
    (changed,) = (f.path for key, f in host.directory.read().files.items() if key[1] == "changed")
    host.directory.write(named("changed", probe_seconds=5.0), changed)
    host.directory.remove(gone)
    await agent.reread()
    await settle()
    assert host.states(agent) == {"changed": "RUNNING", "new": "RUNNING"}
    assert host.alive["changed"].info == named("changed", probe_seconds=5.0)
    assert not any(each.startswith("plugin-gone--") for each in host.containers.running)
    assert {"profiles changed", "profiles new"} <= set(host.story)


async def test_a_file_that_became_bad_leaves_its_provider_running_as_it_was(host: Host) -> None:
    path = host.directory.write(named("a"))
    agent = await host.agent()
    path.write_text("{")
    await agent.reread()
    (state,) = agent.states()
    assert (state.state, "not JSON" in state.message) == ("RUNNING", True)
    host.directory.write(named("a", type="com.example.other"), path)
    await agent.reread()
    (state,) = agent.states()
    assert (state.state, "storage.plugin.type cannot change" in state.message) == ("RUNNING", True)


async def test_a_file_put_into_the_directory_is_adopted_by_the_call_that_adds_it(host: Host) -> None:
    agent = await host.agent()
    path = host.directory.write(named("a"))
    await agent.add(named("a"))
    assert [state.file for state in agent.states()] == [str(path)]
    assert len(list(host.path.iterdir())) == 1


async def test_a_removal_that_takes_long_holds_up_no_other_provider(host: Host) -> None:
    agent = await host.agent()
    await agent.add(named("a"))
    may_end = asyncio.Event()
    real = host.containers.wait

    async def slow(container_id: str) -> str:
        await may_end.wait()
        return await real(container_id)

    host.containers.wait = slow  # type: ignore[method-assign]
    removal = asyncio.create_task(agent.remove(named("a").type, "a"))
    await settle()
    assert host.states(agent) == {"a": "REMOVING"}
    with pytest.raises(ConfigConflict, match="being removed"):
        await agent.add(named("a"))
    await agent.add(named("b"))
    may_end.set()
    await removal
    assert host.states(agent) == {"b": "RUNNING"}


async def test_a_plugin_that_cannot_be_killed_is_told_of_and_not_waited_for_for_ever(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin_containers, "END_SECONDS", 0.05)
    agent = await host.agent()
    await agent.run(named("bay"))
    stuck = f"{container_prefix('bay')}node"
    host.containers.running.add(stuck)
    host.containers.hung.add(stuck)
    with pytest.raises(ContainerFailed, match="state D"):
        await agent.end(config().type, "bay")
    host.containers.hung.clear()
    await agent.end(config().type, "bay")
    assert agent.state(config().type, "bay") is None


async def test_a_provider_that_was_removed_for_good_is_shown_as_stopped_and_why(host: Host) -> None:
    agent = await host.agent()
    await agent.add(named("a"))
    host.alive["a"].removed = "provider a was removed for good by an operator"
    (state,) = agent.states()
    assert state.state == "STOPPED"
    assert "removed for good" in state.message and "remove its configuration" in state.message
    await agent.remove(named("a").type, "a")
    assert agent.states() == [] and host.story.count("start a") == 1


async def test_after_a_removal_of_the_agent_for_good_no_plugin_is_started_by_whatever_call(
    host: Host,
) -> None:
    providers = await host.agent()
    await providers.add(named("one"))
    await providers.shut_down()
    assert host.alive == {} and host.containers.running == set()
    host.directory.write(named("three"))
    before = list(host.story)
    await providers.reread()
    for call in (providers.add, providers.update, providers.run):
        for name in ("one", "two"):
            with pytest.raises(ConfigConflict, match=r"removed for good.*empty work directory"):
                await call(named(name))
    assert host.story == before
    await providers.remove(named("one").type, "one")
