"""Resources as operators are shown them, encoded: most tasks, executors and agents hold what others do, too.

To make messages of resources takes longer than all else about a task, and what a task holds does not change
with its state. So what is alike is encoded once, and kept while there is room. Pure: it knows no entity.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from api.model.resources import Resources
from api.wire.content import MediaType, encode
from api.wire.convert import in_both_forms, resources_to_wire
from api.wire.message import Message
from orchestrator.assembly import Pieces, piece

KEPT_LIMIT: Final = 4_096
"""Different collections that are kept encoded for one field and media type; then it begins anew."""

Held = tuple[Resources, str | None]


class ShownResources:
    """The repeated field `field` of `message`, one of mesos.Resource."""

    def __init__(self, message: type[Message], field: str) -> None:
        self._message = message
        self.field = field
        self._kept: dict[MediaType, dict[Held, Pieces]] = {}

    def pieces(self, resources: Resources, role: str | None, media_type: MediaType) -> Pieces:
        """For `assembly.Repeated`. `role`: whom all of them are allocated to; None: as they say."""
        if resources.names_disks:  # what is equal may be described otherwise; and few hold the same
            return self._made(resources, role, media_type)
        kept = self._kept.setdefault(media_type, {})
        found = kept.get((resources, role))
        if found is None:
            found = self._made(resources, role, media_type)
            if len(kept) >= KEPT_LIMIT:
                kept.clear()
            kept[resources, role] = found
        return found

    def _made(self, resources: Resources, role: str | None, media_type: MediaType) -> Pieces:
        if not resources:
            return []
        held: Iterable[bytes] = (
            encode(in_both_forms(wire), media_type)
            for wire in resources_to_wire(resources if role is None else resources.allocated(role))
        )
        return [piece(self._message, self.field, held, media_type)]
