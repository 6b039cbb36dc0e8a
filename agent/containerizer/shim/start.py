"""The container's own process, from fork to exec: group, namespaces, streams, user, program.

Runs between the shim's fork and the program's exec. It waits for the shim's word before it does
anything, so that a shim that died before it had recorded this process leaves nothing behind.
Whatever it needs is imported beforehand: the container's files may not be the host's.
"""

from __future__ import annotations

import os
import resource
import select
import stat

from agent.containerizer.shim import join, kernel, mounts, terminal
from agent.containerizer.shim.cgroups import Group

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

EXEC_FAILED = 127
PARENT_GONE = "its parent does not run any more"
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MAX_TROUBLE_BYTES = 3000
"""Of what is told when the program cannot be started: the shim passes it on in one write to a pipe."""


class Program:
    """What to run, as the agent sent it: only what `marshal` carries."""

    def __init__(self, order: Mapping[str, object]) -> None:
        self.argv: list[str] = _strings(order["argv"])
        self.environment: dict[str, str] = dict(order["environment"])  # type: ignore[call-overload]
        self.sandbox = str(order["sandbox"])
        self.output = str(order["output"])
        self.scratch = str(order["scratch"])
        self.hidden: list[str] = _strings(order["hidden"])
        self.user: tuple[int, int, list[int]] | None = order["user"]  # type: ignore[assignment]
        self.binds = [mounts.Bind(*bind) for bind in order["binds"]]  # type: ignore[attr-defined]
        self.own_mounts = bool(order["own_mounts"])
        self.rlimits: list[tuple[int, int, int]] = list(order["rlimits"])  # type: ignore[call-overload]
        self.hostname: str | None = order["hostname"]  # type: ignore[assignment]
        self.has_terminal = order["terminal"] is not None
        self.enters: join.Target | None = None


class Ends:
    """The descriptors the new process is given."""

    def __init__(self, shim: int, go: int, failure: int, stdin: int, stdout: int, stderr: int) -> None:
        self.shim = shim  # a pidfd
        self.go = go
        self.failure = failure
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr


def become(program: Program, group: Group, ends: Ends) -> None:
    """Become the container. Never returns; what went wrong is written to `ends.failure`."""
    try:
        os.setsid()
        if not os.read(ends.go, 1):
            os._exit(EXEC_FAILED)  # the shim died before it had recorded this process
        group.join()
        if program.binds or program.own_mounts:
            mounts.enter(program.binds, program.sandbox, program.scratch, program.hidden)
        if program.hostname is not None:
            kernel.unshare(kernel.CLONE_NEWUTS)
            kernel.set_hostname(program.hostname)
        view = None if program.enters is None else program.enters.look()
        _prepare(program, view, ends)
        inherited = {} if view is None else view.environment
        for number, soft, hard in program.rlimits:  # last of all: until here they would bound the shim's work
            resource.setrlimit(number, (soft, hard))
        _execute(program.argv, {"PATH": DEFAULT_PATH, **inherited, **program.environment})
    except mounts.MountRefused as refused:
        _tell(ends.failure, refused.who, "volume", str(refused))
    except join.TargetGone:
        _tell(ends.failure, "request", "other", PARENT_GONE)
    except OSError as error:
        _tell(ends.failure, "request", "command", f"cannot run {program.argv[0]}: {error.strerror}")
    except BaseException as error:
        _tell(ends.failure, "request", "other", f"cannot run {program.argv[0]}: {error}")
    os._exit(EXEC_FAILED)


def _prepare(program: Program, view: join.View | None, ends: Ends) -> None:
    if view is not None:
        view.enter()
        view.forgo()
    try:
        os.chdir(program.sandbox)
    except OSError as error:
        raise RuntimeError(
            f"its sandbox {program.sandbox} is not to be entered ({error.strerror})"
        ) from error
    os.dup2(ends.stdin, 0)
    os.dup2(ends.stdout, 1)
    os.dup2(ends.stderr, 2)
    if program.has_terminal:
        terminal.control(0)
    os.umask(0o022)
    user = program.user if program.user is not None or view is None else view.user
    if user is not None and (os.getuid() == 0 or user[0] != os.getuid()):
        uid, gid, groups = user
        for stream in (ends.stdin, ends.stdout, ends.stderr):
            if program.has_terminal or stat.S_ISFIFO(os.fstat(stream).st_mode):
                os.fchown(stream, uid, gid)  # so that the program may open /dev/stdout
        os.setgroups(groups)
        os.setgid(gid)
        os.setuid(uid)
    kernel.default_signals()
    kernel.die_with_parent()
    # In a container's pid namespace the parent's number tells nothing: it is 0 before and after.
    if select.select([ends.shim], [], [], 0)[0]:
        os._exit(EXEC_FAILED)  # it died before the line above


def _execute(argv: list[str], environment: dict[str, str]) -> None:
    """As execvpe, which looks the program up with modules that it imports on the way."""
    if "/" in argv[0]:
        os.execve(argv[0], argv, environment)
    denied: OSError | None = None
    for directory in environment.get("PATH", DEFAULT_PATH).split(":"):
        try:
            os.execve(f"{directory or '.'}/{argv[0]}", argv, environment)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except PermissionError as error:
            denied = error
    raise denied or FileNotFoundError(2, os.strerror(2))


def _tell(fd: int, who: str, about: str, message: str) -> None:
    os.write(fd, f"{who} {about} {message}".encode("utf-8", "replace")[:MAX_TROUBLE_BYTES])


def _strings(value: object) -> list[str]:
    return list(value)  # type: ignore[call-overload, no-any-return]
