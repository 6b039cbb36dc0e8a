"""Volumes that plugins have and nobody offers, or that are known and gone: what is shown of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import UNSET

from api.wire.v1 import master, resource_provider
from cli.output import print_fields, print_table, size, text
from client.operator import OperatorClient

SHOWN = (resource_provider.VolumeNoticeKind.WITHHELD, resource_provider.VolumeNoticeKind.LOST)
"""What an operator's list of volumes says of those that are not in it, or are in it and not there."""


@dataclass(frozen=True)
class Found:
    """What `provider` says of a volume. `name`: of the volume that it is, or was to a provider not here."""

    provider: master.Provider
    notice: resource_provider.VolumeNotice
    name: str


async def withheld_and_lost(client: OperatorClient, volumes: Sequence[master.VolumeInfo]) -> list[Found]:
    """Volumes that are withheld or lost. `volumes`: all that are known by name."""
    providers = await client.providers()
    here = {_id_of(each) for each in providers if each.connected is True}
    by_disk: dict[str, list[master.VolumeInfo]] = {}
    for volume in volumes:
        by_disk.setdefault(_disk_of(volume), []).append(volume)

    def name(provider: master.Provider, notice: resource_provider.VolumeNotice) -> str:
        for volume in by_disk.get(notice.source_id, ()):
            its = volume.resource_provider_id
            if its is not UNSET and (its.value == _id_of(provider) or its.value not in here):
                return volume.name
        return ""

    return [Found(each, n, name(each, n)) for each in providers for n in each.notices if n.kind in SHOWN]


def _id_of(provider: master.Provider) -> str:
    found = provider.resource_provider_info.id
    return "" if found is UNSET else found.value


def _disk_of(volume: master.VolumeInfo) -> str:
    """The plugin's id of a volume; "" when it is not known yet."""
    disk = UNSET if volume.resource is UNSET else volume.resource.disk
    source = UNSET if disk is UNSET else disk.source
    return "" if source is UNSET or source.id is UNSET else source.id


def print_notices(found: list[Found]) -> None:
    """A second table, only when there is something to say."""
    if not found:
        return
    print()
    headers = ("PLUGIN'S ID", "STATE", "SIZE", "AGENT", "NAME", "MESSAGE")
    print_table(headers, map(_row, found), "")


def print_notice(found: Found) -> None:
    """One of them, whole."""
    names = ("id", "state", "size", "agent", "name", "message")
    print_fields(tuple(zip(names, _row(found), strict=True)))


def _row(found: Found) -> tuple[str, ...]:
    notice = found.notice
    shown = "-" if notice.size_bytes is UNSET else size(notice.size_bytes)
    return (
        notice.source_id,
        text(notice.kind),
        shown,
        text(found.provider.agent_id),
        found.name or "-",
        "" if notice.message is UNSET else notice.message,
    )
