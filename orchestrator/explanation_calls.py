"""EXPLAIN_OFFERS of the operator API, passed on to `explanations`. Must not: find reasons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from api.wire.v1 import master
from orchestrator.allocator.explain import MAX_WITHHELD
from orchestrator.explanations import Explanations
from orchestrator.journal import Journal
from orchestrator.replies import Reply, told
from orchestrator.state import value_of

T = master.CallType


class ExplanationCalls:
    """It as a handler of the operator API."""

    def __init__(self, explanations: Explanations, journal: Journal) -> None:
        self._explanations = explanations
        self._journal = journal

    def handlers(self) -> Mapping[T, Callable[[master.Call], Awaitable[Reply]]]:
        return {T.EXPLAIN_OFFERS: self._explain}

    async def _explain(self, call: master.Call) -> Reply:
        asked = call.explain_offers
        assert isinstance(asked, master.CallExplainOffers)
        await self._journal.barrier()
        limit = asked.limit if isinstance(asked.limit, int) else MAX_WITHHELD
        found, total = self._explanations.explain(asked.role, value_of(asked.framework_id), limit)
        shown = master.ResponseExplainOffers(withheld=found, total=total)
        return told(master.ResponseType.EXPLAIN_OFFERS, shown)
