"""Looks for what a former life left on this host: loop devices, mounts, processes, volumes' directories.

It changes nothing. Only what is below this agent's own directories, or under its own name, is its affair:
several agents may share a host.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

from agent.containerizer.shim.cgroups import Group, Hierarchies, names_below
from agent.host import findings
from agent.host.findings import DELETED, Finding, Kind, Loop
from agent.host.mount_table import Mount, mounts

LOOPS = Path("/sys/block")


@dataclass(frozen=True, slots=True)
class Places:
    """Where an agent has things. `mounts`: below it each provider has a directory of its own; `volumes`: of
    its own disk, by role and name; `group`: the control group above those of its containers."""

    pool: str
    mounts: str
    volumes: Path
    group: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the kernel showed at one look: loop devices of the pool, mounts below providers' directories."""

    loops: tuple[Loop, ...]
    mounts: frozenset[str]


class Remains:
    """Those of one agent."""

    def __init__(
        self,
        places: Places,
        is_known: Callable[[str, str], bool],
        hierarchies: Callable[[], Hierarchies] = Hierarchies.of_host,
        sys_block: Path = LOOPS,
    ) -> None:
        """`is_known`: whether the agent has a persistent volume, by role and name, on its own disk."""
        self._places = places
        self._is_known = is_known
        self._hierarchies = hierarchies
        self._sys_block = sys_block

    def of_former_agent(self, containers: Collection[str], providers: Collection[str]) -> list[Finding]:
        """All that there is when an agent starts for the first time in its directory.

        `containers`: ids of those that a containerizer has, which are dealt with elsewhere. `providers`: the
        names of those that still know their volumes, and so their mounts and devices.
        """
        seen = self.look()
        of_loops = {point for loop in seen.loops for point in loop.mounts}
        found = [findings.loop_device(each) for each in seen.loops] if "local-disk" not in providers else []
        found += [
            findings.mount(point)
            for point in sorted(seen.mounts)
            if point not in of_loops and self._provider_of(point) not in providers
        ]
        return found + self._processes(containers)

    def volumes(self) -> list[Finding]:
        """Directories of volumes that nobody knows, and that are not empty."""
        found = []
        with contextlib.suppress(OSError):
            for role in sorted(self._places.volumes.iterdir()):
                for each in sorted(role.iterdir()):
                    names = unquote(role.name), unquote(each.name)
                    if not self._is_known(*names) and any(each.iterdir()):
                        found.append(findings.volume(str(each), *names))
        return found

    def look(self) -> Seen:
        """What there is now."""
        mounted = mounts()
        below = f"{self._places.mounts}/"
        points = {each.point for each in mounted if each.point.startswith(below)}
        # The directories of the providers themselves are bound onto themselves.
        inner = frozenset(point for point in points if "/" in point.removeprefix(below))
        return Seen(tuple(self._loops(mounted)), inner)

    def still_there(self, finding: Finding, seen: Seen, disks: Collection[str]) -> Finding | None:
        """The finding as it is now; None when it is settled. `disks`: ids of those that providers have: one
        that was adopted is among them."""
        match finding.kind:
            case Kind.LOOP_DEVICE:
                for loop in seen.loops:
                    if loop.file.removesuffix(DELETED) == finding.place.removesuffix(DELETED):
                        return None if loop.volume in disks else findings.loop_device(loop)
                return None
            case Kind.MOUNT:
                return finding if finding.place in seen.mounts else None
            case Kind.PROCESSES:
                group, *former = finding.place.split(" ")
                pids = [pid for pid in self._members(group) if str(pid) in former]
                return replace(finding, what=findings.processes(group, pids).what) if pids else None
            case _:
                return finding

    def _loops(self, mounted: Collection[Mount]) -> list[Loop]:
        by_device: dict[tuple[int, int], list[str]] = {}
        for each in mounted:
            by_device.setdefault(each.device, []).append(each.point)
        found = []
        for path in sorted(self._sys_block.glob("loop*/loop/backing_file")):
            with contextlib.suppress(OSError):  # detached this moment
                file = os.fsdecode(path.read_bytes()).rstrip("\n")
                major, minor = (path.parent.parent / "dev").read_text().split(":")
                if file.startswith(f"{self._places.pool}/"):
                    points = by_device.get((int(major), int(minor)), [])
                    found.append(Loop(f"/dev/{path.parent.parent.name}", file, tuple(dict.fromkeys(points))))
        return found

    def _provider_of(self, point: str) -> str:
        return point.removeprefix(f"{self._places.mounts}/").partition("/")[0]

    def _processes(self, containers: Collection[str]) -> list[Finding]:
        found = []
        for name in sorted(names_below(self._places.group) - set(containers)):
            group = f"{self._places.group}/{name}"
            if pids := self._members(group):
                found.append(findings.processes(group, pids))
        return found

    def _members(self, group: str) -> list[int]:
        with contextlib.suppress(OSError):
            return Group.at(self._hierarchies(), group).processes()
        return []
