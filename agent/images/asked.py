"""Which image a container is described with. Pure; whether that can be had is others' to say."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from api.wire.v1 import mesos


def image_in(container: mesos.ContainerInfo | UnsetType) -> str | None:
    """The name of the image; None without one, and with one that is no docker image."""
    if container is UNSET:
        return None
    if container.docker is not UNSET:
        return container.docker.image
    if container.mesos is UNSET or container.mesos.image is UNSET or container.mesos.image.docker is UNSET:
        return None
    return container.mesos.image.docker.name


def pulls_anew(container: mesos.ContainerInfo | UnsetType) -> bool:
    """Whether its registry is to be asked also when the host has an image of that name."""
    if container is UNSET:
        return False
    if container.docker is not UNSET:
        return container.docker.force_pull_image is True
    if container.mesos is UNSET or container.mesos.image is UNSET:
        return False
    return container.mesos.image.cached is False
