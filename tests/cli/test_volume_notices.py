"""The names of volumes that are withheld or lost: whose they were, and never those of somebody else's."""

from __future__ import annotations

import pytest

from api.wire.v1 import master, mesos, resource_provider
from cli.volume_notices import withheld_and_lost

KIND = resource_provider.VolumeNoticeKind


def provider(provider_id: str, *, connected: bool, kind: KIND | None = None) -> master.Provider:
    info = mesos.ResourceProviderInfo(
        type="t", name="n", id=mesos.ResourceProviderID(value=provider_id), default_reservations=[]
    )
    notices = [] if kind is None else [resource_provider.VolumeNotice(source_id="vol-4", kind=kind)]
    return master.Provider(resource_provider_info=info, connected=connected, notices=notices)


def volume(name: str, provider_id: str) -> master.VolumeInfo:
    source = mesos.ResourceDiskInfoSource(type=mesos.ResourceDiskInfoSourceType.MOUNT, id="vol-4")
    disk = mesos.ResourceDiskInfo(source=source)
    return master.VolumeInfo(
        name=name,
        profile="p",
        size_bytes=1,
        state=master.VolumeState.VOLUME_AVAILABLE,
        resource_provider_id=mesos.ResourceProviderID(value=provider_id),
        resource=mesos.Resource(name="disk", type=mesos.ValueType.SCALAR, disk=disk),
    )


class Client:
    def __init__(self, *providers: master.Provider) -> None:
        self._providers = list(providers)

    async def providers(self) -> list[master.Provider]:
        return self._providers


@pytest.mark.parametrize(
    ("kind", "former", "name"),
    [
        (KIND.WITHHELD, None, "data"),  # its host came back anew
        (KIND.WITHHELD, False, "data"),
        (KIND.WITHHELD, True, ""),  # another driver that numbers its volumes alike
    ],
)
async def test_a_withheld_volume_has_the_name_of_one_whose_provider_is_not_here(kind, former, name):
    others = [] if former is None else [provider("old", connected=former)]
    (found,) = await withheld_and_lost(
        Client(*others, provider("new", connected=True, kind=kind)), [volume("data", "old")]
    )
    assert found.name == name


async def test_a_lost_volume_has_its_own_name():
    client = Client(provider("one", connected=True), provider("two", connected=True, kind=KIND.LOST))
    (found,) = await withheld_and_lost(client, [volume("theirs", "one"), volume("mine", "two")])
    assert found.name == "mine"
