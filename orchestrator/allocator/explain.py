"""Why a framework is not being offered an agent that has something free: the checks of a run, one by one.

Reads the books and changes nothing; nobody pays for it but who asks. The first check that fails is the
reason. What passes them all is offered by the next run, to this framework or to one whose turn it is before.

Must not: decide who is offered what, know connections or offers (whoever knows those adds them).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from api.model.roles import UNRESERVED
from orchestrator.allocator.agents import Agent
from orchestrator.allocator.carving import plain_part, room_of, with_plain, within
from orchestrator.allocator.clients import Client, Holder, Role
from orchestrator.allocator.config import AgentId, FrameworkId
from orchestrator.allocator.filters import FilterKey, Filters
from orchestrator.allocator.gates import FLAT_ROLES, GPUS, ONE_ROLE, REMOTE, without
from orchestrator.allocator.holdings import NOTHING, REFINED, REVOCABLE, SHARED, Holding, Kind
from orchestrator.allocator.names import MICRO, Names, Slot
from orchestrator.allocator.pools import askable, within_quota
from orchestrator.allocator.quota import amount_text
from orchestrator.allocator.roster import Roster
from orchestrator.allocator.traits import Capability

MAX_WITHHELD: Final = 1000
"""Answers to one question, unless more are asked for. Of those beyond it nothing is said."""

NAMED: Final = 3
"""Roles that a reason names; of those beyond it, the number."""


class Code(StrEnum):
    """Reasons, in the order in which they are looked at."""

    NO_FRAMEWORK = "NO_FRAMEWORK"
    FRAMEWORK_DISCONNECTED = "FRAMEWORK_DISCONNECTED"
    SUPPRESSED = "SUPPRESSED"
    AGENT_INACTIVE = "AGENT_INACTIVE"
    NOT_WHITELISTED = "NOT_WHITELISTED"
    NOT_WANTED = "NOT_WANTED"
    OTHER_REGION = "OTHER_REGION"
    CAPABILITY_MISSING = "CAPABILITY_MISSING"
    AGENT_CAPABILITY_MISSING = "AGENT_CAPABILITY_MISSING"
    RESERVED_FOR_OTHERS = "RESERVED_FOR_OTHERS"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    GROUP_EXHAUSTED = "GROUP_EXHAUSTED"
    QUOTA_LIMIT = "QUOTA_LIMIT"
    HEADROOM = "HEADROOM"
    FILTERED = "FILTERED"


TEXTS: Final = MappingProxyType(
    {
        Code.NO_FRAMEWORK: "{who} subscribed to role {role}",
        Code.FRAMEWORK_DISCONNECTED: "the framework is not connected",
        Code.SUPPRESSED: "the framework suppressed role {role}: it must revive it",
        Code.AGENT_INACTIVE: "the agent is not active: it is disconnected or deactivated",
        Code.NOT_WHITELISTED: "host {hostname} is not on the whitelist",
        Code.NOT_WANTED: "the framework's offer constraints for role {role} leave this agent out",
        Code.OTHER_REGION: "the agent is in region {region}: that takes the capability REGION_AWARE",
        Code.CAPABILITY_MISSING: "the framework lacks the capability {capability}, and {what}",
        Code.AGENT_CAPABILITY_MISSING: "the agent lacks the capability {capability}, and {what}",
        Code.RESERVED_FOR_OTHERS: "what is free is reserved for other roles: {roles}",
        Code.BELOW_MINIMUM: "too little is free to be worth an offer: {free}",
        Code.GROUP_EXHAUSTED: "the capacity that pools {pools} share is exhausted by {who}",
        Code.QUOTA_LIMIT: "limit of role {owner} on {name} reached: {limit}, of which it has {has}",
        Code.HEADROOM: "held as headroom for role {owner}: guarantees lack {amount} of {name}",
        Code.FILTERED: "the framework declined {refused} here, until {end:g}, or until it revives",
    }
)
"""What is said of each, with what belongs into it."""

_LACKS: Final = (
    (REVOCABLE, Capability.REVOCABLE_RESOURCES, "what is free is revocable"),
    (SHARED, Capability.SHARED_RESOURCES, "what is free is shared"),
    (REFINED, Capability.RESERVATION_REFINEMENT, "what is free has a reservation that refines another"),
)


@dataclass(frozen=True, slots=True)
class Withheld:
    """That an agent with something free is not being offered, and why.

    framework_id: "" when the role has no framework. until: when a filter ends, on the scale of the caller's
    `now`; None for other reasons. refused: what it suppresses.
    """

    framework_id: FrameworkId
    role: str
    agent_id: AgentId
    code: Code
    text: str
    until: float | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """That nothing keeps an agent with something free from being offered by the next run."""

    framework_id: FrameworkId
    agent_id: AgentId


@dataclass(frozen=True, slots=True)
class _Reason:
    code: Code
    text: str
    until: float | None = None
    refused: str = ""


def _because(code: Code, **parts: object) -> _Reason:
    return _Reason(code, TEXTS[code].format(**parts))


class Explainer:
    """One answer, from the books as they are now."""

    def __init__(self, roster: Roster, filters: Filters, names: Names) -> None:
        self._roster = roster
        self._filters = filters
        self._names = names
        self._lacking: dict[Slot, str] = {}
        self._refused: dict[object, str] = {}

    def looked_at(
        self, role: str, framework_id: FrameworkId | None, agents: Iterable[Agent]
    ) -> Iterator[Withheld | Open]:
        """Of each agent that has something free, why the role's frameworks (or one of them) do not get it,
        or that the next run may offer it."""
        known = self._roster.roles.get(role)
        clients = [
            client
            for _, client in sorted((known.clients if known is not None else {}).items())
            if client.is_subscribed and framework_id in (None, client.framework_id)
        ]
        who = "no framework is" if framework_id is None else f"framework {framework_id} is not known, or not"
        for agent in agents:
            if agent.star is NOTHING and not agent.reserved:
                continue
            if not clients:
                none = _because(Code.NO_FRAMEWORK, who=who, role=role)
                yield Withheld(framework_id or "", role, agent.id, none.code, none.text)
            for client in clients:
                reason = self._why(client, agent)
                if reason is None:
                    yield Open(client.framework_id, agent.id)
                else:
                    code, text = reason.code, reason.text
                    yield Withheld(
                        client.framework_id, role, agent.id, code, text, reason.until, reason.refused
                    )

    def _why(self, client: Client, agent: Agent) -> _Reason | None:
        """The first reason; None when the next run offers it."""
        if not client.framework_active:
            return _because(Code.FRAMEWORK_DISCONNECTED)
        if client.is_suppressed:
            return _because(Code.SUPPRESSED, role=client.role.path)
        if not agent.is_active:
            return _because(Code.AGENT_INACTIVE)
        if not agent.is_listed:
            return _because(Code.NOT_WHITELISTED, hostname=agent.traits.hostname)
        if agent.unwanted & client.bit:
            return _because(Code.NOT_WANTED, role=client.role.path)
        return self._barred(client, agent) or self._short(client, agent)

    def _barred(self, client: Client, agent: Agent) -> _Reason | None:
        both = client.bars & agent.gate
        if both & REMOTE:
            return _because(Code.OTHER_REGION, region=agent.traits.region)
        if both & GPUS:
            return _because(
                Code.CAPABILITY_MISSING, capability=Capability.GPU_RESOURCES, what="the agent has gpus"
            )
        if both & ONE_ROLE:
            what = "the framework may have several roles"
            return _because(Code.AGENT_CAPABILITY_MISSING, capability="MULTI_ROLE", what=what)
        if both & FLAT_ROLES:
            what = f"{client.role.path} is below another role"
            return _because(Code.AGENT_CAPABILITY_MISSING, capability="HIERARCHICAL_ROLE", what=what)
        return None

    def _short(self, client: Client, agent: Agent) -> _Reason | None:
        """What is free there, and how much of it is left for the framework."""
        free = agent.free(client.role.reserved_for)
        if not free:
            others = [role for role in agent.reserved if role not in (UNRESERVED, *client.role.reserved_for)]
            return _because(Code.RESERVED_FOR_OTHERS, roles=_some(others))
        have = without(free, client.lacks)
        if not client.worth.is_enough(have):
            return self._too_little(client, free, have)
        if not agent.groups:
            return self._quota_or_filter(client, agent, have)
        turn = agent.turns.get(client, 0)
        fitting = Holding(agent.fit(have.amounts, turn), have.others)
        if not client.worth.is_enough(fitting):
            return _exhausted(agent, have, fitting)
        wanted = askable(have.amounts, client.role, self._roster.headroom, is_first=False)
        asked = Holding(agent.fit(wanted, turn), have.others)
        if not client.worth.is_enough(asked):
            return self._limited(client, have) or self._held_back(client, have)
        return self._quota_or_filter(client, agent, asked)

    def _too_little(self, client: Client, free: Holding, have: Holding) -> _Reason:
        if client.worth.is_enough(free):
            for flag, capability, what in _LACKS:
                if flag & client.lacks and not client.worth.is_enough(without(free, client.lacks & ~flag)):
                    continue
                if flag & client.lacks:
                    return _because(Code.CAPABILITY_MISSING, capability=capability, what=what)
            missing = [name for flag, name, _ in _LACKS if flag & client.lacks & free.flags]
            what = "what is free takes each of them"
            return _because(Code.CAPABILITY_MISSING, capability=_some(missing), what=what)
        return _because(Code.BELOW_MINIMUM, free=have.resources(None) or free.resources(None))

    def _quota_or_filter(self, client: Client, agent: Agent, have: Holding) -> _Reason | None:
        offered = [part for part in self._allowed(client, agent, have) if part is not None]
        if not offered:
            return self._limited(client, have) or self._held_back(client, have)
        refused: list[FilterKey] = []
        for part in offered:
            binding = self._filters.binding(agent, client, part)
            if not binding:
                return None
            refused = refused or binding
        what, until = refused[0]
        refused_text = self._refused.get(what)
        if refused_text is None:  # very many have refused the like
            refused_text = self._refused[what] = str(what.resources())
        text = TEXTS[Code.FILTERED].format(refused=refused_text, end=until)
        return _Reason(Code.FILTERED, text, until, refused_text)

    # Quota

    def _allowed(self, client: Client, agent: Agent, have: Holding) -> list[Holding | None]:
        """What either stage of a run would offer of it, if anything."""
        sharing, turn = (agent, agent.turns.get(client, 0)) if agent.groups else (None, 0)
        found = []
        for is_first in (False, True) if client.role.top.unmet else (False,):
            offered, _ = within_quota(
                have, client.role, self._roster.headroom, is_first=is_first, agent=sharing, turn=turn
            )
            is_enough = offered is not None and client.worth.is_enough(offered)
            found.append(offered if is_enough else None)
        return found

    def _limited(self, client: Client, have: Holding) -> _Reason | None:
        """The limit that alone keeps it below what is worth an offer, of the lowest role that has one."""
        plain = plain_part(have)
        for cap in client.role.caps:
            for slot, limit in cap.limits.items():
                room = {slot: max(limit - cap.consumed(slot), 0)}
                if not client.worth.is_enough(with_plain(have, within(plain, room))):
                    return self._limit_reached(cap, slot, limit)
        if client.worth.is_enough(with_plain(have, within(plain, room_of(client.role)))):
            return None
        least = min(
            (
                (limit - cap.consumed(slot), cap.path, slot)
                for cap in client.role.caps
                for slot, limit in cap.limits.items()
            )
        )
        cap = next(each for each in client.role.caps if each.path == least[1])
        return self._limit_reached(cap, least[2], cap.limits[least[2]])

    def _limit_reached(self, cap: Role, slot: Slot, limit: int) -> _Reason:
        name = self._names.name(slot)
        has = amount_text(name, -(-cap.consumed(slot) // MICRO))
        return _because(
            Code.QUOTA_LIMIT, owner=cap.path, name=name, limit=amount_text(name, limit // MICRO), has=has
        )

    def _held_back(self, client: Client, have: Holding) -> _Reason:
        """Whose guarantees need it: of a name of which the cluster has too little beyond them."""
        plain, headroom = plain_part(have), self._roster.headroom
        spare = headroom.surplus()
        binding = [
            slot
            for slot in spare
            if not client.worth.is_enough(with_plain(have, within(plain, {slot: spare[slot]})))
        ]
        slot = min(binding or spare, key=self._names.name)
        if slot not in self._lacking:
            roles = [path for path, role in self._roster.roles.items() if slot in role.unmet]
            self._lacking[slot] = _some(roles)
        name = self._names.name(slot)
        amount = amount_text(name, -(-headroom.required[slot] // MICRO))
        return _because(Code.HEADROOM, owner=self._lacking[slot], amount=amount, name=name)


def _some(names: Iterable[str]) -> str:
    """A few of them, sorted."""
    shown = sorted(names)
    if len(shown) > NAMED:
        shown[NAMED:] = [f"{len(shown) - NAMED} more"]
    return ", ".join(shown)


def _exhausted(agent: Agent, before: Holding, after: Holding) -> _Reason:
    """Of which pools capacity groups left less, and who has what draws on the same capacity."""
    cut = [kind for kind, n in before.amounts.items() if after.amounts.get(kind, 0) < n]
    groups = {kind.group for kind in cut}
    holders = {
        _named(holder)
        for holder, holding in agent.held.items()
        if any(kind.group in groups for kind in holding.amounts)
    }
    who = _some(holders) or "what is reserved of it"
    return _because(Code.GROUP_EXHAUSTED, pools=_profiles(cut), who=who)


def _named(holder: Holder) -> str:
    framework_id, role = holder
    if framework_id is None:
        return "an operation of an operator" if role is None else f"a volume or operation for role {role}"
    return f"framework {framework_id}" + (f" in role {role}" if role is not None else "")


def _profiles(kinds: Iterable[Kind]) -> str:
    sources = [kind.identity.disk.source for kind in kinds if kind.identity.disk is not None]
    return _some({source.profile or str(source.type) for source in sources if source is not None})
