"""How fast operators' volumes come and go, beside a bare CSI client on the same plugin.

    python -m bench.bench_provisioning [podman|process] [EXISTING]

For each number of volumes in flight: the bare client creates and deletes, then PROVISION_VOLUME until the
volume is AVAILABLE, then DEPROVISION_VOLUME until it is gone, as the operator API's event stream tells.
A volume that nobody has used has nothing to be wiped, so to the plugin both are the same: one CreateVolume,
one DeleteVolume. With EXISTING, so many volumes are there all the while. At the end the pool must be empty.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import UNSET

from api.wire.v1 import master
from bench.bare_csi import BareClient
from bench.figures import Figures, measure, milliseconds, table
from cli.agent_storage import sockets_of
from client.operator import OperatorClient
from e2e.harness.cluster import DevCluster
from e2e.size import Size, processes

MIB = 2**20
SIZE_BYTES = 8 * MIB
PROFILE = "default"
LEVELS = {1: 100, 8: 200, 32: 200}
"""Volumes in flight -> volumes made and destroyed."""
POOL_MIB = 8 * 1024
"""Enough for the volumes of both: what the bare client deletes, the provider only sees at its next look."""
SETTLE_SECONDS = 1.0
"""Between two measurements, so that neither pays for what the other left to be done later."""
END_SECONDS = 120.0
"""For one volume; then the measurement fails."""

HEADINGS = (
    "provisioning",
    "in flight",
    "volumes",
    "per second",
    "p50 ms",
    "p99 ms",
    "of bare",
    "CPU ms each",
)


class Volumes:
    """Operators' volumes, waited for by the event stream."""

    def __init__(self, client: OperatorClient, prefix: str = "bench") -> None:
        self._client = client
        self._prefix = prefix
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._wanted: dict[str, master.VolumeState | None] = {}
        self._reader: asyncio.Task[None] | None = None

    async def watch(self) -> None:
        """Begin to listen. What is asked for from then on is waited for."""
        subscribed = asyncio.Event()
        self._reader = asyncio.create_task(self._read(subscribed))
        await subscribed.wait()

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    async def create(self, number: int) -> None:
        """PROVISION_VOLUME until it is AVAILABLE."""
        name = f"{self._prefix}-{number}"
        end = self._expect(name, master.VolumeState.VOLUME_AVAILABLE)
        await self._client.provision_volume(name, PROFILE, SIZE_BYTES)
        await self._until(end)

    async def destroy(self, number: int) -> None:
        """DEPROVISION_VOLUME until it is gone."""
        name = f"{self._prefix}-{number}"
        end = self._expect(name, None)
        await self._client.deprovision_volume(name)
        await self._until(end)

    def _expect(self, name: str, state: master.VolumeState | None) -> asyncio.Future[None]:
        self._wanted[name] = state
        self._waiting[name] = asyncio.get_running_loop().create_future()
        return self._waiting[name]

    async def _until(self, end: asyncio.Future[None]) -> None:
        async with asyncio.timeout(END_SECONDS):
            await end

    async def _read(self, subscribed: asyncio.Event) -> None:
        async for event in self._client.events():
            subscribed.set()
            if event.volume_updated is not UNSET:
                self._updated(event.volume_updated)

    def _updated(self, update: master.EventVolumeUpdated) -> None:
        volume = update.volume
        state = None if update.removed is True else volume.state
        end = self._waiting.get(volume.name)
        if end is None or end.done():
            return
        if state is self._wanted[volume.name]:
            end.set_result(None)
        elif state in (master.VolumeState.VOLUME_FAILED, master.VolumeState.VOLUME_NEEDS_OPERATOR):
            end.set_exception(AssertionError(f"volume {volume.name}: {volume.message}"))


async def run(cluster: DevCluster, existing: int) -> list[list[str]]:
    """The rows of the table. Raises AssertionError when something is left over."""
    socket = sockets_of(cluster.work_dir / "c" / "agent-1") / "csi.sock"
    async with BareClient(str(socket), SIZE_BYTES) as bare, OperatorClient(cluster_url(cluster)) as client:
        volumes, others = Volumes(client), Volumes(client, "existing")
        free = await bare.free_bytes()
        await others.watch()
        await measure(existing, 32, others.create)
        await others.close()
        await volumes.watch()
        rows: list[list[str]] = []
        for in_flight, count in LEVELS.items():
            rows += await _level(cluster, bare, volumes, count, in_flight, existing)
        await volumes.close()
        await others.watch()
        await measure(existing, 32, others.destroy)
        await others.close()
        left = await bare.count()
        assert left == 0, f"{left} volumes are left in the plugin"
        assert await client.volumes() == [], "volumes are left in the orchestrator"
        assert await bare.free_bytes() == free, "the pool is not what it was"
        return rows


async def _level(
    cluster: DevCluster, bare: BareClient, volumes: Volumes, count: int, in_flight: int, existing: int
) -> list[list[str]]:
    references: dict[str, Figures] = {}
    rows = []
    for who, make, remove in (
        ("bare client", bare.create, bare.delete),
        ("orlop", volumes.create, volumes.destroy),
    ):
        for what, work in (("create", make), ("destroy", remove)):
            await asyncio.sleep(SETTLE_SECONDS)
            with _processor_time(cluster) as used:
                found = await measure(count, in_flight, work)
            reference = references.setdefault(what, found)
            ratio = "" if found is reference else f"{found.rate / reference.rate:.2f}"
            rows.append([*_cells(f"{who}, {what}", in_flight, found), ratio, _used(used, count)])
            if what == "create":
                made = await bare.count()
                assert made == existing + count, f"{made} volumes in the plugin instead of {existing + count}"
    return rows


def _cells(what: str, in_flight: int, found: Figures) -> list[str]:
    return [
        what,
        str(in_flight),
        str(len(found.seconds)),
        f"{found.rate:.0f}",
        milliseconds(found.median),
        milliseconds(found.p99),
    ]


@contextmanager
def _processor_time(cluster: DevCluster) -> Iterator[dict[str, int]]:
    """Clock ticks that the cluster's processes use meanwhile, by role."""
    before = {size.pid: size for size in processes(cluster)}
    used: dict[str, int] = {}
    own = time.process_time()
    yield used
    used["bench"] = round((time.process_time() - own) * 100)
    for size in processes(cluster):
        used[size.role] = used.get(size.role, 0) + size.ticks - _ticks(before, size)


def _ticks(before: dict[int, Size], size: Size) -> int:
    return before[size.pid].ticks if size.pid in before else 0


def _used(used: dict[str, int], count: int) -> str:
    """Where the time went: milliseconds of a processor for each volume, by process."""
    parts = ("orchestrator", "agent", "plugin", "bench")
    return " ".join(f"{name} {used.get(name, 0) * 10 / count:.1f}" for name in parts)


def cluster_url(cluster: DevCluster) -> str:
    return f"http://{cluster.address}"


def cluster_for(containerizer: str, existing: int = 0) -> DevCluster:
    """A cluster with a pool that is large enough, not started yet."""
    size = POOL_MIB + existing * SIZE_BYTES // MIB
    return DevCluster(containerizer, "--pool-size", f"{size}MiB")


def main() -> None:
    containerizer = sys.argv[1] if len(sys.argv) > 1 else "podman"
    existing = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    cluster = cluster_for(containerizer, existing)
    try:
        cluster.start()
        print(table(HEADINGS, asyncio.run(run(cluster, existing))))
    finally:
        if cluster.dev.is_running:
            cluster.stop()
        cluster.close(None)


if __name__ == "__main__":
    main()
