"""The operations of one provider: accepted once, ended once, told until acknowledged.

Theory of operation. An operation that arrives is compared with what is there, less what operations
under way consume. Contained, it is started; not contained, but contained once those under way will
have ended well, it waits its turn (schedulers pipeline DESTROY, UNRESERVE, DESTROY_DISK); otherwise
it is DROPPED. Its UUID is remembered until its terminal status is acknowledged, and for a while after that
(`remembered`); a repeat of a remembered UUID does nothing but have that status sent again.

Pure. What starting means is the machine's business; this room knows no plugin and no volume.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from api.model.ids import IdSource
from api.model.operation import (
    CreateDisk,
    InvalidOperation,
    OperationEvent,
    OperationState,
    advance,
    consumed,
    is_speculative,
    speculative_conversion,
)
from api.model.operation_rules import validate
from api.model.quantity import mb_milli_to_bytes
from api.model.resources import Conversion, NotContained, Resource, Resources
from provider.attempts import Turn
from provider.events import Acknowledge, ApplyOperation, SendStatus, SendUnknownOperation
from provider.records import OperationRecord, SaveAcknowledged, SaveOperation
from provider.remembered import Remembered
from provider.status_stream import Acknowledged, Resend, StatusStreams
from provider.totals import Totals, is_pool, pool_profile
from provider.under_way import UnderWay

MAX_OPERATIONS = 20_000
"""Operations that are remembered at once. One more is DROPPED, and nothing of it is remembered."""

MAX_MESSAGE_LENGTH = 1000
"""Characters of a status message; a plugin's longer text is cut."""


class Operations:
    """Operations by UUID. `start` begins one that is contained; it may end it at once."""

    def __init__(
        self,
        totals: Totals,
        ids: IdSource,
        start: Callable[[Turn, OperationRecord], None],
        spoiled: Callable[[Turn], None],
        resend: Resend = Resend(),
    ) -> None:
        self._totals = totals
        self._ids = ids
        self._start = start
        self._spoiled = spoiled  # a speculative operation did not happen: whoever assumed it must look again
        self.records: dict[UUID, OperationRecord] = {}
        self._active: dict[UUID, Resources] = {}
        self._taken = Resources()
        """What all of them consume."""
        self.under_way = UnderWay(totals.defaults)
        self._waiting: dict[UUID, None] = {}
        self._sequence = 0
        self.streams = StatusStreams(resend)
        self.remembered = Remembered()
        """Those whose end was acknowledged."""

    def load(self, records: Iterable[OperationRecord], remembered: Iterable[OperationRecord] = ()) -> None:
        """Take what the checkpoint holds; `resume` begins what is pending."""
        self.remembered.load(remembered)
        for record in records:
            self.records[record.uuid] = record
            self._sequence = max(self._sequence, record.sequence)
            if record.status_uuid is not None:
                self.streams.append(record.uuid, record.status_uuid, terminal=True, now=0.0)

    def resume(self, turn: Turn) -> None:
        """Start every pending operation anew, in the order in which they were accepted.

        What was started is started again, whatever the totals say now: its outcome is still open.
        """
        for record in self.pending():
            if record.started:
                self._begin(turn, record)
        for record in self.pending():
            if not record.started:
                self._consider(turn, record)

    def pending(self) -> list[OperationRecord]:
        """Those that have not ended, oldest first."""
        found = [r for r in self.records.values() if not r.state.is_terminal]
        return sorted(found, key=lambda r: r.sequence)

    def active(self) -> list[OperationRecord]:
        """Those under way, in the order in which they were started."""
        return [self.records[uuid] for uuid in self._active]

    @property
    def taken(self) -> Resources:
        """What those consume."""
        return self._taken

    @property
    def expected(self) -> Resources:
        """The totals when the speculative operations under way, or waiting for those, have succeeded."""
        records = (*self.active(), *(self.records[uuid] for uuid in self._waiting))
        return _after(self._totals.all(), [each for each in records if is_speculative(each.operation)])

    @property
    def sequence(self) -> int:
        """The number of the operation that was accepted last."""
        return self._sequence

    def takes(self, resource: Resource) -> bool:
        """Whether an operation under way consumes `resource`."""
        return any(taken.count(resource) for taken in self._active.values())

    def is_waiting(self, uuid: UUID) -> bool:
        """Whether it waits its turn: nothing was done for it yet."""
        return uuid in self._waiting

    def is_abandoned(self, uuid: UUID) -> bool:
        """Whether an operator gave it up."""
        return self.records[uuid].abandoned is not None

    def abandon(self, turn: Turn, uuid: UUID) -> OperationRecord:
        """Note durably that an operator gave it up; how it ends follows from what was done for it."""
        record = replace(self.records[uuid], abandoned=turn.at.epoch)
        self.records[uuid] = record
        turn.persist(SaveOperation(record))
        return record

    def accept(self, turn: Turn, event: ApplyOperation) -> None:
        """Take an operation in; a known one is not applied again."""
        if self._known(turn, event.uuid) is not None:
            self.streams.resend(event.uuid, turn.at.monotonic)
            return
        if len(self.records) >= MAX_OPERATIONS:
            message = f"{MAX_OPERATIONS} operations are unfinished or unacknowledged here: acknowledge some"
            turn.act(SendUnknownOperation(event.uuid, message))
            self._spoiled(turn)
            return
        self._sequence += 1
        record = OperationRecord(
            event.uuid,
            event.operation,
            turn.at.epoch,
            self._sequence,
            event.framework_id,
            event.operation_id,
        )
        self.records[record.uuid] = record
        turn.persist(SaveOperation(record))
        if not self._is_busy:
            turn.report(urgent=False)
        self._consider(turn, record)

    def _begin(self, turn: Turn, record: OperationRecord) -> None:
        """Durably under way from here on; what it consumes is taken."""
        taken = self._active[record.uuid] = consumed(record.operation)
        self._taken = self._taken + taken
        self.under_way.begin(record.uuid, record.operation, taken)
        if not record.started:
            record = replace(record, started=True)
            self.records[record.uuid] = record
            turn.persist(SaveOperation(record))
        self._start(turn, record)

    def _consider(self, turn: Turn, record: OperationRecord) -> None:
        """Start it, let it wait, or drop it."""
        try:
            validate(record.operation)
        except InvalidOperation as error:
            self.end(turn, record.uuid, OperationEvent.FAIL, str(error))
            return
        wanted = consumed(record.operation)
        missing = self._totals.missing(wanted, self._taken)
        if not missing:
            missing = self._lacking_room(record, wanted)
        if not missing:
            self._begin(turn, record)
        elif self._may_follow(record, wanted):
            self._waiting[record.uuid] = None
        else:
            reason = NotContained(missing, self._totals.all())
            self.end(turn, record.uuid, OperationEvent.DROP, str(reason))

    def _lacking_room(self, record: OperationRecord, wanted: Resources) -> Resources:
        """What of pools it lacks because their siblings have taken the capacity that they share."""
        making = not is_speculative(record.operation)
        return Resources(
            piece
            for piece in wanted
            if is_pool(piece)
            and (making or not self._totals.is_apart(piece))
            and mb_milli_to_bytes(piece.milli) > self._room(piece)
        )

    def _room(self, piece: Resource) -> int:
        """Bytes that are left of the pool of `piece`; what is reserved is kept for its role."""
        if self._totals.is_apart(piece):
            return self._totals.room(pool_profile(piece), self.under_way.making, reserved=True)
        held = {name: mb_milli_to_bytes(milli) for name, milli in self.under_way.held.items()}
        return self._totals.room(pool_profile(piece), held, reserved=False)

    def _may_follow(self, record: OperationRecord, wanted: Resources) -> bool:
        """Whether it is contained once the speculative operations before it have succeeded."""
        before = [
            r
            for r in (*self.active(), *(self.records[u] for u in self._waiting if u != record.uuid))
            if is_speculative(r.operation)
        ]
        if not before:
            return False
        taken = [self._active[u] for u in self._active if not is_speculative(self.records[u].operation)]
        view = self._totals.all() - Resources.total(taken)
        return _after(view, before).contains(wanted)

    def place(self, turn: Turn, uuid: UUID, topology: Mapping[str, str]) -> Mapping[str, str]:
        """From where the volume of a creation has to be reachable. `topology` counts the first time: a repeat
        of the call is the same call, wherever the plugin says that the node is by then."""
        record = self.records[uuid]
        if record.topology is None:
            record = replace(record, topology=dict(topology))
            self.records[uuid] = record
            turn.persist(SaveOperation(record))
        return record.topology or {}

    def finish(self, turn: Turn, uuid: UUID, converted: tuple[Resource, ...]) -> None:
        """It was done: convert the totals and say so, in one write."""
        taken = self._active.pop(uuid)
        self._taken = self._taken - taken
        self.under_way.end(uuid, self.records[uuid].operation, taken)
        turn.persist(*self._totals.apply(Conversion(taken, Resources(converted))))
        self._close(turn, uuid, OperationEvent.FINISH, None, converted)
        self._reconsider(turn)

    def end(self, turn: Turn, uuid: UUID, how: OperationEvent, message: str) -> None:
        """It was not done (FAIL), or not even tried (DROP); totals stay."""
        taken = self._active.pop(uuid, None)
        if taken is not None:
            self._taken = self._taken - taken
            self.under_way.end(uuid, self.records[uuid].operation, taken)
        self._waiting.pop(uuid, None)
        if how is OperationEvent.FAIL and self.is_abandoned(uuid):
            message = f"abandoned by an operator: {message}"
        record = self._close(turn, uuid, how, message[:MAX_MESSAGE_LENGTH], ())
        if is_speculative(record.operation):
            self._spoiled(turn)
        self._reconsider(turn)

    def _close(
        self,
        turn: Turn,
        uuid: UUID,
        how: OperationEvent,
        message: str | None,
        converted: tuple[Resource, ...],
    ) -> OperationRecord:
        record = self.records[uuid]
        if isinstance(record.operation, CreateDisk):
            self._totals.release(record.operation.target_name, uuid)
        ended = replace(
            record,
            state=advance(record.state, how),
            status_uuid=self._ids.uuid(),
            message=message,
            converted=converted,
            ended=turn.at.epoch,
        )
        assert ended.status_uuid is not None
        self.records[uuid] = ended
        turn.persist(SaveOperation(ended))
        self.streams.append(uuid, ended.status_uuid, terminal=True, now=turn.at.monotonic)
        return ended

    def _reconsider(self, turn: Turn) -> None:
        """Something ended: look again at what waits, in order."""
        for uuid in list(self._waiting):
            if uuid in self._waiting:
                del self._waiting[uuid]
                self._consider(turn, self.records[uuid])
        if not self._is_busy:
            turn.report(urgent=False)

    @property
    def _is_busy(self) -> bool:
        """Whether an operation is under way or waits. While that goes on nothing is reported, as statuses
        tell of each; who looks at reports alone sees what came of it once it is over."""
        return bool(self._active or self._waiting)

    def send_due(self, turn: Turn) -> None:
        """Send the statuses that are due."""
        for uuid, status in self.streams.due(turn.at.monotonic):
            turn.act(SendStatus(self.records[uuid], status))

    def acknowledge(self, turn: Turn, event: Acknowledge) -> None:
        """The owner has the terminal status: it is owed nothing more, and asks again only if it forgets."""
        closed = self.streams.acknowledge(event.operation, event.status, turn.at.monotonic)
        if closed is Acknowledged.CLOSED:
            self.remembered.add(turn, self.records.pop(event.operation))
            if not self.records:
                turn.report(urgent=False)

    def reconcile(self, turn: Turn, uuids: Iterable[UUID]) -> None:
        """Answer for each: its status now, or that it is not known here."""
        for uuid in uuids:
            record = self._known(turn, uuid)
            if record is None:
                turn.act(SendUnknownOperation(uuid))
            elif record.state.is_terminal:
                self.streams.resend(uuid, turn.at.monotonic)
            else:
                turn.act(SendStatus(record, None))

    def _known(self, turn: Turn, uuid: UUID) -> OperationRecord | None:
        """What is known of an operation. One that was acknowledged is owed again: its owner has lost what it
        knew, as by a restoration from a backup."""
        revived = self.remembered.revive(uuid)
        if revived is not None:
            assert revived.status_uuid is not None
            self.records[uuid] = revived
            turn.persist(SaveAcknowledged(revived))
            self.streams.append(uuid, revived.status_uuid, terminal=True, now=turn.at.monotonic)
        return self.records.get(uuid)

    def validate(self) -> None:
        """Raises AssertionError when an invariant is broken."""
        assert not any(uuid in self.remembered for uuid in self.records), "remembered, and owed as well"
        for uuid, record in self.records.items():
            pending = record.state is OperationState.PENDING
            assert pending == (record.status_uuid is None), f"{uuid}: a status before the end, or none after"
            assert pending == (uuid not in self.streams), f"{uuid}: stream and state disagree"
            assert not (uuid in self._active and uuid in self._waiting), f"{uuid} is active and waits"
            known = uuid in self._active or uuid in self._waiting
            assert known == pending, f"{uuid} is {record.state} and {'under way' if known else 'forgotten'}"
        assert all(u in self.records for u in (*self._active, *self._waiting, *self.streams))
        taken = Resources.total(self._active.values())
        counted = UnderWay(self._totals.defaults)
        for uuid, consumed_by in self._active.items():
            counted.begin(uuid, self.records[uuid].operation, consumed_by)
        assert taken == self._taken, "the sum of what is taken is not what is taken"
        assert counted == self.under_way, "the sums of what is under way are not what is under way"
        assert not self._totals.missing(taken, Resources()), "operations under way consume what is not there"


def _after(view: Resources, records: Iterable[OperationRecord]) -> Resources:
    """What `view` is when these, all speculative, have succeeded as far as they can."""
    for record in records:
        conversion = speculative_conversion(record.operation)
        if view.contains(conversion.consumed):
            view = view - conversion.consumed + conversion.converted
    return view
