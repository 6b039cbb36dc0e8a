"""The example provider of the documentation on a host of its own, at the end of a cable."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from e2e.harness.daemon import Daemon
from e2e.partitions.network import Host
from e2e.partitions.site import AGENT_PORT, Site

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "provider.py"
PROFILE = "directory"
POOL_MB = 128


class RemoteProvider:
    """Its process. What it has is looked at in its own folder."""

    def __init__(self, site: Site, host: Host, agent: Daemon) -> None:
        self.host = host
        self._home = site.work_dir / "remote-provider"
        self._log = site.work_dir / "remote-provider.log"
        self._url = f"http://{site.host_of(agent).address}:{AGENT_PORT}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *self.host.namespace.enter,
                    *("setpriv", "--pdeathsig", "KILL", "--"),
                    *(sys.executable, str(EXAMPLE), str(self._home), self._url, str(POOL_MB)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def provider_id(self) -> str:
        """As its agent gave it; empty before it did."""
        return str(self._state().get("id", {}).get("value", "")) if self._file.exists() else ""

    @property
    def disks(self) -> set[str]:
        return {each.name for each in (self._home / "disks").iterdir()}

    @property
    def remembered(self) -> list[str]:
        """Operations that nobody has acknowledged yet."""
        return sorted(self._state()["operations"])

    @property
    def _file(self) -> Path:
        return self._home / "state.json"

    def _state(self) -> Any:
        return json.loads(self._file.read_text())
