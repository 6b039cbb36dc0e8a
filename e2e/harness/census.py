"""A census of one cluster, taken from the kernel and from Podman, never from the cluster's own APIs.

It builds on tests.census, which finds what carries a tag. A cluster has several: its work directory, and
for each agent the digest of that agent's directory, which names its containers, control groups and sockets.
Two censuses are equal when the same things exist, whatever their process ids and loop numbers are. It only
looks; `sweep` removes, and is for what a failed test leaves.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import re
import shutil
import signal
import stat
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

from tests import census as tagged

SOCKETS = Path("/run/orlop")
RUNTIME_RECORDS = Path("/run")
LISTEN = "0A"
"""TCP_LISTEN as /proc/net/tcp writes it."""

Things = Counter[str]


@dataclass(frozen=True)
class Census:
    """What exists, by kind, each thing in words that do not change from run to run, and how often."""

    mounts: Things
    foreign_mounts: Things
    loop_devices: Things
    images: Things
    containers: Things
    processes: Things
    cgroups: Things
    sockets: Things

    def differences(self, before: Census) -> str:
        """One line for each thing that came (+) or went (-) since `before`; empty when nothing did."""
        lines = []
        for kind in fields(self):
            now, then = getattr(self, kind.name), getattr(before, kind.name)
            lines += [f"+ {kind.name}: {thing} ({count})" for thing, count in sorted((now - then).items())]
            if kind.name == "foreign_mounts":
                continue  # some other process on this machine has let go of what it should not have had
            lines += [f"- {kind.name}: {thing} ({count})" for thing, count in sorted((then - now).items())]
        return "\n".join(lines)

    def __str__(self) -> str:
        return "\n".join(
            f"  {kind.name}: {thing} ({count})"
            for kind in fields(self)
            for thing, count in sorted(getattr(self, kind.name).items())
        )


@dataclass(frozen=True)
class Place:
    """Where a cluster keeps things: the tags by which they are known."""

    work_dir: Path
    agents: tuple[Path, ...]

    @property
    def tags(self) -> tuple[str, ...]:
        return (str(self.work_dir), *(scope_of(agent) for agent in self.agents))

    @property
    def pools(self) -> tuple[Path, ...]:
        return tuple(agent / "pool" / "volumes" for agent in self.agents)


def scope_of(agent_dir: Path) -> str:
    """How an agent names what it makes outside its directory (documented with its containerizers)."""
    return hashlib.sha256(os.fsencode(agent_dir.resolve())).hexdigest()[:12]


def nothing_but_files(now: Census) -> str:
    """What is wrong with the census of a cluster that has ended, and has no volumes."""
    return str(now)


def take(place: Place) -> Census:
    """What exists of the cluster now."""
    tags, running = place.tags, processes(place)
    return Census(
        mounts=Counter(_normal(line.split(" ", 1)[1]) for line in set(tagged.mounts(*tags))),
        foreign_mounts=Counter(_foreign_mounts(place)),
        loop_devices=Counter(line.split(" ", 1)[1] for line in set(tagged.loop_devices(*tags))),
        images=Counter(images(place)),
        containers=Counter([*set(tagged.containers(*tags)), *_runtime_records(place)]),
        processes=Counter(_normal(command) for command in running.values()),
        cgroups=Counter(_normal(path) for path in set(tagged.cgroups(*tags))),
        sockets=Counter(_sockets(place, running)),
    )


def _runtime_records(place: Place) -> Iterator[str]:
    """Containers that the OCI runtime has a record of, whether Podman knows them or not."""
    for record in itertools.chain(
        *(RUNTIME_RECORDS.glob(f"{name}/*/state.json") for name in ("runc", "crun"))
    ):
        with contextlib.suppress(OSError):
            text = record.read_text(errors="replace")
            if any(f"orlop-{scope_of(agent)}" in text for agent in place.agents):
                yield "record of the OCI runtime"


def processes(place: Place) -> dict[int, str]:
    """Command lines of the cluster's processes, by pid: those that name one of its tags, or that have a file
    of its directory open (the monitors of plain processes do, and name nothing)."""
    lines = tagged.processes(*place.tags)
    found = {int(pid): command for pid, _, command in (line.partition(" ") for line in lines)}
    for pid in (int(folder.name) for folder in Path("/proc").glob("[0-9]*")):
        if pid not in found and pid != os.getpid() and _holds_files(pid, f"{place.work_dir}/"):
            with contextlib.suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes()
                found[pid] = line.replace(b"\0", b" ").decode(errors="replace").strip()
    return found


def _holds_files(pid: int, below: str) -> bool:
    return any(link.startswith(below) for link in _open_files(pid))


def _open_files(pid: int) -> Iterator[str]:
    """What its descriptors lead to. Without pathlib: there are thousands, and it is asked at each census."""
    with contextlib.suppress(OSError), os.scandir(f"/proc/{pid}/fd") as handles:
        for handle in handles:
            with contextlib.suppress(OSError):
                yield os.readlink(handle.path)  # noqa: PTH115


def images(place: Place) -> list[str]:
    """Names of the files that are volumes' storage (or their records) in the cluster's pools."""
    return [path.name for pool in place.pools if pool.is_dir() for path in sorted(pool.iterdir())]


def stored_volumes(place: Place) -> set[str]:
    """Ids of the volumes for which the disk holds an image or a folder."""
    return {name.split(".")[0] for name in images(place) if name.endswith((".image", ".folder"))}


def mounted_below(path: Path) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text(errors="surrogateescape").splitlines()
    points = [line.split(" ")[4].replace("\\040", " ") for line in lines]
    return [point for point in points if point.startswith(f"{path}/")]


def sweep(place: Place) -> None:
    """Remove all that is left of a cluster: for the end of a test that failed."""
    for pid in processes(place):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    tagged.remove(tagged.take(*place.tags))
    for agent in place.agents:
        (SOCKETS / f"{scope_of(agent)}.sock").unlink(missing_ok=True)
        shutil.rmtree(SOCKETS / scope_of(agent), ignore_errors=True)
    if not mounted_below(place.work_dir):
        shutil.rmtree(place.work_dir, ignore_errors=True)


_HEX = re.compile(r"\b[0-9a-f]{64}\b")
_PORT = re.compile(r"(127\.0\.0\.1:|port )[0-9]+")
_UUID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


def _normal(text: str) -> str:
    """Without the names that are drawn anew each time."""
    return _PORT.sub(r"\1<port>", _UUID.sub("<uuid>", _HEX.sub("<hex>", text)))


def _foreign_mounts(place: Place) -> Iterator[str]:
    """The cluster's mounts that other mount namespaces hold on to, by the program that lives there."""
    own = str(Path("/proc/self/ns/mnt").readlink())
    seen = {own}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            namespace = str((process / "ns" / "mnt").readlink())
            if namespace in seen:
                continue
            seen.add(namespace)
            program = (process / "comm").read_text().strip()
            for line in (process / "mountinfo").read_text(errors="surrogateescape").splitlines():
                point = line.split(" ")[4]
                if str(place.work_dir / "") in f"{point}/" and "/mounts/" in point:
                    yield f"{program}: {point}"


def _sockets(place: Place, running: Collection[int]) -> Iterator[str]:
    """Unix sockets by path, and TCP ports that the cluster's processes listen on (counted, not named)."""
    tags = place.tags
    lines = Path("/proc/net/unix").read_text(errors="surrogateescape").splitlines()[1:]
    # Listening ones only (flag 0x10000): each accepted connection has the path as well.
    listening_at = {line.split()[-1] for line in lines if int(line.split()[3], 16) & 0x10000}
    yield from (f"listening at {path}" for path in listening_at if any(tag in path for tag in tags))
    # Not by glob: what other clusters have there may go away meanwhile.
    for folder, _, files in itertools.chain(os.walk(SOCKETS), os.walk(place.work_dir)):
        for path in (Path(folder, name) for name in files):
            with contextlib.suppress(OSError):
                if any(tag in str(path) for tag in tags) and stat.S_ISSOCK(path.lstat().st_mode):
                    yield f"file {path}"
    listening = {
        fields[9]
        for name in ("tcp", "tcp6")
        for fields in (line.split() for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:])
        if fields[3] == LISTEN
    }
    for link in itertools.chain.from_iterable(_open_files(pid) for pid in running):
        if link.removeprefix("socket:[").rstrip("]") in listening:
            yield "listening on TCP"
