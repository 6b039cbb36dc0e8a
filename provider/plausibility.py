"""What a plugin may say of a volume, and what is nonsense: the bounds, and the words for people.

A number beyond them is not reckoned with, because pools, offers and other volumes would suffer for it.
It must not: decide what becomes of a volume. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from provider.calls import CreatedVolume

LARGEST_VOLUME = 2**56
"""Bytes. One that is said to be larger is not believed."""

LARGEST_POOL = 2**56
"""Bytes. Plugins without a bound tell the largest number there is, which no resource can have: so much is
offered of them."""

MAX_CONTEXT_BYTES = 16 * 1024
"""Of a volume's context, keys and values: CSI 1.x allows 4 KiB. It goes into every report and every offer of
the disk; a volume with more is deleted again."""


def unfit(made: CreatedVolume, required_bytes: int) -> str | None:
    """Why a new volume cannot be what was asked for; None when it can."""
    if made.capacity_bytes > LARGEST_VOLUME:
        return f"the plugin says that it made a volume of {made.capacity_bytes} bytes, which cannot be"
    if 0 < made.capacity_bytes < required_bytes:
        return f"the plugin made a volume of {made.capacity_bytes} bytes, less than was required"
    context = _bytes(made.context)
    if context > MAX_CONTEXT_BYTES:
        return (
            f"the plugin gave the volume a volume_context of {context} bytes, more than {MAX_CONTEXT_BYTES}: "
            "CSI allows 4096"
        )
    return None


def taken(volume_id: str, known: Collection[str], foreign: Collection[str]) -> str | None:
    """Why a new volume cannot have that id; None when it can. Whatever has the id is left alone."""
    if volume_id in known:
        return f"the plugin answered with volume {volume_id!r}, which is another disk's already"
    if volume_id in foreign:
        return (
            f"the plugin answered with volume {volume_id!r}, which was there before and may be somebody's: "
            "it is left as it is (`orlop volume adopt`)"
        )
    return None


def told_size(said: int, otherwise: int) -> int:
    """The size that counts: the plugin's word if it is one, else what was asked for."""
    return said if 0 < said <= LARGEST_VOLUME else otherwise


def _bytes(context: Mapping[str, str]) -> int:
    return sum(len(text.encode()) for pair in context.items() for text in pair)
