"""Volumes that plugins have and nobody offers, or that are known and gone: what is shown of them."""

from __future__ import annotations

from msgspec import UNSET

from api.wire.v1 import master, resource_provider
from cli.output import print_fields, print_table, size, text
from client.operator import OperatorClient

SHOWN = (resource_provider.VolumeNoticeKind.WITHHELD, resource_provider.VolumeNoticeKind.LOST)
"""What an operator's list of volumes says of those that are not in it, or are in it and not there."""

Found = tuple[master.Provider, resource_provider.VolumeNotice]


async def withheld_and_lost(client: OperatorClient) -> list[Found]:
    """Volumes that are withheld or lost, with the provider that says so."""
    providers = await client.providers()
    return [(each, notice) for each in providers for notice in each.notices if notice.kind in SHOWN]


def print_notices(found: list[Found]) -> None:
    """A second table, only when there is something to say."""
    if not found:
        return
    print()
    headers = ("PLUGIN'S ID", "STATE", "SIZE", "AGENT", "MESSAGE")
    print_table(headers, (_row(*each) for each in found), "")


def print_notice(found: Found) -> None:
    """One of them, whole."""
    names = ("id", "state", "size", "agent", "message")
    print_fields(tuple(zip(names, _row(*found), strict=True)))


def _row(provider: master.Provider, notice: resource_provider.VolumeNotice) -> tuple[str, ...]:
    shown = "-" if notice.size_bytes is UNSET else size(notice.size_bytes)
    return (
        notice.source_id,
        text(notice.kind),
        shown,
        text(provider.agent_id),
        "" if notice.message is UNSET else notice.message,
    )
