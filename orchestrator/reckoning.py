"""What operations make of a provider's totals, passed on to the allocator and to whoever watches.

The operations of one call are passed on together: what twenty reservations change of one agent is one change
of its books. No I/O here; what an operation does, and when, is decided by `operations`.
"""

from __future__ import annotations

from api.model.operation import Operation, is_speculative, speculative_conversion
from api.model.resources import Conversion, Resources
from orchestrator.allocator import Allocator
from orchestrator.disks_in_use import follow
from orchestrator.effects import is_nothing
from orchestrator.records import OperationRecord
from orchestrator.state import ChangeKind, ClusterState, Provider, ProviderKey


class Reckoning:
    """Of all providers.

    Invariant: what is put off is settled before anybody looks at the allocator, and in the same turn of the
    event loop.
    """

    def __init__(self, state: ClusterState, allocator: Allocator) -> None:
        self._state = state
        self._allocator = allocator
        self._put_off: dict[ProviderKey, list[Conversion]] = {}

    def totals_changed(self, provider: Provider, change: Conversion | None = None) -> None:
        """Pass a provider's reckoned totals on.

        `change`: what is different, when that is known and everything else is as it was.
        """
        agent_id = provider.key[0]
        agent = self._state.agents[agent_id]
        if change is None:
            self._allocator.update_agent_total(agent_id, agent.total())
        elif not is_nothing(change):
            self._allocator.change_agent_total(agent_id, change)
        else:
            return
        if change is None or change.consumed.counted:
            follow(self._state, self._allocator, agent)
        self._state.changed(ChangeKind.TOTALS_CHANGED, provider)

    def begin(self, record: OperationRecord, operation: Operation) -> None:
        """A RESERVE, UNRESERVE, CREATE or DESTROY shows in totals from its acceptance on; others do not.
        `settle` passes it on."""
        provider = self._state.provider((record.agent_id, record.provider_id))
        if provider is not None and is_speculative(operation):
            change = provider.totals.begin(record.uuid, speculative_conversion(operation))
            self._put_off.setdefault(provider.key, []).append(change)

    def settle(self) -> None:
        """Pass on what is put off. Nothing happens when nothing is."""
        while self._put_off:
            key, changes = self._put_off.popitem()
            provider = self._state.provider(key)
            if provider is not None:
                self.totals_changed(provider, changes[0] if len(changes) == 1 else _together(changes))


def _together(changes: list[Conversion]) -> Conversion:
    """What is different after all of them: what one makes and another takes away was never there."""
    consumed = Resources.total(change.consumed for change in changes)
    converted = Resources.total(change.converted for change in changes)
    return Conversion(consumed - converted, converted - consumed)
