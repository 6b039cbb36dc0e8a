"""GET_OPERATION_HISTORY: all operations that are remembered, the newest first, a page at a time.

An edge: it reads the ledger, and answers when what it read is durable. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Final

from api.model.errors import InvalidRequest
from api.wire.v1 import master
from orchestrator.journal import Journal
from orchestrator.ledger import Ledger
from orchestrator.messages import operation_shown
from orchestrator.records import OperationRecord
from orchestrator.replies import Reply, told
from orchestrator.standings import Standings

PAGE: Final = 100
"""Operations of a page, unless the call says otherwise."""

PAGE_LIMIT: Final = 500
"""Operations of one page at most: they are encoded while nobody else has a turn."""

T = master.CallType
R = master.ResponseType


class OperationHistory:
    """The handler of the call."""

    def __init__(self, ledger: Ledger, standings: Standings, journal: Journal) -> None:
        self._ledger = ledger
        self._standings = standings
        self._journal = journal

    def handlers(self) -> Mapping[T, Callable[[master.Call], Awaitable[Reply]]]:
        return {T.GET_OPERATION_HISTORY: self._page}

    async def _page(self, call: master.Call) -> Reply:
        wanted = call.get_operation_history
        limit, before = PAGE, None
        if isinstance(wanted, master.CallGetOperationHistory):
            limit = min(wanted.limit or PAGE, PAGE_LIMIT) if isinstance(wanted.limit, int) else PAGE
            before = wanted.before if isinstance(wanted.before, str) and wanted.before else None
        shown: list[OperationRecord] = []
        further = None
        for record in self._from(before):
            if len(shown) == limit:
                further = shown[-1]
                break
            shown.append(record)
        page = master.ResponseGetOperationHistory(
            operations=[operation_shown(each, self._standings.latest(each)) for each in shown],
            total=len(self._ledger.operations),
        )
        if further is not None:
            page.next = f"{further.uuid.hex()}@{further.created!r}"
        await self._journal.barrier()
        return told(R.GET_OPERATION_HISTORY, page)

    def _from(self, before: str | None) -> Iterator[OperationRecord]:
        """The newest first; from the one on that follows `before`. Where that was forgotten, so is all that
        was older and over: what is older and left follows."""
        newest_first = reversed(self._ledger.operations.values())
        if before is None:
            yield from newest_first
            return
        uuid, created = _read(before)
        known = uuid in self._ledger.operations
        for record in newest_first:
            if (record.uuid == uuid) if known else (record.created < created):
                if not known:
                    yield record
                yield from newest_first
                return


def _read(cursor: str) -> tuple[bytes, float]:
    uuid, _, created = cursor.partition("@")
    try:
        return bytes.fromhex(uuid), float(created)
    except ValueError:
        raise InvalidRequest("`before` is not the `next` of a page: begin with the newest") from None
