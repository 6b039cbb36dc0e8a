"""Providers that are connected and say nothing: what was handed to them is told to wait, and for whom.

A connection that stands does not show that anybody is alive at its other end: a process that is stopped, or
that is stuck, keeps it. Any call of the provider is a sign of life. It must not: end a session, or repeat
anything; an operation may take its time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from api.wire.v1 import mesos

SILENT_SECONDS = 30.0
"""A provider that has made no call for so long since an operation was handed to it is told of."""


class Silence:
    """What was handed over since each provider's last call. `tell` gets a provider's id and an operation."""

    def __init__(self, tell: Callable[[str, mesos.UUID], None]) -> None:
        self._tell = tell
        self._waiting: dict[str, list[mesos.UUID]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def handed_over(self, provider_id: str, operation: mesos.UUID) -> None:
        """An operation is on its way to the provider."""
        self._waiting.setdefault(provider_id, []).append(operation)
        if provider_id not in self._timers:
            loop = asyncio.get_running_loop()
            self._timers[provider_id] = loop.call_later(SILENT_SECONDS, self._silent, provider_id)

    def over(self, provider_id: str) -> None:
        """The provider has made a call, or its session has ended."""
        if self._waiting.pop(provider_id, None) is not None:
            self._timers.pop(provider_id).cancel()

    def _silent(self, provider_id: str) -> None:
        del self._timers[provider_id]
        for operation in self._waiting.pop(provider_id, ()):
            self._tell(provider_id, operation)
