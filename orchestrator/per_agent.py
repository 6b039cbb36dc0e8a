"""Records by key that are also found by the agent that they concern, without a look at all of them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, Protocol, TypeVar

K = TypeVar("K", bound=Hashable)
Named = TypeVar("Named", bound=Hashable, covariant=True)


class OfAgent(Protocol[Named]):
    """What can be kept: it names its key and its agent, for good."""

    @property
    def key(self) -> Named: ...

    @property
    def agent_id(self) -> str: ...


R = TypeVar("R", bound=OfAgent)  # type: ignore[type-arg]


class PerAgent(Generic[K, R]):
    """Each key once. In the order in which they came."""

    def __init__(self) -> None:
        self._records: dict[K, R] = {}
        self._of_agent: dict[str, dict[K, R]] = {}

    def __len__(self) -> int:
        return len(self._records)

    def __contains__(self, key: object) -> bool:
        return key in self._records

    def get(self, key: K) -> R | None:
        return self._records.get(key)

    def put(self, record: R) -> None:
        """Keep it; one with its key is replaced."""
        self.pop(record.key)
        self._records[record.key] = record
        self._of_agent.setdefault(record.agent_id, {})[record.key] = record

    def pop(self, key: K) -> R | None:
        """Forget it. None when there is none."""
        record = self._records.pop(key, None)
        if record is not None:
            same_agent = self._of_agent[record.agent_id]
            del same_agent[key]
            if not same_agent:
                del self._of_agent[record.agent_id]
        return record

    def of_agent(self, agent_id: str) -> list[R]:
        return list(self._of_agent.get(agent_id, {}).values())
