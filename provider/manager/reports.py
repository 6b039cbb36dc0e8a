"""UPDATE_STATE in pages: parts of one state, gathered until it is whole.

One `Pages` for each session. A state replaces the last one as a whole, so that nobody sees half of one; what
is in it is not looked at here.

When a page is not taken, whoever is at fault, the state that it belongs to cannot become whole. Its sender
may have sent more pages already: those are refused too, up to the last. Pages have no numbers, so a state
that is sent anew is told from the rest of the former by its resource version. Of a page that could not even
be read nobody knows which state it belongs to: when none is under way, it counts as the beginning of the next
that comes, so that no state is taken for whole that lacks its first page.
"""

from __future__ import annotations

from msgspec import UNSET, structs

from api.wire.v1 import mesos
from api.wire.v1 import resource_provider as rp
from provider.session import CallRefused

MAX_STATE_ENTRIES = 200_000
"""Resources, operations, profiles and notices of one state, over all its pages. A state with more is refused,
and what was gathered of it is dropped."""

ANEW = "what came of that state is dropped: send it anew under another resource_version_uuid"


class Pages:
    """What has come of a state that is not whole yet."""

    def __init__(self) -> None:
        self._gathered: rp.CallUpdateState | None = None
        self._dropped: mesos.UUID | None = None
        """The version of a state of which a page was not taken, until its last page has come."""
        self._unread = False
        """Whether a page was not taken whose version is not known: it may be the first of what comes next."""

    def add(self, page: rp.CallUpdateState) -> rp.CallUpdateState | None:
        """The whole state when `page` is the last of it, else None.

        Raises CallRefused when there is too much of it, when the page is of another resource version than
        those before it, or belongs to a state that was dropped.
        """
        if self._unread:
            self._unread, self._dropped = False, page.resource_version_uuid
        if self._dropped == page.resource_version_uuid:
            self._dropped = page.resource_version_uuid if page.more is True else None
            raise CallRefused(f"UPDATE_STATE: an earlier page was refused, and {ANEW}")
        self._dropped = None
        try:
            whole = page if self._gathered is None else _joined(self._gathered, page)
            if _entries(whole) > MAX_STATE_ENTRIES:
                raise CallRefused(
                    f"UPDATE_STATE has more than {MAX_STATE_ENTRIES} entries over all its pages: what came "
                    "of it is dropped; divide what there is among several providers"
                )
        except CallRefused:
            self.refused(page.resource_version_uuid, more=page.more is True)
            raise
        self._gathered = whole if page.more is True else None
        return None if page.more is True else structs.replace(whole, more=UNSET)

    def refused(self, version: mesos.UUID | None, *, more: bool) -> None:
        """A page was not taken. `version` is None when it could not be read: of the state under way, then."""
        if version is None and self._gathered is not None:
            version = self._gathered.resource_version_uuid
        if version is None and self._dropped is None:
            self._unread = more
        elif version is not None:
            self._dropped = version if more else None
        self._gathered = None


def _joined(before: rp.CallUpdateState, page: rp.CallUpdateState) -> rp.CallUpdateState:
    if before.resource_version_uuid != page.resource_version_uuid:
        raise CallRefused(
            f"UPDATE_STATE: this page has another resource_version_uuid than those before it; {ANEW}"
        )
    return structs.replace(
        page,
        operations=[*before.operations, *page.operations],
        resources=[*before.resources, *page.resources],
        profiles=[*before.profiles, *page.profiles],
        notices=[*before.notices, *page.notices],
        notices_total=before.notices_total if page.notices_total is UNSET else page.notices_total,
        plugin=before.plugin if page.plugin is UNSET else page.plugin,
    )


def _entries(state: rp.CallUpdateState) -> int:
    return len(state.operations) + len(state.resources) + len(state.profiles) + len(state.notices)
