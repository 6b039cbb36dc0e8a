"""RLimitInfo of the v1 API: what the kernel bounds for each process of a container by itself. Pure."""

from __future__ import annotations

from typing import Final

from msgspec import UNSET

from agent.commands import InvalidTask
from agent.containerizer.interface import ResourceLimit
from api.wire.v1 import mesos

PREFIX: Final = "RLMT_"


def rlimits_of(container: mesos.ContainerInfo | object) -> tuple[ResourceLimit, ...]:
    """The limits that a container asks for; one without amounts is lifted. Raises InvalidTask."""
    if not isinstance(container, mesos.ContainerInfo) or container.rlimit_info is UNSET:
        return ()
    return tuple(_limit(place, each) for place, each in enumerate(container.rlimit_info.rlimits))


def _limit(place: int, asked: mesos.RLimitInfoRLimit) -> ResourceLimit:
    about = f"container.rlimit_info.rlimits[{place}]"
    if asked.type is UNSET or not asked.type.value.startswith(PREFIX):
        raise InvalidTask(f"{about}: its type says none of the limits that there are")
    if (asked.soft is UNSET) is not (asked.hard is UNSET):
        raise InvalidTask(f"{about}: give both soft and hard, or none of them for no limit")
    name = asked.type.value.removeprefix(PREFIX).lower()
    soft = None if asked.soft is UNSET else asked.soft
    return ResourceLimit(name, soft, None if asked.hard is UNSET else asked.hard)
