"""This host's block devices as a port: looked at in threads, made pools, taken out of use.

What is on a device is remembered for a while, as finding it out takes a program; a device that was attached
anew is another one. It must not: decide which device may be opened or formatted; who calls has.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from provider.local_storage import device_health
from provider.local_storage.device import Contents, Device
from provider.local_storage.device_contents import Usage, probe, usage
from provider.local_storage.device_hold import NotTheSame, hold, hold_claimed
from provider.local_storage.devices import attached_devices
from provider.local_storage.host_threads import HostHangs, HostThreads
from provider.plugins.local_disk.commands import CommandFailed, CommandRunner
from provider.plugins.local_disk.device_pool import make_pool
from provider.plugins.local_disk.loop_devices import KernelLoops
from provider.plugins.local_disk.mounts import KernelMounts
from provider.plugins.local_disk.pool import PoolUnusable
from provider.plugins.whole_disk.disk import number_at

KNOWN_SECONDS: Final = 10.0
"""How long what was found on a device is taken for true, unless it is asked for anew."""

PROBE_PATIENCE: Final = 5.0
"""Seconds that a device has for showing what is on it; the look goes on, and the next one waits for the
same."""

WIPE_SECONDS: Final = 60.0

LOCK_TRIES: Final = 20
LOCK_PAUSE: Final = 0.25
"""Seconds between two tries to have a device alone: udevd has it for a moment after each event. After the
last one the device is somebody else's."""


class NotPrepared(Exception):
    """A device was not made a pool; the message says why."""


May = Callable[[Device, str], bool]
"""Whether a device may be opened, given who has it in use."""


class DevicesOnHost:
    """The devices of this machine. `owner`: the agent, by a name that no other one of this host has."""

    def __init__(self, runner: CommandRunner, owner: str = "") -> None:
        self._runner = runner
        self._owner = owner
        self._claims: dict[str, tuple[Device, int]] = {}
        """Descriptors of devices that are claimed."""
        self._threads = HostThreads()
        self._found: dict[tuple[object, ...], tuple[float, Contents]] = {}

    async def look(self, may: May, *, fresh: bool = False) -> list[tuple[Device, str, Contents | None]]:
        """All devices there are, each with who has it in use and, where it may be opened, what is on it.

        `fresh`: nothing that was found before counts. Raises OSError when the kernel does not tell.
        """
        devices, used = await self._threads.run("a look at the devices", _seen)
        busy = {device.path: used.of(device.number) for device in devices}
        opened = [device for device in devices if may(device, busy[device.path])]
        contents = dict(
            zip(
                (each.path for each in opened),
                await asyncio.gather(*(self.contents(each, fresh=fresh) for each in opened)),
                strict=True,
            )
        )
        self._forget_all_but(opened)
        return [(device, busy[device.path], contents.get(device.path)) for device in devices]

    async def contents(self, device: Device, *, fresh: bool) -> Contents:
        """What is on the device, which is opened for it."""
        now, key = asyncio.get_running_loop().time(), _key(device)
        at, known = self._found.get(key, (float("-inf"), None))
        if known is not None and not fresh and now - at < KNOWN_SECONDS:
            return known
        try:
            found = await self._threads.run(
                f"probing {key}", lambda: probe(device.path, self._owner), patience=PROBE_PATIENCE
            )
        except HostHangs as error:
            return Contents(unreadable=str(error))
        self._found[key] = (now, found)
        return found

    async def prepare(self, device: Device, pool_id: str, carries: Contents, *, destroys: bool) -> None:
        """Make a pool of the device, if it is that one still and `carries` what it did; with `destroys`
        signatures that are on it go first. Raises NotPrepared."""
        self._found.pop(_key(device), None)
        held = await self._held(device, carries)
        try:
            if destroys:
                await self._runner.run(["wipefs", "-a", "-q", device.path], seconds=WIPE_SECONDS)
            await make_pool(Path(device.path), self._runner, pool_id)
        except (CommandFailed, PoolUnusable) as error:
            raise NotPrepared(str(error)) from error
        finally:
            await self._let_go_of(device, held)

    async def confirm(self, device: Device, carries: Contents) -> None:
        """It is that device still, and `carries` what it did. Raises NotPrepared."""
        await self._let_go_of(device, await self._held(device, carries))

    async def _let_go_of(self, device: Device, held: int) -> None:
        with contextlib.suppress(HostHangs):
            await self._threads.run(f"closing {device.path}, {held}", lambda: os.close(held))

    async def _held(self, device: Device, carries: Contents) -> int:
        """A descriptor on the device, with the lock on it. Raises NotPrepared."""
        for _ in range(LOCK_TRIES):
            try:
                return await self._threads.run(
                    f"holding {device.path}", lambda: hold(device, carries, self._owner), patience=None
                )
            except BlockingIOError:
                await asyncio.sleep(LOCK_PAUSE)
            except (NotTheSame, OSError) as error:
                raise NotPrepared(str(error)) from error
        raise NotPrepared(f"somebody else has a lock on {device.path}, or has claimed it: it is left alone")

    async def claim(self, key: str, device: Device, *, alone: bool) -> None:
        """It is the agent's among those of this host, and no other one gets its name and number, until
        `release`. `alone`: nobody may have it, or a part of it, to himself. Raises NotPrepared."""
        await self.release(key)
        try:
            held = await self._threads.run(
                f"claiming {device.path}",
                lambda: hold_claimed(device, self._owner, alone=alone),
                patience=None,
            )
        except BlockingIOError as error:
            raise NotPrepared(f"{device.path}: {error.strerror}: let the rules of one mean it") from error
        except (NotTheSame, OSError) as error:
            raise NotPrepared(str(error)) from error
        self._claims[key] = device, held

    async def release(self, key: str) -> None:
        """Nothing happens when nothing is claimed under that key."""
        device, held = self._claims.pop(key, (None, -1))
        if device is not None:
            await self._let_go_of(device, held)

    async def release_all(self) -> None:
        """What runs on a disk goes on, and has claimed it, too."""
        for key in tuple(self._claims):
            await self.release(key)

    async def trouble(self, path: str, turn: int) -> str:
        """What is wrong with a device in use, in words; empty when it works."""
        try:
            return await self._threads.run(
                f"health of {path}", lambda: device_health.trouble(path, turn), patience=PROBE_PATIENCE
            )
        except HostHangs:
            return "it does not answer"

    async def mounted_at(self, points: Sequence[str]) -> list[tuple[int, int] | None]:
        """The number of the device that is mounted at each of them. Raises OSError, HostHangs."""
        there = await self._threads.run("the mount table", lambda: KernelMounts().table())
        top = {mount.point: mount.device for mount in there}
        return [top.get(point) for point in points]

    async def bound_at(self, folder: str) -> tuple[int, int] | None:
        """The number of the device whose node is bound below the folder; None when none is. Raises OSError,
        HostHangs."""
        return await self._threads.run(f"nodes below {folder}", lambda: _bound_at(folder))

    async def let_go(self, folders: Sequence[str], number: tuple[int, int]) -> None:
        """Take off everything that is mounted at these folders or below them, in use or dead, and detach the
        loop devices that are volumes on the device with that number, unless it is another one's by now.
        Raises OSError, HostHangs."""
        await self._threads.run(f"letting go of {folders}", lambda: _let_go(folders, number))

    def _forget_all_but(self, devices: Sequence[Device]) -> None:
        kept = {_key(each) for each in devices}
        self._found = {key: value for key, value in self._found.items() if key in kept}


def _key(device: Device) -> tuple[object, ...]:
    return device.path, device.number, device.sequence, device.size


def _seen() -> tuple[tuple[Device, ...], Usage]:
    return attached_devices(), usage()


def _bound_at(folder: str) -> tuple[int, int] | None:
    points = (each.point for each in KernelMounts().table() if each.point.startswith(f"{folder}/"))
    return next((number for point in points if (number := number_at(point)) is not None), None)


def _let_go(folders: Sequence[str], number: tuple[int, int]) -> None:
    mounts, loops = KernelMounts(), KernelLoops()
    table = mounts.table()
    ours = [each for each in table if _is_below(each.point, folders)]
    elsewhere = any(each.device == number for each in table)
    # Looked for while the filesystem is still mounted: afterwards another disk may have its number. A repeat
    # finds it mounted nowhere; when it is, and not here, then the number is another one's by now.
    is_theirs = elsewhere and not any(each.device == number for each in ours)
    volumes = [] if is_theirs else loops.on(number)
    for mount in reversed(ours):  # what was mounted last is taken off first
        mounts.let_go(mount.point)
    for loop in volumes:
        loops.detach(loop)


def _is_below(point: str, folders: Sequence[str]) -> bool:
    return any(point == each or point.startswith(f"{each}/") for each in folders)
