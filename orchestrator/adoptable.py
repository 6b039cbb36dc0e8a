"""Volumes that a plugin had already: found among what providers report, asked for, and taken.

`find` says which volume is meant, `wanted_volume` what an operator wants of it, `disk_of` whether it was let
in already. Carrying out the steps is the business of `provisioning`. Must not write or wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from api.model.disk import SourceType, validate_persistence_id
from api.model.errors import InvalidRequest, StaleView
from api.model.quantity import MILLI, bytes_to_mb_up
from api.model.resource import Resource
from api.model.resources import Resources
from api.wire.v1 import master, resource_provider
from orchestrator import messages
from orchestrator.offers import Offers
from orchestrator.placement import Placement
from orchestrator.sessions import AgentSessions
from orchestrator.state import ClusterState, Provider, ProviderKey, value_of
from orchestrator.volume_holds import stored
from orchestrator.volume_requests import NoSuchVolume, VolumeConflict, checked_role
from orchestrator.volumes import Rung, VolumeRecord

LIST_VOLUMES: Final = "LIST_VOLUMES"
"""The plugin's capability without which nobody sees what it has."""

WITHHELD: Final = "WITHHELD"


class NotLetIn(StaleView):
    """The volume is not one of its provider's disks yet: it is asked for; the steps go on with a report."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A volume at a provider that has it and does not use it. `size_bytes` 0: nobody knows."""

    provider: Provider
    size_bytes: int
    disk: Resource | None


class Adoptable:
    """What there is to adopt. Who waits to be let in is known in memory alone: the steps are durable."""

    def __init__(self, state: ClusterState, offers: Offers, agents: AgentSessions) -> None:
        self._state = state
        self._offers = offers
        self._agents = agents
        self._waiting: dict[str, ProviderKey] = {}

    def provider(self, key: ProviderKey) -> Provider | None:
        """The provider, when it is here and its agent is connected."""
        agent = self._state.agents.get(key[0])
        return self._state.provider(key) if agent is not None and agent.connected else None

    def waiting_at(self, key: ProviderKey) -> list[str]:
        """Names of the volumes that wait for this provider to let them in."""
        return [name for name, at in self._waiting.items() if at == key]

    def find(self, call: master.CallAdoptVolume) -> Sighting:
        """The volume that the call means. Raises NoSuchVolume, and InvalidRequest when it may be several."""
        if not call.source_id:
            raise InvalidRequest("source_id is empty: `orlop volume list` shows what is withheld")
        agent_id, provider_id = value_of(call.agent_id), value_of(call.resource_provider_id)
        providers = [
            provider
            for provider in self._state.providers()
            if agent_id in (None, provider.key[0])
            and provider_id in (None, provider.key[1])
            and self.provider(provider.key) is not None
        ]
        told = call.size_bytes if isinstance(call.size_bytes, int) else 0
        found = [seen for provider in providers if (seen := _sighting(provider, call.source_id, told))]
        if len(found) > 1:
            places = ", ".join(f"{seen.provider.key[1]} on agent {seen.provider.key[0]}" for seen in found)
            raise InvalidRequest(f"several providers have a volume {call.source_id!r} ({places}): name one")
        if not found:
            raise NoSuchVolume(
                f"no provider that was asked withholds a volume {call.source_id[:200]!r}: "
                "see `orlop volume list`; a plugin that cannot list its volumes needs --agent and --size"
            )
        return found[0]

    def standing(self, call: master.CallAdoptVolume) -> tuple[Provider, Resource] | None:
        """The persistent volume of this id and name, and its provider: one that was made whole by somebody
        whom nobody here remembers."""
        for provider in self._state.providers():
            disk = disk_of(provider, call.source_id) if self.provider(provider.key) is not None else None
            persistence = None if disk is None or disk.disk is None else disk.disk.persistence
            if disk is not None and persistence is not None and persistence.id == call.name:
                return provider, disk
        return None

    def ask(self, key: ProviderKey, source_id: str, size_bytes: int) -> None:
        """Ask the provider to let the volume in. Lost when its agent is away: asked again when it is back."""
        agent_id, provider_id = key
        assert provider_id is not None
        message = messages.admit_volume(self._agents.epoch, provider_id, source_id, size_bytes)
        self._agents.send(agent_id, message)

    def place(self, record: VolumeRecord) -> Placement:
        """The disk to take, free at this moment: offers that hold it are rescinded. Raises NotLetIn."""
        assert record.source_id is not None
        key = (record.agent_id, record.provider_id)
        provider = self._state.provider(key)
        disk = None if provider is None else disk_of(provider, record.source_id)
        if provider is None or disk is None:
            self._waiting[record.name] = key  # each report asks again
            self.ask(key, record.source_id, record.size_mb * 2**20)
            raise NotLetIn(f"volume {record.source_id!r} is not one of its provider's disks yet")
        self._waiting.pop(record.name, None)
        if not _is_raw(disk):
            raise VolumeConflict(f"volume {record.source_id!r} was taken into use as {disk} meanwhile")
        if not provider.is_common(disk, record.role):
            raise VolumeConflict(
                f"volume {record.source_id!r} is reserved for role {disk.role!r}: have it unreserved first"
            )
        wanted = Resources((disk,))
        self._offers.rescind_on(record.agent_id, lambda offer: offer.resources.contains(wanted))
        return Placement(record.agent_id, record.provider_id, disk)


def _sighting(provider: Provider, source_id: str, told_bytes: int) -> Sighting | None:
    disk = disk_of(provider, source_id)
    if disk is not None and _is_raw(disk):
        return Sighting(provider, disk.milli // MILLI * 2**20, disk)
    for notice in provider.notices:
        if notice.source_id == source_id and str(notice.kind) == WITHHELD:
            size = notice.size_bytes if isinstance(notice.size_bytes, int) else 0
            return Sighting(provider, size or told_bytes, None)
    plugin = provider.plugin
    blind = plugin is not None and bool(plugin.capabilities) and LIST_VOLUMES not in plugin.capabilities
    more = provider.notices_total > len(provider.notices)
    if told_bytes > 0 and (blind or more):
        return Sighting(provider, told_bytes, None)
    return None


def disk_of(provider: Provider, source_id: str) -> Resource | None:
    """The disk of that id, among what the provider has reported."""
    return next((disk for disk in provider.totals.view.counted if _id_of(disk) == source_id), None)


def _id_of(disk: Resource) -> str | None:
    return disk.disk.source.id if disk.disk is not None and disk.disk.source is not None else None


def _is_raw(disk: Resource) -> bool:
    """Whether it was there before and is not taken into use."""
    return disk.disk is not None and disk.disk.source is not None and disk.disk.source.type is SourceType.RAW


def standing_volume(
    call: master.CallAdoptVolume, provider: Provider, disk: Resource, now: float
) -> VolumeRecord:
    """The record of a volume that stands already. Raises InvalidRequest, VolumeConflict."""
    assert isinstance(call.name, str)
    assert disk.disk is not None
    assert disk.disk.source is not None
    assert provider.key[1] is not None
    if checked_role(call.role) != disk.role:
        raise VolumeConflict(f"volume {call.name!r} is reserved for role {disk.role!r}: name it (--role)")
    return VolumeRecord(
        name=call.name,
        profile=disk.disk.source.profile or "",
        size_mb=disk.milli // MILLI,
        block=disk.disk.source.type is SourceType.BLOCK,
        role=disk.role,
        created=now,
        agent_id=provider.key[0],
        provider_id=provider.key[1],
        rung=Rung.PERSISTENT,
        resource=stored(disk),
    )


def wanted_volume(call: master.CallAdoptVolume, sighting: Sighting, now: float) -> VolumeRecord:
    """The record of the volume that is asked for. Raises InvalidRequest."""
    assert isinstance(call.name, str)
    validate_persistence_id(call.name)
    if sighting.size_bytes <= 0:
        raise InvalidRequest(
            f"the plugin does not tell the size of volume {call.source_id!r}: give it (--size 10GiB)"
        )
    profile = _profile(call, sighting.provider)
    agent_id, provider_id = sighting.provider.key
    assert provider_id is not None
    return VolumeRecord(
        name=call.name,
        profile=profile.name,
        size_mb=bytes_to_mb_up(sighting.size_bytes),
        block=profile.block is True,
        role=checked_role(call.role),
        created=now,
        agent_id=agent_id,
        provider_id=provider_id,
        source_id=call.source_id,
    )


def _profile(call: master.CallAdoptVolume, provider: Provider) -> resource_provider.ProfileInfo:
    """The profile named, or the provider's only one."""
    known = {profile.name: profile for profile in provider.profiles}
    if isinstance(call.profile, str) and call.profile:
        if call.profile not in known:
            names = ", ".join(sorted(known)) or "none"
            raise InvalidRequest(f"the provider has no profile {call.profile[:80]!r}; it has: {names}")
        return known[call.profile]
    if len(known) != 1:
        names = ", ".join(sorted(known)) or "none"
        raise InvalidRequest(f"which profile does the volume have? The provider has: {names} (--profile)")
    return next(iter(known.values()))
