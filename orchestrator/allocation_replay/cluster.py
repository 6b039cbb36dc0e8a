"""What there is at a point of a scenario: agents, frameworks, offers outstanding, what was launched.

The scenario's own books, beside the allocator's: who was offered what, so that it can be given back or
launched by what is written. Must not: allocate, or decide what an op does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from api.model.errors import InvalidRequest
from api.model.resources import EMPTY, Resources
from orchestrator.allocation_replay.amounts import NotThere, Written, shown, taken


class UnknownName(InvalidRequest):
    """A step names an agent or a framework that there is not, or adds one that there is."""


@dataclass(slots=True)
class Outstanding:
    """An offer that waits for an answer. `resources`: what is left of it, without allocation."""

    key: int
    framework: str
    role: str
    agent: str
    resources: Resources


@dataclass(slots=True)
class Launched:
    """What a framework uses for good."""

    framework: str
    role: str
    agent: str
    resources: Resources


@dataclass(slots=True)
class Cluster:
    """agents: totals by name, in the order they were added; frameworks: roles by name.

    _offers: by agent and key, the oldest first.
    """

    agents: dict[str, Resources] = field(default_factory=dict)
    frameworks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    offers_made: int = 0
    agents_numbered: int = 0
    _offers: dict[str, dict[int, Outstanding]] = field(default_factory=dict)
    _launched: dict[str, list[Launched]] = field(default_factory=dict)

    def agent(self, name: str) -> Resources:
        """Its total. Raises UnknownName."""
        if name not in self.agents:
            raise UnknownName(f"there is no agent {name!r}: add it first")
        return self.agents[name]

    def framework(self, name: str) -> tuple[str, ...]:
        """Its roles. Raises UnknownName."""
        if name not in self.frameworks:
            raise UnknownName(f"there is no framework {name!r}: add it first")
        return self.frameworks[name]

    def new_agent(self, name: str) -> None:
        """Raises UnknownName when there is one of that name."""
        if name in self.agents:
            raise UnknownName(f"there is an agent {name!r} already: remove it first")

    def new_framework(self, name: str) -> None:
        """Raises UnknownName when there is one of that name."""
        if name in self.frameworks:
            raise UnknownName(f"there is a framework {name!r} already: remove it first")

    def numbered_agents(self, count: int) -> list[str]:
        """The next `count` of a1, a2, … that there never were."""
        found: list[str] = []
        while len(found) < count:
            self.agents_numbered += 1
            name = f"a{self.agents_numbered}"
            if name not in self.agents:
                found.append(name)
        return found

    # Offers

    def offered(self, framework: str, role: str, agent: str, resources: Resources) -> None:
        self.offers_made += 1
        offer = Outstanding(self.offers_made, framework, role, agent, resources)
        self._offers.setdefault(agent, {})[offer.key] = offer

    def offers(self) -> list[Outstanding]:
        """All of them, the oldest first."""
        found = [offer for there in self._offers.values() for offer in there.values()]
        return sorted(found, key=lambda offer: offer.key)

    def offers_on(self, agent: str) -> list[Outstanding]:
        return list(self._offers.get(agent, {}).values())

    def take(self, framework: str, agent: str, written: Written) -> list[tuple[Outstanding, Resources]]:
        """Takes what is written out of the framework's offers on the agent; parts by offer, the oldest first.

        Raises NotThere when it was not all offered: nothing has changed then.
        """
        mine = [offer for offer in self.offers_on(agent) if offer.framework == framework]
        together = Resources.total(offer.resources for offer in mine)
        try:
            wanted = taken(together, written)
        except NotThere as error:
            raise NotThere(f"{framework} is offered {shown(together)} on {agent}: {error}") from error
        parts = []
        for offer in mine:
            part = _common(offer.resources, wanted)
            if part:
                parts.append((offer, part))
                wanted = wanted - part
                offer.resources = offer.resources - part
        self.drop(offer for offer in mine if not offer.resources)
        return parts

    def drop(self, offers: Iterable[Outstanding]) -> None:
        for offer in offers:
            del self._offers[offer.agent][offer.key]

    # What is in use

    def use(self, part: Launched) -> None:
        self._launched.setdefault(part.agent, []).append(part)

    def in_use(self, agent: str) -> Resources:
        return Resources.total(each.resources for each in self._launched.get(agent, ()))

    def free(self, agent: str) -> Resources:
        """What is neither offered nor in use there."""
        held = Resources.total(offer.resources for offer in self.offers_on(agent))
        return self.agents[agent] - held - self.in_use(agent)

    def forget_agent(self, agent: str) -> None:
        """With all that is offered and in use there."""
        del self.agents[agent]
        self._offers.pop(agent, None)
        self._launched.pop(agent, None)

    def end_use(self, framework: str) -> list[Launched]:
        """Nothing is in use by the framework any more; what was."""
        ended = []
        for agent, parts in self._launched.items():
            ended += [part for part in parts if part.framework == framework]
            self._launched[agent] = [part for part in parts if part.framework != framework]
        return ended


def _common(left: Resources, right: Resources) -> Resources:
    """What is in both."""
    return left - (left - right) if left and right else EMPTY
