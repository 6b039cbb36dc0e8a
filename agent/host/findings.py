"""What is left on a host of former lives, and what its operator has to do with each. Pure: words, no looks.

Of a life of the host (it was started anew), or of an agent whose work directory was lost: nothing of that is
offered to anybody, and nothing is removed by itself that may hold data.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Final

NAMES_SHOWN: Final = 5
"""Names in one finding; of more their number is told."""


class Kind(enum.StrEnum):
    """Of what. The value is what operators read."""

    REBOOT = "REBOOT"
    CONTAINER = "CONTAINER"
    PROCESSES = "PROCESSES"
    LOOP_DEVICE = "LOOP_DEVICE"
    MOUNT = "MOUNT"
    VOLUME = "VOLUME"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing. `place`: by what it is found again, to see whether it is still there; unique in its kind."""

    kind: Kind
    place: str
    what: str
    advice: str


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop device, the file under it, and where what is on it is mounted."""

    device: str
    file: str
    mounts: tuple[str, ...] = ()

    @property
    def volume(self) -> str:
        """What the built-in plugin calls the volume whose file it is."""
        return self.file.removesuffix(DELETED).rpartition("/")[2].partition(".")[0]


DELETED: Final = " (deleted)"
"""What the kernel says behind the name of a file that has none any more."""


def rebooted(before: str, now: str, tasks: Sequence[str], containers: Sequence[str]) -> Finding:
    """The host was started anew since the agent ran; with it ended those tasks and operators' containers."""
    ended = [*([f"tasks {_some(tasks)}"] if tasks else [])]
    ended += [f"containers {_some(containers)}"] if containers else []
    what = f"the host was started anew since its agent ran last (boot {before[:8]}, now {now[:8]})"
    return Finding(
        Kind.REBOOT,
        now,
        f"{what}; with it ended {' and '.join(ended)}" if ended else f"{what}; nothing ran here",
        "nothing: who owns them was told; volumes are as they were, and are mounted again when they are used",
    )


def removed_containers(ids: Sequence[str]) -> Finding:
    """Containers that run under this agent's name, and that it knows nothing of."""
    return Finding(
        Kind.CONTAINER,
        "containers",
        f"{len(ids)} containers of a former agent in this work directory: {_some(ids)}. They are ended and "
        "removed",
        "give the former agent up, so that the owners of its tasks are told: orlop agents, then orlop agents "
        "gone ID",
    )


def processes(group: str, pids: Sequence[int]) -> Finding:
    """Processes in a control group of this agent's that is of no container that it knows."""
    listed = " ".join(str(pid) for pid in pids)
    return Finding(
        Kind.PROCESSES,
        f"{group} {listed}",
        f"{len(pids)} processes of a former agent's container, in the control group {group}: {listed}",
        f"they may be writing to volumes, and what they use is on offer: kill {listed}, or let them end",
    )


def loop_device(loop: Loop) -> Finding:
    """A device of a former agent's volume."""
    where = f", mounted at {' and '.join(loop.mounts)}" if loop.mounts else ", not mounted"
    steps = [*(f"umount {quote(point)}" for point in reversed(loop.mounts)), f"losetup -d {loop.device}"]
    if loop.file.endswith(DELETED):
        advice = (
            "its file has been deleted: what is on it is there until it is detached, and gone then. Copy "
            f"what you want, then: {'; '.join(steps)}"
        )
    else:
        advice = (
            "when no process of the former agent uses it any more: to go on with it, orlop volume adopt "
            f"{quote(loop.volume)} --name NAME; or to put it away, {'; '.join(steps)}"
        )
    return Finding(Kind.LOOP_DEVICE, loop.file, f"{loop.device}, of {loop.file}{where}", advice)


def mount(point: str) -> Finding:
    """A mount below a former agent's directories, of no loop device of its pool."""
    return Finding(
        Kind.MOUNT,
        point,
        f"a mount of a former agent: {point}",
        "unless its volume was adopted since (orlop volume list, orlop volume adopt), and when no process "
        f"uses it: umount {quote(point)}",
    )


def volume(directory: str, role: str, name: str) -> Finding:
    """A directory with the data of a persistent volume on the agent's own disk that is not known."""
    return Finding(
        Kind.VOLUME,
        directory,
        f"data of a persistent volume {name!r} of role {role!r} that is not known here: {directory}",
        "nobody gets it, and no volume of that name can be made while it is there: move it away: "
        f"mv {quote(directory)} ELSEWHERE",
    )


def _some(names: Iterable[str]) -> str:
    listed = sorted(names)
    shown = ", ".join(listed[:NAMES_SHOWN])
    return shown if len(listed) <= NAMES_SHOWN else f"{shown} and {len(listed) - NAMES_SHOWN} more"
