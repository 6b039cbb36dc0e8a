"""Keeps the host's disks in use as they come and go: looks, has `plan` decide, and carries it out.

Each pool has one piece of work at a time; a disk that hangs holds up nothing but itself. What is about to be
done to a disk is durable before it is done. It must not: decide what a device may be used for.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, Final

from agent.devices.health import DiskHealth
from agent.devices.plan import (
    Action,
    Admit,
    Attach,
    Detach,
    Forget,
    Known,
    Place,
    Row,
    Sight,
    State,
    leaving,
    place_of,
    plan,
    to_be_opened,
)
from agent.devices.ports import DeviceParts
from agent.devices.record import PoolRecord, begun, forget_change, load_pools, save_change
from agent.providers.keeper import KeeperState
from agent.providers.provider_set import MAX_PROVIDERS, ConfigConflict
from provider.local_storage.device import Contents, Device
from provider.local_storage.device_host import NotPrepared
from provider.local_storage.device_rule_file import InvalidRules
from provider.local_storage.device_rules import Answer, Rule, verdict
from provider.plugins.containers import ContainerFailed
from store.port import StoreError

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 5.0
"""How often all is looked at without an event, for changes that the kernel tells nobody of."""

SETTLE_SECONDS: Final = 0.05
"""After an event, for those that come with it."""

BETWEEN_LOOKS: Final = 0.25
"""At least so long between two looks, however many events there are."""

AGAIN_SECONDS: Final = 15.0
"""After something could not be done with a disk, until it is tried again."""

NO_RULES: Final = "no disk of this host is used: start the agent with --devices FILE.toml"


class DeviceKeeper:
    """A `Service` of the agent. Without rules (`reread` has found none) no new device is touched."""

    def __init__(self, parts: DeviceParts) -> None:
        """Raises InvalidRules: an agent does not start with rules that cannot be meant."""
        self._parts = parts
        self._rules = parts.rules()
        self._pools = {record.pool_id: record for record in parts.store.read(load_pools)}
        self._in_use: dict[str, Place] = {}
        self._at_work: dict[str, asyncio.Task[None]] = {}
        self._hands_on: dict[str, str] = {}
        """Devices with which something is being done, by path, and the pools on them as far as known."""
        self._problems: dict[str, tuple[float, str]] = {}
        self._changed = asyncio.Event()
        self._health = DiskHealth(parts.host, self._in_use, self._changed.set)
        self._looking = asyncio.Lock()
        self._former: list[PoolRecord] | None = None if self._rules is None else list(self._pools.values())
        """Pools of which nobody has found out yet whether they are mounted."""
        self._rows: tuple[Row, ...] = ()
        self._absent: set[str] = set()
        self._problem = self._rules_problem = ""
        self._stopped = False
        self._jobs: list[asyncio.Task[None]] = []
        self._watch = parts.watch(self._changed.set)

    # life

    async def start(self) -> None:
        """Begin: pools that are there come up by and by, as if they had been attached just now."""
        if self._rules is None:
            return
        self._watch.start()
        self._begin(self._follow(), "devices")
        self._begin(self._health.watch(), "devices-health")

    async def stop(self) -> None:
        """Look no more, and take no disk up any more. The plugins of the pools go on running."""
        self._stopped = True
        self._watch.stop()
        work = [*self._jobs, *self._at_work.values()]
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)
        await self._parts.host.release_all()

    async def unmounted(self) -> None:
        """After the plugins have ended: take the pools off this host. Raises OSError."""
        for pool_id, place in list(self._in_use.items()):
            await self._parts.host.let_go(self._parts.folders(self._pools[pool_id]), place.number)
            self._in_use.pop(pool_id, None)

    def provider_names(self) -> list[str]:
        """The names of the pools' providers, here or not."""
        return sorted(record.provider for record in self._pools.values())

    async def reread(self) -> None:
        """Take the rules as they are now. Those from before stay in force when they cannot be used."""
        if self._rules is None:
            return
        try:
            self._rules = self._parts.rules()
            self._rules_problem = ""
        except InvalidRules as error:
            self._rules_problem = f"the rules from before are in force: {error}"
            log.error("%s", self._rules_problem)
        self._changed.set()

    # for people

    async def rows(self) -> tuple[Row, ...]:
        """How every device and every known pool stands, looked at just now."""
        await self._look(fresh=True)
        return tuple(self._shown(row) for row in self._rows)

    @property
    def last_rows(self) -> tuple[Row, ...]:
        """As of the last look."""
        return tuple(self._shown(row) for row in self._rows)

    @property
    def problem(self) -> str:
        """What is wrong with looking or watching, for people; empty when nothing is."""
        return "; ".join(each for each in (self._problem, self._rules_problem, self._watch.problem) if each)

    def _shown(self, row: Row) -> Row:
        """With what is known of the provider, the disk's health and what could not be done."""
        key = row.record.pool_id if row.record is not None else row.sight.device.path if row.sight else ""
        if row.state in (State.USED, State.STARTING) and row.record is not None:
            row = self._served(row, row.record)
        _, problem = self._problems.get(key, (0.0, ""))
        if problem and row.state is State.STARTING:
            row = replace(row, state=State.FAILED, why=problem)
        return row

    def _served(self, row: Row, record: PoolRecord) -> Row:
        state, message = self._parts.providers.state(record.provider) or (KeeperState.STARTING.value, "")
        trouble = self._health.trouble(record.pool_id)
        if trouble:
            return replace(row, state=State.FAILING, why=f"{trouble}: save what is on it, change the disk")
        if record.pool_id not in self._in_use:
            return row
        shown = {KeeperState.RUNNING.value: State.USED, KeeperState.FAILED.value: State.FAILED}
        return replace(row, state=shown.get(state, State.STARTING), why=message)

    # within: looking

    async def _follow(self) -> None:
        while True:
            self._changed.clear()
            await self._look()
            await asyncio.sleep(BETWEEN_LOOKS)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._changed.wait()
            await asyncio.sleep(SETTLE_SECONDS)

    async def _look(self, *, fresh: bool = False) -> None:
        async with self._looking:
            rules = self._rules
            try:
                seen = await self._parts.host.look(
                    lambda device, busy: to_be_opened(device, busy, rules or (), self._known()), fresh=fresh
                )
                if self._former is not None:
                    await self._take_over([device for device, _, _ in seen])
            except (OSError, TimeoutError) as error:
                self._problem = f"the devices of this host cannot be looked at: {error}"
                log.error("%s", self._problem)
                return
            decided = plan([Sight(*each) for each in seen], rules or (), self._known())
            self._rows = decided.rows
            self._problem = NO_RULES if rules is None else ""
            for action in decided.actions:
                self._act(action)
            self._explain_absences()

    async def _take_over(self, devices: Sequence[Device]) -> None:
        """Pools that are mounted still from a former life of the agent are in use where they are, also on a
        device that has gone since. Raises OSError, TimeoutError: the next look does it."""
        former = self._former or []
        for record in former:
            number = await self._place_of(record, devices)
            if number is None:
                continue
            device = next((each for each in devices if each.number == number), None)
            if record.whole and device is not None and device.identity != record.identity:
                device = None
            if device is None:
                self._in_use[record.pool_id] = Place(record.path, number, "")
            else:
                self._in_use[record.pool_id] = place_of(device)
                if not device.leaving:
                    self._act(Attach(record, device))
        self._former = None

    async def _place_of(self, record: PoolRecord, devices: Sequence[Device]) -> tuple[int, int] | None:
        """Where it is in use by a former life: the number of the device."""
        *_, pool = folders = self._parts.folders(record)
        if record.whole:
            bound = await self._parts.host.bound_at(folders[0])
            return bound if bound is not None else leaving(record, devices)
        (number,) = await self._parts.host.mounted_at([f"{pool}/{record.pool_id}"])
        return number

    def _explain_absences(self) -> None:
        """Once for each, also of disks that were not there when the agent started."""
        absent = {
            row.record.pool_id: row
            for row in self._rows
            if row.record is not None and row.state is State.ABSENT and row.record.pool_id not in self._in_use
        }
        for pool_id, row in absent.items():
            if pool_id not in self._absent and row.record is not None:
                self._parts.told.gone(row.record.provider, row.why)
        self._absent = set(absent)

    def _known(self) -> Known:
        if self._rules is None:
            return Known({}, {})
        left = (self._parts.closed() or "this agent stops") if self._stopped else ""
        given_up = self._parts.told.given_up()
        now, state = self._parts.clock.now(), self._parts.providers.state
        unserved = {each for each in self._in_use if state(self._pools[each].provider) is None}
        return Known(self._pools, self._in_use, given_up, self._hands_on, now, left, unserved)

    # within: acting

    def _act(self, action: Action) -> None:
        """Begin it, unless something is being done with that pool, or it failed a short while ago."""
        key = action.device.path if isinstance(action, Admit) else action.record.pool_id
        if key in self._at_work or self._is_too_early(key):
            return
        begins = isinstance(action, Admit) or (isinstance(action, Attach) and not action.record.prepared)
        if begins and (why := self._parts.closed()):
            return self._cannot(key, why)
        match action:
            case Admit(device, rule, _):
                begun = sum(not pool_id for pool_id in self._hands_on.values())
                if len(self._pools) + begun >= MAX_PROVIDERS:
                    return self._cannot(key, f"this agent runs {MAX_PROVIDERS} providers, its limit")
                work = self._admit(device, rule)
            case Attach(record, device):
                work = self._attach(record, device)
            case Detach(record, why):
                work = self._detach(record, why)
            case Forget(record, why):
                log.warning("pool %s was never made and is forgotten: %s", record.pool_id, why)
                work = self._forget(record.pool_id)
        path = action.device.path if isinstance(action, Admit | Attach) else None
        if path is not None:
            self._hands_on[path] = "" if isinstance(action, Admit) else action.record.pool_id
        task = asyncio.create_task(work, name=f"devices-{key}")
        self._at_work[key] = task
        task.add_done_callback(lambda done: self._worked(key, path, done))

    def _worked(self, key: str, path: str | None, task: asyncio.Task[None]) -> None:
        self._at_work.pop(key, None)
        self._hands_on.pop(path or "", None)
        self._changed.set()
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, StoreError):
            self._parts.failed(error)
        elif isinstance(error, NotPrepared | ConfigConflict | ContainerFailed | OSError):
            self._cannot(key, str(error))
        else:
            log.error("disk %s", key, exc_info=error)
            self._cannot(key, f"a fault of the agent's own: {error}")

    def _cannot(self, key: str, problem: str) -> None:
        if self._problems.get(key, (0.0, ""))[1] != problem:
            log.error("disk %s: %s", key, problem)
        self._problems[key] = (asyncio.get_running_loop().time(), problem)

    def _is_too_early(self, key: str) -> bool:
        at, _ = self._problems.get(key, (float("-inf"), ""))
        return asyncio.get_running_loop().time() - at < AGAIN_SECONDS

    async def _admit(self, device: Device, rule: Rule) -> None:
        """Write that a pool is made of the device, make it, write that it was made, and use it."""
        # Once more, just before: whoever has the device to himself since then keeps it.
        contents = await self._parts.host.contents(device, fresh=True)
        found = verdict(device, self._rules or (), "", contents)
        if found.answer is not Answer.ADMITTED or found.rule != rule:
            return
        await self._forget_unfinished(device.identity)
        record = self._new_record(device, rule)
        if record.whole:
            # Known by its identity from now on, whatever is on it: in one step, and of that very disk.
            await self._parts.host.confirm(device, contents)
            log.info("disk %s (%s) is offered whole by rule %s", device.path, record.identity, rule.name)
        else:
            self._hands_on[device.path] = record.pool_id
            await self._save(record)
            log.info("disk %s becomes pool %s by rule %s", device.path, record.pool_id, rule.name)
            await self._prepare(record, device, contents, destroys=found.destroys)
        await self._use(replace(record, prepared=True), device)

    def _new_record(self, device: Device, rule: Rule) -> PoolRecord:
        pool_id = str(self._parts.ids.uuid())
        return begun(pool_id, device, rule, self._parts.clock.now())

    async def _prepare(self, record: PoolRecord, device: Device, found: Contents, *, destroys: bool) -> None:
        try:
            await self._parts.host.prepare(device, record.pool_id, found, destroys=destroys)
        except NotPrepared:
            if not record.identity:  # it could not be known again as the one that was begun with
                await self._forget(record.pool_id)
            raise

    async def _attach(self, record: PoolRecord, device: Device) -> None:
        if not record.prepared:
            contents = await self._parts.host.contents(device, fresh=True)
            if contents.pool_id != record.pool_id:
                if contents.signature or contents.busy or contents.unreadable:
                    return
                await self._prepare(record, device, contents, destroys=False)
        await self._use(replace(record, prepared=True, path=device.path, size=device.size), device)

    async def _use(self, record: PoolRecord, device: Device) -> None:
        self._hands_on[device.path] = record.pool_id
        is_anew = record.pool_id not in self._in_use  # else it is taken over, with all its mounts
        if is_anew:
            record = replace(record, attachments=record.attachments + 1)
        if record.whole:
            await self._parts.host.claim(record.pool_id, device, alone=is_anew)
        if self._pools.get(record.pool_id) != record:
            await self._save(record)
        self._in_use[record.pool_id] = place_of(device)
        self._problems.pop(record.pool_id, None)
        self._problems.pop(device.path, None)
        self._parts.told.back(record.provider)
        log.info("%s is at %s: provider %s runs", record.named, device.path, record.provider)
        try:
            await self._parts.providers.run(self._parts.configured(record, device))
        except ConfigConflict:
            if is_anew:
                del self._in_use[record.pool_id]
                await self._parts.host.release(record.pool_id)
            raise

    async def _detach(self, record: PoolRecord, why: str) -> None:
        """Its provider leaves, so that nothing of it is offered; whoever uses it is told; its mounts go."""
        place = self._in_use[record.pool_id]
        log.warning("%s: provider %s leaves", why, record.provider)
        self._parts.told.gone(record.provider, why)
        await self._parts.providers.end(record.provider)
        await self._parts.host.let_go(self._parts.folders(record), place.number)
        await self._parts.host.release(record.pool_id)
        self._in_use.pop(record.pool_id, None)
        self._health.forget(record.pool_id)
        self._problems.pop(record.pool_id, None)

    async def _save(self, record: PoolRecord) -> None:
        await self._parts.store.write(save_change(record))
        self._pools[record.pool_id] = record

    async def _forget(self, pool_id: str) -> None:
        await self._parts.store.write(forget_change(pool_id))
        self._pools.pop(pool_id, None)

    async def _forget_unfinished(self, identity: str) -> None:
        """What was begun with the same device and holds something else now."""
        for record in list(self._pools.values()):
            if not record.prepared and identity and record.identity == identity:
                await self._forget(record.pool_id)

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._jobs.append(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._parts.failed(error)
