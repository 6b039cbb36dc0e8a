"""What there is at a point of a scenario: agents, frameworks, offers outstanding, what was launched.

The scenario's own books, beside the allocator's: who was offered what, so that it can be given back or
launched by what is written. Must not: allocate, or decide what an op does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from api.model.errors import InvalidRequest
from api.model.resources import EMPTY, Resources
from orchestrator.allocation_replay.amounts import NotThere, Written, shown, taken


class UnknownName(InvalidRequest):
    """A step names an agent or a framework that there is not, or adds one that there is."""


@dataclass(slots=True)
class Outstanding:
    """An offer that waits for an answer. `resources`: what is left of it, without allocation."""

    key: str
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
    """agents: totals by name, in the order they were added; frameworks: roles by name."""

    agents: dict[str, Resources] = field(default_factory=dict)
    frameworks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    offers: list[Outstanding] = field(default_factory=list)
    launched: list[Launched] = field(default_factory=list)
    offers_made: int = 0
    agents_numbered: int = 0

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
        self.offers.append(Outstanding(str(self.offers_made), framework, role, agent, resources))

    def offers_on(self, agent: str) -> list[Outstanding]:
        return [offer for offer in self.offers if offer.agent == agent]

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
        self.offers = [offer for offer in self.offers if offer.resources]
        return parts

    def drop(self, offers: Iterable[Outstanding]) -> None:
        keys = {offer.key for offer in offers}
        self.offers = [offer for offer in self.offers if offer.key not in keys]

    # What is in use

    def launched_on(self, agent: str) -> Iterator[Launched]:
        return (each for each in self.launched if each.agent == agent)

    def in_use(self, agent: str) -> Resources:
        return Resources.total(each.resources for each in self.launched_on(agent))

    def free(self, agent: str) -> Resources:
        """What is neither offered nor in use there."""
        held = Resources.total(offer.resources for offer in self.offers_on(agent))
        return self.agents[agent] - held - self.in_use(agent)


def _common(left: Resources, right: Resources) -> Resources:
    """What is in both."""
    return left - (left - right) if left and right else EMPTY
