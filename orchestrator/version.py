"""Who is speaking: the version of the API, apart from the product's own, and the server's address. No I/O."""

from __future__ import annotations

import ipaddress
import sys

from msgspec import UNSET, UnsetType

from api.wire.v1 import mesos

API_VERSION = "1.11.0"
"""Three integers and nothing else: clients take it apart, and anything from 1.0.0 on means the v1 API."""

PRODUCT = "orlop"


class Identity:
    """What this orchestrator says of itself to frameworks and operators. `master_id`: of this process."""

    def __init__(self, master_id: str, domain: mesos.DomainInfo | UnsetType = UNSET) -> None:
        self._master_id = master_id
        self._domain = domain
        self._address: tuple[str, int] | None = None
        self._hostname = ""

    def listens_at(self, ip: str, port: int, hostname: str = "") -> None:
        """Where its API is reached: known once the server has its port. `hostname`: the same in words."""
        self._address, self._hostname = (ip, port), hostname

    def master_info(self) -> mesos.MasterInfo | UnsetType:
        """UNSET while it does not listen."""
        if self._address is None:
            return UNSET
        return master_info(self._master_id, *self._address, self._domain, self._hostname)


def version_info(product_version: str) -> mesos.VersionInfo:
    """What GET_VERSION and /version say."""
    return mesos.VersionInfo(version=API_VERSION, product=PRODUCT, product_version=product_version)


def master_info(
    master_id: str, ip: str, port: int, domain: mesos.DomainInfo | UnsetType = UNSET, hostname: str = ""
) -> mesos.MasterInfo:
    """What GET_MASTER says of the server at `ip` (4 or 6) and `port`, in this fault domain.

    The number form is an IPv4 address as its four bytes lie in memory; 0 for one of IPv6.
    """
    address = ipaddress.ip_address(ip)
    number = int.from_bytes(address.packed, sys.byteorder) if address.version == 4 else 0
    shown = f"[{ip}]" if address.version == 6 else ip
    return mesos.MasterInfo(
        id=master_id,
        ip=number,
        port=port,
        pid=f"master@{shown}:{port}",
        hostname=hostname or ip,
        version=API_VERSION,
        address=mesos.Address(hostname=hostname or ip, ip=ip, port=port),
        domain=domain,
        capabilities=[mesos.MasterInfoCapability(type=mesos.MasterInfoCapabilityType.AGENT_DRAINING)],
    )
