"""What becomes of a configuration that was read anew: what changes, whether it may, what follows. Values.

It is all or nothing: with one change that may not be made, or not without a restart, none is.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from agent.host.reconfiguration import Difference, Judgement

FIXED: Final = frozenset({"hostname", "port"})
"""What the policy judges and what cannot change while an agent runs."""


class Verdict(enum.StrEnum):
    """What of one change. The value is what operators read."""

    ALLOWED = "ALLOWED"
    REFUSED = "REFUSED"
    RESTART = "RESTART"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is configured otherwise than it runs."""

    difference: Difference
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refusal`: why nothing is applied, with all that is in the way and what resolves it. `notes`: what
    follows from the changes, or would."""

    changes: tuple[Change, ...] = ()
    applied: bool = False
    refusal: str | None = None
    notes: tuple[str, ...] = ()


class ConfigurationUnreadable(Exception):
    """The sources of the configuration cannot be read or make no sense; the message names the place."""


class Reconfigurable(Protocol):
    """An agent that can be configured anew while it runs."""

    async def reconfigure(self, *, dry_run: bool) -> Outcome:
        """Read the configuration again, and apply it when all of it may be; durable when this returns.

        Raises ConfigurationUnreadable; nothing is applied then.
        """


def weighed(judgement: Judgement, fixed: Sequence[Difference], free: Sequence[Difference]) -> Outcome:
    """The outcome before anything is applied. `fixed`: settings that cannot change while the agent runs,
    `free`: others that can, and that no policy speaks of. Pure."""
    refused = set(judgement.refused)
    named = {each.what for each in fixed}
    # The host may have another name, without any setting that says so.
    judged = [each for each in judgement.differences if each.what in FIXED and each.what not in named]
    fixed = [*fixed, *judged]
    restart = {each.what for each in fixed}
    changes = [
        Change(each, Verdict.REFUSED if each in refused else Verdict.ALLOWED)
        for each in judgement.differences
        if each in refused or each.what not in restart
    ]
    changes += [Change(each, Verdict.RESTART) for each in fixed]
    changes += [Change(each, Verdict.ALLOWED) for each in free]
    return Outcome(tuple(changes), refusal=_refusal(judgement, fixed))


def _refusal(judgement: Judgement, fixed: Sequence[Difference]) -> str | None:
    parts = []
    if judgement.refused:
        parts.append(
            f"the policy is {judgement.policy}: {'; '.join(str(each) for each in judgement.refused)}. "
            f"Set reconfiguration-policy to {judgement.wider}, or configure these as before"
        )
    if fixed:
        parts.append(
            f"only a restart of the agent applies this: {'; '.join(str(each) for each in fixed)}. "
            "Restart it (what runs on it goes on), or configure these as before"
        )
    if not parts:
        return None
    return (
        f"nothing is applied: {'. And '.join(parts)}. Then: orlop agents reconfigure. Until then the agent "
        "goes on as it was configured"
        + ("; with what it would read now it would not start again" if judgement.refused else "")
    )
