"""What an operator can set of an agent. Values only: nothing is built or opened here.

The docstring of the class is the help of its command.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from api.model.quantity import parse_size
from cli.allocation_settings import a_fault_domain, a_share
from cli.daemon_settings import LOG_LEVELS, LOOPBACK
from cli.failures import USAGE, CommandFailed
from cli.setting_values import directories, image_names, orchestrators, the_attributes, the_resources
from cli.settings import a_bool, a_port, about, above_zero, one_of, seconds

if TYPE_CHECKING:
    from api.model.resource import Resource
    from api.wire.v1.mesos import Attribute


@dataclass(frozen=True, kw_only=True)
class AgentSettings:
    """Run an agent: tasks, plugin containers, the storage of this host."""

    work_dir: Path = field(
        default=Path("/var/lib/orlop/agent"), metadata=about("Where its state is kept.", Path, "DIR")
    )
    orchestrator: tuple[str, ...] = field(
        default=(f"{LOOPBACK}:5060",),
        metadata=about(
            "Where the orchestrator's link is; of several orchestrators, all of them.",
            orchestrators,
            "HOST:PORT[,HOST:PORT]",
            listed=True,
        ),
    )
    address: str = field(default=LOOPBACK, metadata=about("Address of the HTTP API.", str, "ADDRESS"))
    port: int = field(default=5051, metadata=about("Port of the HTTP API.", a_port, "PORT"))
    hostname: str | None = field(
        default=None, metadata=about("What others know this host as; its own name by default.", str, "NAME")
    )
    fault_domain: tuple[str, str] | None = field(
        default=None, metadata=about("Where this host is.", a_fault_domain, "REGION/ZONE", live=True)
    )
    attributes: tuple[Attribute, ...] = field(
        default=(),
        metadata=about(
            "What frameworks are told of this host: 'rack:r7;cores:16;slots:[1-4];kinds:{ssd,nvme}'.",
            the_attributes,
            "ATTRIBUTES",
            live=True,
        ),
    )
    reconfiguration_policy: str = field(
        default="equal",
        metadata=about(
            "What may differ from the last start: nothing, what adds to it, or anything.",
            one_of("equal", "additive", "any"),
            "equal|additive|any",
            live=True,
        ),
    )
    check_config: bool = field(
        default=False,
        metadata=about(
            "Start nothing: say what differs from the last start, and whether the policy allows it.",
            a_bool,
            None,
        ),
    )
    containerizer: str = field(
        default="auto",
        metadata=about(
            "What runs containers: auto takes podman when a trial container works.",
            one_of("auto", "podman", "process"),
            "auto|podman|process",
        ),
    )
    runtime: str | None = field(
        default=None, metadata=about("Podman's OCI runtime, for example runc.", str, "NAME")
    )
    cpus: float | None = field(
        default=None,
        metadata=about("Cores on offer; all of the machine's by default.", above_zero, "CORES", live=True),
    )
    mem: int | None = field(
        default=None,
        metadata=about("Memory on offer; most of the machine's by default.", parse_size, "SIZE", live=True),
    )
    resources: tuple[Resource, ...] = field(
        default=(),
        metadata=about(
            "What this host has, reserved for roles or not: 'cpus(eng):4;cpus:4;mem:8192' (MB), a JSON list,"
            " or file:///PATH; what it does not name is detected.",
            the_resources,
            "RESOURCES",
            live=True,
        ),
    )
    profiles: str | None = field(
        default=None,
        metadata=about(
            "What volumes can be made from: a file or an http(s) address (TOML or JSON).", str, "FILE-OR-URL"
        ),
    )
    profiles_interval: float = field(
        default=1.0,
        metadata=about("How often the profiles' file or address is looked at.", above_zero, "SECONDS"),
    )
    resource_provider_config_dir: Path | None = field(
        default=None,
        metadata=about(
            "Configurations of further CSI plugins, read at the start and at SIGHUP; a folder in the work"
            " directory by default.",
            Path,
            "DIR",
        ),
    )
    local_disk: bool = field(
        default=True, metadata=about("Run the built-in plugin, on the pool.", a_bool, None)
    )
    devices: Path | None = field(
        default=None,
        metadata=about(
            "Rules (TOML) for the disks that this agent may use; read at SIGHUP, too. Without, it uses none.",
            Path,
            "FILE.toml",
        ),
    )
    pool: Path | None = field(
        default=None,
        metadata=about(
            "Where volumes are made: a folder or a device; a folder in the work directory.", Path, "PATH"
        ),
    )
    pool_size: int | None = field(
        default=None, metadata=about("How much of the pool may be used.", parse_size, "SIZE")
    )
    backend: str = field(
        default="auto",
        metadata=about(
            "How volumes are made: auto takes image files with real limits when root.",
            one_of("auto", "image", "dir"),
            "auto|image|dir",
        ),
    )
    image_gc: bool = field(
        default=True,
        metadata=about("Remove images that nothing uses when their disk fills.", a_bool, None, live=True),
    )
    image_gc_headroom: float = field(
        default=0.1,
        metadata=about(
            "With a smaller share of that disk free images are removed, the least recently used first…",
            a_share,
            "SHARE",
            live=True,
        ),
    )
    image_gc_low_water: float = field(
        default=0.2, metadata=about("…until this share of it is free.", a_share, "SHARE", live=True)
    )
    image_gc_interval: float = field(
        default=60.0,
        metadata=about("How often it is looked how much is free.", above_zero, "SECONDS", live=True),
    )
    image_gc_all: bool = field(
        default=False,
        metadata=about("Also remove images that this agent did not pull.", a_bool, None, live=True),
    )
    image_pin: tuple[str, ...] = field(
        default=(),
        metadata=about(
            "Images that are never removed: names, patterns of names with *, ids.",
            image_names,
            "NAME[,NAME]",
            live=True,
        ),
    )
    registry_credentials: Path | None = field(
        default=None,
        metadata=about(
            "What registries want to see, as Docker's config.json is; read at each pull.", Path, "FILE"
        ),
    )
    fetch_from: tuple[Path, ...] = field(
        default=(),
        metadata=about(
            "Directories that every task's URIs may name; others only for files that everybody may read.",
            directories,
            "DIR[:DIR]",
            live=True,
        ),
    )
    sandbox_age: float = field(
        default=86_400.0,
        metadata=about(
            "How long the sandbox of an ended container is kept; less when the disk fills.",
            above_zero,
            "SECONDS",
            live=True,
        ),
    )
    min_free: int = field(
        default=64 * 2**20,
        metadata=about(
            "With less free in the work directory no new task is taken.", parse_size, "SIZE", live=True
        ),
    )
    executor_registration: float = field(
        default=60.0,
        metadata=about(
            "How long a new executor has to subscribe; then it is ended and its tasks fail.",
            above_zero,
            "SECONDS",
        ),
    )
    executor_reregistration: float = field(
        default=30.0,
        metadata=about(
            "How long an executor has to subscribe again after its stream or the agent went.",
            above_zero,
            "SECONDS",
        ),
    )
    enforce_disk: bool = field(
        default=True,
        metadata=about("End tasks whose sandbox takes more than the disk they were given.", a_bool, None),
    )
    enforce_disk_interval: float = field(
        default=15.0,
        metadata=about(
            "How often sandboxes are measured for that; from 1 to 3600.",
            seconds(1.0, 3600.0),
            "SECONDS",
            live=True,
        ),
    )
    status_resend: float = field(
        default=10.0,
        metadata=about(
            "When a status that was not acknowledged is sent again; each time after twice as long.",
            above_zero,
            "SECONDS",
        ),
    )
    status_resend_longest: float = field(
        default=600.0, metadata=about("The longest of these waits.", above_zero, "SECONDS")
    )
    provider_heartbeat: float = field(
        default=15.0,
        metadata=about(
            "Seconds between heartbeats to resource providers that have nothing else to hear.",
            above_zero,
            "SECONDS",
        ),
    )
    end_containers: bool = field(
        default=False,
        metadata=about(
            "End tasks and plugins with the agent, and release their volumes.", a_bool, None, live=True
        ),
    )
    log_level: str = field(
        default="info", metadata=about("What is logged.", one_of(*LOG_LEVELS), "LEVEL", live=True)
    )
    log_file: Path | None = field(
        default=None, metadata=about("Log there (bounded, rotated) and not to stderr.", Path, "FILE")
    )

    def __post_init__(self) -> None:
        """Raises CommandFailed: settings that contradict each other."""
        if self.image_gc and self.image_gc_headroom >= self.image_gc_low_water:
            raise CommandFailed(
                f"--image-gc-low-water {self.image_gc_low_water:g} has to be more than --image-gc-headroom"
                f" {self.image_gc_headroom:g}: images are removed from the one until the other is free",
                USAGE,
            )
