"""How many volumes of a plugin this node has taken on, and who waits for a place.

A plugin may say how many volumes it can make available on a node at once (NodeGetInfo,
max_volumes_per_node). A volume has a place from before the first call that brings it here until the last
one that takes it away has succeeded. It must not: call a plugin, or know who uses a volume. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable

from provider.volume import HEIGHT, Volume, VolumeState


class Places:
    """The volumes that are attached to, staged or published on this node, or may be."""

    def __init__(self, volumes: Iterable[Volume]) -> None:
        self._taken = {v.id for v in volumes if _is_here(v)}
        self._waiting: dict[str, None] = {}
        self.limit = 0
        """Places there are; 0 for any number."""

    def note(self, volume: Volume) -> None:
        """The volume is different from here on."""
        if _is_here(volume):
            self._taken.add(volume.id)
            self._waiting.pop(volume.id, None)
        else:
            self._taken.discard(volume.id)

    @property
    def taken(self) -> list[str]:
        """The ids of the volumes that have a place, sorted."""
        return sorted(self._taken)

    def __contains__(self, volume_id: object) -> bool:
        return volume_id in self._taken

    def has_room_for(self, volume_id: str) -> bool:
        """Whether the volume has a place, or there is one for it."""
        return not self.limit or volume_id in self._taken or len(self._taken) < self.limit

    def wait(self, volume_id: str) -> None:
        """The volume comes here as soon as another has left."""
        self._waiting[volume_id] = None

    def admitted(self) -> str | None:
        """The volume that waits longest, if there is a place for it now; it waits no more."""
        for volume_id in self._waiting:
            if self.has_room_for(volume_id):
                del self._waiting[volume_id]
                return volume_id
        return None

    @property
    def waiting(self) -> Iterable[str]:
        """Volumes that wait for a place, the oldest first."""
        return self._waiting

    def refusal(self, new: int, claimed: int) -> str | None:
        """Why `new` more volumes cannot come beside `claimed` that are in use; None when they can."""
        if not self.limit or new == 0 or claimed + new <= self.limit:
            return None
        return (
            f"this node takes {self.limit} volumes of the plugin at once (max_volumes_per_node), and "
            f"{claimed} are in use: end a task that uses one, or run this one on another node"
        )


def _is_here(volume: Volume) -> bool:
    return HEIGHT[volume.state] > HEIGHT[VolumeState.CREATED]
