"""Which agents come, or came, from a host and port: a new one there may stand where an old one was lost.

It remembers places, not who is connected: that is `state`. It refuses nobody.
"""

from __future__ import annotations

import logging

from api.wire.v1 import mesos
from orchestrator.state import ClusterState

log = logging.getLogger(__name__)


class Whereabouts:
    """By (hostname, port), the ids of agents that registered there or are in the registry.

    Ids of agents that are known no more, or elsewhere by now, go when their old place is looked at.
    """

    def __init__(self, state: ClusterState) -> None:
        self._state = state
        self._at: dict[tuple[str, object], dict[str, None]] = {}

    def came(self, agent_id: str, info: mesos.AgentInfo) -> None:
        """An agent is known to be at the place that its info names."""
        self._at.setdefault((info.hostname, info.port), {})[agent_id] = None

    def warn_of_former(self, info: mesos.AgentInfo) -> None:
        """A new agent comes: log who was at its place and is away."""
        place = (info.hostname, info.port)
        for agent_id in tuple(self._at.get(place, ())):
            agent = self._state.agents.get(agent_id)
            if agent is None or (agent.info.hostname, agent.info.port) != place:
                del self._at[place][agent_id]
            elif not agent.connected:
                log.warning(
                    "a new agent comes from where agent %s was, at %s:%d: if that one's work directory was "
                    "lost, give it up (orlop agents gone %s), so that the owners of what it had are told",
                    agent_id,
                    info.hostname,
                    info.port,
                    agent_id,
                )
