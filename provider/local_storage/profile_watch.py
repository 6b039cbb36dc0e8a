"""Watches a provider's profiles document: each change of it becomes an event for the machine.

The last good document stays in force over every fault. It decides nothing about profiles: which names are
known, and whether they still mean the same, is the machine's business.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from provider.profile_document import parse_profiles, select
from provider.profile_source import ProfileSource
from provider.profiles import Identity, InvalidProfiles
from provider.records import Profile

log = logging.getLogger(__name__)


class ProfileWatch:
    """One document for a provider. `changed` gets the profiles; `told` is called when `problem` changes."""

    def __init__(
        self,
        source: ProfileSource,
        identity: Identity,
        seconds: float,
        changed: Callable[[Mapping[str, Profile]], None],
        told: Callable[[], None],
    ) -> None:
        self._source = source
        self._identity = identity
        self._seconds = seconds
        self._changed = changed
        self._told = told
        self.problem: str | None = None
        """Why the document that is there now is not in force, for people."""

    async def first(self, *, known: bool) -> None:
        """Read the document. Without a good one what is known stays in force.

        Raises InvalidProfiles when nothing is `known` and the document is on this host: the operator mends
        it and starts again. One at an address is not waited for: `run` asks until it answers.
        """
        if not self._source.is_local:
            return
        try:
            await self._look()
        except InvalidProfiles as error:
            if not known:
                raise
            self._refused(error)

    async def run(self) -> None:
        """Look again and again, for ever."""
        if not self._source.is_local:
            await self.look()
        while True:
            await asyncio.sleep(self._seconds)
            await self.look()

    async def look(self) -> None:
        """Take a changed document. With a mistake in it the last content stays."""
        try:
            await self._look()
        except InvalidProfiles as error:
            self._refused(error)

    async def _look(self) -> None:
        text = await self._source.fetch()
        if text is None:
            return
        profiles = select(parse_profiles(text, self._source), self._identity)
        self.problem = None
        self._told()
        self._changed(profiles)

    def _refused(self, error: InvalidProfiles) -> None:
        log.error("%s", error)
        self.problem = str(error)
        self._told()
