"""Whether Podman on this host can do what the agent needs of it: by doing it once.

A privileged container mounts a tmpfs under a shared directory; if the host sees the mount, a CSI
plugin's mounts will arrive too. Leaves nothing behind, whatever the answer.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from agent.containerizer.interface import Bind, Containerizer, ContainerizerError, ContainerSpec
from agent.containerizer.shim import kernel
from api.model.ids import IdSource

TRIAL_TIMEOUT = 30.0
"""Seconds for the trial container to say that it has mounted."""

_PAUSE = 0.05


@dataclass(frozen=True, slots=True)
class Verdict:
    """`works`, and why not (or, when it does, what was seen)."""

    works: bool
    reason: str


async def try_mount_propagation(containerizer: Containerizer, directory: Path, ids: IdSource) -> Verdict:
    """Run the trial in `directory`, which is made and removed."""
    if os.getuid() != 0:
        return Verdict(False, "mounts of a container reach the host only when the agent is root")
    name = f"trial-{ids.uuid()}"
    place = directory / name
    (place / "sandbox").mkdir(parents=True)
    shared = place / "shared"
    shared.mkdir()
    kernel.mount(str(shared), str(shared), None, kernel.MS_BIND)
    try:
        kernel.mount("none", str(shared), None, kernel.MS_SHARED)
        return await _run(containerizer, name, place)
    except ContainerizerError as error:
        return Verdict(False, f"a trial container did not run: {error}")
    finally:
        await _clear(containerizer, name)
        _unmount_all(shared)
        _remove(place)


async def _run(containerizer: Containerizer, name: str, place: Path) -> Verdict:
    target, done = place / "shared" / "inner", place / "sandbox" / "mounted"
    script = f"mkdir '{target}' && mount -t tmpfs trial '{target}' && touch '{done}' && exec sleep 60"
    spec = ContainerSpec(
        id=name,
        argv=("/bin/sh", "-c", script),
        sandbox=str(place / "sandbox"),
        binds=(Bind(str(place / "shared"), str(place / "shared"), propagation="rshared"),),
        privileged=True,
        grace_period=0.0,
    )
    await containerizer.launch(spec)
    ended = asyncio.ensure_future(containerizer.wait(name))
    try:
        for _ in range(int(TRIAL_TIMEOUT / _PAUSE)):
            if ended.done() or done.exists():
                break
            await asyncio.sleep(_PAUSE)
    finally:
        ended.cancel()
        await asyncio.gather(ended, return_exceptions=True)
    return _verdict(target, done, place / "sandbox" / "stderr")


def _verdict(target: Path, done: Path, errors: Path) -> Verdict:
    if os.path.ismount(target):
        return Verdict(True, "a mount made in a container was seen on the host")
    if done.exists():
        return Verdict(False, "a mount made in a container did not reach the host")
    words = errors.read_text(errors="replace").strip() if errors.exists() else ""
    return Verdict(False, f"a trial container could not mount: {words[-300:]}")


async def _clear(containerizer: Containerizer, name: str) -> None:
    try:
        await containerizer.kill(name, grace_period=0.0)
        await containerizer.wait(name)
        await containerizer.remove(name)
    except ContainerizerError:
        return  # it was never there


def _unmount_all(shared: Path) -> None:
    for path in (shared / "inner", shared):
        try:
            kernel.unmount_lazily(str(path))
        except OSError:
            continue


def _remove(place: Path) -> None:
    """Directory by directory, never a tree: if a mount is left, what is in it stays."""
    sandbox = place / "sandbox"
    files = [sandbox / name for name in ("stdout", "stderr", "mounted")]
    for path in (place / "shared" / "inner", place / "shared", *files, sandbox, place, place.parent):
        _try_remove(path)


def _try_remove(path: Path) -> None:
    try:
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink()
    except OSError:
        return
