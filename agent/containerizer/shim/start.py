"""The container's own process, from fork to exec: group, namespace, output, user, program.

Runs between the shim's fork and the program's exec. It waits for the shim's word before it does
anything, so that a shim that died before it had recorded this process leaves nothing behind.
"""

from __future__ import annotations

import os

from agent.containerizer.shim import kernel, mounts
from agent.containerizer.shim.cgroups import Group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

EXEC_FAILED = 127
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Program:
    """What to run, as the agent sent it: only what `marshal` carries."""

    def __init__(self, order: Mapping[str, object]) -> None:
        self.argv: list[str] = _strings(order["argv"])
        self.environment: dict[str, str] = dict(order["environment"])  # type: ignore[call-overload]
        self.sandbox = str(order["sandbox"])
        self.scratch = str(order["scratch"])
        self.hidden: list[str] = _strings(order["hidden"])
        self.user: tuple[int, int, list[int]] | None = order["user"]  # type: ignore[assignment]
        self.binds = [mounts.Bind(*bind) for bind in order["binds"]]  # type: ignore[attr-defined]


class Ends:
    """The descriptors the new process is given."""

    def __init__(self, go: int, failure: int, stdout: int, stderr: int) -> None:
        self.go = go
        self.failure = failure
        self.stdout = stdout
        self.stderr = stderr


def become(program: Program, group: Group, ends: Ends, shim: int) -> None:
    """Become the container. Never returns; what went wrong is written to `ends.failure`."""
    try:
        os.setsid()
        if not os.read(ends.go, 1):
            os._exit(EXEC_FAILED)  # the shim died before it had recorded this process
        group.join()
        if program.binds:
            mounts.enter(program.binds, program.sandbox, program.scratch, program.hidden)
        _prepare(program, ends, shim)
        os.execvpe(program.argv[0], program.argv, {"PATH": DEFAULT_PATH, **program.environment})
    except mounts.MountRefused as refused:
        _tell(ends.failure, refused.who, str(refused))
    except FileNotFoundError as error:
        _tell(ends.failure, "request", f"cannot run {program.argv[0]}: {error.strerror}")
    except BaseException as error:
        _tell(ends.failure, "request", f"cannot run {program.argv[0]}: {error}")
    os._exit(EXEC_FAILED)


def _prepare(program: Program, ends: Ends, shim: int) -> None:
    os.chdir(program.sandbox)
    os.dup2(ends.stdout, 1)
    os.dup2(ends.stderr, 2)
    os.umask(0o022)
    if program.user is not None:
        uid, gid, groups = program.user
        os.setgroups(groups)
        os.setgid(gid)
        os.setuid(uid)
    kernel.default_signals()
    kernel.die_with_parent()
    if os.getppid() != shim:
        os._exit(EXEC_FAILED)  # it died before the line above


def _tell(fd: int, who: str, message: str) -> None:
    os.write(fd, f"{who} {message}".encode("utf-8", "replace")[:4096])


def _strings(value: object) -> list[str]:
    return list(value)  # type: ignore[call-overload, no-any-return]
