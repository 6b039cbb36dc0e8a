"""Whether a plugin that is up goes on working: probed now and then, until it is not to be kept.

    an answer, ready or not          it works
    RESOURCE_EXHAUSTED, ABORTED      it has too much to do, and works
    no answer in time, UNAVAILABLE,  it is silent: each probe after that is given twice the time, as a storage
    DEADLINE_EXCEEDED                may just be slow; after several in a row it hangs
    any other error                  it says itself that it does not work (CSI, Probe: FAILED_PRECONDITION);
                                     after several in a row it is started anew, which may mend it

Meanwhile what the last probe met is told. It kills and starts nothing, and knows no container but by name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from provider.calls import PluginError
from provider.plugins.config import PluginConfig

log = logging.getLogger(__name__)

SILENT = frozenset({"UNAVAILABLE", "DEADLINE_EXCEEDED"})
"""Codes of a probe that nobody answered, or that only somebody in between did."""

BUSY = frozenset({"RESOURCE_EXHAUSTED", "ABORTED"})
"""Codes of a plugin that works, and has more to do than it can."""


class Liveness:
    """One container. `probe` asks it, with so many seconds for the answer, and raises PluginError. `told` is
    called with what is wrong after each probe that failed, and with "" when one succeeds again."""

    def __init__(
        self,
        name: str,
        probe: Callable[[float], Awaitable[bool]],
        config: Callable[[], PluginConfig],
        told: Callable[[str], None],
    ) -> None:
        self._name = name
        self._probe = probe
        self._config = config
        self._told = told

    async def lost(self) -> str:
        """Returns once it is not to be kept, with why, in words that follow "killed, "."""
        failures = 0
        while True:
            await asyncio.sleep(self._config().check_seconds)
            wait = self._config().check_timeout * 2.0**failures
            problem, is_silent = await self._problem(wait)
            if problem is None:
                if failures:
                    self._told("")
                failures = 0
                continue
            failures += 1
            log.info("plugin container %s: probe %d failed: %s", self._name, failures, problem)
            if failures < self._config().check_failures:
                what = "its last probe failed" if is_silent else "it says that it does not work"
                self._told(f"{what}: {problem}")
            elif is_silent:
                return f"it hung: {failures} probes in a row failed ({problem})"
            else:
                return f"it said that it does not work, {failures} times in a row: {problem}"

    async def _problem(self, wait: float) -> tuple[str | None, bool]:
        """What a probe met, None for nothing, and whether that is silence."""
        try:
            async with asyncio.timeout(wait):
                await self._probe(wait)  # one that is not ready just now answers
        except TimeoutError:
            return f"no answer within {wait:g} s", True
        except PluginError as error:
            return (None, False) if error.code in BUSY else (str(error), error.code in SILENT)
        return None, False
