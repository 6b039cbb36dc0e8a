"""Frameworks that come, go and are removed at the same moment."""

from __future__ import annotations

import asyncio

import pytest

from api.wire.v1 import mesos, scheduler
from orchestrator.framework_rules import InvalidFramework
from orchestrator.frameworks import SubscriptionRefused
from tests.orchestrator.scripted import ScriptedFramework
from tests.orchestrator.test_core import Cluster, cluster

__all__ = ["cluster"]


def subscription(framework_id: str) -> scheduler.CallSubscribe:
    info = mesos.FrameworkInfo(
        user="me", name="test", roles=["test"], id=mesos.FrameworkID(value=framework_id)
    )
    return scheduler.CallSubscribe(framework_info=info)


async def test_a_framework_whose_old_stream_breaks_while_it_fails_over_is_not_removed(
    cluster: Cluster,
) -> None:
    frameworks, first, second = cluster.orchestrator.frameworks, ScriptedFramework(), ScriptedFramework()
    await frameworks.subscribe(subscription("f"), first)
    coming = asyncio.ensure_future(frameworks.subscribe(subscription("f"), second))
    await asyncio.sleep(0)
    frameworks.disconnected("f", first)  # its failover timeout is none
    assert (await coming).connected
    await asyncio.sleep(0.05)
    assert "f" in cluster.orchestrator.state.frameworks


async def test_a_framework_that_is_removed_while_it_subscribes_is_refused(cluster: Cluster) -> None:
    frameworks, session = cluster.orchestrator.frameworks, ScriptedFramework()
    await frameworks.subscribe(subscription("f"), session)
    coming = asyncio.ensure_future(frameworks.subscribe(subscription("f"), session))
    await asyncio.sleep(0)
    await frameworks.remove("f")
    with pytest.raises(SubscriptionRefused):
        await coming
    assert not cluster.orchestrator.framework_sessions.peers()


async def test_a_call_that_suppresses_a_role_which_the_framework_does_not_have_changes_nothing(
    cluster: Cluster,
) -> None:
    frameworks = cluster.orchestrator.frameworks
    framework = await frameworks.subscribe(subscription("f"), ScriptedFramework())
    with pytest.raises(InvalidFramework, match="none of the framework's: test"):
        frameworks.suppress(framework, ["test", "other"])
    assert framework.suppressed == set()
