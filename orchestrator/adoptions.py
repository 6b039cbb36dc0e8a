"""ADOPT_VOLUME: letting in a volume that a plugin had already, and making it an operator's volume by name.

Judges the request and begins; the steps are `provisioning`'s, and go on whenever the provider reports. No I/O
here.
"""

from __future__ import annotations

from api.model.clock import Clock
from api.wire.v1 import master
from orchestrator.adoptable import Adoptable, wanted_volume
from orchestrator.journal import Journal
from orchestrator.provisioning import Provisioning
from orchestrator.state import value_of
from orchestrator.volume_holds import disk_id_of
from orchestrator.volume_requests import VolumeConflict, refuse_other
from orchestrator.volumes import VOLUMES_LIMIT, VolumeRecord, VolumeState


class Adoptions:
    """Carries out what operators ask of volumes that are there already."""

    def __init__(
        self, adoptable: Adoptable, provisioning: Provisioning, journal: Journal, clock: Clock
    ) -> None:
        self._adoptable = adoptable
        self._provisioning = provisioning
        self._journal = journal
        self._clock = clock

    async def adopt(self, call: master.CallAdoptVolume) -> VolumeRecord | None:
        """Have a volume let in; with a name, accept that it becomes a volume: durable when this returns.

        The same again asks again, and tries anew what needed an operator. Raises NoSuchVolume, InvalidRequest
        (it can never be), VolumeConflict (the name, or the volume, is somebody's).
        """
        known = self._provisioning.volumes.get(call.name) if isinstance(call.name, str) else None
        if known is not None and known.source_id == call.source_id and known.state is not VolumeState.FAILED:
            return await self._again(known, call)
        self._refuse_taken(call)
        sighting = self._adoptable.find(call)
        if not isinstance(call.name, str) or not call.name:
            if sighting.disk is None:
                self._adoptable.ask(sighting.provider.key, call.source_id, sighting.size_bytes)
            return None
        wanted = wanted_volume(call, sighting, self._clock.now())
        if known is not None and known.state is not VolumeState.FAILED:
            refuse_other(known, wanted)
        if len(self._provisioning.volumes) >= VOLUMES_LIMIT:
            raise VolumeConflict(f"there are {VOLUMES_LIMIT} volumes already: destroy one first")
        await self._provisioning.take_up(wanted)
        return wanted

    async def _again(self, known: VolumeRecord, call: master.CallAdoptVolume) -> VolumeRecord:
        role = call.role if isinstance(call.role, str) and call.role else known.role
        profile = call.profile if isinstance(call.profile, str) and call.profile else known.profile
        if (role, profile) != (known.role, known.profile):
            raise VolumeConflict(
                f"volume {known.name!r} is adopted with profile {known.profile} for role {known.role}: "
                "ask for these, or for nothing"
            )
        known.stuck = None
        self._provisioning.kick(known.name)
        await self._journal.barrier()
        return known

    def _refuse_taken(self, call: master.CallAdoptVolume) -> None:
        """A disk is one volume alone; ids of different plugins may be the same. Raises VolumeConflict."""
        agent_id, provider_id = value_of(call.agent_id), value_of(call.resource_provider_id)
        for record in self._provisioning.volumes.values():
            if record.state is VolumeState.FAILED or call.source_id not in (
                record.source_id,
                disk_id_of(record),
            ):
                continue
            if agent_id in (None, record.agent_id) and provider_id in (None, record.provider_id):
                raise VolumeConflict(f"volume {call.source_id!r} is volume {record.name!r} already")

    def provider_reported(self, agent_id: str, provider_id: str | None) -> None:
        """A provider has told what it has: volumes that wait to be let in may be among it."""
        for name in self._adoptable.waiting_at((agent_id, provider_id)):
            self._provisioning.kick(name)
