"""`orlop plugin local-disk` and `whole-disk`: a built-in CSI plugin in a process of its own.

A composition root: it knows nothing of orchestrators or agents, and any CSI client can use the result.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

from cli.daemon import Started, serve, start_logging
from provider.plugins.local_disk.options import DEFAULT_STATE_FOLDER, BackendChoice, PluginOptions
from provider.plugins.local_disk.server import serve as serve_plugin
from provider.plugins.whole_disk.disk import Disk
from provider.plugins.whole_disk.server import serve as serve_disk


def run(
    endpoint: str,
    node_id: str,
    pool: Path,
    backend: str,
    capacity: int | None,
    state_folder: Path | None,
    pool_id: str | None,
    log_level: str,
) -> int:
    """Serve until SIGTERM or SIGINT; the exit status. Sizes in bytes."""
    start_logging(log_level, None)
    options = PluginOptions(
        endpoint=endpoint,
        node_id=node_id,
        pool=pool,
        backend=cast(BackendChoice, backend),
        capacity=capacity,
        state_folder=state_folder or DEFAULT_STATE_FOLDER,
        pool_id=pool_id,
    )

    async def main(started: Started) -> None:
        def ready() -> None:
            started()
            print(f"orlop plugin local-disk: serving {pool} on {endpoint}", file=sys.stderr, flush=True)

        await serve_plugin(options, ready=ready)

    return serve(main)


def run_whole_disk(
    endpoint: str, node_id: str, device: str, volume_id: str, sequence: str, owner: str, log_level: str
) -> int:
    """Serve one disk as it is until SIGTERM or SIGINT; the exit status."""
    start_logging(log_level, None)

    async def main(started: Started) -> None:
        def ready() -> None:
            started()
            print(f"orlop plugin whole-disk: serving {device} on {endpoint}", file=sys.stderr, flush=True)

        await serve_disk(endpoint, node_id, Disk(device, volume_id, sequence, owner), ready=ready)

    return serve(main)
