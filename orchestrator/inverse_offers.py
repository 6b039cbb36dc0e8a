"""Inverse offers: frameworks asked to leave agents that will be unavailable, and what they answered.

An inverse offer is for a whole agent, to a framework that has something there. It is outstanding until it
is answered, or withdrawn because there is nothing to leave any more, the unavailability is another, or the
agent or the framework is away. An answer, accept or decline, changes nothing but what operators are shown,
and keeps the question from being asked again while its filter lasts. Kept in memory: asked anew after a
failover.

Must not: end anything of a framework's, write, wait.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from typing import Final

from api.model.clock import Clock
from api.model.ids import IdSource
from api.wire.v1 import allocator, mesos, scheduler
from orchestrator.filter_life import DEFAULT_REFUSE_SECONDS, filter_until
from orchestrator.sessions import FrameworkSessions
from orchestrator.state import Agent, ChangeKind, ClusterState, Framework, StateChange

EVENT_LIMIT: Final = 1_000
"""Inverse offers in one event; more come in several."""

NANOSECONDS: Final = 1_000_000_000

Status = allocator.InverseOfferStatusStatus


@dataclass(slots=True)
class _Asked:
    """One framework, asked to leave one agent. `offer_id`: while the question is open."""

    offer_id: str | None = None
    status: Status = Status.UNKNOWN
    since: float = 0.0
    filtered_until: float | None = None


@dataclass(slots=True)
class _Absence:
    """What was announced of an agent, and whom it was told."""

    unavailability: mesos.Unavailability
    asked: dict[str, _Asked] = field(default_factory=dict)


class InverseOffers:
    """All of them. `holders`: the frameworks that have something on an agent, offers included."""

    def __init__(
        self,
        state: ClusterState,
        sessions: FrameworkSessions,
        holders: Callable[[str], set[str]],
        clock: Clock,
        ids: IdSource,
    ) -> None:
        self._state = state
        self._sessions = sessions
        self._holders = holders
        self._clock = clock
        self._ids = ids
        self._absences: dict[str, _Absence] = {}
        self._outstanding: dict[str, tuple[str, str]] = {}
        self._listeners: list[Callable[[str], None]] = []
        state.listen(self._changed, of=(Framework, Agent))

    def listen(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with the id of a framework whenever other questions are open to it than before."""
        self._listeners.append(listener)

    def announce(self, agent_id: str, unavailability: mesos.Unavailability | None) -> None:
        """An agent will be unavailable, or (None) will not. What was asked and answered before is void."""
        absence = self._absences.pop(agent_id, None)
        if absence is not None:
            for framework_id in list(absence.asked):
                self._withdraw(absence, framework_id)
        if unavailability is not None:
            self._absences[agent_id] = _Absence(unavailability)

    def ask(self, candidates: Container[str] | None = None) -> None:
        """After an allocation: ask whoever has something on an agent that will be away and was not asked.

        `candidates`: the agents that it looked at; None: all.
        """
        made: dict[str, list[mesos.InverseOffer]] = {}
        now = self._clock.monotonic()
        for agent_id, absence in self._absences.items():
            if candidates is not None and agent_id not in candidates:
                continue
            holders = self._holders(agent_id) if self._state.agents[agent_id].connected else set()
            for framework_id in [f for f in absence.asked if f not in holders]:
                self._withdraw(absence, framework_id)
            for framework_id in sorted(holders):
                framework = self._state.frameworks.get(framework_id)
                if framework is not None and framework.connected and self._is_due(absence, framework_id, now):
                    made.setdefault(framework_id, []).append(self._made(agent_id, absence, framework_id))
        for framework_id, offers in made.items():
            for at in range(0, len(offers), EVENT_LIMIT):
                body = scheduler.EventInverseOffers(inverse_offers=offers[at : at + EVENT_LIMIT])
                self._sessions.send(
                    framework_id,
                    scheduler.Event(type=scheduler.EventType.INVERSE_OFFERS, inverse_offers=body),
                )

    def answered(
        self,
        framework_id: str,
        offer_ids: Iterable[mesos.OfferID],
        filters: mesos.Filters | object,
        *,
        accepted: bool,
    ) -> None:
        """A framework accepted or declined these. One that is not outstanding is passed over."""
        seconds = filters.refuse_seconds if isinstance(filters, mesos.Filters) else DEFAULT_REFUSE_SECONDS
        until = filter_until(self._clock.monotonic(), seconds, interval=0.0)
        for offer_id in offer_ids:
            owner, agent_id = self._outstanding.get(offer_id.value, ("", ""))
            if owner != framework_id:
                continue
            self._close(offer_id.value)
            self._absences[agent_id].asked[framework_id] = _Asked(
                status=Status.ACCEPT if accepted else Status.DECLINE,
                since=self._clock.now(),
                filtered_until=until,
            )

    def revived(self, framework_id: str) -> None:
        """A framework wants all offers again: what it answered keeps no question back."""
        for absence in self._absences.values():
            asked = absence.asked.get(framework_id)
            if asked is not None:
                asked.filtered_until = None

    def outstanding(self, framework_id: str) -> list[mesos.InverseOffer]:
        """Those that wait for the framework's answer."""
        return [
            self._message(offer_id, agent_id, self._absences[agent_id], owner)
            for offer_id, (owner, agent_id) in self._outstanding.items()
            if owner == framework_id
        ]

    def statuses(self, agent_id: str) -> list[allocator.InverseOfferStatus]:
        """What frameworks said to leaving the agent; UNKNOWN of those that have not answered."""
        absence = self._absences.get(agent_id)
        return [
            allocator.InverseOfferStatus(
                status=asked.status,
                framework_id=mesos.FrameworkID(value=framework_id),
                timestamp=mesos.TimeInfo(nanoseconds=int(asked.since * NANOSECONDS)),
            )
            for framework_id, asked in (absence.asked.items() if absence is not None else ())
        ]

    def _is_due(self, absence: _Absence, framework_id: str, now: float) -> bool:
        asked = absence.asked.get(framework_id)
        if asked is None:
            return True
        return asked.offer_id is None and (asked.filtered_until is None or asked.filtered_until <= now)

    def _made(self, agent_id: str, absence: _Absence, framework_id: str) -> mesos.InverseOffer:
        offer_id = str(self._ids.uuid())
        former = absence.asked.get(framework_id)
        absence.asked[framework_id] = _Asked(
            offer_id,
            status=former.status if former is not None else Status.UNKNOWN,
            since=former.since if former is not None else self._clock.now(),
        )
        self._outstanding[offer_id] = (framework_id, agent_id)
        self._tell(framework_id)
        return self._message(offer_id, agent_id, absence, framework_id)

    def _message(
        self, offer_id: str, agent_id: str, absence: _Absence, framework_id: str
    ) -> mesos.InverseOffer:
        return mesos.InverseOffer(
            id=mesos.OfferID(value=offer_id),
            framework_id=mesos.FrameworkID(value=framework_id),
            agent_id=mesos.AgentID(value=agent_id),
            unavailability=absence.unavailability,
        )

    def _withdraw(self, absence: _Absence, framework_id: str, *, tell: bool = True) -> None:
        asked = absence.asked.pop(framework_id)
        if asked.offer_id is None:
            return
        self._close(asked.offer_id)
        if tell:
            body = scheduler.EventRescindInverseOffer(inverse_offer_id=mesos.OfferID(value=asked.offer_id))
            self._sessions.send(
                framework_id,
                scheduler.Event(type=scheduler.EventType.RESCIND_INVERSE_OFFER, rescind_inverse_offer=body),
            )

    def _close(self, offer_id: str) -> None:
        framework_id, _ = self._outstanding.pop(offer_id)
        self._tell(framework_id)

    def _tell(self, framework_id: str) -> None:
        for listener in self._listeners:
            listener(framework_id)

    def _changed(self, change: StateChange) -> None:
        """A framework that is away is asked when it is back; an agent that is away is not left by anybody."""
        subject = change.subject
        if isinstance(subject, Framework) and not subject.connected:
            for absence in self._absences.values():
                if subject.framework_id in absence.asked:
                    self._withdraw(absence, subject.framework_id, tell=False)
        elif isinstance(subject, Agent) and change.kind is ChangeKind.AGENT_REMOVED:
            self.announce(subject.agent_id, None)
