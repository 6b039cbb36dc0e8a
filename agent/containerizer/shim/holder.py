"""The shim: starts one container, keeps its output, records durably how it ended, leaves.

Forked from the mother of the shims with an order; answers once (see `main`) and is then on its own: it has
a session of its own, and neither knows nor cares whether the agent lives.

    order → shim recorded → process forked, waiting → process recorded → program started
          → output kept, kill requests obeyed → ended: everything else of it killed
          → exit recorded → group removed → gone

The records are in the container's runtime directory. The agent reads them; requests come through the
fifo `control` there. What goes to the container's standard input the agent writes itself. A nested
container is ended when its parent's main process has. If the shim is killed, the kernel kills the main
process, and the agent ends the rest and records that the exit is unknown.
"""

from __future__ import annotations

import fcntl
import os
import select
import sys
import time

from agent.containerizer.shim import kernel, records
from agent.containerizer.shim.cgroups import Group, Hierarchies
from agent.containerizer.shim.control import Request, Requests
from agent.containerizer.shim.join import Target, TargetGone
from agent.containerizer.shim.output import KeptOutput
from agent.containerizer.shim.start import EXEC_FAILED, PARENT_GONE, Ends, Program, become
from agent.containerizer.shim.terminal import Terminal

KILL_PASSES = 500
KILL_PAUSE_MS = 10
"""Five seconds for killed processes to go. Those in uninterruptible sleep stay; the exit says so."""

MAX_POLL_MS = 2**31 - 1
"""What poll can count; a kill that is due later still is waited for once more."""

HELD_MS = 5
"""Between looks whether output that waits for its reader may go on."""

RECORD_PAUSE = 1.0
"""Seconds between attempts to record an exit on a disk that is full; the container counts as running."""

PARENT_PATIENCE = 0.2
"""Seconds in which a parent has to end for its child's end by a signal to be told as due to it."""


def hold(order: dict[str, object]) -> None:
    """Be the shim of one container, to its end."""
    directory = str(order["directory"])
    answers = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 3)
    _detach(directory)
    if not _take(directory):
        answer(answers, f"{order['ticket']} busy")
        return
    shim = Shim(order, answers)
    if shim.launch():
        shim.supervise()


def answer(fd: int, text: str) -> None:
    """Tell the agent. One that has died meanwhile finds the same in the records."""
    try:
        os.write(fd, f"{text}\n".encode())
    except BrokenPipeError:
        pass


def tell_trouble() -> None:
    """What has just been raised, into the shim's file of errors."""
    import traceback

    traceback.print_exc()
    sys.stderr.flush()


def _detach(directory: str) -> None:
    null = os.open("/dev/null", os.O_RDWR)
    errors = os.open(f"{directory}/shim.err", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.dup2(errors, 2)
    os.close(null)
    os.close(errors)
    os.chdir("/")


def _take(directory: str) -> bool:
    """Be the only shim this container ever has. The lock is held until the process ends."""
    lock = os.open(f"{directory}/{records.LOCK}", os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if os.fstat(lock).st_nlink == 0 or records.read(directory, records.SHIM) is not None:
        return False
    pid = os.getpid()
    identity: dict[str, str | int | float] = {
        "pid": pid,
        "start_time": records.start_time(pid) or 0,
        "boot_id": records.boot_id(),
    }
    records.write(directory, records.SHIM, identity, durable=False)
    return True


class Shim:
    """One container from start to end."""

    def __init__(self, order: dict[str, object], answers: int) -> None:
        self._ticket = str(order["ticket"])
        self._directory = str(order["directory"])
        self._order = order
        self._program = Program(order)
        self._limit: int = order["output_limit"]  # type: ignore[assignment]
        self._answers = answers
        self._group = Group.create(Hierarchies.of_host(), str(order["group"]))
        self._group.limit(order["memory_bytes"], order["cpu_milli"], order["processes"])  # type: ignore[arg-type]
        kernel.adopt_orphans()
        self._signals = kernel.child_signals()
        os.mkfifo(f"{self._directory}/{records.CONTROL}", 0o600)
        # Open for both, so that it never reads as closed.
        self._control = os.open(
            f"{self._directory}/{records.CONTROL}", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC
        )
        self._requests = Requests()
        self._parent: Target | None = None
        self._input = -1  # the end that keeps the container's input open
        self._terminal: Terminal | None = None
        self._pid = 0
        self._status: int | None = None  # of the main process, as from waitpid
        self._ended_with_parent = False
        self._kill_at: float | None = None
        self._outputs: dict[int, KeptOutput] = {}
        self._held: list[int] = []  # those of them that wait for their reader
        self._poll = select.poll()

    def launch(self) -> bool:
        """Start the program and answer the agent. False: it could not be started, and nothing is left."""
        go, failure = os.pipe2(os.O_CLOEXEC), os.pipe2(os.O_CLOEXEC)
        me = os.pidfd_open(os.getpid())
        input_, out, err = self._make_streams()
        try:
            self._find_parent()
            self._pid = os.fork()
        except (TargetGone, OSError) as error:  # a pid namespace whose first process has ended takes no more
            gone = isinstance(error, TargetGone) or self._parent is not None
            self._give_up(f"request other {PARENT_GONE}" if gone else f"retry other {error}")
            return False
        if self._pid == 0:
            os.close(go[1])
            become(self._program, self._group, Ends(me, go[0], failure[1], input_, out, err))
        given = () if self._terminal is not None else (input_, out, err)  # a terminal keeps its own
        for fd in (me, go[0], failure[1], *given):
            os.close(fd)
        self._forget()
        self._record_task()
        try:
            os.write(go[1], b"g")
        except BrokenPipeError:
            pass  # killed already: an end like any other
        os.close(go[1])
        trouble = os.read(failure[0], 8192).decode("utf-8", "replace")
        os.close(failure[0])
        if trouble:
            self._give_up(trouble)
            return False
        self._answer(f"running {self._pid}")
        return True

    def supervise(self) -> None:
        """Until the main process has ended; then end the rest, record, clean."""
        self._poll.register(self._signals, select.POLLIN)
        self._poll.register(self._control, select.POLLIN)
        if self._parent is not None:
            self._poll.register(self._parent.process, select.POLLIN)
        while self._status is None:
            self._turn(self._milliseconds_left())
        if self._parent is not None and os.WIFSIGNALED(self._status):
            # The end of a pid namespace's first process ends ours before it shows itself.
            self._ended_with_parent |= bool(select.select([self._parent.process], [], [], PARENT_PATIENCE)[0])
        left = self._end_the_rest()
        for output in self._outputs.values():
            output.drain()
        self._close_input()
        self._record_exit(_explain(self._status, left, self._ended_with_parent))
        self._group.remove()

    def _forget(self) -> None:
        """What only the start needed, a megabyte perhaps, is not kept for as long as the container runs."""
        for large in ("argv", "environment", "binds"):
            del self._order[large]
        self._program.argv, self._program.environment, self._program.binds = [], {}, []

    def _find_parent(self) -> None:
        if self._order["parent"] is None:
            return
        self._parent = Target(*self._order["parent"])  # type: ignore[misc]
        if self._order["enters"]:
            self._parent.enter_pid_namespace()
            self._program.enters = self._parent

    def _make_streams(self) -> tuple[int, int, int]:
        """The program's ends of input, output and errors; a terminal is all three."""
        if self._order["terminal"] is None:
            return self._make_input(), self._output("stdout"), self._output("stderr")
        size: tuple[int, int] = self._order["terminal"]  # type: ignore[assignment]
        typed = self._make_input() if self._order["stdin"] else -1
        self._terminal = Terminal(*size, typed, self._poll)
        self._keep(self._terminal.master, "stdout")
        slave = self._terminal.slave
        return slave, slave, slave

    def _output(self, name: str) -> int:
        reading, writing = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(reading, False)
        self._keep(reading, name)
        return writing

    def _keep(self, reading: int, name: str) -> None:
        path, paced = f"{self._program.output}/{name}", bool(self._order["paced"])
        self._outputs[reading] = KeptOutput(reading, path, self._limit, paced=paced)
        self._poll.register(reading, select.POLLIN)

    def _make_input(self) -> int:
        """The reading end. The other one is held here, for agents that come and go to open it once more."""
        if not self._order["stdin"]:
            return os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
        reading, self._input = os.pipe2(os.O_CLOEXEC)
        record: dict[str, str | int | float] = {"fd": self._input, "inode": os.fstat(self._input).st_ino}
        records.write(self._directory, records.INPUT, record, durable=False)
        return reading

    def _close_input(self) -> None:
        if self._input >= 0:
            try:
                os.unlink(f"{self._directory}/{records.INPUT}")
            except FileNotFoundError:
                pass
            os.close(self._input)
            self._input = -1

    def _record_task(self) -> None:
        values: dict[str, str | int | float] = {
            "pid": self._pid,
            "start_time": records.start_time(self._pid) or 0,
            "started_at": time.time(),
        }
        records.write(self._directory, records.TASK, values, durable=False)

    def _give_up(self, trouble: str) -> None:
        if self._pid:
            os.waitpid(self._pid, 0)
        self._status = EXEC_FAILED << 8
        self._end_the_rest()
        self._close_input()
        self._record_exit(trouble.split(" ", 2)[2])
        self._group.remove()
        self._answer(f"failed {trouble}".replace("\n", " "))

    def _answer(self, text: str) -> None:
        answer(self._answers, f"{self._ticket} {text}")
        os.close(self._answers)

    def _turn(self, timeout: int) -> None:
        """Wait for something to happen, at most `timeout` milliseconds (-1: for ever), and act on it."""
        for fd in [each for each in self._held if not self._outputs[each].is_held()]:
            self._held.remove(fd)
            self._poll.register(fd, select.POLLIN)
        # Requests first: a terminal has the size that was told before more was typed.
        for fd, what in sorted(self._poll.poll(timeout), key=lambda event: event[0] != self._control):
            if fd == self._signals:
                os.read(self._signals, 1024)
                self._reap()
            elif fd == self._control:
                for request in self._requests.read(self._control):
                    self._obey(request)
            elif self._parent is not None and fd == self._parent.process:
                self._poll.unregister(fd)
                self._ended_with_parent = True
                self._signal(kernel.SIGKILL)
            elif self._terminal is not None and fd == self._terminal.typed:
                self._terminal.take()
            else:
                self._pump(fd, what)
        if self._kill_at is not None and time.monotonic() >= self._kill_at:
            self._kill_at = None
            self._signal(kernel.SIGKILL)

    def _pump(self, fd: int, what: int) -> None:
        """Output has come; or a terminal takes more input than it did."""
        if self._terminal is not None and what & select.POLLOUT:
            self._terminal.go_on()
        if self._outputs[fd].is_held():
            self._poll.unregister(fd)
            self._held.append(fd)
        elif what & ~select.POLLOUT and not self._outputs[fd].pump():
            self._poll.unregister(fd)
            if self._terminal is not None:
                self._terminal.hang_up()

    def _milliseconds_left(self) -> int:
        longest = HELD_MS if self._held else MAX_POLL_MS
        if self._kill_at is None:
            return HELD_MS if self._held else -1
        return int(max(0.0, min((self._kill_at - time.monotonic()) * 1000 + 1, longest)))

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if pid == self._pid:
                self._status = status

    def _obey(self, request: Request) -> None:
        verb, value, other = request
        if verb == "signal":
            self._signal(int(value))
        elif verb == "eof":
            self._close_input()
        elif verb == "window":
            if self._terminal is not None:
                self._terminal.resize(int(value), int(other))
        else:
            at = time.monotonic() + value
            self._kill_at = at if self._kill_at is None else min(at, self._kill_at)
            self._signal(kernel.SIGTERM)

    def _signal(self, number: int) -> None:
        """To the main process and its process group: a shell and what it runs."""
        if self._status is None:
            try:
                os.killpg(self._pid, number)
            except OSError:
                os.kill(self._pid, number)

    def _end_the_rest(self) -> int:
        """Kill all that the container has left behind; returns how many would not go."""
        me = os.getpid()
        left = 0
        for _ in range(KILL_PASSES):
            left = self._group.kill()
            for pid in self._strays(me):
                left += 1
                _kill(pid)
            self._reap()
            if not left:
                break
            self._turn(KILL_PAUSE_MS)
        return left

    def _strays(self, me: int) -> list[int]:
        found = records.descendants(me)
        if self._program.enters is not None and not self._group.directories:
            # What was left behind in another pid namespace belongs to that one's first process.
            name, _, value = str(self._order["mark"]).partition("=")
            found += records.by_variable(name).get(value, [])
        return found

    def _record_exit(self, message: str) -> None:
        status = self._status or 0
        signal = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        code = 128 + signal if signal else os.WEXITSTATUS(status)
        values: dict[str, str | int | float] = {
            "status": code,
            "signal": signal,
            "oom": int(code != 0 and self._group.out_of_memory()),
            "finished_at": time.time(),
            "message": message,
        }
        while True:
            try:
                records.write(self._directory, records.EXIT, values)
                return
            except FileNotFoundError:
                return  # the directory is gone: nobody will ask
            except OSError:  # the disk is full: the exit is known to nobody else, so it is kept until it fits
                time.sleep(RECORD_PAUSE)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, kernel.SIGKILL)
    except ProcessLookupError:
        pass


def _explain(status: int, left: int, with_parent: bool) -> str:
    text = f"ended by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else ""
    if with_parent:
        text = "ended with its parent"
    if left:
        text += f"; {left} of its processes would not end"
    return text or f"exited with status {os.WEXITSTATUS(status)}"
