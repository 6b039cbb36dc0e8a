"""How a provider is reserved as a whole: the stack of all that operations have not reserved otherwise.

Said by its configuration (`ResourceProviderInfo.default_reservations`), and kept from its first life on.
Pure. It must not: reserve anything (`totals` makes pools and disks so from the start).
"""

from __future__ import annotations

from collections.abc import Sequence

from api.model.errors import OperatorNeeded
from api.model.resource import Reservation, Resource
from api.model.validation import validate_resource
from api.model.values import Scalar
from api.wire.convert import reservation_from_wire, reservation_to_wire
from api.wire.v1 import mesos
from provider.records import Change, Checkpoint, SaveDefaultReservations


def default_reservations_of(info: mesos.ResourceProviderInfo) -> tuple[Reservation, ...]:
    """The stack; () when what it has is unreserved. The first may be static.

    Raises InvalidRequest unless each that follows refines the one before.
    """
    stack = tuple(
        reservation_from_wire(each, f"default_reservations[{index}]")
        for index, each in enumerate(info.default_reservations)
    )
    validate_resource(Resource("disk", Scalar(1000), stack))
    return stack


def defaults_to_wire(stack: Sequence[Reservation]) -> list[mesos.ResourceReservationInfo]:
    return [reservation_to_wire(each) for each in stack]


def kept_defaults(name: str, wanted: tuple[Reservation, ...], known: Checkpoint) -> list[Change]:
    """What has to be persisted so that provider `name` has these. They are fixed once it has its id.

    Raises OperatorNeeded when they are others by then: what rests on them would be reserved for nobody.
    """
    had = known.default_reservations
    if wanted == had:
        return []
    if known.provider_id is None:
        return [SaveDefaultReservations(wanted)]
    raise OperatorNeeded(
        f"the default reservations of provider {name} are fixed: they are {_shown(had)}, and its "
        f"configuration says {_shown(wanted)}",
        "orlop agent, with the former ones in that configuration (`orlop agents reserve` reserves more)",
    )


def _shown(stack: tuple[Reservation, ...]) -> str:
    return " ".join(map(str, stack)) or "none"
