"""An orchestrator and an agent whose one plugin is chosen for a measurement.

    scripted  a plugin that takes a fixed time a call (bench.scripted_plugin)
    mock      the CSI mock driver, which does nothing (built by `make test`)
    builtin   the built-in plugin on its image backend

Plugins run as plain processes: what containers cost at their start is measured elsewhere.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.scripted_plugin import NAME as SCRIPTED_NAME
from e2e.harness import census
from e2e.harness.cluster import DaemonCluster
from provider.plugins.local_disk.blocking import THREAD_LIMIT
from tests.requirements import MOCK_DRIVER

PROFILE = "bench"
MOCK_NAME = "mock.bench"
KINDS = ("scripted", "mock", "builtin")
AT_PLUGIN = {"scripted": 32, "mock": 32, "builtin": THREAD_LIMIT}
"""Calls that the plugin is given at once."""
ROOT = Path(__file__).resolve().parent.parent


class PluginCluster(DaemonCluster):
    """One agent, one provider, one profile. `pool_mib` is for the built-in plugin."""

    def __init__(self, kind: str, *, delay_ms: float = 50.0, pool_mib: int = 8 * 1024) -> None:
        builtin = kind == "builtin"
        super().__init__("process", "--local-disk" if builtin else "--no-local-disk")
        self.kind = kind
        self.counts_file = self.work_dir / "counts.json"
        profiles, configs = self.work_dir / "profiles.toml", self.work_dir / "configs"
        profiles.write_text(f"[profiles.{PROFILE}]\n")
        configs.mkdir()
        if kind == "scripted":
            program = [sys.executable, "-m", "bench.scripted_plugin"]
            self._configure(
                configs, SCRIPTED_NAME, [*program, "${CSI_ENDPOINT}", str(delay_ms), str(self.counts_file)]
            )
        elif kind == "mock":
            self._configure(configs, MOCK_NAME, [str(MOCK_DRIVER), f"--name={MOCK_NAME}", "--disable-attach"])
        arguments = ["--profiles", str(profiles), "--resource-provider-config-dir", str(configs)]
        if builtin:
            arguments += ["--pool-size", f"{pool_mib}MiB", "--backend", "image"]
        self.agent_arguments += arguments
        self.agent.command += arguments

    def _configure(self, folder: Path, name: str, argv: list[str]) -> None:
        command = {
            "shell": False,
            "value": argv[0],
            "arguments": argv,
            "environment": {"variables": [{"name": "PYTHONPATH", "value": str(ROOT)}]},
        }
        services = ["CONTROLLER_SERVICE", "NODE_SERVICE"]
        plugin = {
            "type": name,
            "name": "bench",
            "max_concurrent_calls": AT_PLUGIN[self.kind],
            "containers": [{"services": services, "command": command}],
        }
        info = {"type": "org.apache.mesos.rp.local.storage", "name": "bench", "storage": {"plugin": plugin}}
        (folder / "bench.json").write_text(json.dumps(info))

    @property
    def socket(self) -> Path:
        """Where the plugin listens."""
        (agent_dir,) = self.place.agents
        (found,) = Path("/run/orlop", census.scope_of(agent_dir)).glob("*/*.sock")
        return found

    def pids(self) -> dict[str, int]:
        """The processes that work, by their part."""
        found = {"orchestrator": self.orchestrator.pid, "agent": self.agent.pid}
        for pid, command in census.processes(self.place).items():
            if ".shim." not in command and self._is_plugin(command):
                found["plugin"] = pid
        return found

    def _is_plugin(self, command: str) -> bool:
        marks = {"scripted": "bench.scripted_plugin", "mock": "mock-driver", "builtin": " local-disk "}
        return marks[self.kind] in command


@contextmanager
def running(cluster: PluginCluster) -> Iterator[PluginCluster]:
    """Started, and whatever happens ended and swept up."""
    try:
        cluster.start()
        yield cluster
        cluster.end()
    except BaseException:
        print(cluster.logs(), file=sys.stderr)
        raise
    finally:
        cluster.close(None)
