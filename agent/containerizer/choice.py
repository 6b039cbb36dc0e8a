"""Which containerizer an agent runs: what was asked for, or what a trial shows to work here."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agent.containerizer.image_needs import ImagePorts
from agent.containerizer.image_store import ImageStore
from agent.containerizer.interface import Containerizer, ContainerizerError
from agent.containerizer.podman import PodmanContainerizer
from agent.containerizer.process import ProcessContainerizer
from agent.containerizer.trial import try_mount_propagation
from api.model.clock import Clock
from api.model.ids import IdSource

Kind = Literal["auto", "podman", "process"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A started containerizer, and why it is this one: a sentence for the log."""

    containerizer: Containerizer
    reason: str
    images: ImageStore | None = None
    """What it keeps images in; None: it has none."""


async def choose(
    kind: Kind,
    work_dir: Path,
    clock: Clock,
    ids: IdSource,
    *,
    podman: str = "podman",
    runtime: str | None = None,
    python: str | None = None,
    images: ImagePorts | None = None,
) -> Choice:
    """Start the containerizer to use. With "auto": Podman when a trial container with mount propagation
    works, else plain processes. Raises ContainerizerError when the one asked for cannot start.
    """
    process = ProcessContainerizer(work_dir, clock, **({} if python is None else {"python": python}))
    if kind == "process":
        await process.start()
        return Choice(process, "plain processes, as asked")
    candidate = PodmanContainerizer(work_dir, clock, podman=podman, runtime=runtime, images=images)
    if kind == "podman":
        await candidate.start()
        return Choice(candidate, "podman, as asked", candidate.images)
    reason = await _why_not(candidate, work_dir, ids, podman)
    if reason is None:
        reason = "podman: a trial container's mount was seen on the host"
        return Choice(candidate, reason, candidate.images)
    await candidate.close()
    await process.start()
    return Choice(process, f"plain processes: {reason}")


async def _why_not(candidate: PodmanContainerizer, work_dir: Path, ids: IdSource, podman: str) -> str | None:
    """Try Podman, started on return if it works (None); otherwise what is in the way."""
    if shutil.which(podman) is None:
        return f"{podman} is not installed"
    try:
        await candidate.start()
        verdict = await try_mount_propagation(candidate, work_dir / "trial", ids)
    except ContainerizerError as error:
        return error.message
    return None if verdict.works else verdict.reason
