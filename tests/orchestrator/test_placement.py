"""What operators are told when there is no room for a volume, or none is known of yet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from msgspec import UNSET, structs

from api.model.errors import InvalidRequest
from api.model.resources import Resources
from api.wire.v1 import link, mesos, resource_provider
from orchestrator.placement import AWAY_SECONDS, NotEnough, NotYetKnown
from orchestrator.volume_requests import VolumeConflict
from orchestrator.volumes import VolumeState
from tests.orchestrator.scripted import PROVIDER, ScriptedAgent
from tests.orchestrator.test_core import Cluster, cluster, provision, until

__all__ = ["cluster"]


class LateAgent(ScriptedAgent):
    """Its provider has not reported yet."""

    def report_provider(self) -> None:
        pass


class StartingAgent(ScriptedAgent):
    """Its provider reports its profiles, and no pools: its plugin is not up yet."""

    def report_provider(self) -> None:
        name = mesos.ResourceProviderID(value=PROVIDER)
        update = resource_provider.CallUpdateState(
            resource_version_uuid=mesos.UUID(value=bytes(16)),
            profiles=[resource_provider.ProfileInfo(name="default", available=True)],
            plugin=resource_provider.PluginState(state="PROBING"),
        )
        info = mesos.ResourceProviderInfo(id=name, type="test", name="pool")
        message = link.AgentMessageUpdateProvider(update_state=update, resource_provider_info=info)
        self.tell(link.AgentMessage(type=link.AgentMessageType.UPDATE_PROVIDER, update_provider=message))


class ArchiveAgent(ScriptedAgent):
    """Its provider has another name, and means bare devices by the same profile if it is told to."""

    block = False

    def __init__(self, mb: int) -> None:
        super().__init__(mb)
        self.totals = Resources(replace(each, provider_id="archive-id") for each in self.totals)

    def tell_report(self, message: link.AgentMessageUpdateProvider) -> None:
        if message.resource_provider_info is not UNSET:
            message.resource_provider_info.name = "archive"
            message.resource_provider_info.id = mesos.ResourceProviderID(value="archive-id")
            for profile in message.update_state.profiles:
                profile.block = self.block
        super().tell_report(message)


def leave(cluster: Cluster, agent: ScriptedAgent) -> None:
    cluster.orchestrator.agents.disconnected(str(agent.agent_id), agent)


async def told(cluster: Cluster, error: type[Exception], mb: int = 1024, **more: Any) -> str:
    with pytest.raises(error) as raised:
        await cluster.orchestrator.provisioning.provision(provision(mb=mb, **more))
    assert not cluster.orchestrator.provisioning.volumes
    return str(raised.value)


async def test_after_a_restart_the_agent_that_is_not_back_is_named(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    await cluster.crash()
    words = await told(cluster, NotYetKnown)
    assert f"agent {agent.agent_id} is not connected" in words and "try again" in words
    await agent.join(cluster.orchestrator)
    await cluster.orchestrator.provisioning.provision(provision())


async def test_who_asks_for_a_block_volume_of_the_wrong_profile_is_told_which_make_them(
    cluster: Cluster,
) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    words = await told(cluster, InvalidRequest, block=True)
    assert "'default' makes filesystem volumes" in words and "profiles that make block ones: none" in words


async def test_an_agent_whose_provider_has_not_reported_yet_is_named(cluster: Cluster) -> None:
    agent = LateAgent()
    await agent.join(cluster.orchestrator)
    assert f"agent {agent.agent_id} has not reported its storage yet" in await told(cluster, NotYetKnown)


async def test_a_lost_agent_that_had_the_only_pool_is_named(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    leave(cluster, agent)
    words = await told(cluster, NotYetKnown)
    assert f"agent {agent.agent_id} is not connected" in words and "0 MiB" not in words


async def test_a_plugin_that_is_not_up_is_told(cluster: Cluster) -> None:
    agent = StartingAgent()
    await agent.join(cluster.orchestrator)
    assert "waits for its plugin, which is PROBING" in await told(cluster, NotYetKnown)


async def test_only_the_agent_that_was_asked_for_counts(cluster: Cluster) -> None:
    here, gone = ScriptedAgent(), ScriptedAgent()
    await here.join(cluster.orchestrator)
    await gone.join(cluster.orchestrator)
    leave(cluster, gone)
    wanted = mesos.AgentID(value=str(gone.agent_id))
    assert f"agent {gone.agent_id} is not connected" in await told(cluster, NotYetKnown, agent_id=wanted)
    wanted = mesos.AgentID(value=str(here.agent_id))
    words = await told(cluster, NotEnough, mb=10_001, agent_id=wanted)
    assert "at most 10000 MiB" in words and str(gone.agent_id) not in words


async def test_too_little_room_while_an_agent_is_away_says_both(cluster: Cluster) -> None:
    here, gone = ScriptedAgent(), ScriptedAgent()
    await here.join(cluster.orchestrator)
    await gone.join(cluster.orchestrator)
    leave(cluster, gone)
    words = await told(cluster, NotEnough, mb=10_001)
    assert f"at most 10000 MiB can be had now, while agent {gone.agent_id} is not connected" in words


async def test_a_profile_without_pool_on_a_cluster_that_is_complete_is_not_waited_for(
    cluster: Cluster,
) -> None:
    agent = ScriptedAgent()
    agent.totals = Resources()
    await agent.join(cluster.orchestrator)
    assert "at most 0 MiB" in await told(cluster, NotEnough)


async def test_an_agent_that_nobody_knows_is_told(cluster: Cluster) -> None:
    await ScriptedAgent().join(cluster.orchestrator)
    words = await told(cluster, NotEnough, agent_id=mesos.AgentID(value="nobody"))
    assert "no agent 'nobody'" in words


async def test_an_agent_that_is_away_for_long_is_not_waited_for(cluster: Cluster) -> None:
    here, gone = ScriptedAgent(), ScriptedAgent()
    await here.join(cluster.orchestrator)
    await gone.join(cluster.orchestrator)
    leave(cluster, gone)
    agent = cluster.orchestrator.state.agents[str(gone.agent_id)]
    assert agent.away_since is not None
    agent.away_since -= AWAY_SECONDS + 1.0
    words = await told(cluster, NotEnough, mb=10_001)
    assert "while agent" not in words and "of 1 agents that have been away for long" in words
    with pytest.raises(InvalidRequest) as raised:
        await cluster.orchestrator.provisioning.provision(structs.replace(provision(), profile="other"))
    words = str(raised.value)
    assert "there is no profile 'other'" in words and "try again" not in words
    await gone.join(cluster.orchestrator)
    assert "away for long" not in await told(cluster, NotEnough, mb=10_001)


async def test_a_volume_of_an_agent_that_is_away_is_shown_as_not_known_now(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    provisioning = cluster.orchestrator.provisioning
    await provisioning.provision(provision())
    record = provisioning.volumes["data"]
    await until(lambda: record.state is VolumeState.AVAILABLE)
    assert provisioning.message(record).message is UNSET
    leave(cluster, agent)
    assert f"its agent {agent.agent_id} is not connected" in str(provisioning.message(record).message)
    await agent.join(cluster.orchestrator)
    await until(lambda: provisioning.message(record).message is UNSET)
    agent.leave()
    await until(lambda: "provider-1 is not here" in str(provisioning.message(record).message))


async def test_of_two_providers_with_one_profile_the_one_that_is_named_makes_the_volume(
    cluster: Cluster,
) -> None:
    larger, smaller = ScriptedAgent(10_000), ArchiveAgent(5_000)
    for agent in (larger, smaller):
        await agent.join(cluster.orchestrator)
    provisioning = cluster.orchestrator.provisioning
    for name, wanted in (("any", None), ("by-name", "archive"), ("by-id", "archive-id"), ("other", "pool")):
        await provisioning.provision(provision(name=name, provider=UNSET if wanted is None else wanted))
    made = {volume.name: volume.provider_id for volume in provisioning.volumes.values()}
    assert made == {"any": PROVIDER, "by-name": "archive-id", "by-id": "archive-id", "other": PROVIDER}
    await provisioning.provision(provision(name="by-name", provider="archive"))
    with pytest.raises(VolumeConflict, match="other properties"):
        await provisioning.provision(provision(name="by-name", provider="pool"))


async def test_a_provider_that_is_not_there_is_named(cluster: Cluster) -> None:
    agent = ScriptedAgent()
    await agent.join(cluster.orchestrator)
    assert "there is no provider 'archive': see `orlop providers`" in await told(
        cluster, NotEnough, provider="archive"
    )
    other = mesos.AgentID(value=str(agent.agent_id))
    words = await told(cluster, NotEnough, provider="archive", agent_id=other)
    assert f"there is no provider 'archive' on agent {agent.agent_id}" in words
    leave(cluster, agent)
    words = await told(cluster, NotYetKnown, provider="pool")
    assert f"agent {agent.agent_id} is not connected" in words
    await cluster.crash()
    words = await told(cluster, NotYetKnown, provider="pool")
    assert f"no provider 'pool' is here while agent {agent.agent_id} is not connected" in words


async def test_a_profile_means_what_each_provider_means_by_it(cluster: Cluster) -> None:
    files, devices = ScriptedAgent(5_000), ArchiveAgent(10_000)
    devices.block = True
    for agent in (files, devices):
        await agent.join(cluster.orchestrator)
    provisioning = cluster.orchestrator.provisioning
    await provisioning.provision(provision(name="files"))
    await provisioning.provision(provision(name="devices", block=True))
    made = {volume.name: volume.provider_id for volume in provisioning.volumes.values()}
    assert made == {"files": PROVIDER, "devices": "archive-id"}
    with pytest.raises(InvalidRequest) as raised:
        await provisioning.provision(provision(name="more", provider="archive"))
    words = str(raised.value)
    assert "'default' makes block volumes, not filesystem ones" in words
