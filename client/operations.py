"""What a scheduler sends, built: its description, operations on disks, tasks. Pure.

Whatever is not here is built from the structs of `api.wire.v1` in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import UNSET, structs

from api.wire.v1 import mesos

Type = mesos.OfferOperationType
Capability = mesos.FrameworkInfoCapabilityType


def framework_info(
    name: str, *roles: str, user: str = "root", failover_seconds: float = 60.0
) -> mesos.FrameworkInfo:
    """A framework that gets offers in these roles, and may be away for so long before it is removed."""
    capabilities = (
        Capability.MULTI_ROLE,
        Capability.RESERVATION_REFINEMENT,
        Capability.PARTITION_AWARE,
    )
    return mesos.FrameworkInfo(
        user=user,
        name=name,
        roles=list(roles),
        failover_timeout=failover_seconds,
        checkpoint=True,
        capabilities=[mesos.FrameworkInfoCapability(type=each) for each in capabilities],
    )


def create_disk(pool: mesos.Resource, mb: float, *, block: bool = False) -> mesos.OfferOperation:
    """A disk of so many MB (of 2^20 bytes) from an offered pool: mounted, or as a device with `block`."""
    target = mesos.ResourceDiskInfoSourceType
    wanted = mesos.OfferOperationCreateDisk(
        source=structs.replace(pool, scalar=mesos.ValueScalar(value=mb)),
        target_type=target.BLOCK if block else target.MOUNT,
    )
    return mesos.OfferOperation(type=Type.CREATE_DISK, create_disk=wanted)


def destroy_disk(disk: mesos.Resource) -> mesos.OfferOperation:
    """Give an offered disk back to its pool, and what is on it up."""
    return mesos.OfferOperation(
        type=Type.DESTROY_DISK, destroy_disk=mesos.OfferOperationDestroyDisk(source=disk)
    )


def reserve(
    resource: mesos.Resource, role: str, labels: Mapping[str, str] | None = None
) -> mesos.OfferOperation:
    """Keep an offered resource for a role."""
    reservation = mesos.ResourceReservationInfo(
        type=mesos.ResourceReservationInfoType.DYNAMIC, role=role, labels=_labels(labels or {})
    )
    reserved = structs.replace(resource, reservations=[*resource.reservations, reservation])
    return mesos.OfferOperation(type=Type.RESERVE, reserve=mesos.OfferOperationReserve(resources=[reserved]))


def unreserve(resource: mesos.Resource) -> mesos.OfferOperation:
    """Undo the innermost reservation of an offered resource."""
    return mesos.OfferOperation(
        type=Type.UNRESERVE, unreserve=mesos.OfferOperationUnreserve(resources=[resource])
    )


def launch(*tasks: mesos.TaskInfo) -> mesos.OfferOperation:
    """Start tasks, each for itself."""
    return mesos.OfferOperation(type=Type.LAUNCH, launch=mesos.OfferOperationLaunch(task_infos=list(tasks)))


def task(
    name: str,
    command: str | Sequence[str],
    *,
    cpus: float = 0.1,
    mem: float = 32.0,
    disks: Mapping[str, mesos.Resource] | None = None,
    image: str | None = None,
) -> mesos.TaskInfo:
    """A task that runs a shell command, or a program with its arguments.

    `mem` in MB; `disks`: container path -> a disk as it was offered; `image`: by its Docker name. Its id and
    its agent are still to be set: `Framework.run` does.
    """
    info = mesos.TaskInfo(
        name=name,
        task_id=mesos.TaskID(value=""),
        agent_id=mesos.AgentID(value=""),
        resources=[_scalar("cpus", cpus), _scalar("mem", mem)],
        command=_command(command),
    )
    info.resources += [_at(path, disk) for path, disk in (disks or {}).items()]
    if image is not None:
        docker = mesos.Image(type=mesos.ImageType.DOCKER, docker=mesos.ImageDocker(name=image))
        info.container = mesos.ContainerInfo(
            type=mesos.ContainerInfoType.MESOS, mesos=mesos.ContainerInfoMesosInfo(image=docker)
        )
    return info


def _command(command: str | Sequence[str]) -> mesos.CommandInfo:
    if isinstance(command, str):
        return mesos.CommandInfo(shell=True, value=command)
    return mesos.CommandInfo(shell=False, value=command[0], arguments=list(command))


def _scalar(name: str, amount: float) -> mesos.Resource:
    return mesos.Resource(name=name, type=mesos.ValueType.SCALAR, scalar=mesos.ValueScalar(value=amount))


def _at(path: str, disk: mesos.Resource) -> mesos.Resource:
    volume = mesos.Volume(container_path=path, mode=mesos.VolumeMode.RW)
    held = mesos.ResourceDiskInfo() if disk.disk is UNSET else disk.disk
    return structs.replace(disk, disk=structs.replace(held, volume=volume))


def _labels(labels: Mapping[str, str]) -> mesos.Labels:
    return mesos.Labels(labels=[mesos.Label(key=key, value=value) for key, value in labels.items()])
