"""ADOPT_VOLUME: letting in a volume that a plugin had already, and making it an operator's volume by name.

Judges the request and begins; the steps are `provisioning`'s, and go on whenever the provider reports. No I/O
here.
"""

from __future__ import annotations

from msgspec import structs

from api.model.clock import Clock
from api.model.resource import Resource
from api.wire.v1 import master
from orchestrator.adoptable import Adoptable, Sighting, standing_volume, wanted_volume
from orchestrator.journal import Journal, Transaction
from orchestrator.provisioning import Provisioning
from orchestrator.restoration import Kind, Restoration
from orchestrator.state import Provider
from orchestrator.volume_holds import disk_id_of
from orchestrator.volume_requests import NoSuchVolume, VolumeConflict
from orchestrator.volumes import VOLUMES_LIMIT, Goal, VolumeRecord, VolumeState


class Adoptions:
    """Carries out what operators ask of volumes that are there already."""

    def __init__(
        self,
        adoptable: Adoptable,
        provisioning: Provisioning,
        restoration: Restoration,
        journal: Journal,
        clock: Clock,
    ) -> None:
        self._adoptable = adoptable
        self._provisioning = provisioning
        self._restoration = restoration
        self._journal = journal
        self._clock = clock

    async def adopt(self, call: master.CallAdoptVolume) -> VolumeRecord | None:
        """Have a volume let in; with a name, accept that it becomes a volume: durable when this returns.

        The same again asks again, and tries anew what needed an operator. Raises NoSuchVolume, InvalidRequest
        (it can never be), VolumeConflict (the name, or the volume, is somebody's).
        """
        known = self._provisioning.volumes.get(call.name) if isinstance(call.name, str) else None
        if known is not None and known.state is VolumeState.FAILED:
            known = None
        if known is not None and known.source_id == call.source_id and self._is_here(known):
            return await self._again(known, call)
        if self._restoration.is_open and (found := self._adoptable.standing(call)) is not None:
            return await self._take_back(call, *found)
        sighting = self._find(call)
        if not isinstance(call.name, str) or not call.name:
            if sighting.disk is None:
                self._adoptable.ask(sighting.provider.key, call.source_id, sighting.size_bytes)
            return None
        if known is not None and not call.profile:
            call = structs.replace(call, profile=known.profile)
        wanted = wanted_volume(call, sighting, self._clock.now())
        if known is not None:
            self._refuse_other(known, wanted)
        elif len(self._provisioning.volumes) >= VOLUMES_LIMIT:
            raise VolumeConflict(f"there are {VOLUMES_LIMIT} volumes already: destroy one first")
        await self._provisioning.take_up(wanted)
        return wanted

    async def _take_back(
        self, call: master.CallAdoptVolume, provider: Provider, disk: Resource
    ) -> VolumeRecord:
        """A volume that the restored registry does not know is an operator's again. Raises VolumeConflict."""
        wanted = standing_volume(call, provider, disk, self._clock.now())
        known = self._provisioning.volumes.get(wanted.name)
        if known is not None and known.state is not VolumeState.FAILED:
            raise VolumeConflict(
                f"there is a volume {known.name!r} already, another one: forget or destroy it first"
            )
        await self._provisioning.take_up(wanted)
        transaction = Transaction()
        self._restoration.forget(transaction, Kind.VOLUME_UNKNOWN, call.source_id)
        await self._journal.commit(transaction)
        return wanted

    def _is_here(self, record: VolumeRecord) -> bool:
        return self._adoptable.provider((record.agent_id, record.provider_id)) is not None

    def _find(self, call: master.CallAdoptVolume) -> Sighting:
        """The volume that is meant. Raises NoSuchVolume, and VolumeConflict when it is somebody's already."""
        try:
            sighting = self._adoptable.find(call)
        except NoSuchVolume:
            mine = [
                record
                for record in self._provisioning.volumes.values()
                if record.state is not VolumeState.FAILED
                and call.source_id in (record.source_id, disk_id_of(record))
            ]
            if mine and self._is_here(mine[0]):
                raise VolumeConflict(
                    f"volume {call.source_id!r} is volume {mine[0].name!r} already"
                ) from None
            raise
        for record in self._provisioning.volumes.values():
            at = (record.agent_id, record.provider_id)
            other = record.name != call.name and record.state is not VolumeState.FAILED
            if (
                other
                and at == sighting.provider.key
                and call.source_id in (record.source_id, disk_id_of(record))
            ):
                raise VolumeConflict(f"volume {call.source_id!r} is volume {record.name!r} already")
        return sighting

    def _refuse_other(self, known: VolumeRecord, wanted: VolumeRecord) -> None:
        """A name that is in use may be given again to the same volume, when the provider that had it is not
        here and another one has it now: its host has lost its records. Raises VolumeConflict.
        """
        same = disk_id_of(known) == wanted.source_id and (known.role, known.block) == (
            wanted.role,
            wanted.block,
        )
        if not same or self._is_here(known):
            raise VolumeConflict(
                f"there is a volume {known.name!r} that is another one (profile {known.profile}, role "
                f"{known.role}, agent {known.agent_id}): choose another name"
            )
        if known.operation is not None or known.goal is not Goal.PRESENT:
            raise VolumeConflict(
                f"volume {known.name!r} is being changed on agent {known.agent_id}, which is away: forget "
                f"that first (`orlop volume destroy --force {known.name}`)"
            )

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

    def provider_reported(self, agent_id: str, provider_id: str | None) -> None:
        """A provider has told what it has: volumes that wait to be let in may be among it."""
        for name in self._adoptable.waiting_at((agent_id, provider_id)):
            self._provisioning.kick(name)
