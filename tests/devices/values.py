"""Devices, rules and pools as tests write them."""

from __future__ import annotations

from typing import Any

from agent.devices.plan import Known, Place, Plan, Row, Sight, place_of
from agent.devices.record import PoolRecord
from provider.local_storage.device import Contents, Device, Kind
from provider.local_storage.device_rules import Rule

GIB = 2**30
EMPTY = Contents()
EXT4 = Contents(what="ext4", signature=True)
ANY_DISK = Rule("any")


def disk(name: str = "sda", **others: Any) -> Device:
    """An empty disk of 100 GiB with an identity of its own."""
    number = (8, 16 * (ord(name[2]) - ord("a")))
    values: dict[str, Any] = {
        "path": f"/dev/{name}",
        "number": number,
        "kind": Kind.DISK,
        "size": 100 * GIB,
        "identity": f"wwn:{name}",
        "sequence": name,
    }
    return Device(**{**values, **others})


def loop(number: int, **others: Any) -> Device:
    """A loop device on a file that is named for it."""
    values: dict[str, Any] = {
        "path": f"/dev/loop{number}",
        "number": (7, number),
        "kind": Kind.LOOP,
        "size": GIB,
        "identity": f"file:fe00-{number}",
        "links": (f"/srv/disks/{number}.img",),
        "sequence": str(number),
    }
    return Device(**{**values, **others})


def pool(pool_id: str, **others: Any) -> PoolRecord:
    """A pool that was made, on what was /dev/sda then."""
    values: dict[str, Any] = {
        "pool_id": pool_id,
        "provider": f"any_{pool_id}",
        "rule": "any",
        "use": "pool",
        "identity": "wwn:sda",
        "path": "/dev/sda",
        "size": 100 * GIB,
        "prepared": True,
        "admitted_at": 0.0,
    }
    return PoolRecord(**{**values, **others})


def carrying(pool_id: str) -> Contents:
    return Contents(what=f"a pool ({pool_id})", signature=True, pool_id=pool_id)


def known(*pools: PoolRecord, in_use: dict[str, Device] | None = None, **others: Any) -> Known:
    places: dict[str, Place] = {pool_id: place_of(device) for pool_id, device in (in_use or {}).items()}
    return Known({each.pool_id: each for each in pools}, places, **others)


def row_of(found: Plan, device: Device) -> Row:
    (row,) = (each for each in found.rows if each.sight is not None and each.sight.device == device)
    return row


def seen(device: Device, contents: Contents | None = EMPTY, busy: str = "") -> Sight:
    return Sight(device, busy, contents)
