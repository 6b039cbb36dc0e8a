"""The CSI mock driver as a vendor's plugin: configurations of it, and what it was called with.

The driver is somebody else's program, built by `make third-party`; it prints each call that it gets. No code
of the product is used here: configurations are JSON, and everything else is seen from outside.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.harness import http
from e2e.harness.cluster import DaemonCluster
from e2e.harness.daemon import until
from tests.requirements import MOCK_DRIVER

PAGE = Path(__file__).parents[2] / "docs" / "plugging-in-a-driver.md"
TYPE = "org.apache.mesos.rp.local.storage"
BOTH = ("CONTROLLER_SERVICE", "NODE_SERVICE")
LOG_SECONDS = 15.0
OPTIONS = ("--v=3", "--attach-limit=20")

Config = dict[str, Any]


def example(language: str) -> str:
    """The first piece of the vendors' page in that language, as it stands there."""
    found = re.search(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found is not None, f"{PAGE.name} has no example in {language}"
    return found[1]


def documented(token: Path) -> Config:
    """The configuration of the page: only where the program and the secret are is another matter here."""
    text = example("json").replace("/usr/local/bin/mock-driver", str(MOCK_DRIVER))
    config: Config = json.loads(text.replace("/etc/orlop/secrets/mock-token", str(token)))
    return config


def vendor(name: str, *options: str, services: Iterable[tuple[str, ...]] = (BOTH,)) -> Config:
    """A plugin of its own type, `NAME.example`: the driver with these options, a container for each tuple."""
    command = {
        "shell": False,
        "value": str(MOCK_DRIVER),
        "arguments": ["mock-driver", f"--name={name}.example", *OPTIONS, *options],
    }
    containers = [{"services": list(each), "command": copy.deepcopy(command)} for each in services]
    plugin = {"type": f"{name}.example", "name": name, "containers": containers}
    return {"type": TYPE, "name": name, "storage": {"plugin": plugin}}


def profiles(*names: str) -> str:
    """A profile for each of these plugins, called like it."""
    return "".join(f'[profiles.{name}]\nplugin_type = "{name}.example"\n' for name in names)


@dataclass(frozen=True)
class Call:
    """A call as the driver printed it. `error` is empty when it succeeded."""

    method: str
    request: dict[str, Any]
    response: dict[str, Any]
    error: str

    @property
    def volume_id(self) -> str:
        """The volume that it is about, or that it made."""
        found: str = self.request.get("volume_id") or self.response.get("volume", {}).get("volume_id", "")
        return found


class Plugin:
    """A driver under the agent of a cluster."""

    def __init__(self, cluster: DaemonCluster, name: str) -> None:
        self._cluster = cluster
        self.name = name

    def calls(self, *methods: str, volume_id: str = "", container: str = "", least: int = 1) -> list[Call]:
        """What it was called, oldest first: these methods, or all; about this volume, or any. Its log is a
        little behind, so `least` of them are waited for."""

        def found() -> list[Call]:
            return [
                call
                for call in self._log(container)
                if (not methods or call.method in methods) and volume_id in ("", call.volume_id)
            ]

        until(lambda: len(found()) >= least, LOG_SECONDS, f"{least} calls of {methods} in the driver's log")
        return found()

    def _log(self, container: str) -> Iterable[Call]:
        for log in sorted(self._sandboxes().glob(f"plugin-{self.name}--{container or '*'}/*/stderr")):
            yield from _calls(log.read_text(errors="replace"))

    @property
    def provider(self) -> dict[str, Any]:
        """The provider as the orchestrator shows it; empty when it does not."""
        found = self._cluster.post({"type": "GET_RESOURCE_PROVIDERS"})["get_resource_providers"]
        return next(
            (
                each
                for each in found.get("resource_providers", [])
                if each["resource_provider_info"]["name"] == self.name
            ),
            {},
        )

    @property
    def state(self) -> str:
        state: str = self.provider.get("plugin", {}).get("state", "")
        return state

    @property
    def notices(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.provider.get("notices", [])
        return found

    def disks(self) -> set[str]:
        """The ids of its disks; none while its provider has not said yet what it has."""
        sources = [
            each.get("disk", {}).get("source", {}) for each in self.provider.get("total_resources", [])
        ]
        return {source["id"] for source in sources if "id" in source}

    def pids(self) -> list[int]:
        """Its processes on this host, found by their command lines; one for each container."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                argv = (folder / "cmdline").read_bytes().split(b"\0")
                is_it = argv[0] == str(MOCK_DRIVER).encode() or argv[0] == b"mock-driver"
                if is_it and self._is_ours(folder, argv):
                    found.append(int(folder.name))
            except OSError:
                continue
        return sorted(found)

    def _is_ours(self, process: Path, argv: list[bytes]) -> bool:
        """By the socket that it was told to listen on, which has the agent's digest in its path."""
        environment = (process / "environ").read_bytes().split(b"\0")
        endpoint = next((each for each in environment if each.startswith(b"CSI_ENDPOINT=")), b"")
        named = f"--name={self.name}.example".encode() in argv or self.name == "mock"
        return named and any(tag.encode() in endpoint for tag in self._cluster.place.tags)

    def _sandboxes(self) -> Path:
        return self._cluster.place.agents[0] / "sandboxes" / "plugins"


def _calls(log: str) -> Iterable[Call]:
    for line in log.splitlines():
        _, found, text = line.partition("gRPCCall: ")
        if not found:
            continue
        document = json.loads(text)
        yield Call(
            document["Method"].rpartition("/")[2],
            document["Request"] or {},
            document["Response"] or {},
            document["Error"],
        )


def agent_call(cluster: DaemonCluster, kind: str, content: dict[str, Any] | None = None) -> http.Answer:
    """A call of the agent's operator API, as somebody with curl would make it."""
    call = {"type": kind} | ({} if content is None else {kind.lower(): content})
    return http.post(cluster.agent_address, call)


def add(cluster: DaemonCluster, config: Config) -> int:
    return agent_call(cluster, "ADD_RESOURCE_PROVIDER_CONFIG", {"info": config}).status


def update(cluster: DaemonCluster, config: Config) -> int:
    return agent_call(cluster, "UPDATE_RESOURCE_PROVIDER_CONFIG", {"info": config}).status


def remove(cluster: DaemonCluster, name: str) -> int:
    return agent_call(cluster, "REMOVE_RESOURCE_PROVIDER_CONFIG", {"type": TYPE, "name": name}).status
