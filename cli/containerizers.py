"""Which containerizer an agent uses: as set, or found out once and kept with the work directory.

Kept, because another one would not find the containers of the first. What is tried to find out is
`agent.containerizer.choice`.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final, cast

from agent.containerizer.choice import Choice, Kind, choose
from agent.containerizer.image_needs import ImagePorts
from agent.containerizer.interface import ContainerizerError
from api.model.clock import Clock
from api.model.ids import IdSource
from cli.failures import CommandFailed

KINDS: Final = ("podman", "process")

log = logging.getLogger(__name__)


async def started(
    wanted: str, work_dir: Path, runtime: str | None, clock: Clock, ids: IdSource, images: ImagePorts
) -> Choice:
    """The containerizer of this work directory, started; it tells of images by `images`.

    Raises CommandFailed when `wanted` is not the one it has, or does not work here.
    """
    kept = work_dir / "containerizer"
    known = kept.read_text().strip() if kept.exists() else None
    if known in KINDS and wanted not in ("auto", known):
        raise CommandFailed(
            f"{work_dir} has containers of {known}: leave --containerizer out, or name another --work-dir"
        )
    kind = known if known in KINDS else wanted
    try:
        choice = await choose(cast("Kind", kind), work_dir, clock, ids, runtime=runtime, images=images)
    except ContainerizerError as error:
        raise CommandFailed(f"containers cannot be run: {error}") from error
    log.info("containers: %s", choice.reason)
    if known != choice.containerizer.name:
        fresh = kept.with_suffix(".new")
        fresh.write_text(f"{choice.containerizer.name}\n")
        fresh.replace(kept)
    return choice
