"""Keeps one resource provider of this agent going: built and started, and after a failure once more.

A provider that cannot start, or fails later, is this room's trouble alone: the agent and the other providers
go on, and what is wrong is told in `message`. It must not know how a provider is made, nor why it fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from api.model.errors import OperatorNeeded
from api.wire.v1 import mesos

if TYPE_CHECKING:
    import random  # noqa: TID251 - its type only

log = logging.getLogger(__name__)

FIRST_BACKOFF = 1.0
MAX_BACKOFF = 60.0
"""Seconds before a provider that failed is started again, at first and at most."""

STEADY_SECONDS = 300.0
"""A provider that ran for so long starts over with the first backoff."""


class KeptProvider(Protocol):
    """One life of a resource provider that runs in this process, with its plugin."""

    async def start(self) -> None:
        """Recover and begin. What it raises is shown, and it is tried again; `stop` follows either way."""

    async def stop(self) -> None:
        """Let go of everything; the plugin's containers go on running."""

    async def reconfigure(self, info: mesos.ResourceProviderInfo) -> bool:
        """Run the plugin as `info` has it from now on, with as little disturbance as can be. False: the rest
        of `info` counts in the next life only."""

    async def reload_profiles(self) -> None:
        """Look at the profiles now."""

    @property
    def removed(self) -> str | None:
        """Why it serves nobody any more, if an operator has removed it for good; it does not come back."""


Failed = Callable[[BaseException], None]
Build = Callable[[mesos.ResourceProviderInfo, Failed], KeptProvider]
"""Makes a provider's next life, given what to call when it cannot go on. What it raises counts as a start
that failed."""


class KeeperState(enum.StrEnum):
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    FAILED = "FAILED"
    STOPPED = "STOPPED"


class _Renewed(Exception):
    """A life ended because the next one is configured otherwise."""


class ProviderKeeper:
    """One provider. `start`, then `reconfigure` and `reload_profiles` at will, then `stop`."""

    def __init__(self, info: mesos.ResourceProviderInfo, build: Build, rng: random.Random) -> None:
        self.info = info
        self.state = KeeperState.STOPPED
        self.message = ""
        self.error: BaseException | None = None
        """Why it does not run, while it does not."""
        self._build = build
        self._rng = rng
        self._provider: KeptProvider | None = None
        self._turn = asyncio.Lock()
        """Held by whoever starts, stops or changes the provider."""
        self._hurry = asyncio.Event()
        self._attempted = asyncio.Event()
        self._job: asyncio.Task[None] | None = None
        self._failure: asyncio.Future[BaseException] | None = None

    @property
    def removed(self) -> str | None:
        """Why its provider serves nobody any more, and never will under its configuration."""
        return None if self._provider is None else self._provider.removed

    async def start(self) -> None:
        """Returns after the first attempt, however that went. Nothing happens when it was started already."""
        if self._job is not None:
            return
        self._attempted.clear()
        self.state = KeeperState.STARTING
        self._job = asyncio.create_task(self._keep(), name=f"keeper-{self.info.name}")
        await self._attempted.wait()

    async def stop(self) -> None:
        """Stop the provider; its plugin's containers go on running."""
        await self._let_go()
        await self._discard()

    async def reconfigure(self, info: mesos.ResourceProviderInfo) -> None:
        """Go on with `info`; one that had failed tries again at once."""
        self.info = info
        async with self._turn:
            if self._provider is None:
                self._hurry.set()
            elif not await self._provider.reconfigure(info):
                self._ended(_Renewed())

    async def reload_profiles(self) -> None:
        """Look at the profiles now; a provider that had failed over them tries again at once."""
        if self._provider is None:
            self._hurry.set()
        else:
            await self._provider.reload_profiles()

    async def _let_go(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)
        self.state = KeeperState.STOPPED

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        backoff = FIRST_BACKOFF
        while True:
            failure: asyncio.Future[BaseException] = loop.create_future()
            self._failure = failure
            began = loop.time()
            async with self._turn:
                error = await self._attempt(failure)
            if error is None:
                self._attempted.set()
                error = await failure
                async with self._turn:
                    await self._discard()
                if isinstance(error, _Renewed):
                    continue
            if loop.time() - began >= STEADY_SECONDS:
                backoff = FIRST_BACKOFF
            self.state, self.error = KeeperState.FAILED, error
            self.message = f"{error}; it is started again by itself"
            self._attempted.set()
            self._hurry.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(backoff * (0.5 + self._rng.random() / 2)):
                    await self._hurry.wait()
            backoff = min(MAX_BACKOFF, backoff * 2)

    def _ended(self, error: BaseException) -> None:
        if self._failure is not None and not self._failure.done():
            self._failure.set_result(error)

    async def _attempt(self, failure: asyncio.Future[BaseException]) -> BaseException | None:
        """Build and start the provider; what went wrong, if anything did."""

        def failed(error: BaseException) -> None:
            if not failure.done():
                failure.set_result(error)

        try:
            self._provider = self._build(self.info, failed)
            await self._provider.start()
        except Exception as error:
            is_fault = not isinstance(error, OperatorNeeded | OSError)
            log.error("provider %s does not start: %s", self.info.name, error, exc_info=is_fault)
            await self._discard()
            return error
        self.state, self.message, self.error = KeeperState.RUNNING, "", None
        return None

    async def _discard(self) -> None:
        """What a broken life stumbles over at its end must not hide why it broke."""
        if self._provider is None:
            return
        try:
            await self._provider.stop()
        except Exception:
            log.exception("provider %s did not stop as it should", self.info.name)
        self._provider = None
