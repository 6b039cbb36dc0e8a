"""An agent's configuration read again while it runs, at SIGHUP and at RECONFIGURE: all applied, or nothing.

What may change is judged by `agent.host`; here is where it is read, and who is told. What is new is durable
before anybody is told: a crash in between is a start with the new configuration, as the file has it then.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import UNSET

from agent.daemon import Agent
from agent.host.configuration import judged, remember
from agent.host.detection import host_resources
from agent.host.displacement import Displacement
from agent.host.outcome import ConfigurationUnreadable, Outcome, weighed
from agent.host.reconfiguration import Difference, Policy
from api.model.quantity import InvalidQuantity
from api.model.resources import Resources
from api.wire.fault_domain import fault_domain
from cli.agent_configuration import JUDGED, consequences, stated, wanted
from cli.agent_settings import AgentSettings
from cli.failures import CommandFailed
from cli.settings import differing
from provider.own import OwnResources
from store.port import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Applier:
    """Who is told of other values of the live settings with these names. `apply` must not fail: what can be
    wrong is refused when it is read. Settings that are looked up when they are needed have none."""

    names: tuple[str, ...]
    apply: Callable[[AgentSettings], None]


LOOKED_UP = frozenset({"reconfiguration_policy", "end_containers"})
"""Live settings that nobody has to be told of."""


class Reload:
    """The configuration of a running agent (`agent.host.outcome.Reconfigurable`)."""

    def __init__(
        self,
        settings: AgentSettings,
        again: Callable[[], AgentSettings],
        store: Store,
        work_dir: Path,
        own: OwnResources,
        agent: Agent,
        displacement: Displacement,
        appliers: Sequence[Applier],
        others: Callable[[], Awaitable[None]],
    ) -> None:
        """`again` reads the settings from where they came; `others` is what SIGHUP reads besides."""
        told = JUDGED | LOOKED_UP | {name for each in appliers for name in each.names}
        live = {each.name for each in dataclasses.fields(settings) if each.metadata["live"]}
        assert live <= told, f"nobody is told of other values of {live - told}"
        self.settings = settings
        self._again = again
        self._store = store
        self._work_dir = work_dir
        self._own = own
        self._agent = agent
        self._displacement = displacement
        self._appliers = appliers
        self._others = others
        self._turn = asyncio.Lock()
        self._serving = asyncio.Event()

    def serve(self) -> None:
        """The agent has recovered: what was asked for meanwhile goes on."""
        self._serving.set()

    async def signalled(self) -> None:
        """SIGHUP: the settings first, then the files that they name. The log says what became of it."""
        await self._serving.wait()
        try:
            outcome = await self.reconfigure(dry_run=False)
        except ConfigurationUnreadable as error:
            log.error("SIGHUP: nothing is applied: %s", error)
        else:
            if outcome.refusal is not None:
                log.error("SIGHUP: %s", outcome.refusal)
        await self._others()

    async def reconfigure(self, *, dry_run: bool) -> Outcome:
        """See `Reconfigurable.reconfigure`."""
        async with self._turn:
            if gone := self._agent.draining.gone_for:
                return Outcome(refusal=f"nothing is applied: {gone}")
            try:
                new = self._again()
                resources = host_resources(self._work_dir, wanted(new))
            except (CommandFailed, InvalidQuantity) as error:
                raise ConfigurationUnreadable(str(error)) from error
            judgement = judged(self._store, Policy(new.reconfiguration_policy), stated(new))
            outcome = weighed(judgement, *self._settings_that_differ(new))
            planned = self._own.plan(tuple(resources))
            notes = consequences(planned, self._displacement.losers(planned.totals))
            outcome = dataclasses.replace(outcome, notes=notes)
            if dry_run or outcome.refusal is not None:
                return outcome
            await self._apply(new, resources, outcome)
            return dataclasses.replace(outcome, applied=True)

    def _settings_that_differ(self, new: AgentSettings) -> tuple[list[Difference], list[Difference]]:
        """Those that need a restart, and those that do not, but for those that the policy judges."""
        fixed, free = [], []
        for field in differing(self.settings, new):
            name = field.name
            difference = Difference(
                name.replace("_", "-"),
                _text(getattr(self.settings, name)),
                _text(getattr(new, name)),
                grows=False,
            )
            if not field.metadata["live"]:
                fixed.append(difference)
            elif name not in JUDGED:
                free.append(difference)
        return fixed, free

    async def _apply(self, new: AgentSettings, resources: Resources, outcome: Outcome) -> None:
        """Nothing here refuses any more. The intent is written first: the next start is compared with it."""
        old, self.settings = self.settings, new
        for change in outcome.changes:
            log.warning("reconfigured: %s", change.difference)
        before = self._own.totals()
        await remember(self._store, stated(new))
        await self._own.configure(tuple(resources))
        domain = fault_domain(*new.fault_domain) if new.fault_domain else UNSET
        self._agent.reconfigured(new.attributes, domain)
        changed = {field.name for field in differing(old, new)}
        for applier in self._appliers:
            if changed & set(applier.names):
                applier.apply(new)
        if not self._own.totals().contains(before):
            self._displacement.shrunk()


def _text(value: Any) -> str:
    if value is None or value == () or value == "":
        return "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ":".join(str(each) for each in value)
    return str(value)
