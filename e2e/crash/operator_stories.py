"""Operators that make volumes, or adopt what a plugin has, expand and destroy them, whatever happens.

Their volumes are reserved for the role of the scheduler's stories, whose tasks write to them and look
whether it is still there.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from api.wire.v1.master import VolumeInfo, VolumeState
from client import OperatorClient, Refused, Unreachable
from e2e.crash import contents
from e2e.crash.record import Record

T = TypeVar("T")

RunTask = Callable[[str, str], Awaitable[str]]
"""Runs a command with the disk of that id at /data; how the task ended."""

Foreign = Callable[[str, int, bool], Awaitable[str]]
"""Has the plugin make a volume of that name, size in bytes and kind (block), of which the cluster does not
know; its id."""

MB = 2**20
REPEAT_SECONDS = 0.2
STORY_SECONDS = 90.0
"""For one volume to come or to go while things are killed; longer is a violation."""
LISTED_SECONDS = 300.0
"""For a volume that the plugin has to be found: its list is read every two minutes, and when it comes up."""
ADOPTED = 0.1
"""The part of all volumes that are adopted; besides, the first one's second."""
BUSY = (503, 507, 409)
GONE = 404


class OperatorStories:
    """`workers` operators beside each other. Each leaves its last volume standing: `leave` names them."""

    def __init__(
        self,
        url: str,
        workers: int,
        rng: random.Random,
        record: Record,
        role: str,
        task: RunTask,
        foreign: Foreign | None,
    ) -> None:
        """`url` may be several, with commas between. Without `foreign` nothing is adopted."""
        self._client = OperatorClient(url)
        self._rng = rng
        self._record = record
        self._workers = workers
        self._role = role
        self._task = task
        self._foreign = foreign
        self.stopping = asyncio.Event()
        self.standing: dict[str, str] = {}
        self.looked_for: set[str] = set()
        """Volumes that the plugin has, and that the cluster is yet to find."""

    async def run(self) -> None:
        """Until `stopping` is set, and each story has come to its end."""
        async with asyncio.TaskGroup() as group:
            for worker in range(self._workers):
                group.create_task(self._work(worker))

    async def _work(self, worker: int) -> None:
        number = 0
        while True:
            name = f"op-{worker}-{number}"
            adopts = (
                self._foreign is not None
                and not self.stopping.is_set()
                and ((worker, number) == (0, 1) or self._rng.random() < ADOPTED)
            )
            number += 1
            volume = await (self._adopt(name) if adopts else self._create(name))
            if volume is None:
                continue
            if self._rng.random() < 0.6:
                await self._use(volume)
            if self.stopping.is_set():
                return
            await asyncio.sleep(self._rng.random() * 0.3)
            await self.destroy(name)

    async def _create(self, name: str) -> VolumeInfo | None:
        entry = self._record.begin(name, "volume")
        size, block = self._rng.choice((16, 32, 64)) * MB, self._rng.random() < 0.3
        profile = "block" if block else "default"
        await self._repeat(
            lambda: self._client.provision_volume(name, profile, size, block=block, role=self._role)
        )
        entry.accepted = True
        return await self._arrived(name)

    async def _adopt(self, name: str) -> VolumeInfo | None:
        """Take on a volume that the plugin has and the cluster does not know."""
        size, block = self._rng.choice((16, 32, 64)) * MB, self._rng.random() < 0.3
        entry = self._record.begin(name, "adoption")
        assert self._foreign is not None
        source_id = await self._foreign(f"foreign-{name}", size, block)
        profile = "block" if block else "default"
        self.looked_for.add(source_id)
        try:
            async with asyncio.timeout(LISTED_SECONDS):
                while not await self._ask_for(source_id, name, profile):  # noqa: ASYNC110 - events are lost in crashes
                    await asyncio.sleep(REPEAT_SECONDS)
        except TimeoutError:
            text = f"volume {source_id} was made by somebody else, and not found in {LISTED_SECONDS} s"
            self._record.violations.append(text)
            return None
        finally:
            self.looked_for.discard(source_id)
        entry.accepted = True
        return await self._arrived(name)

    async def _ask_for(self, source_id: str, name: str, profile: str) -> bool:
        """Whether the adoption is accepted; until the volume was found there is no such volume."""
        try:
            await self._repeat(
                lambda: self._client.adopt_volume(source_id, name=name, role=self._role, profile=profile)
            )
        except Refused as error:
            if error.status != GONE:
                raise
            return False
        return True

    async def _arrived(self, name: str) -> VolumeInfo | None:
        """The volume once it is there; None when it came to nothing."""
        volume = await self._settled(name, VolumeState.VOLUME_CREATING)
        if volume is None:
            self._record.violations.append(f"volume {name} was accepted, and is not there")
            return None
        self._record.tell(name, str(volume.state), str(volume.message))
        if volume.state is VolumeState.VOLUME_AVAILABLE:
            self.standing[name] = ""
            return volume
        await self.destroy(name)
        return None

    async def _use(self, volume: VolumeInfo) -> None:
        """Write, expand, and look whether the data is there and the volume larger."""
        disk_id, block = str(volume.resource.disk.source.id), volume.block is True
        text = volume.name
        if await self._task(disk_id, contents.write(text, block=block)) != "TASK_FINISHED":
            return
        size_mb = await self._expand(volume)
        await self._task(disk_id, contents.check(text, block=block, size_mb=size_mb, grown=True))

    async def _expand(self, volume: VolumeInfo) -> float:
        """Ask for more, and wait until it is so; the size in MB."""
        wanted = volume.size_bytes + self._rng.choice((8, 16)) * MB
        larger = f"{volume.name} (larger)"
        self._record.begin(larger, "expansion")
        await self._repeat(lambda: self._client.expand_volume(volume.name, wanted))
        self._record.entries[larger].accepted = True
        after = await self._settled(volume.name, VolumeState.VOLUME_EXPANDING)
        if after is None or after.size_bytes < wanted:
            self._record.violations.append(f"volume {volume.name} was to have {wanted} bytes: {after}")
            return 0.0
        self._record.tell(larger, str(after.state), str(after.message))
        return wanted / MB

    async def destroy(self, name: str) -> None:
        """Ask for its end, and wait until it is gone."""
        gone = f"{name} (its end)"
        self._record.begin(gone, "destruction").accepted = True
        try:
            async with asyncio.timeout(STORY_SECONDS):
                while await self._ask_for_the_end_of(name):  # noqa: ASYNC110 - events are lost in crashes
                    await asyncio.sleep(REPEAT_SECONDS)
        except TimeoutError:
            found = await self._repeat(lambda: self._client.volumes(name))
            self._record.violations.append(f"volume {name} was not destroyed in {STORY_SECONDS} s: {found}")
            return
        self._record.tell(gone, "gone")
        self.standing.pop(name, None)

    async def _ask_for_the_end_of(self, name: str) -> bool:
        """Whether the volume is still there. What is being destroyed is only looked at."""
        found = await self._repeat(lambda: self._client.volumes(name))
        if found and found[0].state is not VolumeState.VOLUME_DESTROYING:
            try:
                await self._repeat(lambda: self._client.deprovision_volume(name))
            except Refused as error:
                if error.status != GONE:
                    raise
        return bool(found)

    async def _settled(self, name: str, passing: VolumeState) -> VolumeInfo | None:
        """The volume when it is no longer in the state that is to pass."""
        found: list[VolumeInfo] = []
        try:
            async with asyncio.timeout(STORY_SECONDS):
                while True:
                    found = await self._repeat(lambda: self._client.volumes(name))
                    if not found or found[0].state is not passing:
                        return found[0] if found else None
                    await asyncio.sleep(REPEAT_SECONDS)
        except TimeoutError:
            self._record.violations.append(f"volume {name} is {passing} for {STORY_SECONDS} s: {found}")
            return found[0]

    async def _repeat(self, call: Callable[[], Awaitable[T]]) -> T:
        """The same call until it is answered, which is all that an operator has to do."""
        while True:
            try:
                return await call()
            except Unreachable:
                pass
            except Refused as error:
                if error.status not in BUSY:
                    raise
            await asyncio.sleep(REPEAT_SECONDS)

    async def close(self) -> None:
        await self._client.close()
