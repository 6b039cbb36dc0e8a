"""How an agent stands with its operators: offered, withheld, drained, gone. Pure.

    ACTIVE --DRAIN--> DRAINING --EMPTY--> DRAINED --REACTIVATE--> ACTIVE
    ACTIVE --DEACTIVATE--> DEACTIVATED --REACTIVATE--> ACTIVE
    any --MARK_GONE--> GONE

Nothing of an agent that is not ACTIVE is offered, and nothing new is placed there. DRAINING: its tasks are
being ended and its volumes given back; DRAINED: nothing is left there, and it may be switched off. GONE is
for good.

Must not: know agents, do I/O, read a clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from msgspec import UNSET

from api.model.errors import InvalidRequest, StaleView
from api.wire.v1 import link, mesos, protobuf

NANOSECONDS: Final = 1_000_000_000

GRACE_LIMIT: Final = 10 * 365 * 24 * 3600
"""Seconds of a drain's grace period at most; a longer one is refused: leave it out instead."""


class InvalidDrain(InvalidRequest):
    """What is asked for can never be; nothing has changed."""


class NotNow(StaleView):
    """The agent is in a mode in which this cannot be done; the message says what can."""


class Mode(StrEnum):
    ACTIVE = "ACTIVE"
    DEACTIVATED = "DEACTIVATED"
    DRAINING = "DRAINING"
    DRAINED = "DRAINED"
    GONE = "GONE"


class Step(StrEnum):
    """What happens to an agent."""

    DEACTIVATE = "DEACTIVATE"
    DRAIN = "DRAIN"
    EMPTY = "EMPTY"
    """Nothing is left on it that a drain waits for."""
    REACTIVATE = "REACTIVATE"
    CANCEL = "CANCEL"
    """REACTIVATE with force: also while it drains."""
    MARK_GONE = "MARK_GONE"


_M, _S = Mode, Step

TRANSITIONS: Final = {
    (_M.ACTIVE, _S.DEACTIVATE): _M.DEACTIVATED,
    (_M.DEACTIVATED, _S.DEACTIVATE): _M.DEACTIVATED,
    # What drains, or is drained, is deactivated already.
    (_M.DRAINING, _S.DEACTIVATE): _M.DRAINING,
    (_M.DRAINED, _S.DEACTIVATE): _M.DRAINED,
    (_M.ACTIVE, _S.DRAIN): _M.DRAINING,
    (_M.DEACTIVATED, _S.DRAIN): _M.DRAINING,
    # Another grace period, or that it is to be gone afterwards.
    (_M.DRAINING, _S.DRAIN): _M.DRAINING,
    (_M.DRAINED, _S.DRAIN): _M.DRAINING,
    (_M.DRAINING, _S.EMPTY): _M.DRAINED,
    (_M.ACTIVE, _S.REACTIVATE): _M.ACTIVE,
    (_M.DEACTIVATED, _S.REACTIVATE): _M.ACTIVE,
    (_M.DRAINED, _S.REACTIVATE): _M.ACTIVE,
    **{(mode, _S.CANCEL): _M.ACTIVE for mode in (_M.ACTIVE, _M.DEACTIVATED, _M.DRAINING, _M.DRAINED)},
    **{(mode, _S.MARK_GONE): _M.GONE for mode in _M},
}

_REFUSALS: Final = {
    (
        _M.DRAINING,
        _S.REACTIVATE,
    ): "is draining: wait until it is drained (`orlop agents` says what for), or break "
    "the drain off (`orlop agents reactivate --force`); what was told to end ends all the same",
}


@dataclass(frozen=True, slots=True)
class Drain:
    """One drain. `uuid`: 16 bytes."""

    uuid: bytes
    config: mesos.DrainConfig

    @property
    def mark_gone(self) -> bool:
        return self.config.mark_gone is True

    @property
    def message(self) -> link.OrchestratorMessageDrain:
        return link.OrchestratorMessageDrain(uuid=mesos.UUID(value=self.uuid), config=self.config)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An agent's mode, since when (seconds since the epoch), and its drain.

    Invariant: there is a drain when it is DRAINING or DRAINED.
    """

    mode: Mode = Mode.ACTIVE
    drain: Drain | None = None
    since: float = 0.0

    def after(self, step: Step, now: float, drain: Drain | None = None) -> Withdrawal:
        """Raises NotNow for a step that this mode does not allow. `drain`: of DRAIN, which needs one."""
        mode = TRANSITIONS.get((self.mode, step))
        if mode is None:
            raise NotNow(_REFUSALS.get((self.mode, step), f"is {self.mode} and cannot take {step}"))
        kept = (drain or self.drain) if mode in (Mode.DRAINING, Mode.DRAINED) else None
        if (mode, kept) == (self.mode, self.drain):
            return self
        since = self.since if step is Step.EMPTY or self.mode is mode else now
        return Withdrawal(mode, kept, since)

    @property
    def info(self) -> mesos.DrainInfo | None:
        """As operators are shown it; without what it waits for."""
        if self.drain is None:
            return None
        state = mesos.DrainState.DRAINING if self.mode is Mode.DRAINING else mesos.DrainState.DRAINED
        return mesos.DrainInfo(state=state, config=self.drain.config)


ACTIVE: Final = Withdrawal()


def config_of(grace: protobuf.Duration | object, mark_gone: bool | object) -> mesos.DrainConfig:
    """What a drain is asked to be. Raises InvalidDrain."""
    config = mesos.DrainConfig(mark_gone=mark_gone is True)
    if isinstance(grace, protobuf.Duration):
        seconds = grace.seconds if isinstance(grace.seconds, int) else 0
        nanos = grace.nanos if isinstance(grace.nanos, int) else 0
        if seconds < 0 or nanos < 0 or nanos >= NANOSECONDS or seconds > GRACE_LIMIT:
            raise InvalidDrain(
                f"max_grace_period of {seconds} s and {nanos} ns: give 0 to {GRACE_LIMIT} s, and less than a "
                "second in nanos"
            )
        config.max_grace_period = mesos.DurationInfo(nanoseconds=seconds * NANOSECONDS + nanos)
    return config


def same_drain(drain: Drain | None, config: mesos.DrainConfig) -> bool:
    """Whether a drain is as asked for already."""
    return drain is not None and _asked(drain.config) == _asked(config)


def _asked(config: mesos.DrainConfig) -> tuple[int | None, bool]:
    grace = config.max_grace_period
    return None if grace is UNSET else grace.nanoseconds, config.mark_gone is True
