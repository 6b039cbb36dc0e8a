"""Agents, reservations and quota as the workloads want them. Amounts are given in cpus and MB."""

from __future__ import annotations

from api.model.disk import Disk, DiskSource, Persistence, SourceType
from api.model.resource import Reservation, Resource, scalar
from api.model.resources import Resources
from api.model.values import Ranges, Scalar
from bench.allocator.stopwatch import ALL_CAPABLE, Allocating
from orchestrator.allocator import Offer, Quota

PORTS = Ranges(((31000, 32000),))


def scalars(cpus: float, mem: int, disk: int = 0) -> list[Resource]:
    found = [scalar("cpus", round(cpus * 1000)), scalar("mem", mem * 1000)]
    return [*found, scalar("disk", disk * 1000)] if disk else found


def ports(fragments: int = 0) -> Resource:
    """All ports of an agent; or so many separate ranges of them."""
    ranges = [(31000 + 60 * at, 31000 + 60 * at + 9) for at in range(fragments)]
    return Resource("ports", Ranges(tuple(ranges)) if ranges else PORTS)


def quantities(cpus: int, mem: int, disk: int) -> dict[str, int]:
    return {"cpus": cpus * 1000, "mem": mem * 1000, "disk": disk * 1000}


def quota(cpus: int, mem: int, disk: int) -> Quota:
    """Guarantee and limit alike."""
    return Quota(quantities(cpus, mem, disk), quantities(cpus, mem, disk))


def labelled(role: str, labels: int, unique: str) -> Reservation:
    found = [(f"label-{at}", f"value-{at}") for at in range(labels - 1)]
    return Reservation(role, labels=(*found, ("unique", unique)))


def volume(mb: int, name: str, role: str, shared: bool) -> Resource:
    """A persistent volume on the agent's own disk."""
    disk = Disk(persistence=Persistence(name))
    return Resource("disk", Scalar(mb * 1000), (Reservation(role),), disk, shared=shared)


def mixed_total(at: int, role: str) -> Resources:
    """One of a varied cluster: all have ports, each tenth a reservation, each tenth a provider's disks."""
    found = [*scalars(24, 4096 * (1 + at % 4), 4096), ports()]
    if at % 10 == 3:
        found += [r.push_reservation(Reservation(role)) for r in scalars(2, 1024)]
    if at % 10 == 7:
        pool = DiskSource(SourceType.RAW, profile="fast", vendor="v")
        mount = DiskSource(SourceType.MOUNT, id=f"disk-{at}", profile="fast", vendor="v", root="/disk")
        found.append(Resource("disk", Scalar(100_000_000), disk=Disk(pool), provider_id=f"provider-{at}"))
        found.append(Resource("disk", Scalar(10_000_000), disk=Disk(mount), provider_id=f"provider-{at}"))
    return Resources(found)


def add_frameworks(allocator: Allocating, frameworks: int, roles: int) -> None:
    for at in range(frameworks):
        allocator.add_framework(framework(at), [role(at % roles)], traits=ALL_CAPABLE)


def framework(at: int) -> str:
    return f"framework-{at:05}"


def role(at: int) -> str:
    return f"role-{at:04}"


def agent(at: int) -> str:
    return f"agent-{at:06}"


def give_back(allocator: Allocating, offers: list[Offer], until: float | None = None) -> None:
    """Declines them all, with a filter when `until` is given."""
    for offer in offers:
        allocator.decline(offer.framework_id, offer.role, offer.agent_id, offer.resources, until)
