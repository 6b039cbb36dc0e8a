"""Loop devices: found by the file behind them, attached and detached by the kernel's own calls.

Blocking: call through BlockingCalls. A device is recognised by device and inode number of its file, never
by a path: one that was attached in a container may read differently outside, or as deleted. Nor by its own
number: the kernel gives that to another file as soon as nothing has the device any more. So whatever is done
to a device is done through a descriptor, once the file was seen behind that.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from provider.plugins.local_disk.mounts import Mount

SYS_BLOCK = Path("/sys/block")
CONTROL = Path("/dev/loop-control")
ATTACH_TRIES = 64
"""A free device may be taken by another process before it is ours; so many times, then it is an error."""

LOOP_CLR_FD = 0x4C01
LOOP_GET_STATUS64 = 0x4C05
LOOP_SET_CAPACITY = 0x4C07
LOOP_CONFIGURE = 0x4C0A
LOOP_CTL_GET_FREE = 0x4C82
BLKROSET = 0x125D

LO_FLAGS_AUTOCLEAR = 4

VOLUME = re.compile(r"(^|/)v-[0-9a-f]{40}\.image")
"""What a volume's file is called (`paths`), however its path reads here."""

STATUS = struct.Struct("=5Q4I64s64s32s2Q")
"""struct loop_info64: device, inode, rdevice, offset, size limit, number, …, flags, name, …"""

CONFIGURATION = struct.Struct(f"=2I{STATUS.size}s64x")
"""struct loop_config: descriptor, block size, loop_info64, reserved."""


@dataclass(frozen=True)
class LoopDevice:
    """A loop device that was attached. `device` is (major, minor); `file` the file behind it: major and minor
    of its filesystem, inode."""

    number: int
    device: tuple[int, int]
    file: tuple[int, int, int]

    @property
    def path(self) -> str:
        return f"/dev/loop{self.number}"


class NotAttached(OSError):
    """The volume's file is not behind the device any more. Look for its device anew."""

    def __init__(self, device: LoopDevice) -> None:
        super().__init__(errno.ENXIO, "detached meanwhile", device.path)


class KernelLoops:
    """The machine's loop devices."""

    def find(self, image: Path) -> LoopDevice | None:
        """The device that is attached to this file, if any."""
        try:
            status = image.stat()
        except FileNotFoundError:
            return None
        wanted = (os.major(status.st_dev), os.minor(status.st_dev), status.st_ino)
        for number in self._candidates(re.compile(re.escape(image.name))):
            if self._file_behind(number) == wanted:
                return self._device(number, wanted)
        return None

    def on(self, filesystem: tuple[int, int]) -> list[LoopDevice]:
        """Those attached to files that are named as volumes are on the filesystem that has this device
        number, wherever it is mounted or was."""
        found = []
        for number in self._candidates(VOLUME):
            behind = self._file_behind(number)
            if behind is not None and behind[:2] == filesystem:
                found.append(self._device(number, behind))
        return found

    def _candidates(self, name: re.Pattern[str]) -> list[int]:
        """Attached devices whose file has that name, in whatever folder: others are left unopened."""
        found = []
        for path in SYS_BLOCK.glob("loop[0-9]*/loop/backing_file"):
            try:
                backing = path.read_text(errors="surrogateescape")
            except OSError:
                continue  # detached in the meantime
            if name.search(backing):
                found.append(int(path.parent.parent.name.removeprefix("loop")))
        return found

    def attach(self, image: Path, *, until_unused: bool) -> tuple[LoopDevice, int]:
        """Attach the file to a free device. Returns it and a descriptor on it, which the caller closes.

        With `until_unused` the kernel detaches the device when nothing has it open or mounted any more:
        also when this process is killed. Raises OSError.
        """
        for _ in range(ATTACH_TRIES):
            number = self._free_number()
            descriptor = os.open(f"/dev/loop{number}", os.O_RDWR | os.O_CLOEXEC)
            try:
                self._configure(descriptor, image, LO_FLAGS_AUTOCLEAR if until_unused else 0)
                fcntl.ioctl(descriptor, BLKROSET, struct.pack("=i", 0))  # outlives its last attachment
            except OSError as error:
                os.close(descriptor)
                if error.errno != errno.EBUSY:
                    raise
            else:
                self._forbid_discard(number)
                return self._device(number, _behind(descriptor)), descriptor
        raise OSError(errno.EBUSY, f"no free loop device in {ATTACH_TRIES} tries")

    def detach(self, device: LoopDevice) -> None:
        """Detach; when something still has the device open, the kernel does so after its last close.

        The device is writable for whoever gets it next: a device stays read-only when it is detached.
        """
        try:
            descriptor = self.hold(device)
            try:
                fcntl.ioctl(descriptor, BLKROSET, struct.pack("=i", 0))
                fcntl.ioctl(descriptor, LOOP_CLR_FD, 0)
            finally:
                os.close(descriptor)
        except OSError as error:
            if error.errno != errno.ENXIO:  # it is already
                raise

    def held(self, image: Path) -> tuple[LoopDevice, int]:
        """The device attached to this file, as large as the file is now, attached if there is none; and a
        descriptor, which the caller closes: until then it stays attached. One that is attached here is
        detached when nothing has it open or mounted any more. Raises OSError."""
        device = self.find(image)
        if device is not None:  # mounted elsewhere, for example in a container that was published to
            with contextlib.suppress(NotAttached):  # or it was: its last user has just let it go
                self.refresh_size(device)
                return device, self.hold(device)
        return self.attach(image, until_unused=True)

    def hold(self, device: LoopDevice) -> int:
        """A descriptor on the device, which the caller closes: until then it stays what it is.

        Raises NotAttached: its file is not behind it any more, and the device may be somebody else's by now.
        """
        try:
            descriptor = os.open(device.path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise NotAttached(device) if error.errno == errno.ENXIO else error from error
        try:
            if _behind(descriptor) == device.file:
                return descriptor
        except OSError as error:
            os.close(descriptor)
            raise NotAttached(device) from error
        os.close(descriptor)
        raise NotAttached(device)

    def refresh_size(self, device: LoopDevice) -> None:
        """Let the device have the size that its file has now."""
        self._command(device, LOOP_SET_CAPACITY, 0)

    def detaching(self, device: LoopDevice) -> bool:
        """The kernel detaches the device as soon as nothing has it open any more."""
        try:
            return Path(SYS_BLOCK, f"loop{device.number}", "loop", "autoclear").read_text().strip() == "1"
        except FileNotFoundError:
            return True

    def read_only(self, device: LoopDevice) -> bool:
        return Path(SYS_BLOCK, f"loop{device.number}", "ro").read_text().strip() == "1"

    def set_read_only(self, device: LoopDevice, value: bool) -> None:
        """Let no one open the device for writing, or let them again."""
        self._command(device, BLKROSET, struct.pack("=i", value))

    def _command(self, device: LoopDevice, command: int, argument: int | bytes) -> None:
        descriptor = self.hold(device)
        try:
            fcntl.ioctl(descriptor, command, argument)
        finally:
            os.close(descriptor)

    def _free_number(self) -> int:
        descriptor = os.open(CONTROL, os.O_RDWR | os.O_CLOEXEC)
        try:
            return fcntl.ioctl(descriptor, LOOP_CTL_GET_FREE)
        finally:
            os.close(descriptor)

    def _configure(self, descriptor: int, image: Path, flags: int) -> None:
        name = os.fsencode(image.name)[:63]
        status = STATUS.pack(0, 0, 0, 0, 0, 0, 0, 0, flags, name, b"", b"", 0, 0)
        backing = os.open(image, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.ioctl(descriptor, LOOP_CONFIGURE, CONFIGURATION.pack(backing, 0, status))
        finally:
            os.close(backing)

    def _forbid_discard(self, number: int) -> None:
        """A discard would punch holes into an image whose every byte was promised."""
        try:
            Path(SYS_BLOCK, f"loop{number}", "queue", "discard_max_bytes").write_text("0")
        except OSError:
            pass  # holes are filled again before the next stage

    def _file_behind(self, number: int) -> tuple[int, int, int] | None:
        try:
            descriptor = os.open(f"/dev/loop{number}", os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError:
            return None
        try:
            return _behind(descriptor)
        except OSError:
            return None  # detached in the meantime
        finally:
            os.close(descriptor)

    def _device(self, number: int, file: tuple[int, int, int]) -> LoopDevice:
        major, minor = Path(SYS_BLOCK, f"loop{number}", "dev").read_text().strip().split(":")
        return LoopDevice(number, (int(major), int(minor)), file)


def _behind(descriptor: int) -> tuple[int, int, int]:
    """The file behind an open loop device, as `LoopDevice.file` has it. Raises OSError: there is none."""
    encoded, inode, *_ = STATUS.unpack(fcntl.ioctl(descriptor, LOOP_GET_STATUS64, bytes(STATUS.size)))
    return (encoded >> 8) & 0xFFF, (encoded & 0xFF) | ((encoded >> 12) & 0xFFFFFF00), inode


def of_filesystem(device: LoopDevice) -> Callable[[Mount], bool]:
    """Mounts of the filesystem on that device."""
    return lambda mount: mount.device == device.device


def of_node(device: LoopDevice) -> Callable[[Mount], bool]:
    """Mounts of the device's node itself."""
    return lambda mount: mount.root.rsplit("/", 1)[-1] == f"loop{device.number}"


def is_loop_node(mount: Mount) -> bool:
    """A loop device's node is mounted: whichever, also one whose device is not the volume's any more."""
    return mount.root.rsplit("/", 1)[-1].startswith("loop")
