"""`orlop dev`: a whole cluster on this machine, supervised.

The parts are ordinary `orlop orchestrator` and `orlop agent` processes; one that dies is started again. This
process must stay small (no event loop, no HTTP library), and it keeps no state but the work directory:

    WORK_DIR/lock                 held while it runs, with its pid
    WORK_DIR/cluster.json         what must not change from run to run
    WORK_DIR/orchestrator/, agent-1/, …, logs/
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from api.model.clock import SystemClock
from api.model.quantity import format_size
from cli.child import Child, Stop, own_command
from cli.daemon_settings import LOOPBACK, DevSettings
from cli.failures import CommandFailed
from cli.local_http import NotReady, free_ports, health, is_free, post_call
from cli.work_dir import locked

OFFER_TIMEOUT_SECONDS: Final = 10
"""So that no scheduler that forgot its offers holds the pool."""
READY_SECONDS: Final = 180.0
"""For everything to come up the first time; then it is given up, with the reason."""
TELL_SECONDS: Final = 15.0
"""After so long it is said what is waited for: an agent that is refused waits for its operator."""
POLL_SECONDS: Final = 0.1
IDLE_SECONDS: Final = 0.5
"""Between looks at the children, while everything comes up and afterwards; a death is noticed at once."""
DEFAULT_POOL_BYTES: Final = 10 * 2**30
SHARE_OF_FREE: Final = 0.5
"""At most this share of the free disk is put into pools when no size was named."""


def run(settings: DevSettings) -> int:
    """Run the cluster until SIGTERM or SIGINT; the exit status. Raises CommandFailed when it cannot start."""
    work_dir = settings.work_dir.absolute()
    with locked(work_dir, "orlop dev"):
        (work_dir / "logs").mkdir(exist_ok=True)
        pool_bytes = pool_size(settings, work_dir)
        ports = _ports(settings)
        stop = Stop()
        children = _children(settings, work_dir, pool_bytes, ports)
        try:
            for child in children:
                child.start()
            _supervise(children, ports, work_dir / "logs", stop)
        finally:
            stop.deaf()
            # Agents first: the orchestrator still hears how their tasks ended.
            _end(children[1:])
            _end(children[:1])
    return 0


def _supervise(children: list[Child], ports: list[int], logs: Path, stop: Stop) -> None:
    clock = SystemClock()
    deadline = clock.monotonic() + READY_SECONDS
    tell_at = clock.monotonic() + TELL_SECONDS
    port, agents = ports[0], ports[2:]
    ready = False
    why = "nothing answers yet"
    while not stop.wait(IDLE_SECONDS if ready else POLL_SECONDS):
        for child in children:
            child.look()
        if ready:
            continue
        try:
            ready = _is_ready(port, len(agents))
        except NotReady as reason:
            why = str(reason)
        if ready:
            _announce(f"http://{LOOPBACK}:{port}")
            continue
        broken = next((child for child in children if child.is_hopeless), None)
        if broken is not None:
            raise CommandFailed(f"{broken.name} does not start: {broken.last_words()}; see {logs}")
        if clock.monotonic() > min(deadline, tell_at):
            awaited = "; ".join([why, *refused(agents)])
            if clock.monotonic() > deadline:
                raise CommandFailed(f"not ready after {READY_SECONDS:.0f} s: {awaited}; see {logs}")
            tell_at = deadline
            print(f"orlop: not ready yet: {awaited}; see {logs}", file=sys.stderr, flush=True)


def _is_ready(port: int, agents: int) -> bool:
    """Whether each agent is registered and has disks on offer. Raises NotReady, saying what is missing."""
    answer = post_call(port, {"type": "GET_PROFILES"})
    profiles: list[dict[str, Any]] = answer.get("get_profiles", {}).get("profiles", [])
    offering = {
        profile.get("agent_id", {}).get("value")
        for profile in profiles
        if profile.get("available") and profile.get("total_bytes", 0) > 0
    }
    if len(offering) < agents:
        messages = sorted({profile["message"] for profile in profiles if profile.get("message")})
        reason = f" ({'; '.join(messages)})" if messages else ""
        raise NotReady(f"{len(offering)} of {agents} agents offer disks{reason}")
    return True


def refused(agents: Sequence[int]) -> list[str]:
    """Of the agents at these ports, what those that are not registered say about it."""
    told = []
    for number, port in enumerate(agents, start=1):
        try:
            answer = health(port)
        except NotReady as reason:
            told.append(f"agent-{number}: {reason}")
            continue
        if not answer.get("registered"):
            told.append(f"agent-{number}: {answer.get('link')}")
    return told


def _announce(url: str) -> None:
    print(f"orlop ready: {url}", flush=True)
    default = url == f"http://{LOOPBACK}:5050"
    prefix = [] if default else [f"export ORLOP_URL={url}"]
    commands = [
        *prefix,
        "orlop status",
        "orlop profiles",
        "orlop volume create data --profile default --size 1GiB",
        "orlop task run --volume data:/data -- sh -c 'echo hello > /data/x; df -h /data'",
        "orlop task run --volume data:/data -- cat /data/x",
        "orlop volume destroy data",
    ]
    print("Try, in a second shell:", *commands, sep="\n  ", file=sys.stderr, flush=True)


def _children(settings: DevSettings, work_dir: Path, pool_bytes: int, ports: list[int]) -> list[Child]:
    """The orchestrator, then the agents."""
    logs = work_dir / "logs"
    orchestrator = [
        "orchestrator",
        *("--work-dir", str(work_dir / "orchestrator")),
        *("--address", LOOPBACK, "--port", str(ports[0])),
        *("--link-address", LOOPBACK, "--link-port", str(ports[1])),
        *("--offer-timeout", str(OFFER_TIMEOUT_SECONDS)),
    ]
    children = [_child("orchestrator", orchestrator, logs)]
    for number, port in enumerate(ports[2:], start=1):
        agent = [
            "agent",
            *("--work-dir", str(work_dir / f"agent-{number}"), "--reconfiguration-policy", "any"),
            *("--orchestrator", f"{LOOPBACK}:{ports[1]}"),
            *("--address", LOOPBACK, "--port", str(port)),
            *("--containerizer", settings.containerizer),
            *("--pool-size", str(pool_bytes)),
            "--end-containers",
        ]
        if settings.profiles is not None:
            is_address = "://" in settings.profiles
            found = settings.profiles if is_address else str(Path(settings.profiles).absolute())
            agent += ["--profiles", found]
        children.append(_child(f"agent-{number}", agent, logs))
    return children


def _child(name: str, arguments: list[str], logs: Path) -> Child:
    command = [*own_command(), *arguments, "--log-file", str(logs / f"{name}.log")]
    return Child(name, command, logs, SystemClock())


def _end(children: list[Child]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        child.join()


def _ports(settings: DevSettings) -> list[int]:
    """HTTP and link of the orchestrator, then HTTP of each agent: the first as set, the others free ones.

    A port in use is refused here: who answers there may be another cluster, and look like this one.
    """
    if settings.port and not is_free(settings.port):
        raise CommandFailed(
            f"port {settings.port} is in use: end what listens there, or name another with --port (0: any)"
        )
    free = free_ports(settings.agents + (1 if settings.port else 2))
    return [settings.port, *free] if settings.port else free


def pool_size(settings: DevSettings, work_dir: Path) -> int:
    """Bytes for each agent's pool; the same again for the same work directory."""
    remembered = work_dir / "cluster.json"
    try:
        known = int(json.loads(remembered.read_text())["pool_size"])
    except (OSError, ValueError, KeyError, TypeError):
        known = None
    if known is not None and settings.pool_size in (None, known):
        return known
    if known is not None:
        raise CommandFailed(
            f"{work_dir} was made with pools of {format_size(known)}: leave --pool-size out, or name another"
            " --work-dir"
        )
    free = shutil.disk_usage(work_dir).free
    size = settings.pool_size or min(DEFAULT_POOL_BYTES, int(free * SHARE_OF_FREE) // settings.agents)
    fresh = remembered.with_suffix(".new")
    fresh.write_text(json.dumps({"pool_size": size}))
    fresh.replace(remembered)
    return size
