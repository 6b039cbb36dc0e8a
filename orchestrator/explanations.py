"""Why agents are not offered to a role's frameworks, put together from all who may stand in the way.

The allocator says what its books say (`allocator.explain`); connections, providers that are away, outstanding
offers and the pause after a start are known here. Worked out when somebody asks. Must not: change anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from types import MappingProxyType
from typing import Final

from msgspec import UNSET, UnsetType

from api.model.clock import Clock
from api.model.roles import validate_role
from api.wire.v1 import master, mesos
from orchestrator.allocator import Allocator
from orchestrator.allocator.explain import MAX_WITHHELD, Open, Withheld
from orchestrator.allocator.explain import Code as Books
from orchestrator.offers import Offers
from orchestrator.state import Agent, ClusterState

LIMIT: Final = 10_000
"""Answers to one question at most, whatever is asked for. Of those beyond it, the number is told."""

COUNTED_LIMIT: Final = 10_000
"""Answers that are found and counted, in some tenths of a second. A total of so many means that there may be
more: ask for one framework."""

LOOKED_AT_LIMIT: Final = 50_000
"""Agents that one question looks at, each once for each framework: nothing else is done meanwhile.
Beyond it the total is that of COUNTED_LIMIT."""


class Code(StrEnum):
    """Reasons beyond those of the allocator's books."""

    PAUSED = "PAUSED"
    AGENT_DISCONNECTED = "AGENT_DISCONNECTED"
    MAINTENANCE = "MAINTENANCE"
    DEACTIVATED = "DEACTIVATED"
    TOO_MANY_OFFERS = "TOO_MANY_OFFERS"
    ON_OFFER = "ON_OFFER"
    PROVIDER_DISCONNECTED = "PROVIDER_DISCONNECTED"


TEXTS: Final = MappingProxyType(
    {
        Code.PAUSED: "{pause}",
        Code.AGENT_DISCONNECTED: "the agent is not connected: it may be down, or cut off",
        Code.MAINTENANCE: "the agent's machine is down for maintenance: stop that when it is back (`orlop "
        "maintenance`)",
        Code.DEACTIVATED: "an operator has withdrawn the agent, it is {mode}: bring it back (`orlop agents "
        "reactivate {agent}`)",
        Code.TOO_MANY_OFFERS: "the framework has as many offers as it may: it must answer some",
        Code.ON_OFFER: "all that is free is on offer to framework {framework} in role {role}",
        Code.PROVIDER_DISCONNECTED: "its resource provider {provider} is not subscribed{why}: nothing "
        "of it is on offer",
    }
)
FILTERED: Final = (
    "the framework declined {refused} here: a filter for {seconds:.0f} s more, or until it revives"
)


class Explanations:
    """Answers for operators."""

    def __init__(self, state: ClusterState, allocator: Allocator, offers: Offers, clock: Clock) -> None:
        self._state = state
        self._allocator = allocator
        self._offers = offers
        self._clock = clock

    def explain(
        self, role: str, framework_id: str | None = None, limit: int = MAX_WITHHELD
    ) -> tuple[list[master.Withheld], int]:
        """The first `limit` answers, and how many there are (COUNTED_LIMIT at most). Raises InvalidRole."""
        validate_role(role)
        looked_at = self._allocator.looked_at(role, framework_id)
        every = self._every(role, framework_id, islice(looked_at, LOOKED_AT_LIMIT))
        shown = list(islice(every, min(limit, LIMIT)))
        total = len(shown) + sum(1 for _ in islice(every, COUNTED_LIMIT - len(shown)))
        return shown, total if next(looked_at, None) is None else COUNTED_LIMIT

    def _every(
        self, role: str, framework_id: str | None, looked_at: Iterator[Withheld | Open]
    ) -> Iterator[master.Withheld]:
        now = self._clock.monotonic()
        pause = self._offers.paused()
        told: set[tuple[str, str]] = set()
        for found in looked_at:
            if isinstance(found, Withheld):
                told.add((found.framework_id, found.agent_id))
                if not (found.code is Books.GROUP_EXHAUSTED and self._has_pools(found)):
                    yield self._shown(found, now)
            elif pause is not None:
                agent = self._state.agents[found.agent_id]
                yield _message(agent, found.framework_id, role, Code.PAUSED, pause)
        yield from self._on_offer(role, framework_id, told)
        yield from self._absent(role)

    def _has_pools(self, found: Withheld) -> bool:
        """Whether the framework itself has on offer there what leaves less of the sibling pools."""
        mine = (found.framework_id, found.role)
        return any(
            (offer.framework_id, offer.role) == mine
            and any(each.disk is not None and each.disk.is_pool for each in offer.resources.divisible)
            for offer in self._offers.of_agent(found.agent_id)
        )

    def _shown(self, found: Withheld, now: float) -> master.Withheld:
        code, text = str(found.code), found.text
        agent = self._state.agents[found.agent_id]
        if found.code is Books.AGENT_INACTIVE and not agent.connected:
            code, text = Code.AGENT_DISCONNECTED, TEXTS[Code.AGENT_DISCONNECTED]
        elif found.code is Books.AGENT_INACTIVE and agent.down:
            code, text = Code.MAINTENANCE, TEXTS[Code.MAINTENANCE]
        elif found.code is Books.AGENT_INACTIVE and not agent.is_offered:
            text = TEXTS[Code.DEACTIVATED].format(mode=agent.withdrawal.mode, agent=agent.agent_id)
            code = Code.DEACTIVATED
        elif found.code is Books.SUPPRESSED and self._offers.is_full(found.framework_id):
            code, text = Code.TOO_MANY_OFFERS, TEXTS[Code.TOO_MANY_OFFERS]
        elif found.until is not None:
            text = FILTERED.format(refused=found.refused, seconds=max(found.until - now, 0.0))
        return _message(agent, found.framework_id, found.role, code, text)

    def _on_offer(
        self, role: str, framework_id: str | None, told: set[tuple[str, str]]
    ) -> Iterator[master.Withheld]:
        """Where the books gave no reason: that somebody has on offer what was free."""
        asked = [
            each.framework_id
            for each in self._state.frameworks.values()
            if role in each.roles and framework_id in (None, each.framework_id)
        ]
        for agent in self._state.agents.values():
            offers = self._offers.of_agent(agent.agent_id)
            if not offers:
                continue
            text = TEXTS[Code.ON_OFFER].format(framework=offers[0].framework_id, role=offers[0].role)
            having = {offer.framework_id for offer in offers if offer.role == role}
            for mine in asked:
                if mine not in having and (mine, agent.agent_id) not in told:
                    yield _message(agent, mine, role, Code.ON_OFFER, text)

    def _absent(self, role: str) -> Iterator[master.Withheld]:
        """Of each provider that is away, whose disks nobody is offered."""
        for agent in self._state.agents.values():
            for provider_id, reason in agent.departed.items():
                why = f" ({reason})" if reason else ""
                text = TEXTS[Code.PROVIDER_DISCONNECTED].format(provider=provider_id, why=why)
                yield _message(agent, "", role, Code.PROVIDER_DISCONNECTED, text)


def _message(agent: Agent, framework_id: str, role: str, code: str, reason: str) -> master.Withheld:
    framework: mesos.FrameworkID | UnsetType = (
        mesos.FrameworkID(value=framework_id) if framework_id else UNSET
    )
    return master.Withheld(
        framework_id=framework,
        role=role,
        agent_id=mesos.AgentID(value=agent.agent_id),
        hostname=agent.info.hostname,
        code=code,
        reason=reason,
    )
