"""System calls that Python 3.11 lacks: namespaces, mounts, signalfd, prctl.

Thin and typed: each function is one call, and raises OSError with the call's name and what it
was about. Decides nothing.
"""

from __future__ import annotations

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MS_SLAVE = 0x80000
MS_SHARED = 0x100000
MNT_DETACH = 0x2
SIGKILL = 9
SIGTERM = 15
SIGCHLD = 17

_AT_FDCWD = -100
_AT_EMPTY_PATH = 0x1000
_AT_RECURSIVE = 0x8000
_OPEN_TREE_CLONE = 0x1
_OPEN_TREE_CLOEXEC = os.O_CLOEXEC
_MOVE_MOUNT_F_EMPTY_PATH = 0x4
_MOVE_MOUNT_T_EMPTY_PATH = 0x40
_UMOUNT_NOFOLLOW = 0x8
_MOUNT_ATTR_RDONLY = 0x1
_PR_SET_PDEATHSIG = 1
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION = 0x20080522
_PR_SET_CHILD_SUBREAPER = 36
_SIG_BLOCK = 0
_SIG_UNBLOCK = 1
_SIG_DFL = 0
# One table for x86_64, arm64 and riscv64: calls added since 2019 have the same number everywhere;
# pivot_root and capget are older and differ.
_NR_OPEN_TREE = 428
_NR_MOVE_MOUNT = 429
_NR_MOUNT_SETATTR = 442
_NR_CAPGET = {"x86_64": 125}  # and capset is the next
_NR_CAPGET_GENERIC = 90
_NR_PIVOT_ROOT = {"x86_64": 155}
_NR_PIVOT_ROOT_GENERIC = 41

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mount.argtypes = (
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_char_p,
    ctypes.c_ulong,
    ctypes.c_char_p,
)
_libc.signal.argtypes = (ctypes.c_int, ctypes.c_void_p)
_libc.signal.restype = ctypes.c_void_p
_libc.syscall.restype = ctypes.c_long


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _MountAttributes(ctypes.Structure):
    _fields_ = (
        ("attr_set", ctypes.c_uint64),
        ("attr_clr", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns_fd", ctypes.c_uint64),
    )


def _checked(result: int, call: str, about: str = "") -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{call} {about}: {os.strerror(code)}")
    return result


def unshare(flags: int) -> None:
    _checked(_libc.unshare(flags), "unshare")


def set_hostname(name: str) -> None:
    """Of this process's UTS namespace."""
    encoded = name.encode("ascii")
    _checked(_libc.sethostname(encoded, len(encoded)), "sethostname", name)


def enter_namespaces(process: int, kinds: int) -> None:
    """Join those of the process behind a pidfd (Linux 5.8). A pid namespace is that of later children."""
    _checked(_libc.setns(process, kinds), "setns")


def mount(source: str, target: str, fstype: str | None, flags: int, data: str | None = None) -> None:
    result = _libc.mount(
        os.fsencode(source),
        os.fsencode(target),
        None if fstype is None else fstype.encode(),
        flags,
        None if data is None else data.encode(),
    )
    _checked(result, "mount", f"{source} on {target}")


def unmount_lazily(target: str) -> None:
    _checked(_libc.umount2(os.fsencode(target), MNT_DETACH), "umount", target)


def clone_tree(path: str) -> int:
    """A detached copy of what is mounted at `path` and below, as a file descriptor."""
    flags = _OPEN_TREE_CLONE | _OPEN_TREE_CLOEXEC | _AT_RECURSIVE
    return _checked(_libc.syscall(_NR_OPEN_TREE, _AT_FDCWD, os.fsencode(path), flags), "open_tree", path)


def attach_tree(tree: int, target: str) -> None:
    """Mount a detached tree at `target`."""
    result = _libc.syscall(
        _NR_MOVE_MOUNT, tree, b"", _AT_FDCWD, os.fsencode(target), _MOVE_MOUNT_F_EMPTY_PATH
    )
    _checked(result, "move_mount", target)


def attach_tree_at(tree: int, place: int) -> None:
    """Mount a detached tree at the directory behind a descriptor."""
    flags = _MOVE_MOUNT_F_EMPTY_PATH | _MOVE_MOUNT_T_EMPTY_PATH
    _checked(_libc.syscall(_NR_MOVE_MOUNT, tree, b"", place, b"", flags), "move_mount")


def unmount_here(name: str) -> None:
    """Unmount what is mounted at a name in the working directory; EBUSY while somebody uses it."""
    _checked(_libc.umount2(os.fsencode(name), _UMOUNT_NOFOLLOW), "umount", name)


def make_private(tree: int) -> None:
    """What is mounted below a detached tree, or taken off, is so for nobody else (Linux 5.12)."""
    _set_attributes(tree, _MountAttributes(0, 0, MS_PRIVATE, 0))


def make_read_only(tree: int) -> None:
    """Turn a detached tree and everything below it read-only (Linux 5.12)."""
    _set_attributes(tree, _MountAttributes(_MOUNT_ATTR_RDONLY, 0, 0, 0))


def _set_attributes(tree: int, attributes: _MountAttributes) -> None:
    flags = _AT_EMPTY_PATH | _AT_RECURSIVE
    size = ctypes.sizeof(attributes)
    result = _libc.syscall(_NR_MOUNT_SETATTR, tree, b"", flags, ctypes.byref(attributes), size)
    _checked(result, "mount_setattr")


def pivot_root_here() -> None:
    """Make the working directory, a mount point, the root; the old root is let go."""
    number = _NR_PIVOT_ROOT.get(os.uname().machine, _NR_PIVOT_ROOT_GENERIC)
    _checked(_libc.syscall(number, b".", b"."), "pivot_root")
    unmount_lazily(".")
    os.chdir("/")


def adopt_orphans() -> None:
    """Descendants that lose their parent become children of this process."""
    _checked(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def die_with_parent() -> None:
    """SIGKILL for this process when its parent ends. Cleared by a change of user."""
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), "prctl")


def forgo_capabilities(kept: int) -> None:
    """What this process executes from now on gets at most those in the mask `kept`. It keeps its own."""
    for number in range(64):
        if not kept >> number & 1 and _libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0) < 0:
            break  # the kernel's last one was before this, or none may be dropped: then there are none to get
    _libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = _CapabilityHeader(_CAPABILITY_VERSION, 0)
    held = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; the low halves, then the high ones
    number = _NR_CAPGET.get(os.uname().machine, _NR_CAPGET_GENERIC)
    _checked(_libc.syscall(number, ctypes.byref(header), held), "capget")
    held[2] = held[5] = 0
    _checked(_libc.syscall(number + 1, ctypes.byref(header), held), "capset")


def forgo_new_privileges() -> None:
    """Set-user-id programs and file capabilities give nothing from now on."""
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def child_signals() -> int:
    """Block SIGCHLD and return a non-blocking descriptor that is readable when it arrives."""
    mask = _signal_set(SIGCHLD)
    _checked(_libc.sigprocmask(_SIG_BLOCK, ctypes.byref(mask), None), "sigprocmask")
    return _checked(_libc.signalfd(-1, ctypes.byref(mask), os.O_NONBLOCK | os.O_CLOEXEC), "signalfd")


def default_signals() -> None:
    """Undo, before a program is started, what the interpreter and `child_signals` changed."""
    mask = _signal_set(SIGCHLD)
    _checked(_libc.sigprocmask(_SIG_UNBLOCK, ctypes.byref(mask), None), "sigprocmask")
    for number in (13, 25):  # SIGPIPE and SIGXFSZ: the interpreter ignores them
        _libc.signal(number, _SIG_DFL)


def _signal_set(number: int) -> ctypes.Array[ctypes.c_ulong]:
    """A sigset_t of 1024 bits with one signal in it."""
    mask = (ctypes.c_ulong * (1024 // (8 * ctypes.sizeof(ctypes.c_ulong))))()
    mask[0] = 1 << (number - 1)
    return mask
