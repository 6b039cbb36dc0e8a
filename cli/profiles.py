"""`orlop profiles`: each profile at each provider, what it has room for, and which pools share that room."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import UNSET

from api.wire.v1 import master
from api.wire.v1 import resource_provider as rp
from cli.options import Output
from cli.output import print_json, print_table, size, text
from client.operator import OperatorClient

HEADERS = ("NAME", "AVAILABLE", "FREE", "TOTAL", "KIND", "GROUP", "PROVIDER", "AGENT", "ABOUT")


async def show(client: OperatorClient, output: Output) -> None:
    """A table for people, all of it as one document for programs."""
    profiles, providers = await asyncio.gather(client.profiles(), client.providers())
    if output is Output.JSON:
        print_json({"profiles": profiles})
        return
    names = {text(each.resource_provider_info.id): each.resource_provider_info.name for each in providers}
    rows = (
        (
            each.name,
            "yes" if each.available is True else "no",
            size(each.free_bytes),
            size(each.total_bytes),
            "block" if each.block is True else text(each.fs_type),
            group_text(each),
            names.get(text(each.resource_provider_id), text(each.resource_provider_id)),
            text(each.agent_id),
            text(each.message if each.message is not UNSET and each.message else each.description),
        )
        for each in profiles
    )
    print_table(HEADERS, rows, "No profiles: no provider has reported yet.")
    _print_notes(profiles, names)


def group_text(profile: master.Profile | rp.ProfileInfo) -> str:
    """The capacity group, what a byte costs there unless that is 1, and how both are known."""
    if profile.sharing is UNSET:
        return "-"
    group = text(profile.capacity_group)
    cost = "" if profile.cost_ratio in (UNSET, 1.0) else f" at {profile.cost_ratio:g}:1"
    return f"{group}{cost} ({profile.sharing.lower()})"


def _print_notes(profiles: Sequence[master.Profile], names: dict[str, str]) -> None:
    """What was learned, and what is not known: only where there is something to be said."""
    notes = [
        (f"{names.get(text(p.resource_provider_id), '-')}/{p.name}", p.sharing_note)
        for p in profiles
        if p.sharing is not UNSET and p.sharing_note is not UNSET
    ]
    if notes:
        print()
        print_table(("PROFILE", "SHARES CAPACITY"), notes, "")
