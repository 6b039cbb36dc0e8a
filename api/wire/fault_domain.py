"""Where an agent or an orchestrator is: its region and its zone. It must not: decide anything."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from api.wire.v1 import mesos


def fault_domain(region: str, zone: str) -> mesos.DomainInfo:
    return mesos.DomainInfo(
        fault_domain=mesos.DomainInfoFaultDomain(
            region=mesos.DomainInfoFaultDomainRegionInfo(name=region),
            zone=mesos.DomainInfoFaultDomainZoneInfo(name=zone),
        )
    )


def region_of(domain: mesos.DomainInfo | UnsetType) -> str | None:
    """None when it does not say."""
    return None if domain is UNSET or domain.fault_domain is UNSET else domain.fault_domain.region.name


def zone_of(domain: mesos.DomainInfo | UnsetType) -> str | None:
    """None when it does not say."""
    return None if domain is UNSET or domain.fault_domain is UNSET else domain.fault_domain.zone.name
