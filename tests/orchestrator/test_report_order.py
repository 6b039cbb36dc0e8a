"""What a provider reports has its effects in the order in which it is reported."""

from __future__ import annotations

from api.wire.v1 import link
from tests.orchestrator.scripted import ScriptedAgent
from tests.orchestrator.test_core import Cluster, cluster, create_disk, subscribe, until

__all__ = ["cluster"]

OPERATIONS = 8
"""So many that another order than the reported one hardly comes out right by chance."""


class Reporting(ScriptedAgent):
    """Outcomes are told by its reports only."""

    def tell_status(self, key: bytes) -> None:
        pass


async def test_outcomes_reach_their_owner_in_the_order_in_which_the_provider_reports_them(
    cluster: Cluster,
) -> None:
    rooms, agent = cluster.orchestrator, Reporting()
    await agent.join(rooms)
    agent.deaf = True
    framework, session = await subscribe(rooms, ["test"])
    await until(session.offers)
    call = create_disk(session.offers()[0], 100, "op-0")
    for number in range(1, OPERATIONS):
        call.operations += create_disk(session.offers()[0], 100, f"op-{number}").operations
    await rooms.acceptance.accept(framework, call)
    sent = [m.apply_operation for m in agent.received if m.apply_operation]
    for apply in reversed(sent):
        assert isinstance(apply, link.OrchestratorMessageApplyOperation)
        agent.apply(apply.operation)
    agent.report_provider()
    await until(lambda: len(session.operation_statuses()) == OPERATIONS)
    told = [status.operation_id.value for status in session.operation_statuses()]
    assert told == [f"op-{number}" for number in reversed(range(OPERATIONS))]
