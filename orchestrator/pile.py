"""What is left of the offers of one ACCEPT while its operations take from it. Pure bookkeeping."""

from __future__ import annotations

from collections.abc import Sequence

from api.model.errors import InvalidRequest
from api.model.resources import EMPTY, Resources
from orchestrator.offers import Offer


class NotOffered(InvalidRequest):
    """The call uses what its offers do not hold."""

    def __init__(self, wanted: Resources, left: Resources) -> None:
        missing = wanted - left
        super().__init__(f"not in the accepted offers: {missing}; they still hold: {left}")


class Pile:
    """The accepted offers of one agent and one role, thrown together."""

    def __init__(self, offers: Sequence[Offer]) -> None:
        self.agent_id = offers[0].agent_id
        self.role = offers[0].role
        self.left = Resources.total(offer.resources for offer in offers)

    def take(self, wanted: Resources) -> None:
        """What tasks and executors use from now on. What is shared stays for others of the same call.

        Raises NotOffered, and nothing was taken.
        """
        shared = wanted.filter(lambda resource: resource.shared) if _is_shared(wanted) else EMPTY
        apart = wanted - shared
        if not self.left.contains(apart + Resources(dict.fromkeys(shared))):
            raise NotOffered(wanted, self.left)
        self.left = self.left - apart


def _is_shared(resources: Resources) -> bool:
    return any(resource.shared for resource in resources.counted)
