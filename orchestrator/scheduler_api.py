"""The scheduler API: calls of frameworks in, events out.

An edge: it says who may call what, in the order that clients rely on (unknown framework 400, not
subscribed 403, wrong stream id 400, then 202), and passes calls on. What they do is decided by the
rooms behind it. No sockets here: replies are values.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

from api.model.clock import Clock
from api.model.ids import IdSource
from api.wire.content import MediaType, encode
from api.wire.http_rules import Accepted, Head, Rejection, check_call
from api.wire.recordio import encode_record
from api.wire.served import SERVED
from api.wire.v1 import mesos, scheduler
from orchestrator import scheduler_rules
from orchestrator.accept import Acceptance
from orchestrator.executors import Executors
from orchestrator.framework_rules import InvalidFramework
from orchestrator.frameworks import Frameworks, SubscriptionRefused
from orchestrator.inverse_offers import InverseOffers
from orchestrator.journal import Journal, Transaction
from orchestrator.ledger import Ledger
from orchestrator.messages import operation_updated
from orchestrator.offers import Offers
from orchestrator.operations import Operations
from orchestrator.reconciliation import answer_known, answer_unknown, is_shown
from orchestrator.replies import Answer, OpenStream, Reply
from orchestrator.sessions import FrameworkSessions
from orchestrator.standings import Standings
from orchestrator.state import ClusterState, Framework, value_of
from orchestrator.streams import RecordStream, Streams
from orchestrator.tasks import Tasks
from orchestrator.tellings import Tellings
from orchestrator.turns import Turns

STREAM_ID = "Mesos-Stream-Id"

HEARTBEAT = scheduler.Event(type=scheduler.EventType.HEARTBEAT)

T = scheduler.CallType
Handler = Callable[[Framework, scheduler.Call], Awaitable[None]]


MUCH_BYTES: Final = 4 * 2**20
"""Of statuses that a framework asked for wait for it at once; further ones are made when it has read some."""

LOOK_SECONDS: Final = 0.02
"""Between two looks at what waits."""


class SchedulerSession:
    """A subscribed framework's stream of events; a `Session` for the rooms that decide."""

    def __init__(self, stream: RecordStream, stream_id: str) -> None:
        self.stream_id = stream_id
        self._stream = stream
        self._is_leaving = False

    def send(self, message: scheduler.Event) -> None:
        self._stream.push(encode_record(encode(message, self._stream.media_type)))

    async def caught_up(self) -> None:
        """Wait until little waits for the framework to read it, or its stream is over."""
        # A stream has nothing that could be awaited: it is looked at, as Streams does.
        while self._stream.waiting_bytes > MUCH_BYTES and not self._stream.is_over:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)

    def close(self, reason: str) -> None:
        """End the stream. A framework that did not ask for it is told why, so that it does not return."""
        if not self._is_leaving:
            error = scheduler.EventError(message=reason)
            self.send(scheduler.Event(type=scheduler.EventType.ERROR, error=error))
        self._stream.finish()

    def leave(self) -> None:
        """The framework itself asked for its end: no word of it is needed."""
        self._is_leaving = True


class SchedulerApi:
    """Calls to /api/v1/scheduler."""

    name = "scheduler"

    def __init__(
        self,
        state: ClusterState,
        sessions: FrameworkSessions,
        frameworks: Frameworks,
        acceptance: Acceptance,
        offers: Offers,
        inverse_offers: InverseOffers,
        operations: Operations,
        tasks: Tasks,
        executors: Executors,
        standings: Standings,
        ledger: Ledger,
        journal: Journal,
        streams: Streams,
        clock: Clock,
        ids: IdSource,
        *,
        heartbeat_interval: float,
    ) -> None:
        self._state = state
        self._sessions = sessions
        self._frameworks = frameworks
        self._acceptance = acceptance
        self._offers = offers
        self._inverse_offers = inverse_offers
        self._operations = operations
        self._tasks = tasks
        self._executors = executors
        self._standings = standings
        self._ledger = ledger
        self._journal = journal
        self._streams = streams
        self._clock = clock
        self._ids = ids
        self._heartbeat_interval = heartbeat_interval
        self._turns = Turns()
        self._tellings = Tellings(sessions, journal)
        self._handlers: Mapping[T, Handler] = {
            T.TEARDOWN: self._teardown,
            T.ACCEPT: self._accept,
            T.DECLINE: self._decline,
            T.ACCEPT_INVERSE_OFFERS: self._accept_inverse,
            T.DECLINE_INVERSE_OFFERS: self._decline_inverse,
            T.REVIVE: self._revive,
            T.SUPPRESS: self._suppress,
            T.UPDATE_FRAMEWORK: self._update_framework,
            T.KILL: self._kill,
            T.ACKNOWLEDGE: self._acknowledge,
            T.ACKNOWLEDGE_OPERATION_STATUS: self._acknowledge_operation,
            T.RECONCILE: self._reconcile,
            T.RECONCILE_OPERATIONS: self._reconcile_operations,
            T.SHUTDOWN: self._shutdown,
            T.MESSAGE: self._message,
            T.REQUEST: self._request,
        }

    def read(self, head: Head, body: bytes) -> Accepted[scheduler.Call] | Rejection:
        """See `replies.Api`."""
        return check_call(head, body, scheduler.Call, scheduler_rules.validate, scheduler_rules.checks_accept)

    async def answer(self, call: scheduler.Call, stream_id: str | None, media_type: MediaType) -> Reply:
        """See `replies.Api`. 202: the call is durable, whole, where it changes what must be durable."""
        assert isinstance(call.type, T)
        if call.type is T.SUBSCRIBE:
            return await self._subscribe(call, stream_id, media_type)
        handler = self._handlers.get(call.type)
        if handler is None:
            return _not_served(call.type)
        await self._turns.mine()
        sender = self._sender(call, stream_id)
        if isinstance(sender, Rejection):
            return sender
        try:
            await handler(sender, call)
        except InvalidFramework as problem:
            return Rejection(400, str(problem))
        return Answer(200 if call.type is T.UPDATE_FRAMEWORK else 202)

    def _sender(self, call: scheduler.Call, stream_id: str | None) -> Framework | Rejection:
        """The framework that calls, or why it may not."""
        framework_id = value_of(call.framework_id)
        assert framework_id is not None
        framework = self._state.frameworks.get(framework_id)
        if framework is None:
            return Rejection(400, f"framework {framework_id[:200]!r} is not known: SUBSCRIBE first")
        session = self._sessions.get(framework_id)
        if not framework.connected or not isinstance(session, SchedulerSession):
            return Rejection(403, f"framework {framework_id} is not subscribed: SUBSCRIBE first")
        if stream_id is None:
            return Rejection(400, f"expecting '{STREAM_ID}' to be present, as the SUBSCRIBE answer gave it")
        if stream_id != session.stream_id:
            return Rejection(400, f"'{STREAM_ID}' is not that of the framework's present stream")
        return framework

    async def _subscribe(self, call: scheduler.Call, stream_id: str | None, media_type: MediaType) -> Reply:
        if stream_id is not None:
            return Rejection(400, f"SUBSCRIBE begins a new stream: send it without '{STREAM_ID}'")
        assert isinstance(call.subscribe, scheduler.CallSubscribe)
        heartbeat = encode(HEARTBEAT, media_type)
        stream = self._streams.open(heartbeat, self._heartbeat_interval, media_type, followed_up=True)
        session = SchedulerSession(stream, str(self._ids.uuid()))
        headers = {STREAM_ID: session.stream_id}
        try:
            framework = await self._frameworks.subscribe(call.subscribe, session)
        except SubscriptionRefused as refusal:
            session.close(str(refusal))
            return OpenStream(stream, headers)
        except BaseException:
            self._streams.forget(stream)
            raise
        framework_id = framework.framework_id
        return OpenStream(stream, headers, lambda: self._frameworks.disconnected(framework_id, session))

    # Calls of subscribed frameworks.

    async def _teardown(self, framework: Framework, call: scheduler.Call) -> None:
        session = self._sessions.get(framework.framework_id)
        if isinstance(session, SchedulerSession):
            session.leave()
        await self._frameworks.remove(framework.framework_id)

    async def _accept(self, framework: Framework, call: scheduler.Call) -> None:
        assert isinstance(call.accept, scheduler.CallAccept)
        await self._acceptance.accept(framework, call.accept)

    async def _decline(self, framework: Framework, call: scheduler.Call) -> None:
        assert isinstance(call.decline, scheduler.CallDecline)
        for offer_id in call.decline.offer_ids:
            offer = self._offers.find(framework.framework_id, offer_id.value)
            if offer is not None:
                self._offers.decline(offer, call.decline.filters)

    async def _accept_inverse(self, framework: Framework, call: scheduler.Call) -> None:
        answer = call.accept_inverse_offers
        assert isinstance(answer, scheduler.CallAcceptInverseOffers)
        named, filters = answer.inverse_offer_ids, answer.filters
        self._inverse_offers.answered(framework.framework_id, named, filters, accepted=True)

    async def _decline_inverse(self, framework: Framework, call: scheduler.Call) -> None:
        answer = call.decline_inverse_offers
        assert isinstance(answer, scheduler.CallDeclineInverseOffers)
        named, filters = answer.inverse_offer_ids, answer.filters
        self._inverse_offers.answered(framework.framework_id, named, filters, accepted=False)

    async def _revive(self, framework: Framework, call: scheduler.Call) -> None:
        named = call.revive.roles if isinstance(call.revive, scheduler.CallRevive) else []
        self._frameworks.revive(framework, named)
        self._inverse_offers.revived(framework.framework_id)

    async def _suppress(self, framework: Framework, call: scheduler.Call) -> None:
        named = call.suppress.roles if isinstance(call.suppress, scheduler.CallSuppress) else []
        self._frameworks.suppress(framework, named)

    async def _update_framework(self, framework: Framework, call: scheduler.Call) -> None:
        assert isinstance(call.update_framework, scheduler.CallUpdateFramework)
        await self._frameworks.update(framework, call.update_framework)

    async def _kill(self, framework: Framework, call: scheduler.Call) -> None:
        assert isinstance(call.kill, scheduler.CallKill)
        transaction = Transaction()
        self._tasks.kill(transaction, framework.framework_id, call.kill)
        await self._journal.commit(transaction)  # after the launch of the task, if that was just now

    async def _shutdown(self, framework: Framework, call: scheduler.Call) -> None:
        assert isinstance(call.shutdown, scheduler.CallShutdown)
        transaction = Transaction()
        self._executors.shut_down(transaction, framework.framework_id, call.shutdown)
        await self._journal.commit(transaction)

    async def _message(self, framework: Framework, call: scheduler.Call) -> None:
        assert isinstance(call.message, scheduler.CallMessage)
        transaction = Transaction()
        self._executors.tell(transaction, framework.framework_id, call.message)
        await self._journal.commit(transaction)  # after the launch of the executor, if that was just now

    async def _acknowledge(self, framework: Framework, call: scheduler.Call) -> None:
        assert isinstance(call.acknowledge, scheduler.CallAcknowledge)
        transaction = Transaction()
        self._tasks.acknowledge(transaction, framework.framework_id, call.acknowledge)
        await self._journal.commit(transaction)

    async def _acknowledge_operation(self, framework: Framework, call: scheduler.Call) -> None:
        assert isinstance(call.acknowledge_operation_status, scheduler.CallAcknowledgeOperationStatus)
        transaction = Transaction()
        self._operations.acknowledge(transaction, framework.framework_id, call.acknowledge_operation_status)
        await self._journal.commit(transaction)

    async def _reconcile(self, framework: Framework, call: scheduler.Call) -> None:
        assert isinstance(call.reconcile, scheduler.CallReconcile)
        await self._tell_all(framework, self._tasks.reconcile(framework.framework_id, call.reconcile))

    async def _request(self, framework: Framework, call: scheduler.Call) -> None:
        """A hint, which changes no offer."""

    async def _reconcile_operations(self, framework: Framework, call: scheduler.Call) -> None:
        assert isinstance(call.reconcile_operations, scheduler.CallReconcileOperations)
        named = call.reconcile_operations.operations
        await self._tell_all(framework, self._tell_of_operations(framework.framework_id, named))

    async def _tell_all(self, framework: Framework, steps: Iterator[None]) -> None:
        session = self._sessions.get(framework.framework_id)
        assert isinstance(session, SchedulerSession), "a call of who is not subscribed is refused"
        await self._tellings.tell(framework.framework_id, session, steps)

    def _tell(self, framework_id: str, status: mesos.OperationStatus) -> None:
        """Once that is durable: who waited for what was written before may be overtaken by another write."""
        words, owner = Transaction(), self._state.frameworks.get(framework_id)

        def say() -> None:
            self._sessions.send(framework_id, operation_updated(status, owner))

        words.afterwards(say)
        self._journal.commit_soon(words)

    def _tell_of_operations(
        self, framework_id: str, named: list[scheduler.CallReconcileOperationsOperation]
    ) -> Iterator[None]:
        """Of those that are named, or of all that the framework has, step by step."""
        for entry in named:
            self._tell(framework_id, self._operation_status(framework_id, entry))
            yield
        if named:
            return
        for record in tuple(self._ledger.operations.values()):
            if record.framework_id == framework_id and is_shown(record):
                self._tell(framework_id, answer_known(self._standings.latest(record)))
                yield
        for status in self._operations.refusals.answers(framework_id):
            self._tell(framework_id, status)
            yield

    def _operation_status(
        self,
        framework_id: str,
        entry: scheduler.CallReconcileOperationsOperation,
    ) -> mesos.OperationStatus:
        record = self._ledger.find(framework_id, entry.operation_id.value)
        if record is not None:
            return answer_known(self._standings.latest(record))
        refused = self._operations.refusals.answer(framework_id, entry.operation_id.value)
        if refused is not None:
            return refused
        agent_id, provider_id = value_of(entry.agent_id), value_of(entry.resource_provider_id)
        agent = self._standings.of_agent(agent_id)
        provider = self._standings.of_provider(agent_id, provider_id)
        return answer_unknown(entry.operation_id, agent, provider, self._clock.now())


def _not_served(call_type: T) -> Rejection:
    why = SERVED[scheduler.Call].refusal(str(call_type).lower()) or "there is no need of it yet"
    return Rejection(501, f"{call_type} is not served: {why}")
