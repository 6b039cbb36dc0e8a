"""What the daemons' commands share: logging, the stop by signal, the word about addresses.

No daemon's own knowledge here.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import logging
import logging.handlers
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Final

from cli.failures import FAILED, CommandFailed
from cli.hangup import Hangups
from cli.work_dir import Lock

LOG_BYTES: Final = 5 * 1024 * 1024
LOG_FILES: Final = 3
"""A log file is put aside at LOG_BYTES; the oldest beyond LOG_FILES goes."""
FORMAT: Final = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"

HELD_SECONDS: Final = 40.0
"""A daemon waits so long for one before it in its work directory: what started that one may have died, and
have been started anew, before its children had ended."""
POLL_SECONDS: Final = 0.1

YOUNG_OBJECTS: Final = 50_000
"""So many new objects are looked at for cycles at once. Nearly all that a daemon makes goes without the
collector's help; with Python's own 700 it spends a seventh of its time on looking."""

OUTSIDE: Final = {
    4: (socket.AF_INET, "192.0.2.1", "127.0.0.1"),
    6: (socket.AF_INET6, "2001:db8::1", "::1"),
}
"""By IP version: an address that is nobody's, which the way to the world outside leads to; and loopback."""

log = logging.getLogger(__name__)

Started = Callable[[], None]
Serve = Callable[[Started], Awaitable[None]]


def start_logging(level: str, file: Path | None) -> None:
    """Log to stderr, or to `file`, bounded."""
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(file, maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1)
    handler.setFormatter(logging.Formatter(FORMAT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in ("aiohttp.access", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def set_log_level(level: str) -> None:
    """Log this from now on; one of `cli.daemon_settings.LOG_LEVELS`."""
    logging.getLogger().setLevel(level.upper())


def warn_if_open(what: str, address: str) -> None:
    """There is no authentication yet: whoever reaches the address may do everything."""
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        loopback = address == "localhost"
    if not loopback:
        log.warning(
            "%s listens on %s: whoever can reach it can create and destroy volumes and run commands as this"
            " user, until authentication is on; keep it behind a firewall",
            what,
            address,
        )


def address_for_others(address: str) -> str:
    """Where others reach what listens on `address`: when that is all of this host's, the one that it speaks
    from to the world outside; loopback when there is none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if not ip.is_unspecified:
        return address
    family, outside, loopback = OUTSIDE[ip.version]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((outside, 9))  # sends nothing: the kernel chooses the way
            return str(probe.getsockname()[0])
    except OSError:
        return loopback


@contextlib.asynccontextmanager
async def held(taken: Lock, patience: float = HELD_SECONDS) -> AsyncIterator[None]:
    """Hold a lock, after waiting `patience` seconds for who has it to end.

    Raises CommandFailed.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    with contextlib.closing(taken) as lock:
        if not lock.take():
            log.warning("%s, unless that one is just ending: waiting %g s", lock.refusal(), patience)
            while not lock.take():
                if loop.time() >= deadline:
                    raise lock.refusal()
                await asyncio.sleep(POLL_SECONDS)
        yield


@contextlib.contextmanager
def rereading(reread: Callable[[], Awaitable[None]]) -> Iterator[None]:
    """Call `reread` at each SIGHUP, one call after the other; several that come during one are one more."""
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()

    async def follow() -> None:
        while True:
            await asked.wait()
            asked.clear()
            log.info("SIGHUP: what is configured by files is read again")
            try:
                await reread()
            except Exception:
                log.exception("what is configured by files could not be read again")

    task = asyncio.create_task(follow(), name="reread")
    early = signal.getsignal(signal.SIGHUP)
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    if isinstance(early, Hangups) and early.came:  # read after it was replaced: none falls in between
        asked.set()
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        task.cancel()


def serve(main: Serve) -> int:
    """Run `main` until SIGTERM or SIGINT (exit status 0), or until it fails (1, or what a
    CommandFailed says, with the reason in the log).

    `main` is cancelled to stop it; it calls what it is given once it has recovered and serves.
    """
    try:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(_serve(main))
    except Exception as error:
        log.critical("ended: %s", error, exc_info=log.isEnabledFor(logging.DEBUG) or _is_fault(error))
        print(f"orlop: {' '.join(str(error).split())}", file=sys.stderr)  # a database's have many lines
        return error.status if isinstance(error, CommandFailed) else FAILED
    return 0


async def _serve(main: Serve) -> None:
    gc.set_threshold(YOUNG_OBJECTS)
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(main(_started))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    await task


def _started() -> None:
    """What recovery has read lives long: the collector need not look at it again, nor now."""
    gc.collect(0)
    gc.freeze()


def _is_fault(error: Exception) -> bool:
    """Whether it is a fault of our own, so that the trace is wanted."""
    return isinstance(error, AssertionError | TypeError | AttributeError | KeyError | IndexError | ValueError)
