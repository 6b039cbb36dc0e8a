"""UPDATE_STATE in pages: parts of one state, gathered until it is whole.

One `Pages` for each session. A state replaces the last one as a whole, so that nobody sees half of one; what
is in it is not looked at here.
"""

from __future__ import annotations

from msgspec import UNSET, structs

from api.wire.v1 import resource_provider as rp
from provider.session import CallRefused

MAX_STATE_ENTRIES = 200_000
"""Resources, operations, profiles and notices of one state, over all its pages. A state with more is refused,
and what was gathered of it is dropped."""


class Pages:
    """What has come of a state that is not whole yet."""

    def __init__(self) -> None:
        self._gathered: rp.CallUpdateState | None = None

    def add(self, page: rp.CallUpdateState) -> rp.CallUpdateState | None:
        """The whole state when `page` is the last of it, else None.

        Raises CallRefused, and begins anew then, when there is too much of it, or when the page is of another
        resource version than those before it.
        """
        before, self._gathered = self._gathered, None
        whole = page if before is None else _joined(before, page)
        if _entries(whole) > MAX_STATE_ENTRIES:
            raise CallRefused(
                f"UPDATE_STATE has more than {MAX_STATE_ENTRIES} entries over all its pages: what came of it "
                "is dropped; divide what there is among several providers"
            )
        if page.more is True:
            self._gathered = whole
            return None
        return structs.replace(whole, more=UNSET)


def _joined(before: rp.CallUpdateState, page: rp.CallUpdateState) -> rp.CallUpdateState:
    if before.resource_version_uuid != page.resource_version_uuid:
        raise CallRefused(
            "UPDATE_STATE: this page has another resource_version_uuid than those before it, which are "
            "dropped: send the state anew, from its first page"
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
