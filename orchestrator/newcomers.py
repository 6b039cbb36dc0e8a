"""Whom a restored registry does not know, and who is let in nevertheless: it knew them after the backup.

An agent that has obeyed a leader of that time is of this cluster. A framework that such agents have tasks,
executors or operations of is kept until it subscribes; otherwise its tasks would be ended. Must not: let in
who was removed for good, as far as the backup knows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from api.wire.v1 import link, mesos
from orchestrator.frameworks import Frameworks
from orchestrator.journal import Transaction
from orchestrator.registrar import Registrar
from orchestrator.restoration import Kind, Restoration
from orchestrator.state import ClusterState, value_of

log = logging.getLogger(__name__)


class Newcomers:
    """Lets them in, and notes it."""

    def __init__(
        self,
        state: ClusterState,
        registrar: Registrar,
        frameworks: Frameworks,
        restoration: Restoration,
    ) -> None:
        self._state = state
        self._registrar = registrar
        self._frameworks = frameworks
        self._restoration = restoration

    def may_come(self, call: link.AgentMessageRegister) -> bool:
        """Whether an agent that is not known has an id of this cluster nevertheless."""
        return isinstance(call.highest_epoch, int) and self._restoration.admits(call.highest_epoch)

    def agent(self, transaction: Transaction, agent_id: str, info: mesos.AgentInfo) -> None:
        """One of them is admitted."""
        where = f"agent {agent_id} ({info.hostname})"
        log.warning("%s is not known since the registry was restored from a backup: it is let in", where)
        message = (
            f"{where} was admitted after the backup, and came back with its id: if it is another cluster's, "
            f"stop it (orlop agents gone {agent_id} ends its tasks); else do nothing"
        )
        self._restoration.note(transaction, Kind.AGENT_UNKNOWN, agent_id, message)

    def frameworks(self, transaction: Transaction, agent_id: str, framework_ids: Iterable[str]) -> None:
        """An agent speaks of these."""
        if not self._restoration.is_open:
            return
        for framework_id in dict.fromkeys(framework_ids):
            if framework_id in self._state.frameworks or framework_id in self._registrar.frameworks:
                continue
            self._frameworks.let_in(transaction, framework_id)
            message = (
                f"framework {framework_id} was admitted after the backup: agent {agent_id} spoke of it; its "
                "scheduler comes back by itself, or is gone: then end it with all that it has (TEARDOWN)"
            )
            self._restoration.note(transaction, Kind.FRAMEWORK_UNKNOWN, framework_id, message)

    def of_operations(
        self, transaction: Transaction, agent_id: str, operations: Iterable[mesos.Operation]
    ) -> None:
        """The same of those whose operations a provider tells of."""
        named = (value_of(each.framework_id) for each in operations)
        self.frameworks(transaction, agent_id, [each for each in named if each is not None])
