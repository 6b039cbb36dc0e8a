"""Which containerizer an agent uses: as set, or found out once and kept with the work directory.

Kept, because another one would not find the containers of the first. `auto` takes Podman when a trial
container can mount so that this host sees it, which is what plugins need.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import shutil
from pathlib import Path
from typing import Final

from agent.containerizer.interface import Bind, Containerizer, ContainerizerError, ContainerSpec
from agent.containerizer.podman import PodmanContainerizer
from agent.containerizer.process import ProcessContainerizer
from agent.shared_mounts import SharedMounts
from api.model.clock import Clock
from cli.failures import CommandFailed

TRIAL_SECONDS: Final = 60.0
"""For the trial container; a Podman that takes longer counts as one that does not work."""
KINDS: Final = ("podman", "process")

log = logging.getLogger(__name__)


async def choose(wanted: str, work_dir: Path, runtime: str | None, clock: Clock) -> Containerizer:
    """The containerizer of this work directory. Raises CommandFailed when `wanted` is not the one it has."""
    kept = work_dir / "containerizer"
    known = kept.read_text().strip() if kept.exists() else None
    if known in KINDS and wanted not in ("auto", known):
        raise CommandFailed(
            f"{work_dir} has containers of {known}: leave --containerizer out, or name another --work-dir"
        )
    kind = known if known in KINDS else wanted
    if kind == "auto":
        kind = await _find_out(work_dir, runtime, clock)
    if known != kind:
        fresh = kept.with_suffix(".new")
        fresh.write_text(f"{kind}\n")
        fresh.replace(kept)
    return _make(kind, work_dir, runtime, clock)


def _make(kind: str, work_dir: Path, runtime: str | None, clock: Clock) -> Containerizer:
    if kind == "podman":
        return PodmanContainerizer(work_dir, clock, runtime=runtime)
    return ProcessContainerizer(work_dir, clock)


async def _find_out(work_dir: Path, runtime: str | None, clock: Clock) -> str:
    reason = await _why_not_podman(work_dir, runtime, clock)
    if reason is None:
        log.info("containers: podman, a trial container's mount reached this host")
        return "podman"
    log.warning("containers: plain processes, because %s", reason)
    return "process"


async def _why_not_podman(work_dir: Path, runtime: str | None, clock: Clock) -> str | None:
    if os.geteuid() != 0:
        return "mounts of containers reach the host only as root"
    if shutil.which("podman") is None:
        return "podman is not installed (package podman)"
    trial_dir = work_dir / "trial"
    containerizer = PodmanContainerizer(trial_dir, clock, runtime=runtime)
    try:
        async with asyncio.timeout(TRIAL_SECONDS):
            await containerizer.start()
            return await _try_mount(containerizer, trial_dir)
    except TimeoutError:
        return f"a trial container was not done in {TRIAL_SECONDS:.0f} s"
    except (ContainerizerError, OSError) as error:
        return f"a trial container failed: {error}"
    finally:
        await containerizer.close()
        shutil.rmtree(trial_dir, ignore_errors=True)


async def _try_mount(containerizer: Containerizer, trial_dir: Path) -> str | None:
    """Let a container mount something; None when it is seen here."""
    shared, sandbox = trial_dir / "shared", trial_dir / "sandbox"
    point = shared / "point"
    for folder in (shared, sandbox, point):
        folder.mkdir(parents=True, exist_ok=True)
    mounts = SharedMounts()
    mounts.share(str(shared))
    spec = ContainerSpec(
        id="trial",
        argv=("mount", "-t", "tmpfs", "tmpfs", str(point)),
        sandbox=str(sandbox),
        binds=(Bind(str(shared), str(shared), propagation="rshared"),),
        privileged=True,
    )
    try:
        await containerizer.launch(spec)
        ended = await containerizer.wait(spec.id)
        await containerizer.remove(spec.id)
        if ended.status != 0:
            said = (sandbox / "stderr").read_text(errors="replace").strip() if sandbox.exists() else ""
            return f"a trial container could not mount: {said or ended.message}"
        return None if point.is_mount() else "a mount in a trial container did not reach this host"
    finally:
        if point.is_mount():
            ctypes.CDLL(None).umount2(os.fsencode(point), 0)
        mounts.release(str(shared))
