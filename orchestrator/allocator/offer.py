"""An offer, as a run answers with it. Its resources are made when somebody asks for them.

A run makes very many offers, of which alike ones hold one and the same holding; text as resources is for
whoever sends them. Nothing is decided here.
"""

from __future__ import annotations

from api.model.resources import Resources
from orchestrator.allocator.config import AgentId, FrameworkId
from orchestrator.allocator.holdings import ALONE, SHARED, Holding

# Resources made of holdings that are kept for the next like offer; when full it starts anew.
MAX_CACHED_TEXTS = 4096


class Texts:
    """Resources of holdings, made once for all offers that are alike."""

    def __init__(self) -> None:
        self._made: dict[tuple[Holding, str], Resources] = {}

    def of(self, holding: Holding, role: str) -> Resources:
        if holding.flags & (ALONE | SHARED):  # whose description may change
            return holding.resources(role)
        found = self._made.get((holding, role))
        if found is None:
            if len(self._made) >= MAX_CACHED_TEXTS:
                self._made.clear()
            found = self._made[holding, role] = holding.resources(role)
        return found


class Offer:
    """What one framework may take on one agent, in one role. `resources` are allocated to `role`."""

    __slots__ = ("_content", "_texts", "agent_id", "framework_id", "role")

    def __init__(
        self,
        framework_id: FrameworkId,
        role: str,
        agent_id: AgentId,
        content: Resources | Holding,
        texts: Texts | None = None,
    ) -> None:
        self.framework_id = framework_id
        self.role = role
        self.agent_id = agent_id
        self._content = content
        self._texts = texts

    @property
    def resources(self) -> Resources:
        content = self._content
        if isinstance(content, Holding):
            made = content.resources(self.role) if self._texts is None else self._texts.of(content, self.role)
            self._content = content = made
        return content

    def enlarge(self, more: Holding) -> None:
        """One more piece for the same framework in the same run."""
        assert isinstance(self._content, Holding), "an offer is whole before it is looked at"
        self._content = self._content.plus(more)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Offer):
            return NotImplemented
        mine = (self.framework_id, self.role, self.agent_id, self.resources)
        return mine == (other.framework_id, other.role, other.agent_id, other.resources)

    def __hash__(self) -> int:
        return hash((self.framework_id, self.role, self.agent_id))

    def __repr__(self) -> str:
        return f"Offer({self.framework_id!r}, {self.role!r}, {self.agent_id!r}, {self.resources})"
