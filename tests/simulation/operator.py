"""The model operator: provisions volumes, looks at them, destroys them; repeats what was not answered.

Checks what an operator can see: a volume that was accepted stays until it is destroyed, the same
request again is the same volume, a bad request changes nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from api.model.errors import InvalidRequest, StaleView
from api.wire.v1 import master
from orchestrator.daemon import Orchestrator
from orchestrator.interventions import NoSuchOperation, OperationConflict
from orchestrator.volume_requests import NoSuchVolume, VolumeConflict
from orchestrator.volumes import VolumeRecord
from tests.simulation.decrees import Decrees
from tests.simulation.departures import Departures
from tests.simulation.parts import NoAnswer, Part
from tests.simulation.reconfigurations import ReconfiguringHand
from tests.simulation.reservations import ReservingHand

if TYPE_CHECKING:
    from tests.simulation.cluster import Cluster

T = TypeVar("T")
HANDS = 3
"""Volumes that the operator works on at once."""


class OperatorPart(Part):
    """One operator. What was accepted is remembered; it is never killed."""

    def __init__(self, cluster: Cluster) -> None:
        super().__init__(cluster, "operator")
        self.departures = Departures(cluster)
        self.reconfiguring = ReconfiguringHand(cluster.seed, cluster.trace, cluster.agents)
        self.decrees = Decrees(cluster.seed, cluster.trace, self._repeat)
        self.reserving = ReservingHand(cluster.seed, cluster.trace, cluster.orchestrator.ask)
        self._is_over = asyncio.Event()
        self.made = 0
        self.accepted: dict[str, master.CallProvisionVolume] = {}
        """Volumes that are known to be accepted and not known to be gone."""
        self.wishes: Counter[str] = Counter()
        self._condemned: Counter[str] = Counter()
        """How many hands are about to destroy a volume of this name."""

    @property
    def draining(self) -> bool:
        """Whether nothing new is asked for, and everything is destroyed."""
        return self._is_over.is_set()

    def wind_down(self) -> None:
        self._is_over.set()

    def restored(self) -> None:
        """The registry is an older one: what was accepted may be known no more, and is known anew."""
        self.accepted.clear()
        self.decrees.forget()

    async def live(self) -> BaseException:
        self._dice = self.rng("dice")
        more = {
            "departures": lambda: self.departures.run(self._is_over),
            "reservations": lambda: self.reserving.run(self._is_over.is_set),
            "reconfigurations": lambda: self.reconfiguring.run(self._is_over.is_set),
            "impatience": self._impatient_hand,
            "decrees": lambda: self.decrees.run(self._is_over.is_set),
        }
        hands = [self._hand(number) for number in range(HANDS)]
        hands.append(self.cluster.restorations.run())
        hands += [hand() for name, hand in more.items() if name not in self.cluster.without]
        return await asyncio.gather(*hands)  # type: ignore[return-value]

    async def _hand(self, number: int) -> None:
        while True:
            await asyncio.sleep(self._dice.uniform(0.2, 4.0))
            if self.draining:
                await self._clear()
            elif self._dice.random() < 0.15:
                await self._ask_for_nonsense()
            else:
                self.made += 1
                await self._volume(f"op-{number}-{self._dice.randrange(2)}")

    async def _impatient_hand(self) -> None:
        """Tries operations again and gives them up, the operator's own and those of frameworks."""
        dice = self.rng("impatience")
        while True:
            await asyncio.sleep(dice.uniform(0.5, 12.0))
            unfinished = await self._repeat(_unfinished)
            if not unfinished:
                continue
            name = dice.choice(unfinished)
            gives_up = dice.random() < 0.5 and not self.draining
            try:
                await self._repeat(
                    lambda rooms, name=name, gives_up=gives_up: (  # type: ignore[misc]
                        rooms.interventions.abandon(name) if gives_up else rooms.interventions.retry(name)
                    )
                )
            except (NoSuchOperation, OperationConflict) as refusal:
                self.cluster.trace.note(self.name, f"refused: {type(refusal).__name__}")
                continue
            self.wishes["given up" if gives_up else "tried again"] += 1
            self.cluster.trace.note(self.name, f"{name[:8]} is {'given up' if gives_up else 'tried again'}")

    async def _volume(self, name: str) -> None:
        """One volume's life; the name may be in use from an earlier one."""
        profile = self._dice.choice(("default", "default", "block"))
        call = master.CallProvisionVolume(
            name=name,
            profile=profile,
            size_bytes=self._dice.randrange(1, 400 * 2**20),
            block=profile == "block",
        )
        if not await self._provision(call):
            return
        again = self._dice.random() < 0.3
        if again:
            await self._provision(call)
        state = await self._until_settled(name)
        self.cluster.trace.note(self.name, f"volume {name} is {state}")
        if state == "AVAILABLE" and self._dice.random() < 0.4:
            await self._expand(name, call.size_bytes + self._dice.randrange(-(2**20), 100 * 2**20))
        await asyncio.sleep(self._dice.choice((0.0, 1.0, 10.0)))
        if self._dice.random() < 0.8:
            await self._deprovision(name)

    async def _provision(self, call: master.CallProvisionVolume) -> bool:
        """Whether it was accepted."""
        name, registry = call.name, self.cluster.restorations.done
        try:
            record = await self._repeat(lambda rooms: rooms.provisioning.provision(call))
        except VolumeConflict:
            return False  # a volume with other properties, or one that is being destroyed
        except StaleView as refusal:
            self.cluster.trace.note(self.name, f"volume {name} is refused: {type(refusal).__name__}")
            return False
        except InvalidRequest as refusal:
            known = "no provider is connected" in str(refusal) or "there is no profile" in str(refusal)
            self.cluster.trace.require(known, f"{call} is refused: {refusal}")
            return False
        if registry != self.cluster.restorations.done:
            return False  # nobody knows by which it was accepted
        self.accepted[name] = call
        self.cluster.trace.note(self.name, f"volume {name} of {record.size_mb} MB is accepted")
        return True

    async def _expand(self, name: str, size_bytes: int) -> None:
        """It becomes as large, or says why not and stays as it is."""
        call = master.CallExpandVolume(name=name, size_bytes=size_bytes)
        try:
            record = await self._repeat(lambda rooms: rooms.expansion.expand(call))
        except (StaleView, InvalidRequest) as refusal:
            self.cluster.trace.note(self.name, f"volume {name} is not expanded: {refusal}"[:120])
            return
        before = record.size_mb
        while True:
            await asyncio.sleep(1.0)
            found = await self._repeat(lambda rooms: _record(rooms, name))
            if found is None or name not in self.accepted or self._condemned[name] or self.draining:
                return  # another hand destroys it
            if str(found.state) != "EXPANDING":
                break
        larger = found.size_mb * 2**20 >= size_bytes
        self.cluster.trace.require(
            larger or (bool(found.message) and found.size_mb >= before),
            f"volume {name} was to have {size_bytes} bytes, has {found.size_mb} MB, and does not say why",
        )
        self.wishes["expanded" if larger else "not expanded"] += 1
        self.cluster.trace.note(self.name, f"volume {name} has {found.size_mb} MB: {found.message or 'fine'}")

    async def _until_settled(self, name: str) -> str:
        while True:
            await asyncio.sleep(1.0)
            state = await self._repeat(lambda rooms: _state(rooms, name))
            if name not in self.accepted or self._condemned[name]:
                return "given up"  # another hand destroys it, and may not have its answer yet
            self.cluster.trace.require(state is not None, f"volume {name} was accepted and is not known")
            if state != "CREATING" or self.draining:
                return str(state)

    async def _deprovision(self, name: str) -> None:
        self._condemned[name] += 1
        try:
            await self._until_gone(name)
        finally:
            self._condemned[name] -= 1

    async def _until_gone(self, name: str) -> None:
        while True:
            try:
                await self._repeat(lambda rooms: rooms.provisioning.deprovision(name))
            except NoSuchVolume:
                self.accepted.pop(name, None)
                return
            except VolumeConflict as refusal:
                self.cluster.trace.note(self.name, f"volume {name} is not destroyed: {refusal}"[:120])
                if await self._repeat(lambda rooms: _is_lost(rooms, name)) or self.cluster.restorations.done:
                    await self._forget(name)
                return
            else:
                self.accepted.pop(name, None)
            await asyncio.sleep(2.0)
            if self._dice.random() < 0.5:
                return

    async def _forget(self, name: str) -> None:
        """It was on an agent that was removed for good."""
        try:
            await self._repeat(lambda rooms: rooms.provisioning.forget(name))
        except (NoSuchVolume, VolumeConflict) as refusal:
            self.cluster.trace.note(self.name, f"volume {name} is not forgotten: {refusal}"[:120])
        else:
            self.accepted.pop(name, None)

    async def _clear(self) -> None:
        names = await self._repeat(_names)
        for name in names:
            await self._deprovision(name)

    async def _ask_for_nonsense(self) -> None:
        profile, size = self._dice.choice(
            (("gold", 2**20), ("default", 0), ("default", -(2**20)), ("default", 2**60))
        )
        call = master.CallProvisionVolume(name="bad", profile=profile, size_bytes=size)
        try:
            await self._repeat(lambda rooms: rooms.provisioning.provision(call))
        except (InvalidRequest, StaleView):
            known = await self._repeat(lambda rooms: _state(rooms, "bad"))
            self.cluster.trace.require(known is None, f"a refused volume exists: {call}")
            return
        self.cluster.trace.require(False, f"nonsense was accepted: {call}")

    async def _repeat(self, work: Callable[[Orchestrator], Awaitable[T]]) -> T:
        """The answer, however often the call has to be made."""
        while True:
            try:
                return await self.cluster.orchestrator.ask(work)
            except NoAnswer:
                await asyncio.sleep(self._dice.uniform(0.1, 2.0))


async def _state(rooms: Orchestrator, name: str) -> str | None:
    record = rooms.provisioning.volumes.get(name)
    return None if record is None else str(record.state)


async def _record(rooms: Orchestrator, name: str) -> VolumeRecord | None:
    return rooms.provisioning.volumes.get(name)


async def _unfinished(rooms: Orchestrator) -> list[str]:
    return [record.uuid.hex() for record in rooms.ledger.operations.values() if not record.terminal]


async def _is_lost(rooms: Orchestrator, name: str) -> bool:
    record = rooms.provisioning.volumes.get(name)
    return record is not None and record.gone


async def _names(rooms: Orchestrator) -> list[str]:
    return list(rooms.provisioning.volumes)
