"""One operator's container from its launch to its last trace: what each phase means, carried out.

The phases and their order are `agent.containers.state`'s. A container found in the checkpoint is driven by
the same code from the phase it is in; there is no other recovery.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from itertools import count
from signal import SIGKILL
from typing import TypeVar

from agent.containerizer.interface import (
    ContainerizerError,
    ContainerSpec,
    ContainerState,
    Exit,
    UnknownContainer,
    Who,
)
from agent.containers.checkpoint import (
    forget_change,
    insert_change,
    kill_change,
    limited_change,
    phase_change,
)
from agent.containers.parts import ContainerParts, ContainerRefused, HostFailed, NoSuchContainer
from agent.containers.record import ContainerRecord
from agent.containers.spec import Home, InvalidLaunch, container_spec
from agent.containers.state import ContainerEvent, ContainerPhase, next_phase
from agent.sandboxes.sandbox import OwnFolder

T = TypeVar("T")
log = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
"""Between looks whether a launch that is to be broken off may be."""

MAX_DOING = 500
"""Characters of what a launch waits for."""

SANDBOX_OWNER = OwnFolder.CONTAINERS
"""Stands for a framework in the paths of operators' containers' sandboxes."""

E, P = ContainerEvent, ContainerPhase


class ContainerRun:
    """Drives one container. Only `drive` changes its phase, and the keeper, to REMOVING once it has ended."""

    def __init__(
        self,
        record: ContainerRecord,
        parts: ContainerParts,
        home: Callable[[ContainerRecord], Home],
        forget: Callable[[ContainerRecord], None],
    ) -> None:
        """`home` says where the container lives, and raises NoSuchContainer when its parent is gone; `forget`
        is told when nothing of it is left."""
        self.record = record
        self.settled = asyncio.Event()
        """Set once it is known whether the container was started."""
        self.exited = asyncio.Event()
        """Set once it is known how it ended, or that nobody will know."""
        self.gone = asyncio.Event()
        """Set once nothing of it is left, and it is forgotten."""
        self.refusal: ContainerRefused | HostFailed | None = None
        self._parts = parts
        self._home = home
        self._forget = forget
        self._unwanted = asyncio.Event()
        self._ending = asyncio.Event()
        self._written = asyncio.Event()
        self._tell_what_is_known()

    async def arrive(self) -> None:
        """Make a new container durable, before anything else is done for it; then drive it."""
        await self._parts.store.write(insert_change(self.record))
        await self.drive()

    async def drive(self) -> None:
        """Bring the container as far as it comes by itself: to its end, and a removal to its end.

        Raises StoreFailed: the daemon has to stop.
        """
        self._written.set()
        if self.record.phase is P.LAUNCHING:
            await self._launch()
        if self.record.phase is P.RUNNING:
            await self._watch()
        if self.record.phase is P.EXITED and self.record.session:
            await self._unless_unwanted(asyncio.sleep(self._parts.limits.session_result))
            await self.take(E.GIVEN_UP)
        if self.record.phase is P.REMOVING:
            await self._clear()

    def give_up(self) -> None:
        """Nobody wants the container any more, running or not. Idempotent."""
        self._unwanted.set()
        self._ending.set()

    async def end(self, grace_period: float, signal: int | None) -> None:
        """Send a signal, or end it. One that is being launched is ended once it runs, also after a crash.

        Raises ContainerizerError, ContainerRefused.
        """
        if self.record.phase is P.LAUNCHING:
            if signal is not None:
                raise ContainerRefused("it is being launched: send signals once it runs")
            self.record.kill_grace = grace_period
            await self._written.wait()
            await self._parts.store.write(kill_change(self.record, grace_period))
            self._ending.set()
            await self.settled.wait()
        if self.record.phase is P.RUNNING:
            await self._send(grace_period, signal)

    async def limit(self, why: str) -> None:
        """End it at once, because it exceeds what it was given; how it ended says so. Nothing happens to one
        that has ended. Raises StoreFailed."""
        if self.record.phase is P.RUNNING and self.record.limited is None:
            await self._parts.store.write(limited_change(self.record, why))
            self.record.limited = why
            await self._repeat(partial(self._send, 0.0, None))

    async def _send(self, grace_period: float, signal: int | None) -> None:
        """No grace at all is SIGKILL alone: the program is not to notice."""
        if signal is None and grace_period == 0.0:
            signal = SIGKILL
        try:
            await self._parts.containerizer.kill(self.record.run_id, grace_period, signal)
        except UnknownContainer:
            pass  # it has just ended: `_wait` says so

    async def take(self, event: ContainerEvent, ended: Exit | None = None) -> None:
        """The next phase: durable first, and only then true in memory."""
        phase = next_phase(self.record.phase, event)
        kept = ended or self.record.ended
        await self._parts.store.write(phase_change(self.record, phase, kept))
        self.record.phase, self.record.ended = phase, kept
        self._tell_what_is_known()

    def _tell_what_is_known(self) -> None:
        phase = self.record.phase
        if phase is P.RUNNING or phase is P.EXITED:
            self.settled.set()
        if phase is P.EXITED or (phase is P.REMOVING and self.record.ended is not None):
            self.exited.set()

    # LAUNCHING

    async def _launch(self) -> None:
        for attempt in count():
            if self._unwanted.is_set():
                await self.take(E.GIVEN_UP)
                return
            if await self._too_late():
                return
            try:
                state = await self._start(self._spec())
            except (InvalidLaunch, NoSuchContainer) as error:
                await self._refuse(ContainerRefused(str(error)))
                return
            except OSError as error:
                await self._refuse(HostFailed(f"its sandbox cannot be made: {error}"))
                return
            except ContainerizerError as error:
                if error.who is Who.RETRY and attempt + 1 < self._parts.limits.launch_attempts:
                    await self._pause(attempt)
                    continue
                text = error.message.removeprefix(f"container {self.record.run_id}: ")
                await self._refuse((HostFailed if error.who is Who.RETRY else ContainerRefused)(text))
                return
            except Exception as error:  # it fails this one, not the agent, which would meet it at each start
                log.exception("container %s cannot be launched", self.record.key)
                text = f"the agent met a fault of its own ({type(error).__name__}: {error}): report it"
                await self._refuse(HostFailed(text))
                return
            if state is None:
                continue  # somebody wants its end: above
            self.record.pid = state.pid
            await self.take(E.STARTED)
            return

    async def _start(self, spec: ContainerSpec) -> ContainerState | None:
        """The container; None when somebody wanted its end, and the launch was broken off. One that says how
        far it is waits for an image, and may be; any other is soon over, and its outcome is better known."""
        launch = asyncio.create_task(self._parts.containerizer.launch(spec, self._waits_for))
        ending = asyncio.create_task(self._ending.wait())
        try:
            await asyncio.wait((launch, ending), return_when=asyncio.FIRST_COMPLETED)
            while not launch.done():
                if self.record.doing is not None:
                    return None
                await asyncio.wait((launch,), timeout=LOOK_SECONDS)
            return launch.result()
        finally:
            self.record.doing = None
            for each in (launch, ending):
                each.cancel()
            await asyncio.gather(launch, ending, return_exceptions=True)

    def _waits_for(self, what: str) -> None:
        self.record.doing = what[:MAX_DOING]

    async def _too_late(self) -> bool:
        """Whether a launch is not to be begun, or one of an earlier life of the agent not gone on with."""
        if self.record.boot_id != self._parts.boot_id:
            await self.take(E.ENDED, self._lost("the host was booted anew while it was launched"))
            return True
        if self.record.kill_grace is None:
            return False
        ended = await self._repeat(self._end_at_once)
        await self._repeat(partial(self._parts.containerizer.remove, self.record.run_id))
        await self.take(E.ENDED, ended or self._lost("it was killed before it was started"))
        return True

    def _spec(self) -> ContainerSpec:
        home = self._home(self.record)
        spec = container_spec(self.record, home, self._parts.limits.output_limit_bytes)
        self._parts.sandboxes.create(*sandbox_names(self.record), self._parts.owner_of(spec.user))
        return spec

    async def _refuse(self, refusal: ContainerRefused | HostFailed) -> None:
        self.refusal = refusal
        log.info("container %s was not launched: %s", self.record.key, refusal)
        await self.take(E.REFUSED)

    # RUNNING

    async def _watch(self) -> None:
        if (grace := self.record.kill_grace) is not None:
            await self._repeat(partial(self._send, grace, None))
        if self.record.limited is not None:
            await self._repeat(partial(self._send, 0.0, None))
        ended = await self._unless_unwanted(self._repeat(self._wait))
        self.record.pid = None
        if ended is None and self._unwanted.is_set():
            await self.take(E.GIVEN_UP)
            return
        ended = ended or self._lost("it is gone, and nobody saw how it ended")
        if self.record.limited is not None and ended.status != 0:
            ended = replace(ended, limitation="disk", message=self.record.limited)
        await self.take(E.ENDED, ended)

    async def _wait(self) -> Exit | None:
        try:
            return await self._parts.containerizer.wait(self.record.run_id)
        except UnknownContainer:
            return None

    # REMOVING

    async def _clear(self) -> None:
        """Remove the container with all that it holds; what fails is repeated until it is done."""
        attempt = 0
        while not self.gone.is_set():
            try:
                await self._clear_once()
            except (ContainerizerError, OSError) as error:
                log.warning("container %s cannot be removed yet: %s", self.record.key, error)
            self.settled.set()
            if not self.gone.is_set():
                await self._pause(attempt)
            attempt += 1
        self.exited.set()

    async def _clear_once(self) -> None:
        await self._end_at_once()
        await self._parts.containerizer.remove(self.record.run_id)
        sandbox = self._parts.sandboxes.path(*sandbox_names(self.record))
        if len(self.record.path) > 1 or self.record.ended is None:
            await self._parts.sandboxes.discard(sandbox)
        else:
            self._parts.sandboxes.retire(sandbox)
        await self._parts.store.write(forget_change(self.record))
        self._forget(self.record)
        self.gone.set()

    async def _end_at_once(self) -> Exit | None:
        """How the container ended, which it has then; None when there is none."""
        try:
            await self._parts.containerizer.kill(self.record.run_id, 0.0)
            return await self._parts.containerizer.wait(self.record.run_id)
        except UnknownContainer:
            return None

    # steps

    async def _unless_unwanted(self, work: Awaitable[T]) -> T | None:
        """What `work` returns, or None when the container was given up first."""
        job = asyncio.ensure_future(work)
        unwanted = asyncio.create_task(self._unwanted.wait())
        try:
            await asyncio.wait((job, unwanted), return_when=asyncio.FIRST_COMPLETED)
            return job.result() if job.done() else None
        finally:
            for each in (job, unwanted):
                each.cancel()
            await asyncio.gather(job, unwanted, return_exceptions=True)

    async def _repeat(self, call: Callable[[], Awaitable[T]]) -> T:
        """What `call` returns, however often it has to be repeated; a wrong request is not repeated."""
        attempt = 0
        while True:
            try:
                return await call()
            except (ContainerizerError, OSError) as error:
                if isinstance(error, ContainerizerError) and error.who is Who.REQUEST:
                    raise
                log.warning("container %s: %s; trying again", self.record.key, error)
            await self._pause(attempt)
            attempt += 1

    async def _pause(self, attempt: int) -> None:
        limits = self._parts.limits
        await asyncio.sleep(min(limits.max_retry, limits.first_retry * 2.0 ** min(attempt, 10)))

    def _lost(self, message: str) -> Exit:
        return Exit(None, None, False, message, self._parts.clock.now())


def sandbox_names(record: ContainerRecord) -> tuple[str, str, str]:
    """What its sandbox is called: below the outermost container's name, by its own run."""
    return SANDBOX_OWNER, record.path[0], record.run_id
