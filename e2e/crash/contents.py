"""What tasks write to volumes, and how they look whether it is there: shell commands, judged by a checksum.

The checksum is reckoned here, from what was to be written, and never kept on the volume.
"""

from __future__ import annotations

import hashlib
from typing import Final

WRITTEN: Final = 256 * 1024
"""Bytes that are written to each volume."""
MB: Final = 2**20

LOST, NOT_GROWN, MISSING = 3, 4, 5
"""Exit statuses: there is other data than was written there; the volume has not become larger; there is less
data than was written, or none, as where the volume is not there at all, or is taken from under its reader."""


def checksum(text: str) -> str:
    """SHA-256 of what `write` leaves."""
    line = f"{text}\n".encode()
    return hashlib.sha256((line * (WRITTEN // len(line) + 1))[:WRITTEN]).hexdigest()


def write(text: str, *, block: bool, seconds: float = 0.0) -> str:
    """A command that fills the beginning of the volume at /data, durably, and then lingers."""
    data = f"yes {text} | head -c {WRITTEN}"
    if block:
        put = f"{data} | dd of=/data bs=64k iflag=fullblock conv=notrunc,fsync status=none"
    else:
        put = f"{data} > /data/x && df --output=size -k /data | tail -n 1 > /data/size && sync"
    return f"{put} && sleep {seconds:.2f}"


def check(text: str, *, block: bool, size_mb: float, grown: bool) -> str:
    """A command that fails with LOST, NOT_GROWN or MISSING unless all is there."""
    source = f"head -c {WRITTEN} /data" if block else "cat /data/x"
    there = f'[ "$({source} | wc -c)" -eq {WRITTEN} ] || exit {MISSING}'
    same = f'{there}; [ "$({source} | sha256sum | cut -c 1-64)" = {checksum(text)} ] || exit {LOST}'
    if not grown:
        return same
    if block:
        large = f'[ "$(blockdev --getsize64 /data)" -ge {int(size_mb * MB)} ] || exit {NOT_GROWN}'
    else:
        now = "$(df --output=size -k /data | tail -n 1)"
        large = f'[ "{now}" -gt "$(cat /data/size)" ] || exit {NOT_GROWN}'
    return f"{same}; {large}"
