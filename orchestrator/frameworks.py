"""Frameworks: subscription, failover, suppression, and their end.

    SUBSCRIBE -> CONNECTED -> (stream lost) -> DISCONNECTED -> SUBSCRIBE again, or failover
    timeout, or TEARDOWN -> REMOVED

A framework is admitted durably before it is told its id. No HTTP here: `scheduler_api` is the edge.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator

from msgspec import structs

from api.model.clock import Clock
from api.model.errors import InvalidRequest
from api.model.ids import IdSource
from api.wire.v1 import mesos, scheduler
from orchestrator import framework_rules
from orchestrator.allocator import Allocator
from orchestrator.framework_rules import InvalidFramework
from orchestrator.journal import Journal, Transaction
from orchestrator.offers import Offers
from orchestrator.operations import Operations
from orchestrator.registrar import Registrar
from orchestrator.sessions import FrameworkSessions, Session
from orchestrator.state import ChangeKind, ClusterState, Framework, value_of
from orchestrator.tasks import Tasks
from orchestrator.version import Identity

log = logging.getLogger(__name__)

FRAMEWORKS_LIMIT = 10_000
"""Frameworks that may be known at once; a further one is refused until one is torn down."""

REMOVED = "Framework has been removed: subscribe without an id to become a new one"

UNKNOWN = "not known since the registry was restored"
"""The name of a framework of which nothing but its id is known, until it subscribes."""

UNKNOWN_SECONDS = 7 * 86_400.0
"""What such a one gets to come back: its own failover timeout is not known, and its tasks end with it."""

RECOVERY_GRACE_SECONDS = 60.0
"""The least that a framework gets to come back after a restart of the orchestrator, whatever its
failover timeout: it is not the one that went away."""


class SubscriptionRefused(InvalidRequest):
    """The framework is told so by an ERROR event and must not try again unchanged."""


class Frameworks:
    """The frameworks that are known, connected or not."""

    def __init__(
        self,
        state: ClusterState,
        registrar: Registrar,
        journal: Journal,
        allocator: Allocator,
        offers: Offers,
        operations: Operations,
        tasks: Tasks,
        sessions: FrameworkSessions,
        identity: Identity,
        clock: Clock,
        ids: IdSource,
        *,
        heartbeat_interval: float,
    ) -> None:
        self._state = state
        self._registrar = registrar
        self._journal = journal
        self._allocator = allocator
        self._offers = offers
        self._operations = operations
        self._tasks = tasks
        self._sessions = sessions
        self._identity = identity
        self._clock = clock
        self._ids = ids
        self._heartbeat_interval = heartbeat_interval
        self._expiries: dict[str, asyncio.TimerHandle] = {}
        self._arriving: Counter[str] = Counter()
        """Subscriptions being written, by framework: it is not away, whatever its former stream does."""

    def recover(self) -> Iterator[None]:
        """Take up the registry's frameworks after a start: each may come back within its failover timeout."""
        for framework_id, record in self._registrar.frameworks.items():
            if record.removed is None:
                framework = Framework(framework_id, record.info, record.registered, recovered=True)
                self._state.frameworks[framework_id] = framework
                self._add_to_allocator(framework, active=False)
                self._await_failover(framework, at_least=RECOVERY_GRACE_SECONDS)
            yield

    async def subscribe(self, call: scheduler.CallSubscribe, session: Session[scheduler.Event]) -> Framework:
        """Admit a framework, or let it take over from its earlier connection.

        Raises `SubscriptionRefused`. The first event on the session is SUBSCRIBED.
        """
        info = self._checked(call)
        framework_id = value_of(info.id)
        if not framework_id:  # some clients say it by an empty one
            framework_id = str(self._ids.uuid())
            info = structs.replace(info, id=mesos.FrameworkID(value=framework_id))
        transaction = Transaction()
        transaction.add(self._registrar.admit_framework(info, self._clock.now()))
        framework = self._admit(framework_id, info, call)
        self._cancel_expiry(framework_id)
        self._arriving[framework_id] += 1
        try:
            await self._journal.commit(transaction)
        finally:
            self._arriving -= Counter([framework_id])
        if self._state.frameworks.get(framework_id) is not framework:
            raise SubscriptionRefused(REMOVED)
        self._connect(framework, session)
        return framework

    def let_in(self, transaction: Transaction, framework_id: str) -> None:
        """Know a framework that only agents know: it may come back."""
        now = self._clock.now()
        info = mesos.FrameworkInfo(
            user="",
            name=UNKNOWN,
            id=mesos.FrameworkID(value=framework_id),
            failover_timeout=UNKNOWN_SECONDS,
            capabilities=[
                mesos.FrameworkInfoCapability(type=mesos.FrameworkInfoCapabilityType.MULTI_ROLE),
                mesos.FrameworkInfoCapability(type=mesos.FrameworkInfoCapabilityType.PARTITION_AWARE),
            ],
        )
        transaction.add(self._registrar.admit_framework(info, now))
        framework = Framework(framework_id, info, now, recovered=True)
        self._state.frameworks[framework_id] = framework
        self._add_to_allocator(framework, active=False)
        self._await_failover(framework)
        self._state.changed(ChangeKind.FRAMEWORK_ADDED, framework)

    def disconnected(self, framework_id: str, session: Session[scheduler.Event]) -> None:
        """A stream ended. Unless another one took its place, the failover timeout begins."""
        framework = self._state.frameworks.get(framework_id)
        if not self._sessions.closed(framework_id, session) or framework is None:
            return
        framework.connected = False
        self._deactivate(framework)
        self._await_failover(framework)
        self._state.changed(ChangeKind.FRAMEWORK_UPDATED, framework)

    async def remove(self, framework_id: str) -> None:
        """End a framework for good: its offers, tasks and sessions go, its operations are orphaned."""
        framework = self._state.frameworks.pop(framework_id, None)
        if framework is None:
            return
        self._cancel_expiry(framework_id)
        transaction = Transaction()
        transaction.add(self._registrar.remove_framework(framework_id, self._clock.now()))
        self._deactivate(framework)
        self._operations.orphan(transaction, framework_id)
        self._tasks.ends.orphan(transaction, framework_id)
        self._tasks.shut_down(transaction, framework_id, list(self._state.agents))
        transaction.afterwards(lambda: self._sessions.close(framework_id, "the framework was removed"))
        framework.connected = False
        framework.unregistered_at = self._clock.now()
        self._allocator.remove_framework(framework_id)
        self._state.completed_frameworks.append(framework)
        self._state.changed(ChangeKind.FRAMEWORK_REMOVED, framework)
        await self._journal.commit(transaction)

    async def update(self, framework: Framework, call: scheduler.CallUpdateFramework) -> None:
        """The framework describes itself anew: roles, capabilities, what it wants to be offered.

        Durable when it returns. Offers in roles that it leaves are rescinded; tasks in them go on. Raises
        InvalidFramework, and nothing has changed.
        """
        info, constraints = call.framework_info, call.offer_constraints or None
        framework_rules.check(info, call.suppressed_roles, constraints)
        framework_rules.check_update(framework.info, info)
        transaction = Transaction()
        transaction.add(self._registrar.admit_framework(info, self._clock.now()))
        self._describe(framework, info, call.suppressed_roles, constraints)
        for offer in self._offers.of_framework(framework.framework_id):
            if offer.role not in framework.roles:
                self._offers.rescind(offer)
        self._state.changed(ChangeKind.FRAMEWORK_UPDATED, framework)
        await self._journal.commit(transaction)

    def suppress(self, framework: Framework, roles: list[str]) -> None:
        """Offer nothing more in these roles (all, when none is named) until revived.

        Raises InvalidFramework when one is none of the framework's.
        """
        framework_rules.check_named(roles, framework.roles, "suppress.roles")
        named = tuple(roles) or framework.roles
        framework.suppressed.update(named)
        self._allocator.suppress(framework.framework_id, named)

    def revive(self, framework: Framework, roles: list[str]) -> None:
        """Offer again in these roles (all, when none is named), and forget what was declined.

        Raises InvalidFramework when one is none of the framework's.
        """
        framework_rules.check_named(roles, framework.roles, "revive.roles")
        named = tuple(roles) or framework.roles
        framework.suppressed.difference_update(named)
        self._allocator.revive(framework.framework_id, named)
        self._offers.triggers.every_agent()

    def stop(self) -> None:
        """Cancel the timers."""
        for framework_id in tuple(self._expiries):
            self._cancel_expiry(framework_id)

    def _checked(self, call: scheduler.CallSubscribe) -> mesos.FrameworkInfo:
        info = call.framework_info
        try:
            framework_rules.check(info, call.suppressed_roles, call.offer_constraints or None)
        except InvalidFramework as problem:
            raise SubscriptionRefused(str(problem)) from problem
        framework_id = value_of(info.id)
        record = self._registrar.frameworks.get(framework_id) if framework_id is not None else None
        if record is not None and record.removed is not None:
            raise SubscriptionRefused(REMOVED)
        if framework_id not in self._state.frameworks and len(self._state.frameworks) >= FRAMEWORKS_LIMIT:
            raise SubscriptionRefused(f"{FRAMEWORKS_LIMIT} frameworks are known already: tear one down first")
        return info

    def _admit(
        self, framework_id: str, info: mesos.FrameworkInfo, call: scheduler.CallSubscribe
    ) -> Framework:
        framework = self._state.frameworks.get(framework_id)
        if framework is None:
            framework = Framework(framework_id, info, self._clock.now())
            self._state.frameworks[framework_id] = framework
            self._add_to_allocator(framework, active=False)
            self._state.changed(ChangeKind.FRAMEWORK_ADDED, framework)
        else:
            framework.reregistered_at = self._clock.now()
            framework.recovered = False
        self._describe(framework, info, call.suppressed_roles, call.offer_constraints or None)
        return framework

    def _describe(
        self,
        framework: Framework,
        info: mesos.FrameworkInfo,
        suppressed: list[str],
        constraints: scheduler.OfferConstraints | None,
    ) -> None:
        """Take over what a framework says of itself. Roles that it no longer suppresses count again."""
        framework.info = info
        framework.suppressed = set(suppressed)
        framework.offer_constraints = constraints
        self._allocator.update_framework(
            framework.framework_id,
            framework.roles,
            suppressed=framework.suppressed,
            traits=framework_rules.traits_of(info, constraints),
        )

    def _connect(self, framework: Framework, session: Session[scheduler.Event]) -> None:
        self._cancel_expiry(framework.framework_id)
        self._deactivate(framework)
        self._sessions.open(framework.framework_id, session)
        framework.connected = True
        subscribed = scheduler.EventSubscribed(
            framework_id=mesos.FrameworkID(value=framework.framework_id),
            heartbeat_interval_seconds=self._heartbeat_interval,
            master_info=self._identity.master_info(),
        )
        session.send(scheduler.Event(type=scheduler.EventType.SUBSCRIBED, subscribed=subscribed))
        session.send(scheduler.Event(type=scheduler.EventType.HEARTBEAT))
        self._allocator.set_framework_active(framework.framework_id, True)
        self._offers.triggers.every_agent()
        words = self._tasks.ends.resend(framework.framework_id)
        self._operations.resend(words, framework.framework_id)
        self._operations.refusals.resend(words, framework.framework_id)
        self._journal.commit_soon(words)
        self._state.changed(ChangeKind.FRAMEWORK_UPDATED, framework)

    def _deactivate(self, framework: Framework) -> None:
        """Nothing is offered to it, and what was offered is taken back."""
        self._allocator.set_framework_active(framework.framework_id, False)
        for offer in self._offers.of_framework(framework.framework_id):
            self._offers.take_back(offer)

    def _add_to_allocator(self, framework: Framework, *, active: bool) -> None:
        self._allocator.add_framework(
            framework.framework_id,
            framework.roles,
            suppressed=framework.suppressed,
            active=active,
            traits=framework_rules.traits_of(framework.info),
        )

    def _await_failover(self, framework: Framework, at_least: float = 0.0) -> None:
        if framework.framework_id in self._arriving:
            return
        timeout = framework.info.failover_timeout
        seconds = max(at_least, timeout if isinstance(timeout, float) else 0.0)
        self._cancel_expiry(framework.framework_id)
        self._expiries[framework.framework_id] = asyncio.get_running_loop().call_later(
            seconds, self._expired, framework.framework_id
        )

    def _expired(self, framework_id: str) -> None:
        log.info("framework %s did not come back within its failover timeout", framework_id)
        self._expiries.pop(framework_id, None)
        asyncio.ensure_future(self.remove(framework_id))  # noqa: RUF006 - its failure stops the daemon

    def _cancel_expiry(self, framework_id: str) -> None:
        handle = self._expiries.pop(framework_id, None)
        if handle is not None:
            handle.cancel()
