"""The mother of the shims: forks one for each order that comes, and says when one has gone.

The agent starts one such process and writes orders to its standard input: four bytes of length
(big-endian) and a dict (marshal). Everything is loaded once, so that a container costs a fork and no
start of an interpreter, and the shims share their memory. Shims and mother answer on the standard
output, which they share: lines shorter than what a pipe takes at once, each "TICKET WORDS", with the
order's number first:

    TICKET running PID              the container's main process has been started
    TICKET failed WHO ABOUT TEXT    it could not be, and nothing is left
    TICKET busy                     another shim has this container
    TICKET gone                     the shim has ended: nothing more will be said of it

When the agent closes its end, or dies, the mother leaves; the shims go on, children of init.
"""

from __future__ import annotations

import gc
import marshal
import os
import select

from agent.containerizer.shim import holder, kernel

MAX_ORDER_BYTES = 16 * 1024 * 1024
"""More than a spec can be: the agent that sends it is not ours."""

_READ_BYTES = 65536
_LENGTH_BYTES = 4


def main() -> None:
    gc.freeze()  # what is loaded now is never collected, and so stays shared
    gc.disable()
    children = kernel.child_signals()
    os.set_blocking(0, False)
    Mother(children).serve()


class Mother:
    """Reads orders, forks, reaps."""

    def __init__(self, children: int) -> None:
        self._children = children
        self._buffer = bytearray()
        self._shims: dict[int, str] = {}

    def serve(self) -> None:
        poll = select.poll()
        poll.register(0, select.POLLIN)
        poll.register(self._children, select.POLLIN)
        while True:
            for fd, _ in poll.poll():
                if fd == self._children:
                    os.read(fd, 1024)
                    self._reap()
                elif not self._read():
                    return

    def _read(self) -> bool:
        """False: there will be no more orders."""
        try:
            data = os.read(0, _READ_BYTES)
        except BlockingIOError:
            return True
        self._buffer += data
        while len(self._buffer) >= _LENGTH_BYTES:
            length = int.from_bytes(self._buffer[:_LENGTH_BYTES], "big")
            if length > MAX_ORDER_BYTES:
                return False
            if len(self._buffer) < _LENGTH_BYTES + length:
                break
            order = bytes(self._buffer[_LENGTH_BYTES : _LENGTH_BYTES + length])
            del self._buffer[: _LENGTH_BYTES + length]
            self._fork(marshal.loads(order))
        return bool(data)

    def _fork(self, order: dict[str, object]) -> None:
        pid = os.fork()
        if pid:
            self._shims[pid] = str(order["ticket"])
            return
        os.close(self._children)
        self._buffer.clear()
        status = 1
        try:
            os.setsid()
            holder.hold(order)
            status = 0
        finally:
            # Not `sys.exit`: what the mother would do at her end is not the shim's to do.
            if status:
                holder.tell_trouble()
            os._exit(status)

    def _reap(self) -> None:
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            ticket = self._shims.pop(pid, None)
            if ticket is not None:
                holder.answer(1, f"{ticket} gone")
