"""What an operator can set of the daemons. Values only: nothing is built or opened here.

The docstring of each class is the help of its command.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from api.model.quantity import parse_size
from cli.allocation_settings import Alternatives, a_fault_domain, a_share, least_offer, names
from cli.setting_values import a_count, an_amount
from cli.settings import a_bool, a_port, about, above_zero, one_of, seconds
from orchestrator import recovery_pause

if TYPE_CHECKING:
    pass

LOG_LEVELS = ("debug", "info", "warning", "error")
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class OrchestratorSettings:
    """Run the orchestrator: offers, operations, operators' volumes."""

    work_dir: Path = field(
        default=Path("/var/lib/orlop/orchestrator"), metadata=about("Where its state is kept.", Path, "DIR")
    )
    address: str = field(default=LOOPBACK, metadata=about("Address of the HTTP API.", str, "ADDRESS"))
    port: int = field(default=5050, metadata=about("Port of the HTTP API.", a_port, "PORT"))
    link_address: str = field(default=LOOPBACK, metadata=about("Address that agents dial.", str, "ADDRESS"))
    link_port: int = field(default=5060, metadata=about("Port that agents dial.", a_port, "PORT"))
    advertise_address: str | None = field(
        default=None,
        metadata=about(
            "Where agents, clients and other orchestrators reach it; by default the address that it listens"
            " on, or speaks from.",
            str,
            "ADDRESS",
        ),
    )
    registry: str | None = field(
        default=None,
        metadata=about(
            "The database: sqlite:///PATH (orchestrator.db in the work directory by default), or, for several"
            " orchestrators of which one leads, postgresql+psycopg://USER@HOST:PORT/NAME.",
            str,
            "URL",
        ),
    )
    lease_seconds: float = field(
        default=6.0,
        metadata=about(
            "With PostgreSQL: a leader that is silent for so long is replaced; from 2 to 60.",
            seconds(2.0, 60.0),
            "SECONDS",
        ),
    )
    offer_timeout: float | None = field(
        default=None,
        metadata=about(
            "Seconds after which an offer that nobody answered is taken back.", above_zero, "SECONDS"
        ),
    )
    allocation_interval: float = field(
        default=1.0,
        metadata=about(
            "Seconds between two looks at everything that is free; what is new is offered at once.",
            above_zero,
            "SECONDS",
        ),
    )
    min_allocatable: Alternatives | None = field(
        default=None,
        metadata=about(
            "The least that is worth an offer: 'cpus=0.01|mem=32MiB' (the default) is either,"
            " 'cpus=1,mem=1GiB' both, any: whatever there is. Providers' disks always are.",
            least_offer,
            "AMOUNTS",
        ),
    )
    fair_sharing_excluded: frozenset[str] = field(
        default=frozenset(),
        metadata=about("Resources that do not count in fair shares: 'gpus,licences'.", names, "NAMES"),
    )
    filter_gpu_resources: bool = field(
        default=True,
        metadata=about(
            "Offer agents with gpus only to frameworks that say they know GPU_RESOURCES.", a_bool, None
        ),
    )
    whitelist: Path | None = field(
        default=None,
        metadata=about(
            "Hosts on which offers are made, one a line, * for all; read every 5 s and at SIGHUP.",
            Path,
            "FILE",
        ),
    )
    fault_domain: tuple[str, str] | None = field(
        default=None,
        metadata=about(
            "Where it is. Agents of another region are offered only to REGION_AWARE frameworks.",
            a_fault_domain,
            "REGION/ZONE",
        ),
    )
    recovery_share: float = field(
        default=recovery_pause.DEFAULT_SHARE,
        metadata=about(
            "After a start, while there is quota, nothing is offered until this share of the agents is back.",
            a_share,
            "SHARE",
        ),
    )
    recovery_seconds: float = field(
        default=recovery_pause.DEFAULT_SECONDS,
        metadata=about("The longest that this lasts.", above_zero, "SECONDS"),
    )
    agent_unreachable_after: float = field(
        default=75.0,
        metadata=about(
            "Frameworks are told that tasks are unreachable (or lost) when their agent was lost so long ago.",
            above_zero,
            "SECONDS",
        ),
    )
    agent_reregister_timeout: float = field(
        default=600.0,
        metadata=about("The same for agents that are not back after a start.", above_zero, "SECONDS"),
    )
    operations_kept: int = field(
        default=10_000,
        metadata=about(
            "How many operations that are over are remembered: recognised when they come again, and shown by"
            " `orlop operations --all`; 100 to 100000.",
            an_amount(100, 100_000),
            "N",
        ),
    )
    operations_kept_days: float = field(
        default=30.0,
        metadata=about("And how long at most, in days.", above_zero, "DAYS"),
    )
    log_level: str = field(default="info", metadata=about("What is logged.", one_of(*LOG_LEVELS), "LEVEL"))
    log_file: Path | None = field(
        default=None, metadata=about("Log there (bounded, rotated) and not to stderr.", Path, "FILE")
    )


@dataclass(frozen=True, kw_only=True)
class DevSettings:
    """Run a whole cluster on this machine: orchestrator, agents, storage with the built-in plugin.

    The same work directory brings back the same cluster. Ctrl-C ends it, and with it all tasks; volumes stay.
    """

    work_dir: Path = field(default=Path(".orlop"), metadata=about("Where the cluster is kept.", Path, "DIR"))
    port: int = field(
        default=5050,
        metadata=about("Port of the orchestrator's HTTP API; 0 takes a free one.", a_port, "PORT"),
    )
    agents: int = field(default=1, metadata=about("How many agents.", a_count, "N"))
    containerizer: str = field(
        default="auto",
        metadata=about(
            "What runs containers: auto takes podman when a trial container works.",
            one_of("auto", "podman", "process"),
            "auto|podman|process",
        ),
    )
    profiles: str | None = field(
        default=None,
        metadata=about(
            "What volumes can be made from: a file or an http(s) address (TOML or JSON).", str, "FILE-OR-URL"
        ),
    )
    pool_size: int | None = field(
        default=None,
        metadata=about(
            "How much each agent's pool may use; 10 GiB, or what fits, by default.", parse_size, "SIZE"
        ),
    )
